"""Serve tasks of a database as a source: for list_tasks, get_task and Services.

Decides which part of a question the database decides, and how each row is checked. Does not know the SQL of a
condition, or the failures of a database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Dialect, Engine, Row, Table, bindparam, func, select

from .._text import type_name
from ..errors import ResourceInaccessible
from ..filters import FilterSpec, matcher
from ..sources import OVER_LIMIT, OverLimit, Wanted, answers_exactly, plain_id, readable, unreadable
from ..tasks import ListItem
from ._members import Member, is_postgresql, is_sqlite
from .columns import TaskColumns, columns_of, row_name, row_of
from .connections import entered, leave_autocommit, reading, writing
from .failures import concurrent_change, map_read_errors, map_write_errors
from .statement import Prepared, prepare

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["BATCH", "AsyncSqlTaskSource", "SqlTaskSource"]

_T = TypeVar("_T")
_Stored: TypeAlias = dict[str, str | None]  # a row of the ready table

# Rows in one fetch of a scan: as many as an answer can have.
BATCH: Final = 1000
# Tasks in one statement of put_all, inclusive, because each id is a parameter; more take further statements.
_MAX_PUT: Final = 500


@answers_exactly
class SqlTaskSource:
    """Represent the tasks of a database as a TaskSource: SQL decides filter, grants, order and cap.

    With an Engine each call has its own connection and transaction, and threads may share the source. With a Connection
    all calls are in its transaction. A listing is one statement that fetches at most 1001 rows, and so a snapshot; with
    shards a snapshot of each (L-8).

    Raises ServiceUnavailable if the database is out of reach or too slow (L-9), and ResourceInaccessible for an
    unreadable row (L-4). The cause is the driver's error: never send it, because it can hold SQL and addresses.
    """

    # Slots, because the listing trusts this class: an instance must not have methods of its own.
    __slots__ = ("__weakref__", "_columns", "_database", "_table")

    def __init__(self, database: Engine | Connection, table: Table | TaskColumns) -> None:
        """Use a table of task_table, or one that TaskColumns describe. Raises TypeError for any other."""
        if not isinstance(database, Engine | Connection):
            raise TypeError(
                f"database must be an Engine or a Connection, not {type_name(database)}; write AsyncSqlTaskSource(...) "
                "for an AsyncEngine"
            )
        self._database = database
        self._table = table
        self._columns = _checked_columns(table, database.dialect)

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return the wanted tasks in order; OVER_LIMIT if more than at_most (L-1 to L-7).

        The database decides up to MAX_FILTERS different filters. For more, Python reads rows, BATCH at a time, and
        checks each.
        """
        query = prepare(self._columns, wanted, at_most, self._database.dialect)
        if not query.is_exact:
            found = list(islice(self.scan(wanted), at_most + 1))
            return OVER_LIMIT if len(found) > at_most else _check_unique(found)
        with map_read_errors(), reading(self._database) as connection:
            rows = connection.execute(query.statement, query.values, execution_options=query.options).all()
        if len(rows) > at_most:
            return OVER_LIMIT
        return _check_unique([*_items(self._columns, rows, wanted, query)])

    def scan(self, wanted: Wanted) -> Iterator[ListItem]:
        """Yield the wanted tasks in order, from one statement, with BATCH rows in memory (L-7, L-8)."""
        query = prepare(self._columns, wanted, None, self._database.dialect)
        with (
            map_read_errors(),
            reading(self._database, streams=True) as connection,
            connection.execute(query.statement, query.values, execution_options=query.options | _STREAMS) as rows,
        ):
            yield from _items(self._columns, rows, wanted, query)

    def find(self, task: str) -> ListItem | None:
        """Return the task of this id, or None."""
        only = _question_for(plain_id(task))
        if only is None:
            return None
        found = self.select(only, 1)
        if isinstance(found, OverLimit):
            raise _unreadable(f"the column of the task {task!r} must be unique, but several rows have this task")
        return found[0] if found else None

    def put_all(self, items: Iterable[ListItem]) -> None:
        """Insert tasks into a table of task_table, or replace those of the same ids, which keep their places (L-5).

        One transaction puts all or none. With a Connection its owner rolls back; AUTOCOMMIT has no transaction; shards
        commit one after the other. Raises ConcurrentChange if another writer was faster, and ServiceUnavailable if the
        database is out of reach (L-9). Raises ValueError for a NUL that the database cannot hold, and TypeError for an
        item that is not a ListItem. Any other error of the driver is raised unchanged.
        """
        table = self._writable_table()
        rows: Iterator[_Stored] = map(_checked_row, items)
        if is_postgresql(self._database.dialect):
            rows = map(_without_nul, rows)
        if isinstance(self._database, Connection):
            rows = iter([*rows])  # check all items first: a bad one must not leave a part in the owner's transaction
        with writing(self._database) as connection:
            while some := {row["task"]: row for row in islice(rows, _MAX_PUT)}:
                with map_write_errors():
                    _put(connection, table, some)

    def remove(self, task: str) -> bool:
        """Remove a task from a table of task_table, and return whether it was there; a new put makes it the last."""
        table = self._writable_table()
        name = plain_id(task)
        if _question_for(name) is None:
            return False
        statement = table.delete().where(table.c.task == bindparam("removed", name, type_=Member()))
        with writing(self._database) as connection, map_write_errors():
            return connection.execute(statement).rowcount > 0

    def _writable_table(self) -> Table:
        if not isinstance(self._table, Table):
            raise TypeError("table must be made by task_table to put or remove tasks; TaskColumns can only be read")
        return self._table


