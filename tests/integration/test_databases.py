"""Test the source over PostgreSQL, on one server and on several shards, with common and own checks."""

import asyncio
import contextlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import psycopg
import pytest
from hypothesis import strategies as st
from sqlalchemy import CHAR, Connection, Engine, literal_column, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from snaptasks import (
    EVERYTHING,
    SYSTEM_READ,
    AsyncTaskSource,
    Caller,
    FilterSpec,
    Grants,
    Info,
    ListItem,
    ListResult,
    ServiceUnavailable,
    TransientIndication,
    Visibility,
    Wanted,
    list_tasks,
    rest,
)
from snaptasks.sql import AsyncSqlTaskSource, SqlTaskSource, select_tasks
from snaptasks.sql.source import BATCH
from snaptasks.testing import strategies
from tests.building import ids, plain_item
from tests.documentation import blocks
from tests.integration.databases import SHARDS, engine as engine_of, postgres, sharded
from tests.paths import ROOT
from tests.source_calls import question
from tests.sql.checks import SourceChecks
from tests.sql.tables import (
    ALIKE,
    TABLE,
    check_exact_comparison,
    counting,
    emptied,
    explained,
    job,
    jobs,
    listed,
    mapped,
    ready_columns_in,
)


@pytest.fixture(scope="module")
def one_server() -> Iterator[Engine]:
    with postgres() as server, engine_of(server, cursor_factory=counting(psycopg.Cursor)) as made:
        TABLE.create(made)
        yield made


@pytest.fixture(scope="module")
def several_servers() -> Iterator[Engine]:
    with sharded(cursor_factory=counting(psycopg.Cursor)) as made:
        yield made


def without_nul(held: list[ListItem]) -> bool:
    """Return whether no text of the tasks has a NUL, which PostgreSQL cannot hold."""
    return not any(
        "\0" in part
        for item in held
        for part in (item.task, item.info.operation, item.info.service, item.info.status, item.info.user or "")
    )


def test_change_row_of_the_guide_with_concurrent_writers_loses_no_change(one_server: Engine) -> None:
    """L-9: At REPEATABLE READ the later writer gets ConcurrentChange and begins again."""
    (recipe,) = (block.text for block in blocks(ROOT / "docs/how-to/record-work.md") if "def change_row" in block.text)
    namespace: dict[str, Any] = {}
    exec(recipe.partition("\nengine = ")[0], namespace)
    namespace["table"] = TABLE
    source = emptied(one_server)
    source.put_all([plain_item("shared")])
    engine = one_server.execution_options(isolation_level="REPEATABLE READ")
    fields = ("user", "parent", "service", "operation")
    with ThreadPoolExecutor(len(fields)) as pool:
        for number in map(str, range(15)):
            change = partial(namespace["change_row"], engine, "shared", attempts=1000)
            list(pool.map(lambda field: change(**{field: number}), fields))  # noqa: B023 - the loop waits for it
            found = source.find("shared")
            assert found is not None
            assert [getattr(found.info, field) for field in fields] == [number] * len(fields)


class PostgresChecks(SourceChecks):
    """Provide the checks of both PostgreSQL layouts."""

    def populations(self) -> st.SearchStrategy[list[ListItem]]:
        return strategies.populations().filter(without_nul)

    def test_put_all_with_nul_raises_and_stores_nothing(self, source: SqlTaskSource) -> None:
        """F-5: The error names the column and the task."""
        for item, column in ((plain_item("a\0b"), "task"), (plain_item("t", user="a\0b"), "username")):
            with pytest.raises(ValueError, match=f"{column} of the task .* must have no NUL"):
                source.put_all([plain_item("x"), item])
        assert listed(source) == []


