"""Describe violations: which field, which value, which rule (V-13).

Decides the shape and the bounds of a violation, and the code, rule and spec id for each error of pydantic.
Does not know how a value is read or built.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from .._sealed import sealed
from .._text import format_path, safe_repr

__all__ = [
    "MAX_VIOLATIONS",
    "MISSING",
    "NESTED_TOO_DEEP",
    "SURROGATE",
    "FieldViolation",
    "InvalidValue",
    "Location",
    "Violation",
    "field_error",
    "raise_if_any",
    "violation_at",
    "violation_of",
]

# Violations that one InvalidValue lists, inclusive. Past it the search ends, and `is_complete` is False (V-13): a
# hostile body can hold millions of violations, and no one repairs more than a screenful at a time.
MAX_VIOLATIONS: Final = 100

NESTED_TOO_DEEP: Final = "must not be nested too deep"

Location: TypeAlias = tuple[str | int, ...]


@sealed
@dataclass(frozen=True, slots=True)
class Violation:
    """Report that a value breaks a rule: where, which value, which rule, and the spec id of the rule (V-13).

    `path` has dots (`items.3.info.progress`; empty for the whole value). `value` is a bounded repr, empty if no value
    was found. `code` is stable: programs read it, and people read `rule`. `clashes` are the paths of the fields that
    this field must not be combined with.
    """

    path: str
    value: str
    rule: str
    code: str
    spec_id: str
    clashes: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        found = f" (found {self.value})" if self.value else ""
        return f"{where}{self.rule} [{self.spec_id}]{found}"


class InvalidValue(ValueError):
    """Report that an input cannot be read as a value (V-13).

    `kind` names the value. `violations` holds at most MAX_VIOLATIONS of them in document order, and `is_complete` says
    whether these are all.
    """

    def __init__(self, kind: str, violations: Sequence[Violation], is_complete: bool = True) -> None:
        super().__init__(kind, violations, is_complete)
        self.kind = kind
        self.violations: tuple[Violation, ...] = tuple(violations)
        self.is_complete = is_complete

    def __str__(self) -> str:
        count = len(self.violations)
        bound = "" if self.is_complete else "more than "
        return "\n  ".join([f"{bound}{count} violation{'s' * (count != 1)} in {self.kind}", *map(str, self.violations)])


class FieldViolation(NamedTuple):
    """Hold the violation of a rule between fields: the field, the rule, its code and spec id, and the clashing fields.

    `field` None stands for the whole value.
    """

    field: str | None
    rule: str
    code: str
    spec_id: str
    clashes: tuple[str, ...] = ()

    def error_details(self, fields: object) -> InitErrorDetails:
        """Return pydantic's form of this violation; `fields` has the fields as attributes."""
        error = field_error(self.rule, self.code, self.spec_id, self.clashes)
        place = () if self.field is None else (self.field,)
        return InitErrorDetails(type=error, loc=place, input=getattr(fields, self.field or "", None))

    def at(self, where: Location, value: object) -> Violation:
        """Return the violation for the owner of the field at location `where`; `value` is the value of the field."""
        place = where if self.field is None else (*where, self.field)
        return violation_at(place, value, self.rule, self.code, self.spec_id, self.clashes)


def field_error(rule: str, code: str, spec_id: str, clashes: tuple[str, ...] = ()) -> PydanticCustomError:
    """Make the error that a validator raises; `rule` says what must hold, and never repeats the offending value."""
    # The code is also pydantic's error type, so that programs find the same codes in the response of a framework.
    context = {"rule": rule, "spec_id": spec_id, "clashes": clashes}
    return PydanticCustomError(code, "{rule} [{spec_id}]", context)


def raise_if_any(kind: str, details: list[InitErrorDetails]) -> None:
    """Raise one ValidationError with all errors; return if there are none."""
    if details:
        raise ValidationError.from_exception_data(kind, details)


# The rule, code and spec id of violations that several modules report.
MISSING: Final = ("must be set", "missing", "V-13")
SURROGATE: Final = ("must not have lone surrogates", "surrogate", "V-5")

# The rule, code and spec id for each error type of pydantic that a field of this library can raise. V-13 is the rule
# that reading is all or nothing.
_PYDANTIC_ERRORS: Final = {
    "bool_type": ("must be true or false", "wrong_type", "V-5"),
    "finite_number": ("must be a finite number", "not_finite", "V-5"),
    "float_type": ("must be a number", "wrong_type", "V-5"),
    "greater_than_equal": ("must be at least {ge}", "out_of_range", "V-5"),
    "int_parsing_size": ("must be an int64", "out_of_range", "V-5"),
    "int_type": ("must be an integer", "wrong_type", "V-5"),
    "less_than_equal": ("must be at most {le}", "out_of_range", "V-5"),
    "string_too_short": ("must not be empty", "empty", "V-9"),
    "string_type": ("must be text", "wrong_type", "V-5"),
    "string_unicode": SURROGATE,
    "tuple_type": ("must be an array", "wrong_type", "V-13"),
}


# The subject of a text of pydantic, such as "Input should be ..." and "List should have ...".
_SUBJECT: Final = re.compile(r"[A-Z][\w ]*? should ")


def violation_of(error: ErrorDetails, location: Location) -> Violation:
    """Return the violation that an error of pydantic stands for, with `location` as its path."""
    value, context = error["input"], error.get("ctx", {})
    if value is None or error["type"] == "missing":  # null is unset (W-1)
        value, (rule, code, spec_id) = None, MISSING
    elif "spec_id" in context:
        rule, code, spec_id = context["rule"], error["type"], context["spec_id"]
    elif error["type"] in _PYDANTIC_ERRORS:
        rule, code, spec_id = _PYDANTIC_ERRORS[error["type"]]
        rule = rule.format_map(context)
    else:  # a subclass may have fields of types that only pydantic knows
        rule, code, spec_id = _SUBJECT.sub("must ", error["msg"], count=1), error["type"], "V-13"
    return violation_at(location, value, rule, code, spec_id, context.get("clashes", ()))


def violation_at(
    location: Location, value: object, rule: str, code: str, spec_id: str, clashes: Sequence[str] = ()
) -> Violation:
    """Make the violation at a location; `clashes` are fields beside it."""
    paths = tuple(format_path((*location[:-1], field)) for field in clashes)
    return Violation(format_path(location), "" if value is None else safe_repr(value), rule, code, spec_id, paths)
