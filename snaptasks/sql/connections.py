"""Open a connection for one call, and begin and end its transaction.

Decides which connection and which isolation level a call has. Does not know statements or rows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from .failures import map_connect_errors, map_write_errors

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["entered", "leave_autocommit", "reading", "writing"]


@contextmanager
def reading(database: Engine | Connection, *, streams: bool = False) -> Iterator[Connection]:
    """Open a connection of an Engine; use a Connection itself.

    Args:
        database: The database.
        streams: Whether a cursor stays open, for which a connection of an Engine leaves AUTOCOMMIT.
    """
    if isinstance(database, Connection):
        yield database
        return
    with map_connect_errors():
        connection = database.connect()
    with connection:
        if streams:
            leave_autocommit(connection)
        yield connection


@contextmanager
def writing(database: Engine | Connection) -> Iterator[Connection]:
    """Begin and end a transaction; map only errors of its begin and end, because the body maps its own."""
    if isinstance(database, Connection):
        yield database
        return
    with map_write_errors(), map_connect_errors():
        connection = database.connect()
    with connection:
        with map_write_errors():
            transaction = connection.begin()
        try:
            yield connection
        except BaseException:
            with suppress(SQLAlchemyError):  # the first failure is the one to raise
                transaction.rollback()
            raise
        with map_write_errors():
            transaction.commit()


@asynccontextmanager
async def entered(connecting: AbstractAsyncContextManager[AsyncConnection]) -> AsyncIterator[AsyncConnection]:
    """Enter an asynchronous connection; map only errors of its start, because the body maps its own."""
    async with AsyncExitStack() as stack:
        with map_connect_errors():
            connection = await stack.enter_async_context(connecting)
        yield connection


def leave_autocommit(connection: Connection) -> None:
    """Give a connection the isolation level of its database, because a cursor needs a transaction.

    A dialect without isolation levels, such as DuckDB's, keeps what it has.
    """
    if connection.default_isolation_level is not None:
        connection.execution_options(isolation_level=connection.default_isolation_level)
