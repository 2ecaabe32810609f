"""Interrupt calls of a TaskIndex by exceptions, signals, calls from within, the end of the stack and forks.

`python -m tests.index.interruptions` runs many interruptions, and tests/index/test_interrupts.py runs few. They raise an exception or make
another call at an opcode of the index. After that, every answer must be that of before or of after the interrupted call (L-10).
"""

import argparse
import dis
import gc
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import snaptasks.index
from snaptasks import EVERYTHING, FilterSpec, Grants, ListItem, OverLimit, Status, TaskIndex, Visibility
from tests.building import plain_item
from tests.source_calls import question, select

ROOM = Path(snaptasks.index.__file__).parent
PATIENCE = 30.0
"""Seconds after which a thread or a forked child counts as blocked for ever."""


class Interrupted(BaseException):
    """Represent an interruption, which no code catches by mistake."""


# At an opcode


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _codes_of(module: ModuleType) -> Iterator[CodeType]:
    for value in list(vars(module).values()):
        for each in [value, *vars(value).values()] if isinstance(value, type) else [value]:
            function = getattr(each, "__func__", each)
            code = getattr(function, "__code__", None)
            if isinstance(code, CodeType) and Path(code.co_filename).parent == ROOM:
                yield from _codes(code)


CODES = {
    code
    for name, module in list(sys.modules.items())
    if name.startswith("snaptasks.index.")
    for code in _codes_of(module)
}


# Since 3.14 this opcode follows a jump. It does nothing and raises nothing, and a surrounding `with` does not always cover it.
_NOT_TAKEN = dis.opmap.get("NOT_TAKEN", -1)


@contextmanager
def _each_opcode(do: Callable[[], None]) -> Iterator[None]:
    """Call `do` before each opcode of the index; its exceptions are raised there."""
    if sys.version_info >= (3, 12):
        monitoring = sys.monitoring
        tool = next(each for each in range(6) if monitoring.get_tool(each) is None)
        monitoring.use_tool_id(tool, "interrupting")
        monitoring.register_callback(
            tool, monitoring.events.INSTRUCTION, lambda code, at: None if code.co_code[at] == _NOT_TAKEN else do()
        )
        for code in CODES:
            monitoring.set_local_events(tool, code, monitoring.events.INSTRUCTION)
        try:
            yield
        finally:
            for code in CODES:
                monitoring.set_local_events(tool, code, 0)
            monitoring.register_callback(tool, monitoring.events.INSTRUCTION, None)
            monitoring.free_tool_id(tool)
        return

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code not in CODES:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            do()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)  # the trace function of coverage


def at_opcode(number: int, do: Callable[[], object], call: Callable[[], object]) -> object:
    """Call `do` once before an opcode of a call.

    Args:
        number: The number of the opcode, from 0.
        do: The interruption.
        call: The call that is interrupted.

    Returns:
        The result of the call, or Interrupted if the call raised it.
    """
    left = number

    def count() -> None:
        nonlocal left
        left -= 1
        if left == -1:
            do()

    with _each_opcode(count):
        try:
            return call()
        except Interrupted:
            return Interrupted


def interrupt() -> None:
    raise Interrupted


# The operations on an index, and their expected results

TASKS = 44
USERS = ("u", "u", "u", "v", "w", None)  # `u` has so many tasks that the first query puts them in cells
QUESTIONS: list[tuple[FilterSpec, Visibility]] = [
    (FilterSpec(), EVERYTHING),
    (FilterSpec(services={"a"}), EVERYTHING),
    (FilterSpec(services={"a", "b"}, operations={"x"}), EVERYTHING),
    (FilterSpec(status={"FAILED"}), EVERYTHING),
    (FilterSpec(users={"u"}), EVERYTHING),
    (FilterSpec(users={"u"}, status={"FAILED", "SUCCEEDED"}), EVERYTHING),
    (FilterSpec(users={"v", "w"}, services={"b"}), EVERYTHING),
    (FilterSpec(tasks={f"t{number}" for number in range(0, TASKS, 5)}), EVERYTHING),
    (FilterSpec(tasks={"t3"}), EVERYTHING),
    (FilterSpec(), Grants([FilterSpec(users={"u"})])),
    (
        FilterSpec(operations={"y"}),
        Grants([FilterSpec(users={"v"}), FilterSpec(services={"a"}), FilterSpec(tasks={"t7"})]),
    ),
    (FilterSpec(services={"a", "b"}), lambda item: item.info.user == "u"),
]
_SOME = [plain_item("t", service=s, operation=o, status=status, user=user, **({"end_time": None} if status is Status.RUNNING else {}))
         for s in "ab" for o in "xy" for status in (Status.SUCCEEDED, Status.FAILED, Status.RUNNING) for user in ("u", "v", "w", None)]  # fmt: skip

