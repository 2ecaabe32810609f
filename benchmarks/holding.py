"""Measure memory, garbage collection and loading of many tasks, and the refusal of hostile texts."""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from snaptasks import ListResult, TaskIndex

from .measuring import Row, at_most
from .million import pages, sqlite_of
from .wire import bodies_of

# The number of tasks for the memory, and for loading with the collector on.
_HELD = 20_000
_LOADED = 100_000

# One hostile text for each way to make a reader use too much: the type, the start, the repeated part and the end. `#`
# becomes a number, so that no key is repeated, and `@` becomes a task.
_DEEP = '"p":{"l":{"params":{' * 31
_CHAIN = '"#":{"l":{"params":{' + _DEEP + "}}}" * 32
_SHAPES: dict[str, tuple[str, str, str, str]] = {
    "deep, without ids": ("LocalizableMessage", '{"params":{', _CHAIN + ",", '"q":5}}'),
    "wide objects": ("ListResult", '{"items":[', "{},", "5]}"),
    "wide numbers": ("ListResult", '{"items":[', "1,", "5]}"),
    "tasks, the last one wrong": ("ListResult", '{"items":[', "@,", "5]}"),
    "params, the last one wrong": (
        "LocalizableMessage",
        '{"id":"","default_message":"","params":{',
        '"#":{"s":""},',
        '"x":5}}',
    ),
    "params on the last level": (
        "LocalizableMessage",
        '{"params":{' + _DEEP,
        '"#":{"s":1},',
        '"x":5' + "}}}" * 31 + "}}",
    ),
    "results of arrays": ("ListResult", '{"items":[{"info":{"result":[', "[],", "1e999]}}]}"),
    "results of objects": ("ListResult", '{"items":[{"info":{"result":[', '{"":0},', "1e999]}}]}"),
    "nested arrays": ("ListResult", '{"items":[{"info":{"result":[', "[" * 150 + "]" * 150 + ",", "0]}}]}"),
    "nested arrays in place of an object": ("ListResult", "[", "[" * 150 + "]" * 150 + ",", "0]"),
    "arguments, the last one wrong": ("LocalizableMessage", '{"id":"","default_message":"","args":[', '"",', "5]}"),
    "unknown fields of a filter": ("FilterSpec", "{", '"#":1,', '"x":5}'),
    "empty members of a filter": ("FilterSpec", '{"tasks":[', '"",', '""]}'),
}

_REFUSE = """
import pathlib, re, sys, time
import snaptasks
def peak():  # only of this process; the peak of getrusage begins with that of the parent
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
kind, text = getattr(snaptasks, sys.argv[1]), sys.stdin.read()
before = peak()
start = time.process_time()
try:
    kind.from_json(text)
except snaptasks.InvalidValue:
    taken = time.process_time() - start
    print(taken, (peak() - before) / 1024)
"""


def held(details: list[str]) -> Iterator[Row]:
    """Yield the memory and the collection time of a held task, beside other ways to hold it."""
    bodies = list(bodies_of(_HELD))
    figures = {
        "snaptasks": _held(bodies, lambda body: ListResult.from_json(body).items),
        "dicts": _held(bodies, _dicts),
    }
    try:
        structs, decode = import_module("benchmarks.structs"), import_module("msgspec").json.decode
    except ModuleNotFoundError as error:
        details.append(f"no msgspec: {error}")
    else:
        figures["msgspec structs"] = _held(bodies, lambda body: decode(body, type=structs.ListResult).items)
    bytes_, objects, seconds = figures["snaptasks"]
    yield at_most("memory: a task held, its text not yet written", bytes_, 1600, 1200, "B")
    yield at_most("gc: objects of a task held", objects, 9, 6, "objects")
    yield at_most("gc: a full collection, of a task held", seconds * 1e6, 4, 2.5, "us")
    details += ["| a task held | memory | gc objects | full collection |", "|---|---|---|---|"]
    for name, (each, count, taken) in figures.items():
        details.append(f"| {name} | {each:,.0f} B | {count:.1f} | {taken * 1e6:.1f} us |")
    details.append(
        f"| SQLite in memory, JSON and four covering indexes | {pages(sqlite_of(bodies)) / _HELD:,.0f} B | 0 | 0 us |"
    )
    details += [f"| its JSON | {sum(map(len, bodies)) / _HELD:,.0f} B | | |", ""]


