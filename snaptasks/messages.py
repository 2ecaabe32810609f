"""Messages that can be shown in the reader's language.

Decided here: the shape of localizable messages and what is shown of one (E-9, V-8). Not known here: any catalogue,
language or formatting; they are the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self, TypeAlias, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from ._value import (
    NESTED_TOO_DEEP,
    BeforeBuilding,
    BrokenRule,
    DefaultWhen,
    Double,
    Int64,
    Map,
    Maybe,
    OpenEnum,
    RuledValue,
    Sequence,
    Text,
    Timestamp,
    Value,
    refusal,
    refuse_all,
)

T = TypeVar("T")

# NestedLocalizableMessages inside one another, inclusive; one more is refused (V-8). The bound keeps every walk
# over a message far from the end of Python's stack.
MAX_NESTED_MESSAGES = 32


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


def _nested_in(params: object) -> Iterator[object]:
    """The messages directly inside parameters, which may still be as they were given: hence the care."""
    for param in params.values() if isinstance(params, Mapping) else ():
        nested = param.get("l") if isinstance(param, Mapping) else getattr(param, "l", None)
        if nested is not None:
            yield nested


def _check_chain(messages: Iterable[object], at_most: int) -> None:
    """Refuse messages that reach more than `at_most` deep, themselves included (V-8).

    Level by level and each message once, so that the work stays linear where parts are shared, or in a circle.
    """
    level = list(messages)
    for _ in range(at_most):
        params = [m.get("params") if isinstance(m, Mapping) else getattr(m, "params", None) for m in level]
        level = list({id(nested): nested for each in params for nested in _nested_in(each)}.values())
    if level:
        refuse_all("message", [((), None, _too_deep())])  # without the message, which nobody could print


def _check_given(message: T) -> T:
    _check_chain([message], MAX_NESTED_MESSAGES)
    return message


def _check_params(params: Mapping[str, LocalizationParam]) -> Mapping[str, LocalizationParam]:
    if _levels(params) > MAX_NESTED_MESSAGES - 1:
        raise _too_deep()
    return params


def _levels(params: Mapping[str, LocalizationParam]) -> int:
    """How many messages stand inside one another in these; each message is looked at once and remembers its own."""
    deepest = 0
    for param in params.values():
        if param.l is not None:
            if not hasattr(param.l, "_levels"):
                object.__setattr__(param.l, "_levels", 1 + _levels(param.l.params or {}))
            deepest = max(deepest, param.l._levels)  # noqa: SLF001 - a slot of the class below
    return deepest


def _too_deep() -> PydanticCustomError:
    return refusal(f"{NESTED_TOO_DEEP}: at most {MAX_NESTED_MESSAGES} messages inside one another", "V-8")


_VALUES: Final = ("s", "dt", "i", "d", "l")


class LocalizationParam(RuledValue, frozen=True):
    """One argument of a message: exactly one of s (text), dt (datetime), i (int64), d (double), l (message).

    `format` goes with dt alone, `precision` (digits, not negative) with d alone. Raises pydantic's ValidationError.
    """

    s: Maybe[Text] = None
    dt: Maybe[Timestamp] = None
    i: Maybe[Int64] = None
    d: Maybe[Double] = None
    l: Maybe[Annotated[NestedLocalizableMessage, BeforeBuilding(_check_given)]] = None  # noqa: E741 - the API's name
    format: Maybe[DateTimeFormat] = None
    precision: Maybe[Annotated[Int64, Field(ge=0)]] = None

    _compared_as_json: ClassVar[tuple[str, ...]] = ("d",)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            s: str | None = None,
            dt: datetime | None = None,
            i: int | None = None,
            d: float | None = None,
            l: NestedLocalizableMessage | None = None,  # noqa: E741 - the API's name
            format: DateTimeFormat | str | None = None,
            precision: int | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _check_rules(self, info: ValidationInfo) -> Self:
        fields = self.__dict__
        dt, d = fields["dt"], fields["d"]
        if (
            (fields["s"] is None) + (dt is None) + (fields["i"] is None) + (d is None) + (fields["l"] is None)
            == len(_VALUES) - 1
            and (fields["format"] is None or dt is not None)
            and (fields["precision"] is None or d is not None)
        ):
            return self
        return self._checked(info)

    @classmethod
    def _broken_rules(cls, fields: Mapping[str, Any], built: Collection[str]) -> list[BrokenRule]:
        values = [name for name in _VALUES if fields.get(name) is not None]
        broken = [
            BrokenRule(name, "must be the only one of s, dt, i, d, l", "V-13", (values[0],)) for name in values[1:]
        ]
        if not values:
            broken.append(BrokenRule(None, "must have one of s, dt, i, d, l", "V-13"))
        for name, companion in (("format", "dt"), ("precision", "d")):
            if fields.get(name) is not None and companion not in values:
                broken.append(BrokenRule(name, f"goes with {companion} only", "V-13", (companion,)))
        return broken


class NestedLocalizableMessage(Value, frozen=True):
    """A message inside a message (V-8): at most MAX_NESTED_MESSAGES of them inside one another."""

    __slots__ = ("_levels",)  # see there: no part of the value

    id: Text
    params: Maybe[Annotated[Map[LocalizationParam], AfterValidator(_check_params)]] = None

    if TYPE_CHECKING:
        _levels: ClassVar[int]


LocalizationParam.model_rebuild()  # its fields are whole only now, and `_value.reading` looks at them


class LocalizableMessage(Value, frozen=True):
    """A message with its text in en_US, `default_message`, into which args or params are already filled (E-9)."""

    id: Text
    default_message: Text
    args: Annotated[Sequence[Text], DefaultWhen(built=())]
    params: Maybe[Map[LocalizationParam]] = None
    localized: Maybe[Text] = None

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
        """The text to show: `localized` if set, else `default_message`, never formatted again (E-9)."""
        return self.default_message if self.localized is None else self.localized

    def localize(self, catalog: Catalog) -> Self:
        """The message with `localized` filled by the catalogue, or as it is where the catalogue gives None (E-9)."""
        text = catalog(self)
        return self if text is None else self.evolve(localized=text)


# The caller's hook (E-9): the text in the reader's language, looked up by id with args or params; None: unknown.
Catalog: TypeAlias = Callable[[LocalizableMessage], str | None]
