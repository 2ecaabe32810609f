"""The source itself: how a question is answered (L-1 to L-8).

Decided here: which way to the answer is the shortest, what is done under the lock, and the cap.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias

from .._text import type_name
from ..filters import FilterSpec, any_of, covering, matcher
from ..sources import OVER_LIMIT, OverLimit, Wanted, answers_exactly, plain_id
from ..tasks import ListItem
from .cells import Bucket, Cells, Key, Sets, key_of
from .users import Few, Users

__all__ = ["TaskIndex"]

_Numbers: TypeAlias = Bucket | Few | list[int] | set[int]


# Names and cells that are looked up for one question of several filters, inclusive; it takes some 20 ms, with the lock held.
# Past it, as 20,000 names under 999 grants can be, what all the filters together may match is looked at one by one instead,
# outside of the lock.
_MOST_STEPS: Final = 200_000


@answers_exactly
class TaskIndex:
    """A TaskSource in memory, for many tasks and many threads: a listing costs what it returns, not what is held.

    Listings and iteration are in the order in which tasks were first put (L-5); each is a snapshot, however many
    threads write meanwhile (L-8). Raises TypeError for what is no ListItem. In the complexities, n is the number of
    tasks held, k of those returned, c of the combinations of service, operation and status that match, u of the users
    asked for.
    """

    # No method of an object's own: it would be trusted.
    __slots__ = ("__weakref__", "_all", "_cells", "_items", "_lock", "_next", "_numbers", "_users")

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
        if not issubclass(type(item), ListItem):
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
        name = plain_id(task)
        with self._lock:
            number = self._numbers.pop(name, None)
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
        name = plain_id(task)
        with self._lock:
            number = self._numbers.get(name)
            return None if number is None else self._items[number]

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return what is wanted in order; OVER_LIMIT, or a longer sequence, if more than at_most (L-1 to L-7).

        By tasks: O(ids log ids). Else: O(c + k log k), and with users O(u * c + k log k) or as many tasks as the users
        or the cells have, whichever is less; the first time also what the users have. That there are more than at_most
        is told from counts alone. Of several filters: so much for each, or for those that differ in users alone together.
        """
        with self._lock:
            if len(wanted.filters) == 1:
                return self._selected(wanted.filters[0], at_most)
            numbers = self._united(wanted, at_most)
            if numbers is not None:
                return OVER_LIMIT if len(numbers) > at_most else self._in_order([numbers])
            items, _ = self._candidates(covering(wanted.filters))
        found = list(islice(filter(wanted.matches, items), at_most + 1))
        return OVER_LIMIT if len(found) > at_most else found

    def scan(self, wanted: Wanted) -> Iterable[ListItem]:
        """Return what is wanted in order, as it is when it is called (L-8). O(matches), O(n) where they are more than a quarter."""
        is_one = len(wanted.filters) == 1
        with self._lock:
            numbers = None if is_one else self._united(wanted, len(self._items))
            if numbers is not None:
                return self._in_order([numbers])
            items, is_all = self._candidates(wanted.filters[0] if is_one else covering(wanted.filters))
        if is_one and (not is_all or wanted.filters[0].is_empty):
            return items
        return filter(matcher(wanted.filters), items)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[ListItem]:
        """All tasks in order, as they are when it is called. O(n)."""
        with self._lock:
            return iter(self._snapshot())

    def __contains__(self, task: object) -> bool:
        """Whether there is a task of this id. O(1)."""
        return isinstance(task, str) and plain_id(task) in self._numbers

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

    def _selected(self, wanted: FilterSpec, at_most: int) -> Sequence[ListItem] | OverLimit:
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

    def _united(self, wanted: Wanted, at_most: int) -> set[int] | None:
        """The numbers of what any of several filters matches, perhaps only some of more than at_most; None where it takes
        longer to look them up than to look at tasks one by one."""
        if all(each.tasks for each in wanted.filters):
            return None
        found = {number for number in self._named(wanted) if wanted.matches(self._items[number])}
        # The users of the filters that differ in them alone; the empty set is every user.
        by_sets: dict[Sets, list[frozenset[str]]] = {}
        for each in wanted.filters:
            if not each.tasks:
                sets = (each.services, each.operations, each.status)
                by_sets.setdefault(sets, []).append(each.users)
        steps = 0
        for sets, several in by_sets.items():
            users = any_of(several)
            steps += 8 * len(users) + sum(map(len, sets))  # a user takes as long as some names
            if steps <= _MOST_STEPS:
                steps += self._cells.count(sets)
            if steps > _MOST_STEPS:
                return None
            for part in self._matching(sets, users, at_most):
                found.update(islice(part, at_most + 1))  # so many are too many already, whatever else is found
                if len(found) > at_most:
                    return found
        return found

    def _candidates(self, filter: FilterSpec) -> tuple[Sequence[ListItem], bool]:
        """What a filter matches, in order; or all tasks, where that is so much that to sort it takes longer."""
        parts = self._parts(filter)
        is_all = 4 * sum(map(len, parts)) > len(self._items)
        return (self._snapshot() if is_all else self._in_order(parts)), is_all

    def _named(self, wanted: Wanted) -> set[int]:
        """The numbers of the tasks that any filter names, whether or not it matches them."""
        names = {each.tasks for each in wanted.filters}  # each set once: grants that name none have that of the filter
        return {number for some in names for number in map(self._numbers.get, some) if number is not None}

    def _snapshot(self) -> tuple[ListItem, ...]:
        if self._all is None:
            self._all = tuple(self._items.values())
        return self._all

    def _parts(self, wanted: FilterSpec, at_most: int | None = None) -> Collection[_Numbers]:
        """The numbers of what matches, in parts that have none in common; of more than at_most perhaps only some."""
        if wanted.tasks:
            return [self._of_tasks(wanted)]
        return self._matching((wanted.services, wanted.operations, wanted.status), wanted.users, at_most)

    def _matching(self, sets: Sets, users: Collection[str], at_most: int | None) -> Collection[_Numbers]:
        if any(sets):
            return self._users.matching(users, sets, self._cells) if users else self._cells.plan(sets, at_most).cells
        return self._users.all_of(users) if users else [self._items]

    def _of_tasks(self, wanted: FilterSpec) -> list[int]:
        numbers = [number for number in map(self._numbers.get, wanted.tasks) if number is not None]
        if not (wanted.services or wanted.operations or wanted.status or wanted.users):
            return numbers
        matches = matcher((wanted,))
        return [number for number in numbers if matches(self._items[number])]

    def _in_order(self, parts: Collection[_Numbers]) -> list[ListItem]:
        if len(parts) == 1:
            (only,) = parts
            if isinstance(only, Bucket):
                return only.in_order()
        numbers: list[int] = []
        for part in parts:
            numbers += part
        numbers.sort()
        return list(map(self._items.__getitem__, numbers))
