"""Read the arguments of a call: structures and optionals around a filter or an id (J-4).

Decides the shape of an argument. Does not know which members a filter may have: `query` decides that (J-6).
"""

from __future__ import annotations

from typing import Any, Final

from .._text import format_path, safe_repr
from .._value.violations import InvalidValue, Violation
from ..errors import InvalidArgument, invalid_argument, unexpected_input
from ..filters import FIELDS, FilterSpec
from ..query import parse_filter
from .wire import TASKS

__all__ = ["read_filter", "read_task"]

_FILTER: Final = f"{TASKS}.filter_spec"
_UNSET: Final[dict[str, None]] = {"OPTIONAL": None}


def read_filter(input: Any) -> FilterSpec:
    """Return the filter of a call of `list`. Raises InvalidArgument, UnexpectedInput (J-4, Q-2, Q-4, F-7)."""
    given = _unwrapped(_argument(input, "filter", _UNSET), "filter")
    if given is None:
        return FilterSpec()
    name, fields = _structure(given, "filter")
    if name != _FILTER:
        raise _invalid("filter", name, f"must be a {_FILTER}")
    pairs: list[tuple[str, str]] = []
    for field, wrapped in fields.items():
        if field not in FIELDS:
            pairs += [] if wrapped == _UNSET else [(field, "")]  # parse_filter refuses the name, whatever the value is
            continue
        members = _unwrapped(wrapped, field)
        if isinstance(members, list) and all(isinstance(member, str) for member in members):
            pairs += [(field, member) for member in members]
        elif members is not None:
            raise _invalid(field, members, "must be a list of texts")
    return parse_filter(pairs)


def read_task(input: Any) -> str:
    """Return the id of a call of `get`. Raises InvalidArgument, UnexpectedInput (J-4)."""
    task = _argument(input, "task", None)
    if not isinstance(task, str):
        raise _invalid("task", task, "must be text")
    return task


def _argument(input: Any, name: str, unset: Any) -> Any:
    """Return the one argument, or `unset`. Raises UnexpectedInput for another argument that is set."""
    _, given = _structure(input, "input")
    for other, value in given.items():
        if other != name and value != _UNSET:
            rule = f"must be left out: the one argument is {name}"
            invalid = InvalidValue("input", [Violation(format_path([other]), "", rule, "unknown_parameter", "J-4")])
            raise unexpected_input(invalid) from invalid
    return given.get(name, unset)


def _structure(value: Any, where: str) -> tuple[str, dict[str, Any]]:
    """Return the name and the fields of a structure. Raises InvalidArgument for any other value."""
    named = value.get("STRUCTURE") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(named, dict) and len(named) == 1:
        ((name, fields),) = named.items()
        if isinstance(fields, dict):
            return name, fields
    raise _invalid(where, value, 'must be a structure: {"STRUCTURE": {name: {...}}}')


def _unwrapped(value: Any, where: str) -> Any:
    """Return the content of an optional, or None if it is unset. Raises InvalidArgument for any other value."""
    match value:
        case {"OPTIONAL": inside} if len(value) == 1:
            return inside
    raise _invalid(where, value, 'must be an optional: {"OPTIONAL": ...}, or null in it')


def _invalid(where: str, value: Any, rule: str) -> InvalidArgument:
    invalid = InvalidValue("input", [Violation(format_path([where]), safe_repr(value), rule, "wrong_type", "J-4")])
    error = invalid_argument(invalid)
    error.__cause__ = invalid
    return error
