"""L-10: whatever comes in the middle of a call of a TaskIndex, every answer is that of before or of after it.

Each test runs for long in `nox -s interrupts`; tests/index/interruptions.py has what they do.
"""

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

needs_fork = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # of threads and forks, since 3.12


def test_an_exception_at_any_opcode_leaves_before_or_after() -> None:
    """L-10: a write is done or not at all, and a listing changes nothing."""
    assert sum(interruptions.exceptions(seed, 40) for seed in range(80)) > 2000


def test_a_call_at_any_opcode_of_another_is_done() -> None:
    """L-10: a signal handler may list and write; both calls give what one of the two orders gives."""
    assert sum(interruptions.calls_from_within(seed, 20) for seed in range(80)) > 1000


def test_timer_signals_that_raise_leave_before_or_after() -> None:
    """L-10: a soft time limit, as task queues and servers set it."""
    assert interruptions.signals(1, 300) == 300


def test_no_room_on_the_stack_leaves_before_or_after() -> None:
    """L-10: RecursionError wherever it comes up."""
    assert sum(map(interruptions.ends_of_the_stack, range(12))) > 20


def test_a_finalizer_that_calls_the_index_is_done() -> None:
    """L-10: the collector runs in the middle of a call."""
    assert sum(map(interruptions.finalizers, range(60))) == 60


@needs_fork
def test_a_fork_while_others_write_leaves_the_child_an_index() -> None:
    """L-10: no child waits for a thread that it does not have."""
    assert interruptions.forks(1, 20) == 20


@needs_fork
def test_a_fork_in_the_middle_of_a_call_leaves_both_an_index() -> None:
    """L-10: the call goes on in parent and child."""
    assert sum(map(interruptions.forks_within, range(8))) == 8


# What the tests above would find


def without_mark(patch: pytest.MonkeyPatch) -> None:
    """A filing that says that it is whole while it is changed."""
    patch.setattr(filing.Filing, "is_whole", property(lambda self: True, lambda self, value: None))


def keeping_the_lock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(task_index, "_leave", lambda *_: None)


def not_knowing_itself(patch: pytest.MonkeyPatch) -> None:
    """An index that takes a call from within for one of its own."""
    patch.setattr(task_index, "_is_mine", lambda lock: False)


def not_knowing_forks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TaskIndex, "_after_fork", lambda self: None)


