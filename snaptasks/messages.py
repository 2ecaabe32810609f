"""Represent messages that can be displayed in the reader's language.

Decides the shape of localizable messages, and which text of one is displayed (E-9, V-8).
Does not know any catalogue, language or formatting, which belong to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from itertools import compress, product
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ._value.enums import OpenEnum
from ._value.fields import Default, Double, Int64, MapOf, Maybe, PlainText, Timestamp, TupleOf
from ._value.model import Value, complete, value_type
from ._value.violations import NESTED_TOO_DEEP, FieldViolation, field_error

__all__ = [
    "MAX_NESTED_MESSAGES",
    "Catalog",
    "DateTimeFormat",
    "DateTimeFormatName",
    "LocalizableMessage",
    "LocalizationParam",
    "NestedLocalizableMessage",
]

# Levels of NestedLocalizableMessages, inclusive; one more level is refused (V-8). The bound keeps every walk over a
# message far from the end of Python's stack.
MAX_NESTED_MESSAGES: Final = 32


class DateTimeFormat(OpenEnum):
    """Name the format of an instant in a message; unset means SHORT_DATE_TIME (V-1)."""

    SHORT_DATE = "SHORT_DATE"
    MED_DATE = "MED_DATE"
    LONG_DATE = "LONG_DATE"
    FULL_DATE = "FULL_DATE"
    SHORT_TIME = "SHORT_TIME"
    MED_TIME = "MED_TIME"
    LONG_TIME = "LONG_TIME"
    FULL_TIME = "FULL_TIME"
    SHORT_DATE_TIME = "SHORT_DATE_TIME"
    MED_DATE_TIME = "MED_DATE_TIME"
    LONG_DATE_TIME = "LONG_DATE_TIME"
    FULL_DATE_TIME = "FULL_DATE_TIME"


DateTimeFormatName: TypeAlias = Literal[
    "SHORT_DATE",
    "MED_DATE",
    "LONG_DATE",
    "FULL_DATE",
    "SHORT_TIME",
    "MED_TIME",
    "LONG_TIME",
    "FULL_TIME",
    "SHORT_DATE_TIME",
    "MED_DATE_TIME",
    "LONG_DATE_TIME",
    "FULL_DATE_TIME",
]

# The number of messages around the one that pydantic validates. It stops a walk that is too deep, or in a circle,
# before the stack ends.
_depth: Final[ContextVar[int]] = ContextVar("_depth", default=0)


def _validate_nested(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    depth = _depth.get()
    if depth == MAX_NESTED_MESSAGES:
        raise _too_deep()
    token = _depth.set(depth + 1)
    try:
        return handler(value)
    finally:
        _depth.reset(token)


class _Bounded:
    """Bound the depth of a message inside a parameter in Python (V-8). In a text, pydantic's parser bounds it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler(source)
        return core_schema.json_or_python_schema(
            json_schema=inner, python_schema=core_schema.no_info_wrap_validator_function(_validate_nested, inner)
        )


def _check_params(params: Mapping[str, LocalizationParam]) -> Mapping[str, LocalizationParam]:
    if _levels(params) > MAX_NESTED_MESSAGES - 1:
        raise _too_deep()
    return params


def _levels(params: Mapping[str, LocalizationParam]) -> int:
    """Return the levels of messages in the parameters; each message keeps its own number, so that it is walked once."""
    deepest = 0
    for param in params.values():
        if param.l is not None:
            levels: int | None = getattr(param.l, "_levels", None)
            if levels is None:
                levels = 1 + _levels(param.l.params or {})
                _keep_levels(param.l, levels)
            deepest = max(deepest, levels)
    return deepest


def _too_deep() -> PydanticCustomError:
    rule = f"{NESTED_TOO_DEEP}: at most {MAX_NESTED_MESSAGES} messages inside one another"
    return field_error(rule, "too_deep", "V-8")


# The fields with a value, of which a parameter has exactly one, and the fields that go only with one of them.
_VALUES: Final = ("s", "dt", "i", "d", "l")
_COMPANIONS: Final = {"format": "dt", "precision": "d"}


def _violations_by_shape() -> dict[tuple[bool, ...], tuple[FieldViolation, ...]]:
    """Return the violations of a parameter for each shape: whether each of its seven fields is set."""
    table = {}
    for shape in product((False, True), repeat=len(_VALUES) + len(_COMPANIONS)):
        is_set = [*compress((*_VALUES, *_COMPANIONS), shape)]
        values = [name for name in is_set if name in _VALUES]
        violations = [
            FieldViolation(
                name,
                f"must not be set beside {values[0]}: exactly one of s, dt, i, d, l is allowed",
                "not_alone",
                "V-13",
                (values[0],),
            )
            for name in values[1:]
        ]
        if values:  # V-6: a value of an unknown kind can have any companion
            violations += [
                FieldViolation(name, f"must be set only beside {companion}", "not_alone", "V-13", (companion,))
                for name, companion in _COMPANIONS.items()
                if name in is_set and companion not in is_set
            ]
        table[shape] = tuple(violations)
    return table


