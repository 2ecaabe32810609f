"""Map failures of a database to the terms of the API (L-4, L-9).

Decides which of the 25 errors a driver's error becomes, and which errors go through. Does not know the question.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
    TimeoutError,
)

from .._sent import sent
from ..errors import ConcurrentChange, ServiceUnavailable, TransientIndication
from ..sources import unreadable

__all__ = ["concurrent_change", "map_connect_errors", "map_read_errors", "map_write_errors"]

# Classes of SQLSTATE: connection, transaction rolled back, resources (such as a full disk), lock not available,
# operator intervention (such as a timeout), system error.
_OUT_OF_REACH: Final = ("08", "40", "53", "55", "57", "58")
# A unique value that exists already, a serialization failure, a deadlock.
_TOO_LATE: Final = {"23505", "40001", "40P01"}
_SQLITE_OUT_OF_REACH: Final = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_CANTOPEN",
    "SQLITE_IOERR",
    "SQLITE_INTERRUPT",
    "SQLITE_FULL",
    "SQLITE_NOMEM",
)
_SQLITE_TOO_LATE: Final = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_BUSY_SNAPSHOT"}


@contextmanager
def map_connect_errors() -> Iterator[None]:
    """Raise ServiceUnavailable if the driver cannot connect and SQLAlchemy does not wrap its error, as asyncpg's (L-9).

    Any other error goes through.
    """
    try:
        yield
    except Exception as error:
        sqlstate = getattr(error, "sqlstate", None)
        if isinstance(error, OSError) or (isinstance(sqlstate, str) and sqlstate.startswith(_OUT_OF_REACH)):
            raise _unavailable() from error
        raise


@contextmanager
def map_read_errors() -> Iterator[None]:
    """Raise ServiceUnavailable if the database is out of reach (L-9), ResourceInaccessible for other errors (L-4)."""
    try:
        yield
    except (DBAPIError, TimeoutError, PendingRollbackError) as error:
        if _out_of_reach(error):
            raise _unavailable() from error
        raise unreadable(error) from error


@contextmanager
def map_write_errors() -> Iterator[None]:
    """Raise ConcurrentChange if another writer was faster, ServiceUnavailable if the database is out of reach (L-9).

    Any other error goes through, because the owner of the database must see it.
    """
    try:
        yield
    except (DBAPIError, TimeoutError, PendingRollbackError) as error:
        sqlite, sqlstate = _codes(error)
        if sqlstate in _TOO_LATE or sqlite in _SQLITE_TOO_LATE:
            raise concurrent_change() from error
        if _out_of_reach(error):
            raise _unavailable() from error
        raise


def concurrent_change() -> ConcurrentChange:
    """Return the error for a writer that was too late."""
    return ConcurrentChange(sent("changed"))


def _unavailable() -> ServiceUnavailable:
    return ServiceUnavailable(sent("unavailable"), data=TransientIndication(is_transient=True))


def _out_of_reach(error: SQLAlchemyError) -> bool:
    """Return whether the database did not answer, as opposed to answering with an error (L-9)."""
    sqlite, sqlstate = _codes(error)
    if sqlstate is not None:
        return sqlstate.startswith(_OUT_OF_REACH)
    if sqlite is not None:
        return sqlite.startswith(_SQLITE_OUT_OF_REACH)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return True  # the pool gave no connection in time, or the connection was lost before


def _codes(error: SQLAlchemyError) -> tuple[str | None, str | None]:
    """Return SQLite's name of an error and its SQLSTATE, each None if the driver does not report it."""
    driver = getattr(error, "orig", None)
    sqlite = getattr(driver, "sqlite_errorname", "SQLITE_ERROR") if type(driver).__module__ == "sqlite3" else None
    sqlstate = getattr(driver, "sqlstate", None) or getattr(driver, "pgcode", None)
    return sqlite, sqlstate
