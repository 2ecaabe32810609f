"""A wrong answer made small: what can be left out of a case, so that it is still answered wrongly.

Decides what is left out, and in which order. Knows nothing of how an answer is judged, and of how anything is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from .cases import Case, Population, caller_name
from .questions import spelt

__all__ = ["smallest"]

_T = TypeVar("_T")
_Tree = Mapping[str, Any]
_Filter = Mapping[str, Sequence[str]]


def smallest(case: Case, is_wrong: Callable[[Case], bool], is_over: Callable[[], bool]) -> tuple[Case, bool]:
    """Leave out what can be left out; and whether nothing more can, or the time was over before.

    `is_wrong` asks a smaller case, with what it expects made anew.
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
    """The case without some of its parts, large ones first."""
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
            yield replace(case, request=spelt(filter))
        if case.request != spelt(plain):
            yield replace(case, request=spelt(plain))
    for entries in _smaller_entries(case.population.entries):
        yield replace(case, population=Population(case.population.name, entries))


def _by(case: Case, who: _Tree) -> Case:
    return replace(case, who=who, caller=caller_name(who))


def _without(parts: Sequence[_T]) -> Iterator[list[_T]]:
    """The parts without the half of them, a quarter, and so on to each one."""
    size = len(parts)
    while size:
        for start in range(0, len(parts), size):
            yield [*parts[:start], *parts[start + size :]]
        size //= 2


def _smaller_filters(filter: _Filter) -> Iterator[_Filter]:
    """The filter without a field, and with fewer members of one."""
    for field in filter:
        yield {name: members for name, members in filter.items() if name != field}
    for field, members in filter.items():
        yield from ({**filter, field: fewer} for fewer in _without(members) if fewer)


def _one_smaller(grants: Sequence[_Filter]) -> Iterator[list[_Filter]]:
    """The grants, one of which constrains a field less, or has fewer members; one that constrains nothing is none (A-4)."""
    for number, grant in enumerate(grants):
        for smaller in _smaller_filters(grant):
            if smaller:
                yield [*grants[:number], smaller, *grants[number + 1 :]]


def _smaller_entries(entries: Sequence[_Tree]) -> Iterator[list[_Tree]]:
    """Fewer tasks, and fewer of those that are alike."""
    yield from _without(entries)
    for number, entry in enumerate(entries):
        repeat = entry.get("repeat", 1)
        for fewer in {repeat // 2, repeat - 1} - {0}:
            yield [*entries[:number], {**entry, "repeat": fewer}, *entries[number + 1 :]]
        extras = [name for name in ("parent", "result", "target", "vc_task", "error") if name in entry.get("info", ())]
        for name in extras:
            info = {its: value for its, value in entry["info"].items() if its != name}
            yield [*entries[:number], {**entry, "info": info}, *entries[number + 1 :]]
