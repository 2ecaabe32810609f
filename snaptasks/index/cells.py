"""How the tasks of an index are kept: buckets in the order of numbers, cells, and plans of which cells match.

Decided here: where a task stands, and what is remembered of filters. Not known here: locks, grants, the cap.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from operator import attrgetter
from typing import Final, TypeAlias

from ..tasks import ListItem, Status

# Tasks of one user that are kept without cells, inclusive; one more, and they are kept in cells too. So few are looked
# at in some microseconds, while a bucket for each of their cells would take more memory than all the rest.
FEW: Final = 16

# Cells and names that remembered plans hold together, inclusive; past it they are all forgotten, and a longer one is
# never remembered. A plan is made again in microseconds, and hostile filters cannot fill more than some megabytes.
_MAX_PLANNED: Final = 50_000

Key: TypeAlias = tuple[str, str, Status]  # service, operation, status: what tells one cell from another
Numbers: TypeAlias = "Bucket | list[int] | set[int]"
Names: TypeAlias = frozenset[str] | frozenset[Status]

key_of: Final = attrgetter("service", "operation", "status")


class Bucket(dict[int, ListItem]):
    """Tasks by number, and whether they stand in the order of their numbers."""

    __slots__ = ("is_ordered",)

    def __init__(self) -> None:
        self.is_ordered: bool = True

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


class Cells(dict[int, Bucket]):
    """Tasks by the number of their cell; no cell is empty."""

    __slots__ = ()

    def of(self, cell: int) -> Bucket:
        """The bucket of a cell, a new one where there was none."""
        bucket = self.get(cell)
        if bucket is None:
            bucket = self[cell] = Bucket()
        return bucket

    def take_out(self, number: int, cell: int) -> bool:
        """Take a task out of its cell; whether that was the last there."""
        bucket = self[cell]
        del bucket[number]
        if bucket:
            return False
        del self[cell]
        return True

    def move(self, number: int, item: ListItem, cell: int, old_cell: int | None) -> bool:
        """Put a task that may be older than others into its cell, out of the one where it was; whether that is gone."""
        is_gone = old_cell is not None and old_cell != cell and self.take_out(number, old_cell)
        self.of(cell).put(number, item)
        return is_gone


class Plans:
    """The cells that there are, by number, and which of them match a service, operation and status.

    A number stands for its key as long as the cell has tasks; numbers are looked up several times as fast as keys.
    """

    __slots__ = ("_by_field", "_next", "_planned", "_plans", "keys", "numbers")

    def __init__(self) -> None:
        self.numbers: dict[Key, int] = {}
        self.keys: dict[int, Key] = {}
        self._next = 0
        # The cells of each service, of each operation and of each status.
        self._by_field: tuple[dict[str, dict[int, None]], ...] = ({}, {}, {})
        self._plans: dict[tuple[Names, ...], dict[int, None]] = {}
        self._planned = 0

    def number(self, key: Key) -> int:
        """The number of a cell, a new one where there was none."""
        cell = self.numbers.get(key)
        if cell is None:
            cell = self.numbers[key] = self._next
            self._next += 1
            self.keys[cell] = key
            for name, cells in zip(key, self._by_field, strict=True):
                cells.setdefault(name, {})[cell] = None
            self._forget()
        return cell

    def close(self, cell: int) -> None:
        """Forget a cell that has no tasks any more."""
        key = self.keys.pop(cell)
        del self.numbers[key]
        for name, cells in zip(key, self._by_field, strict=True):
            del cells[name][cell]
            if not cells[name]:
                del cells[name]
        self._forget()

    def plan(self, services: frozenset[str], operations: frozenset[str], status: frozenset[Status]) -> dict[int, None]:
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

    def _made(self, sets: tuple[Names, ...]) -> dict[int, None]:
        """Of the fields that constrain, the one with the fewest cells is walked, and the others are looked up."""
        candidates: Collection[int] = self.keys
        for names, cells in zip(sets, self._by_field, strict=True):
            if names:
                found = list(chain.from_iterable(cells[name] for name in names if name in cells))
                if len(found) < len(candidates):
                    candidates = found
        services, operations, status = sets
        keys = ((cell, self.keys[cell]) for cell in candidates)
        return {
            cell: None
            for cell, key in keys
            if (not services or key[0] in services)
            and (not operations or key[1] in operations)
            and (not status or key[2] in status)
        }

    def _forget(self) -> None:
        self._plans.clear()
        self._planned = 0


class User:
    """The tasks of one user: all of them, and in cells once they are more than a few."""

    __slots__ = ("all", "cells")

    def __init__(self) -> None:
        self.all: Bucket = Bucket()
        self.cells: Cells | None = None

    def split(self, numbers: dict[Key, int]) -> None:
        """Put the tasks into cells too."""
        self.cells = Cells()
        self.all.in_order()
        for number, item in self.all.items():
            self.cells.of(numbers[key_of(item.info)])[number] = item