def loading() -> Iterator[Row]:
    """Yield the times of loading with the collector on, as at the start of a service."""
    bodies = list(bodies_of(_LOADED))
    taken = []
    for _ in range(3):
        gc.collect()
        start = time.perf_counter()
        results = [ListResult.from_json(body) for body in bodies]
        read = time.perf_counter() - start
        items = [item for result in results for item in result]
        start = time.perf_counter()
        index = TaskIndex(items)
        taken.append((read, time.perf_counter() - start))
        del results, items, index
    read, put = (statistics.median(each) / _LOADED * 1e6 for each in zip(*taken, strict=True))
    yield at_most("load: read 100,000 tasks with gc on, a task", read, 32, 20, "us")
    yield at_most("load: put them into a TaskIndex, a task", put, 4, 2, "us")


def refusals(details: list[str]) -> Iterator[Row]:
    """Refuse hostile texts, each in a process of its own; yield the CPU time and the memory of the worst ones."""
    details += ["| refused | 1 MiB | 16 MiB |", "|---|---|---|"]
    figures = {name: (_refused(name, 2**20), _refused(name, 2**24)) for name in _SHAPES}
    for name, sizes in figures.items():
        cells = " | ".join(f"{seconds:.2f} s, {megabytes:.0f} MB" for seconds, megabytes in sizes)
        details.append(f"| {name} | {cells} |")
    details.append("")
    for at, (size, musts) in enumerate((("1 MiB", (1.5, 0.5, 150, 50)), ("16 MiB", (25, 8, 1500, 600)))):
        slowest = max(figures, key=lambda name: figures[name][at][0])
        largest = max(figures, key=lambda name: figures[name][at][1])
        seconds, megabytes = figures[slowest][at][0], figures[largest][at][1]
        yield at_most(f"refuse a hostile text of {size}: CPU", seconds, musts[0], musts[1], "s", f" ({slowest})")
        yield at_most(f"refuse a hostile text of {size}: memory", megabytes, musts[2], musts[3], "MB", f" ({largest})")


def _held(bodies: list[bytes], read: Callable[[bytes], Any]) -> tuple[float, float, float]:
    """Return the bytes, the objects of the collector, and the seconds of a full collection, per task."""
    read(bodies[0])
    empty = _collection()
    before = len(gc.get_objects())
    tracemalloc.start()
    kept = [read(body) for body in bodies]
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    objects = len(gc.get_objects()) - before
    seconds = _collection() - empty
    del kept
    return taken / _HELD, objects / _HELD, seconds / _HELD


def _collection() -> float:
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        gc.collect()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _dicts(body: bytes) -> Any:
    return json.loads(body)["items"]


def _refused(name: str, size: int) -> tuple[float, float]:
    kind, before, each, after = _SHAPES[name]
    each = each.replace("@", next(bodies_of(1)).decode().removeprefix('{"items":[').removesuffix("]}"))
    room = size - len(before) - len(after)
    parts, number = [], 0
    while room > 0:
        parts.append(each.replace("#", str(number)))
        room -= len(parts[-1])
        number += 1
    text = before + "".join(parts[:-1]) + after
    done = subprocess.run(
        [sys.executable, "-c", _REFUSE, kind], input=text, capture_output=True, text=True, check=True
    ).stdout.split()
    if len(done) != 2:
        sys.exit(f"the text must be refused, and was read: {name}")
    return float(done[0]), float(done[1])