State = dict[str, ListItem]


def some_task(chance: random.Random, name: str) -> ListItem:
    return chance.choice(_SOME).evolve(task=name)


def some_state(chance: random.Random) -> State:
    names = [f"t{number}" for number in range(chance.choice([0, 1, 20, TASKS]))]
    chance.shuffle(names)
    return {name: some_task(chance, name) for name in names}


def made(state: State, chance: random.Random) -> TaskIndex:
    """Return an index of these tasks, perhaps after some queries."""
    index = TaskIndex(state.values())
    for spec, visibility in chance.sample(QUESTIONS, chance.choice([0, 3, len(QUESTIONS)])):
        select(index, spec, visibility, 1000)
    return index


@dataclass(frozen=True)
class Work:
    """Hold one call: its name, how to make it, the tasks after it, and its answer."""

    name: str
    do: Callable[[TaskIndex], Any]
    after: Callable[[State], State]
    answer: Callable[[State], Any] = lambda state: None


def put(item: ListItem) -> Work:
    return Work(f"put {item.task}", lambda index: index.put(item), lambda state: state | {item.task: item})


def put_all(items: Sequence[ListItem]) -> Work:
    return Work(
        f"put_all {len(items)}",
        lambda index: index.put_all(items),
        lambda state: state | {item.task: item for item in items},
    )


def remove(task: str) -> Work:
    return Work(
        f"remove {task}",
        lambda index: index.remove(task),
        lambda state: {name: item for name, item in state.items() if name != task},
        lambda state: task in state,
    )


def select_at_most(spec: FilterSpec, visibility: Visibility, at_most: int) -> Work:
    def do(index: TaskIndex) -> Any:
        found = select(index, spec, visibility, at_most)
        return None if isinstance(found, OverLimit) or len(found) > at_most else [*found]

    def answer(state: State) -> Any:
        found = [item for item in state.values() if spec.matches(item) and visibility(item)]
        return None if len(found) > at_most else found

    return Work(f"select {spec!r} {visibility!r} {at_most}", do, lambda state: state, answer)


def scan(spec: FilterSpec) -> Work:
    return Work(
        f"scan {spec!r}",
        lambda index: [*index.scan(question(spec))],
        lambda state: state,
        lambda state: [item for item in state.values() if spec.matches(item)],
    )


WALK = Work("iter", list, lambda state: state, lambda state: [*state.values()])


def find(task: str) -> Work:
    return Work(f"find {task}", lambda index: index.find(task), lambda state: state, lambda state: state.get(task))


def some_write(chance: random.Random) -> Work:
    names = [f"t{number}" for number in range(TASKS + 3)]
    kind = chance.randrange(5)
    if kind < 3:
        return put(some_task(chance, chance.choice(names)))
    if kind == 3:
        return remove(chance.choice(names))
    return put_all([some_task(chance, name) for name in chance.sample(names, chance.choice([0, 3, 30]))])


def some_work(chance: random.Random) -> Work:
    kind = chance.randrange(10)
    if kind < 6:
        return some_write(chance)
    spec, visibility = chance.choice(QUESTIONS)
    if kind < 8:
        return select_at_most(spec, visibility, chance.choice([0, 5, 1000]))
    return chance.choice([scan(spec), WALK, find("t3")])


def problem(index: TaskIndex, allowed: Sequence[State]) -> str | None:
    """Return the first problem of an index whose tasks must be one of these states, or None."""
    held = [*index]
    state = next((each for each in allowed if [*each.values()] == held), None)
    if state is None:
        return f"holds {[item.task for item in held]}, which is neither before nor after"
    for spec, visibility in QUESTIONS:
        expected = [item for item in held if spec.matches(item) and visibility(item)]
        found = select(index, spec, visibility, 1000)
        if isinstance(found, OverLimit) or [*found] != expected:
            return f"{spec!r} under {visibility!r} gives {found!r}"
        if expected and not isinstance(select(index, spec, visibility, len(expected) - 1), OverLimit):
            cut = select(index, spec, visibility, len(expected) - 1)
            if isinstance(cut, Sequence) and len(cut) < len(expected):
                return f"{spec!r} under {visibility!r} is cut"
        if [*index.scan(question(spec))] != [item for item in held if spec.matches(item)]:
            return f"the scan of {spec!r} differs"
    for number in range(TASKS + 3):
        name = f"t{number}"
        if index.find(name) != state.get(name) or (name in index) != (name in state):
            return f"finds {index.find(name)!r} for {name}"
    if len(index) != len(state):
        return f"says that it has {len(index)} of {len(state)}"
    return None if is_free(index) else "is locked for ever"