@needs_fork
@pytest.mark.parametrize(
    ("fault", "law"),
    [
        (without_mark, lambda seed: interruptions.exceptions(seed, 40)),
        (without_mark, lambda seed: interruptions.signals(seed, 300)),
        (without_mark, interruptions.ends_of_the_stack),
        (keeping_the_lock, lambda seed: interruptions.exceptions(seed, 40)),
        (not_knowing_itself, lambda seed: interruptions.calls_from_within(seed, 40)),
        (not_knowing_forks, lambda seed: interruptions.forks(seed, 20)),
    ],
)
def test_a_fault_is_found(
    fault: Callable[[pytest.MonkeyPatch], None], law: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """L-10: each of these laws can fail."""
    fault(monkeypatch)
    monkeypatch.setattr(interruptions, "PATIENCE", 0.5)
    with pytest.raises((Broken, KeyError, RuntimeError)):
        sum(map(law, range(200)))


# Examples


def test_put_all_is_done_or_not_at_all() -> None:
    """L-10, L-5: one write; of a repeated id the last stands, in the place of the first."""
    index = TaskIndex([plain_item("a"), plain_item("b")])
    index.put_all([plain_item("c"), plain_item("a", user="u"), plain_item("c", user="v")])
    assert [*index] == [plain_item("a", user="u"), plain_item("b"), plain_item("c", user="v")]
    before = [*index]

    def some() -> Iterator[Any]:
        yield plain_item("d")
        index.remove("b")
        yield "no task"

    with pytest.raises(TypeError, match="a TaskIndex holds ListItems, not str"):
        index.put_all(some())
    assert [*index] == [before[0], before[2]]
    index.put_all([])
    index.put_all(plain_item(f"t{number}") for number in range(50))
    assert len(index) == 52


def test_put_all_without_memory_puts_nothing() -> None:
    """L-10: where memory ends in the middle of it."""

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


def test_a_write_in_the_middle_of_looking_ids_up() -> None:
    """L-10: what it removes is not found, and the rest is."""

    class Meddling(dict[str, ListItem]):
        def __getitem__(self, task: str) -> ListItem:
            index.remove("b")
            return super().__getitem__(task)

    index = TaskIndex()
    index._tasks = Meddling({name: plain_item(name) for name in "abc"})
    index._filing = None
    found = list_tasks(index, FilterSpec(tasks={"a", "b", "c"}), visibility=EVERYTHING)
    assert [item.task for item in found] == ["a", "c"]


def test_an_exception_at_the_very_end_of_a_call_frees_the_lock() -> None:
    """L-10: between the last line of `with` and its end, where Python does not leave the lock."""
    index = TaskIndex([plain_item("a"), plain_item("b")])

    class Kept:
        """The lock, which is not left."""

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


def test_a_child_waits_for_no_thread_that_it_lacks() -> None:
    """L-10: what is done in a child after a fork, done here, where it can be seen."""
    index, other = TaskIndex([plain_item("a")]), TaskIndex()
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with suppress(RuntimeError), index._lock:  # which it does not hold any more in the end
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


def test_a_remove_in_the_middle_of_put_all() -> None:
    """L-10: of the very task that is put, at each opcode."""
    state = {name: plain_item(name) for name in "abc"}
    work, inner = interruptions.put_all([plain_item("b", user="u")]), interruptions.remove("b")
    for number in range(opcodes(TaskIndex(state.values()), work)):
        index = TaskIndex(state.values())
        at_opcode(number, lambda: inner.do(index), lambda: work.do(index))  # noqa: B023 - called at once
        assert problem(index, [inner.after(work.after(state)), work.after(inner.after(state))]) is None


def test_a_listing_ends_however_often_a_handler_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """L-10: also where each filing is dropped before it is whole."""
    index = TaskIndex(plain_item(f"t{number}", user="uv"[number % 2]) for number in range(40))
    fill, beats = filing.Filing.fill, 0

    def filled(self: filing.Filing) -> None:
        nonlocal beats
        beats += 1
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
    assert beats < 30


def test_a_task_that_is_replaced_ends_without_the_lock() -> None:
    """L-10: so that its finalizer may wait for what another thread has."""
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
    """A task with a note."""

    note: str = ""


class Turning(ListItem):
    """A task whose state is computed whenever it is asked for."""

    @property
    def info(self) -> Info:
        return plain_item("t", user="u").info

    @info.setter
    def info(self, info: Info) -> None: ...


def test_a_task_that_can_change_is_refused() -> None:
    """V-2: it could not be found again under what it was filed under."""
    item = plain_item("t")
    own = Own(task="t", info=item.info, note="n")
    index = TaskIndex([own])
    assert index.find("t") is own
    with pytest.raises(TypeError, match="a TaskIndex holds ListItems that cannot change; Turning computes its info"):
        index.put(Turning(task="t", info=item.info))
    assert [*index] == [own]


def test_a_listing_that_is_interrupted_leaves_nothing_to_make_again() -> None:
    """L-10: at a million tasks a second would be lost; only a write that is interrupted costs it."""
    work = interruptions.ask(FilterSpec(users={"u"}, status={"FAILED"}), EVERYTHING, 1000)
    items = [plain_item(f"t{number}", user="u") for number in range(40)]
    for number in range(opcodes(TaskIndex(items), work)):
        index = TaskIndex(items)
        whole = index._filing
        assert at_opcode(number, interrupt, lambda: work.do(index)) is Interrupted  # noqa: B023 - called at once
        assert index._filing is whole
        assert whole is not None
        assert whole.is_whole
