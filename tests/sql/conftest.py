"""Make a database for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from tests.sql.tables import TABLE


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Provide a database for one test, which does not wait for a lock."""
    made = create_engine(f"sqlite:///{tmp_path}/tasks.db", connect_args={"timeout": 0})
    TABLE.create(made)
    yield made
    made.dispose()
