"""Hold the tasks of each user, and find the shortest way to those in some cells.

Decides how much is stored for each user. A small user stores only the cell of each task, and a question looks at each
task. A large user stores the tasks, and also the tasks by cell once a question asks for some of them. Does not know
locks, grants and the cap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from ..tasks import ListItem
from .cells import Bucket, Cell, Cells, Key, Sets, common, key_of, matches

__all__ = ["Users"]

# Tasks of one user before they are divided into cells without a question, inclusive. Past it the next new task divides
# them.
_HUGE: Final = 10_000

# Tasks that one question divides into cells, inclusive; to divide 20,000 takes about 8 ms with the lock held. Past it
# the question walks the tasks of the cells, and a later question divides the others.
_MOST_DIVIDED: Final = 20_000

# Tasks of a small user, inclusive; past it the user becomes a large one. A question looks at 16 tasks in some
# microseconds. A bucket for each of their cells would take more memory than all the rest.
_SMALL: Final = 16


class _SmallUser(dict[int, Cell]):
    """Hold the cell of each task of a user with at most _SMALL tasks, by number."""

    __slots__ = ()

    def all(self) -> dict[int, ListItem]:
        return {number: cell[number] for number, cell in self.items()}

    def within(self, wanted: Collection[Cell], _: object = None) -> Sequence[dict[int, ListItem]]:
        """Return the tasks that are in some cells; look at each task."""
        return [{number: cell[number] for number, cell in self.items() if cell in wanted}]


class _LargeUser(Bucket):
    """Hold the tasks of a user who had more than _SMALL; also by cell, once a question asks for some of them."""

    __slots__ = ("cells",)

    def __init__(self) -> None:
        super().__init__()
        self.cells: dict[Cell, Bucket] | None = None

    def all(self) -> Bucket:
        return self

    def divide(self, by_key: Mapping[Key, Cell]) -> dict[Cell, Bucket]:
        """Store the tasks by cell, too, from now on: all of them in one step, or none. O(tasks of the user)."""
        divided: dict[Cell, Bucket] = {}
        for number in self if self.is_ordered else sorted(self):
            item = self[number]
            _put(divided, by_key[key_of(item.info)], number, item)
        self.cells = divided
        return divided

    def within(self, wanted: Collection[Cell], by_key: Mapping[Key, Cell]) -> Sequence[Bucket]:
        """Return the tasks that are in some cells; walk the fewer of these cells and the user's own."""
        own = self.cells or self.divide(by_key)
        if len(wanted) <= len(own):
            return [*filter(None, map(own.get, wanted))]  # no bucket is empty
        return [bucket for cell, bucket in own.items() if cell in wanted]

    def replace(self, number: int, item: ListItem, cell: Cell, old_cell: Cell) -> None:
        self[number] = item
        if self.cells is not None:
            if cell is not old_cell:
                _take(self.cells, old_cell, number)
            _put(self.cells, cell, number, item)

    def remove(self, number: int, cell: Cell) -> None:
        del self[number]
        if self.cells is not None:
            _take(self.cells, cell, number)


def _put(cells: dict[Cell, Bucket], cell: Cell, number: int, item: ListItem) -> None:
    bucket = cells.get(cell)
    if bucket is None:
        bucket = cells[cell] = Bucket()
    bucket.put(number, item)


def _take(cells: dict[Cell, Bucket], cell: Cell, number: int) -> None:
    bucket = cells[cell]
    del bucket[number]
    if not bucket:
        del cells[cell]


def _of_cells(cells: Iterable[Cell], names: Collection[str], at_most: int) -> list[dict[int, ListItem]]:
    """Return the tasks in cells that belong to these users; look at each task."""
    found: dict[int, ListItem] = {}
    for cell in cells:
        found.update(islice(((number, item) for number, item in cell.items() if item.info.user in names), at_most + 1))
        if len(found) > at_most:
            break
    return [found]


