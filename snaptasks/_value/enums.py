"""Enumerations that stay open when read and are closed in what is built by name (V-6, V-11)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from .violations import refusal


class OpenEnum(StrEnum):
    """An enumeration that keeps a name which this version does not know: `X("NEW")` is equal to itself,
    `is_known` is False, and it is written back unchanged (V-6)."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not str:
            return None
        try:
            value.encode()
        except UnicodeEncodeError:  # V-5: no lone surrogate can be written back
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    __hash__ = str.__hash__  # the same as Enum's, without a call in Python: members are looked up in sets all the time

    @property
    def is_known(self) -> bool:
        """Whether the specification lists this name (V-6)."""
        return self._name_ in type(self).__members__

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[str]]:
        return type(self), (self._value_,)  # some releases of Python pickle by name, which an unknown one has not

    def __repr__(self) -> str:
        kind = type(self).__name__
        return f"{kind}.{self._name_}" if self.is_known else f"{kind}({self._value_!r})"

    @classmethod
    def built(cls, value: object) -> Self:
        """The member for a member or its exact name; raises a refusal for anything else (V-11)."""
        if isinstance(value, cls):
            return value
        if type(value) is str and value in cls.__members__:
            return cls.__members__[value]
        raise refusal(f"must be a member of {cls.__name__} or its name, one of {', '.join(cls.__members__)}", "V-11")

    @classmethod
    def known(cls, value: object) -> Self:
        """The same, but an unknown member is refused too (F-7)."""
        if isinstance(value, str) and value in cls.__members__:
            return cls.__members__[value]
        raise refusal(f"must be one of {', '.join(cls.__members__)}", "F-7")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=handler(source),  # pydantic asks _missing_ for what it does not know
            python_schema=core_schema.no_info_plain_validator_function(cls.built),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )


class _Closed:
    """An enumeration of which only the known names are taken, built or read (F-7)."""

    def __get_pydantic_core_schema__(self, source: type[OpenEnum], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            source.known,
            serialization=core_schema.to_string_ser_schema(when_used="json"),
            json_schema_input_schema=core_schema.enum_schema(source, list(source), sub_type="str"),
        )


Closed = _Closed()
