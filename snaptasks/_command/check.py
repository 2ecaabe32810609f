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

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from .. import MAX_VIOLATIONS, Info, InvalidValue, ListItem, ListResult, Status, Violation
from .._value import dotted, shown, unknown_fields

# What to do about a finding: by the beginning of its rule, else by its spec id, else what helps against everything.
_REMEDIES: Final = {
    "Invalid JSON": "repair the JSON at this line and column",
    "missing": "add the field, or correct the status",
    "forbidden": "take the field out, or correct the status",
    "must be set": "add the field",
    "V-3": "write a value that is less deep or shorter",
    "V-4": "write the instant as in 2025-11-04T12:10:06.183Z",
    "V-5": "write the JSON type, in the range, that the rule asks for",
    "V-6": "correct it if it is misspelt; if not, a newer server knows more",
    "V-7": "correct it if it is misspelt; if not, a newer server knows more, and list leaves it out",
    "V-8": "take messages out of the chain of params",
    "V-9": "write the identifier; nothing is called by the empty text",
    "W-4": "split the file",
    "L-5": "look where the second one comes from; a listing has each task once",
    "V-10": "look where it comes from; it is read as it is",
}
_REMEDY: Final = "correct the document at this place"


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
        unknown = _unknown_fields(text)
    except InvalidValue as invalid:
        items, count = _readable(text)
        violations = refusal(invalid).lines
    lints = _told_lints(chain(unknown, _lints(items), _repeated(items)))
    counts = [] if count is None else [_counted(items, count)]
    return Report([*violations, *lints, *counts], has_violations=bool(violations), has_lints=bool(lints))


def refusal(invalid: InvalidValue) -> Report:
    """What there is to tell of a text that cannot be read (V-13)."""
    lines = [line for violation in invalid.violations for line in (str(violation), _to_do(violation))]
    return Report(lines + _more(invalid.more), has_violations=True, has_lints=False)


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
        with suppress(ValidationError):  # why not is told already
            readable[at] = ListItem.model_validate_json(to_json(raw, inf_nan_mode="constants"), extra="ignore")
    return readable, len(items)


def _unknown_fields(text: bytes) -> Iterator[Violation]:
    """The fields that reading passes over, and writing leaves out: of a newer server, or misspelt (V-7)."""
    for location in unknown_fields(ListResult, from_json(text)):
        yield Violation(dotted(location), "", "is no known field", "V-7")


def _lints(items: dict[int, ListItem]) -> Iterator[Violation]:
    """What is read as it is, and no healthy service reports (V-10) or no client of this version knows (V-6)."""
    for at, item in items.items():
        for field, value, rule, spec_id in _oddities(item.info):
            yield Violation(f"items.{at}.info.{field}", value, rule, spec_id)


def _oddities(info: Info) -> Iterator[tuple[str, str, str, str]]:
    if not info.status.is_known:
        yield "status", shown(str(info.status)), "is no known status", "V-6"
    if info.error is not None and not info.error.error_type.is_known:
        yield "error.error_type", shown(str(info.error.error_type)), "is no known error type", "V-6"
    if info.progress is not None:
        total, completed = info.progress.total, info.progress.completed
        if total < 0:
            yield "progress.total", str(total), "is negative", "V-10"
        if completed < 0:
            yield "progress.completed", str(completed), "is negative", "V-10"
        if completed > total:
            yield "progress.completed", f"{completed} of {total}", "is more than total", "V-10"
    if info.start_time is not None and info.end_time is not None and info.end_time < info.start_time:
        yield "end_time", info.end_time.isoformat(timespec="milliseconds"), "is before start_time", "V-10"


def _repeated(items: dict[int, ListItem]) -> Iterator[Violation]:
    """The tasks that a listing returns more than once, which it must not (L-5)."""
    first: dict[str, int] = {}
    for at, item in items.items():
        if first.setdefault(item.task, at) != at:
            yield Violation(f"items.{at}.task", shown(item.task), f"stands at items.{first[item.task]} already", "L-5")


def _told_lints(lints: Iterable[Violation]) -> list[str]:
    """The first MAX_VIOLATIONS of them, and how many more there are."""
    rest = iter(lints)
    lines = [line for lint in islice(rest, MAX_VIOLATIONS) for line in (f"lint: {lint}", _to_do(lint))]
    return lines + [f"lint: {line}" for line in _more(sum(1 for _ in rest))]


def _more(count: int) -> list[str]:
    return [f"and {count} more"] if count else []


def _to_do(finding: Violation) -> str:
    by_rule = (todo for start, todo in _REMEDIES.items() if finding.rule.startswith(start))
    return f"  to do: {next(by_rule, _REMEDIES.get(finding.spec_id, _REMEDY))}"


def _counted(items: dict[int, ListItem], count: int) -> str:
    by_status = Counter(item.info.status for item in items.values())
    numbers = {str(status): by_status[status] for status in Status}
    numbers["of unknown status"] = sum(number for status, number in by_status.items() if not status.is_known)
    numbers["unreadable"] = count - len(items)
    return f"{count} tasks: {', '.join(f'{number} {name}' for name, number in numbers.items() if number) or 'none'}"
