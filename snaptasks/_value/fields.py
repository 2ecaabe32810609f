"""Define the types of fields: what each accepts, and how it is written.

Decides which Python and JSON values a field of each type accepts. Does not know which fields a value has.

pydantic runs a JSON branch for a text, and a Python branch for parsed JSON and for building. Both accept the same
values (V-14). A collection is validated up to its first bad element, because pydantic holds an object for each error:
`reading` finds the others. A callback in Python takes as long as a small field, so plain text and numbers do not have
one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from operator import is_, not_
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from .frozen import FrozenMap, frozen_map
from .violations import MISSING, field_error

__all__ = [
    "BUILDING",
    "Default",
    "Double",
    "Flag",
    "Identifier",
    "Int64",
    "MapOf",
    "Maybe",
    "PlainText",
    "SetOf",
    "Timestamp",
    "TupleOf",
    "is_optional",
    "write_timestamp",
]

_T = TypeVar("_T")


# pydantic's context while a value is built; any other context is reading (V-14).
BUILDING: Final = object()

# V-5: each type is strict, and not the value as a whole, so that a subclass can add fields that are not strict.
Identifier = Annotated[str, Field(min_length=1, strict=True)]  # V-9
Flag = Annotated[bool, Field(strict=True)]
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1, strict=True, json_schema_extra={"format": "int64"})]
Double = Annotated[float, Field(allow_inf_nan=False, strict=True, json_schema_extra={"format": "double"})]

# An optional field: null means unset, and an unset field is not written (W-1). The test runs in C: ten fields are
# written in 1.3 us, and in 2.0 us with a lambda.
Maybe = Annotated[_T | None, Field(exclude_if=partial(is_, None))]


def is_optional(field: FieldInfo) -> bool:
    """Return whether a field is optional in written JSON: an unset or empty one is left out (W-1)."""
    return field.exclude_if is not None


class _Text:
    """Annotate text without lone surrogates (V-5). The parser refuses them; in Python any length bound does, even 0."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.str_schema(strict=True),
            python_schema=core_schema.str_schema(strict=True, min_length=0),
        )


PlainText = Annotated[str, _Text()]


class _Tuple:
    """Annotate a tuple, which is read from an array, a list or a tuple (V-11)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        element = handler.generate_schema(source.__args__[0])
        schema = core_schema.tuple_schema([element], variadic_item_index=0, strict=True, fail_fast=True)
        from_list = core_schema.no_info_before_validator_function(
            lambda value: tuple(value) if isinstance(value, list) else value, schema
        )
        return core_schema.json_or_python_schema(json_schema=schema, python_schema=from_list)


class _FrozenSet:
    """Annotate a frozenset, which is read from a set, frozenset, list or tuple, or as empty from None (V-11).

    It is written sorted (V-2).
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        element = handler.generate_schema(source.__args__[0])
        members = core_schema.nullable_schema(core_schema.frozenset_schema(element, strict=False, fail_fast=True))
        return core_schema.no_info_after_validator_function(
            lambda value: value or frozenset(),
            core_schema.no_info_before_validator_function(_collection, members),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda members: sorted(map(str, members)),
                return_schema=core_schema.list_schema(core_schema.str_schema()),
                when_used="json",
            ),
        )


def _collection(value: object) -> object:
    if value is None or isinstance(value, set | frozenset | list | tuple):
        return value
    raise field_error("must be an array, or a set, frozenset, list or tuple", "wrong_type", "V-11")


