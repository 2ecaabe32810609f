"""What an error says: its frozen value, and the payloads that its data can be asked for (E-3, A-2)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, TypeAlias

from pydantic import AfterValidator, WithJsonSchema, model_validator

from .._value.fields import Default, Flag, Maybe, PlainText, TupleOf
from .._value.frozen import FROZEN_JSON
from .._value.model import Value, value_type
from .._value.violations import BrokenRule, field_error
from ..messages import LocalizableMessage
from .kinds import ErrorType, ErrorTypeName

# The two whose text must tell nothing: they carry no data, and they alone may carry a challenge.
ACCESS_ERRORS: Final = frozenset({ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED})


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
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


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


@value_type
class ErrorValue(Value):
    """What an error says: messages, data and type.

    Read leniently: a missing error_type is ERROR, missing messages are none (E-3). Written strictly.
    """

    messages: Annotated[TupleOf[LocalizableMessage], Default((), only_read=True)]
    """From the top down: each next one is the cause of the one before."""
    data: Maybe[JsonObject] = None
    """A JSON object that tells more; its shape depends on the error (E-3). The two access errors have none (A-2)."""
    error_type: Annotated[ErrorType, Default(ErrorType.ERROR, only_read=True)]
    """Which of the 25 errors it is (E-1); one that this version does not know is kept (V-6)."""
    challenge: Maybe[PlainText] = None
    """How to authenticate: of UNAUTHENTICATED and UNAUTHORIZED only (A-2)."""

    _compared_as_json = ("data",)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            messages: list[LocalizableMessage] | tuple[LocalizableMessage, ...],
            data: Value | Mapping[str, Any] | None = None,
            error_type: ErrorType | ErrorTypeName,
            challenge: str | None = None,
        ) -> None: ...

        def evolve(
            self,
            *,
            messages: list[LocalizableMessage] | tuple[LocalizableMessage, ...] = ...,
            data: Value | Mapping[str, Any] | None = ...,
            error_type: ErrorType | ErrorTypeName = ...,
            challenge: str | None = ...,
        ) -> Self: ...

    def display(self) -> str:
        """Return its displayed messages, the top one first and the causes behind it; empty where it has none (E-9)."""
        return "; caused by: ".join(message.display() for message in self.messages)

    @model_validator(mode="after")
    def _pass_over_challenge(self) -> Self:
        if self.challenge is not None and self.error_type not in ACCESS_ERRORS:
            object.__setattr__(self, "challenge", None)  # V-7: what has no challenge is read with an unknown field
        return self

    @staticmethod
    def _broken_when_built(fields: Any, given: Collection[str]) -> Iterator[BrokenRule]:
        kind, challenge = fields.error_type, fields.challenge
        is_access = isinstance(kind, str) and kind in ACCESS_ERRORS
        has_type = "error_type" in given
        if is_access and fields.data is not None and (has_type or "data" in given):
            yield BrokenRule("data", f"must not be set: {kind} carries no data", "not_allowed", "A-2", ("error_type",))
        if challenge is not None and not is_access and (has_type or "challenge" in given):
            rule = f"must not be set: {kind} carries no challenge"
            yield BrokenRule("challenge", rule, "not_allowed", "A-2", ("error_type",))
        if "challenge" in given and isinstance(challenge, str) and _CONTROL.search(challenge):
            yield BrokenRule("challenge", "must have no control character", "control_character", "A-2")


def redacted(value: ErrorValue) -> ErrorValue:
    """The value without what may have been read but must not be sent on (A-2)."""
    unset: dict[str, Any] = {}
    if value.data is not None and value.error_type in ACCESS_ERRORS:
        unset["data"] = None
    if value.challenge is not None and _CONTROL.search(value.challenge):
        unset["challenge"] = None
    return value.evolve(**unset) if unset else value
