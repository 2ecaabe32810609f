"""Check an implementation in any language for `snaptasks conform`.

Decides which implementation is asked, which cases are left out, and how the report is written. Does not know the
questions and the expected answers.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from .._text import escape
from .._value.violations import InvalidValue
from ..testing import EXAMPLES, Case, Implementation, Report, TargetFailed, reproduce, run_contract
from ..testing.cases import sentence
from ..testing.contract import explain_unknown, known_ids
from ..testing.programs import TIMEOUT, Program
from ..testing.servers import Server
from ..testing.wording import count
from .files import Unreadable, read

__all__ = ["as_json", "as_junit", "ask_case", "lines", "report", "to_json", "write_junit"]


def report(options: argparse.Namespace, warn: Callable[[str], None]) -> Report:
    """Ask the implementation of the options, and return the report.

    Args:
        options: the arguments of the command.
        warn: gets a text for each unknown id in the file of --skips.

    Raises:
        Unreadable: the implementation cannot be asked, or an option is wrong.
    """
    skip = _skips(options.skips, warn)
    unknown = explain_unknown(options.only or ())
    if unknown is not None:
        raise Unreadable(f"--only: {unknown}")
    try:
        with _implementation(options) as implementation:
            return run_contract(
                implementation,
                examples=EXAMPLES if options.examples is None else options.examples,
                seed=options.seed,
                only=options.only,
                skip=skip,
                progress=_progress,
            )
    except TargetFailed as failed:
        raise Unreadable(str(failed)) from failed
    except ModuleNotFoundError as missing:
        raise Unreadable(f"{missing} (--examples 0)") from missing
    finally:
        _clear_progress()


def ask_case(options: argparse.Namespace) -> str | None:
    """Ask the case of --case, and return the text of the violation; None if the answer is right.

    Raises:
        Unreadable: the implementation cannot be asked, or an option is wrong.
    """
    others = {"--json": options.json, "--junit": options.junit, "--only": options.only, "--skips": options.skips}
    others |= {"--seed": options.seed, "--examples": options.examples}
    given = [name for name, value in others.items() if value is not None and value is not False]
    if given:
        raise Unreadable(f"--case asks one case, and must not be used with {', '.join(given)}")
    try:
        with _implementation(options) as implementation:
            violation = reproduce(options.case, implementation)
    except TargetFailed as failed:
        raise Unreadable(str(failed)) from failed
    except ValueError as error:
        raise Unreadable(f"--case: {error}") from error
    return None if violation is None else str(violation)


@contextmanager
def _implementation(options: argparse.Namespace) -> Iterator[Implementation]:
    if sum(map(bool, (options.python, options.url, options.command))) != 1:
        raise Unreadable("name one implementation: --python, --url, or a COMMAND after --")
    if bool(options.url) != bool(options.load):
        raise Unreadable("--url and --load must be used together")
    timeout = options.timeout or TIMEOUT
    if options.url:
        try:
            load = shlex.split(options.load)
        except ValueError as error:
            raise Unreadable(f"--load: {error}") from error
        yield Server(options.url, load, timeout, routes=options.routes)
        return
    with closing(
        Program.of_class(options.python, timeout) if options.python else Program(options.command, timeout)
    ) as program:
        yield program


def _skips(file: str | None, warn: Callable[[str], None]) -> Mapping[str, str]:
    """Return the reason for each id in a file of --skips.

    Raises:
        Unreadable: the file cannot be read, or a line has no reason.
    """
    if file is None:
        return {}
    try:
        lines = read(file).decode(errors="backslashreplace").splitlines()
    except InvalidValue as invalid:
        raise Unreadable(f"{file}: {invalid}") from invalid
    known, skips = known_ids(), {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        name = _leading_id(line, known)
        reason = line[len(name) :].strip()
        if not reason:
            raise Unreadable(f"{file}: line {number}: a reason must follow the id {name}")
        unknown = explain_unknown([name])
        if unknown is None:
            skips[name] = reason
        else:
            warn(f"{file}: line {number}: {unknown}")
    return skips


def _leading_id(line: str, known: Collection[str]) -> str:
    """Return the longest known id that a line begins with, because an id may have blanks; else the first word."""
    words = line.split(maxsplit=max(id.count(" ") for id in known) + 1)
    ids = [" ".join(words[:end]) for end in range(len(words), 1, -1)]
    return next((id for id in ids if id in known and line.startswith(id)), words[0])


def _progress(number: int, total: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"\r{number} of {total}", end="", file=sys.stderr, flush=True)


def _clear_progress() -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def as_json(found: Report) -> dict[str, Any]:
    """Return the report as dicts and lists."""
    return {
        "ok": found.ok,
        "passed": [case.id for case in found.passed],
        "violations": [
            _case_fields(violation.case)
            | {"problem": violation.problem, "got": violation.got, "expected": dict(violation.case.expect)}
            | {"hint": violation.hint, "again": violation.again, "case": json.loads(violation.case.to_json())}
            for violation in found.violations
        ],
        "skipped": [{"id": skipped.case.id, "reason": skipped.reason} for skipped in found.skipped],
        "faults": [{"id": fault.id, "error": repr(fault.error)} for fault in found.faults],
        "seed": found.seed,
        "drawn": dict(found.drawn),
        "not_drawn": found.not_drawn,
        "bounded": dict(found.bounded),
        "ended": found.ended,
        "not_asked": found.not_asked,
    }


def _case_fields(case: Case) -> dict[str, str]:
    return {
        "id": case.id,
        "clause": case.clause,
        "level": case.level,
        "rule": sentence(case.clause),
        "mistake": case.mistake,
    }


def as_junit(found: Report) -> bytes:
    """Return the report as JUnit XML; characters that XML cannot hold are escaped."""
    suite = ET.Element("testsuite", name="snaptasks conform")
    broken = {violation.case.id for violation in found.violations} | {fault.id for fault in found.faults}
    for id in [case.id for case in found.passed] + [law for law in found.drawn if law not in broken]:
        _element(suite, id)
    for violation in found.violations:
        failure = ET.SubElement(_element(suite, violation.case.id), "failure", message=escape(violation.problem))
        failure.text = "\n".join(map(escape, str(violation).splitlines()))
    skipped = [(each.case.id, each.reason) for each in found.skipped] + [*found.not_drawn.items()]
    for id, reason in skipped:
        ET.SubElement(_element(suite, id), "skipped", message=escape(reason))
    errors = [(fault.id, repr(fault.error)) for fault in found.faults]
    if found.ended is not None:
        errors.append(("conform/the-run-ended-early", f"{found.ended}; not asked: {count(found.not_asked, 'case')}"))
    for id, error in errors:
        ET.SubElement(_element(suite, id), "error", message=escape(error))
    numbers = {"failures": len(found.violations), "skipped": len(skipped), "errors": len(errors)}
    for name, number in numbers.items():
        suite.set(name, str(number))
    suite.set("tests", str(len(suite)))
    text: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return text


def _element(suite: ET.Element, id: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=id.partition("/")[0], name=escape(id))


def write_junit(found: Report, file: str) -> None:
    """Write the JUnit XML of a report to a file.

    Raises:
        Unreadable: the system refuses the file.
    """
    try:
        Path(file).write_bytes(as_junit(found))
    except (OSError, ValueError) as error:
        raise Unreadable(f"{file}: {getattr(error, 'strerror', None) or error}") from error


def lines(found: Report) -> list[str]:
    """Return the lines of the report for people, escaped (W-5)."""
    return [escape(line) for line in str(found).splitlines()]


def to_json(found: Report) -> bytes:
    """Return the report as JSON."""
    return json.dumps(as_json(found), indent=2).encode() + b"\n"
