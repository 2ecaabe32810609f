"""The union on status (U): which fields of a task go with which status.

Decides what is required, allowed and forbidden, as one table. Does not know what a task is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final, TypeAlias

from ._value.violations import BrokenRule

__all__ = ["broken_by_common_info", "broken_by_info"]

# The union (U-1): R required, a allowed, - forbidden. FAILED requires no error: where there is none, the reason is in
# the result (U-2). An unknown status has no row: nothing is enforced (U-3).
_GOVERNED: Final = ("start_time", "end_time", "progress", "result", "error")
_UNION: Final[Mapping[str, str]] = {
    "PENDING": "-----",
    "RUNNING": "R-Ra-",
    "BLOCKED": "R-Ra-",
    "SUCCEEDED": "RRRa-",
    "FAILED": "RRRaa",
}

# What is broken, by the status and by which of the governed fields are there. One look-up both tests a task and
# explains what is wrong with it.
_Shape: TypeAlias = tuple[str | bool, ...]


def _rules_of_union(governed: Sequence[str]) -> Mapping[_Shape, tuple[BrokenRule, ...]]:
    table: dict[_Shape, tuple[BrokenRule, ...]] = {}
    for status, letters in _UNION.items():
        rules = [(field, letter) for field, letter in zip(_GOVERNED, letters, strict=True) if field in governed]
        for shape in product((False, True), repeat=len(rules)):
            broken = []  # U-4: all of them
            for (field, letter), is_there in zip(rules, shape, strict=True):
                if letter == "R" and not is_there:
                    rule = f"must be set: {status} requires {field}"
                    broken.append(BrokenRule(field, rule, "required_by_status", "U-1", ("status",)))
                if letter == "-" and is_there:
                    rule = f"must not be set: {status} excludes {field}"
                    broken.append(BrokenRule(field, rule, "forbidden_by_status", "U-1", ("status",)))
            table[(status, *shape)] = tuple(broken)
    return table


_BROKEN: Final = _rules_of_union(_GOVERNED)


def broken_by_info(fields: Any) -> Sequence[BrokenRule]:
    """Look up what an Info breaks, or anything with its fields as attributes."""
    shape = (
        fields.status,
        fields.start_time is not None,
        fields.end_time is not None,
        fields.progress is not None,
        fields.result is not None,
        fields.error is not None,
    )
    return _BROKEN.get(shape, ())


_BROKEN_COMMON: Final = _rules_of_union(("start_time", "end_time", "error"))


def broken_by_common_info(fields: Any) -> Sequence[BrokenRule]:
    """The same of a CommonInfo, which has three of the five fields."""
    shape = (fields.status, fields.start_time is not None, fields.end_time is not None, fields.error is not None)
    return _BROKEN_COMMON.get(shape, ())
