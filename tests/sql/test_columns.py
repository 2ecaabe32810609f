"""Columns: tables and mappings that another program has made, and which are refused (F-5, L-4, L-5)."""

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
from snaptasks.sql import SqlTaskSource, select_tasks
from tests.building import plain_item
from tests.source_calls import notes
from tests.sql.orm_jobs import Base, Job, job_columns
from tests.sql.tables import ALIKE, TABLE, job, jobs, listed, mapped, told_apart

# What is refused


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


def test_the_ready_table_is_for_those_that_compare_exactly() -> None:
    """F-5: another database has other collations, which the columns have to say."""
    engine = create_engine("mysql://", module=types.SimpleNamespace(paramstyle="format", version_info=(2, 0)))
    with pytest.raises(
        TypeError, match="task_table is for SQLite and PostgreSQL; describe a table of mysql by TaskColumns"
    ):
        SqlTaskSource(engine, TABLE)
