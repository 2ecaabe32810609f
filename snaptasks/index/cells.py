"""Hold cells, each with the tasks of one service, operation and status; and plans, which remember matching cells.

Decides in which cell a task stands, which cells match, and how much plans remember. Does not know users, locks, grants
and the cap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from ..tasks import ListItem, Status

__all__ = [
    "EVERY",
    "Bucket",
    "Cell",
    "Cells",
    "Key",
    "Sets",
    "common",
    "in_order",
    "key_of",
    "look_up",
    "matches",
    "merged",
]

# The sum of cells, characters of names and results that all remembered plans hold, inclusive. Past it the index forgets
# all plans, and a single plan past it is never remembered. A plan is made again in microseconds, and hostile filters
# fill at most some megabytes.
_MAX_PLANNED: Final = 50_000

# Names in one remembered plan, inclusive. Past it the plan is not remembered, because measuring the names takes longer
# than looking most of them up.
_MAX_NAMES: Final = 1000

# The size of an empty plan, in cells: its own objects take as much memory as 25 cells.
_PLAN: Final = 25

EVERY: Final = 1 << 60
"""A number for `at_most` that no number of tasks exceeds."""

Key: TypeAlias = tuple[str, str, Status]  # service, operation and status of a cell
Sets: TypeAlias = tuple[frozenset[str], frozenset[str], frozenset[Status]]  # the three sets of a filter in that order

_Name = TypeVar("_Name", int, str)

key_of: Final = attrgetter("service", "operation", "status")


def matches(key: Key, sets: Sets) -> bool:
    """Return whether each non-empty set contains its part of the key (F-1, F-3)."""
    services, operations, status = sets
    return (
        (not services or key[0] in services)
        and (not operations or key[1] in operations)
        and (not status or key[2] in status)
    )


def _length(field: tuple[Collection[str], object]) -> int:
    return len(field[0])


def common(names: Collection[str], there: Mapping[str, object]) -> Iterator[str]:
    """Return the names that are keys of a mapping; walk the smaller of the two."""
    return filter(there.__contains__, names) if len(names) <= len(there) else filter(names.__contains__, there)


class Bucket(dict[int, ListItem]):
    """Hold tasks by number, and know whether they are in the order of their numbers."""

    __slots__ = ("is_ordered", "latest")

    def __init__(self) -> None:
        self.is_ordered: bool = True
        self.latest: int = -1  # the largest number ever put

    def put(self, number: int, item: ListItem) -> None:
        """Insert or replace a task, which may have a smaller number than others."""
        if number > self.latest:
            self.latest = number
        elif number not in self:
            self.is_ordered = False
        self[number] = item


def merged(parts: Iterable[Mapping[int, ListItem]]) -> dict[int, ListItem]:
    """Return a copy of the tasks of all parts."""
    found: dict[int, ListItem] = {}
    for part in parts:
        found |= part
    return found


def look_up(tasks: Mapping[_Name, ListItem], names: Sequence[_Name]) -> Sequence[ListItem]:
    """Return the task of each name. Raises KeyError for a name without a task."""
    if len(names) > 1:
        several: tuple[ListItem, ...] = itemgetter(*names)(tasks)  # without a loop: 1.0 us instead of 1.8 us for 80
        return several
    return [tasks[name] for name in names]


def in_order(parts: Collection[Mapping[int, ListItem]]) -> Sequence[ListItem]:
    """Return the tasks of disjoint parts in the order of their numbers."""
    found: Mapping[int, ListItem]
    if len(parts) == 1:
        (found,) = parts
        if isinstance(found, Bucket) and found.is_ordered:
            return list(found.values())
    else:
        together: dict[int, ListItem] = {}
        for part in parts:  # `merged` and `look_up`, written out: 3.4 us instead of 3.5 us
            together |= part
        found = together
    numbers = sorted(found)
    if len(numbers) > 1:
        several: tuple[ListItem, ...] = itemgetter(*numbers)(found)
        return several
    return list(found.values())


class Cell(Bucket):
    """Hold the tasks of one service, operation and status, and count their changes.

    A cell is a key of other dicts, and equal only to itself. To look up a cell takes 0.02 us, and its key 0.06 us.
    """

    __slots__ = ("changes", "key")

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key: Key = key
        self.changes: int = 0

    if not TYPE_CHECKING:  # type checkers refuse a hash on a dict
        __hash__ = object.__hash__
        __eq__ = object.__eq__


class _Plan:
    """Remember the cells that match three sets, and the tasks in these cells as of a count of changes."""

    __slots__ = ("cells", "found")

    def __init__(self, cells: dict[Cell, None]) -> None:
        self.cells: dict[Cell, None] = cells
        # The sum of the cells' changes, and the tasks at that sum: one value, because both must change in one step.
        self.found: tuple[int, tuple[ListItem, ...]] = (-1, ())


def _of(cells: Iterable[Cell], place: int, names: Collection[str]) -> Iterator[Cell]:
    return (cell for cell in cells if cell.key[place] in names)


class Cells:
    """Hold all cells, none of them empty, and find those that match services, operations and statuses."""

    __slots__ = ("_planned", "by_field", "by_key", "plans")

    def __init__(self) -> None:
        self.by_key: dict[Key, Cell] = {}
        # The cells of each service, of each operation and of each status.
        self.by_field: tuple[dict[str, dict[Cell, None]], ...] = ({}, {}, {})
        self.plans: dict[Sets, _Plan] = {}  # only the remembered ones
        self._planned = 0

    def open(self, key: Key) -> Cell:
        """Add and return a cell; the caller must put a task into it, because no cell is empty."""
        cell = self.by_key[key] = Cell(key)
        for name, cells in zip(key, self.by_field, strict=True):
            cells.setdefault(name, {})[cell] = None
        self._forget()
        return cell

    def close(self, cell: Cell) -> None:
        """Drop a cell that has become empty."""
        del self.by_key[cell.key]
        for name, cells in zip(cell.key, self.by_field, strict=True):
            del cells[name][cell]
            if not cells[name]:
                del cells[name]
        self._forget()

    def plan(self, sets: Sets, at_most: int = EVERY) -> _Plan:
        """Return the plan of three sets: the cells that match each non-empty one.

        Args:
            sets: Services, operations and statuses.
            at_most: Cells that the caller needs. A plan of more cells has only some of them. Because no cell is empty,
                more than at_most tasks match then.
        """
        plan = self.plans.get(sets)
        if plan is None:
            wanted = min(at_most, len(self.by_key))
            plan = _Plan(dict.fromkeys(islice(self._matching(sets), wanted + 1)))
            if len(plan.cells) <= wanted and sum(map(len, sets)) <= _MAX_NAMES:
                size = _PLAN + sum(map(len, chain.from_iterable(sets))) + len(plan.cells)
                if size <= _MAX_PLANNED:
                    self._make_room(size)
                    self.plans[sets] = plan
        return plan

    def count(self, sets: Sets) -> int:
        """Return the number of cells to walk to make a plan."""
        return sum(map(len, self._fewest(sets)))

    def tasks_of(self, plan: _Plan) -> Sequence[ListItem]:
        """Return the tasks of a plan's cells in order; reuse the remembered ones if no cell has changed since."""
        if len(plan.cells) == 1:
            (only,) = plan.cells
            if only.is_ordered:
                return list(only.values())
        changes = sum([cell.changes for cell in plan.cells])  # no count ever falls, so every change alters the sum
        then, found = plan.found
        if then != changes:
            before, found = len(found), tuple(in_order(plan.cells))
            self._make_room(len(found))
            plan.found = changes, found
            self._make_room(-before)  # last, so that after an exception the count is too large, never too small
        return found

    def _matching(self, sets: Sets) -> Iterator[Cell]:
        """Yield the matching cells: walk the constraining field with the fewest cells, and look the others up."""
        cells: Iterator[Cell] = chain.from_iterable(self._fewest(sets))
        for place, names in enumerate(sets):
            if names:
                cells = _of(cells, place, names)
        return cells

    def _fewest(self, sets: Sets) -> list[Collection[Cell]]:
        """Return the cells of each name of the field with the fewest cells; all cells if no field constrains."""
        fewest: list[Collection[Cell]] = [self.by_key.values()]
        least = len(self.by_key)
        for names, cells in sorted(zip(sets, self.by_field, strict=True), key=_length):
            if names and len(names) <= least:  # looking the names up must not take longer than walking the cells
                found: list[Collection[Cell]] = [cells[name] for name in common(names, cells)]
                count = sum(map(len, found))
                if count < least:
                    fewest, least = found, count
        return fewest

    def _make_room(self, size: int) -> None:
        if self._planned + size > _MAX_PLANNED:
            self._forget()
        self._planned = max(self._planned + size, 0)

    def _forget(self) -> None:
        self.plans.clear()
        self._planned = 0