class TestPostgres(PostgresChecks):
    """Test one server."""

    @pytest.fixture
    def engine(self, one_server: Engine) -> Engine:
        return one_server

    def plan(self, connection: Connection, statement: Any) -> Any:
        return re.findall(
            r"(?:Seq Scan|Index (?:Only )?Scan|Bitmap Index Scan)[^(\n]*", explained(connection, statement, "EXPLAIN")
        )

    @pytest.mark.parametrize("collation", ['"folding"', '"C"', '"en-x-icu"'])
    @pytest.mark.parametrize("company", [0, 600])
    def test_listing_with_folding_collation_compares_exactly(
        self, engine: Engine, collation: str, company: int
    ) -> None:
        """F-5: A table of another program may have a collation that ignores case and accents."""
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE COLLATION IF NOT EXISTS folding "
                "(provider = icu, locale = 'und-u-ks-level1', deterministic = false)"
            )
            columns = ", ".join(
                f"{name} text COLLATE {collation}" for name in ("id", "kind", "owner", "state", "account")
            )
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS jobs; CREATE TABLE jobs ({columns}, info text)")
        assert check_exact_comparison(engine, jobs(), company) == len(ALIKE)

    def test_listing_with_padded_column_matches_without_trailing_blanks(self, engine: Engine) -> None:
        """F-5: CHAR(n) drops blanks at the end, so no name with them matches."""
        table = jobs(CHAR(20))
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS jobs")
            connection.exec_driver_sql(
                "CREATE TABLE jobs (id char(20), kind char(20), owner char(20), state char(20), account char(20), info text)"
            )
            connection.execute(table.insert(), [job(plain_item("t1", user="a"))])
        trimmed = mapped(table, to_item=lambda row: ListItem(task=row.id.rstrip(), info=Info.from_json(row.info)))
        source = SqlTaskSource(engine, trimmed)
        assert listed(source, FilterSpec(users=["a"])) == ["t1"]
        assert listed(source, FilterSpec(users=["a "])) == []

    def test_listing_with_writer_between_batches_is_a_snapshot(self, engine: Engine) -> None:
        """L-8."""
        source = emptied(engine)
        source.put_all(plain_item(f"t{n}") for n in range(3000))
        written: list[bool] = []

        def predicate(item: ListItem) -> bool:
            if not written:
                written.append(source.remove("t2999"))
                source.put_all(plain_item(f"t{n}", user="u") for n in range(2990, 2999))
            return item.task >= "t299"

        seen = list_tasks(source, visibility=predicate).items
        assert [(item.task, item.info.user) for item in seen if len(item.task) == 5] == [
            (f"t{n}", None) for n in range(2990, 3000)
        ]
        assert written == [True]

    def test_listing_with_autocommit_engine_has_a_transaction(self, engine: Engine) -> None:
        """L-8: The cursor needs one."""
        source = SqlTaskSource(engine.execution_options(isolation_level="AUTOCOMMIT"), TABLE)
        emptied(engine).put_all(plain_item(f"t{n}") for n in range(3))
        assert listed(source, visibility=lambda item: item.task != "t1") == ["t0", "t2"]
        assert listed(source) == ["t0", "t1", "t2"]

    @pytest.mark.parametrize("visibility", [EVERYTHING, lambda item: True], ids=["pushed down", "predicate"])
    def test_listing_past_the_statement_timeout_raises_service_unavailable(
        self, engine: Engine, visibility: Visibility
    ) -> None:
        """L-9: The database has its own time limit."""
        emptied(engine).put_all([plain_item("t1")])
        slow = select(*TABLE.c, literal_column("(SELECT 'x' FROM pg_sleep(5))").label("slept")).subquery().c
        columns = ready_columns_in(slow, row=(slow.item, slow.slept), to_item=never)
        with engine.connect() as connection:
            connection.exec_driver_sql("SET statement_timeout = 100")
            with pytest.raises(ServiceUnavailable) as raised:
                list_tasks(SqlTaskSource(connection, columns), visibility=visibility)
        assert "statement timeout" in str(raised.value.__cause__)
        assert "statement" not in str(raised.value)

    def test_listing_with_cut_connection_raises_and_the_next_call_reconnects(self, engine: Engine) -> None:
        """L-9: Never return the tasks of the batches before."""
        source = emptied(engine)
        source.put_all(plain_item(f"t{n}") for n in range(3 * BATCH))

        def cuts(item: ListItem) -> bool:
            if item.task == f"t{BATCH - 1}":
                with engine.connect() as other:
                    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    other.exec_driver_sql(f"{cut} AND datname = current_database()")
            return item.task == "t1"

        with pytest.raises(ServiceUnavailable) as raised:
            list_tasks(source, visibility=cuts)
        assert raised.value.data_as(TransientIndication) == TransientIndication(is_transient=True)
        assert isinstance(raised.value.__cause__, OperationalError)
        for _ in range(3):  # the pool may still hold as many cut connections
            with contextlib.suppress(ServiceUnavailable):
                list_tasks(source, FilterSpec(tasks=["t1"]), visibility=EVERYTHING)
        assert listed(source, FilterSpec(tasks=["t1"])) == ["t1"]

    def test_service_with_asynchronous_engine_answers_as_documented(self, engine: Engine) -> None:
        """L-1, A-3: Run the source within `run_sync`, and AsyncSqlTaskSource, behind the boundary."""
        emptied(engine).put_all(plain_item(f"t{n}", user="u" if n % 2 else None) for n in range(4))
        asynchronous = create_async_engine(engine.url)

        class Tasks:
            async def select(self, wanted: Wanted, at_most: int) -> Any:
                async with asynchronous.connect() as held:
                    return await held.run_sync(lambda c: SqlTaskSource(c, TABLE).select(wanted, at_most))

            async def scan(self, wanted: Wanted) -> list[ListItem]:
                async with asynchronous.connect() as held:
                    return await held.run_sync(lambda c: [*SqlTaskSource(c, TABLE).scan(wanted)])

            async def find(self, task: str) -> ListItem | None:
                async with asynchronous.connect() as held:
                    return await held.run_sync(lambda c: SqlTaskSource(c, TABLE).find(task))

        async def send(tasks: AsyncTaskSource, target: str, visibility: Visibility) -> rest.Response:
            service = rest.Service(
                tasks,
                authenticate=lambda request: Caller(user="u", privileges={SYSTEM_READ}),
                visibility=lambda caller: visibility,
            )
            return await service.handle_async(rest.Request("GET", f"/api/snapservice/tasks{target}"))

        async def main() -> None:
            for tasks in (Tasks(), AsyncSqlTaskSource(asynchronous, TABLE)):
                for visibility in (Grants([FilterSpec(users=["u"])]), lambda item: item.info.user == "u"):
                    assert ids(ListResult.from_json((await send(tasks, "", visibility)).body).items) == ["t1", "t3"]
                    assert (await send(tasks, "/t1", visibility)).status == 200
                    assert (await send(tasks, "/t2", visibility)).status == 404
            await asynchronous.dispose()

        asyncio.run(main())


