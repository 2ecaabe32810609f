"""The doors of snaptasks.sql: what a statement says to whom, what is refused, and what a failure of a database is."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Select,
    String,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    create_engine,
    event,
    func,
    insert,
    literal,
    make_url,
    select,
    union_all,
)
from sqlalchemy.exc import CompileError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column, relationship
from sqlalchemy.pool import QueuePool

from snaptasks import (
    EVERYTHING,
    SYSTEM_READ,
    Caller,
    ConcurrentChange,
    Error,
    FilterSpec,
    Grants,
    Info,
    InvalidValue,
    ListItem,
    ListResult,
    ResourceInaccessible,
    ServiceUnavailable,
    Status,
    TransientIndication,
    Visibility,
    Wanted,
    get_task,
    list_tasks,
    rest,
)
from snaptasks.sql import MAX_FILTERS, AsyncSqlTaskSource, SqlTaskSource, TaskColumns, select_tasks, task_table
from snaptasks.sql.columns import columns_of
from snaptasks.sql.statement import prepared
from tests.selecting import notes, question
from tests.sql.checks import ALIKE, TABLE, job, jobs, listed, mapped, told_apart
from tests.strategies import plain_item

SEVERAL = FilterSpec(services=["s1"], status=["FAILED"], users=[f"u{n}" for n in range(600)])


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database of its own, which waits for nobody."""
    made = create_engine(f"sqlite:///{tmp_path}/tasks.db", connect_args={"timeout": 0})
    TABLE.create(made)
    yield made
    made.dispose()


def dialect(name: str) -> Dialect:
    """How a database is talked to, without one, and without its driver."""
    made: Dialect = make_url(f"{name}://").get_dialect()()
    return made


def statement_of(
    filter: FilterSpec | None, visibility: Visibility = EVERYTHING, at_most: int | None = 1000
) -> Select[Any]:
    return select_tasks(TABLE, question(filter, visibility), at_most)


class Base(DeclarativeBase):
    """Of ORM classes."""


class Job(Base):
    """A task as an ORM class has it; an attribute has another name than its column."""

    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    owner: Mapped[str | None] = mapped_column("account")
    info: Mapped[dict[str, Any]] = mapped_column(JSON)
    next: Mapped["Job | None"] = relationship(primaryjoin="remote(Job.id) == foreign(Job.id) + 1", viewonly=True)

    @hybrid_property
    def status(self) -> str:
        return {"done": "SUCCEEDED", "error": "FAILED"}[self.state]

    @status.inplace.expression
    @classmethod
    def _status_in_sql(cls) -> ColumnElement[str]:
        return case({"done": "SUCCEEDED", "error": "FAILED"}, value=cls.state)


def job_columns(job: type[Job], service: str = "s", **changes: Any) -> TaskColumns:
    """What the tasks of an ORM class are."""
    fields: dict[str, Any] = {
        "task": cast(job.id, Text),
        "operation": job.kind,
        "service": literal(service),
        "status": job.status,
        "user": job.owner,
        "order": (job.id.desc(),),
        "row": (job.id, job.owner, job.info),
        "to_item": lambda row: ListItem(task=str(row.id), info=Info.from_python(row.info | {"user": row.account})),
    }
    return TaskColumns(**(fields | changes))


# What a statement says


def test_a_statement_is_what_one_writes_by_hand() -> None:
    """F-3, A-4, L-3: empty fields are left out, grants are in it, and the limit counts what is visible."""
    grants = Grants(
        [FilterSpec(users=["a"]), FilterSpec(users=["b"]), FilterSpec(services=["s"], operations=["o", "p"])]
    )
    statement = statement_of(FilterSpec(status=["FAILED"]), grants)
    assert " ".join(str(statement.compile(dialect=dialect("sqlite"))).split()) == (
        "SELECT tasks.task, tasks.item FROM tasks WHERE tasks.status = ? AND "
        "(tasks.username IN (__[POSTCOMPILE_snaptasks_filter1_users_1]) OR "
        "tasks.operation IN (__[POSTCOMPILE_snaptasks_filter2_operations_1]) AND tasks.service = ?) "
        "ORDER BY tasks.position LIMIT ? OFFSET ?"
    )
    bare = str(statement_of(None, EVERYTHING, None).compile(dialect=dialect("sqlite")))
    assert bare.split() == ["SELECT", "tasks.task,", "tasks.item", "FROM", "tasks", "ORDER", "BY", "tasks.position"]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("postgresql", "tasks.username = ANY (%(snaptasks_users_1)s"),
        ("sqlite", "json_each(?)"),
        ("mysql", "IN ("),
    ],
)
def test_many_members_are_one_parameter(name: str, sent: str) -> None:
    """Q-4: where the database has a way to say so; else one each."""
    assert sent in str(statement_of(SEVERAL, EVERYTHING).compile(dialect=dialect(name)))


