"""File each task, and answer a question from that.

Decides which way to an answer is the shortest. Does not know locks or interrupted calls: its caller holds the lock, and
can make a new filing from the tasks at any time.
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
from .cells import Cells, Sets, common, in_order, key_of, look_up, merged
from .users import Users

__all__ = ["Candidates", "Filing", "task_of"]

# Names and cells that one question of several filters looks up, inclusive; it takes about 20 ms with the lock held.
# 20,000 names under 999 grants can be more. Past it the index looks at each task that the filters together may match,
# outside the lock.
_MOST_STEPS: Final = 200_000

# The steps that a user or an id counts as: looking one up takes as long as eight names.
_MEMBER: Final = 8

# Tasks that a scan copies, inclusive; it takes at most about 40 ms with the lock held. Past it, and past a quarter of
# all tasks, the scan looks at every task, outside the lock.
_MOST_CANDIDATES: Final = 100_000


class Filing:
    """Hold the number, the cell and the user of each task."""

    __slots__ = ("_all", "_cells", "_next", "_numbers", "_users", "is_whole", "tasks")

    def __init__(self, tasks: Mapping[str, ListItem]) -> None:
        """Start empty; `fill` files `tasks`, which stay the place where a task is looked up by its id."""
        self.is_whole: bool = False  # whether all tasks and no others are filed; each writer sets it to True last
        self.tasks: Mapping[str, ListItem] = tasks
        self._next = 0
        self._numbers: dict[str, int] = {}
        self._cells = Cells()
        self._users = Users(self._cells)
        self._all: tuple[ListItem, ...] | None = None  # all tasks in order, remembered until the next change

    def fill(self) -> None:
        """File all tasks."""
        for task, item in dict(self.tasks).items():  # a copy, because a call from within this one can put a task
            self.put(task, item, None)
        self.is_whole = True

    def put(self, task: str, item: ListItem, old: ListItem | None) -> None:
        """File a new task, or a newer state of `old` under the same number. O(1)."""
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
        """Remove a task, whose filed state is `old`. O(1)."""
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
            self._all = (*self.tasks.values(),)  # one step, which `tuple(iterator)` is not
        return self._all

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit | None:
        """Return the wanted tasks in order, OVER_LIMIT if more than at_most, or None if a scan is faster."""
        return self.selected(wanted.filters[0], at_most) if len(wanted.filters) == 1 else self.united(wanted, at_most)

    def selected(self, wanted: FilterSpec, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return the tasks that one filter matches, in order; OVER_LIMIT if more than at_most."""
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
        """Return the tasks that any of several filters matches, in order; OVER_LIMIT if more than at_most.

        Return None if a scan is faster.
        """
        found = self._united(wanted, at_most)
        if found is None:
            return None
        return OVER_LIMIT if len(found) > at_most else in_order([found])

    def united_candidates(self, wanted: Wanted) -> Candidates | None:
        """Return candidates for several filters, all tasks if too many match, or None if a scan is faster."""
        most = self._most_candidates()
        found = self._united(wanted, most)
        if found is None:
            return None
        return Candidates(found, is_exact=True) if len(found) <= most else Candidates(self.all(), is_exact=False)

    def candidates(self, filter: FilterSpec, *, is_exact: bool) -> Candidates:
        """Return candidates for one filter: the tasks that it matches, or all tasks if too many match.

        Args:
            filter: The filter of the question, or one that covers all its filters.
            is_exact: Whether the filter is the whole question, so that its matches need no second look.
        """
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
        """Return the tasks that any of several filters matches, possibly only some of more than at_most.

        Return None if looking them up takes longer than looking at each task.
        """
        if all(each.tasks for each in wanted.filters):
            return None
        at_most = min(at_most, len(self.tasks))
        named = {each.tasks for each in wanted.filters}  # each set once: grants without tasks share the filter's set
        several = {id(each): len(each) for filter in wanted.filters for each in (filter.services, filter.operations)}
        steps = _MEMBER * sum(map(len, named)) + sum(several.values())  # comparing two sets takes time as their length
        if steps > _MOST_STEPS:
            return None
        found: dict[int, ListItem] = {}
        for ids in named:
            for task in common(ids, self._numbers):
                item = self.tasks.get(task)
                if item is not None and wanted.matches(item):
                    found[self._numbers[task]] = item
        # The users of filters that differ only in users; an empty set means every user.
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
                    return found  # already too many
        return found

    def _matching(self, sets: Sets, users: Collection[str], at_most: int) -> Collection[Mapping[int, ListItem]]:
        """Return the tasks that sets and users match, in disjoint parts; possibly only some of more than at_most."""
        if not users:
            return self._cells.plan(sets, at_most).cells
        return self._users.matching(users, sets, at_most) if any(sets) else self._users.all_of(users, at_most)

    def _named(self, wanted: FilterSpec) -> Sequence[ListItem]:
        """Return the tasks that a filter both names and matches, in order."""
        number_of = self._numbers
        known = sorted(common(wanted.tasks, number_of), key=number_of.__getitem__)
        try:
            named = look_up(self.tasks, known)
        except KeyError:  # a write from within this call has removed some
            named = [self.tasks[task] for task in known if task in self.tasks]
        if wanted.services or wanted.operations or wanted.status or wanted.users:
            return list(filter(matcher((wanted,)), named))
        return named


class Candidates(NamedTuple):
    """Hold tasks to look at and to sort after the lock is released, because both take long."""

    found: Mapping[int, ListItem] | tuple[ListItem, ...]
    is_exact: bool

    def in_order(self, wanted: Wanted) -> Iterable[ListItem]:
        """Return the wanted ones of the candidates, in order."""
        items = self.found if isinstance(self.found, tuple) else in_order([self.found])
        return items if self.is_exact else filter(matcher(wanted.filters), items)


def task_of(item: ListItem) -> str:
    """Return the id of a task whose fields never change, because the index files the task under them (V-2).

    Raises TypeError for a value that is not a ListItem, and for a class that computes a field.
    """
    if type(item) is ListItem and type(item.info) is Info:
        return item.task
    if not issubclass(type(item), ListItem):
        raise TypeError(f"an item of a TaskIndex must be a ListItem, not {type_name(item)}")
    values: tuple[tuple[object, tuple[str, ...]], ...] = (
        (item, ("task", "info")),
        (item.info, ("service", "operation", "status", "user")),
    )
    for value, fields in values:
        for field in fields:
            if not _is_fixed(type(value), field):
                raise TypeError(
                    f"an item of a TaskIndex must not change, but {type_name(value)} computes its {field}; "
                    f"make {field} a field"
                )
    return plain_id(item.task)


def _is_slot(kind: type, field: str) -> bool:
    is_plain = getattr_static(kind, "__getattribute__") is getattr_static(object, "__getattribute__")
    return is_plain and isinstance(getattr_static(kind, field), MemberDescriptorType)


_is_fixed: Final[Callable[[type, str], bool]] = lru_cache(64)(_is_slot)  # a program has only a few such classes
