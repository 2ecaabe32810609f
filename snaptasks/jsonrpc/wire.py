"""Writes values as the protocol has them: structures by name, optionals wrapped, maps as lists of entries (J-5).

Decides the names, and how each kind of value is written. Does not know envelopes, and who reads it.

Text is joined here, and no tree is made: pydantic's writer ends at 254 levels, while a result of 100 levels (V-3) has 300
here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, Final

from .._value.fields import write_timestamp
from .._value.frozen import FrozenMap
from .._value.model import Value
from .._value.violations import InvalidValue
from ..errors import ACCESS_ERRORS, ArgumentLocations, DynamicID, ErrorType, ErrorValue, TransientIndication
from ..messages import DateTimeFormat, LocalizableMessage, LocalizationParam, NestedLocalizableMessage
from ..tasks import Info, ListItem, ListResult, Progress, Status

__all__ = ["TASKS", "error_name", "write"]

# The service of the operations, and what the names of its structures begin with.
TASKS: Final = "com.vmware.snapservice.tasks"

_STD: Final = "com.vmware.vapi.std"

# What the protocol calls each kind of value.
_NAMES: Final[dict[type[Value], str]] = {
    ListResult: f"{TASKS}.list_result",
    ListItem: f"{TASKS}.list_item",
    Info: f"{TASKS}.info",
    Progress: f"{TASKS}.progress",
    LocalizableMessage: f"{_STD}.localizable_message",
    NestedLocalizableMessage: f"{_STD}.nested_localizable_message",
    LocalizationParam: f"{_STD}.localization_param",
    DynamicID: f"{_STD}.dynamic_ID",
}

# What an object is by its shape, because no name of it is kept (E-3). Any other has the empty name.
_SHAPES: Final[dict[frozenset[str], tuple[type[Value], str]]] = {
    frozenset(kind.__pydantic_fields__): (kind, f"{_STD}.errors.{name}")
    for kind, name in ((ArgumentLocations, "argument_locations"), (TransientIndication, "transient_indication"))
}

_UNSET: Final = '{"OPTIONAL":null}'


def write(value: Any) -> str:
    """Write a value, or anything that one holds."""
    return _WRITERS[type(value)](value)


def error_name(kind: ErrorType) -> str:
    """Return the canonical name of an error (E-1); for a type that this version does not know that of Error (E-3)."""
    return kind.canonical_name if kind.is_known else ErrorType.ERROR.canonical_name


def _optional(value: Any) -> str:
    return _UNSET if value is None else f'{{"OPTIONAL":{write(value)}}}'


def _structure(name: str, fields: Mapping[str, Any]) -> str:
    members = ",".join([f"{encode_basestring(field)}:{write(value)}" for field, value in fields.items()])
    return f'{{"STRUCTURE":{{"{name}":{{{members}}}}}}}'


def _object(fields: FrozenMap[Any]) -> str:
    kind, name = _SHAPES.get(frozenset(fields), (None, ""))
    if kind is not None:
        try:
            kind.from_python(fields)
        except InvalidValue:
            name = ""
    return _structure(name, fields.in_order())


def _entries(map: FrozenMap[Any]) -> str:
    return f"[{','.join([_structure('map-entry', {'key': key, 'value': map[key]}) for key in sorted(map)])}]"


def _error(error: ErrorValue) -> str:
    fields = {
        "messages": write(error.messages),
        "data": _optional(error.data),
        "error_type": _optional(error.error_type),
    }
    if error.error_type in ACCESS_ERRORS:
        fields["challenge"] = _optional(error.challenge)
    members = ",".join([f'"{field}":{text}' for field, text in fields.items()])
    return f'{{"ERROR":{{"{error_name(error.error_type)}":{{{members}}}}}}}'


def _writer(kind: type[Value], name: str) -> Callable[[Any], str]:
    """Make the function that writes a kind of value; what is the same in each is put together once."""
    start = f'{{"STRUCTURE":{{"{name}":{{'
    plan = [_plan(field, is_optional=its.exclude_if is not None) for field, its in kind.__pydantic_fields__.items()]
    names = [*kind.__pydantic_fields__]
    values_of = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)

    def write_it(value: Any) -> str:
        parts = [
            unset if its is None else f"{before}{(special or _WRITERS[type(its)])(its)}{after}"
            for (unset, before, after, special), its in zip(plan, values_of(value), strict=True)
        ]
        return f"{start}{','.join(parts)}}}}}}}"

    return write_it


def _plan(field: str, *, is_optional: bool) -> tuple[str, str, str, Callable[[Any], str] | None]:
    """What a field is if unset, what stands before and behind it else, and what writes it if not its type decides."""
    before, after = (f'"{field}":{{"OPTIONAL":', "}") if is_optional else (f'"{field}":', "")
    return f'"{field}":{_UNSET}', before, after, _entries if field == "params" else None


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    str: encode_basestring,
    Status: encode_basestring,
    DateTimeFormat: encode_basestring,
    ErrorType: encode_basestring,
    bool: lambda flag: "true" if flag else "false",
    int: int.__repr__,
    float: float.__repr__,
    datetime: lambda at: f'"{write_timestamp(at)}"',
    type(None): lambda _: _UNSET,
    tuple: lambda elements: f"[{','.join([_WRITERS[type(element)](element) for element in elements])}]",
    FrozenMap: _object,
    ErrorValue: _error,
    **{kind: _writer(kind, name) for kind, name in _NAMES.items()},
}
