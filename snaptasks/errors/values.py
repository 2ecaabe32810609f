"""What an error says: its frozen value, and the payloads that its data can be asked for (E-3, A-2)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self

from pydantic import ValidationInfo, field_validator, model_validator

from .._value import BrokenRule, DefaultWhen, JsonObject, Maybe, RuledValue, Sequence, Text, Value
from ..messages import LocalizableMessage
from .kinds import ErrorType

# The two whose text must tell nothing: they carry no data, and they alone may carry a challenge.
ACCESS_ERRORS: Final = frozenset({ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED})
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class DynamicID(Value, frozen=True):
    """An identifier together with the type of what it identifies."""

    type: Text
    id: Text


class ArgumentLocations(Value, frozen=True):
    """The argument at fault, and those that it clashes with."""

    primary: Text
    secondary: Annotated[Sequence[Text], DefaultWhen(built=(), read=())]

    if TYPE_CHECKING:

        def __init__(self, *, primary: str, secondary: list[str] | tuple[str, ...] = ()) -> None: ...


class FileLocations(Value, frozen=True):
    """The file at fault, and those that it clashes with."""

    primary: Text
    secondary: Annotated[Sequence[Text], DefaultWhen(built=(), read=())]

    if TYPE_CHECKING:

        def __init__(self, *, primary: str, secondary: list[str] | tuple[str, ...] = ()) -> None: ...


class TransientIndication(Value, frozen=True):
    """Whether trying again may help (E-8)."""

    is_transient: bool


class ErrorValue(RuledValue, frozen=True):
    """What an error says: messages from the top down (each next one is the cause of the one before), data, type.

    Read leniently: a missing error_type is ERROR, missing messages are none (E-3). Written strictly.
    """

    messages: Annotated[Sequence[LocalizableMessage], DefaultWhen(read=())]
    data: Maybe[JsonObject] = None
    error_type: Annotated[ErrorType, DefaultWhen(read=ErrorType.ERROR)]
    challenge: Maybe[Text] = None

    _compared_as_json: ClassVar[tuple[str, ...]] = ("data",)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            messages: list[LocalizableMessage] | tuple[LocalizableMessage, ...],
            data: Value | Mapping[str, Any] | None = None,
            error_type: ErrorType | str,
            challenge: str | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _check_rules(self, info: ValidationInfo) -> Self:
        if self.challenge is None and (self.data is None or self.error_type not in ACCESS_ERRORS):
            return self
        return self._checked(info)

    @classmethod
    def _broken_rules(cls, fields: Mapping[str, Any], built: Collection[str]) -> list[BrokenRule]:
        broken = []
        kind, challenge = fields.get("error_type"), fields.get("challenge")
        if {"data", "error_type"} & {*built} and fields.get("data") is not None and kind in ACCESS_ERRORS:
            broken.append(BrokenRule("data", f"{kind} carries no data", "A-2", ("error_type",)))
        if {"challenge", "error_type"} & {*built} and challenge is not None and kind not in ACCESS_ERRORS:
            broken.append(BrokenRule("challenge", f"{kind} carries no challenge", "A-2", ("error_type",)))
        if "challenge" in built and challenge is not None and _CONTROL.search(challenge):
            broken.append(BrokenRule("challenge", "must have no control character", "A-2"))
        return broken

    @field_validator("challenge")
    @classmethod
    def _pass_over_where_unknown(cls, challenge: str | None, info: ValidationInfo) -> str | None:
        # V-7: a type that has no challenge, and is read with one, has an unknown field.
        is_unknown = info.mode == "json" and info.data.get("error_type") not in ACCESS_ERRORS
        return None if is_unknown else challenge


def sendable(value: ErrorValue) -> ErrorValue:
    """The value without what may have been read but must not be sent on (A-2)."""
    unset: list[str] = []
    if value.data is not None and value.error_type in ACCESS_ERRORS:
        unset.append("data")
    if value.challenge is not None and _CONTROL.search(value.challenge):
        unset.append("challenge")
    return value.evolve(**dict.fromkeys(unset)) if unset else value
