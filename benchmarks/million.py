"""Measure a service with a million tasks, beside SQLite: memory, loading from text, and the collector.

Each side runs in a process of its own, so that it does not reuse the memory of another.
"""

from __future__ import annotations

import gc
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from snaptasks import EVERYTHING, FilterSpec, ListItem, ListResult, TaskIndex, list_tasks

from .measuring import Row, at_most
from .workload import SERVICES, population

_COLUMNS = ("operation", "service", "status", "user")
_CHANGED = 20_000


def rows(count: int) -> Iterator[Row]:
    """Yield the rows for this number of tasks, beside SQLite in memory with their JSON and four covering indexes."""
    size = f"{count // 1_000_000}m" if count >= 1_000_000 else f"{count // 1000}k"
    ours, theirs = (_measured(side, count) for side in ("index", "sqlite"))
    ratio = ours["memory"] / theirs["memory"]
    note = f" ({ours['memory'] / count:,.0f} B a task, of SQLite {theirs['memory'] / count:,.0f} B)"
    yield at_most(f"hold {size} tasks: memory, against SQLite in memory", ratio, 1.2, 1, "x", note)
    yield at_most(f"load {size} with gc on: read, a task", ours["read"] / count * 1e6, 32, 20, "us")
    yield at_most(f"load {size} with gc on: put_all, a task", ours["put_all"] / count * 1e6, 4, 2, "us")
    yield Row(f"load {size}: SQLite, a task", "-", "-", f"{theirs['load'] / count * 1e6:.3g} us", None)
    yield at_most(f"a full collection of {size}, a task", ours["collection"] / count * 1e6, 4, 2.5, "us")
    yield Row(f"a full collection of {size}", "-", "-", f"{ours['collection']:.2f} s", None)
    yield Row(f"a full collection of {size}, after gc.freeze()", "-", "-", f"{ours['frozen'] * 1e3:.2g} ms", None)
    yield Row(
        f"{size}: list some 500 of a service, RUNNING",
        "-",
        "-",
        f"{ours['list'] * 1e6:.3g} us (SQLite {theirs['list'] * 1e6:.3g} us)",
        None,
    )
    yield Row(
        f"{size}: change the status of a task",
        "-",
        "-",
        f"{ours['put'] * 1e6:.2g} us (SQLite {theirs['put'] * 1e6:.2g} us)",
        None,
    )
    yield Row(f"{size}: rebuild the index, after an interrupted write", "-", "-", f"{ours['again']:.2f} s", None)


def _bodies(count: int) -> Iterator[bytes]:
    """Yield the tasks as JSON texts of 1,000 tasks each."""
    items = population(count)
    for first in range(0, count, 1000):
        yield ListResult(items=items[first : first + 1000]).to_json()


def _measured(side: str, count: int) -> dict[str, float]:
    """Return the figures of one side. Another process makes the texts, so that this uses no memory here."""
    command = [sys.executable, "-m", "benchmarks.million"]
    with subprocess.Popen([*command, "bodies", str(count)], stdout=subprocess.PIPE) as bodies:
        done = subprocess.run([*command, side, str(count)], stdin=bodies.stdout, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _resident() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (found,) = re.findall(r"VmRSS:\s+(\d+) kB", status)
    return int(found) * 1024


def _seconds(call: Callable[[], object], times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def _index(count: int) -> dict[str, float]:
    bodies = [*sys.stdin.buffer]
    gc.collect()
    before = _resident()
    start = time.perf_counter()
    results = [ListResult.from_json(body) for body in bodies]
    read = time.perf_counter() - start
    start = time.perf_counter()
    index = TaskIndex(item for result in results for item in result)
    put_all = time.perf_counter() - start
    del results
    memory = _resident() - before
    collection = _seconds(gc.collect, 3)
    running = FilterSpec(services={SERVICES[1]}, status={"RUNNING"})
    failed = islice((item for item in index if item.info.status == "FAILED"), _CHANGED)
    changed = [item.evolve(info=item.info.evolve(status="SUCCEEDED")) for item in failed]
    figures = {
        "memory": float(memory), "read": read, "put_all": put_all, "collection": collection,
        "list": _seconds(lambda: list_tasks(index, running, visibility=EVERYTHING), 1000),
        "put": _seconds(partial(_put, index, changed)) / len(changed),
    }  # fmt: skip
    gc.freeze()
    figures["frozen"] = _seconds(gc.collect, 3)
    index._filing = None  # noqa: SLF001 - as an interrupted write leaves it
    figures["again"] = _seconds(lambda: iter(index))
    return figures


def _put(index: TaskIndex, items: list[ListItem]) -> None:
    for item in items:
        index.put(item)


def sqlite_of(bodies: Iterable[bytes]) -> sqlite3.Connection:
    """Return a database in memory with the JSON of each task and four covering indexes."""
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE TABLE tasks (task TEXT PRIMARY KEY, {', '.join(_COLUMNS)}, info TEXT) WITHOUT ROWID")
    for column in _COLUMNS:
        others = ", ".join(each for each in _COLUMNS if each != column)
        database.execute(f"CREATE INDEX by_{column} ON tasks ({column}, {others}, task)")
    for body in bodies:
        rows = [_row(item) for item in json.loads(body)["items"]]
        database.executemany("INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?)", rows)
    return database


def _row(item: dict[str, Any]) -> tuple[Any, ...]:
    return (item["task"], *(item["info"].get(each) for each in _COLUMNS), json.dumps(item["info"]))


def pages(database: sqlite3.Connection) -> int:
    """Return the size of a database in bytes."""
    (count,), (size,) = (database.execute(f"PRAGMA {each}").fetchone() for each in ("page_count", "page_size"))
    return int(count * size)


def _sqlite(count: int) -> dict[str, float]:
    start = time.perf_counter()
    database = sqlite_of(sys.stdin.buffer)
    load = time.perf_counter() - start
    some = [task for (task,) in database.execute("SELECT task FROM tasks WHERE status = 'FAILED' LIMIT ?", (_CHANGED,))]
    query = "SELECT info FROM tasks WHERE service = ? AND status = 'RUNNING' LIMIT 1001"
    return {
        "memory": float(pages(database)),
        "load": load,
        "list": _seconds(lambda: database.execute(query, (SERVICES[1],)).fetchall(), 20),
        "put": _seconds(lambda: [database.execute("UPDATE tasks SET status = 'SUCCEEDED' WHERE task = ?", (each,)) for each in some]) / len(some),
    }  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1] == "bodies":
        for text in _bodies(int(sys.argv[2])):
            sys.stdout.buffer.write(text + b"\n")
    else:
        print(json.dumps({"index": _index, "sqlite": _sqlite}[sys.argv[1]](int(sys.argv[2]))))
