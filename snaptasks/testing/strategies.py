"""Hypothesis strategies: data that is valid by construction, and data that breaks one named rule.

Decided here: what is drawn, how often it meets, and how it shrinks. Not known here: how anything is checked.

Identifiers come from few names, so that filters hit; among them are look-alikes, which folding, trimming and
normalising would confuse (F-5). Every value type is registered for `st.from_type`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import quote

from .. import (
    SYSTEM_READ,
    ArgumentLocations,
    Caller,
    CommonInfo,
    DateTimeFormat,
    DynamicID,
    Error,
    ErrorType,
    ErrorValue,
    FileLocations,
    FilterSpec,
    Grants,
    Info,
    ListItem,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Progress,
    Status,
    TransientIndication,
    Value,
)

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "snaptasks.testing.strategies needs hypothesis: pip install 'snaptasks[testing]'", name=_missing.name
    ) from _missing

Strategy = st.SearchStrategy

# The first is what shrinking ends at. Then: what folding, trimming, normalising and splitting would take for another.
_NAMES: Final = ("a", "b", "A", " a", "a ", "\u00e4", "a\u0308", "\u202e", "a,b", "a/b", "a%62", "\U0001f600")
_RULED: Final = tuple(Status)
_TIMED: Final = frozenset({"RUNNING", "BLOCKED", "SUCCEEDED", "FAILED"})
_ACCESS: Final = frozenset({"UNAUTHENTICATED", "UNAUTHORIZED"})

# Milliseconds are what is held (V-4), so that what is drawn is what comes back.
_FIRST: Final = datetime(2, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
_LAST: Final = datetime(9998, 12, 31)  # noqa: DTZ001


def identifiers() -> Strategy[str]:
    """Identifiers of tasks, services, operations and users, few enough to meet again (V-9)."""
    return st.sampled_from(_NAMES)


def texts() -> Strategy[str]:
    """Short texts of any characters, without lone surrogates (V-5)."""
    return st.text(max_size=8)


def instants() -> Strategy[datetime]:
    """Points in time with any offset that RFC 3339 has (V-4)."""
    offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    return st.datetimes(_FIRST, _LAST, timezones=offsets)


def int64s() -> Strategy[int]:
    """Integers that an int64 holds, its ends among them (V-5)."""
    return st.integers(-(2**63), 2**63 - 1)


def doubles() -> Strategy[float]:
    """Numbers that an IEEE double holds, without NaN and infinities (V-5)."""
    return st.floats(allow_nan=False, allow_infinity=False)


def json_values() -> Strategy[Any]:
    """Any JSON value but null, which is unset; null may stand inside (V-3)."""
    return st.recursive(
        st.booleans() | st.integers() | doubles() | texts(),
        lambda inner: st.lists(inner | st.none(), max_size=3) | st.dictionaries(texts(), inner | st.none(), max_size=3),
        max_leaves=6,
    )


def json_objects() -> Strategy[dict[str, Any]]:
    """JSON objects, as the data of an error is one (E-3)."""
    return st.dictionaries(texts(), json_values(), max_size=3)


def statuses(*, unknown: bool = False) -> Strategy[Status]:
    """The five statuses (V-1); with `unknown` also names that a newer server may have (V-6)."""
    known = st.sampled_from(_RULED)
    newer = st.text(min_size=1, max_size=8).filter(lambda name: name not in Status.__members__).map(Status)
    return known | newer if unknown else known


def error_types(*, unknown: bool = False) -> Strategy[ErrorType]:
    """The 25 types of errors (E-1); with `unknown` also one that a newer server may have (V-6)."""
    known = st.sampled_from(list(ErrorType))
    return known | st.just(ErrorType("NEW_ERROR")) if unknown else known


def date_time_formats(*, unknown: bool = False) -> Strategy[DateTimeFormat]:
    """The twelve formats (V-1); with `unknown` also one that a newer server may have (V-6)."""
    known = st.sampled_from(list(DateTimeFormat))
    return known | st.just(DateTimeFormat("NEW_FORMAT")) if unknown else known


def nested_messages(levels: int = 2) -> Strategy[NestedLocalizableMessage]:
    """Messages inside messages, so many levels deep at most (V-8)."""
    params = st.dictionaries(texts(), localization_params(levels - 1), max_size=2) if levels else st.none()
    return st.builds(NestedLocalizableMessage, id=texts(), params=st.none() | params)


def localization_params(levels: int = 2) -> Strategy[LocalizationParam]:
    """Arguments of messages, each of exactly one kind; messages in them go so many levels deep at most (V-8)."""
    formats = st.none() | date_time_formats(unknown=True)
    return st.one_of(
        st.builds(LocalizationParam, s=texts()),
        st.builds(LocalizationParam, dt=instants(), format=formats),
        st.builds(LocalizationParam, i=int64s()),
        st.builds(LocalizationParam, d=doubles(), precision=st.none() | st.integers(0, 20)),
        *([st.builds(LocalizationParam, l=nested_messages(levels))] if levels else []),
    )


def localizable_messages(*, short: bool = False) -> Strategy[LocalizableMessage]:
    """Messages with their arguments; `short` ones have an id and a text alone (E-9)."""
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
    """Identifiers with the type of what they identify."""
    return st.builds(DynamicID, type=texts(), id=texts())


def argument_locations() -> Strategy[ArgumentLocations]:
    """Where a wrong argument is, and what it clashes with (E-5)."""
    return st.builds(ArgumentLocations, primary=texts(), secondary=st.lists(texts(), max_size=2))


def file_locations() -> Strategy[FileLocations]:
    """Which file is at fault, and what it clashes with."""
    return st.builds(FileLocations, primary=texts(), secondary=st.lists(texts(), max_size=2))


def transient_indications() -> Strategy[TransientIndication]:
    """Whether trying again may help (E-8)."""
    return st.builds(TransientIndication, is_transient=st.booleans())


def progresses() -> Strategy[Progress]:
    """How far tasks are; any numbers, for the API sets no range (V-10)."""
    return st.builds(Progress, total=int64s(), completed=int64s(), message=localizable_messages(short=True))


# Made once, for what a composite draws from would be made again for each value.
_SHORT_MESSAGES: Final = localizable_messages(short=True)
_MESSAGES: Final = st.lists(localizable_messages(), max_size=2)
_DATA: Final = st.none() | json_objects() | dynamic_ids() | transient_indications()
_CHALLENGES: Final = st.none() | st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=8)
_IDENTIFIERS: Final = identifiers()
_MAYBE_IDENTIFIERS: Final = st.none() | identifiers()
_MAYBE_DYNAMIC_IDS: Final = st.none() | dynamic_ids()
_MAYBE_TEXTS: Final = st.none() | texts()
_INSTANTS: Final = instants()
_PROGRESSES: Final = progresses()
_MAYBE_PROGRESSES: Final = st.none() | progresses()
_RESULTS: Final = st.none() | json_values()
_ERROR_TYPES: Final = error_types(unknown=True)
_STATUSES: Final = statuses(unknown=True)


@st.composite
def error_values(draw: st.DrawFn, types: Strategy[ErrorType] | None = None) -> ErrorValue:
    """Errors of these types, by default of all and of an unknown one (E-3); the two of access have no data (A-2)."""
    kind = draw(_ERROR_TYPES if types is None else types)
    is_access = kind in _ACCESS
    return ErrorValue(
        messages=draw(_MESSAGES),
        error_type=kind,
        data=None if is_access else draw(_DATA),
        challenge=draw(_CHALLENGES) if is_access else None,
    )


_MAYBE_ERRORS: Final = st.none() | error_values()


def errors(types: Strategy[ErrorType] | None = None) -> Strategy[Error]:
    """The exceptions of these types (E-1)."""
    return error_values(types).map(Error.from_value)


@st.composite
def _common_fields(draw: st.DrawFn, status: Strategy[Status]) -> dict[str, Any]:
    which = draw(status)
    is_known = which.is_known
    started = which in _TIMED if is_known else draw(st.booleans())
    ended = which.is_terminal if is_known else draw(st.booleans())
    return {
        "description": draw(_SHORT_MESSAGES),
        "service": draw(_IDENTIFIERS),
        "operation": draw(_IDENTIFIERS),
        "parent": draw(_MAYBE_IDENTIFIERS),
        "target": draw(_MAYBE_DYNAMIC_IDS),
        "status": which,
        "cancelable": draw(st.booleans()),
        "error": draw(_MAYBE_ERRORS) if not is_known or which == "FAILED" else None,
        "start_time": draw(_INSTANTS) if started else None,
        "end_time": draw(_INSTANTS) if ended else None,
        "user": draw(_MAYBE_IDENTIFIERS),
    }


def common_infos(status: Strategy[Status] | None = None) -> Strategy[CommonInfo]:
    """What every task tells, of these statuses (U-1)."""
    return _common_fields(statuses() if status is None else status).map(lambda fields: CommonInfo(**fields))


@st.composite
def infos(draw: st.DrawFn, status: Strategy[Status] | None = None) -> Info:
    """States of tasks of these statuses, by default of all and of unknown ones (U-1, U-3)."""
    fields = draw(_common_fields(_STATUSES if status is None else status))
    is_pending, is_known = fields["status"] == "PENDING", fields["status"].is_known
    return Info(
        **fields,
        progress=None if is_pending else draw(_PROGRESSES if is_known else _MAYBE_PROGRESSES),
        result=None if is_pending else draw(_RESULTS),
        vc_task=draw(_MAYBE_TEXTS),
    )


def list_items(task: Strategy[str] | None = None, status: Strategy[Status] | None = None) -> Strategy[ListItem]:
    """Tasks with these ids, in these statuses."""
    return st.builds(ListItem, task=identifiers() if task is None else task, info=infos(status))


def populations(
    *, min_size: int = 0, max_size: int = 12, status: Strategy[Status] | None = None
) -> Strategy[list[ListItem]]:
    """Tasks of a store, each id once (L-5)."""
    numbered = st.integers(1, 999).map(lambda number: f"task-{number}")
    items = list_items(numbered | identifiers(), status)
    return st.lists(items, min_size=min_size, max_size=max_size, unique_by=lambda item: item.task)


def list_results(max_size: int = 3) -> Strategy[ListResult]:
    """Listings of so many tasks at most."""
    return st.builds(ListResult, items=st.lists(list_items(), max_size=max_size))


def filter_specs(
    population: Sequence[ListItem] = (), *, names: Strategy[str] | None = None, max_size: int = 3
) -> Strategy[FilterSpec]:
    """Filters of these names, each field with so many members at most; of a population half of the members are a
    task's own (F-2)."""
    others = identifiers() if names is None else names

    def members(own: Callable[[ListItem], str | None]) -> Strategy[frozenset[str]]:
        known = sorted({value for item in population if (value := own(item))})
        some = st.sampled_from(known) | others if known else others
        return st.frozensets(some, max_size=max_size)

    return st.builds(
        FilterSpec,
        tasks=members(lambda item: item.task),
        operations=members(lambda item: item.info.operation),
        services=members(lambda item: item.info.service),
        status=st.frozensets(statuses(), max_size=max_size),
        users=members(lambda item: item.info.user),
    )


