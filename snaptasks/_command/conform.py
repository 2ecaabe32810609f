"""`snaptasks conform`: an implementation in any language, held against the vectors.

Decided here: which implementation is asked, what is left out, and how the report is written. Not known here: what is
asked, and what must come back.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from .._text import escape
from ..testing import Case, Implementation, Report, TargetFailed, run_contract, vectors
from ..testing.cases import sentence
from ..testing.programs import TIMEOUT, Program, Server
from .files import Unreadable, read

__all__ = ["as_json", "as_junit", "lines", "report", "to_json", "write_junit"]


def report(options: argparse.Namespace, warn: Callable[[str], None]) -> Report:
    """What came of asking the implementation. Raises Unreadable for what cannot be asked."""
    skip = _skips(options.skips, warn)
    only = _only(options.only)
    if sum(map(bool, (options.python, options.url, options.command))) != 1:
        raise Unreadable("name one implementation: --python, --url, or a COMMAND after --")
    if bool(options.url) != bool(options.load):
        raise Unreadable("--url and --load go together")
    try:
        with _implementation(options) as implementation:
            return run_contract(implementation, only=only, skip=skip, progress=_progress)
    except TargetFailed as failed:
        raise Unreadable(str(failed)) from failed
    finally:
        _progress_ended()


@contextmanager
def _implementation(options: argparse.Namespace) -> Iterator[Implementation]:
    if options.python:
        yield _made(options.python)
    elif options.url:
        try:
            load = shlex.split(options.load)
        except ValueError as error:
            raise Unreadable(f"--load: {error}") from error
        yield Server(options.url, load, options.timeout or TIMEOUT)
    else:
        with closing(Program(options.command, options.timeout or TIMEOUT)) as program:
            yield program


def _made(name: str) -> Implementation:
    module, colon, factory = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        make = getattr(import_module(module), factory) if colon else None
        implementation: Implementation | None = make() if callable(make) else None
    except Exception as error:  # whatever somebody's module raises
        raise Unreadable(f"{name}: {error!r}") from error
    if implementation is None:
        raise Unreadable(f"{name}: must be MODULE:FACTORY, and the factory a class or function without arguments")
    return implementation


def _known() -> set[str]:
    return {each for case in vectors() for each in (case.id, case.clause)}


def _only(names: list[str] | None) -> Callable[[Case], bool] | None:
    if names is None:
        return None
    unknown = {*names} - _known()
    if unknown:
        raise Unreadable(f"there is no vector and no rule {', '.join(sorted(unknown))}")
    return lambda case: case.id in names or case.clause in names


def _skips(file: str | None, warn: Callable[[str], None]) -> Mapping[str, str]:
    if file is None:
        return {}
    lines = read(file).decode(errors="backslashreplace").splitlines()
    skips = dict(line.strip().partition(" ")[::2] for line in lines if line.strip() and not line.startswith("#"))
    for unknown in skips.keys() - _known():
        warn(f"{file}: there is no vector and no rule {unknown}")
    return {name: reason.strip() or f"named in {file}" for name, reason in skips.items()}


def _progress(number: int, total: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"\r{number} of {total}", end="", file=sys.stderr, flush=True)


def _progress_ended() -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def as_json(found: Report) -> dict[str, Any]:
    """The report as plain dicts and lists."""
    return {
        "ok": found.ok,
        "passed": [case.id for case in found.passed],
        "violations": [
            _told(violation.case)
            | {"problem": violation.problem, "got": violation.got, "expected": dict(violation.case.expect)}
            for violation in found.violations
        ],
        "skipped": [{"id": skipped.case.id, "reason": skipped.reason} for skipped in found.skipped],
        "faults": [{"id": fault.case.id, "error": repr(fault.error)} for fault in found.faults],
        "not_asked": found.not_asked,
    }


def _told(case: Case) -> dict[str, str]:
    return {
        "id": case.id,
        "clause": case.clause,
        "level": case.level,
        "rule": sentence(case.clause),
        "mistake": case.mistake,
    }


def as_junit(found: Report) -> bytes:
    """The report as JUnit XML; what XML cannot hold is escaped."""
    suite = ET.Element("testsuite", name="snaptasks conform")
    for case in found.passed:
        _element(suite, case)
    for violation in found.violations:
        failure = ET.SubElement(_element(suite, violation.case), "failure", message=escape(violation.problem))
        failure.text = "\n".join(map(escape, str(violation).splitlines()))
    for skipped in found.skipped:
        ET.SubElement(_element(suite, skipped.case), "skipped", message=escape(skipped.reason))
    for fault in found.faults:
        ET.SubElement(_element(suite, fault.case), "error", message=escape(repr(fault.error)))
    numbers = {"failures": len(found.violations), "skipped": len(found.skipped), "errors": len(found.faults)}
    for name, number in numbers.items():
        suite.set(name, str(number))
    suite.set("tests", str(len(suite)))
    text: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return text


def _element(suite: ET.Element, case: Case) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=case.clause, name=escape(case.id))


def write_junit(found: Report, file: str) -> None:
    """Write the JUnit XML of a report. Raises Unreadable where the system does not let it."""
    try:
        Path(file).write_bytes(as_junit(found))
    except (OSError, ValueError) as error:
        raise Unreadable(f"{file}: {getattr(error, 'strerror', None) or error}") from error


def lines(found: Report) -> list[str]:
    """The report for people (W-5)."""
    return [escape(line) for line in str(found).splitlines()]


def to_json(found: Report) -> bytes:
    """The report as JSON."""
    return json.dumps(as_json(found), indent=2).encode() + b"\n"
