"""Measure listings: TaskIndex beside other ways to find the same tasks."""

from __future__ import annotations

import gc
import statistics
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

from snaptasks import EVERYTHING, MAX_RESULTS, FilterSpec, ListItem, TaskIndex, Wanted, list_tasks

from .measuring import Row, at_least, at_most, medians, times
from .peers import PEERS, Answer, Sqlite, row
from .workload import OVER_THE_CAP, USERS, Shape, shapes

MANY = 100  # results of a long answer, at least, inclusive


class Timed(NamedTuple):
    """Hold the number of results of a question (None: over the cap), and the seconds of each peer."""

    shape: Shape
    results: int | None
    seconds: dict[str, float]

    def ratio(self, peer: str) -> float:
        return self.seconds[peer] / self.seconds["snaptasks"]


def timed(items: list[ListItem]) -> tuple[list[Timed], dict[str, str]]:
    """Measure every question with every peer, after a check that all give the same answer.

    Returns:
        The times of each question, and the missing peers with the reasons.
    """
    peers, missing = {}, {}
    for name, kind in PEERS.items():
        try:
            peers[name] = kind(items)
        except ModuleNotFoundError as error:
            missing[name] = str(error)
    found = []
    for shape in [*shapes(items), Shape("over the cap", OVER_THE_CAP, keeps_size=True)]:
        asked = {name: peer.ask(shape.filter) for name, peer in peers.items()}
        answers: dict[str, Answer] = {name: ask() for name, ask in asked.items()}
        differing = [name for name, answer in answers.items() if not _is_same(answer, answers["snaptasks"])]
        if differing:
            sys.exit(f"{', '.join(differing)} gives another answer than snaptasks for: {shape.name}")
        answer = answers["snaptasks"]
        found.append(Timed(shape, None if answer is None else len(answer), medians(asked)))
    return found, missing


def _is_same(one: Answer, other: Answer) -> bool:
    return one is other if one is None or other is None else [*one] == [*other]


def details(count: int, rows: list[Timed]) -> Iterator[str]:
    """Yield the lines of a table with the figures behind the ratios."""
    peers = [name for name in rows[0].seconds if name != "snaptasks"]
    yield f"| {count:,} tasks | results | snaptasks | {' | '.join(peers)} |"
    yield f"|---|---|---|{'---|' * len(peers)}"
    for each in rows:
        results = "over" if each.results is None else str(each.results)
        ratios = " | ".join(times(each.ratio(peer)) for peer in peers)
        yield f"| {each.shape.name} | {results} | {each.seconds['snaptasks'] * 1e6:.3g} us | {ratios} |"


def compared(count: int, rows: list[Timed], missing: dict[str, str]) -> Iterator[Row]:
    """Yield the rows for one number of tasks."""
    size = f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}m"
    indexed = [each for each in rows if each.results is not None]

    def worst(work: str, peer: str, chosen: list[Timed], must: float, goal: float) -> Row:
        if peer in missing:
            return Row(f"{work}, {size}", f"{must:g}x", f"{goal:g}x", f"no {peer}: {missing[peer]}", None)
        least = min(chosen, key=lambda each: each.ratio(peer))
        return at_least(f"{work}, {size}", least.ratio(peer), must, goal, f" ({least.shape.name})")

    if count >= 100_000:
        yield worst("indexed shapes against a specialised scan", "specialised scan", indexed, 50, 200)
    (over,) = [each for each in rows if each.results is None]
    yield at_most(f"over the cap, {size}", over.seconds["snaptasks"] * 1e6, 5, 2.5, "us")
    long = [each for each in indexed if (each.results or 0) >= MANY]
    for peer in ("posting dicts", "roaring"):
        yield worst(f"against {peer}, {MANY} results or more", peer, long, 0.6, 1.0)
        if peer not in missing:
            more = [
                (each.seconds["snaptasks"] - each.seconds[peer], each.shape.name) for each in rows if each not in long
            ]
            seconds, name = max(more)
            yield at_most(f"more than {peer}, fewer results, {size}", seconds * 1e6, 6, 2, "us", f" ({name})")
    conjunctions = [each for each in indexed if each.shape.is_conjunction]
    if count in {100_000, 1_000_000}:
        must, goal = (2, 5) if count == 100_000 else (15, 40)
        yield worst("conjunctions against posting dicts", "posting dicts", conjunctions, must, goal)
    sqlite = [each for each in rows if each.shape.is_by_name]
    yield worst("against sqlite: one id, an unknown user", "sqlite", sqlite, 0.8, 2)
    longest = [each for each in indexed if (each.results or 0) >= 500]
    if longest:
        yield worst("against sqlite: 500 results or more", "sqlite", longest, 3, 10)
    others = [each for each in rows if each not in sqlite and each not in longest]
    yield worst("against sqlite: other shapes", "sqlite", others, 1.2, 3)
    if count >= 1_000_000:
        for peer, must in (("duckdb", 15), ("polars", 5), ("pandas", 12)):
            yield worst(f"against {peer}", peer, rows, must, 50)


