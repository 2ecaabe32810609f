"""`snaptasks check`: what is wrong with a response body, what is odd about it, and what it holds.

Decided here: the lints (V-10, L-5), how findings are told, and what to do about each. Not known here: any rule that a
value must keep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from .. import MAX_VIOLATIONS, Info, InvalidValue, ListItem, ListResult, Status, Violation
from .._value import shown

# What to do about a finding: by the beginning of its rule, else by its spec id, else what helps against everything.
_REMEDIES: Final = {
    "Invalid JSON": "repair the JSON at this line and column",
    "missing": "add the field, or correct the status",
    "forbidden": "take the field out, or correct the status",
    "must be set": "add the field",
    "V-3": "write a value that is less deep or shorter",
    "V-4": "write the instant as in 2025-11-04T12:10:06.183Z",
    "V-5": "write the JSON type, in the range, that the rule asks for",
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
    try:
        items: dict[int, ListItem] = dict(enumerate(ListResult.from_json(text).items))
    except InvalidValue as invalid:
        items, count = _readable(text)
        refused = refusal(invalid)
    else:
        refused, count = Report([], has_violations=False, has_lints=False), len(items)
    lints = [lint for at, item in items.items() for lint in _lints(f"items.{at}", item.info)]
    lints += _repeated(items)
    lines = [*refused.lines, *_told("lint: ", lints, len(lints)), _counted(items, count)]
    return Report(lines, refused.has_violations, has_lints=bool(lints))


def refusal(invalid: InvalidValue) -> Report:
    """What there is to tell of a text that cannot be read (V-13)."""
    return Report([*_told("", invalid.violations, invalid.count)], has_violations=True, has_lints=False)


def _readable(text: bytes) -> tuple[dict[int, ListItem], int]:
    """The tasks of a broken body that can be read one by one, and how many there are in all."""
    try:
        document = from_json(text)
    except ValueError:
        document = None
    items = document.get("items") if isinstance(document, dict) else None
    readable = {}
    for at, raw in enumerate(items if isinstance(items, list) else ()):
        with suppress(ValidationError):  # why not is told already
            readable[at] = ListItem.model_validate_json(to_json(raw, inf_nan_mode="constants"), extra="ignore")
    return readable, len(items) if isinstance(items, list) else 0


def _lints(path: str, info: Info) -> Iterator[Violation]:
    """What the API allows and no healthy service reports (V-10)."""
    progress = info.progress
    if progress is not None:
        for field in ("total", "completed"):
            number = getattr(progress, field)
            if number < 0:
                yield Violation(f"{path}.info.progress.{field}", str(number), "is negative", "V-10")
        if progress.completed > progress.total:
            found = f"{progress.completed} of {progress.total}"
            yield Violation(f"{path}.info.progress.completed", found, "is more than total", "V-10")
    if info.start_time is not None and info.end_time is not None and info.end_time < info.start_time:
        yield Violation(
            f"{path}.info.end_time", info.end_time.isoformat(timespec="milliseconds"), "is before start_time", "V-10"
        )


def _repeated(items: dict[int, ListItem]) -> Iterator[Violation]:
    """The tasks that a listing returns more than once, which it must not (L-5)."""
    first: dict[str, int] = {}
    for at, item in items.items():
        if first.setdefault(item.task, at) != at:
            yield Violation(f"items.{at}.task", shown(item.task), f"stands at items.{first[item.task]} already", "L-5")


def _told(kind: str, found: Sequence[Violation], count: int) -> Iterator[str]:
    for finding in found[:MAX_VIOLATIONS]:
        yield f"{kind}{finding}"
        yield f"  to do: {_remedy(finding)}"
    if count > MAX_VIOLATIONS:
        yield f"{kind}and {count - MAX_VIOLATIONS} more"


def _remedy(finding: Violation) -> str:
    by_rule = (todo for start, todo in _REMEDIES.items() if finding.rule.startswith(start))
    return next(by_rule, _REMEDIES.get(finding.spec_id, _REMEDY))


def _counted(items: dict[int, ListItem], count: int) -> str:
    by_status = Counter(item.info.status for item in items.values())
    numbers = {str(status): by_status[status] for status in Status}
    numbers["of unknown status"] = sum(number for status, number in by_status.items() if not status.is_known)
    numbers["unreadable"] = count - len(items)
    return f"{count} tasks: {', '.join(f'{number} {name}' for name, number in numbers.items() if number) or 'none'}"
