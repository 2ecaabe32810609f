"""Run the command line.

`snaptasks list` filters a response body of the API, `snaptasks show` shows one task of it, `snaptasks check` reports
its violations, `snaptasks openapi` describes the operations, `snaptasks conform` checks an implementation against the
specification, `snaptasks completion` completes all commands in a shell.

Decides the exit statuses, and how an error is printed. Does not know the rules of the specification.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from .. import Error, InvalidValue, rest
from .._text import escape
from . import check, listing, reports, show
from .arguments import parser
from .files import Unreadable, read
from .remedies import suggest_name
from .streams import discard, is_terminal, say, write, write_lines

__all__ = ["DONE", "INTERRUPTED", "PIPE_CLOSED", "REFUSED", "USAGE", "main"]

# Exit statuses.
DONE: Final = 0
REFUSED: Final = 1  # one of the 25 errors, or a violation found
USAGE: Final = 2  # wrong arguments, or a file or stream that the system refuses
INTERRUPTED: Final = 130  # Ctrl-C, with the status that shells report
PIPE_CLOSED: Final = 141  # the reader of the output has ended, with the status that shells report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command with these arguments, by default those of the process, and return one of the exit statuses."""
    try:
        return _run_and_flush(arguments)
    finally:
        if sys.stderr is not None:
            try:
                sys.stderr.flush()
            except OSError:
                discard(sys.stderr)


def _run_and_flush(arguments: Sequence[str] | None) -> int:
    try:
        try:
            return _run(arguments)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # also the output of argparse, before the end of the process prints an error
    except OSError as error:
        discard(sys.stdout)
        if isinstance(error, BrokenPipeError):
            return PIPE_CLOSED
        return _print_usage_error(f"cannot write: {error.strerror}")
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = parser(_COMMANDS).parse_args(arguments)
        status: int = options.run(options)
    except Error as error:
        _print_error(error)
        return REFUSED
    except Unreadable as error:
        return _print_usage_error(str(error))
    return status


def _help(options: argparse.Namespace) -> int:
    parser(_COMMANDS).print_help(sys.stderr)
    return USAGE


def _list(options: argparse.Namespace) -> int:
    listing.run(options)
    return DONE


def _show(options: argparse.Namespace) -> int:
    show.run(options)
    return DONE


def _check(options: argparse.Namespace) -> int:
    files: Sequence[str | None] = options.files or [None]
    found, status = [], DONE
    for path in files:
        file = None if path == "-" else path
        try:
            report, text = _report(path)
        except Unreadable as error:
            status = _print_usage_error(str(error))
            continue
        if options.format == "json":
            found.append(reports.as_json(report, file, text))
        elif options.format == "github":
            write_lines(map(escape, reports.as_annotations(report, file, text)))
        else:
            write_lines(map(escape, reports.as_lines(report, file, has_others=len(files) > 1)))
        if report.has_violations or (options.strict and report.findings):
            status = max(status, REFUSED)
    if options.format == "json":
        write(sys.stdout, json.dumps({"files": found}, indent=2).encode() + b"\n")
    return status


def _report(file: str | None) -> tuple[check.Report, bytes]:
    try:
        text = read(file)
    except InvalidValue as invalid:
        return check.unreadable_report(invalid), b""
    return check.report(text), text


def _openapi(options: argparse.Namespace) -> int:
    write(sys.stdout, json.dumps(rest.openapi(), indent=2).encode() + b"\n")
    return DONE


def _conform(options: argparse.Namespace) -> int:
    from . import conform  # noqa: PLC0415 - the kit is slow to import, because it needs asyncio

    if options.case is not None:
        wrong = conform.ask_case(options)
        write_lines(["the answer is right"] if wrong is None else [escape(line) for line in wrong.splitlines()])
        return DONE if wrong is None else REFUSED
    found = conform.report(options, say)
    if options.junit is not None:
        conform.write_junit(found, options.junit)
    if options.json:
        write(sys.stdout, conform.to_json(found))
    else:
        write_lines(conform.lines(found))
    return DONE if found.ok else REFUSED


def _print_error(error: Error) -> None:
    """Write an error to standard error: as text with hints on a terminal, as JSON elsewhere."""
    if sys.stderr is None or is_terminal(sys.stderr):
        for line in (f"{error.error_type}: {error}", *_hints(error)):
            say(line)
    else:
        with suppress(OSError):
            write(sys.stderr, error.value.to_json() + b"\n")


def _hints(error: Error) -> Iterator[str]:
    yield from getattr(error, "__notes__", ())
    cause = error.__cause__
    if isinstance(cause, InvalidValue):
        yield from filter(None, [suggest_name(cause.violations[0])])


def _print_usage_error(text: str) -> int:
    """Print the reason, and return the exit status of wrong usage."""
    say(text)
    return USAGE


def _completion(options: argparse.Namespace) -> int:
    from . import completion  # noqa: PLC0415 - it needs an extra

    write(sys.stdout, completion.script(parser(_COMMANDS), options.shell))
    return DONE


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "": _help,
    "list": _list,
    "show": _show,
    "check": _check,
    "openapi": _openapi,
    "conform": _conform,
    "completion": _completion,
}