def is_free(index: TaskIndex) -> bool:
    """Return whether another thread can use an index."""
    done = threading.Event()

    def use() -> None:
        list(index)
        done.set()

    threading.Thread(target=use, daemon=True).start()
    return done.wait(PATIENCE)


# The laws. Each returns the number of interruptions, and raises Broken for the first problem.


class Broken(AssertionError):
    """Report the problem of an interrupted index, and the seed that reproduces it."""


def _fail(law: str, seed: object, work: Work, reason: str) -> None:
    raise Broken(f"{law}, seed {seed}, {work.name}: {reason}")


def exceptions(seed: int, most: int) -> int:
    """Raise an exception at up to `most` opcodes of one call."""
    chance = random.Random(seed)
    state, index_seed, work = some_state(chance), chance.random(), some_work(chance)
    size = opcodes(made(state, random.Random(index_seed)), work)
    for number in chance.sample(range(size), min(size, most)):
        index = made(state, random.Random(index_seed))
        if at_opcode(number, interrupt, lambda: work.do(index)) is not Interrupted:  # noqa: B023 - called immediately
            _fail("exceptions", (seed, number), work, "is not interrupted")
        if reason := problem(index, [state, work.after(state)]):
            _fail("exceptions", (seed, number), work, reason)
    return min(size, most)


def opcodes(index: TaskIndex, work: Work) -> int:
    """Return the number of opcodes of the index that a call runs."""
    count = 0

    def one_more() -> None:
        nonlocal count
        count += 1

    with _each_opcode(one_more):
        work.do(index)
    return count


def calls_from_within(seed: int, most: int) -> int:
    """Make another call at up to `most` opcodes of one call, as a signal handler or a finalizer does."""
    chance = random.Random(seed)
    state, index_seed, outer, inner = some_state(chance), chance.random(), some_work(chance), some_work(chance)
    size = opcodes(made(state, random.Random(index_seed)), outer)
    both = [inner.after(outer.after(state)), outer.after(inner.after(state))]
    for number in chance.sample(range(size), min(size, most)):
        index = made(state, random.Random(index_seed))
        given: list[Any] = []
        answer = at_opcode(number, lambda: given.append(inner.do(index)), lambda: outer.do(index))  # noqa: B023
        if given[0] not in [inner.answer(state), inner.answer(outer.after(state))]:
            _fail("calls from within", (seed, number), inner, f"gives {given[0]!r} within {outer.name}")
        if answer not in [outer.answer(state), outer.answer(inner.after(state))]:
            _fail("calls from within", (seed, number), outer, f"gives {answer!r} around {inner.name}")
        if reason := problem(index, both):
            _fail("calls from within", (seed, number), outer, f"{reason} after {inner.name} within")
    return min(size, most)


def signals(seed: int, count: int) -> int:
    """Let a timer raise an exception in the middle of calls, as a soft time limit or Ctrl-C does."""
    chance = random.Random(seed)
    state = some_state(chance)
    index = made(state, chance)
    is_armed = False

    def handler(*_: object) -> None:
        nonlocal is_armed
        if is_armed:
            is_armed = False
            raise Interrupted

    before = signal.signal(signal.SIGALRM, handler)
    allowed = [state, state]
    work = WALK
    try:
        for _ in range(count):
            works = [some_work(chance) for _ in range(60)]
            try:
                is_armed = True
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(5e-6, 1e-3))
                while True:
                    for work in works:
                        allowed = [state, work.after(state)]
                        work.do(index)
                        state = allowed[1]
            except Interrupted:
                pass
            if reason := problem(index, allowed):
                _fail("signals", seed, work, reason)
            held = [*index]
            state = next(each for each in allowed if [*each.values()] == held)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return count


def ends_of_the_stack(seed: int) -> int:
    """Make one call at each of the last depths of the stack; a call that does not fit raises RecursionError."""
    chance = random.Random(seed)
    state, index_seed, work = some_state(chance), chance.random(), some_work(chance)
    depth = len([*traceback.walk_stack(None)])
    count = 0
    for left in range(60):
        index = made(state, random.Random(index_seed))
        try:
            _deep(sys.getrecursionlimit() - depth - left, partial(work.do, index))
        except RecursionError:
            count += 1
        if reason := problem(index, [state, work.after(state)]):
            _fail("ends of the stack", (seed, left), work, reason)
    return count


