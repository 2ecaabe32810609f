"""Define enumerations: open when read, closed when built by name, sealed (V-2, V-6, V-11).

Decides which names are kept, and which are refused. Does not know the names of any enumeration.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, NoReturn, Self

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from .fields import BUILDING
from .frozen import is_text, surrogate_error
from .violations import field_error

__all__ = ["OpenEnum"]


class OpenEnum(StrEnum):
    """Represent an enumeration that keeps a name that this version does not know (V-6).

    `X("NEW")` is equal to itself, its `is_known` is False, and it is written back unchanged.
    """

    _seal: ClassVar[bool]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._seal = True  # now all members exist

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not str or not is_text(value):  # V-5: a lone surrogate cannot be written back
            return None
        member = str.__new__(cls, value)
        object.__setattr__(member, "_name_", value)
        object.__setattr__(member, "_value_", value)
        return member

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(type(self), "_seal"):
            self.__delattr__(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{self!r} must not be changed: {name} (V-2)")

    @property
    def is_known(self) -> bool:
        """Return whether the specification lists this name (V-6)."""
        return self._name_ in type(self).__members__

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[str]]:
        # Some releases of Python pickle a member by its name, under which an unknown one cannot be looked up.
        return type(self), (self._value_,)

    def __repr__(self) -> str:
        kind = type(self).__name__
        return f"{kind}.{self._name_}" if self.is_known else f"{kind}({self._value_!r})"

    @classmethod
    def _from_python(cls, value: object, info: ValidationInfo) -> Self:
        """Return the member of a name or a member: of any name when read (V-6), of a known name when built (V-11)."""
        if isinstance(value, cls):
            return value
        if info.context is BUILDING:
            return cls.known(value, "V-11")
        if not isinstance(value, str):
            raise field_error("must be text", "wrong_type", "V-5")
        if not is_text(value):
            raise surrogate_error()
        return cls(str.__str__(value))

    @classmethod
    def known(cls, value: object, spec_id: str = "F-7") -> Self:
        """Return the known member of an exact name or a member. Raise a field error for any other value (F-7, V-11)."""
        name = str.__str__(value) if isinstance(value, str) else ""
        if name in cls.__members__:
            return cls.__members__[name]
        raise field_error(f"must be one of {', '.join(cls.__members__)}", "unknown_name", spec_id)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=handler(source),  # pydantic calls _missing_ with an unknown name
            python_schema=core_schema.with_info_plain_validator_function(cls._from_python),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )
