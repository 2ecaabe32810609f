"""The example of a table that was there before: its answers over PostgreSQL against plain Python, and how it finds them."""

import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import VARCHAR, Column, Connection, Enum, MetaData, Table, Text, Uuid, case, cast, event
from sqlalchemy.dialects.postgresql import CITEXT, JSONB

from snaptasks import (
    EVERYTHING,
    MAX_RESULTS,
    ErrorType,
    FilterSpec,
    Grants,
    Info,
    ListItem,
    ListResult,
    ResourceInaccessible,
    Visibility,
    Wanted,
    list_tasks,
)
from snaptasks.sql import SqlTaskSource, TaskColumns
from tests.building import plain_item
from tests.integration.databases import postgres

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
TASKS: Final = "/api/snapservice/tasks"
STATES: Final = {
    "PENDING": "queued",
    "RUNNING": "running",
    "BLOCKED": "waiting",
    "SUCCEEDED": "done",
    "FAILED": "error",
}
BACKUP, VERIFY = "com.example.jobs.backup$task", "com.example.jobs.verify$task"

USER_7: Final = Grants([FilterSpec(users=["user-7"])])
SEVERAL: Final = Grants([FilterSpec(users=["user-7", "user-0"], status=["FAILED"]), FilterSpec(tasks=["299999", "17"])])
FILTERS: Final = {
    "none": FilterSpec(),
    "tasks": FilterSpec(tasks=["17", "299999", "299988", "017", "no number"]),
    "operation": FilterSpec(operations=[VERIFY]),
    "service": FilterSpec(services=["com.example.jobs"]),
    "another service": FilterSpec(services=["com.example.job"]),
    "running": FilterSpec(status=["RUNNING"]),
    "at work": FilterSpec(status=["PENDING", "RUNNING", "BLOCKED"]),
    "user": FilterSpec(users=["user-7"]),
    "another case": FilterSpec(users=["User-7"]),
    "heavy user": FilterSpec(users=["user-0"]),
    "failed of users": FilterSpec(users=["user-0", "user-7", "user-8"], status=["FAILED"]),
    "all fields": FilterSpec(
        tasks=[f"{n}" for n in range(299_000, 300_000)],
        operations=[BACKUP, VERIFY],
        services=["com.example.jobs", "s"],
        status=["FAILED", "RUNNING"],
        users=["user-0"],
    ),
}


class Row(NamedTuple):
    """A job, as the product has it."""

    id: int
    kind: str
    state: str
    owner: str | None
    created: datetime
    started: datetime | None
    ended: datetime | None
    payload: dict[str, Any]


@pytest.fixture(scope="module")
def app() -> Iterator[ModuleType]:
    """The example, set up as its docstring says."""
    with postgres() as server, pytest.MonkeyPatch.context() as patched:
        server.run((EXAMPLES / "jobs.sql").read_text())
        patched.setenv("DATABASE_URL", server.url)
        subprocess.run([sys.executable, EXAMPLES / "jobs_app.py"], check=True, env=os.environ)
        made = import_module("examples.jobs_app")
        yield made
        made.engine.dispose()


@pytest.fixture(scope="module")
def rows(app: ModuleType) -> list[Row]:
    """All of them, in the order of a listing."""
    with app.engine.connect() as connection:
        found = [Row(*row) for row in connection.exec_driver_sql("SELECT * FROM jobs")]
    assert len(found) == 300_000
    return sorted(found, key=lambda row: (row.created, row.id), reverse=True)


def is_matched(row: Row, filter: FilterSpec) -> bool:
    """F-1 to F-5, in the words of the product."""
    return (
        (not filter.tasks or str(row.id) in filter.tasks)
        and (not filter.operations or f"com.example.jobs.{row.kind}$task" in filter.operations)
        and (not filter.services or "com.example.jobs" in filter.services)
        and (not filter.status or row.state in {STATES[status] for status in filter.status})
        and (not filter.users or row.owner in filter.users)
    )


def expected(rows: list[Row], filter: FilterSpec, visibility: Visibility) -> list[str] | None:
    """The ids of what matches and is visible; None where these are too many."""
    grants = visibility.filters if isinstance(visibility, Grants) else [FilterSpec()]
    found = (str(row.id) for row in rows if is_matched(row, filter) and any(is_matched(row, grant) for grant in grants))
    ids = [*islice(found, MAX_RESULTS + 1)]
    return ids if len(ids) <= MAX_RESULTS else None


def listed(source: SqlTaskSource, filter: FilterSpec, visibility: Visibility) -> list[str] | None:
    try:
        return [item.task for item in list_tasks(source, filter, visibility=visibility)]
    except ResourceInaccessible as error:
        if error.__cause__ is not None:  # a row could not be read
            raise
        return None


def newest(rows: list[Row], count: int) -> list[Row]:
    """So many of each owner."""
    seen, found = Counter[str | None](), []
    for row in rows:
        seen[row.owner] += 1
        if seen[row.owner] <= count:
            found.append(row)
    return found


@pytest.mark.parametrize("filter", FILTERS.values(), ids=[*FILTERS])
def test_a_listing_is_what_plain_python_finds(app: ModuleType, rows: list[Row], filter: FilterSpec) -> None:
    """F-1 to F-5, A-3, L-1, L-2, L-5: of the table and of both windows, for an admin and for users."""
    with app.engine.connect() as connection:  # in one transaction, whose now() stands still
        since = connection.exec_driver_sql("SELECT now() - interval '30 days'").scalar_one()
        recent = [row for row in rows if row.created > since]
        last = SqlTaskSource(connection, app.columns_of(app.last(30)))
        inexact = SqlTaskSource(connection, replace(app.jobs, exact=False))
        for visibility in (EVERYTHING, USER_7, SEVERAL):
            found = expected(rows, filter, visibility)
            assert listed(SqlTaskSource(connection, app.jobs), filter, visibility) == found
            assert listed(inexact, filter, visibility) == found
            assert listed(last, filter, visibility) == expected(recent, filter, visibility)
        some = SqlTaskSource(connection, app.columns_of(app.newest(1000)))
        assert listed(some, filter, USER_7) == expected(newest(rows, 1000), filter, USER_7)


def test_a_window_by_rank_is_a_list_for_each_user(app: ModuleType, rows: list[Row]) -> None:
    """L-2: also for one who has 40,000 jobs, of whom the table and a month are too many."""
    heavy = FilterSpec(users=["user-0"])
    found = [str(row.id) for row in rows if row.owner == "user-0"]
    assert len(found) > 40_000
    for window, ids in ((app.Job, None), (app.last(30), None), (app.newest(1000), found[:1000])):
        source = SqlTaskSource(app.engine, app.columns_of(window))
        assert listed(source, FilterSpec(), Grants([heavy])) == listed(source, heavy, EVERYTHING) == ids
        assert (source.find(found[0]) is None, source.find(found[1000]) is None) == (False, ids is not None)


