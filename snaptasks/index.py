"""TaskIndex: tasks in memory, found without looking at the others (L-5, L-7, L-8).

Decided here: how tasks are kept, so that a filter, grants and the cap are answered from counts and references. Not
known here: who asks, and how an answer travels.

Every field of a filter has one value per task, so that tasks are partitioned and not intersected: a *cell* holds the
tasks of one service, operation and status; the tasks of a user are kept apart, in cells of their own once they are
many. Tasks are numbered as they come, and a replaced one keeps its number: answers are in the order of the numbers.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Final, NamedTuple, TypeAlias

from .access import EVERYTHING, NOTHING, Grants, Strict, Visibility, told
from .filters import FilterSpec
from .listing import OVER_LIMIT, OverLimit
from .tasks import Info, ListItem, Status

# Tasks of one user that are kept without cells, inclusive; one more, and they are kept in cells too. So few are looked
# at in some microseconds, while a bucket for each of their cells would take more memory than all the rest.
_FEW: Final = 32

# Cells and names that remembered plans hold together, inclusive; past it they are all forgotten, and a longer one is
# never remembered. A plan is made again in microseconds, and hostile filters cannot fill more than some megabytes.
_MAX_PLANNED: Final = 50_000

_Key: TypeAlias = tuple[str, str, Status]  # service, operation, status: what tells one cell from another
_Numbers: TypeAlias = "_Bucket | list[int] | set[int]"
_Names: TypeAlias = frozenset[str] | frozenset[Status]

_key_of: Final = attrgetter("service", "operation", "status")
_sets_of: Final = attrgetter("tasks", "operations", "services", "status", "users")


class _Bucket(dict[int, ListItem]):
    """Tasks by number, and whether they stand in the order of their numbers."""

    __slots__ = ("is_ordered",)

    def __init__(self) -> None:
        self.is_ordered = True

    def put(self, number: int, item: ListItem) -> None:
        """Insert or replace a task that may be older than others; the latest of all is simply set."""
        if self and number not in self:
            self.is_ordered = False
        self[number] = item

    def in_order(self) -> list[ListItem]:
        if not self.is_ordered:
            numbered = sorted(self.items())
            self.clear()
            self.update(numbered)
            self.is_ordered = True
        return list(self.values())


class _Cells(dict[_Key, _Bucket]):
    """Tasks by cell; no cell is empty."""

    __slots__ = ()

    def of(self, key: _Key) -> _Bucket:
        """The cell of this key, a new one where there was none."""
        cell = self.get(key)
        return self.open(key) if cell is None else cell

    def put(self, number: int, item: ListItem, key: _Key, old_key: _Key | None) -> None:
        """Put a task that may be older than others into its cell, out of the one where it was."""
        if old_key is not None and old_key != key:
            self.take_out(number, old_key)
        self.of(key).put(number, item)

    def take_out(self, number: int, key: _Key) -> None:
        cell = self[key]
        del cell[number]
        if not cell:
            self.close(key)

    def open(self, key: _Key) -> _Bucket:
        cell = self[key] = _Bucket()
        return cell

    def close(self, key: _Key) -> None:
        del self[key]


class _PlannedCells(_Cells):
    """The cells of all tasks, with plans: which cells match a service, operation and status."""

    __slots__ = ("_by_field", "_planned", "_plans")

    def __init__(self) -> None:
        # The keys of the cells of each service, of each operation and of each status.
        self._by_field: tuple[dict[str, dict[_Key, None]], ...] = ({}, {}, {})
        self._plans: dict[tuple[_Names, ...], dict[_Key, _Bucket]] = {}
        self._planned = 0

    def plan(
        self, services: frozenset[str], operations: frozenset[str], status: frozenset[Status]
    ) -> dict[_Key, _Bucket]:
        """The cells that match each of the sets that is not empty."""
        sets = (services, operations, status)
        plan = self._plans.get(sets)
        if plan is None:
            plan = self._made(sets)
            size = sum(map(len, sets)) + len(plan)
            if size <= _MAX_PLANNED:
                if self._planned + size > _MAX_PLANNED:
                    self._forget()
                self._plans[sets] = plan
                self._planned += size
        return plan

    def _made(self, sets: tuple[_Names, ...]) -> dict[_Key, _Bucket]:
        """Of the fields that constrain, the one with the fewest cells is walked, and the others are looked up."""
        candidates: list[_Key] | _Cells = self
        for names, keys in zip(sets, self._by_field, strict=True):
            if names:
                found = list(chain.from_iterable(keys[name] for name in names if name in keys))
                if len(found) < len(candidates):
                    candidates = found
        services, operations, status = sets
        return {
            key: self[key]
            for key in candidates
            if (not services or key[0] in services)
            and (not operations or key[1] in operations)
            and (not status or key[2] in status)
        }

    def open(self, key: _Key) -> _Bucket:
        for name, keys in zip(key, self._by_field, strict=True):
            keys.setdefault(name, {})[key] = None
        self._forget()
        return super().open(key)

    def close(self, key: _Key) -> None:
        for name, keys in zip(key, self._by_field, strict=True):
            del keys[name][key]
            if not keys[name]:
                del keys[name]
        self._forget()
        super().close(key)

    def _forget(self) -> None:
        self._plans.clear()
        self._planned = 0


class _User:
    """The tasks of one user: all of them, and in cells once they are more than a few."""

    __slots__ = ("all", "cells")

    def __init__(self) -> None:
        self.all = _Bucket()
        self.cells: _Cells | None = None

    def add(self, number: int, item: ListItem, key: _Key) -> None:
        """Put in a task that is the latest of all."""
        self.all[number] = item
        if self.cells is not None:
            self.cells.of(key)[number] = item
        elif len(self.all) > _FEW:
            self._split()

    def put(self, number: int, item: ListItem, key: _Key, old_key: _Key | None) -> None:
        """Put in a task that may be older than others; `old_key` None: it was another user's."""
        self.all.put(number, item)
        if self.cells is not None:
            self.cells.put(number, item, key, old_key)
        elif len(self.all) > _FEW:
            self._split()

    def _split(self) -> None:
        self.cells = _Cells()
        self.all.in_order()
        for number, item in self.all.items():
            self.cells.of(_key_of(item.info))[number] = item

    def take_out(self, number: int, key: _Key) -> None:
        del self.all[number]
        if self.cells is not None:
            self.cells.take_out(number, key)

    def steps(self, plan: dict[_Key, _Bucket]) -> int:
        """How many tasks or cells `matching` looks at."""
        return len(self.all) if self.cells is None else min(len(self.cells), len(plan))

    def matching(self, plan: dict[_Key, _Bucket]) -> Iterator[_Numbers]:
        """The tasks in these cells; walks the smaller side."""
        if self.cells is None:
            yield [number for number, item in self.all.items() if _key_of(item.info) in plan]
        elif len(self.cells) < len(plan):
            yield from (cell for key, cell in self.cells.items() if key in plan)
        else:
            yield from (self.cells[key] for key in plan if key in self.cells)


