"""The source itself: what a filter and a visibility are answered with (L-1 to L-8).

Decided here: which way to the answer is the shortest, what is done under the lock, and the cap.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final, NamedTuple, TypeAlias

from .._text import type_name
from ..access import EVERYTHING, NOTHING, Grants, Strict, Visibility
from ..filters import FilterSpec
from ..listing import OVER_LIMIT, OverLimit
from ..tasks import ListItem, Status
from .cells import Bucket, Cells, Key, key_of, matches
from .users import Few, Users

Numbers: TypeAlias = Bucket | Few | list[int] | set[int]

_sets_of: Final = attrgetter("tasks", "operations", "services", "status", "users")


class _Wanted(NamedTuple):
    """The sets of a filter, or of a filter and a grant together; an empty one constrains nothing (F-3)."""

    tasks: frozenset[str]
    operations: frozenset[str]
    services: frozenset[str]
    status: frozenset[Status]
    users: frozenset[str]


def _both(filter: _Wanted, grant: FilterSpec) -> _Wanted | None:
    """What matches a filter and a grant; None: nothing does, for two sets of one field have no member in common."""
    sets = []
    for mine, theirs in zip(_sets_of(filter), _sets_of(grant), strict=True):
        both = mine & theirs if mine and theirs else mine or theirs
        if mine and not both:
            return None  # not the empty set, which would constrain nothing
        sets.append(both)
    return _Wanted(*sets)


class TaskIndex:
    """A TaskSource in memory, for many tasks and many threads: a listing costs what it returns, not what is held.

    Listings and iteration are in the order in which tasks were first put (L-5); each is a snapshot, however many
    threads write meanwhile (L-8). Raises TypeError for what is no ListItem. In the complexities, n is the number of
    tasks held, k of those returned, c of the combinations of service, operation and status that match, u of the users
    asked for.
    """

    def __init__(self, items: Iterable[ListItem] = ()) -> None:
        """Hold these tasks; of a repeated id the last stands, in the place of the first (L-5). O(items)."""
        self._lock = threading.Lock()
        self._next = 0
        self._numbers: dict[str, int] = {}
        self._items = Bucket()
        self._cells = Cells()
        self._users = Users()
        self._all: tuple[ListItem, ...] | None = None  # all tasks in order, from one walk to the next change
        for item in items:
            self.put(item)

    def put(self, item: ListItem) -> None:
        """Insert a task, or replace the one of this id, which keeps its place in the order (L-5). O(1)."""
        if not isinstance(item, ListItem):
            raise TypeError(f"a TaskIndex holds ListItems, not {type_name(item)}")
        info = item.info
        key = key_of(info)
        with self._lock:
            number = self._numbers.get(item.task)
            if number is not None:
                self._replace(number, item, key)
                return
            number = self._numbers[item.task] = self._next
            self._next = number + 1
            self._items[number] = item
            self._all = None
            cell = self._cells.by_key.get(key)
            if cell is None:
                cell = self._cells.open(key)
            cell[number] = item
            cell.changes += 1
            if info.user is not None:
                self._users.give(number, item, info.user, cell)

    def remove(self, task: str) -> bool:
        """Take a task out, and say whether it was there; when it is put again, it comes last. O(1)."""
        with self._lock:
            number = self._numbers.pop(task, None)
            if number is None:
                return False
            info = self._items.pop(number).info
            self._all = None
            cell = self._cells.by_key[key_of(info)]
            if info.user is not None:
                self._users.take(number, info.user, cell)
            del cell[number]
            cell.changes += 1
            if not cell:
                self._cells.close(cell)
            return True

    def find(self, task: str) -> ListItem | None:
        """The task of this id; None if there is none. O(1)."""
        with self._lock:
            number = self._numbers.get(task)
            return None if number is None else self._items[number]

    def select(self, filter: FilterSpec, visibility: Visibility, at_most: int) -> Sequence[ListItem] | OverLimit:
        """The visible matches in order; OVER_LIMIT, or a longer sequence, if more than at_most (L-1 to L-7).

        By tasks: O(ids log ids). Else: O(c + k log k), and with users O(u * c + k log k) or as many tasks as the users
        or the cells have, whichever is less; the first time also what the users have. That there are more than at_most
        is told from counts alone. Grants: so much for each. Any other visibility is asked outside the lock (L-8), about
        each match up to the one past at_most: O(matches), and O(n) where they are more than a quarter.

        What the visibility raises goes through (A-7), an answer that is not True or False is a TypeError (A-8).
        """
        if visibility is NOTHING:
            return ()
        if visibility is EVERYTHING:
            with self._lock:
                return self._selected(filter, at_most)
        if type(visibility) is Grants:
            with self._lock:
                return self._granted(filter, visibility, at_most)
        check = visibility if isinstance(visibility, Strict) else Strict(visibility)
        with self._lock:
            candidates = self._candidates(filter)
        return check.first_visible(candidates, at_most + 1)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[ListItem]:
        """All tasks in order, as they are when it is called. O(n)."""
        with self._lock:
            return iter(self._snapshot())

    def __contains__(self, task: object) -> bool:
        """Whether there is a task of this id. O(1)."""
        return task in self._numbers

    def __repr__(self) -> str:
        return f"<TaskIndex of {len(self)} tasks>"

    # The rest is called with the lock held.

    def _replace(self, number: int, item: ListItem, key: Key) -> None:
        info, old = item.info, self._items[number].info
        self._items[number] = item
        self._all = None
        old_cell = self._cells.by_key[key_of(old)]
        cell = self._cells.by_key.get(key) or self._cells.open(key)
        if cell is not old_cell:
            del old_cell[number]
            old_cell.changes += 1
        cell.put(number, item)
        cell.changes += 1
        if old.user != info.user:
            if old.user is not None:
                self._users.take(number, old.user, old_cell)
            if info.user is not None:
                self._users.give(number, item, info.user, cell)
        elif info.user is not None:
            self._users.replace(number, item, info.user, cell, old_cell)
        if not old_cell:
            self._cells.close(old_cell)

    def _selected(self, wanted: FilterSpec | _Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        if wanted.tasks or wanted.users or not (wanted.services or wanted.operations or wanted.status):
            parts = self._parts(wanted, at_most)
            return OVER_LIMIT if sum(map(len, parts)) > at_most else self._in_order(parts)
        plan = self._cells.plan((wanted.services, wanted.operations, wanted.status), at_most)
        if sum(map(len, plan.cells)) > at_most:
            return OVER_LIMIT
        if len(plan.cells) == 1:
            return self._in_order(plan.cells)
        changes = sum([cell.changes for cell in plan.cells])  # none is taken back, so that no change goes unseen
        if plan.changes != changes:
            self._cells.keep(plan, self._in_order(plan.cells), changes)
        return plan.found

    def _granted(self, spec: FilterSpec, grants: Grants, at_most: int) -> Sequence[ListItem] | OverLimit:
        """What a filter and any of the grants match; names that no task has are looked up once, not for each grant."""
        if spec.tasks:
            found = [item for item in self._in_order([self._of_tasks(spec)]) if grants(item)]
            return OVER_LIMIT if len(found) > at_most else found
        by_service, by_operation, by_status = self._cells.by_field
        mine = _Wanted(
            frozenset(),
            frozenset(filter(by_operation.__contains__, spec.operations)),
            frozenset(filter(by_service.__contains__, spec.services)),
            frozenset(filter(by_status.__contains__, spec.status)),
            frozenset(filter(self._users.__contains__, spec.users)),
        )
        if any(names and not there for names, there in zip(_sets_of(spec), mine, strict=True)):
            return ()
        return self._united([both for grant in grants.filters if (both := _both(mine, grant)) is not None], at_most)

    def _united(self, wanted: Sequence[_Wanted], at_most: int) -> Sequence[ListItem] | OverLimit:
        """What any of them matches, each task once (A-4); parts of different grants may overlap."""
        if len(wanted) == 1:
            return self._selected(wanted[0], at_most)
        found: set[int] = set()
        for each in wanted:
            for part in self._parts(each, at_most):
                if len(part) > at_most:
                    return OVER_LIMIT
                found.update(part)
                if len(found) > at_most:
                    return OVER_LIMIT
        return self._in_order([found])

    def _snapshot(self) -> tuple[ListItem, ...]:
        if self._all is None:
            self._all = tuple(self._items.values())
        return self._all

    def _candidates(self, filter: FilterSpec) -> Iterable[ListItem]:
        """The matches in order, for a visibility to choose from; they do not change any more."""
        parts = self._parts(filter)
        if filter.tasks or 4 * sum(map(len, parts)) <= len(self._items):
            return self._in_order(parts)
        # So many take longer to sort than to walk all tasks, which stand in order already, as far as somebody asks.
        items = self._snapshot()
        return items if filter.is_empty else (item for item in items if filter.matches(item))

    def _parts(self, wanted: FilterSpec | _Wanted, at_most: int | None = None) -> Collection[Numbers]:
        """The numbers of what matches, in parts that have none in common; of more than at_most perhaps only some."""
        if wanted.tasks:
            return [self._of_tasks(wanted)]
        if wanted.services or wanted.operations or wanted.status:
            sets = (wanted.services, wanted.operations, wanted.status)
            if wanted.users:
                return self._users.matching(wanted.users, sets, self._cells)
            return self._cells.plan(sets, at_most).cells
        return self._users.all_of(wanted.users) if wanted.users else [self._items]

    def _of_tasks(self, wanted: FilterSpec | _Wanted) -> list[int]:
        numbers = [number for number in map(self._numbers.get, wanted.tasks) if number is not None]
        sets, users = (wanted.services, wanted.operations, wanted.status), wanted.users
        if not (any(sets) or users):
            return numbers
        infos = ((number, self._items[number].info) for number in numbers)
        return [n for n, info in infos if matches(key_of(info), sets) and (not users or info.user in users)]

    def _in_order(self, parts: Collection[Numbers]) -> list[ListItem]:
        if len(parts) == 1:
            (only,) = parts
            if isinstance(only, Bucket):
                return only.in_order()
        numbers: list[int] = []
        for part in parts:
            numbers += part
        numbers.sort()
        return list(map(self._items.__getitem__, numbers))
