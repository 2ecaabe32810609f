"""The types that fields are made of: what each takes when built, what when read, and how it is written.

pydantic runs a JSON branch for what is read and a Python branch for what is built; the markers here are where the
two differ. A collection is built whole, and read up to its first bad element: `reading` finds the others. A Python
callback costs as much as a whole small field, so that plain text and numbers have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from operator import is_, not_
from typing import Annotated, Any, TypeVar

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from .frozen import frozen_map
from .violations import refusal

T = TypeVar("T")

Identifier = Annotated[str, Field(min_length=1)]  # V-9
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1, json_schema_extra={"format": "int64"})]  # V-5
Double = Annotated[float, Field(allow_inf_nan=False, json_schema_extra={"format": "double"})]  # V-5

# An optional field: null means unset, and unset is not written (W-1). The test is written in C for speed.
Maybe = Annotated[T | None, Field(exclude_if=partial(is_, None))]


class _Text:
    """Text without lone surrogates (V-5): the parser refuses them, and a length bound, even of 0, when built."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.str_schema(), python_schema=core_schema.str_schema(min_length=0)
        )


Text = Annotated[str, _Text()]


class BeforeBuilding:
    """A look at what a builder gives, before pydantic walks into it; what is read is not looked at."""

    def __init__(self, check: Callable[[Any], Any]) -> None:
        self.check = check

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler(source)
        return core_schema.json_or_python_schema(
            json_schema=inner, python_schema=core_schema.no_info_before_validator_function(self.check, inner)
        )


class _Sequence:
    """A tuple: built from a list or a tuple, read from an array (V-11)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        element = handler.generate_schema(source.__args__[0])

        def tuples(fail_fast: bool) -> CoreSchema:
            return core_schema.tuple_schema([element], variadic_item_index=0, fail_fast=fail_fast)

        return core_schema.json_or_python_schema(
            json_schema=tuples(fail_fast=True),
            python_schema=core_schema.no_info_before_validator_function(_tuple_of_list, tuples(fail_fast=False)),
        )


def _tuple_of_list(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class _Members:
    """A frozenset: built from a set, frozenset, list or tuple; None is the empty set; written sorted (V-2, V-11)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        element = handler.generate_schema(source.__args__[0])

        def members(fail_fast: bool) -> CoreSchema:
            return core_schema.nullable_schema(core_schema.frozenset_schema(element, strict=False, fail_fast=fail_fast))

        return core_schema.no_info_after_validator_function(
            _empty_of_none,
            core_schema.json_or_python_schema(
                json_schema=members(fail_fast=True),
                python_schema=core_schema.no_info_before_validator_function(_collection, members(fail_fast=False)),
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _sorted_texts, return_schema=core_schema.list_schema(core_schema.str_schema()), when_used="json"
            ),
        )


def _collection(value: object) -> object:
    if value is None or isinstance(value, set | frozenset | list | tuple):
        return value
    raise refusal("must be a set, frozenset, list or tuple", "V-11")


def _sorted_texts(members: frozenset[str]) -> list[str]:
    return sorted(map(str, members))


def _empty_of_none(value: frozenset[T] | None) -> frozenset[T]:
    return value or frozenset()


class _Map:
    """A read-only mapping from text (V-2)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        key, value = (handler.generate_schema(argument) for argument in source.__args__)

        def maps(fail_fast: bool) -> CoreSchema:
            return core_schema.dict_schema(key, value, strict=False, fail_fast=fail_fast)

        return core_schema.no_info_after_validator_function(
            frozen_map,
            core_schema.json_or_python_schema(json_schema=maps(fail_fast=True), python_schema=maps(fail_fast=False)),
        )


class DefaultWhen:
    """The default of a field when `built` and when `read`; where there is none the field must be set."""

    def __init__(self, *, built: object = None, read: object = None) -> None:
        self.built = built
        self.read = read

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler(source)
        return core_schema.with_default_schema(
            core_schema.json_or_python_schema(
                json_schema=_or_else(self.read, inner), python_schema=_or_else(self.built, inner)
            ),
            default=None,  # stands for "missing", and is refused by a schema that has no default to put in its place
            validate_default=True,
        )


def _or_else(default: object, schema: CoreSchema) -> CoreSchema:
    if default is None:
        return schema
    return core_schema.no_info_after_validator_function(
        lambda value: default if value is None else value, core_schema.nullable_schema(schema)
    )


# What this library writes itself, and nearly all that it reads: nothing is left to do but to parse it. In the syntax of
# pydantic's own engine, which spares a call in Python.
_AS_WRITTEN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{3}Z$"

# RFC 3339 as V-4 narrows it: T and Z or an offset below 24 hours, no leap second, no 24:00.
_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_TIMESTAMP = "must be an RFC 3339 date and time with T, and Z or an offset, such as 2025-11-04T12:10:06.183Z"


def _read_timestamp(text: str) -> datetime:
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise refusal(_TIMESTAMP, "V-4")
    seconds, fraction, offset = match.groups()
    try:
        return _utc_milliseconds(datetime.fromisoformat(f"{seconds}.{(fraction or '')[:3]:0<3}{offset}"))
    except ValueError:  # 30 February, the year 0
        raise refusal(_TIMESTAMP, "V-4") from None


def _build_timestamp(value: object) -> datetime:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise refusal("must be a datetime with a time zone", "V-4")
    return _utc_milliseconds(value)


def _utc_milliseconds(value: datetime) -> datetime:
    try:
        utc = value.astimezone(UTC)
    except OverflowError:  # years 1 and 9999
        raise refusal("must be an instant that UTC can hold", "V-4") from None
    whole = utc.microsecond // 1000 * 1000  # truncated, not rounded: no instant moves into the future
    return datetime(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, whole, UTC)


# Numbers of two and of three digits as text: isoformat takes more than twice as long, for it asks for the offset.
_TWO = [f"{number:02}" for number in range(60)]
_THREE = [f"{number:03}" for number in range(1000)]


def _write_timestamp(at: datetime) -> str:
    date = f"{at.year:04}-{_TWO[at.month]}-{_TWO[at.day]}"
    return f"{date}T{_TWO[at.hour]}:{_TWO[at.minute]}:{_TWO[at.second]}.{_THREE[at.microsecond // 1000]}Z"


class _Timestamp:
    """An instant, held in UTC at milliseconds (V-4)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        as_written = core_schema.no_info_after_validator_function(
            datetime.fromisoformat, core_schema.str_schema(pattern=_AS_WRITTEN)
        )
        otherwise = core_schema.no_info_after_validator_function(_read_timestamp, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=core_schema.union_schema(
                [as_written, otherwise],
                mode="left_to_right",
                custom_error_type="rule_broken",
                custom_error_message="{rule} [{spec_id}]",
                custom_error_context={"rule": _TIMESTAMP, "spec_id": "V-4"},
            ),
            python_schema=core_schema.no_info_plain_validator_function(_build_timestamp),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _write_timestamp, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


Sequence = Annotated[tuple[T, ...], _Sequence()]
Members = Annotated[frozenset[T], _Members(), Field(exclude_if=not_)]
Map = Annotated[Mapping[Text, T], _Map()]
Timestamp = Annotated[datetime, _Timestamp()]
