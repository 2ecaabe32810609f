"""`snaptasks check`: what is wrong with a response body, what is odd about it, and what it holds.

Decided here: the lints (V-6, V-7, V-10, L-5), how findings are told, and what to do about each. Not known here: any
rule that a value must keep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Final, NamedTuple

from pydantic_core import from_json

from .. import MAX_VIOLATIONS, Info, InvalidValue, ListItem, ListResult, Status, Violation
from .._text import safe_repr
from .._value.reading import walk

__all__ = ["Report", "refusal", "report"]

# What to do about a finding, by its code; else what helps against everything.
_REMEDIES: Final = {
    "empty": "write the identifier; nothing is called by the empty text",
    "forbidden_by_status": "take the field out, or correct the status",
    "missing": "add the field",
    "not_a_time": "write the instant as in 2025-11-04T12:10:06.183Z",
    "not_finite": "write the JSON type, in the range, that the rule asks for",
    "not_json": "repair the JSON at this line and column",
    "odd_number": "look where it comes from; it is read as it is",
    "odd_time": "look where it comes from; it is read as it is",
    "out_of_range": "write the JSON type, in the range, that the rule asks for",
    "repeated": "look where the second one comes from; a listing has each task once",
    "required_by_status": "add the field, or correct the status",
    "surrogate": "write the JSON type, in the range, that the rule asks for",
    "too_deep": "write a value, or a chain of messages, that is less deep",
    "too_long": "split the file",
    "unknown_field": "correct it if it is misspelt; if not, a newer server knows more, and list leaves it out",
    "unknown_name": "correct it if it is misspelt; if not, a newer server knows more",
    "wrong_type": "write the JSON type, in the range, that the rule asks for",
}
_REMEDY: Final = "correct the document at this place"
_MORE: Final = f"and more; only the first {MAX_VIOLATIONS} are listed"


class Report(NamedTuple):
    """What is told of a response body."""

    lines: list[str]
    has_violations: bool
    has_lints: bool


def report(text: bytes) -> Report:
    """What there is to tell of a response body: violations, lints, and how many readable tasks have which status."""
    violations: list[str] = []
    unknown: Iterable[Violation] = ()
    try:
        items: dict[int, ListItem] = dict(enumerate(ListResult.from_json(text).items))
        count: int | None = len(items)
        unknown = walk(ListResult, from_json(text), tells_unknown=True)  # a newer server, or misspelt (V-7)
    except InvalidValue as invalid:
        items, count = _readable(text)
        violations = refusal(invalid).lines
    lints = _told_lints(chain(unknown, _lints(items), _repeated(items)))
    counts = [] if count is None else [_counted(items, count)]
    return Report([*violations, *lints, *counts], has_violations=bool(violations), has_lints=bool(lints))


def refusal(invalid: InvalidValue) -> Report:
    """What there is to tell of a text that cannot be read (V-13)."""
    lines = [line for violation in invalid.violations for line in (str(violation), _to_do(violation))]
    return Report(lines if invalid.is_complete else [*lines, _MORE], has_violations=True, has_lints=False)


def _readable(text: bytes) -> tuple[dict[int, ListItem], int | None]:
    """The tasks of a broken body that can be read one by one, and how many there are in all; None: who knows."""
    try:
        document = from_json(text)
    except ValueError:
        document = None
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        return {}, None
    readable = {}
    for at, raw in enumerate(items):
        with suppress(InvalidValue):  # why not is told already
            readable[at] = ListItem.from_python(raw)
    return readable, len(items)


def _lints(items: dict[int, ListItem]) -> Iterator[Violation]:
    """What is read as it is, and no healthy service reports (V-10) or no client of this version knows (V-6)."""
    for at, item in items.items():
        for field, value, rule, code, spec_id in _oddities(item.info):
            yield Violation(f"items.{at}.info.{field}", value, rule, code, spec_id)


def _oddities(info: Info) -> Iterator[tuple[str, str, str, str, str]]:
    if not info.status.is_known:
        yield "status", safe_repr(str(info.status)), "is no known status", "unknown_name", "V-6"
    if info.error is not None and not info.error.error_type.is_known:
        yield "error.error_type", safe_repr(str(info.error.error_type)), "is no known error type", "unknown_name", "V-6"
    if info.progress is not None:
        total, completed = info.progress.total, info.progress.completed
        if total < 0:
            yield "progress.total", str(total), "is negative", "odd_number", "V-10"
        if completed < 0:
            yield "progress.completed", str(completed), "is negative", "odd_number", "V-10"
        if completed > total:
            yield "progress.completed", f"{completed} of {total}", "is more than total", "odd_number", "V-10"
    if info.start_time is not None and info.end_time is not None and info.end_time < info.start_time:
        yield "end_time", info.end_time.isoformat(timespec="milliseconds"), "is before start_time", "odd_time", "V-10"


def _repeated(items: dict[int, ListItem]) -> Iterator[Violation]:
    """The tasks that a listing returns more than once, which it must not (L-5)."""
    first: dict[str, int] = {}
    for at, item in items.items():
        if first.setdefault(item.task, at) != at:
            rule = f"stands at items.{first[item.task]} already"
            yield Violation(f"items.{at}.task", safe_repr(item.task), rule, "repeated", "L-5")


def _told_lints(lints: Iterable[Violation]) -> list[str]:
    """The first MAX_VIOLATIONS of them, and whether there are more."""
    rest = iter(lints)
    lines = [line for lint in islice(rest, MAX_VIOLATIONS) for line in (f"lint: {lint}", _to_do(lint))]
    return lines if next(rest, None) is None else [*lines, f"lint: {_MORE}"]


def _to_do(finding: Violation) -> str:
    return f"  to do: {_REMEDIES.get(finding.code, _REMEDY)}"


def _counted(items: dict[int, ListItem], count: int) -> str:
    by_status = Counter(item.info.status for item in items.values())
    numbers = {str(status): by_status[status] for status in Status}
    numbers["of unknown status"] = sum(number for status, number in by_status.items() if not status.is_known)
    numbers["unreadable"] = count - len(items)
    return f"{count} tasks: {', '.join(f'{number} {name}' for name, number in numbers.items() if number) or 'none'}"
