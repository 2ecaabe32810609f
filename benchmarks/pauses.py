"""Measure waiting: how long hostile questions hold the lock, and how long the calls of another thread wait."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from snaptasks import MAX_RESULTS, FilterSpec, Grants, ListItem, TaskIndex, Wanted

from .measuring import Row, at_most
from .workload import USERS, population

_MEMBERS = 20_000
_GRANTS = 999
_CELLS = 100_000
_MANY_USERS = 50_000


def rows(items: list[ListItem]) -> Iterator[Row]:
    """Yield the rows of the largest questions: to an index with a cell for each task, and to a realistic one."""
    index = _hostile_index()
    grants, filters = _grants(), _filters()
    yield _held(f"{_MEMBERS:,} members under {_GRANTS} grants, the lock held", index, grants, (100, 10))
    yield _held(
        f"filters of {_MEMBERS:,} members, the lock held, {_CELLS:,} cells and {_MANY_USERS:,} users", index, filters
    )
    yield from _waits("hostile questions", index, grants | filters)
    realistic = TaskIndex(items)
    first = {
        f"some tasks of {user}, for the first time": _Question(FilterSpec(users={user}, status={"FAILED"}))
        for user in USERS[:3]
    }
    several = {"a status of each user": _Question(FilterSpec(users=USERS, status={"RUNNING"}))}
    scans = {"a scan of FAILED": _Question(FilterSpec(status={"FAILED"}), is_scan=True)}
    size = f"{len(items) // 1000:,}k"
    yield _held(f"questions to {size} tasks, the lock held", realistic, first | several | scans)
    yield from _waits(f"questions to {size} tasks", realistic, several | scans)


class _Question:
    """Call an index with a question, by select or by scan."""

    def __init__(self, filter: FilterSpec, grants: Grants | None = None, *, is_scan: bool = False) -> None:
        self.wanted = Wanted((filter,)) if grants is None else Wanted.of(filter, grants)
        self.is_scan = is_scan

    def __call__(self, index: TaskIndex) -> None:
        if self.wanted is not None:
            if self.is_scan:
                index.scan(self.wanted)
            else:
                index.select(self.wanted, MAX_RESULTS)


def _hostile_index() -> TaskIndex:
    """Return an index with a cell for each task, and two tasks of each user."""
    one = population(1)[0]
    return TaskIndex(
        one.evolve(
            task=f"t{n}",
            info=one.info.evolve(service=f"s{n % _MEMBERS}", user=f"u{n % _MANY_USERS}", operation=f"o{n}"),
        )
        for n in range(_CELLS)
    )


def _grants() -> dict[str, _Question]:
    members: dict[str, Any] = {
        "services": [f"s{n}" for n in range(_MEMBERS)],
        "tasks": [f"t{n}" for n in range(_MEMBERS)],
        "users": [f"u{n}" for n in range(_MEMBERS)],
        "operations": [f"o{n}" for n in range(_MEMBERS)],
    }
    granted: dict[str, list[dict[str, Any]]] = {
        "users and an operation": [{"users": [f"u{n}"], "operations": ["o1"]} for n in range(_GRANTS)],
        "operations": [{"operations": [f"o{n}"]} for n in range(_GRANTS)],
        "two services and a user": [{"services": [f"s{n}", f"s{n + 1}"], "users": [f"u{n}"]} for n in range(_GRANTS)],
        "services": [{"services": [f"s{n}"]} for n in range(_GRANTS)],
    }
    return {
        f"{field} under grants of {name}": _Question(
            FilterSpec(**{field: names}), Grants([FilterSpec(**each) for each in fields])
        )
        for field, names in members.items()
        for name, fields in granted.items()
    }


def _filters() -> dict[str, _Question]:
    services, operations, users, unknown = ([f"{name}{n}" for n in range(_MEMBERS)] for name in ("s", "o", "u", "x"))
    every = [f"u{n}" for n in range(_MANY_USERS)]
    questions = {
        "services": FilterSpec(services=services),
        "services and operations": FilterSpec(services=services, operations=operations),
        "services and a status that none has": FilterSpec(services=services, status={"FAILED"}),
        "users": FilterSpec(users=users),
        "all users and unknown services": FilterSpec(users=every, services=unknown),
        "all users and services": FilterSpec(users=every, services=services),
        "all users and a status": FilterSpec(users=every, status={"FAILED"}),
        "ids": FilterSpec(tasks=[f"t{n}" for n in range(_MEMBERS)]),
    }
    found = {name: _Question(filter) for name, filter in questions.items()}
    return found | {f"a scan of {name}": _Question(filter, is_scan=True) for name, filter in questions.items()}


def _held(
    work: str, index: TaskIndex, questions: dict[str, _Question], bounds: tuple[float, float] | None = None
) -> Row:
    """Measure the longest time that the lock is held, with the collector off: its time depends on other objects."""
    lock = index._lock  # noqa: SLF001 - the lock is not public
    longest = (0.0, "")
    gc.collect()
    gc.disable()
    index._lock = clock = _Clock()  # type: ignore[assignment]  # noqa: SLF001
    try:
        for name, ask in questions.items():
            for _ in range(2):
                clock.longest = 0.0
                ask(index)
                longest = max(longest, (clock.longest, name))
    finally:
        index._lock = lock  # noqa: SLF001
        gc.enable()
    seconds, name = longest
    if bounds is None:
        return Row(work, "-", "-", f"{seconds * 1e3:.3g} ms ({name})", None)
    return at_most(work, seconds * 1e3, *bounds, "ms", f" ({name})")


def _waits(work: str, index: TaskIndex, questions: dict[str, _Question]) -> Iterator[Row]:
    """Measure the longest `find` and the longest listing of one user in another thread.

    A part of these times is the lock of the interpreter.
    """
    task = next(iter(index)).task
    of_a_user = Wanted([FilterSpec(users={"u1", USERS[-1]})])
    calls: dict[str, Callable[[], object]] = {
        "find": lambda: index.find(task),
        "listing": lambda: index.select(of_a_user, MAX_RESULTS),
    }
    for name, call in calls.items():
        waited = [0.0]
        is_over = threading.Event()

        def wait(
            call: Callable[[], object] = call, waited: list[float] = waited, is_over: threading.Event = is_over
        ) -> None:
            while not is_over.is_set():
                start = perf_counter()
                call()
                waited[0] = max(waited[0], perf_counter() - start)

        thread = threading.Thread(target=wait)
        thread.start()
        for ask in questions.values():
            ask(index)
        is_over.set()
        thread.join()
        note = f" (threads take turns after {sys.getswitchinterval() * 1e3:g} ms)"
        yield Row(f"{work}: the longest {name} of another thread", "-", "-", f"{waited[0] * 1e3:.3g} ms{note}", None)


class _Clock:
    """Replace a lock, and record the longest time that it is held, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0

    def __enter__(self) -> None:
        self._start = perf_counter()

    def __exit__(self, *_: object) -> None:
        self.longest = max(self.longest, perf_counter() - self._start)

    def _is_owned(self) -> bool:
        return False