def _deep(depth: int, call: Callable[[], object]) -> object:
    return _deep(depth - 1, call) if depth > 0 else call()


class _Finalized:
    """Represent garbage in a cycle, which comes back `times` times when it is collected, and then makes a call."""

    def __init__(self, times: int, call: Callable[[], object]) -> None:
        self.itself = self
        self.times = times
        self.call = call

    def __del__(self) -> None:
        if self.times:
            _Finalized(self.times - 1, self.call)
        else:
            self.call()


def finalizers(seed: int) -> int:
    """Let the collector run wherever it can, over garbage with a finalizer that calls the index."""
    chance = random.Random(seed)
    state, work, inner = some_state(chance), some_work(chance), some_work(chance)
    index = made(state, chance)
    done: list[Any] = []
    thresholds = gc.get_threshold()
    gc.freeze()  # so that a collection takes microseconds
    _Finalized(chance.randrange(20), lambda: done.append(inner.do(index)))
    gc.set_threshold(1, 1, 1)
    try:
        answer = work.do(index)
        while not done:
            gc.collect()
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
    if answer not in [work.answer(state), work.answer(inner.after(state))]:
        _fail("finalizers", seed, work, f"gives {answer!r} around {inner.name}")
    if reason := problem(index, [inner.after(work.after(state)), work.after(inner.after(state))]):
        _fail("finalizers", seed, work, f"{reason} after {inner.name}")
    return 1


def forks(seed: int, count: int) -> int:
    """Fork while other threads write; each child must have a usable index."""
    chance = random.Random(seed)
    index = made(some_state(chance), chance)
    is_over = threading.Event()

    def write(number: int) -> None:
        own = random.Random(number)
        while not is_over.is_set():
            some_work(own).do(index)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    for thread in threads:
        thread.start()
    try:
        for number in range(count):
            time.sleep(chance.uniform(0, 2e-3))
            if status := in_a_child(lambda: problem(index, [{item.task: item for item in index}])):
                raise Broken(f"forks, seed {seed}, {number}: the child ends with {status}")
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    return count


def forks_within(seed: int) -> int:
    """Fork in the middle of a call, as a signal handler may; parent and child both continue the call."""
    chance = random.Random(seed)
    state, index_seed, work = some_state(chance), chance.random(), some_work(chance)
    index = made(state, random.Random(index_seed))
    children: list[int] = []
    number = chance.randrange(opcodes(made(state, random.Random(index_seed)), work))
    parent = os.getpid()
    at_opcode(number, lambda: children.append(os.fork()), lambda: work.do(index))
    reason = problem(index, [work.after(state)])
    if os.getpid() != parent:
        os._exit(1 if reason else 0)
    if status := os.waitpid(children[0], 0)[1]:
        _fail("forks within", (seed, number), work, f"the child ends with {status}")
    if reason:
        _fail("forks within", (seed, number), work, reason)
    return 1


def in_a_child(check: Callable[[], str | None]) -> int:
    """Return the status of a forked child: 0 if it finds no problem and does not block for ever."""
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
            reason = check()
            os._exit(1 if reason else 0)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.index.interruptions", description=__doc__)
    parser.add_argument("--injections", type=int, default=100_000, help="exceptions at opcodes")
    parser.add_argument("--calls", type=int, default=50_000, help="calls from within calls")
    parser.add_argument("--signals", type=int, default=10_000, help="timer signals that raise")
    parser.add_argument("--forks", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"CPython {sys.version.split()[0]}, --seed {options.seed}", flush=True)
    laws: list[tuple[str, int, Callable[[int], int]]] = [
        ("exceptions", options.injections, lambda seed: exceptions(seed, 40)),
        ("calls from within", options.calls, lambda seed: calls_from_within(seed, 40)),
        ("signals", options.signals, lambda seed: signals(seed, min(500, options.signals))),
        ("ends of the stack", options.injections // 20, ends_of_the_stack),
        ("finalizers", options.calls // 20, finalizers),
        ("forks", options.forks, lambda seed: forks(seed, min(50, options.forks))),
        ("forks within", options.forks // 2, forks_within),
    ]
    for name, wanted, law in laws:
        start, count = time.perf_counter(), 0
        seeds = iter(range(options.seed, 10**9))
        try:
            while count < wanted:
                count += law(next(seeds))
        except Broken as error:
            print(f"{name}: broken after {count} in {time.perf_counter() - start:.1f} s: {error}"[:2000])
            return 1
        print(f"{name}: {count} in {time.perf_counter() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
