"""Tasks in a database as a source: for list_tasks, get_task and Services.

Decides what the database decides, and what is looked at in each of its rows. Knows nothing of how a condition reads in SQL,
and of what a failure of a database is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Row, Table, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError

from .._text import type_name
from ..errors import ResourceInaccessible
from ..filters import FilterSpec, matcher
from ..sources import OVER_LIMIT, OverLimit, Wanted, answers_exactly, plain_id, readable, unreadable
from ..tasks import ListItem
from ._members import Member, is_postgresql, is_sqlite
from .columns import TaskColumns, columns_of, row_name, row_of
from .failures import changed, reading, writing
from .statement import Prepared, prepared

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["BATCH", "AsyncSqlTaskSource", "SqlTaskSource"]

_T = TypeVar("_T")
_Stored: TypeAlias = dict[str, str | None]  # a row of the ready table

# Rows that are fetched at once where each has to be looked at: as many as an answer can have.
BATCH: Final = 1000
# Tasks that are put at once: each id is a parameter of one statement.
_PUT_AT_ONCE: Final = 500


@answers_exactly
class SqlTaskSource:
    """A TaskSource over a database: filter, grants, order and cap are decided there, and at most 1001 rows fetched.

    With an Engine each call has a connection and a transaction of its own; with a Connection all are in its
    transaction. A listing is one statement, and so a snapshot; over shards one of each shard (L-8). Safe in many threads
    with an Engine.

    Raises ServiceUnavailable where the database cannot be reached or does not answer in time (L-9),
    ResourceInaccessible for what cannot be read (L-4), each with the driver's error as the cause, which may hold SQL and
    addresses and is not to be sent; TypeError for a table that is none.
    """

    __slots__ = ("__weakref__", "_columns", "_database", "_table")  # no method of an object's own: it would be trusted

    def __init__(self, database: Engine | Connection, table: Table | TaskColumns) -> None:
        """Ask this database about a table of task_table, or about one that TaskColumns describe."""
        if not isinstance(database, Engine | Connection):
            raise TypeError(
                f"a SqlTaskSource asks an Engine or a Connection, not {type_name(database)}; an AsyncSqlTaskSource asks an "
                "AsyncEngine"
            )
        dialect = database.dialect
        if isinstance(table, Table) and not (is_sqlite(dialect) or is_postgresql(dialect)):
            raise TypeError(
                f"task_table is for SQLite and PostgreSQL; describe a table of {dialect.name} by TaskColumns"
            )
        self._database = database
        self._table = table
        self._columns = columns_of(table)

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return what is wanted in order; OVER_LIMIT if more than at_most (L-1 to L-7).

        The database decides, up to MAX_FILTERS different filters; past them BATCH rows are held at a time, and each is
        looked at.
        """
        asked = prepared(self._columns, wanted, at_most, self._database.dialect)
        if not asked.is_exact:
            found = list(islice(self.scan(wanted), at_most + 1))
            return OVER_LIMIT if len(found) > at_most else _each_once(found)
        with reading(), self._connection() as connection:
            rows = connection.execute(asked.statement, asked.values, execution_options=asked.options).all()
        if len(rows) > at_most:
            return OVER_LIMIT
        return _each_once([*_items(self._columns, rows, wanted, asked)])

    def scan(self, wanted: Wanted) -> Iterator[ListItem]:
        """Yield what is wanted in order, from one statement; BATCH rows are held at a time (L-7, L-8)."""
        asked = prepared(self._columns, wanted, None, self._database.dialect)
        with (
            reading(),
            self._connection(streams=True) as connection,
            connection.execute(asked.statement, asked.values, execution_options=asked.options | _STREAMS) as rows,
        ):
            yield from _items(self._columns, rows, wanted, asked)

    def find(self, task: str) -> ListItem | None:
        """Return the task of this id; None if there is none."""
        only = _only(plain_id(task))
        if only is None:
            return None
        found = self.select(only, 1)
        if isinstance(found, OverLimit):
            raise _unreadable(f"the task {task!r} stands in several rows, but its column must be unique")
        return found[0] if found else None

    def put_all(self, items: Iterable[ListItem]) -> None:
        """Insert tasks into a table of task_table, or replace those of the same ids, which keep their places (L-5).

        All of them or none, where there is a transaction: a Connection is left to its owner to roll back, one with
        AUTOCOMMIT has none, and shards commit one after the other. Raises ConcurrentChange where another writer was
        faster, ServiceUnavailable (L-9), ValueError for a NUL where the database cannot hold one, TypeError for what is
        no ListItem; what else the database refuses goes through as the driver's error.
        """
        table = self._ready()
        rows: Iterator[_Stored] = map(_row, items)
        if is_postgresql(self._database.dialect):
            rows = map(_without_nul, rows)
        if isinstance(self._database, Connection):
            rows = iter([*rows])  # nothing is begun there that a later one spoils
        with self._transaction() as connection:
            while some := {row["task"]: row for row in islice(rows, _PUT_AT_ONCE)}:
                with writing():
                    _put(connection, table, some)

    def remove(self, task: str) -> bool:
        """Take a task out of a table of task_table, and say whether it was there; put again, it comes last."""
        table = self._ready()
        name = plain_id(task)
        if _only(name) is None:
            return False
        gone = table.delete().where(table.c.task == bindparam("gone", name, type_=Member()))
        with self._transaction() as connection, writing():
            return connection.execute(gone).rowcount > 0

    def _ready(self) -> Table:
        if not isinstance(self._table, Table):
            raise TypeError("only a table of task_table can be written to; TaskColumns say how to read one")
        return self._table

    @contextmanager
    def _connection(self, streams: bool = False) -> Iterator[Connection]:
        if isinstance(self._database, Connection):
            yield self._database
            return
        with self._database.connect() as connection:
            if streams:  # a cursor lives in a transaction, also where the engine has AUTOCOMMIT
                connection.execution_options(isolation_level=connection.default_isolation_level)
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """What is raised inside of it goes through; only its own beginning and end are the database's."""
        if isinstance(self._database, Connection):
            yield self._database
            return
        with writing():
            connection = self._database.connect()
        with connection:
            with writing():
                transaction = connection.begin()
            try:
                yield connection
            except BaseException:
                with suppress(SQLAlchemyError):  # what went wrong first is told
                    transaction.rollback()
                raise
            with writing():
                transaction.commit()


