"""Write the matching tasks of a listing in the requested form, for `snaptasks list`.

Decides forms, columns and colours. Does not know how a task matches, or where a table is cut.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Final

from .. import (
    EVERYTHING,
    Error,
    FilterSpec,
    Grants,
    Info,
    InvalidArgument,
    InvalidValue,
    ListItem,
    ListResult,
    Visibility,
    invalid_argument,
    list_tasks,
    parse_filter,
)
from .._text import truncate
from .files import read
from .recognize import read_listing
from .streams import encoding, has_colors, is_terminal, say, terminal_width, write_json, write_lines
from .text import Column, printable, table, width

__all__ = ["STATUS_COLORS", "read_items", "run"]

# The fewest columns, inclusive, for a message and the gap before it beside the other cells of its task. With fewer
# columns, the message stands below them.
_MIN_MESSAGE: Final = 30

# Colours by status, as SGR parameters: a task that has ended is green or red, a blocked task is yellow.
STATUS_COLORS: Final = {"RUNNING": 36, "BLOCKED": 33, "SUCCEEDED": 32, "FAILED": 31}

_KEEPS_END: Final = {"TASK", "USER", "SERVICE", "OPERATION"}  # the end of an identifier is more specific than its start
_UPPER: Final = ("TASK", "STATUS", "PROGRESS")
_LOWER: Final = ("START", "USER", "MESSAGE")  # below them, or beside
_WIDE: Final = (*_UPPER, "START", "END", "USER", "SERVICE", "OPERATION", "MESSAGE")


def run(options: argparse.Namespace) -> None:
    """Write the tasks that match.

    Raises:
        Error: list_tasks refuses the filter or the tasks, or the file is not a listing.
    """
    visibility: Visibility = EVERYTHING if options.grants is None else Grants(options.grants)
    filter = parse_filter(options.members)

    items: Sequence[ListItem] = ()

    def candidates(filter: FilterSpec) -> Sequence[ListItem]:  # read only if the filter is accepted (L-6)
        nonlocal items
        items = read_items(options.file)
        return items

    result = list_tasks(candidates, filter, visibility=visibility, require_scope=options.require_scope)
    form = options.format or ("table" if is_terminal(sys.stdout) else "json")
    if form in {"json", "jsonl"}:
        write_json(_to_json(result, has_frame=form == "json"))
        return
    write_lines(_lines(result, form))
    if not result.items:
        say("no task matches")
        alike = next(_similar_names(filter, [item.info for item in items if visibility(item)]), None)
        if alike is not None:
            say(f"did you mean {truncate(alike)}?")


def _similar_names(filter: FilterSpec, infos: Sequence[Info]) -> Iterator[str]:
    """Yield the names in tasks that contain an unmatched name of the filter, in upper or lower case."""
    for names, held in (
        (filter.users, {info.user or "" for info in infos}),
        (filter.services, {info.service for info in infos}),
        (filter.operations, {info.operation for info in infos}),
    ):
        for name in sorted(names - held):
            yield from sorted(each for each in held if name.casefold() in each.casefold())


def read_items(file: str | None) -> Sequence[ListItem]:
    """Read the tasks of a file.

    Raises:
        InvalidArgument: the file is not a listing; the command line is a request (E-5).
    """
    try:
        text = read(file)
    except InvalidValue as invalid:
        raise invalid_argument(invalid) from invalid
    try:
        return read_listing(text).items
    except InvalidArgument as error:
        error.add_note(f"to do: run: snaptasks check {shlex.quote(file) if file else ''}".rstrip())
        raise


def _to_json(result: ListResult, has_frame: bool) -> bytes:
    """Return the tasks in JSON, one on each line, so that other tools can select, count and compare them."""
    tasks = [item.to_json() for item in result.items]
    if has_frame:
        return b'{"items":[\n' + b",\n".join(tasks) + b"\n]}\n"
    return b"".join(task + b"\n" for task in tasks)


def _lines(result: ListResult, form: str) -> Sequence[str]:
    if form == "name":
        return [printable(item.task, encoding()) for item in result.items]
    rows = [_cells(item) for item in result.items]
    if form == "wide":
        return _table(_WIDE, rows)
    at_most = terminal_width()
    if at_most is None or _leaves_room(rows, at_most):
        return _table((*_UPPER, *_LOWER), rows, at_most, shrinking={"MESSAGE"})
    lines = _table(_UPPER, rows, at_most), _table(("", *_LOWER), rows, at_most)
    return [*chain.from_iterable(zip(*lines, strict=True))]


def _leaves_room(rows: Sequence[Mapping[str, str]], at_most: int) -> bool:
    """Return whether a message has room beside the other cells of its task."""
    others = _table((*_UPPER, *_LOWER[:-1]), rows, is_colored=False)
    return max(map(width, others)) + _MIN_MESSAGE <= at_most


def _table(
    titles: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    at_most: int | None = None,
    shrinking: Collection[str] = ("TASK", "USER", "MESSAGE"),
    is_colored: bool = True,
) -> list[str]:
    columns = [
        Column(title, title in shrinking, title in _KEEPS_END, STATUS_COLORS if title == "STATUS" else {})
        for title in titles
    ]
    cells = [[row[title] for title in titles] for row in rows]
    return table(columns, cells, at_most, encoding(), is_colored and has_colors())


def _cells(item: ListItem) -> Mapping[str, str]:
    info = item.info
    return {
        "": "",  # with the gap after it, an indent
        "TASK": item.task,
        "STATUS": info.status,
        "PROGRESS": _format_progress(info),
        "START": _format_time(info.start_time),
        "END": _format_time(info.end_time),
        "USER": info.user or "",
        "SERVICE": info.service,
        "OPERATION": info.operation,
        "MESSAGE": _message(info),
    }


def _format_time(time: datetime | None) -> str:
    """Return a time in seconds; empty for None."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z") if time else ""


def _format_progress(info: Info) -> str:
    """Return the progress in per cent if there is a total, else as two numbers; empty if it is unknown."""
    if info.progress is None:
        return ""
    completed, total = info.progress.completed, info.progress.total
    return f"{100 * completed // total}%" if total > 0 else f"{completed}/{total}"  # V-10: any number is valid


def _message(info: Info) -> str:
    """Return the error of a task, else the message of its progress, else its description."""
    if info.error is not None:
        return str(Error.from_value(info.error))
    return (info.progress.message if info.progress else info.description).display()
