"""What an error can say beside its messages: the shapes that its data can be asked for (E-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import AfterValidator, WithJsonSchema

from .._value.fields import Default, Flag, PlainText, TupleOf
from .._value.frozen import FROZEN_JSON
from .._value.model import Value, value_type
from .._value.violations import field_error

__all__ = ["ArgumentLocations", "DynamicID", "FileLocations", "JsonObject", "TransientIndication"]


def _must_be_object(value: object) -> object:
    if not isinstance(value, Mapping):
        raise field_error("must be an object", "wrong_type", "E-3")
    return value


# A frozen JSON object, whatever it was given as (E-3).
JsonObject: TypeAlias = Annotated[
    Mapping[str, Any],
    FROZEN_JSON,
    AfterValidator(_must_be_object),
    WithJsonSchema({"type": "object", "additionalProperties": True}),
]


@value_type
class DynamicID(Value):
    """An identifier together with the type of what it identifies."""

    type: PlainText
    """What kind of resource `id` identifies."""
    id: PlainText
    """The identifier."""


@value_type
class ArgumentLocations(Value):
    """The argument at fault, and those that it clashes with."""

    primary: PlainText
    """The path of the argument at fault, such as `items.3.info.progress`."""
    secondary: Annotated[TupleOf[PlainText], Default(())] = ()
    """The paths of the arguments that it clashes with."""

    if TYPE_CHECKING:

        def __init__(self, *, primary: str, secondary: list[str] | tuple[str, ...] = ()) -> None: ...


@value_type
class FileLocations(Value):
    """The file at fault, and those that it clashes with."""

    primary: PlainText
    """The path of the file at fault."""
    secondary: Annotated[TupleOf[PlainText], Default(())] = ()
    """The paths of the files that it clashes with."""

    if TYPE_CHECKING:

        def __init__(self, *, primary: str, secondary: list[str] | tuple[str, ...] = ()) -> None: ...


@value_type
class TransientIndication(Value):
    """Whether trying again may help (E-8)."""

    is_transient: Flag
    """True: the cause may go away by itself."""
