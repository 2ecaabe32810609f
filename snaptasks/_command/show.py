"""Write one task with all its fields, for `snaptasks show`.

Decides the order and the form of the fields, and which other tasks are named. Does not know how a task is found.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias

from .. import EVERYTHING, ErrorValue, Info, ListItem, LocalizableMessage, NotFound, get_task
from .._text import truncate
from .listing import STATUS_COLORS, read_items
from .streams import encoding, has_colors, is_terminal, terminal_width, write_json, write_lines
from .text import color, printable

__all__ = ["run"]

# The longest text that is printed whole, in characters, inclusive; a longer text is cut here, but not in JSON.
_MAX_TEXT: Final = 2000

# The most other tasks that are named, inclusive: children, and tasks whose identifier contains the given one.
_MAX_TASKS: Final = 20

# The columns of a field name, and the fewest columns of a text, even on a narrower terminal.
_NAME_WIDTH: Final = 13
_MIN_TEXT: Final = 20

# The name of a field, empty if the line continues a field, and a text.
_Line: TypeAlias = tuple[str, str]


def run(options: argparse.Namespace) -> None:
    """Write one task.

    The identifier must be complete, because a part that matches one task today may match two tomorrow.

    Raises:
        NotFound: no task has this identifier.
        InvalidArgument: the file is not a listing.
    """
    items = read_items(options.file)
    try:
        info = get_task(items, options.task, visibility=EVERYTHING)
    except NotFound as error:
        alike = (item.task for item in items if options.task in item.task)
        for task in islice(alike, _MAX_TASKS) if options.task else ():
            error.add_note(f"did you mean {truncate(task)}?")
        raise
    if (options.format or ("text" if is_terminal(sys.stdout) else "json")) == "json":
        write_json(info.to_json() + b"\n")
    else:
        lines = [("task", options.task), *_state(info), *_context(info), *_relatives(options.task, info, items)]
        write_lines(line for name, text in lines for line in _wrapped(name, text))


def _wrapped(name: str, text: str) -> Iterator[str]:
    """Yield the lines of a text, safe to print, beside its name."""
    safe = printable(text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "\N{HORIZONTAL ELLIPSIS}", encoding())
    room = max(_MIN_TEXT, (terminal_width() or sys.maxsize) - _NAME_WIDTH)
    for part in textwrap.wrap(safe, room, break_long_words=False, break_on_hyphens=False) or [""]:
        is_colored = name == "status" and has_colors()
        yield f"{name:{_NAME_WIDTH}}{color(part, part, STATUS_COLORS) if is_colored else part}".rstrip()
        name = ""


def _state(info: Info) -> Iterator[_Line]:
    yield "status", info.status
    if info.progress is not None:
        done = f"{info.progress.completed} of {info.progress.total}"
        yield "progress", f"{done}: {_message(info.progress.message)}"
    if info.error is not None:
        yield from _error(info.error)
    yield "description", _message(info.description)


def _error(error: ErrorValue) -> Iterator[_Line]:
    """Yield the type of an error, its messages with their causes, and its data."""
    yield "error", error.error_type
    for number, message in enumerate(error.messages):
        yield "", ("caused by: " if number else "") + _message(message)
    if error.data is not None:
        yield "", f"data: {_json(error.to_python()['data'])}"


def _context(info: Info) -> Iterator[_Line]:
    fields = info.to_python()
    yield "service", info.service
    yield "operation", info.operation
    if info.target is not None:
        yield "target", f"{info.target.type} {info.target.id}"
    for name in ("user", "start_time", "end_time"):
        if name in fields:
            yield name, fields[name]
    if info.start_time is not None and info.end_time is not None:
        yield "", f"{(info.end_time - info.start_time).total_seconds():,.3f} s after its start"
    yield "cancelable", _json(info.cancelable)
    if info.vc_task is not None:
        yield "vc_task", info.vc_task
    if "result" in fields:
        yield "result", _json(fields["result"])


def _relatives(task: str, info: Info, items: Sequence[ListItem]) -> Iterator[_Line]:
    """Yield the parent of a task and its children, as far as they are in the listing."""
    if info.parent is not None:
        state = next((item.info.status for item in items if item.task == info.parent), "not in this listing")
        yield "parent", f"{info.parent} ({state})"
    children = [item for item in items if item.info.parent == task]
    for number, item in enumerate(children[:_MAX_TASKS]):
        yield "" if number else "children", f"{item.task} ({item.info.status})"
    if len(children) > _MAX_TASKS:
        yield "", f"and {len(children) - _MAX_TASKS} more"


def _message(message: LocalizableMessage) -> str:
    return f"{message.display()} ({message.id})"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
