"""Check a task source over any database; the tests of each database inherit these checks."""

from abc import ABC, abstractmethod
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from snaptasks import (
    EVERYTHING,
    NOTHING,
    OVER_LIMIT,
    ConcurrentChange,
    FilterSpec,
    Grants,
    ListItem,
    NotFound,
    OverLimit,
    ResourceInaccessible,
    StatusName,
    TaskIndex,
    TaskSource,
    Visibility,
    Wanted,
    get_task,
    list_tasks,
)
from snaptasks.sql import MAX_FILTERS, SqlTaskSource, select_tasks
from snaptasks.sql.source import BATCH
from snaptasks.testing import run_contract, strategies
from tests.building import ids, plain_item
from tests.contract.implementations import Bounded
from tests.source_calls import notes, question, select
from tests.sql.kit_implementations import Stored, StoredBehindTheBoundary
from tests.sql.tables import ALIKE, FETCHED, TABLE, emptied, got, listed, listed_or_over

HIDDEN: Final = Grants([FilterSpec(services={"s"})])
INJECTIONS: Final = [
    "' OR '1'='1",
    "'; DROP TABLE tasks; --",
    "a') OR (1=1) --",
    "\\'; SELECT 1; --",
    '"',
    "%",
    "_",
    "$1",
    ":param_1",
    "%(param_1)s",
    "?",
    "{}",
    "[]",
    "NULL",
    "\\",
    "a\0b",
    "\0",
    "__[POSTCOMPILE_param_1]",
]

SQL_IDS: Final = ", ".join(sorted(f"'t{n}'" for n in range(600)))

# A failing example of one class is not replayed in another; each example empties the table itself.
SHARED_SETTINGS: Final = settings(
    suppress_health_check=[
        HealthCheck.differing_executors,
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ]
)


class CheckedIndex(TaskIndex):
    """Represent an index whose answers are checked, because only those of TaskIndex itself are trusted."""