def test_what_postgresql_cannot_hold_is_no_member() -> None:
    """F-5: it is sent as NULL, which nothing equals, or not at all."""
    many = [f"t{n}" for n in range(600)]

    def sent(filter: FilterSpec) -> dict[str, Any]:
        compiled = statement_of(filter, EVERYTHING).compile(dialect=dialect("postgresql"))
        processors: Any = compiled._bind_processors
        return {
            name: processors[name](value) if name in processors else value for name, value in compiled.params.items()
        }

    assert sent(FilterSpec(tasks=["a\0"]))["snaptasks_tasks_1"] is None
    assert sorted(sent(FilterSpec(tasks=[*many, "a\0"]))["snaptasks_tasks_1"]) == sorted(many)


def test_a_source_puts_it_as_its_database_likes_it_best() -> None:
    """L-7: and questions of one shape are one statement, which is built once."""
    columns = columns_of(TABLE)
    two = FilterSpec(services=["b", "a"])
    for name, sent in (
        ("postgresql", "service = ANY ("),
        ("sqlite", "service IN (__[POST"),
        ("mysql", "service IN (__[POST"),
    ):
        known = dialect(name)
        statement, values, _, is_exact = prepared(columns, Wanted([two]), 1, known)
        assert is_exact
        assert sent in str(statement.compile(dialect=known))
        assert values == {"snaptasks_services": ["a", "b"]}
        assert prepared(columns, Wanted([FilterSpec(services=["c", "d"])]), 1, known)[0] is statement
    many, values, *_ = prepared(columns, Wanted([SEVERAL]), 1, dialect("mysql"))
    assert "ANY" not in str(many.compile(dialect=dialect("mysql")))
    assert len(values["snaptasks_users"]) == 600


