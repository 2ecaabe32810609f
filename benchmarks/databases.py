"""Measure SqlTaskSource beside SQL by hand for the same question, and beside loading the rows.

By hand means the best SQL for the question, as text, on the same engine, with each row read as a task. The databases
are SQLite, and if they are installed, PostgreSQL and shards of it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple

from sqlalchemy import Engine, MetaData, create_engine, text

from snaptasks import (
    EVERYTHING,
    MAX_RESULTS,
    FilterSpec,
    Grants,
    ListItem,
    ResourceInaccessible,
    Visibility,
    list_tasks,
)
from snaptasks.sql import SqlTaskSource, task_table
from tests.integration.databases import engine as engine_of, postgres, sharded

from .measuring import Row, at_least, at_most, medians, times
from .workload import OVER_THE_CAP, shapes, twenty_grants

TABLE: Final = task_table(MetaData())
COLUMNS: Final = {
    "tasks": "task",
    "operations": "operation",
    "services": "service",
    "status": "status",
    "users": "username",
}
ROUNDS: Final = 5


class Question(NamedTuple):
    """Describe a question to a database."""

    name: str
    filter: FilterSpec
    visibility: Visibility = EVERYTHING


class Measured(NamedTuple):
    """Hold the number of results of a question, and the seconds of both sides; None: over the cap."""

    question: Question
    results: int | None
    source: float
    by_hand: float


def rows(items: list[ListItem], details: list[str]) -> Iterator[Row]:
    """Yield all rows for these tasks, database by database."""
    for name, opened, count in (
        ("SQLite", sqlite, len(items)),
        ("PostgreSQL", one_server, len(items)),
        ("sharded PostgreSQL", sharded, len(items) // 10),  # a foreign table inserts its rows one by one
    ):
        try:
            with opened() as engine:
                yield from rows_of(f"{name}, {count:,}", engine, items[:count], details)
        except (FileNotFoundError, AssertionError) as missing:
            yield Row(name, "-", "-", f"not installed: {missing}", None)


@contextmanager
def sqlite() -> Iterator[Engine]:
    """Open SQLite in a file, as a service with persistent tasks does."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder, 'tasks.db')}")
        TABLE.create(engine)
        yield engine
        engine.dispose()


@contextmanager
def one_server() -> Iterator[Engine]:
    """Open PostgreSQL on one server."""
    with ExitStack() as stack:
        engine = stack.enter_context(engine_of(stack.enter_context(postgres())))
        TABLE.create(engine)
        yield engine


def rows_of(name: str, engine: Engine, items: list[ListItem], details: list[str]) -> Iterator[Row]:
    """Fill one database, and yield its rows."""
    source = SqlTaskSource(engine, TABLE)
    start = perf_counter()
    source.put_all(items)
    yield Row(f"{name}: put", "-", "-", f"{len(items) / (perf_counter() - start):,.0f} tasks a second", None)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    measurements = [measured(source, engine, question) for question in questions(items)]
    details += [f"| {name} tasks | results | SqlTaskSource | by hand | |", "|---|---|---|---|---|"]
    for each in measurements:
        results = "over" if each.results is None else each.results
        ratio = f"{each.source / each.by_hand:.2f}x"
        taken = f"{each.source * 1e6:,.0f} us | {each.by_hand * 1e6:,.0f} us"
        details.append(f"| {each.question.name} | {results} | {taken} | {ratio} |")
    details.append("")
    worst = max(measurements, key=lambda each: each.source / each.by_hand)
    note = f" ({worst.question.name})"
    yield at_most(f"{name}: against SQL by hand", worst.source / worst.by_hand, 1.3, 1.1, "x", note)
    loaded = seconds_of_loading(engine, items)
    slowest = max(measurements, key=lambda each: each.source)
    yield at_least(f"{name}: against loading the rows", loaded / slowest.source, 10, 100, f" ({slowest.question.name})")
    yield predicate(name, source, engine, items, loaded)


def questions(items: list[ListItem]) -> list[Question]:
    """Return the questions of the listings, one over the cap, and one with grants."""
    return [
        *(Question(shape.name, shape.filter) for shape in shapes(items)),
        Question("over the cap", OVER_THE_CAP),
        Question("20 grants of service and user", FilterSpec(), twenty_grants(items)),
    ]


def measured(source: SqlTaskSource, engine: Engine, question: Question) -> Measured:
    """Measure both sides in turn, after a check that they give the same answer."""
    hand = by_hand(engine, question)

    def ask() -> object:
        try:
            return list_tasks(source, question.filter, visibility=question.visibility).items
        except ResourceInaccessible:
            return None

    answer, expected = ask(), hand()
    if answer != (None if expected is None else tuple(expected)):
        sys.exit(f"SqlTaskSource gives another answer than SQL by hand for: {question.name}")
    taken = medians({"source": ask, "by hand": hand}, ROUNDS)
    return Measured(question, None if expected is None else len(expected), taken["source"], taken["by hand"])


def by_hand(engine: Engine, question: Question) -> Callable[[], list[ListItem] | None]:
    """Return the best SQL for a question that is known in advance, as a function."""
    values: dict[str, str] = {}

    def condition(spec: FilterSpec) -> str:
        parts = []
        for field, column in COLUMNS.items():
            names = []
            for member in sorted(map(str, getattr(spec, field))):
                names.append(f":v{len(values)}")
                values[names[-1][1:]] = member
            if names:
                parts.append(f"{column} = {names[0]}" if len(names) == 1 else f"{column} IN ({', '.join(names)})")
        return " AND ".join(parts)

    conditions = [condition(question.filter)] if not question.filter.is_empty else []
    if isinstance(question.visibility, Grants):
        conditions.append(f"({' OR '.join(f'({condition(grant)})' for grant in question.visibility.filters)})")
    statement = text(f"SELECT item FROM tasks WHERE {' AND '.join(conditions)} ORDER BY position LIMIT 1001")

    def ask() -> list[ListItem] | None:
        with engine.connect() as connection:
            found = connection.execute(statement, values).all()
        return [ListItem.from_json(item) for (item,) in found] if len(found) <= MAX_RESULTS else None

    return ask


def seconds_of_loading(engine: Engine, items: list[ListItem]) -> float:
    """Return the seconds to load all rows and to filter them in Python, extrapolated from at most 20,000 rows."""
    part = min(len(items), 20_000)
    start = perf_counter()
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT item FROM tasks ORDER BY position LIMIT {part}"))
        matching = [item for item in (ListItem.from_json(row.item) for row in found) if OVER_THE_CAP.matches(item)]
    taken = perf_counter() - start
    return taken * len(items) / part if matching else 0.0


def predicate(name: str, source: SqlTaskSource, engine: Engine, items: list[ListItem], loaded: float) -> Row:
    """Measure a visibility that is a function, which is called for every task and shows a hundred of them."""
    visible = {item.task for item in islice(items, 0, None, max(1, len(items) // 100))}
    start = perf_counter()
    found = list_tasks(source, visibility=lambda item: item.task in visible)
    taken = perf_counter() - start
    if [item.task for item in found.items] != [item.task for item in items if item.task in visible]:
        sys.exit("a predicate gives another answer than the plain scan")
    return Row(f"{name}: a Python predicate, against loading the rows", "-", "-", times(loaded / taken), None)
