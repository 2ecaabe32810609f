"""Test the source over SQLite by the checks of every database."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine

from tests.sql.checks import SourceChecks
from tests.sql.tables import TABLE, counting, explained


class Counted(sqlite3.Connection):
    """Open cursors that count the rows they return."""

    def cursor(self, factory: Any = counting(sqlite3.Cursor)) -> Any:  # noqa: B008
        return super().cursor(factory)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("sqlite") / "tasks.db"
    made = create_engine(f"sqlite:///{path}", connect_args={"factory": Counted})
    TABLE.create(made)
    yield made
    made.dispose()


class TestSqlite(SourceChecks):
    """Check the source over SQLite in a file."""

    def plan(self, connection: Connection, statement: Any) -> Any:
        return re.findall(
            r"(?:SEARCH|SCAN) tasks(?: USING (?:COVERING )?INDEX \w+)?",
            explained(connection, statement, "EXPLAIN QUERY PLAN"),
        )
