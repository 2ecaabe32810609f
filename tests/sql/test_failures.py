"""Test which error each failure of the database becomes (L-4, L-9, E-7, E-8)."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool

from snaptasks import (
    EVERYTHING,
    Caller,
    ConcurrentChange,
    Error,
    FilterSpec,
    ListItem,
    ResourceInaccessible,
    ServiceUnavailable,
    TransientIndication,
    Wanted,
    get_task,
    list_tasks,
    rest,
)
from snaptasks.sql import AsyncSqlTaskSource, SqlTaskSource, task_table
from tests.building import plain_item
from tests.sql.tables import TABLE, listed, lost


def failing(source: SqlTaskSource) -> Iterator[Error]:
    """Yield the error that each call of a source raises."""
    for ask in (
        lambda: list_tasks(source, visibility=EVERYTHING),
        lambda: list_tasks(source, visibility=lambda item: True),
        lambda: get_task(source, "t1", visibility=EVERYTHING),
    ):
        with pytest.raises(Error) as raised:
            ask()
        yield raised.value


def test_unreachable_database_raises_service_unavailable(tmp_path: Path) -> None:
    """L-9, E-8: The client may retry; the driver's error is the cause, and its text stays inside."""
    source = SqlTaskSource(create_engine(f"sqlite:///{tmp_path}/no/such/folder/tasks.db"), TABLE)
    for error in failing(source):
        assert isinstance(error, ServiceUnavailable)
        assert error.data_as(TransientIndication) == TransientIndication(is_transient=True)
        assert isinstance(error.__cause__, OperationalError)
        assert "folder" not in str(error)
        assert "SELECT" not in str(error)
    reported: list[Exception] = []
    service = rest.Service(
        source,
        authenticate=lambda request: Caller(user="u", privileges={"System.Read"}),
        visibility=lambda caller: EVERYTHING,
        on_error=reported.append,
    )
    response = service.handle(rest.Request("GET", "/api/snapservice/tasks"))
    assert response.status == 503
    assert b"folder" not in response.body
    assert [*map(type, reported)] == [OperationalError]


class RefusedByServer(Exception):
    """Represent an error of a driver that SQLAlchemy does not wrap, with the SQLSTATE of the server."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("the text of the driver")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("refusal", "becomes"),
    [
        (ConnectionRefusedError(111, "the text of the system"), ServiceUnavailable),
        (TimeoutError("the text of the driver"), ServiceUnavailable),
        (RefusedByServer("57P03"), ServiceUnavailable),
        (RefusedByServer("28P01"), RefusedByServer),
        (ZeroDivisionError("a bug of the driver"), ZeroDivisionError),
    ],
)
def test_connection_refused_with_an_error_that_sqlalchemy_does_not_wrap_raises_service_unavailable(
    tmp_path: Path, refusal: Exception, becomes: type[Exception]
) -> None:
    """L-9, E-7: asyncpg raises errors of the system and of the server unwrapped; a wrong password goes through."""

    def refuse(*args: Any) -> None:
        raise refusal

    engine = create_engine(f"sqlite:///{tmp_path}/tasks.db")
    event.listen(engine, "do_connect", refuse)
    source = SqlTaskSource(engine, TABLE)
    asynchronous = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/tasks.db")
    event.listen(asynchronous.sync_engine, "do_connect", refuse)
    awaited = AsyncSqlTaskSource(asynchronous, TABLE)
    everything = Wanted([FilterSpec()])

    async def scan() -> list[ListItem]:
        return [item async for item in awaited.scan(everything)]

    calls: list[Callable[[], object]] = [
        lambda: source.find("t1"),
        lambda: list(source.scan(everything)),
        lambda: source.put_all([plain_item("t1")]),
        lambda: source.remove("t1"),
        lambda: asyncio.run(awaited.find("t1")),
        lambda: asyncio.run(scan()),
        lambda: asyncio.run(awaited.put_all([plain_item("t1")])),
        lambda: asyncio.run(awaited.remove("t1")),
    ]
    for call in calls:
        with pytest.raises(becomes) as raised:
            call()
        assert refusal in {raised.value, raised.value.__cause__}
        assert becomes is not ServiceUnavailable or "text of" not in str(raised.value)


def test_put_all_and_remove_on_locked_database_raise_service_unavailable(engine: Engine, tmp_path: Path) -> None:
    """L-9: Nothing is put."""
    source = SqlTaskSource(engine, TABLE)
    other = sqlite3.connect(tmp_path / "tasks.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ServiceUnavailable):
        source.put_all([plain_item("t1")])
    with pytest.raises(ServiceUnavailable):
        source.remove("t1")
    other.execute("ROLLBACK")
    other.close()
    assert listed(source) == []


def test_exhausted_pool_raises_service_unavailable(tmp_path: Path) -> None:
    """L-9: The timeout is that of the engine."""
    path = f"sqlite:///{tmp_path}/tasks.db"
    engine = create_engine(path, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    with engine.connect():
        for error in failing(SqlTaskSource(engine, TABLE)):
            assert isinstance(error, ServiceUnavailable)
    engine.dispose()


def test_missing_table_raises_resource_inaccessible(engine: Engine) -> None:
    """L-4: The table is still missing in a retry."""
    for error in failing(SqlTaskSource(engine, task_table(MetaData(), "others"))):
        assert isinstance(error, ResourceInaccessible)
        assert "no such table" in str(error.__cause__)
        assert "others" not in str(error)


@pytest.mark.parametrize("stored", [b"\xff", 5, "", "nul"])
def test_row_with_wrong_type_raises_resource_inaccessible(engine: Engine, stored: Any) -> None:
    """L-4: SQLite keeps any value in a column of text."""
    source = SqlTaskSource(engine, TABLE)
    source.put_all([plain_item("t1")])
    with engine.begin() as connection:
        value = "CAST(x'ff' AS TEXT)" if stored == "nul" else "?"
        connection.exec_driver_sql(f"UPDATE tasks SET item = {value}", () if stored == "nul" else (stored,))
    for error in failing(source):
        assert isinstance(error, ResourceInaccessible)


def test_put_all_on_full_disk_raises_service_unavailable(engine: Engine) -> None:
    """L-9, E-8: The error is the same on every database, and nothing is put."""
    source = SqlTaskSource(engine, TABLE)
    source.put_all([plain_item("t1")])

    @event.listens_for(engine, "connect")
    def small(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 20")

    engine.dispose()
    with pytest.raises(ServiceUnavailable) as raised:
        source.put_all(plain_item(f"t{n}", user="u" * 1000) for n in range(1000))
    assert "full" in str(raised.value.__cause__)
    assert raised.value.data_as(TransientIndication) == TransientIndication(is_transient=True)
    assert listed(source) == ["t1"]


def test_put_all_raises_the_error_of_its_items(engine: Engine) -> None:
    """E-7: The iterable of items may raise an error of a database, too; nothing is put."""
    own = IntegrityError("its own statement", {}, Exception("its own"))

    def items() -> Iterator[ListItem]:
        yield from (plain_item(f"t{n}") for n in range(600))
        raise own

    for database in (engine, engine.connect()):
        source = SqlTaskSource(database, TABLE)
        with pytest.raises(IntegrityError) as raised:
            source.put_all(items())
        assert raised.value is own
        with pytest.raises(TypeError, match="an item of a table must be a ListItem"):
            source.put_all([*(plain_item(f"t{n}") for n in range(600)), None])  # type: ignore[list-item]
        assert listed(source) == []
        if isinstance(database, Connection):
            database.close()


def test_put_all_against_a_rule_of_the_database_raises_its_error(engine: Engine) -> None:
    """E-7: A rule of the table, or a read-only database, does not change in a retry."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER rule BEFORE INSERT ON tasks WHEN NEW.task = 't2' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    source = SqlTaskSource(engine, TABLE)
    with pytest.raises(IntegrityError):
        source.put_all([plain_item("t1"), plain_item("t2")])
    assert listed(source) == []
    read_only = create_engine(f"sqlite:///file:{engine.url.database}?mode=ro&uri=true")
    with pytest.raises(OperationalError, match="readonly"):
        SqlTaskSource(read_only, TABLE).put_all([plain_item("t1")])
    assert listed(SqlTaskSource(read_only, TABLE)) == []
    read_only.dispose()


