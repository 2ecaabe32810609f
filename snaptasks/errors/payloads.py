"""Define the data of an error: the values that it can be read as (E-3).

Decides the fields of these values. Does not know which error has which data.
"""

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


# A frozen JSON object, also of a value or another mapping (E-3).
JsonObject: TypeAlias = Annotated[
    Mapping[str, Any],
    FROZEN_JSON,
    AfterValidator(_must_be_object),
    WithJsonSchema({"type": "object", "additionalProperties": True}),
]


@value_type
class DynamicID(Value):
    """Represent an identifier together with the type of its resource."""

    type: PlainText
    """The type of the resource."""
    id: PlainText
    """The identifier of the resource."""


@value_type
class ArgumentLocations(Value):
    """Locate an invalid argument, and the arguments that it clashes with."""

    primary: PlainText
    """The path of the invalid argument, such as `items.3.info.progress`."""
    secondary: Annotated[TupleOf[PlainText], Default(())] = ()
    """The paths of the arguments that it clashes with."""

    if TYPE_CHECKING:

        def __init__(self, *, primary: str, secondary: list[str] | tuple[str, ...] = ()) -> None: ...


@value_type
class FileLocations(Value):
    """Locate an invalid file, and the files that it clashes with."""

    primary: PlainText
    """The path of the invalid file."""
    secondary: Annotated[TupleOf[PlainText], Default(())] = ()
    """The paths of the files that it clashes with."""

    if TYPE_CHECKING:

        def __init__(self, *, primary: str, secondary: list[str] | tuple[str, ...] = ()) -> None: ...


@value_type
class TransientIndication(Value):
    """State whether another attempt may succeed (E-8)."""

    is_transient: Flag
    """True if the cause may disappear without a change by the client."""