class _FrozenMap:
    """Annotate a read-only mapping with text keys, which is written sorted (V-2)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        key, value = (handler.generate_schema(argument) for argument in source.__args__)
        maps = core_schema.dict_schema(key, value, strict=False, fail_fast=True)
        return core_schema.no_info_after_validator_function(
            frozen_map,
            maps,
            serialization=core_schema.plain_serializer_function_ser_schema(
                FrozenMap.in_order, return_schema=maps, when_used="json"
            ),
        )


class Default:
    """Annotate a field with its value for missing and null; with `only_read`, building must set the field."""

    def __init__(self, value: object, *, only_read: bool = False) -> None:
        self._value = value
        self._only_read = only_read

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        nullable = core_schema.nullable_schema(handler(source))
        if self._only_read:
            return core_schema.with_info_after_validator_function(self._unless_built, nullable)
        return core_schema.no_info_after_validator_function(self._or_default, nullable)

    def _or_default(self, value: object) -> object:
        return self._value if value is None else value

    def _unless_built(self, value: object, info: ValidationInfo) -> object:
        if value is None and info.context is BUILDING:
            raise field_error(*MISSING)
        return self._or_default(value)


# The form that this library writes, and nearly all that it reads: such a text only needs parsing. The pattern has the
# syntax of pydantic's own engine, which saves a call in Python.
_AS_WRITTEN: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{3}Z$"

# RFC 3339 as V-4 narrows it: T, and Z or an offset below 24 hours; no leap second, no 24:00.
_RFC_3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_TIMESTAMP: Final = "must be an RFC 3339 date and time with T, and Z or an offset, such as 2025-11-04T12:10:06.183Z"


def _read_timestamp(text: str) -> datetime:
    match = _RFC_3339.fullmatch(text)
    if match is not None:
        seconds, fraction, offset = match.groups()
        try:
            return _utc_milliseconds(datetime.fromisoformat(f"{seconds}.{(fraction or '')[:3]:0<3}{offset}"))
        except ValueError:  # such as 30 February, or the year 0
            pass
    raise field_error(_TIMESTAMP, "not_a_time", "V-4")


def _timestamp_of(value: object) -> datetime:
    if isinstance(value, str):
        return _read_timestamp(value)
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise field_error("must be an RFC 3339 text, or a datetime with a time zone", "not_a_time", "V-4")
    return _utc_milliseconds(value)


def _utc_milliseconds(value: datetime) -> datetime:
    try:
        utc = value.astimezone(UTC)
    except OverflowError:  # at the ends of the years 1 and 9999
        raise field_error("must be in the years 1 to 9999 in UTC", "not_a_time", "V-4") from None
    whole = utc.microsecond // 1000 * 1000  # truncated and not rounded, so that no instant moves into the future
    return datetime(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, whole, UTC)


# Numbers of two and of three digits as text: isoformat takes twice as long, because it calls utcoffset.
_TWO: Final = [f"{number:02}" for number in range(60)]
_THREE: Final = [f"{number:03}" for number in range(1000)]


def write_timestamp(at: datetime) -> str:
    """Write an instant in UTC with milliseconds (V-4)."""
    date = f"{at.year:04}-{_TWO[at.month]}-{_TWO[at.day]}"
    return f"{date}T{_TWO[at.hour]}:{_TWO[at.minute]}:{_TWO[at.second]}.{_THREE[at.microsecond // 1000]}Z"


class _Timestamp:
    """Annotate an instant, which is held in UTC at milliseconds (V-4)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        as_written = core_schema.no_info_after_validator_function(
            datetime.fromisoformat, core_schema.str_schema(strict=True, pattern=_AS_WRITTEN)
        )
        otherwise = core_schema.no_info_after_validator_function(_read_timestamp, core_schema.str_schema(strict=True))
        return core_schema.json_or_python_schema(
            json_schema=core_schema.union_schema(
                [as_written, otherwise],
                mode="left_to_right",
                custom_error_type="not_a_time",
                custom_error_message="{rule} [{spec_id}]",
                custom_error_context={"rule": _TIMESTAMP, "spec_id": "V-4"},
            ),
            python_schema=core_schema.no_info_plain_validator_function(_timestamp_of),
            serialization=core_schema.plain_serializer_function_ser_schema(
                write_timestamp, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


TupleOf = Annotated[tuple[_T, ...], _Tuple()]
SetOf = Annotated[frozenset[_T], _FrozenSet(), Field(exclude_if=not_)]
MapOf = Annotated[Mapping[PlainText, _T], _FrozenMap()]
Timestamp = Annotated[datetime, _Timestamp()]