@answers_exactly
class AsyncSqlTaskSource:
    """Represent the tasks of a database as an AsyncTaskSource, for `handle_async` of a Service.

    Each call has its own transaction. The errors are those of SqlTaskSource.
    """

    __slots__ = ("__weakref__", "_columns", "_engine", "_table")

    def __init__(self, engine: AsyncEngine, table: Table | TaskColumns) -> None:
        """Use a table of task_table, or one that TaskColumns describe. Raises TypeError for any other."""
        given: object = engine
        if isinstance(given, Engine | Connection):
            raise TypeError(f"engine must be an AsyncEngine, not {type_name(given)}; write SqlTaskSource(...) for it")
        self._engine = engine
        self._table = table
        self._columns = _checked_columns(table, engine.dialect)

    async def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return the answer of `SqlTaskSource.select`."""
        with map_read_errors():
            return await self._run(lambda source: source.select(wanted, at_most))

    async def scan(self, wanted: Wanted) -> AsyncIterator[ListItem]:
        """Yield the tasks of `SqlTaskSource.scan`."""
        query = prepare(self._columns, wanted, None, self._engine.dialect)
        with map_read_errors():
            async with entered(self._engine.connect()) as connection:
                await connection.run_sync(leave_autocommit)
                options = query.options | _STREAMS
                async with connection.stream(query.statement, query.values, execution_options=options) as found:
                    first = 1
                    while rows := await found.fetchmany(BATCH):
                        for item in _items(self._columns, rows, wanted, query, first):
                            yield item
                        first += len(rows)

    async def find(self, task: str) -> ListItem | None:
        """Return the answer of `SqlTaskSource.find`."""
        with map_read_errors():
            return await self._run(lambda source: source.find(task))

    async def put_all(self, items: Iterable[ListItem]) -> None:
        """Put tasks by `SqlTaskSource.put_all`."""
        held = list(items)
        with map_write_errors():
            await self._run(lambda source: source.put_all(held))

    async def remove(self, task: str) -> bool:
        """Remove a task by `SqlTaskSource.remove`."""
        with map_write_errors():
            return await self._run(lambda source: source.remove(task))

    async def _run(self, call: Callable[[SqlTaskSource], _T]) -> _T:
        async with entered(self._engine.begin()) as connection:
            return await connection.run_sync(lambda held: call(SqlTaskSource(held, self._table)))


_STREAMS: Final = {"stream_results": True, "yield_per": BATCH}


def _checked_columns(table: Table | TaskColumns, dialect: Dialect) -> TaskColumns:
    """Return the columns of a table. Raises TypeError for a ready table in a database that it is not for (F-5)."""
    if isinstance(table, Table) and not (is_sqlite(dialect) or is_postgresql(dialect)):
        raise TypeError(f"table must be TaskColumns for {dialect.name}; task_table is for SQLite and PostgreSQL")
    return columns_of(table)


def _items(
    columns: TaskColumns, rows: Iterable[Row[Any]], wanted: Wanted, query: Prepared, first: int = 1
) -> Iterator[ListItem]:
    """Yield the wanted tasks of rows. Raises ResourceInaccessible for a row that differs from its columns (L-4)."""
    to_item, matches = columns.to_item, matcher(wanted.filters)
    begins_with_task = columns.exact and columns.row[0] is columns.task  # as a row of the ready table does
    for number, row in enumerate(rows, first):
        try:
            item = to_item(row)
            if not issubclass(type(item), ListItem):
                raise TypeError(f"to_item must return a ListItem, not {type_name(item)}")  # noqa: TRY301 - gets a note
        except Exception:
            with readable(partial(row_name, columns, row, number)):
                raise
        is_wanted = matches(item)
        if (query.is_exact and not is_wanted) or (begins_with_task and row[0] != item.task):
            cause = ValueError(f"to_item must return the task of the columns, not {item.task!r}, which differs")
            cause.add_note(row_name(columns, row, number))
            raise unreadable(cause)  # L-4: the task could be a hidden one
        if is_wanted:
            yield item


def _question_for(task: str) -> Wanted | None:
    """Return the question for one task; None for an id that no task has, empty or with a lone surrogate."""
    try:
        return Wanted((FilterSpec(tasks=(task,)),))
    except ValidationError:
        return None


def _check_unique(items: list[ListItem]) -> list[ListItem]:
    """Return the tasks. Raises ResourceInaccessible for two tasks of one id (L-5)."""
    if len({item.task for item in items}) < len(items):
        ((twice, _),) = Counter(item.task for item in items).most_common(1)
        raise _unreadable(f"the column of the task {twice!r} must be unique, but two rows have this task")
    return items


def _put(connection: Connection, table: Table, rows: Mapping[str | None, _Stored]) -> None:
    there = {*connection.scalars(select(table.c.task).where(table.c.task.in_(rows)))}
    replaced = [row | {"replaced": task} for task, row in rows.items() if task in there]
    added = [row for task, row in rows.items() if task not in there]
    if replaced:
        connection.execute(table.update().where(table.c.task == bindparam("replaced")), replaced)
        left = select(func.count()).select_from(table).where(table.c.task.in_(there))
        if connection.scalar(left) != len(replaced):
            raise concurrent_change()  # another writer removed one in between; no one can remove the written ones
    if added:
        connection.execute(table.insert(), added)


def _checked_row(item: ListItem) -> _Stored:
    if not issubclass(type(item), ListItem):
        raise TypeError(f"an item of a table must be a ListItem, not {type_name(item)}")
    return row_of(item)


def _without_nul(row: _Stored) -> _Stored:
    for column, value in row.items():
        if value is not None and "\0" in value:
            raise ValueError(f"{column} of the task {row['task']!r} must have no NUL, which PostgreSQL cannot hold")
    return row


def _unreadable(why: str) -> ResourceInaccessible:
    return unreadable(ValueError(why))  # only for the log: the sent text hides the row (L-4)
