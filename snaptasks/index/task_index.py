"""Hold the tasks, the lock, and the guarantees when a call is interrupted (L-8, L-10).

Decides which call may change what and when. Does not know where a task stands, or how a question is answered.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from operator import methodcaller
from typing import Final, NoReturn, TypeVar, TypeVarTuple
from weakref import WeakValueDictionary

from ..filters import FilterSpec, covering
from ..sources import OVER_LIMIT, OverLimit, Wanted, answers_exactly, plain_id
from ..tasks import ListItem
from .cells import EVERY
from .filing import Candidates, Filing, task_of

__all__ = ["TaskIndex"]

_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")


# Return whether this thread holds a `threading.RLock`, by the method that the lock has for `threading.Condition`.
_is_mine: Final[Callable[[object], bool]] = methodcaller("_is_owned")
# Free an RLock in a forked child, as `logging` does. A new lock would not do: a call of the child may be about to take
# this one.
_free_in_child: Final[Callable[[object], None]] = methodcaller("_at_fork_reinit")


@answers_exactly
class TaskIndex:
    """Hold tasks in memory as a TaskSource, for many tasks and many threads.

    The cost of a listing depends on the tasks that it returns, not on the tasks held. Listings and iteration are in the
    order in which tasks were first put (L-5). Each is a snapshot, even if other threads write meanwhile (L-8). An
    exception in the middle of a call leaves all tasks as before or as after that call. A signal handler or a finalizer
    may call the index in the middle of another call. A forked child has a usable index (L-10).

    In the complexities, n is the number of tasks held and k of those returned; c is the number of matching combinations
    of service, operation and status; u is the number of users in the filter.
    """

    # Slots, because the listing trusts this class: an instance must not have methods of its own.
    __slots__ = ("__weakref__", "_filing", "_lock", "_tasks")

    def __init__(self, items: Iterable[ListItem] = ()) -> None:
        """Hold these tasks, as `put_all` does. O(items)."""
        self._lock = threading.RLock()
        self._tasks: dict[str, ListItem] = {}  # the truth, in order; the rest is derived from it
        self._filing: Filing | None = None
        _indexes[id(self)] = self
        self.put_all(items)

    def put(self, item: ListItem) -> None:
        """Insert a task, or replace the task of this id, which keeps its place in the order (L-5). O(1).

        Raises TypeError for a value that is not a ListItem, and for a ListItem whose class computes its fields.
        """
        task = task_of(item)
        lock = self._lock  # `_locked`, written out: it takes 0.3 us less
        if _is_mine(lock):
            self._put(True, task, item)
            return
        try:
            with lock:
                old = self._put(False, task, item)
        except BaseException:
            _leave(lock)
            raise
        del old  # its finalizer, if it has one, runs without the lock

    def put_all(self, items: Iterable[ListItem]) -> None:
        """Put many tasks as one write: all or none (L-10). O(items).

        If an id is repeated, its last task counts, in the place of the first (L-5). The call holds the lock for about
        2 us an item; put a million in portions while other threads use the index. Raises TypeError as `put` does, and
        any exception of the iterable; then it puts nothing.
        """
        given = {task_of(item): item for item in items}
        self._locked(self._put_all, given)

    def remove(self, task: str) -> bool:
        """Remove a task, and return whether it was there; a task that is put again comes last (L-5). O(1)."""
        return self._locked(self._remove, plain_id(task)) is not None

    def find(self, task: str) -> ListItem | None:
        """Return the task of this id, or None, without waiting for another call. O(1)."""
        return self._tasks.get(plain_id(task))

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return the wanted tasks in order; OVER_LIMIT, or a longer sequence, if more than at_most (L-1 to L-7).

        With tasks in the filter: O(ids log ids). Without: O(c + k log k). With users: O(u * c + k log k), or the number
        of tasks of the users or of the cells, whichever is less; the first time also the tasks of the users. If
        more than at_most match, counts are enough. Filters cost their sum; those that differ only in users count once.
        """
        filters = wanted.filters
        filter = filters[0]
        is_one = len(filters) == 1
        if is_one and len(filter.tasks) == 1:
            (task,) = filter.tasks
            item = self._tasks.get(task)  # without waiting for another call, as `find`
            one = [item] if item is not None and filter.matches(item) else []
            return OVER_LIMIT if len(one) > at_most else one
        lock = self._lock  # `_locked`, written out: it takes 0.3 us less
        if _is_mine(lock):
            found = self._select(True, wanted, at_most)
        else:
            try:
                with lock:
                    filing = self._filing
                    if filing is None or not filing.is_whole:
                        filing = self._current(False)
                    found = filing.selected(filter, at_most) if is_one else filing.united(wanted, at_most)
                    is_dropped = self._filing is not filing
            except BaseException:
                _leave(lock)
                raise
            if is_dropped:  # a write from within came in between
                found = self._locked(self._select, wanted, at_most)
        if found is not None:
            return found
        candidates = self._locked(self._scan, covering(filters), False)
        some = list(islice(candidates.in_order(wanted), min(at_most, EVERY) + 1))
        return OVER_LIMIT if len(some) > at_most else some

    def scan(self, wanted: Wanted) -> Iterable[ListItem]:
        """Return the wanted tasks in order, as of this call (L-8). O(matches); O(n) if they are more than a quarter."""
        filters = wanted.filters
        if len(filters) == 1:
            return self._locked(self._scan, filters[0], True).in_order(wanted)
        found = self._locked(self._unite, wanted)
        candidates = self._locked(self._scan, covering(filters), False) if found is None else found
        return candidates.in_order(wanted)

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[ListItem]:
        """Iterate over all tasks in order, as of this call. O(n)."""
        return iter(self._locked(self._all))

    def __contains__(self, task: object) -> bool:
        """Return whether there is a task of this id, without waiting for another call. O(1)."""
        return issubclass(type(task), str) and plain_id(task) in self._tasks

    def __reduce__(self) -> NoReturn:
        """Refuse a copy: both would share the tasks, but each would file only its own writes."""
        raise TypeError("a TaskIndex must not be copied or pickled; TaskIndex(index) makes one of the same tasks")

    def __repr__(self) -> str:
        return f"<TaskIndex of {len(self)} tasks>"

    def _locked(self, call: Callable[[bool, *_Arguments], _T], *arguments: *_Arguments) -> _T:
        """Make a call with the lock held; pass it whether it comes from within another call of this thread."""
        lock = self._lock
        if _is_mine(lock):
            return call(True, *arguments)
        try:
            with lock:
                return call(False, *arguments)
        except BaseException:
            _leave(lock)
            raise

    def _after_fork(self) -> None:
        """Free the lock if a thread of the parent holds it, because a forked child does not have that thread."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            _free_in_child(self._lock)

    # The methods below are called with the lock held. A call from within a call changes no filing, because the outer
    # call is reading or changing it: a write changes the tasks and drops the filing, a read makes its own if it must.

    def _current(self, is_within: bool) -> Filing:
        """Return a whole filing; make one from all tasks if there is none."""
        filing = self._filing
        if filing is not None and filing.is_whole:
            return filing
        if is_within:
            return self._private_filing()
        filing = self._filing = Filing(self._tasks)  # stored before it is filled, so that a write from within drops it
        filing.fill()
        return filing

    def _private_filing(self) -> Filing:
        """Make a filing of a copy of the tasks, which no write changes or drops."""
        filing = Filing(self._tasks.copy())
        filing.fill()
        return filing

    def _ask(self, is_within: bool, ask: Callable[[Filing], _T]) -> _T:
        """Ask a filing; ask a private one if a write from within made the answer a mixture of before and after."""
        filing = self._current(is_within)
        found = ask(filing)
        return found if self._filing is filing or filing.tasks is not self._tasks else ask(self._private_filing())

    def _select(self, is_within: bool, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit | None:
        return self._ask(is_within, lambda filing: filing.select(wanted, at_most))

    def _unite(self, is_within: bool, wanted: Wanted) -> Candidates | None:
        return self._ask(is_within, lambda filing: filing.united_candidates(wanted))

    def _scan(self, is_within: bool, filter: FilterSpec, is_exact: bool) -> Candidates:
        return self._ask(is_within, lambda filing: filing.candidates(filter, is_exact=is_exact))

    def _all(self, is_within: bool) -> tuple[ListItem, ...]:
        return self._current(is_within).all()

    def _put(self, is_within: bool, task: str, item: ListItem) -> ListItem | None:
        """Put a task, and return the task that it replaces, so that its finalizer runs without the lock."""
        old = self._tasks.get(task)
        filing = self._filing  # read after `old`, so that `old` is the filed state
        if filing is None or is_within or not filing.is_whole:
            self._filing = None
            self._tasks[task] = item
        else:
            filing.is_whole = False
            self._tasks[task] = item
            filing.put(task, item, old)
            filing.is_whole = True
        return old

    def _put_all(self, is_within: bool, given: dict[str, ListItem]) -> object:
        """Put tasks, and return the tasks that they replace, so that their finalizers run without the lock."""
        before = {task: old for task in given if (old := self._tasks.get(task)) is not None}
        filing = self._filing  # read after `before`, so that `before` is the filed state
        if filing is None or is_within or not filing.is_whole or len(given) >= len(self._tasks):
            filing = self._filing = None
        else:
            filing.is_whole = False
        try:
            self._tasks.update(given)  # one step; only a lack of memory can interrupt it
        except MemoryError:
            for task, item in given.items():
                if self._tasks.get(task) is not item:
                    continue
                if task in before:
                    self._tasks[task] = before[task]
                else:
                    self._tasks.pop(task, None)
            raise
        if filing is not None:
            for task, item in given.items():
                filing.put(task, item, before.get(task))
            filing.is_whole = True
        elif not is_within:
            self._current(is_within)
        return before

    def _remove(self, is_within: bool, task: str) -> ListItem | None:
        """Remove a task and return it, so that its finalizer runs without the lock."""
        old = self._tasks.get(task)
        if old is None:
            return None
        filing = self._filing  # read after `old`, so that `old` is the filed state
        if filing is None or is_within or not filing.is_whole:
            self._filing = None
            return self._tasks.pop(task, None)
        filing.is_whole = False
        self._tasks.pop(task, None)
        filing.remove(task, old)
        filing.is_whole = True
        return old


def _leave(lock: threading.RLock) -> None:
    """Release the lock if an exception came between the last line of a `with` and its end."""
    if _is_mine(lock):
        lock.release()


_indexes: Final[WeakValueDictionary[int, TaskIndex]] = WeakValueDictionary()  # by id(), not by a subclass's own ==


def _after_fork() -> None:
    for index in list(_indexes.values()):
        index._after_fork()  # noqa: SLF001 - the index's own


# A platform without fork has no function to register with.
getattr(os, "register_at_fork", lambda **_: None)(after_in_child=_after_fork)
