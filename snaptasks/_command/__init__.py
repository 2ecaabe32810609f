"""The command line: `snaptasks list` filters a response body of the API, `snaptasks check` tells what is wrong with one,
`snaptasks openapi` describes the operations, `snaptasks conform` holds an implementation against the specification.

Decided here: arguments, exit statuses, what goes to which stream and in which form. Not known here: any rule of the
specification.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TextIO

from .. import (
    EVERYTHING,
    Error,
    FilterSpec,
    Grants,
    Info,
    InvalidValue,
    ListItem,
    ListResult,
    Visibility,
    invalid_argument,
    list_tasks,
    parse_filter,
    rest,
)
from .._text import escape
from . import check
from .arguments import parser
from .files import Unreadable, read
from .text import Column, printable_json, table

__all__ = ["DONE", "INTERRUPTED", "PIPE_CLOSED", "REFUSED", "USAGE", "main"]

# Exit statuses.
DONE: Final = 0
REFUSED: Final = 1  # one of the 25 errors, or a violation found
USAGE: Final = 2  # wrong arguments, or a file or stream that the system refuses
INTERRUPTED: Final = 130  # Ctrl-C, as shells report it
PIPE_CLOSED: Final = 141  # the reader of the output is gone, as shells report it

_COLUMNS: Final = (
    Column("TASK", keeps_end=True),
    Column("STATUS", can_shrink=False),
    Column("SERVICE", keeps_end=True),
    Column("OPERATION", keeps_end=True),
    Column("USER", keeps_end=True),
    Column("START", can_shrink=False),
    Column("PROGRESS", can_shrink=False),
    Column("MESSAGE"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command with these arguments, or those of the process, and give its exit status: one of the above."""
    try:
        return _written(arguments)
    finally:
        if sys.stderr is not None:
            try:
                sys.stderr.flush()
            except OSError:
                _discard(sys.stderr)


def _written(arguments: Sequence[str] | None) -> int:
    try:
        try:
            return _run(arguments)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # also what argparse printed, before the process ends and complains by itself
    except OSError as error:
        _discard(sys.stdout)
        if isinstance(error, BrokenPipeError):
            return PIPE_CLOSED
        return _refuse(f"cannot write: {error.strerror}")
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = parser(_COMMANDS).parse_args(arguments)
        status: int = options.run(options)
    except Error as error:
        _tell(error)
        return REFUSED
    except Unreadable as error:
        return _refuse(str(error))
    return status


def _list(options: argparse.Namespace) -> int:
    visibility: Visibility = EVERYTHING if options.grants is None else Grants(options.grants)
    filter = parse_filter(options.members)

    def stored(filter: FilterSpec) -> Sequence[ListItem]:  # asked for when the filter is accepted (L-6)
        try:
            return ListResult.from_json(read(options.file)).items
        except InvalidValue as invalid:
            raise invalid_argument(invalid) from invalid  # E-5: the command line is a request

    result = list_tasks(stored, filter, visibility=visibility, require_scope=options.require_scope)
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    if (options.format or ("table" if is_terminal else "json")) == "json":
        # A task a line, so that other tools can pick, count and compare them.
        body = b'{"items":[\n' + b",\n".join(item.to_json() for item in result.items) + b"\n]}\n"
        if is_terminal:
            body = printable_json(body.decode(), _encoding().lower() == "utf-8").encode()
        _write(sys.stdout, body)
    else:
        at_most = shutil.get_terminal_size().columns if is_terminal else None
        _write_lines(table(_COLUMNS, [_row(item) for item in result.items], at_most, _encoding()))
        if not result.items:
            _say("no task matches")
    return DONE


def _row(item: ListItem) -> tuple[str, ...]:
    info = item.info
    start = info.start_time.isoformat(timespec="seconds").replace("+00:00", "Z") if info.start_time else ""
    return item.task, info.status, info.service, info.operation, info.user or "", start, _percent(info), _message(info)


def _percent(info: Info) -> str:
    if info.progress is None:
        return ""
    completed, total = info.progress.completed, info.progress.total
    return f"{100 * completed // total}%" if total > 0 else f"{completed}/{total}"  # V-10: any number may come


def _message(info: Info) -> str:
    """Why it failed, else how far it is, else what it will do."""
    if info.error is not None:
        return str(Error.from_value(info.error))
    return (info.progress.message if info.progress else info.description).display()


def _check(options: argparse.Namespace) -> int:
    try:
        report = check.report(read(options.file))
    except InvalidValue as invalid:
        report = check.refusal(invalid)
    _write_lines([escape(line) for line in report.lines])
    return REFUSED if report.has_violations or (options.strict and report.has_lints) else DONE


def _openapi(options: argparse.Namespace) -> int:
    _write(sys.stdout, json.dumps(rest.openapi(), indent=2).encode() + b"\n")
    return DONE


def _conform(options: argparse.Namespace) -> int:
    from . import conform  # noqa: PLC0415 - the kit is slow to import, because it can await

    if options.case is not None:
        wrong = conform.case_again(options)
        _write_lines(["the answer is right"] if wrong is None else [escape(line) for line in wrong.splitlines()])
        return DONE if wrong is None else REFUSED
    found = conform.report(options, _say)
    if options.junit is not None:
        conform.write_junit(found, options.junit)
    if options.json:
        _write(sys.stdout, conform.to_json(found))
    else:
        _write_lines(conform.lines(found))
    return DONE if found.ok else REFUSED


def _write_lines(lines: Sequence[str]) -> None:
    _write(sys.stdout, "".join(f"{line}\n" for line in lines).encode(_encoding(), "backslashreplace"))


def _encoding() -> str:
    return sys.stdout.encoding if sys.stdout is not None else "utf-8"


def _write(stream: TextIO | None, data: bytes) -> None:
    if stream is None:
        raise Unreadable("standard output is closed")
    # A writer of its own: one that is unbuffered may write a part alone, and call it a day.
    with os.fdopen(stream.fileno(), "wb", closefd=False) as writer:
        writer.write(data)


def _tell(error: Error) -> None:
    """An error on standard error: text on a terminal, its JSON otherwise."""
    if sys.stderr is None or sys.stderr.isatty():
        cause = error.__cause__
        several = isinstance(cause, InvalidValue) and len(cause.violations) > 1 and cause.kind == ListResult.__name__
        _say(f"{error.error_type}: {error}{'; it is not the only one: see snaptasks check' if several else ''}")
    else:
        with suppress(OSError):
            _write(sys.stderr, error.value.to_json() + b"\n")


def _refuse(text: str) -> int:
    """Say why, and give the exit status of wrong usage."""
    _say(text)
    return USAGE


def _say(text: str) -> None:
    """A line on standard error, where somebody listens."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"snaptasks: {escape(text)}", file=sys.stderr, flush=True)


def _discard(stream: TextIO) -> None:
    """Send the rest of a stream nowhere, so that the end of the process does not try to write it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "list": _list,
    "check": _check,
    "openapi": _openapi,
    "conform": _conform,
}
