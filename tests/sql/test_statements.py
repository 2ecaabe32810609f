"""Test the SQL for each database, and statements that contain others (A-4, A-9, F-2, F-5, L-2)."""

from typing import Any

import pytest
from sqlalchemy import BindParameter, Dialect, Engine, Select, bindparam, make_url, select, union_all
from sqlalchemy.exc import CompileError

from snaptasks import EVERYTHING, FilterSpec, Grants, Visibility, Wanted
from snaptasks.sql import MAX_FILTERS, SqlTaskSource, select_tasks
from snaptasks.sql.columns import columns_of
from snaptasks.sql.statement import prepare
from tests.building import plain_item
from tests.source_calls import question
from tests.sql.tables import TABLE, jobs, listed, mapped, ready_columns_in

SEVERAL = FilterSpec(services=["s1"], status=["FAILED"], users=[f"u{n}" for n in range(600)])


def dialect(name: str) -> Dialect:
    """Return the dialect of a database, which needs neither the database nor its driver."""
    made: Dialect = make_url(f"{name}://").get_dialect()()
    return made


def statement_of(
    filter: FilterSpec | None, visibility: Visibility = EVERYTHING, at_most: int | None = 1000
) -> Select[Any]:
    return select_tasks(TABLE, question(filter, visibility), at_most)


# The SQL of a statement


def test_select_tasks_writes_the_sql_of_a_statement_by_hand() -> None:
    """F-3, A-4, L-3: It has no empty field, it has the grants, and its limit counts visible tasks."""
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
def test_select_tasks_with_many_members_sends_one_parameter(name: str, sent: str) -> None:
    """Q-4: A database without a form for this gets one parameter for each member."""
    assert sent in str(statement_of(SEVERAL, EVERYTHING).compile(dialect=dialect(name)))


def test_member_with_nul_is_sent_to_postgresql_as_null_or_omitted() -> None:
    """F-5: PostgreSQL cannot hold the character NUL, and nothing equals NULL."""
    many = [f"t{n}" for n in range(600)]

    def sent(filter: FilterSpec) -> dict[str, Any]:
        compiled = statement_of(filter, EVERYTHING).compile(dialect=dialect("postgresql"))
        processors: Any = compiled._bind_processors
        return {
            name: processors[name](value) if name in processors else value for name, value in compiled.params.items()
        }

    assert sent(FilterSpec(tasks=["a\0"]))["snaptasks_tasks_1"] is None
    assert sorted(sent(FilterSpec(tasks=[*many, "a\0"]))["snaptasks_tasks_1"]) == sorted(many)


def test_prepared_statement_has_the_best_form_for_its_database() -> None:
    """L-7: Questions of one shape share one statement, which is built once."""
    columns = columns_of(TABLE)
    two = FilterSpec(services=["b", "a"])
    for name, sent in (
        ("postgresql", "service = ANY ("),
        ("sqlite", "service IN (__[POST"),
        ("mysql", "service IN (__[POST"),
    ):
        known = dialect(name)
        statement, values, _, is_exact = prepare(columns, Wanted([two]), 1, known)
        assert is_exact
        assert sent in str(statement.compile(dialect=known))
        assert values == {"snaptasks_services": ["a", "b"]}
        assert prepare(columns, Wanted([FilterSpec(services=["c", "d"])]), 1, known)[0] is statement
    many, values, *_ = prepare(columns, Wanted([SEVERAL]), 1, dialect("mysql"))
    assert "ANY" not in str(many.compile(dialect=dialect("mysql")))
    assert len(values["snaptasks_users"]) == 600


