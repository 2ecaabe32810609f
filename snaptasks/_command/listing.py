"""`snaptasks list`: the tasks of a listing that match, in the form that was asked for.

Decides forms, columns and colours. Knows nothing of how a task matches, and of where a table is cut.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Final

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
)
from .files import read
from .recognize import read_listing
from .streams import encoding, has_colors, is_terminal, say, terminal_width, write_json, write_lines
from .text import Column, printable, table, width

__all__ = ["STATUS_COLORS", "items_of", "run"]

# Columns that a message, and the gap before it, need at least to stand beside the other cells of its task, inclusive; with
# fewer it stands below them.
_MIN_MESSAGE: Final = 30

# Colours by status, SGR parameters: what has ended is green or red, what waits for someone is yellow.
STATUS_COLORS: Final = {"RUNNING": 36, "BLOCKED": 33, "SUCCEEDED": 32, "FAILED": 31}

_COLUMNS: Final[tuple[Column, ...]] = (
    Column("TASK", keeps_end=True),
    Column("STATUS", can_shrink=False, colors=STATUS_COLORS),
    Column("PROGRESS", can_shrink=False),
    Column("START", can_shrink=False),
    Column("USER", keeps_end=True),
    Column("MESSAGE"),
)
_UPPER: Final = 3  # columns of the upper line, where a task takes two

_MORE_COLUMNS: Final[tuple[Column, ...]] = (
    Column("END", can_shrink=False),
    Column("SERVICE", keeps_end=True),
    Column("OPERATION", keeps_end=True),
)


def run(options: argparse.Namespace) -> None:
    """Write the tasks that match. Raises Error as list_tasks does, and for a file that is not a listing."""
    visibility: Visibility = EVERYTHING if options.grants is None else Grants(options.grants)
    filter = parse_filter(options.members)

    def stored(filter: FilterSpec) -> Sequence[ListItem]:  # asked for when the filter is accepted (L-6)
        return items_of(options.file)

    result = list_tasks(stored, filter, visibility=visibility, require_scope=options.require_scope)
    form = options.format or ("table" if is_terminal(sys.stdout) else "json")
    if form in {"json", "jsonl"}:
        write_json(_json_of(result, has_frame=form == "json"))
        return
    write_lines(_lines(result, form))
    if not result.items:
        say("no task matches")


def items_of(file: str | None) -> Sequence[ListItem]:
    """Read the tasks of a file. Raises InvalidArgument, because the command line is a request (E-5)."""
    try:
        text = read(file)
    except InvalidValue as invalid:
        raise invalid_argument(invalid) from invalid
    return read_listing(text).items


def _json_of(result: ListResult, has_frame: bool) -> bytes:
    """A task a line, so that other tools can pick, count and compare them."""
    tasks = [item.to_json() for item in result.items]
    if has_frame:
        return b'{"items":[\n' + b",\n".join(tasks) + b"\n]}\n"
    return b"".join(task + b"\n" for task in tasks)


def _lines(result: ListResult, form: str) -> Sequence[str]:
    if form == "name":
        return [printable(item.task, encoding()) for item in result.items]
    columns, at_most = _COLUMNS, terminal_width()
    rows: list[tuple[str, ...]] = [_row(item) for item in result.items]
    style = encoding(), has_colors()
    if form == "wide":
        columns = (*columns[:-1], *_MORE_COLUMNS, columns[-1])
        rows = [(*row[:-1], *_more(item.info), row[-1]) for row, item in zip(rows, result.items, strict=True)]
        return table(columns, rows, None, *style)
    if at_most is None or _fits(rows, at_most):  # then only the message may be cut
        columns = (*(column._replace(can_shrink=False) for column in columns[:-1]), columns[-1])
        return table(columns, rows, at_most, *style)
    upper = table(columns[:_UPPER], [row[:_UPPER] for row in rows], at_most, *style)
    lower = table((_INDENT, *columns[_UPPER:]), [("", *row[_UPPER:]) for row in rows], at_most, *style)
    return [*chain.from_iterable(zip(upper, lower, strict=True))]


_INDENT: Final = Column("", can_shrink=False)


def _fits(rows: Sequence[tuple[str, ...]], at_most: int) -> bool:
    """Whether all cells but the message fit one line, and leave room for it."""
    others = table(_COLUMNS[:-1], [row[:-1] for row in rows], None)
    return max(map(width, others)) + _MIN_MESSAGE <= at_most


def _row(item: ListItem) -> tuple[str, ...]:
    info = item.info
    return item.task, info.status, _percent(info), _instant(info.start_time), info.user or "", _message(info)


def _more(info: Info) -> tuple[str, ...]:
    return _instant(info.end_time), info.service, info.operation


def _instant(time: datetime | None) -> str:
    """A point in time to the second; empty for none."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z") if time else ""


def _percent(info: Info) -> str:
    """How much is done, in per cent where there is a total; empty where it is unknown."""
    if info.progress is None:
        return ""
    completed, total = info.progress.completed, info.progress.total
    return f"{100 * completed // total}%" if total > 0 else f"{completed}/{total}"  # V-10: any number may come


def _message(info: Info) -> str:
    """Why it failed, else how far it is, else what it will do."""
    if info.error is not None:
        return str(Error.from_value(info.error))
    return (info.progress.message if info.progress else info.description).display()
