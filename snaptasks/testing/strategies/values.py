"""Draw the parts of tasks: names, numbers, instants, messages and errors (V, E).

Decides which values are drawn, and how they shrink. Does not know tasks, filters and callers.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Final

from hypothesis import strategies as st

from ... import (
    ArgumentLocations,
    DateTimeFormat,
    DynamicID,
    Error,
    ErrorType,
    ErrorValue,
    FileLocations,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Progress,
    Status,
    TransientIndication,
)
from ...errors import ACCESS_ERRORS

__all__ = [
    "Strategy",
    "argument_locations",
    "date_time_formats",
    "doubles",
    "dynamic_ids",
    "error_types",
    "error_values",
    "errors",
    "file_locations",
    "identifiers",
    "instants",
    "int64s",
    "json_objects",
    "json_values",
    "localizable_messages",
    "localization_params",
    "nested_messages",
    "progresses",
    "statuses",
    "texts",
    "transient_indications",
]

Strategy = st.SearchStrategy

# Shrinking ends at the first name. The others are names that folding, trimming, normalising and splitting confuse.
_NAMES: Final = ("a", "b", "A", " a", "a ", "\u00e4", "a\u0308", "\u202e", "a,b", "a/b", "a%62", "\U0001f600")

# The first and last drawn instants, inclusive: with any offset, they and all between them fit into UTC (V-4).
_FIRST: Final = datetime(2, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
_LAST: Final = datetime(9998, 12, 31)  # noqa: DTZ001


def identifiers() -> Strategy[str]:
    """Draw identifiers of tasks, services, operations and users: few, so that they repeat (V-9)."""
    return st.sampled_from(_NAMES)


def texts() -> Strategy[str]:
    """Draw texts of at most 8 characters of any kind, without lone surrogates (V-5)."""
    return st.text(max_size=8)


def instants() -> Strategy[datetime]:
    """Draw instants with any offset of RFC 3339 (V-4)."""
    offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    return st.datetimes(_FIRST, _LAST, timezones=offsets)


def int64s() -> Strategy[int]:
    """Draw integers of 64 bits, with the smallest and the largest (V-5)."""
    return st.integers(-(2**63), 2**63 - 1)


def doubles() -> Strategy[float]:
    """Draw IEEE doubles without NaN and infinities (V-5)."""
    return st.floats(allow_nan=False, allow_infinity=False)


def json_values() -> Strategy[Any]:
    """Draw JSON values other than null, which is unset; null may stand inside (V-3)."""
    return st.recursive(
        st.booleans() | st.integers() | doubles() | texts(),
        lambda inner: st.lists(inner | st.none(), max_size=3) | st.dictionaries(texts(), inner | st.none(), max_size=3),
        max_leaves=6,
    )


def json_objects() -> Strategy[dict[str, Any]]:
    """Draw JSON objects, such as the data of an error (E-3)."""
    return st.dictionaries(texts(), json_values(), max_size=3)


def statuses(*, unknown: bool = False) -> Strategy[Status]:
    """Draw the five statuses (V-1); with `unknown` also names of newer servers (V-6)."""
    known = st.sampled_from(list(Status))
    newer = st.text(min_size=1, max_size=8).filter(lambda name: name not in Status.__members__).map(Status)
    return known | newer if unknown else known


def error_types(*, unknown: bool = False) -> Strategy[ErrorType]:
    """Draw the 25 types of errors (E-1); with `unknown` also one of a newer server (V-6)."""
    known = st.sampled_from(list(ErrorType))
    return known | st.just(ErrorType("NEW_ERROR")) if unknown else known


def date_time_formats(*, unknown: bool = False) -> Strategy[DateTimeFormat]:
    """Draw the twelve formats (V-1); with `unknown` also one of a newer server (V-6)."""
    known = st.sampled_from(list(DateTimeFormat))
    return known | st.just(DateTimeFormat("NEW_FORMAT")) if unknown else known


def nested_messages(levels: int = 2) -> Strategy[NestedLocalizableMessage]:
    """Draw messages with at most `levels` levels of messages inside (V-8)."""
    params = st.dictionaries(texts(), localization_params(levels - 1), max_size=2) if levels else st.none()
    return st.builds(NestedLocalizableMessage, id=texts(), params=st.none() | params)


def localization_params(levels: int = 2) -> Strategy[LocalizationParam]:
    """Draw parameters of messages, each of exactly one kind, with at most `levels` levels of messages inside (V-8)."""
    formats = st.none() | date_time_formats(unknown=True)
    return st.one_of(
        st.builds(LocalizationParam, s=texts()),
        st.builds(LocalizationParam, dt=instants(), format=formats),
        st.builds(LocalizationParam, i=int64s()),
        st.builds(LocalizationParam, d=doubles(), precision=st.none() | st.integers(0, 20)),
        *([st.builds(LocalizationParam, l=nested_messages(levels))] if levels else []),
    )


def localizable_messages(*, short: bool = False) -> Strategy[LocalizableMessage]:
    """Draw messages with their arguments; `short` ones have only an id and a text (E-9)."""
    if short:
        return st.builds(LocalizableMessage, id=texts(), default_message=texts())
    return st.builds(
        LocalizableMessage,
        id=texts(),
        default_message=texts(),
        args=st.lists(texts(), max_size=2),
        params=st.none() | st.dictionaries(texts(), localization_params(), max_size=2),
        localized=st.none() | texts(),
    )


def dynamic_ids() -> Strategy[DynamicID]:
    """Draw identifiers with the type of the identified object."""
    return st.builds(DynamicID, type=texts(), id=texts())


def argument_locations() -> Strategy[ArgumentLocations]:
    """Draw locations of a wrong argument and of the arguments that it conflicts with (E-5)."""
    return st.builds(ArgumentLocations, primary=texts(), secondary=st.lists(texts(), max_size=2))


def file_locations() -> Strategy[FileLocations]:
    """Draw locations of a wrong file and of the files that it conflicts with."""
    return st.builds(FileLocations, primary=texts(), secondary=st.lists(texts(), max_size=2))


def transient_indications() -> Strategy[TransientIndication]:
    """Draw indications whether a retry may help (E-8)."""
    return st.builds(TransientIndication, is_transient=st.booleans())


def progresses() -> Strategy[Progress]:
    """Draw progresses with any numbers, because the API sets no range (V-10)."""
    return st.builds(Progress, total=int64s(), completed=int64s(), message=localizable_messages(short=True))


# Built once, because a composite strategy would build them again for each value.
_MESSAGES: Final = st.lists(localizable_messages(), max_size=2)
_DATA: Final = st.none() | json_objects() | dynamic_ids() | transient_indications()
_CHALLENGES: Final = st.none() | st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=8)
_ERROR_TYPES: Final = error_types(unknown=True)


@st.composite
def error_values(draw: st.DrawFn, types: Strategy[ErrorType] | None = None) -> ErrorValue:
    """Draw errors of these types; by default of all and an unknown one (E-3). Errors of access have no data (A-2)."""
    kind = draw(_ERROR_TYPES if types is None else types)
    is_access = kind in ACCESS_ERRORS
    return ErrorValue(
        messages=draw(_MESSAGES),
        error_type=kind,
        data=None if is_access else draw(_DATA),
        challenge=draw(_CHALLENGES) if is_access else None,
    )


def errors(types: Strategy[ErrorType] | None = None) -> Strategy[Error]:
    """Draw exceptions of these types (E-1)."""
    return error_values(types).map(Error.from_value)