def test_what_cannot_be_held_is_not_put(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-5: told by column and task before anything is sent; here as if SQLite were PostgreSQL, which holds no NUL."""
    source = SqlTaskSource(engine, TABLE)
    source.put_all([plain_item("a\0b", user="c\0d")])
    assert listed(source, FilterSpec(users=["c\0d", "c"], tasks=["a\0b"])) == ["a\0b"]
    monkeypatch.setattr("snaptasks.sql.source.is_postgresql", lambda dialect: True)
    with pytest.raises(ValueError, match="PostgreSQL cannot hold the NUL in the username of the task 't2'"):
        source.put_all([plain_item("t1"), plain_item("t2", user="\0")])
    source.put_all([plain_item("t3")])
    assert listed(source) == ["a\0b", "t3"]


def test_the_exact_comparison_is_known_for_these_databases() -> None:
    """F-5: where it is not, the statement is refused, unless the columns are said to be exact."""
    statement = select_tasks(mapped(jobs()), Wanted([FilterSpec(tasks=["a"])]), 1000)
    assert 'CAST(jobs.id AS TEXT) COLLATE "C"' in str(statement.compile(dialect=dialect("postgresql")))
    assert "jobs.id COLLATE BINARY" in str(statement.compile(dialect=dialect("sqlite")))
    with pytest.raises(CompileError, match="how mysql compares code point by code point is not known here"):
        statement.compile(dialect=dialect("mysql"))
    exact = select_tasks(mapped(jobs(), exact=True), Wanted([FilterSpec(tasks=["a"])]), 1000)
    assert "COLLATE" not in str(exact.compile(dialect=dialect("mysql")))


def test_a_statement_is_for_sessions_of_ones_own(engine: Engine) -> None:
    """L-1, L-2: its rows are the answer, and one more than the cap tells that there are too many."""
    SqlTaskSource(engine, TABLE).put_all(plain_item(f"t{n}") for n in range(1005))
    with engine.connect() as connection:
        assert len(connection.execute(statement_of(None, EVERYTHING)).all()) == 1001
        assert len(connection.execute(statement_of(FilterSpec(tasks=["t1", "t2"]), EVERYTHING)).all()) == 2
        assert len(connection.execute(statement_of(SEVERAL, EVERYTHING, 5)).all()) == 0


# What is refused


def test_what_cannot_be_said_in_sql_is_refused() -> None:
    """A-9: a filter without its visibility, more filters than a statement has room for."""
    with pytest.raises(
        TypeError, match=r"not NoneType; where Wanted.of gives None nothing is wanted, and there is nothing "
    ):
        select_tasks(TABLE, None, 1000)  # type: ignore[arg-type]
    for wanted in (None, FilterSpec(), EVERYTHING):
        with pytest.raises(TypeError, match=r"wanted must be a Wanted, such as Wanted.of\(filter, visibility\), not "):
            select_tasks(TABLE, wanted, 1000)  # type: ignore[arg-type]
    grants = [FilterSpec(users=[f"u{n}"], services=[f"s{n}"]) for n in range(MAX_FILTERS + 1)]
    with pytest.raises(ValueError, match="1001 different filters are more than one statement can ask for, 1000"):
        select_tasks(TABLE, Wanted(grants), 1000)


def test_a_table_that_is_none_is_refused(engine: Engine) -> None:
    """V-13: with what is missing, and where to turn to."""
    with pytest.raises(TypeError, match="tasks are in a Table or in TaskColumns, not in str"):
        select_tasks("tasks", Wanted([FilterSpec()]), 1000)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="the table jobs was not made by task_table, for it lacks item, operation, "):
        SqlTaskSource(engine, jobs())
    with pytest.raises(
        TypeError, match="asks an Engine or a Connection, not str; an AsyncSqlTaskSource asks an AsyncEngine"
    ):
        SqlTaskSource("sqlite://", TABLE)  # type: ignore[arg-type]
    source = SqlTaskSource(engine, mapped(jobs()))
    for write in (lambda: source.put_all([]), lambda: source.remove("t")):
        with pytest.raises(TypeError, match="only a table of task_table can be written to"):
            write()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"service": "com.example.jobs"},
            r"service must be a column or an expression, not str; "
            r"write a constant as sqlalchemy\.literal\('com\.example\.jobs', sqlalchemy\.Text\)$",
        ),
        ({"status": Status.RUNNING}, r"status must be .*, not Status; write a constant as sqlalchemy\.literal\("),
        (
            {"user": None},
            r"user must be .*, not NoneType; write a constant as sqlalchemy\.literal\(None, sqlalchemy\.Text\)$",
        ),
        ({"task": 5}, "task must be a column or an expression, not int$"),
        ({"user": Job.next}, "user must be a column .*; name a column, because a relationship is a condition$"),
        ({"row": (Job.id, Job.next)}, "row must be a column .*; name a column, because a relationship is a condition$"),
        ({"row": (Job,)}, "row must be a column or an expression, not .*; name each attribute of Job$"),
        (
            {"status": Column("state", Enum(Status))},
            r"status must be text, not Enum; write sqlalchemy\.case\(\(column == member, ",
        ),
        (
            {"task": Column("id", BigInteger)},
            r"task must be text, not BigInteger; write sqlalchemy\.cast\(column, sqlalchemy\.Text\)",
        ),
        ({"task": Column("id", Uuid)}, r"task must be text, not Uuid; write sqlalchemy\.cast\(column, "),
        ({"task": Job.id}, r"task must be text, not Integer; write sqlalchemy\.cast\(column, "),
        (
            {"user": func.left(Job.owner, 5)},
            r"user must be text, not NullType; write sqlalchemy\.type_coerce\(column, sqlalchemy\.Text\) if",
        ),
        ({"user": Job.info["user"]}, r"user must be text, not JSON; write column\[key\]\.as_string\(\)$"),
        ({"order": ("id",)}, "order must be a column or an expression, not str"),
        ({"to_item": None}, "to_item must be a function from a row to a ListItem, not NoneType"),
        ({"order": ()}, "order must be a tuple of one or more columns"),
        ({"row": [Column("info", Text)]}, "row must be a tuple of one or more columns, not list"),
    ],
)
def test_columns_that_cannot_be_asked_are_refused(changes: dict[str, Any], told: str) -> None:
    """F-5: when they are described, not when somebody asks."""
    with pytest.raises(TypeError, match=told):
        mapped(jobs(), **changes)


def test_without_sqlalchemy_the_extra_is_named() -> None:
    """V-13: importing snaptasks loads none of it; importing snaptasks.sql says what to install."""
    code = (
        "import sys; import snaptasks; assert 'sqlalchemy' not in sys.modules; sys.modules['sqlalchemy'] = None\n"
        "try:\n import snaptasks.sql\nexcept ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "snaptasks.sql needs SQLAlchemy: pip install 'snaptasks[sql]'\n"


# Statements in company


def test_a_statement_is_a_part_of_others(engine: Engine) -> None:
    """F-2, A-3: its parameters keep their values beside those of another, and of whoever embeds it."""
    SqlTaskSource(engine, TABLE).put_all(
        plain_item(f"t{n}", user=user, status="FAILED") for n, user in enumerate("abcd")
    )
    a, b = (statement_of(FilterSpec(users=[name, "x"]), EVERYTHING, None).order_by(None) for name in "ab")
    failed = statement_of(None, Grants([FilterSpec(status=["FAILED", "RUNNING"])]), None)
    own: BindParameter[str] = bindparam("users", "c")
    with engine.begin() as connection:
        assert len(connection.execute(union_all(a, b)).all()) == 2
        assert len(connection.execute(failed.where(TABLE.c.status == "FAILED", TABLE.c.username != own)).all()) == 3
        gone = TABLE.delete().where(TABLE.c.task.in_(a.with_only_columns(TABLE.c.task)), TABLE.c.username != own)
        assert connection.execute(gone).rowcount == 1


def test_members_of_a_filter_are_never_those_of_a_grant(engine: Engine) -> None:
    """A-3, A-5: however SQLAlchemy numbers the parameters of a list."""
    source = SqlTaskSource(engine, TABLE)
    source.put_all(plain_item(f"t{n}", user=user) for n, user in enumerate("abcd"))
    wanted, grants = FilterSpec(users=["a", "b"]), Grants([FilterSpec(users=["c"], services=["s", "x"])])
    assert listed(source, wanted, grants) == []
    assert listed(source, wanted, Grants([FilterSpec(users=["b", "c"])])) == ["t1"]
    both = Grants([FilterSpec(users=["b", "c"]), FilterSpec(users=["a"], services=["s", "x"])])
    with engine.connect() as connection:
        assert len(connection.execute(statement_of(wanted, both)).all()) == 2


def test_a_restriction_of_the_embedder_stays(engine: Engine) -> None:
    """A-3: its parameters are its own, whatever they are called."""
    SqlTaskSource(engine, TABLE).put_all(plain_item(f"t{n}", user=user) for n, user in enumerate("abcd"))
    ready = columns_of(TABLE)
    for restricted in (TABLE.c.username == bindparam("users", "c"), TABLE.c.status != "SUCCEEDED"):
        some = select(TABLE).where(restricted).subquery().c
        columns = replace(ready, task=some.task, row=(some.item,), order=(some.position,), user=some.username)
        columns = replace(columns, operation=some.operation, service=some.service, status=some.status)
        source = SqlTaskSource(engine, columns)
        assert listed(source, FilterSpec(users=["a"], status=["SUCCEEDED"])) == []
        assert listed(source, None, Grants([FilterSpec(users=["a"], status=["SUCCEEDED"])])) == []


def test_a_filter_of_many_members_is_sent_once_whatever_the_grants(engine: Engine) -> None:
    """Q-4: nothing grows with grants times members."""
    services = [f"s{n}" for n in range(20_000)]
    grants = [FilterSpec(users=[f"u{n}"], operations=[f"o{n}"]) for n in range(400)]
    grants += [FilterSpec(users=[f"u{n}"], services=[f"s{n}", f"s{n + 1}"]) for n in range(400)]
    wanted = question(FilterSpec(services=services), Grants(grants))
    asked = prepared(columns_of(TABLE), wanted, 1000, engine.dialect)
    assert asked.is_exact
    assert sum(len(each) if isinstance(each, list) else 1 for each in asked.values.values()) <= 22_000
    source, items = (
        SqlTaskSource(engine, TABLE),
        [plain_item(f"t{n}", user=f"u{n}", service=f"s{n % 9}") for n in range(20)],
    )
    source.put_all(items)
    assert source.select(wanted, 1000) == [item for item in items if wanted.matches(item)] == items[:9]


def test_few_statements_are_kept(engine: Engine) -> None:
    """Q-4: those of many grants are built each time, so that no caller can fill the memory with them."""
    columns = columns_of(TABLE)
    for count in (2, 32, 33, 500):
        grants = Grants([FilterSpec(users=[f"u{n}"], services=[f"s{n}"]) for n in range(count)])
        one, two = (prepared(columns, Wanted(grants.filters), 1, engine.dialect) for _ in range(2))
        assert (one.statement is two.statement) == (count <= 32)
        assert (one.options == {}) == (count <= 32)
        assert listed(SqlTaskSource(engine, TABLE), visibility=grants) == []


# A table that is there already


@pytest.mark.parametrize("collation", ["NOCASE", "RTRIM", "BINARY"])
@pytest.mark.parametrize("company", [0, 600])
def test_a_collation_that_folds_changes_nothing(engine: Engine, collation: str, company: int) -> None:
    """F-5: in a table of another program, which another collation was chosen for."""
    table = jobs(Text(collation=collation))
    table.create(engine)
    assert told_apart(engine, table, company) == len(ALIKE)


def test_columns_may_be_expressions_of_any_selectable(engine: Engine) -> None:
    """F-2: of a view, a join, or a subquery."""
    table = jobs(String(100))
    table.create(engine)
    items = [plain_item(f"t{n}", user="u") for n in range(3)]
    with engine.begin() as connection:
        connection.execute(table.insert(), [job(item) for item in items])
    recent = select(table).where(table.c.id != "t0").subquery()
    source = SqlTaskSource(engine, mapped(recent, order=(recent.c.id.desc(),)))  # type: ignore[arg-type]
    assert listed(source, FilterSpec(users=["u"])) == ["t2", "t1"]


def test_attributes_of_an_orm_class_are_columns(engine: Engine) -> None:
    """F-2, F-4, G-1: of the class, of a hybrid, and of a window on it; a constant is one in every row."""
    Base.metadata.create_all(engine)
    items = [plain_item(f"{n}", user=user) for n, user in enumerate(["a", None, "b"])]
    with engine.begin() as connection:
        jobs = [{**job(item), "state": "done", "info": item.info.to_python()} for item in items]
        connection.execute(insert(Job), jobs)
    recent = aliased(Job, select(Job).where(Job.id > 0).subquery())
    for columns, ids in ((job_columns(Job), ["2", "1", "0"]), (job_columns(recent), ["2", "1"])):
        source = SqlTaskSource(engine, columns)
        for visibility in (EVERYTHING, lambda item: True):
            assert listed(source, visibility=visibility) == ids
            assert listed(source, FilterSpec(services=["s"], status=["SUCCEEDED"]), visibility) == ids
            assert listed(source, FilterSpec(users=["b", "c"]), visibility) == ["2"]
        assert source.find("1") == items[1]
        assert source.find("0") == (items[0] if "0" in ids else None)
        assert listed(source, FilterSpec(services=["s2"])) == listed(source, FilterSpec(status=["FAILED"])) == []
    other = job_columns(Job, "s2", to_item=lambda row: plain_item(str(row.id), service="s2"))
    assert listed(SqlTaskSource(engine, other), FilterSpec(services=["s2"])) == ["2", "1", "0"]
    assert listed(SqlTaskSource(engine, job_columns(Job)), FilterSpec(services=["s"])) == ["2", "1", "0"]


TASK = cast(Job.id, Text).label("task")


@pytest.mark.parametrize(
    ("task", "row", "name"),
    [
        (cast(Job.id, Text), (Job.id,), "the row of the task 1"),
        (cast(Job.id, Text), (Job.kind, Job.id.label("job")), "the row of the task 1"),
        (cast(Job.id, Text), (cast(Job.id, Text).label("task"),), "the row of the task '1'"),
        (cast(Job.__table__.c.id, Text), (Job.id,), "the row of the task 1"),
        (TASK, (TASK, Job.kind), "the row of the task '1'"),
        (TASK, (Job.id,), "the row of the task 1"),
        (Job.kind + ":" + cast(Job.id, Text), (Job.kind, Job.id), "row 1 of the answer"),
        (TASK, (Job.kind, Job.info), "row 1 of the answer"),
    ],
)
def test_a_row_is_named_by_what_its_task_is_made_of(
    engine: Engine, task: ColumnElement[str], row: tuple[Any, ...], name: str
) -> None:
    """L-4: also by an attribute of an ORM class, and by a label."""
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Job), [{**job(plain_item("1")), "info": {}}])
    source = SqlTaskSource(engine, job_columns(Job, task=task, row=row, to_item=lambda row: ListItem.from_python({})))
    for visibility in (EVERYTHING, lambda item: True):
        with pytest.raises(ResourceInaccessible) as raised:
            listed(source, FilterSpec(), visibility)
        assert notes(raised.value.__cause__) == [f"while {name} was read"]


def test_an_id_that_is_there_twice_is_no_answer(engine: Engine) -> None:
    """L-5, L-4: the column of ids must be unique, and where it is not the cause says so."""
    table = jobs()
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [job(plain_item("t1")), job(plain_item("t1", user="u"))])
    source = SqlTaskSource(engine, mapped(table))
    with pytest.raises(ResourceInaccessible) as raised:
        source.find("t1")
    assert str(raised.value.__cause__) == "the task 't1' stands in several rows, but its column must be unique"
    for visibility in (EVERYTHING, Grants([FilterSpec(services=["s"])])):
        with pytest.raises(ResourceInaccessible):
            get_task(source, "t1", visibility=visibility)
    with pytest.raises(ResourceInaccessible) as raised:
        listed(source)
    assert str(raised.value.__cause__) == "the task 't1' stands in two rows, but its column must be unique"


def test_a_mapping_must_give_tasks(engine: Engine) -> None:
    """L-4, E-7: what it raises of itself is a bug, and goes through; whatever it is, it says at which row."""
    table = jobs()
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [job(plain_item("t1"))])
    with pytest.raises(TypeError, match="to_item must give a ListItem, not str") as wrong:
        listed(SqlTaskSource(engine, mapped(table, to_item=lambda row: row.info)))
    with pytest.raises(ZeroDivisionError) as bug:
        listed(SqlTaskSource(engine, mapped(table, to_item=lambda row: 1 // 0)))
    assert notes(wrong.value) == notes(bug.value) == ["while the row of the task 't1' was read"]
    cast_to_text = mapped(table, task=cast(table.c.id, Text), to_item=lambda row: 1 // 0)
    with pytest.raises(ZeroDivisionError) as bug:
        listed(SqlTaskSource(engine, cast_to_text))
    assert notes(bug.value) == ["while the row of the task 't1' was read"]
    nameless = mapped(table, row=(table.c.info,), to_item=lambda row: ListItem.from_json("{}"))
    for visibility in (EVERYTHING, lambda item: True):
        with pytest.raises(ResourceInaccessible) as raised:
            listed(SqlTaskSource(engine, nameless), visibility=visibility)
        assert isinstance(raised.value.__cause__, InvalidValue)
        assert notes(raised.value.__cause__) == ["while row 1 of the answer was read"]


# What a failure of the database is


def failing(source: SqlTaskSource) -> Iterator[Error]:
    """What each way of asking raises."""
    for ask in (
        lambda: list_tasks(source, visibility=EVERYTHING),
        lambda: list_tasks(source, visibility=lambda item: True),
        lambda: get_task(source, "t1", visibility=EVERYTHING),
    ):
        with pytest.raises(Error) as raised:
            ask()
        yield raised.value


def test_a_database_that_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    """L-9, E-8: worth trying again; the driver's error is the cause, and nothing of it is told."""
    source = SqlTaskSource(create_engine(f"sqlite:///{tmp_path}/no/such/folder/tasks.db"), TABLE)
    for error in failing(source):
        assert isinstance(error, ServiceUnavailable)
        assert error.data_as(TransientIndication) == TransientIndication(is_transient=True)
        assert isinstance(error.__cause__, OperationalError)
        assert "folder" not in str(error)
        assert "SELECT" not in str(error)
    told: list[Exception] = []
    service = rest.Service(
        source,
        authenticate=lambda request: Caller(user="u", privileges={"System.Read"}),
        visibility=lambda caller: EVERYTHING,
        on_error=told.append,
    )
    response = service.handle(rest.Request("GET", "/api/snapservice/tasks"))
    assert response.status == 503
    assert b"folder" not in response.body
    assert [*map(type, told)] == [OperationalError]


def test_a_database_that_is_locked_is_unavailable(engine: Engine, tmp_path: Path) -> None:
    """L-9: for a writer; and nothing is put."""
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


def test_a_pool_that_gives_no_connection_is_unavailable(tmp_path: Path) -> None:
    """L-9: in the time that the engine was given."""
    path = f"sqlite:///{tmp_path}/tasks.db"
    engine = create_engine(path, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    with engine.connect():
        for error in failing(SqlTaskSource(engine, TABLE)):
            assert isinstance(error, ServiceUnavailable)
    engine.dispose()


def test_a_table_that_is_not_there_is_inaccessible(engine: Engine) -> None:
    """L-4: it will not be there when one tries again."""
    for error in failing(SqlTaskSource(engine, task_table(MetaData(), "others"))):
        assert isinstance(error, ResourceInaccessible)
        assert "no such table" in str(error.__cause__)
        assert "others" not in str(error)


@pytest.mark.parametrize("stored", [b"\xff", 5, "", "nul"])
def test_a_row_that_is_no_text_is_inaccessible(engine: Engine, stored: Any) -> None:
    """L-4: SQLite keeps anything in a column of text."""
    source = SqlTaskSource(engine, TABLE)
    source.put_all([plain_item("t1")])
    with engine.begin() as connection:
        value = "CAST(x'ff' AS TEXT)" if stored == "nul" else "?"
        connection.exec_driver_sql(f"UPDATE tasks SET item = {value}", () if stored == "nul" else (stored,))
    for error in failing(source):
        assert isinstance(error, ResourceInaccessible)


def test_a_full_disk_is_unavailable(engine: Engine) -> None:
    """L-9, E-8: as on any database; and nothing is put."""
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


def test_two_writers_of_one_new_task(engine: Engine) -> None:
    """L-5, L-8: the second is told, and nothing of its call is put."""
    source = SqlTaskSource(engine, TABLE)

    @event.listens_for(engine, "before_cursor_execute")
    def puts_first(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT"):
            cursor.execute("INSERT INTO tasks (task, operation, service, status, item) VALUES ('t2', '', '', '', '')")

    with pytest.raises(ConcurrentChange) as raised:
        source.put_all([plain_item("t1"), plain_item("t2")])
    assert isinstance(raised.value.__cause__, IntegrityError)
    event.remove(engine, "before_cursor_execute", puts_first)
    assert listed(source) == []


def test_what_is_not_the_databases_goes_through(engine: Engine) -> None:
    """E-7: what the items' own source raises, even where that is an error of a database; and nothing is put."""
    own = IntegrityError("its own statement", {}, Exception("its own"))

    def items() -> Iterator[ListItem]:
        yield from (plain_item(f"t{n}") for n in range(600))
        raise own

    for database in (engine, engine.connect()):
        source = SqlTaskSource(database, TABLE)
        with pytest.raises(IntegrityError) as raised:
            source.put_all(items())
        assert raised.value is own
        with pytest.raises(TypeError, match="a table holds ListItems"):
            source.put_all([*(plain_item(f"t{n}") for n in range(600)), None])  # type: ignore[list-item]
        assert listed(source) == []
        if isinstance(database, Connection):
            database.close()


def test_what_the_database_refuses_to_hold_is_its_own_error(engine: Engine) -> None:
    """E-7: a rule of the table, or a database that is read alone, will not be otherwise when one tries again."""
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


def lost(*args: Any, **kwargs: Any) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR"
    raise error


def test_a_connection_that_is_lost_at_the_end(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """L-9, A-7: when there is an answer already it is unavailable all the same; what a check raised stays its own."""
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


def test_a_connection_that_was_lost_before(engine: Engine) -> None:
    """L-9: it stays unavailable, until its owner takes another one."""
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
def test_what_a_code_of_a_driver_means(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, sqlstate: str | None, read: type[Error], written: type[Exception]
) -> None:
    """L-4, L-9, E-8: by SQLSTATE, where the driver tells it."""

    class Told(Exception):
        pass

    def fails(*args: Any) -> None:
        told = Told("what the driver says")
        told.sqlstate = sqlstate  # type: ignore[attr-defined]
        raise OperationalError("a statement", {}, told)

    source = SqlTaskSource(engine, TABLE)
    event.listen(engine, "before_cursor_execute", fails)
    for error in failing(source):
        assert type(error) is read
    with pytest.raises(written):
        source.put_all([plain_item("t1")])
    event.remove(engine, "before_cursor_execute", fails)


def test_an_engine_without_transactions(engine: Engine) -> None:
    """L-8: a listing has one all the same, for a cursor needs it."""
    source = SqlTaskSource(engine.execution_options(isolation_level="AUTOCOMMIT"), TABLE)
    source.put_all(plain_item(f"t{n}") for n in range(3))
    assert listed(source, visibility=lambda item: item.task != "t1") == ["t0", "t2"]


def test_what_no_task_has_as_its_id(engine: Engine) -> None:
    """G-1, V-9: is not there, and cannot be removed."""
    source = SqlTaskSource(engine, TABLE)
    for task in ("", "\ud800", "x\0"):
        assert source.find(task) is None
        assert source.remove(task) is False
    with pytest.raises(TypeError, match="task must be text, not int"):
        source.find(5)  # type: ignore[arg-type]


def test_the_ready_table_is_for_those_that_compare_exactly() -> None:
    """F-5: another database has other collations, which the columns have to say."""
    engine = create_engine("mysql://", module=types.SimpleNamespace(paramstyle="format", version_info=(2, 0)))
    with pytest.raises(
        TypeError, match="task_table is for SQLite and PostgreSQL; describe a table of mysql by TaskColumns"
    ):
        SqlTaskSource(engine, TABLE)


# Where it has to be awaited


def test_an_asynchronous_source(tmp_path: Path) -> None:
    """L-1, A-3, L-9: the same answers behind the boundary, also where the database is not there."""

    async def asked(source: AsyncSqlTaskSource, target: str, visibility: Visibility) -> rest.Response:
        service = rest.Service(
            source,
            authenticate=lambda request: Caller(user="u", privileges={SYSTEM_READ}),
            visibility=lambda caller: visibility,
        )
        return await service.handle_async(rest.Request("GET", f"/api/snapservice/tasks{target}"))

    async def main() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/tasks.db")
        async with engine.begin() as connection:
            await connection.run_sync(TABLE.create)
        source = AsyncSqlTaskSource(engine, TABLE)
        await source.put_all(plain_item(f"t{n}", user="u" if n % 2 else None) for n in range(5))
        assert (await source.remove("t3"), await source.remove("t3")) == (True, False)
        for visibility in (Grants([FilterSpec(users=["u"])]), lambda item: item.info.user == "u"):
            body = (await asked(source, "?tasks=t0&tasks=t1&tasks=t3", visibility)).body
            assert [item.task for item in ListResult.from_json(body).items] == ["t1"]
            assert [(await asked(source, f"/{task}", visibility)).status for task in ("t1", "t0", "x")] == [
                200,
                404,
                404,
            ]
        assert len(list(await source.select(Wanted([FilterSpec()]), 1000))) == 4  # type: ignore[arg-type]
        assert [item.task async for item in source.scan(Wanted([FilterSpec(users=["u"])]))] == ["t1"]
        await engine.dispose()
        nowhere = create_async_engine("sqlite+aiosqlite://")
        event.listen(nowhere.sync_engine, "do_connect", lost)
        gone = AsyncSqlTaskSource(nowhere, TABLE)
        assert [(await asked(gone, target, EVERYTHING)).status for target in ("", "/t1")] == [503, 503]
        with pytest.raises(ServiceUnavailable):
            await gone.remove("t1")
        with pytest.raises(ServiceUnavailable):
            await gone.put_all([plain_item("t1")])
        await nowhere.dispose()

    asyncio.run(main())


def test_a_listing_is_a_snapshot(engine: Engine) -> None:
    """L-8: a writer between its batches is not seen."""
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
