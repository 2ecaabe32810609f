"""The command line: `snaptasks list` filters a response body of the API, `snaptasks check` tells what is wrong with one,
`snaptasks openapi` describes the operations.

Decided here: arguments, exit statuses, what goes to which stream and in which form. Not known here: any rule of the
specification.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final, NoReturn, TextIO

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
from . import check
from .files import Unreadable, read
from .text import Column, printable, printable_json, table

# Exit statuses.
DONE: Final = 0
REFUSED: Final = 1  # one of the 25 errors, or a violation found
USAGE: Final = 2  # wrong arguments, or a file or stream that the system refuses
INTERRUPTED: Final = 130  # Ctrl-C, as shells report it
PIPE_CLOSED: Final = 141  # the reader of the output is gone, as shells report it

_FILTER_OPTIONS: Final = {
    "--task": "tasks",
    "--operation": "operations",
    "--service": "services",
    "--status": "status",
    "--user": "users",
}

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
        try:
            return _run(arguments)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # also what argparse printed, before the process ends and complains by itself
    except OSError as error:
        _discard_output()
        if isinstance(error, BrokenPipeError):
            return PIPE_CLOSED
        return _refuse(f"cannot write: {error.strerror}")
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = _parser().parse_args(arguments)
        status: int = options.run(options)
    except Error as error:
        _tell(error)
        return REFUSED
    except Unreadable as error:
        return _refuse(str(error))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="snaptasks", description="Tasks of the vSAN Data Protection snapservice.", allow_abbrev=False)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser(
        "list",
        allow_abbrev=False,
        help="list the tasks of a response body that match a filter",
        description="List the tasks that match: any of the names given for one field, and every field that is given.",
        epilog="example: snaptasks list tasks.json --status FAILED --grant 'users=CORP%%5Cops&services=a'",
    )
    listing.set_defaults(run=_list)
    _add_file(listing)
    for option, field in _FILTER_OPTIONS.items():
        listing.add_argument(
            option,
            dest="members",
            action="append",
            type=partial(_member, field),
            metavar="NAME",
            default=[],
            help="repeat it to allow several",
        )
    listing.add_argument(
        "--grant",
        dest="grants",
        action="append",
        type=_grant,
        metavar="QUERY",
        help="see only what this filter matches, a query string such as 'services=a&users=b' (%%26 for & itself); "
        "repeat it to see what any of them matches; without it every task is seen",
    )
    listing.add_argument("--require-scope", action="store_true", help="refuse a filter without a --task or --service")
    listing.add_argument(
        "--format",
        choices=("json", "table"),
        help="json: a response body, which can be piped on; default: table on a terminal, json otherwise",
    )
    checking = commands.add_parser(
        "check",
        allow_abbrev=False,
        help="tell what is wrong with a response body",
        description="Tell every violation of a rule, what is odd, and how many tasks have which status. "
        "Exit status 1 for a violation.",
    )
    checking.set_defaults(run=_check)
    _add_file(checking)
    checking.add_argument("--strict", action="store_true", help="exit status 1 for what is odd, too")
    describing = commands.add_parser(
        "openapi",
        allow_abbrev=False,
        help="print the OpenAPI document of the two operations",
        description="Print an OpenAPI 3.1 document of the operations that list tasks and get one.",
    )
    describing.set_defaults(run=_openapi)
    return parser


class _Parser(argparse.ArgumentParser):
    """A parser that repeats nothing unescaped (W-5)."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


class _Version(argparse.Action):
    """Shows the version; it is looked up only when somebody asks."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - slow to import

        print(f"snaptasks {version('snaptasks')}")
        parser.exit()


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help='a response body, {"items":[...]}; - or nothing: standard input'
    )


def _member(field: str, name: str) -> tuple[str, str]:
    return field, name


def _grant(query: str) -> FilterSpec:
    grant = parse_filter(query)
    if grant.is_empty:
        raise argparse.ArgumentTypeError("it constrains nothing; without a grant every task is seen")
    return grant


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
    _write_lines([printable(line) for line in report.lines])
    return REFUSED if report.has_violations or (options.strict and report.has_lints) else DONE


def _openapi(options: argparse.Namespace) -> int:
    _write(sys.stdout, json.dumps(rest.openapi(), indent=2).encode() + b"\n")
    return DONE


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
        several = isinstance(cause, InvalidValue) and cause.count > 1 and cause.kind == ListResult.__name__
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
            print(f"snaptasks: {printable(text)}", file=sys.stderr, flush=True)


def _discard_output() -> None:
    """Send the rest of the output nowhere, so that the end of the process does not try to write it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