def grants(population: Sequence[ListItem] = (), *, max_size: int = 3) -> Strategy[Grants]:
    """Grants of so many filters at most, none among them that constrains nothing (A-4)."""
    given = filter_specs(population).map(lambda spec: {f: v for f, v in spec if v})
    return st.lists(given.filter(bool), max_size=max_size).map(lambda each: Grants(FilterSpec(**f) for f in each))


def callers(privileges: Strategy[frozenset[str]] | None = None) -> Strategy[Caller]:
    """Callers with and without the privilege of both operations (A-1)."""
    some = st.frozensets(identifiers() | st.just(SYSTEM_READ), max_size=3)
    return st.builds(Caller, user=identifiers(), privileges=some if privileges is None else privileges)


@st.composite
def query_strings(draw: st.DrawFn, spec: Strategy[FilterSpec] | None = None) -> str:
    """Query strings of these filters, written in one of the ways that mean the same (Q-1 to Q-3): in any order, members
    repeated, empty pairs between them, more escaped than has to be."""
    filter = draw(filter_specs() if spec is None else spec)
    pairs = [(field, str(member)) for field, members in filter for member in members]
    pairs += draw(st.lists(st.sampled_from(pairs), max_size=2)) if pairs else []
    written = []
    for field, member in draw(st.permutations(pairs)):
        safe = draw(st.sampled_from(["", ",;/:", "\u00e4"]))
        value = quote(member, safe=safe)
        written.append(f"{field}={value.replace('%20', '+') if draw(st.booleans()) else value}")
        written += draw(st.sampled_from([[], [], [""]]))
    return "&".join(written)