class Users(dict[str, _SmallUser | _LargeUser]):
    """Hold the tasks of each user by name; no user is without tasks."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def add(self, number: int, item: ListItem, name: str, cell: Cell) -> None:
        """Put a task, which may have a smaller number than others of the user."""
        user = self.get(name)
        if user is None:
            user = self[name] = _SmallUser()
        if isinstance(user, _LargeUser):
            user.put(number, item)
            if user.cells is not None:
                _put(user.cells, cell, number, item)
            elif len(user) > _HUGE:
                user.divide(self._cells.by_key)
        else:
            user[number] = cell
            if len(user) > _SMALL:
                large = self[name] = _LargeUser()
                for older in sorted(user):
                    large.put(older, user[older][older])

    def replace(self, number: int, item: ListItem, name: str, cell: Cell, old_cell: Cell) -> None:
        """Put a newer state of a task of the same user, possibly in another cell."""
        user = self[name]
        if isinstance(user, _LargeUser):
            user.replace(number, item, cell, old_cell)
        else:
            user[number] = cell

    def remove(self, number: int, name: str, cell: Cell) -> None:
        """Remove a task, and the user with the last one."""
        user = self[name]
        if isinstance(user, _LargeUser):
            user.remove(number, cell)
        else:
            del user[number]
        if not user:
            del self[name]

    def all_of(self, names: Collection[str], at_most: int) -> Sequence[Mapping[int, ListItem]]:
        """Return all tasks of these users, in parts; possibly only some of more than at_most."""
        if len(names) == 1:
            (name,) = names
            user = self.get(name)
            return [] if user is None else [user.all()]
        found: dict[int, ListItem] = {}
        parts: list[Mapping[int, ListItem]] = [found]
        count = 0
        for user in self._known(names):
            if isinstance(user, _LargeUser):
                parts.append(user)
            else:
                for number, cell in user.items():
                    found[number] = cell[number]
            count += len(user)
            if count > at_most:
                break
        return parts if found else parts[1:]

    def matching(self, names: Collection[str], sets: Sets, at_most: int) -> Sequence[Mapping[int, ListItem]]:
        """Return the tasks of these users that match three sets, in parts; possibly only some of more than at_most.

        Walk each user's tasks or cells, or each task of the matching cells, whichever are fewer.
        """
        cells = self._cells
        plan = cells.plans.get(sets)
        if len(names) == 1:
            (name,) = names
            user = self.get(name)
            if user is None:
                return []
            if plan is None and len(user) <= cells.count(sets):
                return [_matching_of([user], sets, at_most)]
            return user.within((plan or cells.plan(sets)).cells, cells.by_key)
        if plan is None and len(names) > _SMALL and cells.count(sets) <= len(names):
            plan = cells.plan(sets)
        if plan is not None and _SMALL < len(names) >= sum(map(len, plan.cells)):  # at most as many tasks as users
            return _of_cells(plan.cells, names, at_most)
        users = self._known(names)
        if plan is None:
            if sum(map(len, users)) <= cells.count(sets):
                return [_matching_of(users, sets, at_most)]
            plan = cells.plan(sets)
        return _within(users, names, plan.cells, cells.by_key, at_most)

    def _known(self, names: Collection[str]) -> list[_SmallUser | _LargeUser]:
        """Return the users of these names that have tasks; walk the fewer of names and users."""
        if len(names) <= len(self):  # `common`, written out: 58 us instead of 63 us for 200 users
            return [user for user in map(self.get, names) if user is not None]
        return [self[name] for name in common(names, self)]


def _matching_of(users: Iterable[_SmallUser | _LargeUser], sets: Sets, at_most: int) -> dict[int, ListItem]:
    """Return the tasks of users that match three sets; look at each task."""
    found: dict[int, ListItem] = {}
    for user in users:
        if isinstance(user, _LargeUser):
            its = ((number, item) for number, item in user.items() if matches(key_of(item.info), sets))
            found.update(islice(its, at_most + 1))
        else:
            for number, cell in user.items():
                if matches(cell.key, sets):
                    found[number] = cell[number]
        if len(found) > at_most:
            break
    return found


def _within(
    users: Iterable[_SmallUser | _LargeUser],
    names: Collection[str],
    wanted: Collection[Cell],
    by_key: Mapping[Key, Cell],
    at_most: int,
) -> Sequence[Mapping[int, ListItem]]:
    """Return the tasks of users in some cells: walk each user, or the tasks of the cells, whichever are fewer."""
    few: dict[int, ListItem] = {}
    parts: list[Mapping[int, ListItem]] = [few]
    count = len(wanted)
    steps = sum(map(len, wanted))  # the steps left; below 0 the walk over the tasks of the cells is shorter
    left = _MOST_DIVIDED
    for user in users:
        if isinstance(user, _SmallUser):
            steps -= len(user)
            for number, cell in user.items():
                if cell in wanted:
                    few[number] = cell[number]
        else:
            own = user.cells
            if own is None:
                left -= len(user)
                if left < 0:  # a later question divides the others
                    steps = left
                    break
                own = user.divide(by_key)
            if count <= len(own):
                steps -= count
                for cell in wanted:
                    if cell in own:
                        parts.append(own[cell])
            else:
                steps -= len(own)
                parts += [bucket for cell, bucket in own.items() if cell in wanted]
        if steps < 0 or len(few) + len(parts) > at_most + 1:  # only the first part can be empty
            break
    return parts if steps >= 0 else _of_cells(wanted, names, at_most)