def test_connection_lost_at_the_end_raises_service_unavailable(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """L-9, A-7: This holds even after the answer has arrived; an error of a predicate goes through."""
    source = SqlTaskSource(engine, TABLE)
    source.put_all([plain_item("t1")])
    monkeypatch.setattr(engine.dialect, "do_rollback", lost)
    for error in failing(source):
        assert isinstance(error, ServiceUnavailable)

    def denied(item: ListItem) -> bool:
        raise PermissionError("its own")

    with pytest.raises(PermissionError):
        list_tasks(source, visibility=denied)
    with pytest.raises(TypeError):
        source.put_all([None])  # type: ignore[list-item]
    monkeypatch.setattr(engine.dialect, "do_commit", lost)
    with pytest.raises(ServiceUnavailable):
        source.put_all([plain_item("t2")])


def test_connection_lost_before_the_call_raises_service_unavailable(engine: Engine) -> None:
    """L-9: The error remains until the owner takes another connection."""
    with engine.connect() as connection:
        connection.begin()
        connection.invalidate()
        source = SqlTaskSource(connection, TABLE)
        for error in failing(source):
            assert isinstance(error, ServiceUnavailable)
        with pytest.raises(ServiceUnavailable):
            source.remove("t1")


@pytest.mark.parametrize(
    ("sqlstate", "read", "written"),
    [
        ("57014", ServiceUnavailable, ServiceUnavailable),
        ("08006", ServiceUnavailable, ServiceUnavailable),
        ("53100", ServiceUnavailable, ServiceUnavailable),
        ("40001", ServiceUnavailable, ConcurrentChange),
        ("23505", ResourceInaccessible, ConcurrentChange),
        ("54000", ResourceInaccessible, OperationalError),
        (None, ServiceUnavailable, ServiceUnavailable),
    ],
)
def test_sqlstate_of_the_driver_decides_the_error(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, sqlstate: str | None, read: type[Error], written: type[Exception]
) -> None:
    """L-4, L-9, E-8: Read the SQLSTATE if the driver reports one."""

    class DriverError(Exception):
        pass

    def fails(*args: Any) -> None:
        error = DriverError("the text of the driver")
        error.sqlstate = sqlstate  # type: ignore[attr-defined]
        raise OperationalError("a statement", {}, error)

    source = SqlTaskSource(engine, TABLE)
    event.listen(engine, "before_cursor_execute", fails)
    for error in failing(source):
        assert type(error) is read
    with pytest.raises(written):
        source.put_all([plain_item("t1")])
    event.remove(engine, "before_cursor_execute", fails)


def test_find_and_remove_of_an_impossible_id_find_nothing(engine: Engine) -> None:
    """G-1, V-9: No task can have the id."""
    source = SqlTaskSource(engine, TABLE)
    for task in ("", "\ud800", "x\0"):
        assert source.find(task) is None
        assert source.remove(task) is False
    with pytest.raises(TypeError, match="task must be text, not int"):
        source.find(5)  # type: ignore[arg-type]
