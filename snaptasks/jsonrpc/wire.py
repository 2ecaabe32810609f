"""Write values in the form of the protocol: structures by name, optionals wrapped, maps as lists of entries (J-5).

Decides the names, and how each kind of value is written. Does not know envelopes or clients.

The module joins texts and makes no tree: a result of 100 levels (V-3) has 300 here, and pydantic's writer ends at 254.
All text is ASCII. One wide character would make four bytes of every other one, and each join copies them: 1,000 tasks
take 20 ms in ASCII, and 36 ms otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from typing import Any, Final

from .._value.fields import is_optional, write_timestamp
from .._value.frozen import FrozenMap
from .._value.model import Value
from .._value.violations import InvalidValue
from ..errors import ACCESS_ERRORS, ArgumentLocations, DynamicID, ErrorType, ErrorValue, TransientIndication
from ..messages import DateTimeFormat, LocalizableMessage, LocalizationParam, NestedLocalizableMessage
from ..tasks import Info, ListItem, ListResult, Progress, Status

__all__ = ["TASKS", "error_name", "write"]

# The service of the operations, which is also the prefix of its structures' names.
TASKS: Final = "com.vmware.snapservice.tasks"

_STD: Final = "com.vmware.vapi.std"

# The protocol's name of each kind of value.
_NAMES: Final[dict[type[Value], str]] = {
    ListResult: f"{TASKS}.list_result",
    ListItem: f"{TASKS}.list_item",
    Info: f"{TASKS}.info",
    Progress: f"{TASKS}.progress",
    LocalizableMessage: f"{_STD}.localizable_message",
    NestedLocalizableMessage: f"{_STD}.nested_localizable_message",
    LocalizationParam: f"{_STD}.localization_param",
    DynamicID: f"{_STD}.dynamic_ID",
    ArgumentLocations: f"{_STD}.errors.argument_locations",
    TransientIndication: f"{_STD}.errors.transient_indication",
}

# The kind of an object by its members, because a value keeps no name of it (E-3). Any other object has the empty name.
_SHAPES: Final = {frozenset(kind.__pydantic_fields__): kind for kind in (ArgumentLocations, TransientIndication)}


def write(value: Any) -> str:
    """Write a value, or any part of one."""
    return _WRITERS[type(value)](value)


def error_name(kind: ErrorType) -> str:
    """Return the canonical name of an error (E-1); an unknown type has the name of Error (E-3)."""
    return kind.canonical_name if kind.is_known else ErrorType.ERROR.canonical_name


def _optional(value: Any) -> str:
    return f'{{"OPTIONAL":{"null" if value is None else write(value)}}}'


def _structure(name: str, members: list[str]) -> str:
    return f'{{"STRUCTURE":{{"{name}":{{{",".join(members)}}}}}}}'


def _object(value: FrozenMap[Any]) -> str:
    kind = _SHAPES.get(frozenset(value))
    if kind is not None and None not in value.values():  # a null would be read back as unset
        with suppress(InvalidValue):
            return write(kind.from_python(value))
    return _structure("", [f"{encode_basestring_ascii(name)}:{write(its)}" for name, its in value.in_order().items()])


def _entries(params: FrozenMap[LocalizationParam]) -> str:
    entries = [f'"key":{encode_basestring_ascii(name)},"value":{write(its)}' for name, its in params.in_order().items()]
    return f"[{','.join([_structure('map-entry', [entry]) for entry in entries])}]"


def _error(error: ErrorValue) -> str:
    members = [
        f'"messages":{write(error.messages)},"data":{_optional(error.data)},"error_type":{_optional(error.error_type)}'
    ]
    if error.error_type in ACCESS_ERRORS:
        members.append(f'"challenge":{_optional(error.challenge)}')
    return f'{{"ERROR":{{"{error_name(error.error_type)}":{{{",".join(members)}}}}}}}'


def _writer(kind: type[Value], name: str) -> Callable[[Any], str]:
    """Return the function that writes a kind of value: it fills a text that has a place for each field."""
    fields = kind.__pydantic_fields__
    names = sorted(fields, key=lambda name: name == "params")  # the one map, `params`, is last
    places = [f'"{each}":{{"OPTIONAL":%s}}' if is_optional(fields[each]) else f'"{each}":%s' for each in names]
    text, has_params = _structure(name, places), "params" in fields
    plain = names[:-1] if has_params else names
    values_of = attrgetter(*plain) if plain[1:] else lambda value: (getattr(value, plain[0]),)

    def write_it(value: Any) -> str:
        texts = ["null" if its is None else _WRITERS[type(its)](its) for its in values_of(value)]
        if has_params:
            texts.append("null" if value.params is None else _entries(value.params))
        return text % tuple(texts)

    return write_it


class _Writers(dict[type, Callable[[Any], str]]):
    """Hold the writer of each kind of value; a subclass has that of its base, without its own fields (V-2)."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        return next(self[base] for base in kind.__mro__ if base in self)


_WRITERS: Final[_Writers] = _Writers(
    {
        str: encode_basestring_ascii,
        Status: encode_basestring_ascii,
        DateTimeFormat: encode_basestring_ascii,
        ErrorType: encode_basestring_ascii,
        bool: {True: "true", False: "false"}.__getitem__,
        int: int.__repr__,
        float: float.__repr__,
        datetime: lambda at: f'"{write_timestamp(at)}"',
        type(None): lambda _: _optional(None),  # inside a JSON value
        tuple: lambda elements: f"[{','.join([_WRITERS[type(each)](each) for each in elements])}]",
        FrozenMap: _object,
        ErrorValue: _error,
        **{kind: _writer(kind, name) for kind, name in _NAMES.items()},
    }
)
