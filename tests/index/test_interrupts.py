"""Test that every answer of an interrupted TaskIndex is that of before or of after the interrupted call (L-10).

`nox -s interrupts` runs these laws for longer; tests/index/interruptions.py defines them.
"""

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from snaptasks import EVERYTHING, FilterSpec, Info, ListItem, TaskIndex, list_tasks, value_type
from snaptasks.index import filing, task_index
from tests.building import plain_item
from tests.index import interruptions
from tests.index.interruptions import Broken, Interrupted, at_opcode, interrupt, opcodes, problem

needs_fork = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # about threads and forks, since 3.12


@pytest.fixture(autouse=True)
def keep_trace() -> Iterator[None]:
    """Set the trace function of coverage again, because Python removes one in which a signal raises."""
    before = sys.gettrace()
    yield
    sys.settrace(before)


@pytest.mark.slow
def test_exception_at_any_opcode_leaves_the_index_before_or_after_the_call() -> None:
    """L-10: A write is done whole or not at all, and a listing changes nothing."""
    assert sum(interruptions.exceptions(seed, 40) for seed in range(80)) > 2000


@pytest.mark.slow
def test_call_at_any_opcode_of_another_call_succeeds() -> None:
    """L-10: A signal handler may list and write; both calls give the answers of one of the two orders."""
    assert sum(interruptions.calls_from_within(seed, 20) for seed in range(80)) > 1000


def test_timer_signal_that_raises_leaves_the_index_before_or_after_the_call() -> None:
    """L-10: Task queues and servers set such a soft time limit."""
    assert interruptions.signals(1, 300) == 300


@pytest.mark.slow
def test_recursion_error_leaves_the_index_before_or_after_the_call() -> None:
    """L-10: The stack may end at any depth of the call."""
    assert sum(map(interruptions.ends_of_the_stack, range(12))) > 20


def test_finalizer_that_calls_the_index_succeeds() -> None:
    """L-10: The collector runs in the middle of a call."""
    assert sum(map(interruptions.finalizers, range(60))) == 60


@needs_fork
def test_fork_while_threads_write_leaves_the_child_a_usable_index() -> None:
    """L-10: The child does not wait for a thread that it does not have."""
    assert interruptions.forks(1, 20) == 20


@needs_fork
def test_fork_within_a_call_leaves_parent_and_child_a_usable_index() -> None:
    """L-10: The call continues in parent and child."""
    assert sum(map(interruptions.forks_within, range(8))) == 8


# Faults that the tests above would find


def without_mark(patch: pytest.MonkeyPatch) -> None:
    """Let a filing report that it is whole while it changes."""
    patch.setattr(filing.Filing, "is_whole", property(lambda self: True, lambda self, value: None))


