"""How a refusal is told: which field, which value, which rule (V-13).

Decided here: the shape and the bounds of a violation, and which rule stands behind each kind of refusal.
Not known here: how a value is read or built.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

# Violations that one InvalidValue lists, inclusive; the rest is counted in `.more` (V-13). A hostile body can
# hold millions of mistakes, and nobody repairs more than a screenful at a time.
MAX_VIOLATIONS = 100

# Characters of an offending value, and of one step of a path, that a message repeats; past it the text is cut
# and ends in an ellipsis. Long enough for every identifier of the real service, short enough for one line.
MAX_SHOWN = 100

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def shortened(text: str) -> str:
    """The text itself up to MAX_SHOWN characters; past that it is cut there and ends in an ellipsis."""
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + _ELLIPSIS


_shortener = reprlib.Repr()
_shortener.maxstring = _shortener.maxother = _shortener.maxlong = MAX_SHOWN


def shown(value: object) -> str:
    """A repr of bounded length, in which control and bidirectional characters are escaped (W-5)."""
    try:
        return shortened(_shortener.repr(value))
    except ValueError:  # an integer of more digits than the interpreter is willing to print
        return f"<{type(value).__name__}>"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: where, what stood there, which rule, and the spec id that decides it (V-13).

    `path` is dotted (`items.3.info.progress`; empty for the whole value), `value` a bounded repr (empty where
    something is missing), `clashes` the paths of the fields that it does not go together with.
    """

    path: str
    value: str
    rule: str
    spec_id: str
    clashes: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        found = f" (found {self.value})" if self.value else ""
        return f"{where}{self.rule} [{self.spec_id}]{found}"


class InvalidValue(ValueError):
    """What was read is no such value (V-13).

    `kind` names the value, `violations` holds at most MAX_VIOLATIONS of them in document order, `more` says how
    many were left out.
    """

    def __init__(self, kind: str, violations: Sequence[Violation], more: int = 0) -> None:
        super().__init__(kind, violations, more)
        self.kind = kind
        self.violations: tuple[Violation, ...] = tuple(violations)
        self.more = more

    @property
    def count(self) -> int:
        """How many violations there are in all, listed or not."""
        return len(self.violations) + self.more

    def __str__(self) -> str:
        lines = [f"{self.count} violation{'s' * (self.count != 1)} in {self.kind}", *map(str, self.violations)]
        if self.more:
            lines.append(f"and {self.more} more")
        return "\n  ".join(lines)


class BrokenRule(NamedTuple):
    """A rule between the fields of one value that does not hold: the field, and which fields it clashes with."""

    field: str | None  # None: the value as a whole
    rule: str
    spec_id: str
    clashes: tuple[str, ...] = ()

    def as_fault(self, fields: Mapping[str, object]) -> Fault:
        """The fault that it is in a value of these fields."""
        error = refusal(self.rule, self.spec_id, self.clashes)
        return ((), None, error) if self.field is None else ((self.field,), fields.get(self.field), error)


# Where, the offending value, and the refusal.
Location: TypeAlias = tuple[str | int, ...]
Fault: TypeAlias = tuple[Location, object, PydanticCustomError]


def refusal(rule: str, spec_id: str, clashes: tuple[str, ...] = (), more: int = 0) -> PydanticCustomError:
    """The error that a validator raises; `rule` says what must hold, and never repeats the offending value.

    `more` is how many further refusals it stands for.
    """
    context = {"rule": rule, "spec_id": spec_id, "clashes": clashes, "more": more}
    return PydanticCustomError("rule_broken", "{rule} [{spec_id}]", context)


def refuse_all(kind: str, faults: Iterable[Fault]) -> None:
    """Raise one ValidationError for all faults; return if there are none."""
    details = [InitErrorDetails(type=error, loc=location, input=value) for location, value, error in faults]
    if details:
        raise ValidationError.from_exception_data(kind, details)


# The spec id behind each of pydantic's own kinds of error; V-13 is the rule that reading is all or nothing.
_SPEC_IDS = {
    "enum": "V-5",
    "extra_forbidden": "V-7",
    "finite_number": "V-5",
    "float_type": "V-5",
    "greater_than_equal": "V-5",
    "int_type": "V-5",
    "less_than_equal": "V-5",
    "bool_type": "V-5",
    "string_type": "V-5",
    "string_unicode": "V-5",
    "string_too_short": "V-9",
}

# What the JSON parser says where a rule of the specification stands behind it.
_PARSER_RULES = {
    "recursion limit exceeded": ("nested too deep", "V-8"),
    "hex escape": ("lone surrogates are refused", "V-5"),
    "surrogate": ("lone surrogates are refused", "V-5"),
}


def violation(error: ErrorDetails, location: Sequence[str | int]) -> Violation:
    """The violation that one of pydantic's errors stands for, with `location` as its path."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    rule, spec_id = error["msg"], _SPEC_IDS.get(kind, "V-13")
    clashes: tuple[str, ...] = ()
    if kind == "rule_broken":
        rule, spec_id = context["rule"], context["spec_id"]
        clashes = tuple(dotted((*location[:-1], field)) for field in context.get("clashes", ()))
    elif kind == "json_invalid":
        for words, (its_rule, its_id) in _PARSER_RULES.items():
            if words in rule:
                rule, spec_id = f"{its_rule}: {rule}", its_id
                break
    elif kind == "string_unicode":
        rule = "lone surrogates are refused"
    elif kind == "missing" or value is None:  # null is unset
        rule, spec_id = "must be set", "V-13"
    nothing_there = value is None or kind in {"missing", "json_invalid"}
    return Violation(dotted(location), "" if nothing_there else shown(value), rule, spec_id, clashes)


def dotted(location: Iterable[str | int]) -> str:
    """A location as a path; each step bounded by MAX_SHOWN, and safe to print (W-5): it may be anybody's key."""
    steps = map(str, location)
    return ".".join(shortened(step if step.isprintable() else ascii(step)[1:-1]) for step in steps)
