"""Answer the same questions in other ways, each as its own documentation recommends.

Every peer holds the same tasks, and answers with the tasks in their order, or with None past the cap.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import chain, islice
from typing import Any, Protocol, TypeAlias

from snaptasks import EVERYTHING, MAX_RESULTS, FilterSpec, ListItem, ResourceInaccessible, TaskIndex, list_tasks

Answer: TypeAlias = Sequence[ListItem] | None
FIELDS = {
    "tasks": "task",
    "operations": "info.operation",
    "services": "info.service",
    "status": "info.status",
    "users": "info.user",
}
COLUMNS = ("task", "operation", "service", "status", "user")


class Peer(Protocol):
    """Describe a peer: it holds tasks, and answers filters."""

    def __init__(self, items: list[ListItem]) -> None: ...

    def ask(self, spec: FilterSpec) -> Callable[[], Answer]:
        """Return a function that answers this question; it is prepared, and may be called many times."""


def constraints(spec: FilterSpec) -> list[tuple[str, frozenset[Any]]]:
    return [(field, names) for field in FIELDS if (names := getattr(spec, field))]


def row(item: ListItem) -> tuple[str | None, ...]:
    info = item.info
    return item.task, info.operation, info.service, str(info.status), info.user


class Index:
    """Ask snaptasks itself."""

    def __init__(self, items: list[ListItem]) -> None:
        self.index = TaskIndex(items)

    def ask(self, spec: FilterSpec) -> Callable[[], Answer]:
        def answer() -> Answer:
            try:
                return list_tasks(self.index, spec, visibility=EVERYTHING).items
            except ResourceInaccessible:
                return None

        return answer


class SpecialisedScan:
    """Scan with a comprehension that is compiled for the fields of one question, and stops past the cap."""

    def __init__(self, items: list[ListItem]) -> None:
        self.items = items

    def ask(self, spec: FilterSpec) -> Callable[[], Answer]:
        given = constraints(spec)
        tests = " and ".join(f"item.{FIELDS[field]} in {field}" for field, _ in given) or "True"
        scope: dict[str, Any] = dict(given) | {"items": self.items}
        matches = eval(f"lambda: (item for item in items if {tests})", scope)

        def answer() -> Answer:
            found = list(islice(matches(), MAX_RESULTS + 1))
            return None if len(found) > MAX_RESULTS else found

        return answer


class PostingDicts:
    """Hold a dict of task numbers for each field and value; iterate over the smallest, and look up in the others."""

    def __init__(self, items: list[ListItem]) -> None:
        self.items = items
        self.postings: dict[str, dict[str | None, dict[int, None]]] = {field: {} for field in FIELDS}
        for number, item in enumerate(items):
            for field, value in zip(FIELDS, row(item), strict=True):
                self.postings[field].setdefault(value, {})[number] = None

    def ask(self, spec: FilterSpec) -> Callable[[], Answer]:
        given = constraints(spec)

        def answer() -> Answer:
            sides = []
            for field, names in given:
                postings = self.postings[field]
                sides.append([postings[name] for name in names if name in postings])
            sides.sort(key=lambda side: sum(map(len, side)))
            smallest, *others = sides
            if not others:
                if sum(map(len, smallest)) > MAX_RESULTS:
                    return None
                numbers: Iterable[int] = smallest[0] if len(smallest) == 1 else sorted(chain.from_iterable(smallest))
            else:
                kept: Iterable[int] = chain.from_iterable(smallest)
                for side in others:
                    if len(side) == 1:
                        (only,) = side
                        kept = [number for number in kept if number in only]
                    else:
                        either = set().union(*side)
                        kept = [number for number in kept if number in either]
                numbers = sorted(kept)
                if len(numbers) > MAX_RESULTS:
                    return None
            return [self.items[number] for number in numbers]

        return answer


class Roaring:
    """Hold a compressed bitmap of task numbers for each field and value."""

    def __init__(self, items: list[ListItem]) -> None:
        bitmap = import_module("pyroaring").BitMap
        numbers: dict[str, dict[str | None, list[int]]] = {field: {} for field in FIELDS}
        for number, item in enumerate(items):
            for field, value in zip(FIELDS, row(item), strict=True):
                numbers[field].setdefault(value, []).append(number)
        self.items = items
        self.none = bitmap()
        self.union = bitmap.union
        self.maps = {field: {name: bitmap(its) for name, its in names.items()} for field, names in numbers.items()}

    def ask(self, spec: FilterSpec) -> Callable[[], Answer]:
        given = constraints(spec)

        def answer() -> Answer:
            found = None
            for field, names in given:
                maps = self.maps[field]
                either = self.union(self.none, *[maps[name] for name in names if name in maps])
                found = either if found is None else found & either
            if found is None or len(found) > MAX_RESULTS:
                return None
            return [self.items[number] for number in found]

        return answer


class Sqlite:
    """Hold a table in memory with four covering indexes."""

    def __init__(self, items: list[ListItem]) -> None:
        self.items = items
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.execute(
            "create table tasks (number integer primary key, task text unique, operation text, service text,"
            " status text, user text)"
        )
        for columns in (
            "operation, status, user",
            "service, status, operation, user",
            "status, operation, service, user",
            "user, service, status, operation",
        ):
            self.db.execute(f"create index i{abs(hash(columns))} on tasks ({columns})")
        self.db.execute("begin")
        self.db.executemany(
            "insert into tasks values (?, ?, ?, ?, ?, ?)", ((number, *row(item)) for number, item in enumerate(items))
        )
        self.db.execute("commit")
        self.db.execute("analyze")

    def ask(self, spec: FilterSpec) -> Callable[[], Answer]:
        given = constraints(spec)
        column = dict(zip(FIELDS, COLUMNS, strict=True))
        where = " and ".join(f"{column[field]} in ({', '.join('?' * len(names))})" for field, names in given) or "1"
        statement = f"select number from tasks where {where} order by number limit {MAX_RESULTS + 1}"
        values = [str(name) for _, names in given for name in names]

        def answer() -> Answer:
            numbers = self.db.execute(statement, values).fetchall()
            return None if len(numbers) > MAX_RESULTS else [self.items[number] for (number,) in numbers]

        return answer


class _Frame:
    """Hold columns of text for the three analytical peers."""

    def __init__(self, items: list[ListItem]) -> None:
        self.items = items
        columns = zip(*map(row, items), strict=True)
        self.columns = {name: list(column) for name, column in zip(COLUMNS, columns, strict=True)}

    def found(self, numbers: list[int]) -> Answer:
        return None if len(numbers) > MAX_RESULTS else [self.items[number] for number in numbers]


class Polars(_Frame):
    """Hold a data frame with columns of text."""

    def __init__(self, items: list[ListItem]) -> None:
        super().__init__(items)
        self.polars: Any = import_module("polars")
        self.frame = self.polars.DataFrame(self.columns).with_row_index("number")

    def ask(self, spec: FilterSpec) -> Callable[[], Answer]:
        column = dict(zip(FIELDS, COLUMNS, strict=True))
        tests = [
            self.polars.col(column[field]).is_in([str(name) for name in names]) for field, names in constraints(spec)
        ]

        def answer() -> Answer:
            frame = self.frame.lazy().filter(*tests).select("number").head(MAX_RESULTS + 1).collect()
            return self.found(frame["number"].to_list())

        return answer


class Pandas(_Frame):
    """Hold a data frame with columns of categories, except for the ids."""

    def __init__(self, items: list[ListItem]) -> None:
        super().__init__(items)
        self.frame: Any = import_module("pandas").DataFrame(self.columns)
        for column in COLUMNS[1:]:
            self.frame[column] = self.frame[column].astype("category")

    def ask(self, spec: FilterSpec) -> Callable[[], Answer]:
        column = dict(zip(FIELDS, COLUMNS, strict=True))
        given = [(column[field], [str(name) for name in names]) for field, names in constraints(spec)]

        def answer() -> Answer:
            kept = None
            for name, values in given:
                test = self.frame[name].isin(values)
                kept = test if kept is None else kept & test
            return self.found(self.frame.index[kept].tolist())

        return answer


class Duckdb(_Frame):
    """Hold a table in memory; DuckDB recommends its zone maps as the index."""

    def __init__(self, items: list[ListItem]) -> None:
        super().__init__(items)
        self.db: Any = import_module("duckdb").connect()
        frame = import_module("polars").DataFrame(self.columns).with_row_index("number")
        self.db.register("frame", frame.to_arrow() if hasattr(frame, "to_arrow") else frame)
        self.db.execute("create table tasks as select * from frame")

    def ask(self, spec: FilterSpec) -> Callable[[], Answer]:
        column = dict(zip(FIELDS, COLUMNS, strict=True))
        given = constraints(spec)
        where = " and ".join(f'"{column[field]}" in ({", ".join("?" * len(names))})' for field, names in given)
        statement = f"select number from tasks where {where} order by number limit {MAX_RESULTS + 1}"
        values = [str(name) for _, names in given for name in names]

        def answer() -> Answer:
            return self.found([number for (number,) in self.db.execute(statement, values).fetchall()])

        return answer


PEERS: dict[str, type[Peer]] = {
    "snaptasks": Index,
    "specialised scan": SpecialisedScan,
    "posting dicts": PostingDicts,
    "roaring": Roaring,
    "sqlite": Sqlite,
    "polars": Polars,
    "pandas": Pandas,
    "duckdb": Duckdb,
}