@answers_exactly
class AsyncSqlTaskSource:
    """An AsyncTaskSource over an AsyncEngine, for `handle_async` of a Service: a transaction for each call."""

    __slots__ = ("__weakref__", "_columns", "_engine", "_table")

    def __init__(self, engine: AsyncEngine, table: Table | TaskColumns) -> None:
        """Ask this engine about a table of task_table, or about one that TaskColumns describe."""
        self._engine = engine
        self._table = table
        self._columns = columns_of(table)

    async def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return what `SqlTaskSource.select` returns."""
        with reading():
            return await self._asked(lambda source: source.select(wanted, at_most))

    async def scan(self, wanted: Wanted) -> AsyncIterator[ListItem]:
        """Yield what `SqlTaskSource.scan` yields."""
        asked = prepared(self._columns, wanted, None, self._engine.dialect)
        with reading():
            async with self._engine.connect() as connection:
                level = await connection.run_sync(lambda held: held.default_isolation_level)
                await connection.execution_options(isolation_level=level)
                options = asked.options | _STREAMS
                async with connection.stream(asked.statement, asked.values, execution_options=options) as found:
                    rows = await found.fetchmany(BATCH)
                    while rows:
                        for item in _items(self._columns, rows, wanted, asked):
                            yield item
                        rows = await found.fetchmany(BATCH)

    async def find(self, task: str) -> ListItem | None:
        """Return what `SqlTaskSource.find` returns."""
        with reading():
            return await self._asked(lambda source: source.find(task))

    async def put_all(self, items: Iterable[ListItem]) -> None:
        """Put as `SqlTaskSource.put_all` does."""
        held = list(items)
        with writing():
            await self._asked(lambda source: source.put_all(held))

    async def remove(self, task: str) -> bool:
        """Remove as `SqlTaskSource.remove` does."""
        with writing():
            return await self._asked(lambda source: source.remove(task))

    async def _asked(self, ask: Callable[[SqlTaskSource], _T]) -> _T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(lambda held: ask(SqlTaskSource(held, self._table)))


_STREAMS: Final = {"stream_results": True, "yield_per": BATCH}


def _items(columns: TaskColumns, rows: Iterable[Row[Any]], wanted: Wanted, asked: Prepared) -> Iterator[ListItem]:
    """The tasks of rows. None is another than its columns say, because that could be one that is hidden."""
    to_item, matches = columns.to_item, matcher(wanted.filters)
    begins_with_task = columns.exact and columns.row[0] is columns.task  # as a row of the ready table does
    for number, row in enumerate(rows, 1):
        try:
            item = to_item(row)
            if not issubclass(type(item), ListItem):
                raise TypeError(f"to_item must give a ListItem, not {type_name(item)}")  # noqa: TRY301 - it says the row, too
        except Exception:
            with readable(partial(row_name, columns, row, number)):
                raise
        is_wanted = matches(item)
        if (asked.is_exact and not is_wanted) or (begins_with_task and row[0] != item.task):
            cause = ValueError(f"the columns of a row are at odds with the task {item.task!r} that to_item makes of it")
            cause.add_note(row_name(columns, row, number))
            raise unreadable(cause)  # L-4
        if is_wanted:
            yield item


def _only(task: str) -> Wanted | None:
    """The question for one task; None for what no task has as its id: empty, or a lone surrogate."""
    try:
        return Wanted((FilterSpec(tasks=(task,)),))
    except ValidationError:
        return None


def _each_once(items: list[ListItem]) -> list[ListItem]:
    """The same; an id that stands in it twice is no answer (L-5)."""
    if len({item.task for item in items}) < len(items):
        ((twice, _),) = Counter(item.task for item in items).most_common(1)
        raise _unreadable(f"the task {twice!r} stands in two rows, but its column must be unique")
    return items


def _put(connection: Connection, table: Table, rows: Mapping[str | None, _Stored]) -> None:
    there = {*connection.scalars(select(table.c.task).where(table.c.task.in_(rows)))}
    replaced = [row | {"replaced": task} for task, row in rows.items() if task in there]
    added = [row for task, row in rows.items() if task not in there]
    if replaced:
        connection.execute(table.update().where(table.c.task == bindparam("replaced")), replaced)
        left = select(func.count()).select_from(table).where(table.c.task.in_(there))
        if connection.scalar(left) != len(replaced):
            raise changed()  # one was removed since it was seen; now that they are written, none can be
    if added:
        connection.execute(table.insert(), added)


def _row(item: ListItem) -> _Stored:
    if not issubclass(type(item), ListItem):
        raise TypeError(f"a table holds ListItems, not {type_name(item)}")
    return row_of(item)


def _without_nul(row: _Stored) -> _Stored:
    for column, value in row.items():
        if value is not None and "\0" in value:
            raise ValueError(f"PostgreSQL cannot hold the NUL in the {column} of the task {row['task']!r}")
    return row


def _unreadable(why: str) -> ResourceInaccessible:
    return unreadable(ValueError(why))  # for the log: the text that is sent tells nothing of the row (L-4)
