"""Test tables and columns that another program made, and the errors of wrong ones (F-5, L-4, L-5)."""

import subprocess
import sys
import types
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    Enum,
    String,
    Text,
    Uuid,
    cast,
    create_engine,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import aliased

from snaptasks import (
    EVERYTHING,
    FilterSpec,
    Grants,
    InvalidValue,
    ListItem,
    ResourceInaccessible,
    Status,
    Wanted,
    get_task,
)
from snaptasks.sql import AsyncSqlTaskSource, SqlTaskSource, select_tasks
from tests.building import plain_item
from tests.source_calls import notes
from tests.sql.orm_jobs import Base, Job, job_columns
from tests.sql.tables import ALIKE, TABLE, check_exact_comparison, job, jobs, listed, mapped

# Wrong tables and columns


def test_source_over_a_wrong_table_raises_type_error(engine: Engine) -> None:
    """V-13: The text names the missing columns, or the right function or class."""
    with pytest.raises(TypeError, match="table must be a Table made by task_table, or TaskColumns, not str"):
        select_tasks("tasks", Wanted([FilterSpec()]), 1000)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="table must be made by task_table, but jobs has no item, operation, "):
        SqlTaskSource(engine, jobs())
    with pytest.raises(
        TypeError,
        match=r"database must be an Engine or a Connection, not str; write AsyncSqlTaskSource\(...\) for an AsyncEngine",
    ):
        SqlTaskSource("sqlite://", TABLE)  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"engine must be an AsyncEngine, not Engine; write SqlTaskSource\(...\) for it"
    ):
        AsyncSqlTaskSource(engine, TABLE)  # type: ignore[arg-type]
    source = SqlTaskSource(engine, mapped(jobs()))
    for write in (lambda: source.put_all([]), lambda: source.remove("t")):
        with pytest.raises(TypeError, match="table must be made by task_table to put or remove tasks"):
            write()


@pytest.mark.parametrize(
    ("changes", "text"),
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
        # A cross join would show each row of one table with the owner of each row of the other.
        (
            {"user": TABLE.c.username},
            "user must belong to the same table, view or subquery as the columns before it, .*",
        ),
        ({"order": (Job.id, aliased(Job).id)}, "order must belong to the same table, view or subquery as .*"),
        ({"row": (select(Job).subquery().c.id,)}, "row must belong to the same table, view or subquery as .*"),
        ({"user": Job.next}, "user must be a column .*; write a column, because a relationship is a condition$"),
        (
            {"row": (Job.id, Job.next)},
            "row must be a column .*; write a column, because a relationship is a condition$",
        ),
        ({"row": (Job,)}, "row must be a column or an expression, not .*; write each attribute of Job$"),
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
def test_task_columns_with_wrong_column_raises_type_error(changes: dict[str, Any], text: str) -> None:
    """F-5: TaskColumns itself raises the error, not a later call."""
    with pytest.raises(TypeError, match=text):
        mapped(jobs(), **changes)


def test_import_without_sqlalchemy_names_the_extra() -> None:
    """V-13: Importing snaptasks does not load SQLAlchemy; importing snaptasks.sql says how to install it."""
    code = (
        "import sys; import snaptasks; assert 'sqlalchemy' not in sys.modules; sys.modules['sqlalchemy'] = None\n"
        "try:\n import snaptasks.sql\nexcept ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "snaptasks.sql needs SQLAlchemy: pip install 'snaptasks[sql]'\n"


# Tables of another program


@pytest.mark.parametrize("collation", ["NOCASE", "RTRIM", "BINARY"])
@pytest.mark.parametrize("others", [0, 600])
def test_source_over_any_collation_compares_exactly(engine: Engine, collation: str, others: int) -> None:
    """F-5: Another program may choose another collation for its table."""
    table = jobs(Text(collation=collation))
    table.create(engine)
    assert check_exact_comparison(engine, table, others) == len(ALIKE)


def test_source_over_a_subquery_returns_its_tasks(engine: Engine) -> None:
    """F-2: The columns may be expressions of a view, a join or a subquery."""
    table = jobs(String(100))
    table.create(engine)
    items = [plain_item(f"t{n}", user="u") for n in range(3)]
    with engine.begin() as connection:
        connection.execute(table.insert(), [job(item) for item in items])
    recent = select(table).where(table.c.id != "t0").subquery()
    source = SqlTaskSource(engine, mapped(recent, order=(recent.c.id.desc(),)))  # type: ignore[arg-type]
    assert listed(source, FilterSpec(users=["u"])) == ["t2", "t1"]


def test_source_over_an_orm_class_returns_its_tasks(engine: Engine) -> None:
    """F-2, F-4, G-1: The columns are attributes, hybrids, or those of an alias; a constant holds in every row."""
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
def test_error_names_the_row_by_the_columns_of_its_task(
    engine: Engine, task: ColumnElement[str], row: tuple[Any, ...], name: str
) -> None:
    """L-4: An attribute of an ORM class or a label counts as a column."""
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Job), [{**job(plain_item("1")), "info": {}}])
    source = SqlTaskSource(engine, job_columns(Job, task=task, row=row, to_item=lambda row: ListItem.from_python({})))
    for visibility in (EVERYTHING, lambda item: True):
        with pytest.raises(ResourceInaccessible) as raised:
            listed(source, FilterSpec(), visibility)
        assert notes(raised.value.__cause__) == [f"while reading {name}"]


