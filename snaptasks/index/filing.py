"""Filing: where each task stands, and how a question is answered from that.

A filing is made from the tasks and nothing else, so it can be made again. Decides which way to an answer is the shortest. Does
not know locks, and what becomes of a call that is interrupted: whoever calls it holds the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from inspect import getattr_static
from itertools import islice
from types import MemberDescriptorType
from typing import Final, NamedTuple

from .._text import type_name
from ..filters import FilterSpec, any_of, matcher
from ..sources import OVER_LIMIT, OverLimit, Wanted, plain_id
from ..tasks import Info, ListItem
from .cells import Cells, Sets, common, in_order, key_of, looked_up, merged
from .users import Users

__all__ = ["Candidates", "Filing", "task_of"]

# Names and cells that are looked up for one question of several filters, inclusive; it takes some 20 ms, with the lock held.
# Past it, as 20,000 names under 999 grants can be, what all the filters together may match is looked at one by one instead,
# outside of the lock.
_MOST_STEPS: Final = 200_000

# What a user or an id counts for among the steps: it takes as long as so many names.
_MEMBER: Final = 8

# Tasks that are copied for a scan, inclusive, which takes some 40 ms at most with the lock held; past it, and past a quarter of
# all, each task is looked at instead, outside of the lock.
_MOST_CANDIDATES: Final = 100_000


class Filing:
    """Where each of some tasks stands: its number, its cell, its user."""

    __slots__ = ("_all", "_cells", "_next", "_numbers", "_users", "is_whole", "tasks")

    def __init__(self, tasks: Mapping[str, ListItem]) -> None:
        """Begin with no task filed; `tasks` are those that `fill` files, and that are looked up by their ids."""
        self.is_whole: bool = False  # whether what is filed is what there is; whoever changes it sets it last
        self.tasks: Mapping[str, ListItem] = tasks
        self._next = 0
        self._numbers: dict[str, int] = {}
        self._cells = Cells()
        self._users = Users(self._cells)
        self._all: tuple[ListItem, ...] | None = None  # all tasks in order, from one walk to the next change

    def fill(self) -> None:
        """File all tasks."""
        for task, item in dict(self.tasks).items():  # a copy: a call from within this one can put a task
            self.put(task, item, None)
        self.is_whole = True

    def put(self, task: str, item: ListItem, old: ListItem | None) -> None:
        """File a task that was not there; or a newer state of one, under its number. O(1)."""
        if old is not None:
            self._replace(task, item, old)
            return
        number = self._numbers[task] = self._next
        self._next = number + 1
        self._all = None
        info = item.info
        key = key_of(info)
        cell = self._cells.by_key.get(key)
        if cell is None:
            cell = self._cells.open(key)
        cell[number] = item
        cell.latest = number
        cell.changes += 1
        if info.user is not None:
            self._users.add(number, item, info.user, cell)

    def _replace(self, task: str, item: ListItem, old: ListItem) -> None:
        number = self._numbers[task]
        self._all = None
        info, old_info = item.info, old.info
        key, old_key = key_of(info), key_of(old_info)
        old_cell = cell = self._cells.by_key[old_key]
        if key != old_key:
            cell = self._cells.by_key.get(key) or self._cells.open(key)
            del old_cell[number]
            old_cell.changes += 1
        cell.put(number, item)
        cell.changes += 1
        if old_info.user == info.user:
            if info.user is not None:
                self._users.replace(number, item, info.user, cell, old_cell)
        else:
            if old_info.user is not None:
                self._users.remove(number, old_info.user, old_cell)
            if info.user is not None:
                self._users.add(number, item, info.user, cell)
        if not old_cell:
            self._cells.close(old_cell)

    def remove(self, task: str, old: ListItem) -> None:
        """Take a task out. O(1)."""
        number = self._numbers.pop(task)
        self._all = None
        info = old.info
        cell = self._cells.by_key[key_of(info)]
        if info.user is not None:
            self._users.remove(number, info.user, cell)
        del cell[number]
        cell.changes += 1
        if not cell:
            self._cells.close(cell)

    def all(self) -> tuple[ListItem, ...]:
        """Return all tasks in order."""
        if self._all is None:
            self._all = (*self.tasks.values(),)  # in one step, as no `tuple` of an iterator is
        return self._all

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit | None:
        """Return what is wanted, in order; OVER_LIMIT for more than at_most; None where candidates are found sooner."""
        return self.selected(wanted.filters[0], at_most) if len(wanted.filters) == 1 else self.united(wanted, at_most)

    def selected(self, wanted: FilterSpec, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return what one filter matches."""
        if wanted.tasks:
            named = self._named(wanted)
            return OVER_LIMIT if len(named) > at_most else named
        sets = services, operations, status = wanted.services, wanted.operations, wanted.status
        if wanted.users:
            if services or operations or status:
                parts = self._users.matching(wanted.users, sets, at_most)
            else:
                parts = self._users.all_of(wanted.users, at_most)
            return OVER_LIMIT if sum(map(len, parts)) > at_most else in_order(parts)
        if services or operations or status:
            plan = self._cells.plan(sets, at_most)
            return OVER_LIMIT if sum(map(len, plan.cells)) > at_most else self._cells.tasks_of(plan)
        return OVER_LIMIT if len(self.tasks) > at_most else self.all()

    def united(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit | None:
        """Return what any of several filters matches; None where candidates are found sooner."""
        found = self._united(wanted, at_most)
        if found is None:
            return None
        return OVER_LIMIT if len(found) > at_most else in_order([found])

    def united_candidates(self, wanted: Wanted) -> Candidates | None:
        """Return what any of several filters matches; all tasks where that is many of them; None as `united` does."""
        most = self._most_candidates()
        found = self._united(wanted, most)
        if found is None:
            return None
        return Candidates(found, is_exact=True) if len(found) <= most else Candidates(self.all(), is_exact=False)

    def candidates(self, filter: FilterSpec, *, is_exact: bool) -> Candidates:
        """Return what a filter matches; all tasks where that is many of them. They are exact if it is what is wanted."""
        if filter.tasks:
            return Candidates(tuple(self._named(filter)), is_exact=is_exact)
        sets = (filter.services, filter.operations, filter.status)
        is_constrained = any(sets) or bool(filter.users)
        if is_constrained and _MEMBER * len(filter.users) + sum(map(len, sets)) <= _MOST_STEPS:
            most = self._most_candidates()
            parts = self._matching(sets, filter.users, most)
            if sum(map(len, parts)) <= most:
                return Candidates(merged(parts), is_exact=is_exact)
        return Candidates(self.all(), is_exact=is_exact and not is_constrained)

    def _most_candidates(self) -> int:
        return min(len(self.tasks) // 4, _MOST_CANDIDATES)

    def _united(self, wanted: Wanted, at_most: int) -> dict[int, ListItem] | None:
        """Return what any of several filters matches, perhaps only some of more than at_most; None where it takes longer to
        look it up than to look at tasks one by one."""
        if all(each.tasks for each in wanted.filters):
            return None
        at_most = min(at_most, len(self.tasks))
        named = {each.tasks for each in wanted.filters}  # each set once: grants that name none have that of the filter
        several = {id(each): len(each) for filter in wanted.filters for each in (filter.services, filter.operations)}
        steps = _MEMBER * sum(map(len, named)) + sum(several.values())  # to compare two sets takes as long as they are
        if steps > _MOST_STEPS:
            return None
        found: dict[int, ListItem] = {}
        for ids in named:
            for task in common(ids, self._numbers):
                item = self.tasks.get(task)
                if item is not None and wanted.matches(item):
                    found[self._numbers[task]] = item
        # The users of the filters that differ only in them; the empty set is every user.
        by_sets: dict[Sets, list[frozenset[str]]] = {}
        for each in wanted.filters:
            if not each.tasks:
                sets = (each.services, each.operations, each.status)
                by_sets.setdefault(sets, []).append(each.users)
        for sets, users_of_each in by_sets.items():
            users = any_of(users_of_each)
            steps += _MEMBER * len(users) + sum(map(len, sets))
            if steps <= _MOST_STEPS:
                steps += self._cells.count(sets)
            if steps > _MOST_STEPS:
                return None
            for part in self._matching(sets, users, at_most):
                found.update(part if len(part) <= at_most else islice(part.items(), at_most + 1))
                if len(found) > at_most:
                    return found  # so many are too many already, whatever else is found
        return found

    def _matching(self, sets: Sets, users: Collection[str], at_most: int) -> Collection[Mapping[int, ListItem]]:
        """Return what sets and users match, in parts that have none in common; of more than at_most perhaps only some."""
        if not users:
            return self._cells.plan(sets, at_most).cells
        return self._users.matching(users, sets, at_most) if any(sets) else self._users.all_of(users, at_most)

    def _named(self, wanted: FilterSpec) -> Sequence[ListItem]:
        """Return the tasks that a filter names and matches, in order."""
        number_of = self._numbers
        known = sorted(common(wanted.tasks, number_of), key=number_of.__getitem__)
        try:
            named = looked_up(self.tasks, known)
        except KeyError:  # a write from within this call has removed some
            named = [self.tasks[task] for task in known if task in self.tasks]
        if wanted.services or wanted.operations or wanted.status or wanted.users:
            return list(filter(matcher((wanted,)), named))
        return named


class Candidates(NamedTuple):
    """Tasks to be looked at once the lock is given back; to be put in order then, for that takes long."""

    found: Mapping[int, ListItem] | tuple[ListItem, ...]
    is_exact: bool

    def in_order(self, wanted: Wanted) -> Iterable[ListItem]:
        """Return what is wanted of them."""
        items = self.found if isinstance(self.found, tuple) else in_order([self.found])
        return items if self.is_exact else filter(matcher(wanted.filters), items)


def task_of(item: ListItem) -> str:
    """Return the id of a task that can be held: one whose fields never change, because it is filed under them (V-2)."""
    if type(item) is ListItem and type(item.info) is Info:
        return item.task
    if not issubclass(type(item), ListItem):
        raise TypeError(f"a TaskIndex holds ListItems, not {type_name(item)}")
    values: tuple[tuple[object, tuple[str, ...]], ...] = (
        (item, ("task", "info")),
        (item.info, ("service", "operation", "status", "user")),
    )
    for value, fields in values:
        for field in fields:
            if not _is_fixed(type(value), field):
                raise TypeError(
                    f"a TaskIndex holds ListItems that cannot change; {type_name(value)} computes its {field}"
                )
    return plain_id(item.task)


def _is_slot(kind: type, field: str) -> bool:
    is_plain = getattr_static(kind, "__getattribute__") is getattr_static(object, "__getattribute__")
    return is_plain and isinstance(getattr_static(kind, field), MemberDescriptorType)


_is_fixed: Final[Callable[[type, str], bool]] = lru_cache(64)(_is_slot)  # of such classes a program has a few
