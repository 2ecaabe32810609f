"""Tasks in a database as a source: for list_tasks, get_task and rest.handle.

Decided here: what the database decides and what is asked about each of its rows. Not known here: how a condition reads
in SQL, and what a failure of a database is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Row, Table, bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from .._text import type_name
from .._value.violations import InvalidValue
from ..access import EVERYTHING, NOTHING, Grants, Strict, Visibility
from ..errors import ResourceInaccessible
from ..filters import FilterSpec
from ..listing import OVER_LIMIT, UNREADABLE, OverLimit
from ..tasks import ListItem
from ._members import Member, is_postgresql, is_sqlite
from .columns import TaskColumns, columns_of, row_of
from .failures import reading, writing
from .statement import KEPT, MAX_GRANTS, merged, prepared, sets_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")
_Stored: TypeAlias = dict[str, str | None]  # a row of the ready table

# Rows that are fetched at once where each has to be asked about: as many as an answer can have.
BATCH: Final = 1000
# Tasks that are put at once: each id is a parameter of one statement.
PUT_AT_ONCE: Final = 500


class SqlTaskSource:
    """A TaskSource over a database: filter, grants, order and cap are decided there, and at most 1001 rows fetched.

    With an Engine each call has a connection and a transaction of its own; with a Connection all are in its
    transaction. A listing is one statement, and so a snapshot; over shards one of each shard (L-8). Safe in many threads
    with an Engine.

    Raises ServiceUnavailable where the database cannot be reached or does not answer in time (L-9),
    ResourceInaccessible for what cannot be read (L-4), each with the driver's error as the cause, which may hold SQL and
    addresses and is not to be sent; TypeError for a table that is none.
    """

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

    def select(self, filter: FilterSpec, visibility: Visibility, at_most: int) -> Sequence[ListItem] | OverLimit:
        """The visible matches in order; OVER_LIMIT if more than at_most (L-1 to L-7).

        EVERYTHING, NOTHING and Grants are decided by the database, up to MAX_GRANTS different ones. Any other
        visibility is asked about one match after the other, BATCH rows of which are held at a time; the one past
        at_most ends the search. What it raises goes through (A-7).
        """
        if visibility is NOTHING:
            return ()
        if visibility is EVERYTHING or (type(visibility) is Grants and len(merged(visibility)) <= MAX_GRANTS):
            rows = self._rows(filter, visibility, at_most + 1)
            if len(rows) > at_most:
                return OVER_LIMIT
            shown = _shown_by(visibility) if isinstance(visibility, Grants) else visibility
            return _each_once([self._item(row, filter, shown) for row in rows])
        check = visibility if isinstance(visibility, Strict) else Strict(visibility)
        statement, values, options = prepared(self._columns, filter, EVERYTHING, None, self._database.dialect)
        options |= {"stream_results": True, "yield_per": BATCH}
        with (
            reading(check),
            self._connection(streams=True) as connection,
            connection.execute(statement, values, execution_options=options) as found,
        ):
            items = (self._item(row, filter, EVERYTHING) for row in found)
            visible = list(islice((item for item in items if check(item)), at_most + 1))
        return _each_once(visible)

    def find(self, task: str) -> ListItem | None:
        """The task of this id; None if there is none."""
        only = _only(task)
        if only is None:
            return None
        found = [self._item(row, only, EVERYTHING) for row in self._rows(only, EVERYTHING, 2)]
        return _each_once(found)[0] if found else None

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
            while some := {row["task"]: row for row in islice(rows, PUT_AT_ONCE)}:
                with writing():
                    _put(connection, table, some)

    def remove(self, task: str) -> bool:
        """Take a task out of a table of task_table, and say whether it was there; put again, it comes last."""
        table = self._ready()
        if _only(task) is None:
            return False
        gone = table.delete().where(table.c.task == bindparam("gone", task, type_=Member()))
        with self._transaction() as connection, writing():
            return connection.execute(gone).rowcount > 0

    def _ready(self) -> Table:
        if not isinstance(self._table, Table):
            raise TypeError("only a table of task_table can be written to; TaskColumns say how to read one")
        return self._table

    def _rows(self, filter: FilterSpec, visibility: Visibility, limit: int) -> Sequence[Row[Any]]:
        statement, values, options = prepared(self._columns, filter, visibility, limit, self._database.dialect)
        with reading(), self._connection() as connection:
            return connection.execute(statement, values, execution_options=options).all()

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

    def _item(self, row: Row[Any], filter: FilterSpec, visibility: Visibility) -> ListItem:
        """The task of a row, which is no other than its columns say: that could be one that is hidden."""
        try:
            item = self._columns.to_item(row)
        except (InvalidValue, ValidationError) as invalid:
            raise ResourceInaccessible(UNREADABLE) from invalid  # L-4
        if not isinstance(item, ListItem):
            raise TypeError(f"to_item must give a ListItem, not {type_name(item)}")
        if not filter.matches(item) or not visibility(item):
            raise _unreadable(f"the columns of the task {item.task!r} are at odds with what to_item makes of its row")
        return item


class AsyncSqlTaskSource:
    """An AsyncTaskSource over an AsyncEngine, for `rest.handle_async`: a SqlTaskSource in a transaction for each call."""

    def __init__(self, engine: AsyncEngine, table: Table | TaskColumns) -> None:
        """As that of a SqlTaskSource."""
        self._engine = engine
        self._table = table

    async def select(self, filter: FilterSpec, visibility: Visibility, at_most: int) -> Sequence[ListItem] | OverLimit:
        """As that of a SqlTaskSource; `visibility` is called, never awaited (A-8)."""
        check = visibility if isinstance(visibility, Strict) else None
        with reading(check):
            return await self._asked(lambda source: source.select(filter, visibility, at_most))

    async def find(self, task: str) -> ListItem | None:
        """As that of a SqlTaskSource."""
        with reading():
            return await self._asked(lambda source: source.find(task))

    async def put_all(self, items: Iterable[ListItem]) -> None:
        """As that of a SqlTaskSource."""
        held = list(items)
        with writing():
            await self._asked(lambda source: source.put_all(held))

    async def remove(self, task: str) -> bool:
        """As that of a SqlTaskSource."""
        with writing():
            return await self._asked(lambda source: source.remove(task))

    async def _asked(self, ask: Callable[[SqlTaskSource], T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(lambda held: ask(SqlTaskSource(held, self._table)))


def _only(task: str) -> FilterSpec | None:
    """The filter for one task; None for what no task has as its id: empty, or a lone surrogate."""
    if not isinstance(task, str):
        raise TypeError(f"task must be text, not {type_name(task)}")
    try:
        return FilterSpec(tasks=(task,))
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
    if added:
        connection.execute(table.insert(), added)


@lru_cache(KEPT)
def _shown_by(grants: Grants) -> Visibility:
    """The same answers: grants of a member a field, as most are, are looked up, and not tried one after the other."""
    single: dict[tuple[int, ...], set[tuple[str | None, ...]]] = {}
    others: list[FilterSpec] = []
    for grant in grants.filters:
        sets = sets_of(grant)
        if max(map(len, sets)) > 1:
            others.append(grant)
        else:
            fields = tuple(number for number, members in enumerate(sets) if members)
            single.setdefault(fields, set()).add(tuple(next(iter(sets[number])) for number in fields))

    def is_shown(item: ListItem) -> bool:
        info = item.info
        values = (item.task, info.operation, info.service, info.status, info.user)
        for fields, members in single.items():
            if tuple([values[number] for number in fields]) in members:
                return True
        return any(grant.matches(item) for grant in others)

    return is_shown


def _row(item: ListItem) -> _Stored:
    if not isinstance(item, ListItem):
        raise TypeError(f"a table holds ListItems, not {type_name(item)}")
    return row_of(item)


def _without_nul(row: _Stored) -> _Stored:
    for column, value in row.items():
        if value is not None and "\0" in value:
            raise ValueError(f"PostgreSQL cannot hold the NUL in the {column} of the task {row['task']!r}")
    return row


def _unreadable(why: str) -> ResourceInaccessible:
    error = ResourceInaccessible(UNREADABLE)
    error.__cause__ = ValueError(why)  # for the log: the text that is sent tells nothing of the row (L-4)
    return error