def without_release(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(task_index, "_leave", lambda *_: None)


def without_reentry_check(patch: pytest.MonkeyPatch) -> None:
    """Let an index treat a call from within as a new call."""
    patch.setattr(task_index, "_is_mine", lambda lock: False)


def without_fork_handler(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TaskIndex, "_after_fork", lambda self: None)


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize(
    ("fault", "law"),
    [
        (without_mark, lambda seed: interruptions.exceptions(seed, 40)),
        (without_mark, lambda seed: interruptions.signals(seed, 300)),
        (without_mark, interruptions.ends_of_the_stack),
        (without_release, lambda seed: interruptions.exceptions(seed, 40)),
        (without_reentry_check, lambda seed: interruptions.calls_from_within(seed, 40)),
        (without_fork_handler, lambda seed: interruptions.forks(seed, 20)),
    ],
)
def test_law_with_faulty_index_fails(
    fault: Callable[[pytest.MonkeyPatch], None], law: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """L-10: Each of these laws can fail."""
    fault(monkeypatch)
    monkeypatch.setattr(interruptions, "PATIENCE", 0.5)
    with pytest.raises((Broken, KeyError, RuntimeError)):
        sum(map(law, range(200)))


# Examples


def test_put_all_puts_every_item_or_none() -> None:
    """L-10, L-5: put_all is one write; the last task of a repeated id replaces the first, in its place."""
    index = TaskIndex([plain_item("a"), plain_item("b")])
    index.put_all([plain_item("c"), plain_item("a", user="u"), plain_item("c", user="v")])
    assert [*index] == [plain_item("a", user="u"), plain_item("b"), plain_item("c", user="v")]
    before = [*index]

    def some() -> Iterator[Any]:
        yield plain_item("d")
        index.remove("b")
        yield "no task"

    with pytest.raises(TypeError, match="an item of a TaskIndex must be a ListItem, not str"):
        index.put_all(some())
    assert [*index] == [before[0], before[2]]
    index.put_all([])
    index.put_all(plain_item(f"t{number}") for number in range(50))
    assert len(index) == 52


def test_put_all_that_runs_out_of_memory_puts_nothing() -> None:
    """L-10: MemoryError may come up in the middle of the write."""

    class Full(dict[str, ListItem]):
        def update(self, *given: Any, **_: Any) -> None:
            for name, item in [*given[0].items()][:2]:
                self[name] = item
            raise MemoryError

    index = TaskIndex([plain_item("a"), plain_item("b"), plain_item("c"), plain_item("d")])
    before = [*index]
    index._tasks = Full(index._tasks)
    for given in ([plain_item("b", user="u"), plain_item("x")], [plain_item(name) for name in "xydbca"]):
        index._filing = None
        assert [*index] == before
        with pytest.raises(MemoryError):
            index.put_all(given)
        assert [*index] == before
        assert list_tasks(index, FilterSpec(services={"s"}), visibility=EVERYTHING).items == tuple(before)


def test_list_tasks_by_ids_during_a_remove_omits_only_the_removed_task() -> None:
    """L-10."""

    class Meddling(dict[str, ListItem]):
        def __getitem__(self, task: str) -> ListItem:
            index.remove("b")
            return super().__getitem__(task)

    index = TaskIndex()
    index._tasks = Meddling({name: plain_item(name) for name in "abc"})
    index._filing = None
    found = list_tasks(index, FilterSpec(tasks={"a", "b", "c"}), visibility=EVERYTHING)
    assert [item.task for item in found] == ["a", "c"]


def test_exception_at_the_end_of_a_with_block_frees_the_lock() -> None:
    """L-10: Between the last line of a `with` block and its end, Python does not release the lock."""
    index = TaskIndex([plain_item("a"), plain_item("b")])

    class Kept:
        """Represent a lock that `with` does not release."""

        def __init__(self, lock: Any) -> None:
            self.acquire, self.release, self._is_owned, self.__enter = (
                lock.acquire,
                lock.release,
                lock._is_owned,
                lock.__enter__,
            )

        def __enter__(self) -> None:
            self.__enter()

        def __exit__(self, *_: object) -> None:
            raise Interrupted

    lock = index._lock
    calls: list[Callable[[], object]] = [
        lambda: index.put(plain_item("c")),
        lambda: list(index),
        lambda: list_tasks(index, FilterSpec(services={"s"}), visibility=EVERYTHING),
    ]
    for call in calls:
        index._lock = Kept(lock)  # type: ignore[assignment]
        with pytest.raises(Interrupted):
            call()
        index._lock = lock
        assert interruptions.is_free(index)


def test_after_fork_frees_a_lock_that_another_thread_holds() -> None:
    """L-10: Run the handler of a forked child in this process, where its effect can be observed."""
    index, other = TaskIndex([plain_item("a")]), TaskIndex()
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with suppress(RuntimeError), index._lock:  # at the end, this thread does not hold the lock any more
            is_held.set()
            is_over.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait()
    task_index._after_fork()
    assert interruptions.is_free(index)
    assert interruptions.is_free(other)
    is_over.set()
    thread.join()


def test_remove_within_put_all_of_the_same_task_has_an_order() -> None:
    """L-10: Remove the task at each opcode of the call that puts it."""
    state = {name: plain_item(name) for name in "abc"}
    work, inner = interruptions.put_all([plain_item("b", user="u")]), interruptions.remove("b")
    for number in range(opcodes(TaskIndex(state.values()), work)):
        index = TaskIndex(state.values())
        at_opcode(number, lambda: inner.do(index), lambda: work.do(index))  # noqa: B023 - called immediately
        assert problem(index, [inner.after(work.after(state)), work.after(inner.after(state))]) is None


def test_list_tasks_ends_when_a_handler_writes_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """L-10: This holds even if each filing is dropped before it is whole."""
    index = TaskIndex(plain_item(f"t{number}", user="uv"[number % 2]) for number in range(40))
    fill, writes = filing.Filing.fill, 0

    def filled(self: filing.Filing) -> None:
        nonlocal writes
        writes += 1
        with index._lock:
            index.put(plain_item("heartbeat", user="u"))
        fill(self)

    monkeypatch.setattr(filing.Filing, "fill", filled)
    for spec in (FilterSpec(users={"u", "v"}, status={"SUCCEEDED"}), FilterSpec(tasks={"t1", "t2"}), FilterSpec()):
        index._filing = None
        expected = [item for item in index if spec.matches(item)]
        index._filing = None
        assert [*list_tasks(index, spec, visibility=EVERYTHING)] == expected
        index._filing = None
        assert [*list_tasks(index, spec, visibility=lambda item: True)] == expected
    assert writes < 30


def test_replaced_task_is_finalized_without_the_lock() -> None:
    """L-10: Its finalizer may wait for a lock that another thread holds."""
    index = TaskIndex()
    seen: list[bool] = []
    calls: list[Callable[[], object]] = [
        lambda: index.put(plain_item("a")),
        lambda: index.put_all([plain_item("a")]),
        lambda: index.remove("a"),
    ]
    for call in calls:
        item = plain_item("a", user="u")
        weakref.finalize(item, lambda: seen.append(task_index._is_mine(index._lock)))
        index.put(item)
        del item
        call()
    assert seen == [False] * 3


@value_type
class Own(ListItem):
    """Represent a task with a note."""

    note: str = ""


class Computed(ListItem):
    """Represent a task that computes its state at each access."""

    @property
    def info(self) -> Info:
        return plain_item("t", user="u").info

    @info.setter
    def info(self, info: Info) -> None: ...


def test_put_of_a_task_with_computed_info_raises_type_error() -> None:
    """V-2: An index could not find it again by the values under which it is filed."""
    item = plain_item("t")
    own = Own(task="t", info=item.info, note="n")
    index = TaskIndex([own])
    assert index.find("t") is own
    with pytest.raises(
        TypeError, match="an item of a TaskIndex must not change, but Computed computes its info; make info"
    ):
        index.put(Computed(task="t", info=item.info))
    assert [*index] == [own]


@pytest.mark.slow
def test_interrupted_listing_keeps_the_filing_whole() -> None:
    """L-10: A new filing of a million tasks takes a second; only an interrupted write costs it."""
    work = interruptions.select_at_most(FilterSpec(users={"u"}, status={"FAILED"}), EVERYTHING, 1000)
    items = [plain_item(f"t{number}", user="u") for number in range(40)]
    for number in range(opcodes(TaskIndex(items), work)):
        index = TaskIndex(items)
        whole = index._filing
        assert at_opcode(number, interrupt, lambda: work.do(index)) is Interrupted  # noqa: B023 - called immediately
        assert index._filing is whole
        assert whole is not None
        assert whole.is_whole
