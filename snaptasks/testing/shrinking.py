"""Shrink a case: leave out parts as long as its answer stays wrong.

Decides which parts are left out, and in which order. Does not know how a case is asked, or how an answer is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from .cases import Case, Population, caller_name
from .questions import listing_request

__all__ = ["smallest"]

_T = TypeVar("_T")
_Tree = Mapping[str, Any]
_Filter = Mapping[str, Sequence[str]]


def smallest(case: Case, is_wrong: Callable[[Case], bool], is_over: Callable[[], bool]) -> tuple[Case, bool]:
    """Leave out parts of a case as long as its answer stays wrong.

    Args:
        case: a case with a wrong answer.
        is_wrong: asks a smaller case with a new expectation, and returns whether the answer is wrong.
        is_over: returns whether the time is over.

    Returns:
        The smallest case, and whether no part can be left out; False if the time was over.
    """
    while True:
        for smaller in _smaller(case):
            if is_over():
                return case, False
            if is_wrong(smaller):
                case = smaller
                break
        else:
            return case, True


def _smaller(case: Case) -> Iterator[Case]:
    """Yield the case without some of its parts, large parts first."""
    who = case.who
    if who is not None:
        sees = [] if who["sees"] == "everything" else who["sees"]
        for grants in (*_without(sees), *_one_smaller(sees)):
            yield _by(case, {**who, "sees": grants})
        if who["privileges"] != ["System.Read"]:
            yield _by(case, {**who, "privileges": ["System.Read"]})
    if "filter" in case.request:
        plain = {field: members for field, members in case.request["filter"].items() if members}
        for filter in _smaller_filters(plain):
            yield replace(case, request=listing_request(filter))
        if case.request != listing_request(plain):
            yield replace(case, request=listing_request(plain))
    for entries in _smaller_entries(case.population.entries):
        yield replace(case, population=Population(case.population.name, entries))


def _by(case: Case, who: _Tree) -> Case:
    return replace(case, who=who, caller=caller_name(who))


def _without(parts: Sequence[_T]) -> Iterator[list[_T]]:
    """Yield the parts without each half of them, each quarter, and so on down to each single part."""
    size = len(parts)
    while size:
        for start in range(0, len(parts), size):
            yield [*parts[:start], *parts[start + size :]]
        size //= 2


def _smaller_filters(filter: _Filter) -> Iterator[_Filter]:
    """Yield the filter without one field, and with fewer members of one field."""
    for field in filter:
        yield {name: members for name, members in filter.items() if name != field}
    for field, members in filter.items():
        yield from ({**filter, field: fewer} for fewer in _without(members) if fewer)


def _one_smaller(grants: Sequence[_Filter]) -> Iterator[list[_Filter]]:
    """Yield the grants with one field or some members of one grant left out; a grant must constrain something (A-4)."""
    for number, grant in enumerate(grants):
        for smaller in _smaller_filters(grant):
            if smaller:
                yield [*grants[:number], smaller, *grants[number + 1 :]]


def _smaller_entries(entries: Sequence[_Tree]) -> Iterator[list[_Tree]]:
    """Yield fewer tasks, fewer equal ones, and tasks without an optional field."""
    yield from _without(entries)
    for number, entry in enumerate(entries):
        repeat = entry.get("repeat", 1)
        for fewer in {repeat // 2, repeat - 1} - {0}:
            yield [*entries[:number], {**entry, "repeat": fewer}, *entries[number + 1 :]]
        extras = [name for name in ("parent", "result", "target", "vc_task", "error") if name in entry.get("info", ())]
        for name in extras:
            info = {its: value for its, value in entry["info"].items() if its != name}
            yield [*entries[:number], {**entry, "info": info}, *entries[number + 1 :]]
