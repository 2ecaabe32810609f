"""Draw tasks, filters, grants, callers and query strings (U, F, A, Q).

Decides which values are drawn, and how often a filter matches a task. Does not know how values are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

from hypothesis import strategies as st

from ... import SYSTEM_READ, Caller, CommonInfo, FilterSpec, Grants, Info, ListItem, ListResult, Status
from .values import (
    Strategy,
    dynamic_ids,
    error_values,
    identifiers,
    instants,
    json_values,
    localizable_messages,
    progresses,
    statuses,
    texts,
)

__all__ = [
    "callers",
    "common_infos",
    "filter_specs",
    "grants",
    "infos",
    "list_items",
    "list_results",
    "populations",
    "query_strings",
]

# Built once, because a composite strategy would build them again for each value.
_SHORT_MESSAGES: Final = localizable_messages(short=True)
_IDENTIFIERS: Final = identifiers()
_MAYBE_IDENTIFIERS: Final = st.none() | identifiers()
_MAYBE_DYNAMIC_IDS: Final = st.none() | dynamic_ids()
_MAYBE_TEXTS: Final = st.none() | texts()
_INSTANTS: Final = instants()
_PROGRESSES: Final = progresses()
_MAYBE_PROGRESSES: Final = st.none() | progresses()
_RESULTS: Final = st.none() | json_values()
_STATUSES: Final = statuses(unknown=True)
_MAYBE_ERRORS: Final = st.none() | error_values()


@st.composite
def _common_fields(draw: st.DrawFn, status: Strategy[Status]) -> dict[str, Any]:
    which = draw(status)
    is_known = which.is_known
    started = which != "PENDING" if is_known else draw(st.booleans())
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
    """Draw the common fields of tasks in these statuses; by default in the five known ones (U-1)."""
    return _common_fields(statuses() if status is None else status).map(lambda fields: CommonInfo(**fields))


@st.composite
def infos(draw: st.DrawFn, status: Strategy[Status] | None = None) -> Info:
    """Draw states of tasks in these statuses; by default in known and unknown ones (U-1, U-3)."""
    fields = draw(_common_fields(_STATUSES if status is None else status))
    is_pending, is_known = fields["status"] == "PENDING", fields["status"].is_known
    return Info(
        **fields,
        progress=None if is_pending else draw(_PROGRESSES if is_known else _MAYBE_PROGRESSES),
        result=None if is_pending else draw(_RESULTS),
        vc_task=draw(_MAYBE_TEXTS),
    )


def list_items(task: Strategy[str] | None = None, status: Strategy[Status] | None = None) -> Strategy[ListItem]:
    """Draw tasks with these ids, in these statuses."""
    return st.builds(ListItem, task=identifiers() if task is None else task, info=infos(status))


def populations(
    *, min_size: int = 0, max_size: int = 12, status: Strategy[Status] | None = None
) -> Strategy[list[ListItem]]:
    """Draw the tasks of a store, each id once (L-5).

    Args:
        min_size: the smallest number of tasks, inclusive.
        max_size: the largest number of tasks, inclusive.
        status: the statuses; by default known and unknown ones.
    """
    numbered = st.integers(1, 999).map(lambda number: f"task-{number}")
    items = list_items(numbered | identifiers(), status)
    return st.lists(items, min_size=min_size, max_size=max_size, unique_by=lambda item: item.task)


def list_results(max_size: int = 3) -> Strategy[ListResult]:
    """Draw listings of at most `max_size` tasks."""
    return st.builds(ListResult, items=st.lists(list_items(), max_size=max_size))


def filter_specs(
    population: Sequence[ListItem] = (), *, names: Strategy[str] | None = None, max_size: int = 3
) -> Strategy[FilterSpec]:
    """Draw filters.

    Args:
        population: half of the members are values of these tasks, so that filters match (F-2).
        names: the other members; by default `identifiers()`.
        max_size: the largest number of members of a field, inclusive.
    """
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
    """Draw grants of at most `max_size` filters, each of which constrains something (A-4)."""
    given: Strategy[dict[str, Any]] = filter_specs(population).map(lambda spec: {f: v for f, v in spec if v})
    return st.lists(given.filter(bool), max_size=max_size).map(lambda each: Grants(FilterSpec(**f) for f in each))


def callers(privileges: Strategy[frozenset[str]] | None = None) -> Strategy[Caller]:
    """Draw callers with and without the privilege of the two operations (A-1)."""
    some = st.frozensets(identifiers() | st.just(SYSTEM_READ), max_size=3)
    return st.builds(Caller, user=identifiers(), privileges=some if privileges is None else privileges)


@st.composite
def query_strings(draw: st.DrawFn, spec: Strategy[FilterSpec] | None = None) -> str:
    """Draw query strings of these filters, each in one of its spellings (Q-1 to Q-3).

    Pairs come in any order, with repeated members and empty pairs between them, and some characters are not escaped.
    """
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