def same_at_any_size(small: list[Timed], large: list[Timed]) -> Row:
    """Return the row of the rule that the time of a listing must not depend on the number of held tasks."""
    pairs = [
        (two.seconds["snaptasks"] / one.seconds["snaptasks"], one.shape.name)
        for one, two in zip(small, large, strict=True)
        if one.shape.keeps_size
    ]
    ratio, name = max(pairs)
    return at_most("the same shape at 1m against 10k", ratio, 1.5, 1.2, "x", f" ({name})")


def mutations(items: list[ListItem]) -> Iterator[Row]:
    """Yield the times of inserting a task, changing its status, and removing it."""
    some = items[:100_000]
    changed = [
        item.evolve(info=item.info.evolve(status="SUCCEEDED", end_time=item.info.start_time))
        for item in some
        if item.info.status == "FAILED"
    ]
    changed = [item.evolve(info=item.info.evolve(error=None)) for item in changed]

    rounds = [(_mutated_index(some, changed), _mutated_sqlite(some, changed)) for _ in range(3)]
    for what in ("insert", "status change", "remove"):
        ours, theirs = (statistics.median(each[what] for each in side) for side in zip(*rounds, strict=True))
        yield at_least(f"{what} against sqlite", theirs / ours, 4, 8, f" ({ours * 1e6:.2g} us)")
    divided = _mutated_index(some, changed, users=USERS)
    for what, taken in divided.items():
        yield Row(f"{what}, after a listing for each user", "-", "-", f"{taken * 1e6:.2g} us", None)


def _mutated_index(items: list[ListItem], changed: list[ListItem], users: Iterable[str] = ()) -> dict[str, float]:
    """Return the seconds per task in a half-full index, after a listing for each of these users."""
    middle = len(items) // 2
    index = TaskIndex(items[:middle])
    _divide(index, users)
    return {
        "insert": _each(index.put, items[middle:]),
        "status change": _each(index.put, changed),
        "remove": _each(index.remove, [item.task for item in items]),
    }


def _divide(index: TaskIndex, users: Iterable[str]) -> None:
    """List some tasks of each user; from then on the index keeps their tasks in cells."""
    for user in users:
        index.select(Wanted([FilterSpec(users={user}, status={"FAILED"})]), MAX_RESULTS)


def _mutated_sqlite(items: list[ListItem], changed: list[ListItem]) -> dict[str, float]:
    middle = len(items) // 2
    peer = Sqlite(items[:middle])
    peer.db.execute("begin")
    taken = {
        "insert": _each(
            lambda item: peer.db.execute(
                "insert into tasks (task, operation, service, status, user) values (?, ?, ?, ?, ?)", row(item)
            ),
            items[middle:],
        ),
        "status change": _each(
            lambda item: peer.db.execute(
                "update tasks set status = ? where task = ?", (str(item.info.status), item.task)
            ),
            changed,
        ),
        "remove": _each(
            lambda task: peer.db.execute("delete from tasks where task = ?", (task,)), [item.task for item in items]
        ),
    }
    peer.db.execute("commit")
    return taken


def _each(call: Callable[[Any], object], arguments: list[Any]) -> float:
    gc.collect()
    gc.disable()
    start = perf_counter()
    for argument in arguments:
        call(argument)
    taken = perf_counter() - start
    gc.enable()
    return taken / len(arguments)


def after_a_change(items: list[ListItem]) -> Row:
    """Measure the first listing after a change of its result, which cannot use the remembered result."""
    index = TaskIndex(items)
    (spec,) = [shape.filter for shape in shapes(items) if shape.name == "service, RUNNING"]
    changed = next(item for item in items if spec.matches(item))

    def listed() -> object:
        index.put(changed)
        return list_tasks(index, spec, visibility=EVERYTHING)

    taken = medians({"put": lambda: index.put(changed), "both": listed})
    return Row(
        "service, RUNNING, directly after a change", "-", "-", f"{(taken['both'] - taken['put']) * 1e6:.3g} us", None
    )


def memory(items: list[ListItem]) -> Iterator[Row]:
    """Yield the memory of the index without the tasks themselves."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    index = TaskIndex(items)
    taken = tracemalloc.get_traced_memory()[0] - before
    _divide(index, USERS)
    divided = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    note = f" ({divided / len(index):.0f} B after a listing for each user)"
    yield at_most("index memory a task", taken / len(index), 250, 180, "B", note)
    text = sum(len(item.to_json()) + 33 for item in items[:1000]) / 1000
    yield Row("kept JSON text a task, after it was written", "-", "-", f"{text:.0f} B", None)
