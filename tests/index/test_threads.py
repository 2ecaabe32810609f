"""Test that a listing of an index is a snapshot, while other threads write (L-8)."""

import sys
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from snaptasks import EVERYTHING, FilterSpec, Grants, TaskIndex
from tests.building import plain_item
from tests.index.filings import check_parts
from tests.source_calls import select

PAIRS = 40
ROUNDS = 300


class Unlocked:
    """Represent a lock that locks nothing."""

    def __enter__(self) -> None: ...

    def __exit__(self, *args: object) -> None: ...

    def _is_owned(self) -> bool:
        return False


def torn_reads(index: TaskIndex, rounds: int) -> list[str]:
    """Return the inconsistent listings that readers see while a writer changes the service of each task.

    The writer moves one task after another. So a snapshot has the new service in a prefix of the tasks, and the old one
    in the rest.
    """
    names = [f"t{number}" for number in range(PAIRS)]
    items = {service: [plain_item(name, service=service, user=service) for name in names] for service in "ab"}
    for item in items["a"]:
        index.put(item)
    problems: list[str] = []
    is_over = threading.Event()

    def write() -> None:
        try:
            for number in range(rounds):
                for item in items["ba"[number % 2]]:
                    index.put(item)
        except Exception as error:  # noqa: BLE001 - a torn write may raise any exception
            problems.append(repr(error))
        finally:
            is_over.set()

    def read(listing: Callable[[], Any]) -> None:
        while not is_over.is_set() and not problems:
            try:
                found = listing()
            except Exception as error:  # noqa: BLE001 - a torn read may raise any exception
                problems.append(repr(error))
                return
            if [item.task for item in found] != names:
                problems.append(f"{len(found)} of {PAIRS} tasks, or out of order")
            services = [item.info.service for item in found]
            if sum(one != other for one, other in pairwise(services)) > 1:
                problems.append(f"half-way: {''.join(services)}")

    every = FilterSpec(services={"a", "b"})
    listings: list[Callable[[], Any]] = [
        lambda: select(index, FilterSpec(), EVERYTHING, 1000),
        lambda: select(index, every, EVERYTHING, 1000),
        lambda: select(index, FilterSpec(users={"a", "b"}), EVERYTHING, 1000),
        lambda: select(index, every, Grants([FilterSpec(users={"a"}), FilterSpec(users={"b"})]), 1000),
        lambda: select(index, FilterSpec(tasks=names), EVERYTHING, 1000),
        lambda: select(index, every, lambda item: True, 1000),
    ]
    threads = [threading.Thread(target=write), *(threading.Thread(target=read, args=(each,)) for each in listings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return problems


@pytest.fixture
def eager_switching() -> Iterator[None]:
    """Let threads take turns as often as the interpreter can, so that torn reads come up."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_switching")
def test_listings_while_another_thread_writes_are_snapshots() -> None:
    """L-8: Each kind of query gives a snapshot."""
    index = TaskIndex()
    assert torn_reads(index, ROUNDS) == []
    check_parts(index)


@pytest.mark.usefixtures("eager_switching")
def test_listings_without_the_lock_are_torn() -> None:
    """L-8: Without the lock, the same readers see torn lists, so that the test above can fail."""
    index = TaskIndex()
    index._lock = Unlocked()  # type: ignore[assignment]
    assert torn_reads(index, 20 * ROUNDS) != []