class _Wanted(NamedTuple):
    """The sets of a filter, or of a filter and a grant together; an empty one constrains nothing (F-3)."""

    tasks: frozenset[str]
    operations: frozenset[str]
    services: frozenset[str]
    status: frozenset[Status]
    users: frozenset[str]


def _both(filter: FilterSpec, grant: FilterSpec) -> _Wanted | None:
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
        self._items = _Bucket()
        self._cells = _PlannedCells()
        self._users: dict[str, _User] = {}
        for item in items:
            self.put(item)

    def put(self, item: ListItem) -> None:
        """Insert a task, or replace the one of this id, which keeps its place in the order (L-5). O(1)."""
        if not isinstance(item, ListItem):
            raise TypeError(f"a TaskIndex holds ListItems, not {told(item)}")
        info = item.info
        key = _key_of(info)
        with self._lock:
            number = self._numbers.get(item.task)
            if number is None:
                number = self._numbers[item.task] = self._next
                self._next += 1
                self._items[number] = item
                self._cells.of(key)[number] = item
                if info.user is not None:
                    self._user(info.user).add(number, item, key)
                return
            old = self._items[number].info
            old_key: _Key | None = _key_of(old)
            self._items[number] = item
            self._cells.put(number, item, key, old_key)
            if old.user != info.user:
                self._take_from_user(number, old)
                old_key = None
            if info.user is not None:
                self._user(info.user).put(number, item, key, old_key)

    def remove(self, task: str) -> bool:
        """Take a task out, and say whether it was there; when it is put again, it comes last. O(1)."""
        with self._lock:
            number = self._numbers.pop(task, None)
            if number is None:
                return False
            info = self._items.pop(number).info
            self._cells.take_out(number, _key_of(info))
            self._take_from_user(number, info)
            return True

    def find(self, task: str) -> ListItem | None:
        """The task of this id; None if there is none. O(1)."""
        with self._lock:
            number = self._numbers.get(task)
            return None if number is None else self._items[number]

    def select(self, filter: FilterSpec, visibility: Visibility, at_most: int) -> Sequence[ListItem] | OverLimit:
        """The visible matches in order; OVER_LIMIT, or a longer sequence, if more than at_most (L-1 to L-7).

        By tasks: O(ids log ids). Else: O(c + k log k), and with users O(u * c + k log k); that there are more than
        at_most is told from counts alone. Grants: so much for each. Any other visibility is asked outside the lock
        (L-8), about each match up to the one past at_most: O(matches), and O(n) where they are more than a quarter.

        What the visibility raises goes through (A-7), an answer that is not True or False is a TypeError (A-8).
        """
        if visibility is NOTHING:
            return ()
        if visibility is EVERYTHING:
            with self._lock:
                return self._selected(filter, at_most)
        if type(visibility) is Grants:
            wanted = [both for grant in visibility.filters if (both := _both(filter, grant)) is not None]
            with self._lock:
                return self._united(wanted, at_most)
        check = visibility if isinstance(visibility, Strict) else Strict(visibility)
        with self._lock:
            candidates = self._candidates(filter)
        return check.first_visible(candidates, at_most + 1)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[ListItem]:
        """All tasks in order, as they are when it is called. O(n)."""
        with self._lock:
            return iter(list(self._items.values()))

    def __contains__(self, task: object) -> bool:
        """Whether there is a task of this id. O(1)."""
        return task in self._numbers

    def __repr__(self) -> str:
        return f"<TaskIndex of {len(self)} tasks>"

    # The rest is called with the lock held.

    def _user(self, name: str) -> _User:
        user = self._users.get(name)
        if user is None:
            user = self._users[name] = _User()
        return user

    def _take_from_user(self, number: int, info: Info) -> None:
        if info.user is not None:
            user = self._users[info.user]
            user.take_out(number, _key_of(info))
            if not user.all:
                del self._users[info.user]

    def _selected(self, wanted: FilterSpec | _Wanted, at_most: int) -> list[ListItem] | OverLimit:
        parts = self._parts(wanted)
        return OVER_LIMIT if sum(map(len, parts)) > at_most else self._in_order(parts)

    def _united(self, wanted: Sequence[_Wanted], at_most: int) -> list[ListItem] | OverLimit:
        """What any of them matches, each task once (A-4); parts of different grants may overlap."""
        if len(wanted) == 1:
            return self._selected(wanted[0], at_most)
        found: set[int] = set()
        for each in wanted:
            for part in self._parts(each):
                if len(part) > at_most:
                    return OVER_LIMIT
                found.update(part)
                if len(found) > at_most:
                    return OVER_LIMIT
        return self._in_order([found])

    def _candidates(self, filter: FilterSpec) -> Iterable[ListItem]:
        """The matches in order, for a visibility to choose from; they do not change any more."""
        parts = self._parts(filter)
        if filter.is_empty or filter.tasks or 4 * sum(map(len, parts)) <= len(self._items):
            return self._in_order(parts)
        # So many take longer to sort than to walk all tasks, which stand in order already, as far as somebody asks.
        _, operations, services, status, users = _sets_of(filter)
        items: Iterable[ListItem] = list(self._items.values())
        if status:
            items = (item for item in items if item.info.status in status)
        if operations:
            items = (item for item in items if item.info.operation in operations)
        if services:
            items = (item for item in items if item.info.service in services)
        if users:
            items = (item for item in items if item.info.user in users)
        return items

    def _parts(self, wanted: FilterSpec | _Wanted) -> Collection[_Numbers]:
        """The numbers of what matches, in parts that have none in common."""
        if wanted.tasks:
            return [self._of_tasks(wanted)]
        if wanted.services or wanted.operations or wanted.status:
            plan = self._cells.plan(wanted.services, wanted.operations, wanted.status)
            return self._of_users(wanted.users, plan) if wanted.users else plan.values()
        if wanted.users:
            return [self._users[name].all for name in wanted.users if name in self._users]
        return [self._items]

    def _of_tasks(self, wanted: FilterSpec | _Wanted) -> list[int]:
        numbers = [number for number in map(self._numbers.get, wanted.tasks) if number is not None]
        _, operations, services, status, users = _sets_of(wanted)
        if not (operations or services or status or users):
            return numbers
        infos = ((number, self._items[number].info) for number in numbers)
        return [
            number
            for number, info in infos
            if (not operations or info.operation in operations)
            and (not services or info.service in services)
            and (not status or info.status in status)
            and (not users or info.user in users)
        ]

    def _of_users(self, names: frozenset[str], plan: dict[_Key, _Bucket]) -> list[_Numbers]:
        """The tasks of these users in these cells; walks the smaller side."""
        users = [self._users[name] for name in names if name in self._users]
        if sum(user.steps(plan) for user in users) > sum(map(len, plan.values())):
            return [[n for n, item in cell.items() if item.info.user in names] for cell in plan.values()]
        return [part for user in users for part in user.matching(plan)]

    def _in_order(self, parts: Collection[_Numbers]) -> list[ListItem]:
        if len(parts) == 1:
            (only,) = parts
            if isinstance(only, _Bucket):
                return only.in_order()
        return list(map(self._items.__getitem__, sorted(chain.from_iterable(parts))))
