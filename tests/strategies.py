"""Hypothesis strategies for every kind of value, valid by construction."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from snaptasks import (
    ArgumentLocations,
    Caller,
    CommonInfo,
    DateTimeFormat,
    DynamicID,
    ErrorType,
    ErrorValue,
    FileLocations,
    FilterSpec,
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

texts = st.text(max_size=8)
# Few names, so that filters hit; look-alikes among them, so that folding and trimming would show (F-5).
names = st.sampled_from(["a", "b", "A", " a", "a ", "\u00e4", "a\u0308", "\u202e", "a,b"])
users = st.none() | names
int64 = st.integers(-(2**63), 2**63 - 1)
doubles = st.floats(allow_nan=False, allow_infinity=False)
offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=offsets)  # noqa: DTZ001
json_values = st.recursive(
    st.booleans() | st.integers() | doubles | texts,
    lambda inner: st.lists(inner | st.none(), max_size=3) | st.dictionaries(texts, inner | st.none(), max_size=3),
    max_leaves=6,
)
json_objects = st.dictionaries(texts, json_values, max_size=3)
statuses = st.sampled_from(list(Status))
unknown_statuses = st.text(min_size=1, max_size=8).filter(lambda name: name not in Status.__members__).map(Status)


def _nested(depth: int) -> st.SearchStrategy[NestedLocalizableMessage]:
    params = st.dictionaries(texts, _params(depth - 1), max_size=2) if depth else st.none()
    return st.builds(NestedLocalizableMessage, id=texts, params=st.none() | params)


def _params(depth: int) -> st.SearchStrategy[LocalizationParam]:
    formats = st.sampled_from(list(DateTimeFormat)) | st.just(DateTimeFormat("NEW_FORMAT"))
    return st.one_of(
        st.builds(LocalizationParam, s=texts),
        st.builds(LocalizationParam, dt=instants, format=st.none() | formats),
        st.builds(LocalizationParam, i=int64),
        st.builds(LocalizationParam, d=doubles, precision=st.none() | st.integers(0, 20)),
        *([st.builds(LocalizationParam, l=_nested(depth))] if depth else []),
    )


nested_messages = _nested(2)
params = _params(2)
messages = st.builds(
    LocalizableMessage,
    id=texts,
    default_message=texts,
    args=st.lists(texts, max_size=2),
    params=st.none() | st.dictionaries(texts, params, max_size=2),
    localized=st.none() | texts,
)
short_messages = st.builds(LocalizableMessage, id=texts, default_message=texts)
dynamic_ids = st.builds(DynamicID, type=texts, id=texts)
argument_locations = st.builds(ArgumentLocations, primary=texts, secondary=st.lists(texts, max_size=2))
file_locations = st.builds(FileLocations, primary=texts, secondary=st.lists(texts, max_size=2))
transient_indications = st.builds(TransientIndication, is_transient=st.booleans())
progresses = st.builds(Progress, total=int64, completed=int64, message=short_messages)
challenges = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=8)


error_types = st.sampled_from(list(ErrorType)) | st.just(ErrorType("NEW_ERROR"))


@st.composite
def error_values(draw: st.DrawFn, kinds: st.SearchStrategy[ErrorType] = error_types) -> ErrorValue:
    """Values of these error types, by default of every one and an unknown one too."""
    kind = draw(kinds)
    is_access = kind in {ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED}
    return ErrorValue(
        messages=draw(st.lists(messages, max_size=2)),
        error_type=kind,
        data=None if is_access else draw(st.none() | json_objects | dynamic_ids | transient_indications),
        challenge=draw(st.none() | challenges) if is_access else None,
    )


_TIMES = {
    "PENDING": (False, False),
    "RUNNING": (True, False),
    "BLOCKED": (True, False),
    "SUCCEEDED": (True, True),
    "FAILED": (True, True),
}


@st.composite
def common_fields(draw: st.DrawFn, status: st.SearchStrategy[Status] = statuses) -> dict[str, Any]:
    """The fields of a CommonInfo of a given status."""
    which = draw(status)
    started, ended = _TIMES.get(which, (draw(st.booleans()), draw(st.booleans())))
    return {
        "description": draw(short_messages),
        "service": draw(names),
        "operation": draw(names),
        "parent": draw(st.none() | names),
        "target": draw(st.none() | dynamic_ids),
        "status": which,
        "cancelable": draw(st.booleans()),
        "error": draw(st.none() | error_values()) if which not in _TIMES or which == "FAILED" else None,
        "start_time": draw(instants) if started else None,
        "end_time": draw(instants) if ended else None,
        "user": draw(users),
    }


@st.composite
def infos(draw: st.DrawFn, status: st.SearchStrategy[Status] = statuses | unknown_statuses) -> Info:
    """States of tasks of a given status, by default of any."""
    fields = draw(common_fields(status))
    pending, known = fields["status"] == "PENDING", fields["status"].is_known
    return Info(
        **fields,
        progress=None if pending else draw(progresses if known else st.none() | progresses),
        result=None if pending else draw(st.none() | json_values),
        vc_task=draw(st.none() | texts),
    )


common_infos = common_fields().map(lambda fields: CommonInfo(**fields))
list_items = st.builds(ListItem, task=names, info=infos())
list_results = st.builds(ListResult, items=st.lists(list_items, max_size=3))


def filters(members: st.SearchStrategy[str] = names) -> st.SearchStrategy[FilterSpec]:
    """Filters that often hit tasks made from the same names."""
    some = st.frozensets(members, max_size=3)
    return st.builds(
        FilterSpec, tasks=some, operations=some, services=some, status=st.frozensets(statuses, max_size=3), users=some
    )


callers = st.builds(Caller, user=names, privileges=st.frozensets(names | st.just("System.Read"), max_size=3))

values: st.SearchStrategy[Value] = st.one_of(
    nested_messages,
    params,
    messages,
    dynamic_ids,
    argument_locations,
    file_locations,
    transient_indications,
    progresses,
    error_values(),
    common_infos,
    infos(),
    list_items,
    list_results,
    filters(),
    callers,
)


def plain_item(task: str, **changes: Any) -> ListItem:
    """A short valid task: SUCCEEDED of service `s`, operation `o` and no user, unless changed."""
    start = datetime(2025, 11, 4, 12, tzinfo=UTC)
    text = LocalizableMessage(id="m", default_message="A message")
    fields: dict[str, Any] = {
        "description": text,
        "service": "s",
        "operation": "o",
        "status": Status.SUCCEEDED,
        "cancelable": False,
        "start_time": start,
        "end_time": start + timedelta(minutes=1),
        "progress": Progress(total=100, completed=100, message=text),
    }
    return ListItem(task=task, info=Info(**(fields | changes)))
