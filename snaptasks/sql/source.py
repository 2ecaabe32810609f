"""Tasks in a database as a source: for list_tasks, get_task and rest.handle.

Decided here: what the database decides and what is asked about each of its rows, and which error a failure of the
database is (L-4, L-9). Not known here: how a condition reads in SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Table, bindparam, select
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, TimeoutError

from ..access import EVERYTHING, NOTHING, Grants, Strict, Visibility, told
from ..errors import (
    MESSAGE_PREFIX,
    ConcurrentChange,
    ResourceInaccessible,
    ServiceUnavailable,
    TransientIndication,
)
from ..filters import FilterSpec
from ..listing import OVER_LIMIT, UNREADABLE, OverLimit
from ..messages import LocalizableMessage
from ..tasks import ListItem
from .columns import TaskColumns, columns_of, row_of
from .statement import KEPT, MAX_GRANTS, merged, prepared, sets_of

# Rows that are fetched at once where each has to be asked about: as many as an answer can have.
BATCH: Final = 1000
# Tasks that are put at once: their ids are parameters of one statement, of which old SQLite takes 999.
PUT_AT_ONCE: Final = 500

_UNAVAILABLE: Final = LocalizableMessage(
    id=f"{MESSAGE_PREFIX}.unavailable", default_message="The task database cannot be reached."
)
_CHANGED: Final = LocalizableMessage(
    id=f"{MESSAGE_PREFIX}.changed", default_message="The tasks were changed by another writer; nothing was put."
)


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
                f"a SqlTaskSource asks an Engine or a Connection, not {told(database)}; inside `run_sync` an async one "
                "gives a Connection"
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
            statement, values = prepared(self._columns, filter, visibility, at_most + 1, self._database.dialect)
            with self._connection() as connection, _driver_errors():
                rows = connection.execute(statement, values).all()
            shown = _shown_by(visibility) if isinstance(visibility, Grants) else visibility
            return OVER_LIMIT if len(rows) > at_most else list(self._items(rows, filter, shown))
        check = visibility if isinstance(visibility, Strict) else Strict(visibility)
        statement, values = prepared(self._columns, filter, EVERYTHING, None, self._database.dialect)
        with self._connection() as connection, _driver_errors(check):
            found = connection.execute(
                statement, values, execution_options={"stream_results": True, "yield_per": BATCH}
            )
            with found:
                visible = (item for item in self._items(found, filter, EVERYTHING) if check(item))
                return list(islice(visible, at_most + 1))

    def find(self, task: str) -> ListItem | None:
        """The task of this id; None if there is none."""
        only = FilterSpec(tasks=(task,))
        statement, values = prepared(self._columns, only, EVERYTHING, 1, self._database.dialect)
        with self._connection() as connection, _driver_errors():
            rows = connection.execute(statement, values).all()
        return next(self._items(rows, only, EVERYTHING), None)

    def put_all(self, items: Iterable[ListItem]) -> None:
        """Insert tasks into a table of task_table, or replace those of the same ids, which keep their places (L-5).

        All of them or none. Raises ConcurrentChange where another writer put one of them first, ValueError for a NUL
        where the database cannot hold one, TypeError for what is no ListItem.
        """
        table = self._ready()
        remaining = iter(items)
        insert, update = table.insert(), table.update().where(table.c.task == bindparam("replaced"))
        with self._transaction() as connection, _driver_errors():
            while rows := {item.task: row_of(item) for item in map(_checked, islice(remaining, PUT_AT_ONCE))}:
                if isinstance(connection.dialect, PGDialect):
                    _refuse_nul(rows.values())
                there = {*connection.scalars(select(table.c.task).where(table.c.task.in_(rows)))}
                replaced = [row | {"replaced": task} for task, row in rows.items() if task in there]
                added = [row for task, row in rows.items() if task not in there]
                if replaced:
                    connection.execute(update, replaced)
                if added:
                    connection.execute(insert, added)

    def remove(self, task: str) -> bool:
        """Take a task out of a table of task_table, and say whether it was there; put again, it comes last."""
        table = self._ready()
        with self._transaction() as connection, _driver_errors():
            return connection.execute(table.delete().where(table.c.task == task)).rowcount > 0

    def _ready(self) -> Table:
        if not isinstance(self._table, Table):
            raise TypeError("only a table of task_table can be written to; TaskColumns say how to read one")
        return self._table

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        if isinstance(self._database, Connection):
            yield self._database
        else:
            with _driver_errors():
                connection = self._database.connect()
            with connection:
                yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._connection() as connection:
            if connection is self._database:
                yield connection
            else:
                with _driver_errors(), connection.begin():
                    yield connection

    def _items(self, rows: Iterable[Row[Any]], filter: FilterSpec, visibility: Visibility) -> Iterator[ListItem]:
        """The tasks of rows, none of which is another than its columns say: that could be one that is hidden."""
        seen: set[str] = set()
        for row in rows:
            item = self._columns.to_item(row)
            if not isinstance(item, ListItem):
                raise TypeError(f"to_item must give a ListItem, not {told(item)}")
            if not filter.matches(item) or not visibility(item):
                raise _unreadable(
                    f"the columns of the task {item.task!r} are at odds with what to_item makes of its row"
                )
            if item.task in seen:
                raise _unreadable(f"the task {item.task!r} stands in two rows, but its column must be unique")
            seen.add(item.task)
            yield item


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


def _checked(item: ListItem) -> ListItem:
    if not isinstance(item, ListItem):
        raise TypeError(f"a table holds ListItems, not {told(item)}")
    return item


def _refuse_nul(rows: Iterable[dict[str, str | None]]) -> None:
    for row in rows:
        for column, value in row.items():
            if value is not None and "\0" in value:
                raise ValueError(f"PostgreSQL cannot hold the NUL in the {column} of the task {row['task']!r}")


def _unreadable(why: str) -> ResourceInaccessible:
    error = ResourceInaccessible(UNREADABLE)
    error.__cause__ = ValueError(why)  # for the log: the text that is sent tells nothing of the row (L-4)
    return error


@contextmanager
def _driver_errors(check: Strict | None = None) -> Iterator[None]:
    """What a failure of the database is; what a visibility check raised stays its own (A-7)."""
    try:
        yield
    except (DBAPIError, TimeoutError) as error:
        if check is not None and error is check.raised:
            raise
        if isinstance(error, IntegrityError):
            raise ConcurrentChange(_CHANGED) from error
        if isinstance(error, TimeoutError) or _out_of_reach(error):
            raise ServiceUnavailable(_UNAVAILABLE, data=TransientIndication(is_transient=True)) from error
        raise ResourceInaccessible(UNREADABLE) from error


def _out_of_reach(error: DBAPIError) -> bool:
    """Whether the database did not answer, rather than that it answered with an error (L-9)."""
    sqlite = type(error.orig).__module__ == "sqlite3"
    if sqlite and getattr(error.orig, "sqlite_errorname", "SQLITE_ERROR") == "SQLITE_ERROR":
        return False  # no such table, or text that is no UTF-8: operational, as it has it
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