def milliseconds(time: datetime) -> datetime:
    """V-4: how precise a task tells a time."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def test_each_job_of_a_month_is_a_task(app: ModuleType, rows: list[Row]) -> None:
    """U-1: also those whose start or end no one wrote; the error tells what the row tells."""
    with app.engine.connect() as connection:
        source = SqlTaskSource(connection, app.columns_of(app.last(30)))
        items = {item.task: item.info for item in source.scan(Wanted([FilterSpec()]))}
    assert len(items) == pytest.approx(28_800, abs=5)
    missing = Counter[str]()
    for row in rows[: len(items)]:
        info = items[str(row.id)]
        has_ended = row.state in {"done", "error"}
        assert (STATES[info.status], info.user) == (row.state, row.owner)
        assert info.description.default_message == row.payload["label"]
        if row.state != "queued":
            missing["start"] += row.started is None
            missing["end"] += has_ended and row.ended is None
            assert info.start_time == milliseconds(row.started or row.created)
            assert info.progress is not None
            assert info.progress.completed == row.payload["percent"]
        if has_ended:
            assert info.end_time == milliseconds(row.ended or row.started or row.created)
        assert info.result == row.payload.get("output")
        if info.error is not None:
            codes = {"timeout": ErrorType.TIMED_OUT, "quota": ErrorType.UNABLE_TO_ALLOCATE_RESOURCE}
            assert info.error.error_type == codes.get(row.payload["failure"]["code"], ErrorType.ERROR)
            assert info.error.display() == row.payload["failure"]["reason"]
        assert (info.error is not None) == (row.state == "error")
    assert min(missing.values()) > 400
    assert {info.error.error_type for info in items.values() if info.error} == {
        ErrorType.TIMED_OUT, ErrorType.UNABLE_TO_ALLOCATE_RESOURCE, ErrorType.ERROR,
    }  # fmt: skip


def plan(connection: Connection, columns: Any, filter: FilterSpec, visibility: Visibility) -> str:
    """How PostgreSQL finds a listing, asked of the statement that the source sends."""
    sent: list[tuple[str, Any]] = []

    def keep(connection: Connection, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", keep)
    listed(SqlTaskSource(connection, columns), filter, visibility)
    event.remove(connection, "before_cursor_execute", keep)
    ((statement, parameters),) = sent
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())


@pytest.mark.parametrize(
    ("filter", "visibility", "index"),
    [
        (FilterSpec(), EVERYTHING, "jobs_created"),
        (FILTERS["service"], EVERYTHING, "jobs_created"),
        (FilterSpec(tasks=["299999"]), EVERYTHING, "jobs_task"),
        (FILTERS["tasks"], USER_7, "jobs_task"),
        (FILTERS["operation"], EVERYTHING, "jobs_operation"),
        (FILTERS["running"], EVERYTHING, "jobs_status"),
        (FILTERS["at work"], EVERYTHING, "jobs_status"),
        (FilterSpec(), USER_7, "jobs_owner"),
        (FilterSpec(status=["FAILED"]), USER_7, "jobs_owner"),
    ],
)
def test_an_index_finds_it(app: ModuleType, filter: FilterSpec, visibility: Visibility, index: str) -> None:
    """L-7: of the very expression that is asked for, also through a window of days."""
    for window in (app.Job, app.last(30)):
        with app.engine.connect() as connection:
            found = plan(connection, app.columns_of(window), filter, visibility)
        assert index in found
        assert "Seq Scan" not in found


def test_an_expression_with_parameters_has_no_index(app: ModuleType) -> None:
    """L-7: why the example writes its constants into the SQL."""
    status = case(app.STATUS, value=app.Job.state)
    with app.engine.connect() as connection:
        found = plan(connection, replace(app.jobs, status=status), FILTERS["running"], EVERYTHING)
    assert "Seq Scan" in found
    assert "jobs_status" not in found


def test_columns_of_other_types_become_text_as_their_refusals_say(app: ModuleType) -> None:
    """F-5: an id that is a UUID, an enumeration, a field of JSON; and text that folds case is compared exactly."""
    table = Table(
        "others",
        MetaData(),
        Column("id", Uuid, primary_key=True),
        Column("kind", VARCHAR(20)),
        Column("state", Enum("done", "error", name="state")),
        Column("owner", CITEXT),
        Column("about", JSONB),
    )
    columns, ids = table.c, [UUID(int=n) for n in range(4)]
    raw: dict[str, Any] = {"task": columns.id, "status": columns.state, "service": columns.about["service"]}
    text: dict[str, Any] = {
        "task": cast(columns.id, Text),
        "status": case((columns.state == "done", "SUCCEEDED"), else_="FAILED"),
        "service": columns.about["service"].as_string(),
    }

    def to_item(row: Any) -> ListItem:
        info = {**row.about, "operation": row.kind, "user": row.owner}
        return ListItem(task=str(row.id), info=Info.from_python(info))

    others = TaskColumns(
        **text, operation=columns.kind, user=columns.owner, order=(columns.id,), row=(*columns,), to_item=to_item
    )
    for name, column in raw.items():
        with pytest.raises(TypeError, match=f"{name} must be text, not (Uuid|Enum|JSONB); write "):
            replace(others, **{name: column})
    info = plain_item("t", service="s").info.to_python()
    with app.engine.connect() as connection:
        connection.exec_driver_sql("CREATE EXTENSION citext")
        table.create(connection)
        connection.execute(
            table.insert(),
            [
                {"id": id, "kind": "o", "state": "done", "owner": owner, "about": info}
                for id, owner in zip(ids, ("Ops", "ops", None, "OPS"), strict=True)
            ],
        )
        for exact in (False, True):
            source = SqlTaskSource(connection, replace(others, exact=exact))
            for field, members, found in (
                ("users", ["ops", "OPs"], [ids[1]]),
                ("tasks", [str(ids[2]), ids[3].hex], [ids[2]]),
                ("status", ["SUCCEEDED"], ids),
                ("services", ["s"], ids),
            ):
                assert listed(source, FilterSpec.from_python({field: members}), EVERYTHING) == [*map(str, found)]


def asked(app: ModuleType, target: str, who: str) -> Any:
    """The answer of the framework."""
    return app.app.test_client().get(f"{TASKS}{target}", headers={"Authorization": f"Bearer {who}"})


def test_admins_see_all_and_users_their_own(app: ModuleType, rows: list[Row]) -> None:
    """A-3, G-1, L-2: through the framework."""
    own, other = (next(row for row in rows if (row.owner == "user-7") == is_own) for is_own in (True, False))
    running = [str(row.id) for row in rows if row.state == "running"]
    assert [item.task for item in ListResult.from_json(asked(app, "?status=RUNNING", "admin").data)] == running
    found = ListResult.from_json(asked(app, "", "user-7").data)
    assert {item.info.user for item in found} == {"user-7"}
    assert len(found) > 100
    assert [asked(app, f"/{own.id}", who).status_code for who in ("admin", "user-7", "guest")] == [200, 200, 401]
    assert [asked(app, f"/{other.id}", who).status_code for who in ("admin", "user-7")] == [200, 404]
    assert [asked(app, query, "admin").status_code for query in ("", "?users=user-0")] == [500, 500]


@contextmanager
def changed(app: ModuleType, row: Row, change: str) -> Iterator[None]:
    """A row as another version of the product writes it, for as long as this lasts."""
    with app.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE jobs SET {change} WHERE id = {row.id}")
    yield
    with app.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE jobs SET state = %s, payload = payload || jsonb_build_object('label', %s::text) WHERE id = %s",
            (row.state, row.payload["label"], row.id),
        )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("payload = payload - 'label'", "label\n  Field required"),
        ("state = 'paused'", "status\n  must be one of PENDING, RUNNING, BLOCKED, SUCCEEDED, FAILED [V-11]"),
    ],
)
def test_a_row_that_is_no_task_is_logged_with_its_fault(
    app: ModuleType, rows: list[Row], caplog: pytest.LogCaptureFixture, change: str, reason: str
) -> None:
    """L-4: the log says which row and which field; the client reads nothing of either, and other users have no error."""
    broken = next(row for row in rows if row.state == "running" and row.owner == "user-0")
    with changed(app, broken, change), caplog.at_level(logging.ERROR):
        for target in (f"?users=user-0&tasks={broken.id}", f"/{broken.id}"):
            caplog.clear()
            answer = asked(app, target, "admin")
            assert answer.status_code == 500
            assert b"RESOURCE_INACCESSIBLE" in answer.data
            assert str(broken.id).encode() not in answer.data
            assert reason in caplog.text
            assert f"\nwhile the row of the task '{broken.id}' was read\n" in caplog.text
        assert asked(app, "", "user-7").status_code == 200
        assert asked(app, f"/{broken.id}", "user-7").status_code == 404
    assert asked(app, f"/{broken.id}", "admin").status_code == 200