def never(row: Any) -> ListItem:
    raise AssertionError("the statement returned a row")


def test_listing_with_server_that_dies_raises_service_unavailable() -> None:
    """L-9: The next call fails in the same way."""
    with postgres() as server, engine_of(server) as engine:
        TABLE.create(engine)
        source = SqlTaskSource(engine, TABLE)
        source.put_all(plain_item(f"t{n}") for n in range(3 * BATCH))

        def kills(item: ListItem) -> bool:
            if item.task == "t0":
                server.stop()
            return False

        for _ in range(2):
            with pytest.raises(ServiceUnavailable) as raised:
                list_tasks(source, visibility=kills)
            assert "127.0.0.1" not in str(raised.value)


class TestShardedPostgres(PostgresChecks):
    """Test a table on several servers, with the same code."""

    @pytest.fixture
    def engine(self, several_servers: Engine) -> Engine:
        return several_servers

    def plan(self, connection: Connection, statement: Any) -> Any:
        return re.findall(r"WHERE .*", explained(connection, statement, "EXPLAIN VERBOSE"))

    def test_statement_with_filter_and_grants_reaches_the_shards(self, source: SqlTaskSource, engine: Engine) -> None:
        """F-1, A-4: Only matching rows are transferred; an id goes to its own shard only."""
        source.put_all(plain_item(f"t{n}", user=f"u{n % 100}") for n in range(2000))
        grants = Grants([FilterSpec(users=["u1", "u2"]), FilterSpec(users=["u3"], operations=["y"])])
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE tasks")
            several, one = (
                explained(connection, select_tasks(TABLE, question(filter, grants), 1000), "EXPLAIN VERBOSE")
                for filter in (FilterSpec(services=["s"]), FilterSpec(tasks=["t1"]))
            )
            counts = connection.exec_driver_sql("SELECT count(*) FROM tasks GROUP BY tableoid").scalars().all()
        sent = re.findall("Remote SQL: (.*)", several)
        assert len(sent) == SHARDS
        for remote in sent:
            assert "(service = 's')" in remote
            assert "username = ANY ('{u1,u2}'::text[])" in remote
            assert "(operation = 'y')" in remote
        assert "Filter:" not in several
        assert len(re.findall("Remote SQL", one)) == 1
        assert len(counts) == SHARDS
        assert min(counts) > 500

    def test_listing_with_missing_shard_raises_service_unavailable(self, source: SqlTaskSource, engine: Engine) -> None:
        """L-9, L-4: The whole call fails, also with a predicate, so no one takes a part for the whole list."""
        source.put_all(plain_item(f"t{n}") for n in range(100))
        with engine.begin() as connection:
            (port,) = connection.exec_driver_sql(
                "SELECT substring(option FROM 6) FROM pg_foreign_server, unnest(srvoptions) option "
                "WHERE srvname = 'shard_1' AND option LIKE 'port=%%'"
            ).scalars()
            connection.exec_driver_sql("ALTER SERVER shard_1 OPTIONS (SET port '1')")
        try:
            for visibility in (EVERYTHING, Grants([FilterSpec(services=["s"])]), lambda item: True):
                with pytest.raises(ServiceUnavailable):
                    list_tasks(source, visibility=visibility)
        finally:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"ALTER SERVER shard_1 OPTIONS (SET port '{port}')")
        assert len(listed(source)) == 100