def test_id_in_two_rows_raises_resource_inaccessible(engine: Engine) -> None:
    """L-5, L-4: The column of ids must be unique; if it is not, the cause says so."""
    table = jobs()
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [job(plain_item("t1")), job(plain_item("t1", user="u"))])
    source = SqlTaskSource(engine, mapped(table))
    with pytest.raises(ResourceInaccessible) as raised:
        source.find("t1")
    assert str(raised.value.__cause__) == "the column of the task 't1' must be unique, but several rows have this task"
    for visibility in (EVERYTHING, Grants([FilterSpec(services=["s"])])):
        with pytest.raises(ResourceInaccessible):
            get_task(source, "t1", visibility=visibility)
    with pytest.raises(ResourceInaccessible) as raised:
        listed(source)
    assert str(raised.value.__cause__) == "the column of the task 't1' must be unique, but two rows have this task"


def test_to_item_that_fails_names_the_row(engine: Engine) -> None:
    """L-4, E-7: An error of its own is a bug and goes through; every error has a note with the row."""
    table = jobs()
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [job(plain_item("t1"))])
    with pytest.raises(TypeError, match="to_item must return a ListItem, not str") as wrong:
        listed(SqlTaskSource(engine, mapped(table, to_item=lambda row: row.info)))
    with pytest.raises(ZeroDivisionError) as bug:
        listed(SqlTaskSource(engine, mapped(table, to_item=lambda row: 1 // 0)))
    assert notes(wrong.value) == notes(bug.value) == ["while reading the row of the task 't1'"]
    cast_to_text = mapped(table, task=cast(table.c.id, Text), to_item=lambda row: 1 // 0)
    with pytest.raises(ZeroDivisionError) as bug:
        listed(SqlTaskSource(engine, cast_to_text))
    assert notes(bug.value) == ["while reading the row of the task 't1'"]
    nameless = mapped(table, row=(table.c.info,), to_item=lambda row: ListItem.from_json("{}"))
    for visibility in (EVERYTHING, lambda item: True):
        with pytest.raises(ResourceInaccessible) as raised:
            listed(SqlTaskSource(engine, nameless), visibility=visibility)
        assert isinstance(raised.value.__cause__, InvalidValue)
        assert notes(raised.value.__cause__) == ["while reading row 1 of the answer"]


def test_source_over_task_table_in_mysql_raises_type_error() -> None:
    """F-5: Other databases have other collations, which TaskColumns must describe."""
    engine = create_engine("mysql://", module=types.SimpleNamespace(paramstyle="format", version_info=(2, 0)))
    engine.dialect.is_async = True  # as that of a driver such as aiomysql
    asynchronous = AsyncEngine(engine)
    for make in (lambda: SqlTaskSource(engine, TABLE), lambda: AsyncSqlTaskSource(asynchronous, TABLE)):
        with pytest.raises(TypeError, match="must be TaskColumns for mysql; task_table is for SQLite and PostgreSQL"):
            make()
