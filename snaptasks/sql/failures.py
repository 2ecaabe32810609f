"""What a failure of a database is, in the terms of the API (L-4, L-9).

Decided here: which of the 25 errors a driver's error becomes, and which stay what they are. Not known here: what was
asked.
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

__all__ = ["changed", "reading", "writing"]

# Classes of SQLSTATE: connection, transaction rolled back, resources (a full disk is one), lock not to be had, operator
# intervention (timeouts are that), system error.
_OUT_OF_REACH: Final = ("08", "40", "53", "55", "57", "58")
# A unique value that is there already, a transaction that came too late, a deadlock.
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
def reading() -> Iterator[None]:
    """Raise ServiceUnavailable or ResourceInaccessible for a failure of the database (L-9, L-4)."""
    try:
        yield
    except (DBAPIError, TimeoutError, PendingRollbackError) as error:
        if _out_of_reach(error):
            raise _unavailable() from error
        raise unreadable(error) from error


@contextmanager
def writing() -> Iterator[None]:
    """Raise ConcurrentChange where another writer was faster, ServiceUnavailable where the database is out of reach; what
    else it refuses is for its owner to see, and goes through."""
    try:
        yield
    except (DBAPIError, TimeoutError, PendingRollbackError) as error:
        sqlite, sqlstate = _codes(error)
        if sqlstate in _TOO_LATE or sqlite in _SQLITE_TOO_LATE:
            raise changed() from error
        if _out_of_reach(error):
            raise _unavailable() from error
        raise


def changed() -> ConcurrentChange:
    """Return the answer to a writer that was too late."""
    return ConcurrentChange(sent("changed"))


def _unavailable() -> ServiceUnavailable:
    return ServiceUnavailable(sent("unavailable"), data=TransientIndication(is_transient=True))


def _out_of_reach(error: SQLAlchemyError) -> bool:
    """Whether the database did not answer, rather than that it answered with an error (L-9)."""
    sqlite, sqlstate = _codes(error)
    if sqlstate is not None:
        return sqlstate.startswith(_OUT_OF_REACH)
    if sqlite is not None:
        return sqlite.startswith(_SQLITE_OUT_OF_REACH)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return True  # a pool that gave no connection in time, or one that was lost before


def _codes(error: SQLAlchemyError) -> tuple[str | None, str | None]:
    """SQLite's name of an error, and SQLSTATE, where the driver tells them."""
    driver = getattr(error, "orig", None)
    sqlite = getattr(driver, "sqlite_errorname", "SQLITE_ERROR") if type(driver).__module__ == "sqlite3" else None
    sqlstate = getattr(driver, "sqlstate", None) or getattr(driver, "pgcode", None)
    return sqlite, sqlstate
