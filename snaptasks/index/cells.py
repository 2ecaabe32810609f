"""How the tasks of an index are kept: buckets in the order of numbers, cells, and plans of which cells match.

Decided here: where a task stands, and what is remembered of filters. Not known here: locks, grants, the cap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from ..tasks import ListItem, Status

__all__ = ["Bucket", "Cell", "Cells", "Key", "Sets", "common", "key_of", "matches"]

# Cells, characters of names and results that remembered plans hold together, inclusive; past it they are all forgotten,
# and what is longer is never remembered. A plan is made again in microseconds, and hostile filters cannot fill more than
# some megabytes.
_MAX_PLANNED: Final = 50_000

# Names that a remembered plan may have, inclusive: to measure more takes longer than to look most of them up.
_MAX_NAMES: Final = 1000

# What a plan counts for itself: its own objects take as much memory as so many cells.
_PLAN: Final = 25

Key: TypeAlias = tuple[str, str, Status]  # service, operation, status: what tells one cell from another
Sets: TypeAlias = tuple[frozenset[str], frozenset[str], frozenset[Status]]  # what a filter says of the same

key_of: Final = attrgetter("service", "operation", "status")


def matches(key: Key, sets: Sets) -> bool:
    """Whether each set that is not empty has its part of the key (F-1, F-3)."""
    services, operations, status = sets
    return (
        (not services or key[0] in services)
        and (not operations or key[1] in operations)
        and (not status or key[2] in status)
    )


def _length(field: tuple[Collection[str], object]) -> int:
    return len(field[0])


def common(names: Collection[str], there: Mapping[str, object]) -> Iterator[str]:
    """The names that are there; the smaller of the two is walked."""
    return filter(there.__contains__, names) if len(names) <= len(there) else filter(names.__contains__, there)


class Bucket(dict[int, ListItem]):
    """Tasks by number, and whether they stand in the order of their numbers."""

    __slots__ = ("is_ordered",)

    def __init__(self) -> None:
        self.is_ordered: bool = True

    def put(self, number: int, item: ListItem) -> None:
        """Insert or replace a task that may be older than others; the latest of all is simply set."""
        before = len(self)
        self[number] = item
        if len(self) > before > 0:
            self.is_ordered = False

    def in_order(self) -> list[ListItem]:
        if not self.is_ordered:
            numbered = sorted(self.items())
            try:
                self.clear()
            finally:  # whatever a signal raises here, no task is lost
                self.update(numbered)
            self.is_ordered = True
        return list(self.values())


class Cell(Bucket):
    """The tasks of one service, operation and status, and how often they have changed.

    A cell is a key itself, and equal to no other: looked up several times as fast as what it stands for.
    """

    __slots__ = ("changes", "key")

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key: Key = key
        self.changes: int = 0

    if not TYPE_CHECKING:  # type checkers know that no dict has a hash
        __hash__ = object.__hash__
        __eq__ = object.__eq__


class _Plan:
    """The cells that match, and the tasks in them, as they were after so many changes."""

    __slots__ = ("cells", "changes", "found")

    def __init__(self, cells: dict[Cell, None]) -> None:
        self.cells: dict[Cell, None] = cells
        self.changes: int = -1
        self.found: tuple[ListItem, ...] = ()


class Cells:
    """The cells that there are, none of them empty, and which of them match a service, operation and status."""

    __slots__ = ("_planned", "_plans", "by_field", "by_key")

    def __init__(self) -> None:
        self.by_key: dict[Key, Cell] = {}
        # The cells of each service, of each operation and of each status.
        self.by_field: tuple[dict[str, dict[Cell, None]], ...] = ({}, {}, {})
        self._plans: dict[Sets, _Plan] = {}
        self._planned = 0

    def open(self, key: Key) -> Cell:
        """A new cell, into which a task must be put."""
        cell = self.by_key[key] = Cell(key)
        for name, cells in zip(key, self.by_field, strict=True):
            cells.setdefault(name, {})[cell] = None
        self._forget()
        return cell

    def close(self, cell: Cell) -> None:
        """Forget a cell that has no tasks any more."""
        del self.by_key[cell.key]
        for name, cells in zip(cell.key, self.by_field, strict=True):
            del cells[name][cell]
            if not cells[name]:
                del cells[name]
        self._forget()

    def plan(self, sets: Sets, at_most: int | None = None) -> _Plan:
        """Which cells match each of the sets that is not empty; of more than at_most cells only some: none is empty,
        so that more tasks match than anybody wants."""
        plan = self._plans.get(sets)
        if plan is None:
            wanted = len(self.by_key) if at_most is None else min(at_most, len(self.by_key))
            plan = _Plan(dict.fromkeys(islice(self._matching(sets), wanted + 1)))
            if len(plan.cells) <= wanted and sum(map(len, sets)) <= _MAX_NAMES:
                size = _PLAN + sum(map(len, chain.from_iterable(sets))) + len(plan.cells)
                if size <= _MAX_PLANNED:
                    self._make_room(size)
                    self._plans[sets] = plan
        return plan

    def remembered(self, sets: Sets) -> _Plan | None:
        """The plan that is known already."""
        return self._plans.get(sets)

    def count(self, sets: Sets) -> int:
        """How many cells have to be looked at for a plan."""
        return sum(map(len, self._fewest(sets)))

    def keep(self, plan: _Plan, found: Iterable[ListItem], changes: int) -> None:
        """Remember what is in the cells of a plan after so many changes."""
        before = len(plan.found)
        plan.found, plan.changes = tuple(found), changes
        self._make_room(len(plan.found) - before)

    def _matching(self, sets: Sets) -> Iterator[Cell]:
        """Of the fields that constrain, the one with the fewest cells is walked, and the others are looked up."""
        return (cell for cell in chain.from_iterable(self._fewest(sets)) if matches(cell.key, sets))

    def _fewest(self, sets: Sets) -> list[Collection[Cell]]:
        """The cells of each name of one field, of all cells if no field constrains."""
        fewest: list[Collection[Cell]] = [self.by_key.values()]
        least = len(self.by_key)
        for names, cells in sorted(zip(sets, self.by_field, strict=True), key=_length):
            if names and len(names) <= least:  # to look the names up must not take longer than to walk the cells
                found: list[Collection[Cell]] = [cells[name] for name in common(names, cells)]
                count = sum(map(len, found))
                if count < least:
                    fewest, least = found, count
        return fewest

    def _make_room(self, size: int) -> None:
        if self._planned + size > _MAX_PLANNED:
            self._forget()
        self._planned += size

    def _forget(self) -> None:
        self._plans.clear()
        self._planned = 0
