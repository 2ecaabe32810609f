"""The command line: `snaptasks list` reads a response body of the API and lists what matches.

Decided here: arguments, formats, exit statuses. Not known here: any rule of the specification.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import EVERYTHING, Error, FilterSpec, InvalidValue, ListItem, ListResult, invalid_argument, list_tasks

_FILTER_OPTIONS = {
    "--task": "tasks",
    "--operation": "operations",
    "--service": "services",
    "--status": "status",
    "--user": "users",
}

_COLUMNS = ("TASK", "STATUS", "SERVICE", "OPERATION", "USER", "START")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, 1 for an error of the specification, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        text = _read(options.file)
    except OSError as error:
        print(f"snaptasks: {options.file}: {error.strerror}", file=sys.stderr)
        return 2
    try:
        result = _list(text, {field: getattr(options, field) for field in _FILTER_OPTIONS.values()})
    except Error as error:
        print(f"snaptasks: {error.error_type}: {_printable(str(error))}", file=sys.stderr)
        return 1
    if options.format == "json":
        sys.stdout.buffer.write(result.to_json() + b"\n")
        sys.stdout.buffer.flush()
    else:
        print("\n".join(_table(result.items)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="snaptasks", description="Tasks of the vSAN Data Protection snapservice.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="list the tasks of a response body that match a filter")
    listing.add_argument("file", metavar="FILE", help='a response body, {"items":[...]}; - is standard input')
    for option, field in _FILTER_OPTIONS.items():
        listing.add_argument(
            option, dest=field, action="append", metavar="NAME", default=[], help="repeat it to allow several"
        )
    listing.add_argument("--format", choices=("json", "table"), default="json", help="json (default) can be piped on")
    return parser


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _list(text: bytes, members: dict[str, list[str]]) -> ListResult:
    try:
        filter = FilterSpec.from_json(json.dumps(members))
        items = ListResult.from_json(text).items
    except InvalidValue as invalid:
        raise invalid_argument(invalid) from invalid  # E-5: the command line is a request
    return list_tasks(items, filter, visibility=EVERYTHING)


def _table(items: Iterable[ListItem]) -> Iterable[str]:
    rows = [_COLUMNS, *map(_row, items)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(item: ListItem) -> tuple[str, ...]:
    info = item.info
    start = info.start_time.isoformat(timespec="seconds") if info.start_time else ""
    cells = (item.task, info.status, info.service, info.operation, info.user or "", start)
    return tuple(map(_printable, cells))


def _printable(text: str) -> str:
    """The text with control, format and other invisible characters escaped: it may come from anybody."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


if __name__ == "__main__":
    sys.exit(main())
