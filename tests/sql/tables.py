"""Provide tables of tasks, rows of another program, and calls of a source over them."""

import sqlite3
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, event

from snaptasks import (
    EVERYTHING,
    FilterSpec,
    Grants,
    Info,
    ListItem,
    NotFound,
    ResourceInaccessible,
    Visibility,
    get_task,
    list_tasks,
)
from snaptasks.sql import SqlTaskSource, TaskColumns, task_table
from snaptasks.sql.columns import columns_of
from tests.building import ids, plain_item

TABLE: Final = task_table(MetaData())

# The number of rows that the driver's cursors returned since it was cleared.
FETCHED: Final = Counter[str]()

# Texts: some collation treats each of them as equal to another one.
ALIKE: Final = ["a", "A", "a ", " a", "a\t", "é", "e\u0301", "\u212b", "\u00c5", "ss", "ß", "ı", "I", "i", "a\u200b"]


def counting(cursor: Any) -> Any:
    """Return a subclass of a driver's cursor that counts the rows it returns."""

    def fetchone(self: Any) -> Any:
        row = cursor.fetchone(self)
        FETCHED["rows"] += row is not None
        return row

    def fetchmany(self: Any, *args: Any, **kwargs: Any) -> Any:
        rows = cursor.fetchmany(self, *args, **kwargs)
        FETCHED["rows"] += len(rows)
        return rows

    def fetchall(self: Any) -> Any:
        rows = cursor.fetchall(self)
        FETCHED["rows"] += len(rows)
        return rows

    return type("Counting", (cursor,), {"fetchone": fetchone, "fetchmany": fetchmany, "fetchall": fetchall})


def emptied(engine: Engine) -> SqlTaskSource:
    with engine.begin() as connection:
        connection.execute(TABLE.delete())
    return SqlTaskSource(engine, TABLE)


def listed(source: Any, filter: FilterSpec | None = None, visibility: Visibility = EVERYTHING) -> list[str]:
    return ids(list_tasks(source, filter, visibility=visibility).items)


def listed_or_over(source: Any, filter: FilterSpec | None, visibility: Visibility) -> None:
    with suppress(ResourceInaccessible):
        list_tasks(source, filter, visibility=visibility)


def mapped(table: Table, **changes: Any) -> TaskColumns:
    """Return the columns of a table that another program made, with these changes."""
    columns = table.c
    fields: dict[str, Any] = {
        "task": columns.id,
        "operation": columns.kind,
        "service": columns.owner,
        "status": columns.state,
        "user": columns.account,
        "order": (columns.id,),
        "row": (columns.id, columns.info),
        "to_item": lambda row: ListItem(task=row.id, info=Info.from_json(row.info)),
    }
    return TaskColumns(**(fields | changes))


def ready_columns_in(part: Any, **changes: Any) -> TaskColumns:
    """Return the columns of a subquery of the ready table, with these changes; `part` holds its columns."""
    fields: dict[str, Any] = {name: part[name] for name in ("task", "operation", "service", "status")}
    fields |= {"user": part.username, "order": (part.position,), "row": (part.item,)}
    return replace(columns_of(TABLE), **(fields | changes))


def jobs(text: Any = Text) -> Table:
    return Table(
        "jobs", MetaData(), *(Column(name, text) for name in ("id", "kind", "owner", "state", "account", "info"))
    )


def job(item: ListItem) -> dict[str, Any]:
    info = item.info
    return {
        "id": item.task,
        "kind": info.operation,
        "owner": info.service,
        "state": str(info.status),
        "account": info.user,
        "info": info.to_json().decode(),
    }


def check_exact_comparison(engine: Engine, table: Table, others: int) -> int:
    """Check that a source over a table of jobs finds tasks that look alike by their own names only.

    Args:
        engine: The database, which holds the table.
        table: An empty table of jobs, which is filled.
        others: The number of other members in each filter.

    Returns:
        The number of tasks.
    """
    items = [plain_item(f"t{n}", user=user, service=user) for n, user in enumerate(ALIKE)]
    with engine.begin() as connection:
        connection.execute(table.insert(), [job(item) for item in items])
    source = SqlTaskSource(engine, mapped(table))
    other_members = [f"other {n}" for n in range(others)]
    for item, user in zip(items, ALIKE, strict=True):
        wanted = FilterSpec(users=[user, *other_members])
        assert list_tasks(source, wanted, visibility=EVERYTHING).items == (item,)
        assert list_tasks(source, visibility=Grants([wanted])).items == (item,)
    assert get_task(source, "t1", visibility=EVERYTHING) == items[1].info
    assert source.find("T1") is None
    return len(items)


def got(source: Any, task: str, visibility: Visibility) -> Info | None:
    try:
        return get_task(source, task, visibility=visibility)
    except NotFound:
        return None


def explained(connection: Connection, statement: Any, explain: str) -> str:
    """Return the plan of a statement, for parameters as they are sent.

    Args:
        connection: The database.
        statement: SQL text or an expression.
        explain: The words before the statement that ask the database for its plan.
    """
    if isinstance(statement, str):
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}"))

    def prefixed(conn: Connection, cursor: Any, sql: str, parameters: Any, context: Any, many: bool) -> tuple[str, Any]:
        return f"{explain} {sql}", parameters

    event.listen(connection, "before_cursor_execute", prefixed, retval=True)
    try:
        return "\n".join(str(row[-1]) for row in connection.execute(statement))
    finally:
        event.remove(connection, "before_cursor_execute", prefixed)


def lost(*args: Any, **kwargs: Any) -> None:
    """Raise what a driver raises when its connection is lost."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR"
    raise error