class SourceChecks(ABC):
    """Check the source over the database of the fixture `engine`, which holds the table."""

    @pytest.fixture
    def source(self, engine: Engine) -> SqlTaskSource:
        """Return a source over an empty table."""
        return emptied(engine)

    @pytest.mark.slow
    def test_source_passes_the_conformance_kit(self, engine: Engine) -> None:
        """F-1, A-3, L-1, G-1, Q-2, W-3: The source passes as many checks as the index."""
        for stored in (Stored(engine), StoredBehindTheBoundary(engine)):
            report = run_contract(stored, examples=200, seed=1)
            assert report.ok, str(report)
            assert {skipped.reason for skipped in report.skipped} == {*stored.lacks.values()}
        assert report.passed == run_contract(Bounded(), examples=0).passed

    def test_source_puts_replaces_removes_and_finds_tasks(self, source: SqlTaskSource) -> None:
        """L-5, G-1: A replaced task keeps its place; a task that is removed and put again comes last."""
        source.put_all(plain_item(name) for name in "abc")
        assert isinstance(source, TaskSource)
        source.put_all([plain_item("d"), plain_item("a", status="FAILED"), plain_item("d", user="u")])
        assert listed(source) == ["a", "b", "c", "d"]
        assert source.find("a") == plain_item("a", status="FAILED")
        assert source.find("d") == plain_item("d", user="u")
        assert (source.find("x"), source.find("a\0"), source.find("A")) == (None, None, None)
        assert (source.remove("a"), source.remove("a"), source.remove("x")) == (True, False, False)
        source.put_all([plain_item("a")])
        assert listed(source) == ["b", "c", "d", "a"]
        assert get_task(source, "a", visibility=EVERYTHING) == plain_item("a").info
        with pytest.raises(NotFound):
            get_task(source, "a", visibility=NOTHING)
        source.put_all([])
        assert listed(source) == ["b", "c", "d", "a"]

    def test_put_all_of_a_task_removed_meanwhile_raises_concurrent_change(self, engine: Engine) -> None:
        """L-5, L-8: The task to replace is gone, so that no task of the call is put."""
        source, other = emptied(engine), SqlTaskSource(engine, TABLE)
        source.put_all(plain_item(name) for name in "abc")
        removed: list[bool] = []

        def remove_first(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
            if statement.startswith("UPDATE") and not removed:
                removed.append(other.remove("b"))

        event.listen(engine, "before_cursor_execute", remove_first)
        try:
            with pytest.raises(ConcurrentChange, match="nothing was put"):
                source.put_all(plain_item(name, user="u") for name in "abcd")
        finally:
            event.remove(engine, "before_cursor_execute", remove_first)
        assert removed == [True]
        assert listed(source) == ["a", "c"]
        assert source.find("a") == plain_item("a")

    def test_put_all_with_wrong_type_puts_nothing(self, source: SqlTaskSource) -> None:
        """V-13: The error names the type; the tasks before the wrong value are not put either."""
        with pytest.raises(TypeError, match="an item of a table must be a ListItem, not dict"):
            source.put_all([*(plain_item(f"t{n}") for n in range(600)), {"task": "t"}])  # type: ignore[list-item]
        assert listed(source) == []

    @SHARED_SETTINGS
    @given(data=st.data())
    def test_source_answers_as_a_list_of_tasks(self, engine: Engine, data: st.DataObject) -> None:
        """F-1 to F-6, A-3 to A-6, A-9, L-1, L-5, G-1: Every kind of source gives the same tasks in the same order.

        This holds for any population, filter and visibility.
        """
        held = data.draw(self.populations())
        source = emptied(engine)
        source.put_all(held)
        filter = data.draw(strategies.filter_specs(held))
        some = data.draw(strategies.grants(held))
        for visibility in (EVERYTHING, NOTHING, some, some.__call__):  # the last is a plain predicate
            expected = list_tasks(held, filter, visibility=visibility)
            infos = [got(held, task, visibility) for task in (*ids(held), "no such task")]
            for other in (lambda spec: held, TaskIndex(held), CheckedIndex(held), source):
                assert list_tasks(other, filter, visibility=visibility) == expected
                assert [got(other, task, visibility) for task in (*ids(held), "no such task")] == infos
        for item in held:
            assert source.find(item.task) == item

    @SHARED_SETTINGS
    @given(data=st.data())
    def test_source_selects_and_scans_as_the_index(self, engine: Engine, data: st.DataObject) -> None:
        """A-9, F-1, L-5: The filters may share sets, overlap, or constrain nothing."""
        held = data.draw(self.populations())
        source, index = emptied(engine), TaskIndex(held)
        source.put_all(held)
        wanted = Wanted(data.draw(st.lists(strategies.filter_specs(held), min_size=1, max_size=8)))
        expected = [item for item in held if any(each.matches(item) for each in wanted.filters)]
        for other in (source, index):
            assert [*other.scan(wanted)] == expected
            selected = other.select(wanted, len(expected))
            assert not isinstance(selected, OverLimit)
            assert [*selected] == expected
            if expected:
                selected = other.select(wanted, len(expected) - 1)
                assert isinstance(selected, OverLimit) or len(selected) >= len(expected)

    def populations(self) -> st.SearchStrategy[list[ListItem]]:
        """Return a strategy of tasks that the database can hold."""
        return strategies.populations()

    @SHARED_SETTINGS
    @given(
        puts=st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["FAILED", "SUCCEEDED", None]))),
        status=st.sampled_from(["FAILED", "SUCCEEDED"]),
    )
    def test_source_holds_the_same_tasks_as_the_index_after_any_writes(
        self, engine: Engine, puts: list[tuple[str, str | None]], status: StatusName
    ) -> None:
        """L-5: Tasks are put and removed in any order."""
        source, index = emptied(engine), TaskIndex()
        for task, new in puts:
            if new is None:
                assert source.remove(task) == index.remove(task)
            else:
                source.put_all([plain_item(task, status=new)])
                index.put(plain_item(task, status=new))
        assert listed(source) == listed(index)
        assert listed(source, FilterSpec(status=[status])) == listed(index, FilterSpec(status=[status]))

    @pytest.mark.parametrize("field", ["tasks", "operations", "services", "users"])
    @pytest.mark.parametrize("others", [0, 1, 600])
    def test_member_that_looks_like_sql_is_only_a_value(self, source: SqlTaskSource, field: str, others: int) -> None:
        """F-5: It is in a filter or in a grant, with or without other members; an impossible value matches nothing."""
        held = [plain_item("t1", user=None), plain_item("t2", user="u")]
        source.put_all(held)
        other_members = [f"other {n}" for n in range(others)]
        for member in INJECTIONS:
            names: dict[str, Any] = {field: [member, *other_members]}
            wanted = FilterSpec(**names)
            assert listed(source, wanted) == []
            assert listed(source, visibility=Grants([wanted])) == []
            assert source.find(member) is None
        assert listed(source) == ["t1", "t2"]

    @pytest.mark.parametrize("field", ["task", "operation", "service", "user"])
    def test_task_with_values_that_look_like_sql_is_found(self, source: SqlTaskSource, field: str) -> None:
        """F-2, F-5: Quotes, escapes and marks of parameters are plain characters."""
        values = [each for each in INJECTIONS if "\0" not in each]
        items = [
            plain_item(f"t{n}" if field != "task" else value, **({field: value} if field != "task" else {}))
            for n, value in enumerate(values)
        ]
        source.put_all(items)
        plural = {"task": "tasks", "operation": "operations", "service": "services", "user": "users"}[field]
        for item, value in zip(items, values, strict=True):
            one: dict[str, Any] = {plural: [value]}
            assert list_tasks(source, FilterSpec(**one), visibility=EVERYTHING).items == (item,)
        every: dict[str, Any] = {plural: values}
        assert listed(source, FilterSpec(**every)) == ids(items)

    @pytest.mark.parametrize("others", [0, 600])
    def test_filter_distinguishes_values_that_look_alike(self, source: SqlTaskSource, others: int) -> None:
        """F-5: Compare code point by code point, whatever the collation is."""
        source.put_all(plain_item(f"t{n}", user=user, service=user) for n, user in enumerate(ALIKE))
        other_members = [f"other {n}" for n in range(others)]
        for n, user in enumerate(ALIKE):
            assert listed(source, FilterSpec(users=[user, *other_members])) == [f"t{n}"]
            assert listed(source, FilterSpec(services=[user, *other_members])) == [f"t{n}"]

    def test_task_without_user_matches_no_user(self, source: SqlTaskSource) -> None:
        """F-4: No set contains NULL, or the empty text that an older writer may have left."""
        empty = ListItem.from_json(plain_item("t3", user="x").to_json().replace(b'"user":"x"', b'"user":""'))
        source.put_all([plain_item("t1"), plain_item("t2", user="None"), empty])
        assert listed(source, FilterSpec(users=["None", "NULL", "null"])) == ["t2"]
        assert listed(source, visibility=Grants([FilterSpec(users=["None"])])) == ["t2"]
        assert listed(source) == ["t1", "t2", "t3"]

    @pytest.mark.parametrize("count", [999, 1000, 1001])
    @pytest.mark.parametrize("visibility", [HIDDEN, lambda item: item.info.service == "s"], ids=["grants", "predicate"])
    def test_list_tasks_counts_visible_tasks_to_the_cap(
        self, source: SqlTaskSource, count: int, visibility: Visibility
    ) -> None:
        """L-1, L-2, L-3: Hidden tasks do not count; one more visible task than the cap is an error."""
        source.put_all(plain_item(f"{kind}{n}", service=kind) for n in range(count) for kind in ("hidden", "s"))
        if count <= 1000:
            assert listed(source, visibility=visibility) == [f"s{n}" for n in range(count)]
        else:
            assert select(source, FilterSpec(), HIDDEN, 1000) is OVER_LIMIT
            with pytest.raises(ResourceInaccessible, match="More than 1000"):
                list_tasks(source, visibility=visibility)

    def test_list_tasks_fetches_at_most_one_row_past_the_cap(self, source: SqlTaskSource) -> None:
        """L-7: The database decides. If Python decides, the search ends with the 1001st visible task."""
        source.put_all(plain_item(f"t{n}", service="s" if n % 2 else "hidden") for n in range(5000))
        for filter, visibility, fetched in (
            (None, EVERYTHING, 1001),
            (None, HIDDEN, 1001),
            (FilterSpec(tasks=[f"t{n}" for n in range(3000)]), HIDDEN, 1001),
            (FilterSpec(tasks=["t7", "t8"]), HIDDEN, 1),
            (None, NOTHING, 0),
        ):
            FETCHED.clear()
            listed_or_over(source, filter, visibility)
            assert FETCHED["rows"] == fetched
        checked: list[str] = []

        def predicate(item: ListItem) -> bool:
            checked.append(item.task)
            return HIDDEN(item)

        FETCHED.clear()
        with pytest.raises(ResourceInaccessible, match="More than 1000"):
            list_tasks(source, visibility=predicate)
        assert checked == [f"t{n}" for n in range(2002)]
        assert FETCHED["rows"] <= 2002 + BATCH
        checked.clear()
        assert listed(source, FilterSpec(tasks=["t1", "t2"]), predicate) == ["t1"]
        assert checked == ["t1", "t2"]

    def test_list_tasks_raises_the_error_of_a_predicate(self, source: SqlTaskSource) -> None:
        """A-7: An error of a database goes through, too; the source still works afterwards."""
        source.put_all(plain_item(f"t{n}") for n in range(10))
        own = OperationalError("its own statement", {}, Exception("its own"))

        def predicate(item: ListItem) -> bool:
            if item.task == "t5":
                raise own
            return True

        with pytest.raises(OperationalError) as raised:
            list_tasks(source, visibility=predicate)
        assert raised.value is own
        with pytest.raises(TypeError, match="must return True or False, not str"):
            list_tasks(source, visibility=lambda item: "yes")  # type: ignore[arg-type,return-value]
        assert len(listed(source)) == 10

    def test_list_tasks_with_many_members_returns_matching_tasks(self, source: SqlTaskSource) -> None:
        """Q-4, F-2: Each field has many members, in a filter and in a grant together."""
        source.put_all(plain_item(f"t{n}", user=f"u{n}", service=f"s{n}", operation=f"o{n}") for n in range(900))
        many = FilterSpec(
            tasks=[f"t{n}" for n in range(20_000)],
            users=[f"u{n}" for n in range(100, 20_000)],
            services=[f"s{n}" for n in range(20_000)],
            operations=[*(f"o{n}" for n in range(20_000)), *(f"\0{n}" for n in range(100))],
        )
        assert listed(source, many, Grants([many])) == [f"t{n}" for n in range(100, 900)]
        assert len(listed(source, FilterSpec(users=many.users))) == 800
        assert listed(source, FilterSpec(users=[f"u{n}\0" for n in range(20_000)])) == []

    @pytest.mark.parametrize("count", [1, 2, 101, MAX_FILTERS, MAX_FILTERS + 1])
    def test_list_tasks_with_any_number_of_grants_returns_matching_tasks(
        self, source: SqlTaskSource, count: int
    ) -> None:
        """A-4: The database decides, or Python if one statement cannot hold the grants; the answer is the same."""
        source.put_all(plain_item(f"t{n}", user=f"u{n if n < 99 else 5}", service=f"s{n % 2}") for n in range(100))
        grants = [FilterSpec(users=[f"u{n}"], services=[f"s{n % 2}"], tasks=[f"t{n}"]) for n in range(3, 3 + count)]
        expected = [f"t{n}" for n in range(3, min(99, 3 + count))]  # task t99 has another user than its grant
        assert listed(source, visibility=Grants(grants)) == expected
        assert listed(source, visibility=Grants([])) == []

    def test_source_over_a_connection_uses_its_transaction(self, engine: Engine) -> None:
        """L-5: The connection itself sees its puts; others see them after a commit."""
        emptied(engine)
        with engine.connect() as connection:
            own = SqlTaskSource(connection, TABLE)
            own.put_all([plain_item("t1"), plain_item("t2")])
            assert own.remove("t2")
            assert listed(own) == ["t1"]
            assert listed(own, visibility=lambda item: True) == ["t1"]
            connection.rollback()
        assert listed(SqlTaskSource(engine, TABLE)) == []

    def test_row_that_is_not_a_task_raises_resource_inaccessible(self, source: SqlTaskSource, engine: Engine) -> None:
        """L-4, A-5: Only a row that must be examined fails. The cause describes the row; the text does not."""
        source.put_all([plain_item("t1"), plain_item("t2", service="other")])
        with engine.begin() as connection:
            connection.execute(TABLE.update().where(TABLE.c.task == "t2").values(item='{"task": "secret"}'))
        assert listed(source, visibility=HIDDEN) == ["t1"]
        for visibility in (EVERYTHING, lambda item: True):
            with pytest.raises(ResourceInaccessible) as raised:
                list_tasks(source, visibility=visibility)
            assert "secret" not in str(raised.value)
            assert "info" in str(raised.value.__cause__)
            assert notes(raised.value.__cause__) == ["while reading the row of the task 't2'"]
        with pytest.raises(ResourceInaccessible) as raised:
            get_task(source, "t2", visibility=EVERYTHING)
        assert notes(raised.value.__cause__) == ["while reading the row of the task 't2'"]
        for hides in (NOTHING, HIDDEN, Grants([])):  # its columns hide it, so that it does not exist
            with pytest.raises(NotFound):
                get_task(source, "t2", visibility=hides)

    @pytest.mark.parametrize("field", ["task", "service", "status", "username", "operation"])
    def test_row_with_columns_of_another_task_raises_resource_inaccessible(
        self, source: SqlTaskSource, engine: Engine, field: str
    ) -> None:
        """L-4, A-3: The row could be a hidden task under the columns of a visible one."""
        source.put_all([plain_item("t1", user="u"), plain_item("t2", user="u")])
        with engine.begin() as connection:
            connection.execute(TABLE.update().where(TABLE.c.task == "t2").values({field: "FAILED"}))
        plural = {
            "task": "tasks",
            "service": "services",
            "status": "status",
            "username": "users",
            "operation": "operations",
        }
        names: dict[str, Any] = {plural[field]: ["FAILED"]}
        wrong = FilterSpec(**names)
        for filter, visibility in ((wrong, EVERYTHING), (None, Grants([wrong])), (wrong, lambda item: True)):
            with pytest.raises(ResourceInaccessible) as raised:
                list_tasks(source, filter, visibility=visibility)
            assert "to_item must return the task of the columns, not 't2', which differs" in str(raised.value.__cause__)
            assert notes(raised.value.__cause__)[0].startswith("while reading the row of the task ")

    def test_row_that_holds_another_task_raises_resource_inaccessible(
        self, source: SqlTaskSource, engine: Engine
    ) -> None:
        """L-4, L-5: Every call names the row by its columns; the other task is still found."""
        source.put_all([plain_item("t1"), plain_item("t2")])
        other = TABLE.alias()
        with engine.begin() as connection:
            text = connection.scalar(other.select().where(other.c.task == "t1").with_only_columns(other.c.item))
            connection.execute(TABLE.update().where(TABLE.c.task == "t2").values(item=text))
        for visibility in (EVERYTHING, Grants([FilterSpec(services=["s"])]), lambda item: True):
            with pytest.raises(ResourceInaccessible) as raised:
                list_tasks(source, visibility=visibility)
            assert notes(raised.value.__cause__) == ["while reading the row of the task 't2'"]
        with pytest.raises(ResourceInaccessible):
            get_task(source, "t2", visibility=EVERYTHING)
        assert get_task(source, "t1", visibility=EVERYTHING) == plain_item("t1").info

    def test_statement_uses_the_index_of_a_statement_by_hand(self, source: SqlTaskSource, engine: Engine) -> None:
        """L-7: This holds for filters by task, service, user and status."""
        source.put_all(plain_item(f"t{n}", user=f"u{n % 500}", service=f"s{n % 500}") for n in range(3000))
        for filter, by_hand in (
            (FilterSpec(tasks=["t7"]), "task = 't7'"),
            (FilterSpec(tasks=["t7", "t8"]), "task IN ('t7', 't8')"),
            (FilterSpec(tasks=[f"t{n}" for n in range(600)]), f"task IN ({SQL_IDS})"),
            (FilterSpec(services=["s1"]), "service = 's1'"),
            (FilterSpec(users=["u1", "u2"]), "username IN ('u1', 'u2')"),
            (FilterSpec(users=["u1"], status=["FAILED"]), "status = 'FAILED' AND username = 'u1'"),
        ):
            statement = select_tasks(TABLE, question(filter), 1000)
            plain = f"SELECT item FROM tasks WHERE {by_hand} ORDER BY position LIMIT 1001"
            with engine.begin() as connection:
                connection.exec_driver_sql("ANALYZE tasks")
                used, expected = (self.plan(connection, each) for each in (statement, plain))
            assert used == expected
            assert used

    @abstractmethod
    def plan(self, connection: Connection, statement: Any) -> Any:
        """Return the indexes that a statement would use."""
