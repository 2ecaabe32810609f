"""Test which tasks a call sees while others write (L-8)."""

import threading
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError

from snaptasks import EVERYTHING, ConcurrentChange, FilterSpec, ListItem, list_tasks
from snaptasks.sql import SqlTaskSource
from tests.building import plain_item
from tests.sql.tables import TABLE, listed


def test_put_all_of_a_task_put_meanwhile_raises_concurrent_change(engine: Engine) -> None:
    """L-5, L-8: The second writer gets the error, and no task of its call is put."""
    source = SqlTaskSource(engine, TABLE)

    @event.listens_for(engine, "before_cursor_execute")
    def put_first(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT"):
            cursor.execute("INSERT INTO tasks (task, operation, service, status, item) VALUES ('t2', '', '', '', '')")

    with pytest.raises(ConcurrentChange) as raised:
        source.put_all([plain_item("t1"), plain_item("t2")])
    assert isinstance(raised.value.__cause__, IntegrityError)
    event.remove(engine, "before_cursor_execute", put_first)
    assert listed(source) == []


def test_list_tasks_with_autocommit_engine_returns_tasks(engine: Engine) -> None:
    """L-8: The call uses a transaction, because a cursor needs one."""
    source = SqlTaskSource(engine.execution_options(isolation_level="AUTOCOMMIT"), TABLE)
    source.put_all(plain_item(f"t{n}") for n in range(3))
    assert listed(source, visibility=lambda item: item.task != "t1") == ["t0", "t2"]


def test_list_tasks_in_a_dialect_without_isolation_levels_returns_tasks(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L-1, A-3: The dialect of DuckDB has none, and a call with a predicate does not set one."""
    source = SqlTaskSource(engine, TABLE)
    source.put_all(plain_item(f"t{n}") for n in range(3))
    monkeypatch.setattr(engine.dialect, "default_isolation_level", None)
    assert listed(source, visibility=lambda item: item.task != "t1") == ["t0", "t2"]


def test_list_tasks_sees_a_snapshot(engine: Engine) -> None:
    """L-8: It does not see the tasks that are put between its batches."""
    source = SqlTaskSource(engine, TABLE)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    source.put_all(plain_item(f"t{n}") for n in range(3000))
    done = threading.Event()

    def predicate(item: ListItem) -> bool:
        if not done.is_set():
            done.set()
            writer = threading.Thread(
                target=source.put_all, args=([plain_item(f"t{n}", user="u") for n in range(3000)],)
            )
            writer.start()
            writer.join()
        return item.info.user is not None or item.task == "t2500"

    assert [item.info.user for item in list_tasks(source, visibility=predicate).items] == [None]
    assert len(list_tasks(source, FilterSpec(users=["u"], tasks=["t2500"]), visibility=EVERYTHING).items) == 1
