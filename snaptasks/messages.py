"""Messages that can be shown in the reader's language.

Decides the shape of localizable messages and what is shown of one (E-9, V-8).
Does not know any catalogue, language or formatting: they are the caller's.
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

# NestedLocalizableMessages inside one another, inclusive; one more is refused (V-8). The bound keeps every walk
# over a message far from the end of Python's stack.
MAX_NESTED_MESSAGES: Final = 32


class DateTimeFormat(OpenEnum):
    """How a point in time in a message is shown; unset means SHORT_DATE_TIME (V-1)."""

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

# How many messages surround the one that pydantic walks into. It ends a walk that goes too deep, or in a circle, before
# anything else does.
_depth: Final[ContextVar[int]] = ContextVar("_depth", default=0)


def _one_deeper(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    depth = _depth.get()
    if depth == MAX_NESTED_MESSAGES:
        raise _too_deep()
    token = _depth.set(depth + 1)
    try:
        return handler(value)
    finally:
        _depth.reset(token)


class _Bounded:
    """A message inside a parameter, of which pydantic's parser bounds the depth in a text, and this in Python (V-8)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler(source)
        return core_schema.json_or_python_schema(
            json_schema=inner, python_schema=core_schema.no_info_wrap_validator_function(_one_deeper, inner)
        )


def _check_params(params: Mapping[str, LocalizationParam]) -> Mapping[str, LocalizationParam]:
    if _levels(params) > MAX_NESTED_MESSAGES - 1:
        raise _too_deep()
    return params


def _levels(params: Mapping[str, LocalizationParam]) -> int:
    """How many messages stand inside one another in these; each message is looked at once and remembers its own."""
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


# What a parameter holds: exactly one of these, and what goes with one of them alone.
_VALUES: Final = ("s", "dt", "i", "d", "l")
_COMPANIONS: Final = {"format": "dt", "precision": "d"}


def _violations_by_shape() -> dict[tuple[bool, ...], tuple[FieldViolation, ...]]:
    """The rules that a parameter breaks, by which of its seven fields are there."""
    table = {}
    for shape in product((False, True), repeat=len(_VALUES) + len(_COMPANIONS)):
        there = [*compress((*_VALUES, *_COMPANIONS), shape)]
        values = [name for name in there if name in _VALUES]
        broken = [
            FieldViolation(
                name,
                f"must not stand beside {values[0]}: exactly one of s, dt, i, d, l",
                "not_alone",
                "V-13",
                (values[0],),
            )
            for name in values[1:]
        ]
        if values:  # V-6: how a value of an unknown kind is shown is not known either
            broken += [
                FieldViolation(name, f"must go with {companion} only", "not_alone", "V-13", (companion,))
                for name, companion in _COMPANIONS.items()
                if name in there and companion not in there
            ]
        table[shape] = tuple(broken)
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
    """One argument of a message: exactly one of s, dt, i, d, l.

    One of a kind that this version does not know is read as one without a value (V-6). Raises pydantic's
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
    """A message inside this one."""
    format: Maybe[DateTimeFormat] = None
    """How `dt` is shown; unset means SHORT_DATE_TIME (V-1)."""
    precision: Maybe[Annotated[Int64, Field(ge=0)]] = None
    """How many digits of `d` are shown after the point, at least 0."""

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
        broken = _violations_of_param(self)
        return self._raise_violations(broken) if broken else self

    _field_violations = staticmethod(_violations_of_param)

    @staticmethod
    def _violations_when_built(fields: Any, given: Collection[str]) -> Iterator[FieldViolation]:
        if all(getattr(fields, name) is None for name in _VALUES):
            yield _NO_VALUE


class _LevelsSlot(Value):
    __slots__ = ("_levels",)  # no part of the value: how many messages stand inside one another in it


@value_type
class NestedLocalizableMessage(_LevelsSlot):
    """A message inside a message.

    At most MAX_NESTED_MESSAGES of them stand inside one another (V-8).
    """

    id: PlainText
    """What a catalogue knows the message by."""
    params: Maybe[Annotated[MapOf[LocalizationParam], AfterValidator(_check_params)]] = None
    """The arguments of the message, by name."""

    _max_nested = MAX_NESTED_MESSAGES


_keep_levels: Final[Callable[[NestedLocalizableMessage, int], None]] = _LevelsSlot.__dict__["_levels"].__set__

complete(LocalizationParam)


@value_type
class LocalizableMessage(Value):
    """A message with its text in en_US, into which its arguments are already filled (E-9)."""

    id: PlainText
    """What a catalogue knows the message by."""
    default_message: PlainText
    """The text in en_US, already substituted: never format it again."""
    args: Annotated[TupleOf[PlainText], Default(())] = ()
    """The arguments of the message, by position."""
    params: Maybe[MapOf[LocalizationParam]] = None
    """The arguments of the message, by name."""
    localized: Maybe[PlainText] = None
    """The text in the reader's language, where someone has filled it in."""

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
        """Return the text to show: `localized` if set, else `default_message`, never formatted again (E-9)."""
        return self.default_message if self.localized is None else self.localized

    def localize(self, catalog: Catalog) -> Self:
        """Fill `localized` from a catalogue; return the message as it is where the catalogue gives None (E-9)."""
        text = catalog(self)
        return self if text is None else self.evolve(localized=text)


# The caller's hook (E-9): the text in the reader's language, looked up by id with args or params; None: unknown.
Catalog: TypeAlias = Callable[[LocalizableMessage], str | None]