class Invalid(NamedTuple):
    """A JSON text that breaks one rule, and which one: `kind.from_json(text)` must refuse it (V-13)."""

    kind: type[Value]
    text: bytes
    rule: str


# A rule, and what breaks it.
_Choice: TypeAlias = tuple[str, Strategy[Invalid]]


def _spoilt(kind: type[Value], rule: str, valid: Strategy[Any], spoil: Callable[[dict[str, Any]], object]) -> _Choice:
    """Valid values of which one thing is spoilt."""

    def broken(value: Value) -> Invalid:
        tree = value.to_python()
        spoil(tree)
        return Invalid(kind, json.dumps(tree).encode(), rule)

    return rule, valid.map(broken)


def _with(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda tree: tree.update(fields)


def _without(*fields: str) -> Callable[[dict[str, Any]], object]:
    return lambda tree: [tree.pop(field) for field in fields]


def _deep(levels: int) -> dict[str, Any]:
    message: dict[str, Any] = {"id": "m"}
    for _ in range(levels):
        message = {"id": "m", "params": {"p": {"l": message}}}
    return message


_INFO_RULES: Final = ("U-1", "V-3", "V-4", "V-5", "V-8", "V-9", "V-13")


def invalid_infos(rule: str | None = None) -> Strategy[Invalid]:
    """States of tasks that break one rule, or this one: U-1, V-3, V-4, V-5, V-8, V-9 or V-13."""
    running, done = infos(st.just(Status.RUNNING)), infos(st.just(Status.SUCCEEDED))
    pending = infos(st.just(Status.PENDING))
    message = {"id": "m", "default_message": "A message", "args": []}
    deep: Any = 0
    for _ in range(101):
        deep = [deep]
    return _one_of(
        rule,
        [
            _spoilt(Info, "U-1", running, _without("start_time")),
            _spoilt(Info, "U-1", running, _without("progress")),
            _spoilt(Info, "U-1", running, _with(end_time="2025-11-04T12:00:00Z")),
            _spoilt(Info, "U-1", done, _without("end_time")),
            _spoilt(Info, "U-1", done, _with(error={"messages": [], "error_type": "ERROR"})),
            _spoilt(Info, "U-1", pending, _with(result={"done": True})),
            _spoilt(Info, "V-3", done, _with(result=deep)),
            *(
                _spoilt(Info, "V-4", running, _with(start_time=wrong))
                for wrong in (
                    "2025-11-04T12:00:00",
                    "2025-11-04 12:00:00Z",
                    "2025-11-04T24:00:00Z",
                    "2025-02-30T12:00:00Z",
                )
            ),
            _spoilt(Info, "V-5", running, _with(cancelable="true")),
            _spoilt(Info, "V-5", running, _with(service=5)),
            _spoilt(Info, "V-5", running, _with(progress={"total": 2**63, "completed": 0, "message": message})),
            _spoilt(Info, "V-8", running, _with(description=message | {"params": {"p": {"l": _deep(32)}}})),
            _spoilt(Info, "V-9", running, _with(service="")),
            _spoilt(Info, "V-9", running, _with(operation="")),
            _spoilt(Info, "V-13", running, _without("status")),
            _spoilt(Info, "V-13", running, _with(description=None)),
        ],
    )


def invalid_list_items(rule: str | None = None) -> Strategy[Invalid]:
    """Tasks that break one rule, or this one: V-9 for an empty id, V-13 for none, or what an Info can break."""
    own = [
        _spoilt(ListItem, "V-9", list_items(), _with(task="")),
        _spoilt(ListItem, "V-13", list_items(), _without("task")),
        _spoilt(ListItem, "V-5", list_items(), _with(task=5)),
    ]
    inside = [
        (
            broken,
            invalid_infos(broken).map(lambda each: Invalid(ListItem, b'{"task":"a","info":%b}' % each[1], each[2])),
        )
        for broken in _INFO_RULES
    ]
    return _one_of(rule, own + inside)


def invalid_filter_specs(rule: str | None = None) -> Strategy[Invalid]:
    """Filters that break one rule, or this one: F-7 for a status, V-7 for a field, V-9 for an empty member."""
    return _one_of(
        rule,
        [
            _spoilt(FilterSpec, "F-7", filter_specs(), _with(status=["FALED"])),
            _spoilt(FilterSpec, "V-7", filter_specs(), _with(statuz=["FAILED"])),
            _spoilt(FilterSpec, "V-9", filter_specs(), _with(users=[""])),
            _spoilt(FilterSpec, "V-5", filter_specs(), _with(tasks=[5])),
        ],
    )


def invalid_query_strings(rule: str | None = None) -> Strategy[tuple[str, str, ErrorType]]:
    """Query strings that break one rule, or this one, Q-2 or F-7, with the type of the error that answers it."""
    wrong = [
        ("statuz=FAILED", "Q-2", ErrorType.UNEXPECTED_INPUT),
        ("STATUS=FAILED", "Q-2", ErrorType.UNEXPECTED_INPUT),
        ("filter.status=FAILED", "Q-2", ErrorType.UNEXPECTED_INPUT),
        ("tasks=", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("tasks", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("users=%", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("users=%zz", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("users=%ff", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("%ff=a", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("status=FALED", "F-7", ErrorType.INVALID_ARGUMENT),
        ("status=failed", "F-7", ErrorType.INVALID_ARGUMENT),
    ]
    chosen = st.sampled_from([each for each in wrong if rule in {None, each[1]}])
    return st.tuples(query_strings(), chosen, query_strings()).map(
        lambda drawn: ("&".join(filter(None, (drawn[0], drawn[1][0], drawn[2]))), drawn[1][1], drawn[1][2])
    )


def _one_of(rule: str | None, choices: Sequence[_Choice]) -> Strategy[Invalid]:
    """What breaks this rule, or any. Raises ValueError for a rule that nothing here breaks."""
    chosen = [strategy for its, strategy in choices if rule in {None, its}]
    if not chosen:
        raise ValueError(f"nothing here breaks {rule}; there are {', '.join(dict.fromkeys(its for its, _ in choices))}")
    return st.one_of(*chosen)


def values() -> Strategy[Value]:
    """Values of every kind."""
    return st.one_of(*_OF_EACH_KIND.values())


_OF_EACH_KIND: Final[dict[type[Value], Strategy[Any]]] = {
    NestedLocalizableMessage: nested_messages(),
    LocalizationParam: localization_params(),
    LocalizableMessage: localizable_messages(),
    DynamicID: dynamic_ids(),
    ArgumentLocations: argument_locations(),
    FileLocations: file_locations(),
    TransientIndication: transient_indications(),
    Progress: progresses(),
    ErrorValue: error_values(),
    CommonInfo: common_infos(),
    Info: infos(),
    ListItem: list_items(),
    ListResult: list_results(),
    FilterSpec: filter_specs(),
    Caller: callers(),
}

_BY_TYPE: Final[dict[type[Any], Strategy[Any]]] = {
    **_OF_EACH_KIND,
    Status: statuses(),
    ErrorType: error_types(),
    DateTimeFormat: date_time_formats(),
    Grants: grants(),
    Error: errors(),
}
for _kind, _strategy in _BY_TYPE.items():
    st.register_type_strategy(_kind, _strategy)