_PARAM_VIOLATIONS: Final = _violations_by_shape()


def _violations_of_param(fields: Any) -> Sequence[FieldViolation]:
    return _PARAM_VIOLATIONS[
        fields.s is not None,
        fields.dt is not None,
        fields.i is not None,
        fields.d is not None,
        fields.l is not None,
        fields.format is not None,
        fields.precision is not None,
    ]


_NO_VALUE: Final = FieldViolation(None, "must have one of s, dt, i, d, l", "missing", "V-6")


@value_type
class LocalizationParam(Value):
    """Represent one argument of a message: exactly one of s, dt, i, d, l.

    An argument of a kind that this version does not know is read without a value (V-6). Building raises pydantic's
    ValidationError.
    """

    s: Maybe[PlainText] = None
    """A text."""
    dt: Maybe[Timestamp] = None
    """A date and time."""
    i: Maybe[Int64] = None
    """An integer, int64."""
    d: Maybe[Double] = None
    """A number, an IEEE double."""
    l: Maybe[Annotated[NestedLocalizableMessage, _Bounded()]] = None  # noqa: E741 - the API's name
    """A nested message."""
    format: Maybe[DateTimeFormat] = None
    """The format of `dt`; unset means SHORT_DATE_TIME (V-1)."""
    precision: Maybe[Annotated[Int64, Field(ge=0)]] = None
    """The number of decimal places of `d`, at least 0."""

    _compared_as_json = ("d",)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            s: str | None = None,
            dt: datetime | None = None,
            i: int | None = None,
            d: float | None = None,
            l: NestedLocalizableMessage | None = None,  # noqa: E741 - the API's name
            format: DateTimeFormat | DateTimeFormatName | None = None,
            precision: int | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        violations = _violations_of_param(self)
        return self._raise_violations(violations) if violations else self

    _field_violations = staticmethod(_violations_of_param)

    @staticmethod
    def _violations_when_built(fields: Any, given: Collection[str]) -> Iterator[FieldViolation]:
        if all(getattr(fields, name) is None for name in _VALUES):
            yield _NO_VALUE


class _LevelsSlot(Value):
    __slots__ = ("_levels",)  # not a part of the value: the number of levels of messages in it


@value_type
class NestedLocalizableMessage(_LevelsSlot):
    """Represent a message inside a message.

    Such messages nest at most 32 levels deep (V-8).
    """

    id: PlainText
    """The key of the message in a catalogue."""
    params: Maybe[Annotated[MapOf[LocalizationParam], AfterValidator(_check_params)]] = None
    """The arguments of the message, by name."""

    _max_nested = MAX_NESTED_MESSAGES


_keep_levels: Final[Callable[[NestedLocalizableMessage, int], None]] = _LevelsSlot.__dict__["_levels"].__set__

complete(LocalizationParam)


@value_type
class LocalizableMessage(Value):
    """Represent a message with its text in en_US, which already contains its arguments (E-9)."""

    id: PlainText
    """The key of the message in a catalogue."""
    default_message: PlainText
    """The text in en_US, with the arguments already filled in: never format it again."""
    args: Annotated[TupleOf[PlainText], Default(())] = ()
    """The arguments of the message, by position."""
    params: Maybe[MapOf[LocalizationParam]] = None
    """The arguments of the message, by name."""
    localized: Maybe[PlainText] = None
    """The text in the reader's language; unset before the message is localized."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            id: str,
            default_message: str,
            args: list[str] | tuple[str, ...] = (),
            params: Mapping[str, LocalizationParam] | None = None,
            localized: str | None = None,
        ) -> None: ...

    def display(self) -> str:
        """Return the text to display: `localized` if set, else `default_message`, never formatted again (E-9)."""
        return self.default_message if self.localized is None else self.localized

    def localize(self, catalog: Catalog) -> Self:
        """Return the message with `localized` from a catalogue; this message if the catalogue returns None (E-9)."""
        text = catalog(self)
        return self if text is None else self.evolve(localized=text)


# The caller's hook (E-9). It returns the text in the reader's language, by the id with args or params; None if unknown.
Catalog: TypeAlias = Callable[[LocalizableMessage], str | None]