def test_put_all_with_nul_in_postgresql_raises_value_error(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-5: The text names the column and the task, and nothing is sent. SQLite stands for PostgreSQL here."""
    source = SqlTaskSource(engine, TABLE)
    source.put_all([plain_item("a\0b", user="c\0d")])
    assert listed(source, FilterSpec(users=["c\0d", "c"], tasks=["a\0b"])) == ["a\0b"]
    monkeypatch.setattr("snaptasks.sql.source.is_postgresql", lambda dialect: True)
    with pytest.raises(ValueError, match="username of the task 't2' must have no NUL, which PostgreSQL cannot hold"):
        source.put_all([plain_item("t1"), plain_item("t2", user="\0")])
    source.put_all([plain_item("t3")])
    assert listed(source) == ["a\0b", "t3"]


def test_statement_for_mysql_without_exact_columns_raises_compile_error() -> None:
    """F-5: The exact comparison is known for SQLite and PostgreSQL only."""
    statement = select_tasks(mapped(jobs()), Wanted([FilterSpec(tasks=["a"])]), 1000)
    assert 'CAST(jobs.id AS TEXT) COLLATE "C"' in str(statement.compile(dialect=dialect("postgresql")))
    assert "jobs.id COLLATE BINARY" in str(statement.compile(dialect=dialect("sqlite")))
    with pytest.raises(CompileError, match="columns in mysql must compare code point by code point"):
        statement.compile(dialect=dialect("mysql"))
    exact = select_tasks(mapped(jobs(), exact=True), Wanted([FilterSpec(tasks=["a"])]), 1000)
    assert "COLLATE" not in str(exact.compile(dialect=dialect("mysql")))


def test_statement_in_another_session_returns_at_most_one_row_past_the_limit(engine: Engine) -> None:
    """L-1, L-2: The rows are the answer; one row past the limit means too many tasks."""
    SqlTaskSource(engine, TABLE).put_all(plain_item(f"t{n}") for n in range(1005))
    with engine.connect() as connection:
        assert len(connection.execute(statement_of(None, EVERYTHING)).all()) == 1001
        assert len(connection.execute(statement_of(FilterSpec(tasks=["t1", "t2"]), EVERYTHING)).all()) == 2
        assert len(connection.execute(statement_of(SEVERAL, EVERYTHING, 5)).all()) == 0


def test_select_tasks_with_wrong_or_too_large_wanted_raises() -> None:
    """A-9: Refuse a filter without its visibility, and more filters than one statement holds."""
    with pytest.raises(TypeError, match=r"not NoneType; .*; execute nothing when Wanted.of gives None, because "):
        select_tasks(TABLE, None, 1000)  # type: ignore[arg-type]
    for wanted in (None, FilterSpec(), EVERYTHING):
        with pytest.raises(TypeError, match=r"wanted must be a Wanted, not "):
            select_tasks(TABLE, wanted, 1000)  # type: ignore[arg-type]
    grants = [FilterSpec(users=[f"u{n}"], services=[f"s{n}"]) for n in range(MAX_FILTERS + 1)]
    with pytest.raises(ValueError, match="wanted must have at most 1000 different filters, not 1001"):
        select_tasks(TABLE, Wanted(grants), 1000)


# Statements inside others


def test_statement_inside_another_keeps_its_parameters(engine: Engine) -> None:
    """F-2, A-3: Parameters of a second statement, or of the embedder, do not replace them."""
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


def test_members_of_filter_and_grant_stay_apart(engine: Engine) -> None:
    """A-3, A-5: SQLAlchemy may number the parameters of a list in any way."""
    source = SqlTaskSource(engine, TABLE)
    source.put_all(plain_item(f"t{n}", user=user) for n, user in enumerate("abcd"))
    wanted, grants = FilterSpec(users=["a", "b"]), Grants([FilterSpec(users=["c"], services=["s", "x"])])
    assert listed(source, wanted, grants) == []
    assert listed(source, wanted, Grants([FilterSpec(users=["b", "c"])])) == ["t1"]
    both = Grants([FilterSpec(users=["b", "c"]), FilterSpec(users=["a"], services=["s", "x"])])
    with engine.connect() as connection:
        assert len(connection.execute(statement_of(wanted, both)).all()) == 2


def test_restriction_of_the_embedder_stays_in_the_statement(engine: Engine) -> None:
    """A-3: Its parameters may have any names."""
    SqlTaskSource(engine, TABLE).put_all(plain_item(f"t{n}", user=user) for n, user in enumerate("abcd"))
    for restricted in (TABLE.c.username == bindparam("users", "c"), TABLE.c.status != "SUCCEEDED"):
        some = select(TABLE).where(restricted).subquery().c
        source = SqlTaskSource(engine, ready_columns_in(some))
        assert listed(source, FilterSpec(users=["a"], status=["SUCCEEDED"])) == []
        assert listed(source, None, Grants([FilterSpec(users=["a"], status=["SUCCEEDED"])])) == []


def test_filter_with_many_members_and_grants_is_sent_once(engine: Engine) -> None:
    """Q-4: No size grows with grants times members."""
    services = [f"s{n}" for n in range(20_000)]
    grants = [FilterSpec(users=[f"u{n}"], operations=[f"o{n}"]) for n in range(400)]
    grants += [FilterSpec(users=[f"u{n}"], services=[f"s{n}", f"s{n + 1}"]) for n in range(400)]
    wanted = question(FilterSpec(services=services), Grants(grants))
    statement = prepare(columns_of(TABLE), wanted, 1000, engine.dialect)
    assert statement.is_exact
    assert sum(len(each) if isinstance(each, list) else 1 for each in statement.values.values()) <= 22_000
    source, items = (
        SqlTaskSource(engine, TABLE),
        [plain_item(f"t{n}", user=f"u{n}", service=f"s{n % 9}") for n in range(20)],
    )
    source.put_all(items)
    assert source.select(wanted, 1000) == [item for item in items if wanted.matches(item)] == items[:9]


def test_statements_of_many_grants_are_not_cached(engine: Engine) -> None:
    """Q-4: They are built each time, so that no caller can fill the memory with them."""
    columns = columns_of(TABLE)
    for count in (2, 32, 33, 500):
        grants = Grants([FilterSpec(users=[f"u{n}"], services=[f"s{n}"]) for n in range(count)])
        one, two = (prepare(columns, Wanted(grants.filters), 1, engine.dialect) for _ in range(2))
        assert (one.statement is two.statement) == (count <= 32)
        assert (one.options == {}) == (count <= 32)
        assert listed(SqlTaskSource(engine, TABLE), visibility=grants) == []
