"""An index in many threads: a listing is a snapshot (L-8)."""

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
    """A lock that locks nothing."""

    def __enter__(self) -> None: ...

    def __exit__(self, *args: object) -> None: ...

    def _is_owned(self) -> bool:
        return False


def torn_reads(index: TaskIndex, rounds: int) -> list[str]:
    """What readers saw while a writer turned pairs of services over, in one pass each; a listing is never half-way.

    The writer moves one task after the other, so that a snapshot has the tasks in a prefix of the new service and the
    rest of the old one.
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
        except Exception as error:  # noqa: BLE001 - whatever a torn write raises
            problems.append(repr(error))
        finally:
            is_over.set()

    def read(listing: Callable[[], Any]) -> None:
        while not is_over.is_set() and not problems:
            try:
                found = listing()
            except Exception as error:  # noqa: BLE001 - whatever a torn read raises
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
    """Threads take turns as often as the interpreter can, so that what can be torn is torn."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_switching")
def test_readers_never_see_a_writer_half_way() -> None:
    """L-8: a listing is a snapshot, whichever way it is found."""
    index = TaskIndex()
    assert torn_reads(index, ROUNDS) == []
    check_parts(index)


@pytest.mark.usefixtures("eager_switching")
def test_the_lock_is_what_keeps_reads_whole() -> None:
    """L-8: the same readers and writer see torn lists without it, so that the test above can fail."""
    index = TaskIndex()
    index._lock = Unlocked()  # type: ignore[assignment]
    assert torn_reads(index, 20 * ROUNDS) != []
