"""Define the union on status (U): which fields of a task go with which status.

Decides which fields are required, allowed and forbidden, in one table. Does not know what a task is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final, TypeAlias

from ._value.violations import FieldViolation

__all__ = ["violations_of_common_info", "violations_of_info"]

# The union (U-1): R required, a allowed, - forbidden. FAILED does not require an error: without one, the reason is in
# the result (U-2). An unknown status has no row, because nothing is enforced (U-3).
_GOVERNED: Final = ("start_time", "end_time", "progress", "result", "error")
_UNION: Final[Mapping[str, str]] = {
    "PENDING": "-----",
    "RUNNING": "R-Ra-",
    "BLOCKED": "R-Ra-",
    "SUCCEEDED": "RRRa-",
    "FAILED": "RRRaa",
}

# The status, and whether each governed field is set. One look-up by this shape both tests a task and explains its
# violations.
_Shape: TypeAlias = tuple[str | bool, ...]


def _violations_by_shape(governed: Sequence[str]) -> Mapping[_Shape, tuple[FieldViolation, ...]]:
    table: dict[_Shape, tuple[FieldViolation, ...]] = {}
    for status, letters in _UNION.items():
        rules = [(field, letter) for field, letter in zip(_GOVERNED, letters, strict=True) if field in governed]
        for shape in product((False, True), repeat=len(rules)):
            violations = []  # U-4: all of them
            for (field, letter), is_set in zip(rules, shape, strict=True):
                if letter == "R" and not is_set:
                    rule = f"must be set: {status} requires {field}"
                    violations.append(FieldViolation(field, rule, "required_by_status", "U-1", ("status",)))
                if letter == "-" and is_set:
                    rule = f"must not be set: {status} excludes {field}"
                    violations.append(FieldViolation(field, rule, "forbidden_by_status", "U-1", ("status",)))
            table[(status, *shape)] = tuple(violations)
    return table


_INFO_VIOLATIONS: Final = _violations_by_shape(_GOVERNED)


def violations_of_info(fields: Any) -> Sequence[FieldViolation]:
    """Return the violations of the union by an Info, or by any object with its fields as attributes."""
    shape = (
        fields.status,
        fields.start_time is not None,
        fields.end_time is not None,
        fields.progress is not None,
        fields.result is not None,
        fields.error is not None,
    )
    return _INFO_VIOLATIONS.get(shape, ())


_COMMON_INFO_VIOLATIONS: Final = _violations_by_shape(("start_time", "end_time", "error"))


def violations_of_common_info(fields: Any) -> Sequence[FieldViolation]:
    """Return the violations of the union by a CommonInfo, which has three of the five governed fields."""
    shape = (fields.status, fields.start_time is not None, fields.end_time is not None, fields.error is not None)
    return _COMMON_INFO_VIOLATIONS.get(shape, ())
