"""Check a response body for `snaptasks check`: its violations, its lints, and the number of its tasks.

Decides the lints (V-6, V-7, V-10, L-5), how many of each kind are examined, and which findings are grouped. Does not
know the rules of values, or how a report is printed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from .. import MAX_VIOLATIONS, Info, InvalidValue, ListItem, ListResult, Status, Violation
from .._text import safe_repr
from .._value.reading import parsed, walk
from .recognize import recognize_file

__all__ = ["MAX_LOOKED_AT", "MAX_PLACES", "Finding", "Report", "report", "unreadable_report"]

# The most violations, lints of each kind, and unreadable tasks that are examined, inclusive: ten for each task of a
# full listing. With more, the report is incomplete. Without a limit, the worst body takes four minutes.
MAX_LOOKED_AT: Final = 10_000

# The most places of a finding that are named, inclusive; the others are counted.
MAX_PLACES: Final = 4


class Finding(NamedTuple):
    """Hold a violation or a lint and all similar ones: `number` of them, the first ones at `places`."""

    is_lint: bool
    first: Violation
    places: list[str]
    number: int


class Report(NamedTuple):
    """Report the findings in a response body.

    `is_complete` says whether these are all findings. `tasks` counts the tasks by status, the tasks of an unknown
    status, the unreadable ones, and those that are not examined; it is None if the number of tasks is unknown.
    """

    findings: list[Finding]
    is_complete: bool
    tasks: Mapping[str, int] | None

    @property
    def has_violations(self) -> bool:
        """Return whether the body has a violation, so that it cannot be read."""
        return not all(finding.is_lint for finding in self.findings)


def report(text: bytes) -> Report:
    """Report the violations and lints of a response body, and the number of its readable tasks by status."""
    tree = _parse(text)
    violations: Iterable[Violation] = ()
    try:
        items: Mapping[int, ListItem] = dict(enumerate(ListResult.from_json(text).items))
        others: Mapping[str, int] | None = {}
    except InvalidValue as invalid:
        other = recognize_file(text)
        if other is not None:
            return _group([other], (), None)
        items, others = _read_each(tree)
        violations = invalid.violations if invalid.is_complete else walk(ListResult, tree)
    # Unknown fields come last, because a hostile body can have any number of different ones.
    lints = _lints(items), _repeated_tasks(items), _unknown_fields(tree)
    return _group(violations, lints, _count_tasks(items, others))


def unreadable_report(invalid: InvalidValue) -> Report:
    """Report a file that cannot be read."""
    return _group(invalid.violations, (), None)


def _group(
    violations: Iterable[Violation], lints: Sequence[Iterable[Violation]], tasks: Mapping[str, int] | None
) -> Report:
    """Group similar violations and lints into findings, in the order of the first of each."""
    found: dict[tuple[str, ...], Finding] = {}
    is_complete = True
    for number, source in enumerate((violations, *lints)):
        is_lint, rest = number > 0, iter(source)
        for each in islice(rest, MAX_LOOKED_AT):
            # Each unknown name is a finding of its own; all other violations of a rule are similar, with any value.
            name = each.value if each.code == "unknown_name" else ""
            key = str(is_lint), re.sub(r"\.\d+\b", ".*", each.path), each.rule, name
            if key not in found:
                if len(found) == MAX_VIOLATIONS:
                    is_complete = False
                    continue
                found[key] = Finding(is_lint, each, [], 0)
            finding = found[key]
            places = finding.places if finding.number >= MAX_PLACES else [*finding.places, each.path]
            found[key] = finding._replace(places=places, number=finding.number + 1)
        is_complete = is_complete and next(rest, None) is None
    return Report([*found.values()], is_complete, tasks)


def _parse(text: bytes) -> object:
    """Return a parsed text; None if it is not JSON."""
    try:
        return parsed(ListResult.__name__, text)
    except InvalidValue:
        return None


def _read_each(tree: object) -> tuple[Mapping[int, ListItem], Mapping[str, int] | None]:
    """Return the readable tasks of a broken body by position, and the numbers of others; None if they are unknown."""
    items = tree.get("items") if isinstance(tree, dict) else None
    if not isinstance(items, list):
        return {}, None
    readable, unreadable = {}, 0
    for at, raw in enumerate(items):
        try:
            readable[at] = ListItem.from_python(raw)
        except InvalidValue:  # it is a violation already
            unreadable += 1
            if unreadable == MAX_LOOKED_AT:
                break
    return readable, {"unreadable": unreadable, "not_looked_at": len(items) - len(readable) - unreadable}


def _lints(items: Mapping[int, ListItem]) -> Iterator[Violation]:
    """Yield the lints of readable tasks: values that no healthy service has (V-10), or that are unknown (V-6)."""
    for at, item in items.items():
        for field, value, rule, code, spec_id in _lints_of_info(item.info):
            yield Violation(f"items.{at}.info.{field}", value, rule, code, spec_id)


def _lints_of_info(info: Info) -> Iterator[tuple[str, str, str, str, str]]:
    if not info.status.is_known:
        yield "status", safe_repr(str(info.status)), "should be a known status", "unknown_name", "V-6"
    if info.error is not None and not info.error.error_type.is_known:
        yield (
            "error.error_type",
            safe_repr(str(info.error.error_type)),
            "should be a known error type",
            "unknown_name",
            "V-6",
        )
    if info.progress is not None:
        total, completed = info.progress.total, info.progress.completed
        if total < 0:
            yield "progress.total", str(total), "should not be negative", "odd_number", "V-10"
        if completed < 0:
            yield "progress.completed", str(completed), "should not be negative", "odd_number", "V-10"
        if completed > total:
            yield "progress.completed", f"{completed} of {total}", "should not be more than total", "odd_number", "V-10"
    if info.start_time is not None and info.end_time is not None and info.end_time < info.start_time:
        found = info.end_time.isoformat(timespec="milliseconds")
        yield "end_time", found, "should not be before start_time", "odd_time", "V-10"


def _repeated_tasks(items: Mapping[int, ListItem]) -> Iterator[Violation]:
    """Yield a lint for each task that is in the listing already (L-5)."""
    first: dict[str, int] = {}
    for at, item in items.items():
        if first.setdefault(item.task, at) != at:
            found = f"{safe_repr(item.task)}, first at items.{first[item.task]}"
            yield Violation(f"items.{at}.task", found, "should be in a listing once", "repeated", "L-5")


def _unknown_fields(tree: object) -> Iterator[Violation]:
    """Yield a lint for each unknown field: a newer server has added it, or it is misspelt; reading ignores it (V-7)."""
    # The walk yields violations, too. One more than the limits of both shows that there are more of one of them.
    found = islice(walk(ListResult, tree, reports_unknown=True), 2 * MAX_LOOKED_AT + 1)
    for each in found:
        if each.code == "unknown_field":
            yield Violation(each.path, each.value, "should be a known field", each.code, each.spec_id)


def _count_tasks(items: Mapping[int, ListItem], others: Mapping[str, int] | None) -> Mapping[str, int] | None:
    if others is None:
        return None
    by_status = Counter(item.info.status for item in items.values())
    numbers = {str(status): by_status[status] for status in Status}
    numbers["of_unknown_status"] = sum(number for status, number in by_status.items() if not status.is_known)
    return numbers | {**others}
