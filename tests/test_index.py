"""TaskIndex: what an example shows (L-5, L-7, L-8), its own order under any writing, and threads."""

import copy
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from typing import Any, ClassVar

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

import snaptasks.index.cells
from snaptasks import (
    EVERYTHING,
    NOTHING,
    OVER_LIMIT,
    FilterSpec,
    Grants,
    ListItem,
    OverLimit,
    ResourceInaccessible,
    Status,
    TaskIndex,
    TaskSource,
    Visibility,
    Wanted,
    get_task,
    list_tasks,
)
from snaptasks.index.cells import Bucket
from snaptasks.index.filing import Filing
from tests.selecting import select
from tests.strategies import filters, plain_item, statuses

ITEM = plain_item("t")


def ids(found: Any) -> list[str]:
    return [item.task for item in found]


# What a user sees


def test_it_is_a_task_source_in_memory() -> None:
    """L-5, G-1: put, replace, remove, find; a replaced task keeps its place, one that is put again comes last."""
    index = TaskIndex(plain_item(name) for name in "abc")
    assert isinstance(index, TaskSource)
    index.put(plain_item("a", status="FAILED"))
    assert (ids(index), len(index), "a" in index, "x" in index) == (["a", "b", "c"], 3, True, False)
    assert index.find("a") == plain_item("a", status="FAILED")
    assert index.find("x") is None
    assert (index.remove("a"), index.remove("a"), index.remove("x")) == (True, False, False)
    assert index.find("a") is None
    index.put(plain_item("a"))
    assert ids(index) == ["b", "c", "a"]
    assert repr(index) == "<TaskIndex of 3 tasks>"
    assert get_task(index, "a", visibility=EVERYTHING) == ITEM.info
    assert ids(list_tasks(index, FilterSpec(tasks={"a", "b"}), visibility=EVERYTHING).items) == ["b", "a"]


@pytest.mark.parametrize("is_asked_before", [False, True])
def test_the_tasks_of_a_user_of_many(is_asked_before: bool) -> None:
    """F-1, L-5: some of them are found, whether or not somebody has asked for some before they changed."""
    index = TaskIndex(plain_item(f"t{n}", user="u", operation=f"o{n % 3}") for n in range(60))
    some = FilterSpec(users={"u"}, operations={"o1", "o9"})
    index.put(plain_item("other", operation="o9"))
    if is_asked_before:
        assert ids(select(index, some, EVERYTHING, 1000)) == [f"t{n}" for n in range(1, 60, 3)]
    index.put(plain_item("new", user="u", operation="o1"))
    index.put(plain_item("other", user="u", operation="o1"))
    index.put(plain_item("t1", user="u", operation="o0"))
    index.put(plain_item("t3", user="u", operation="o1"))
    index.put(plain_item("t4", user="v", operation="o1"))
    index.put(plain_item("t13", user="u", operation="o1"))
    index.put(plain_item("t7", user="u", operation="o1", service="another"))
    index.remove("t10")
    expected = ["t3", "t7", *(f"t{n}" for n in range(13, 60, 3)), "other", "new"]
    assert ids(select(index, some, EVERYTHING, 1000)) == expected
    check_parts(index)


def test_not_every_large_user_is_divided_for_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-1, L-5: once so many tasks are divided for it, the tasks of the cells are looked at; the answer is the same."""
    monkeypatch.setattr("snaptasks.index.users._MOST_DIVIDED", 25)
    items = [plain_item(f"t{n}", user="uvw"[n % 3], status="FAILED" if n % 10 == 0 else "SUCCEEDED") for n in range(90)]
    index = TaskIndex(items)
    for _ in range(3):
        found = select(index, FilterSpec(users={"u", "v", "w"}, status={"FAILED"}), EVERYTHING, 1000)
        assert ids(found) == ids(items[::10])


def test_a_user_of_fewer_tasks_than_there_are_cells() -> None:
    """F-1: the tasks are looked at, and not the cells."""
    index = TaskIndex(plain_item(f"t{n}", user="u" if n % 3 else "v", operation=f"o{n}") for n in range(60))
    found = select(index, FilterSpec(users={"u"}, services={"s"}), EVERYTHING, 1000)
    assert ids(found) == [f"t{n}" for n in range(60) if n % 3]
    assert select(index, FilterSpec(users={"u"}, services={"x"}), EVERYTHING, 1000) == []


def test_of_a_repeated_id_the_last_stands() -> None:
    """L-5: a keyed source replaces, in the place of the first."""
    index = TaskIndex([plain_item("a"), plain_item("b"), plain_item("a", user="u")])
    assert (ids(index), index.find("a")) == (["a", "b"], plain_item("a", user="u"))


@pytest.mark.parametrize("wrong", [None, "t", ITEM.info, {"task": "t"}])
def test_what_is_no_task_is_refused(wrong: Any) -> None:
    """V-13: by type, and nothing is changed."""
    index = TaskIndex([ITEM])
    with pytest.raises(TypeError, match="a TaskIndex holds ListItems, not "):
        index.put(wrong)
    assert ids(index) == ["t"]


@pytest.mark.parametrize("count", [999, 1000, 1001])
@pytest.mark.parametrize(
    "visibility",
    [EVERYTHING, Grants([FilterSpec(services={"s"})]), lambda item: item.info.service == "s"],
    ids=range(3),
)
def test_the_cap(count: int, visibility: Visibility) -> None:
    """L-1, L-2, L-3: hidden tasks do not count; one more than the cap is no list."""
    index = TaskIndex(plain_item(f"t{number}") for number in range(count))
    if visibility is not EVERYTHING:
        index.put(plain_item("hidden", service="other"))
    if count <= 1000:
        assert len(list_tasks(index, visibility=visibility).items) == count
    else:
        with pytest.raises(ResourceInaccessible):
            list_tasks(index, visibility=visibility)


def test_overlapping_grants_count_a_task_once() -> None:
    """A-4, L-3: a task that several grants show is one task."""
    index = TaskIndex(plain_item(f"t{number}", user="u") for number in range(900))
    grants = Grants([FilterSpec(services={"s"}), FilterSpec(users={"u"}), FilterSpec(tasks={"t1", "t2"})])
    assert len(list_tasks(index, visibility=grants).items) == 900
    assert select(index, FilterSpec(), grants, 899) is OVER_LIMIT


def test_a_filter_and_a_grant_that_exclude_each_other() -> None:
    """A-4: two sets without a common member match nothing; the empty set would constrain nothing."""
    index = TaskIndex([plain_item("a", user="u"), plain_item("b", user="v")])
    assert ids(select(index, FilterSpec(users={"u"}), Grants([FilterSpec(users={"v"})]), 10)) == []
    assert ids(select(index, FilterSpec(users={"u"}), Grants([FilterSpec(users={"u", "v"})]), 10)) == ["a"]
    assert ids(select(index, FilterSpec(), Grants([]), 10)) == []
    assert select(index, FilterSpec(), NOTHING, 10) == ()


def test_not_more_is_examined_than_the_answer_needs() -> None:
    """L-7: the 1001st visible match ends the search, and only matches are asked about."""
    index = TaskIndex(plain_item(f"t{number}", service=f"s{number % 2}") for number in range(5000))
    asked: list[str] = []

    def check(item: ListItem) -> bool:
        asked.append(item.task)
        return True

    for filter in (FilterSpec(), FilterSpec(services={"s1"})):
        asked.clear()
        with pytest.raises(ResourceInaccessible):
            list_tasks(index, filter, visibility=check)
        assert len(asked) == 1001
    asked.clear()
    list_tasks(index, FilterSpec(tasks={"t5", "t4"}, services={"s1"}), visibility=check)
    assert asked == ["t5"]


@pytest.mark.parametrize(
    "filter",
    [
        FilterSpec(services={"s"}),
        FilterSpec(operations={"o"}),
        FilterSpec(status={"SUCCEEDED"}),
        FilterSpec(users={"u"}),
        FilterSpec(services={"s"}, operations={"o"}, status={"SUCCEEDED"}, users={"u"}),
        FilterSpec(tasks={"t0", "t3"}, users={"u"}),
    ],
)
def test_a_check_is_asked_about_matches_in_order(filter: FilterSpec) -> None:
    """L-5, L-7, F-1: also where most tasks match, and are walked instead of looked up."""
    other: list[dict[str, Any]] = [{"service": "x"}, {"operation": "x"}, {"user": "x"}, {"status": Status.FAILED}]
    kinds: list[dict[str, Any]] = [{}, {}, {}, *other]
    items = [plain_item(f"t{n}", **({"user": "u"} | kinds[n % len(kinds)])) for n in range(70)]
    asked: list[ListItem] = []

    def check(item: ListItem) -> bool:
        asked.append(item)
        return len(asked) % 2 == 0

    found = select(TaskIndex(items), filter, check, 1000)
    assert asked == [item for item in items if filter.matches(item)]
    assert found == asked[1::2]


def test_a_check_may_write() -> None:
    """L-8: it is asked outside the lock, about the tasks as they were when the listing began."""
    index = TaskIndex(plain_item(f"t{number}") for number in range(3))

    def check(item: ListItem) -> bool:
        index.remove("t2")
        index.put(plain_item("t1", user="changed"))
        return True

    assert list_tasks(index, visibility=check).items == tuple(plain_item(f"t{number}") for number in range(3))
    assert list(index) == [plain_item("t0"), plain_item("t1", user="changed")]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_an_index_is_not_copied(copied: Callable[[Any], object]) -> None:
    """L-8: a copy would share the tasks, and not know of the other's writes; the message says what to do."""
    index = TaskIndex([ITEM])
    with pytest.raises(TypeError, match=r"cannot be copied or pickled; TaskIndex\(index\) holds the same tasks"):
        copied(index)
    assert [*TaskIndex(index)] == [ITEM]


def test_any_number_may_be_the_most() -> None:
    """L-1: also the largest that Python has, on every way to an answer."""
    index = TaskIndex(plain_item(name) for name in "abc")
    for several in (["abc"], ["ab", "c"], ["a", "b"]):
        wanted = Wanted([FilterSpec(tasks=set(each)) for each in several])
        assert select_all(index, wanted) == [item for item in index if wanted.matches(item)]
    either = Wanted([FilterSpec(services={"s"}), FilterSpec(tasks={"a"})])
    assert select_all(index, either) == [*index]


def select_all(index: TaskIndex, wanted: Wanted) -> list[ListItem]:
    found = index.select(wanted, sys.maxsize)
    assert not isinstance(found, OverLimit)
    return [*found]


class Compared(TaskIndex):
    """An index that is equal to others, and has no hash."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def test_a_subclass_without_a_hash_is_an_index() -> None:
    """L-10: each is known by itself, for a fork."""
    one, other = Compared([ITEM]), Compared()
    assert (ids(one), ids(other)) == (["t"], [])


# No quadratic corner, and no memory that requests can fill


@pytest.mark.slow
def test_many_operations_users_ids_and_grants() -> None:
    """L-7: 100,000 operations, 50,000 users, filters of 10,000 ids and of 20,000 users, 1,000 grants: what is found is
    looked at, and not all combinations of the rest, which would take minutes."""
    one = plain_item("t")
    index = TaskIndex(
        one.evolve(task=f"t{n}", info=one.info.evolve(operation=f"o{n}", user=f"u{n % 50_000}")) for n in range(100_000)
    )
    assert ids(select(index, FilterSpec(operations={"o7"}), EVERYTHING, 10)) == ["t7"]
    assert ids(select(index, FilterSpec(operations={"o7"}, services={"s"}), EVERYTHING, 10)) == ["t7"]
    for number in range(1_000):
        index.put(plain_item("new", operation=f"new{number}"))  # no cell is as it was before
        user = FilterSpec(users={f"u{number}"}, status={"SUCCEEDED"})
        assert ids(select(index, user, EVERYTHING, 10)) == [f"t{number}", f"t{50_000 + number}"]
        assert select(index, FilterSpec(services={"s", f"x{number}"}), EVERYTHING, 1000) is OVER_LIMIT
    many = FilterSpec(tasks={f"t{n}" for n in range(5_000, 15_000)})
    assert ids(select(index, many, EVERYTHING, 10_000)) == [f"t{n}" for n in range(5_000, 15_000)]
    users = FilterSpec(users={f"u{n}" for n in range(20_000)}, services={"s"})
    assert ids(select(index, users, EVERYTHING, 40_000)) == [
        *(f"t{n}" for n in range(20_000)),
        *(f"t{n}" for n in range(50_000, 70_000)),
    ]
    for field, name, found in ("operations", "o", 1_000), ("users", "u", 2_000):
        each: list[dict[str, Any]] = [{field: {f"{name}{n}"}} for n in range(1_000)]
        grants = Grants([FilterSpec(services={"s"}, **names) for names in each])
        assert len(ids(select(index, FilterSpec(), grants, found))) == found
        assert select(index, FilterSpec(), grants, found - 1) is OVER_LIMIT


def test_hostile_filters_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Q-4: what is remembered of filters is bounded, also of those that are too long to be remembered."""
    monkeypatch.setattr(snaptasks.index.cells, "_MAX_PLANNED", 100)
    index = TaskIndex(plain_item(f"t{n}", operation=f"o{n}") for n in range(20))
    for number in range(200):
        wanted = FilterSpec(operations={f"o{number % 20}", f"x{number}"})
        assert ids(select(index, wanted, EVERYTHING, 10)) == [f"t{number % 20}"]
        assert planned(index) <= 100
    select(index, FilterSpec(operations={f"x{number}" for number in range(200)}), EVERYTHING, 10)
    for number in range(200):
        wanted = FilterSpec(operations={f"o{number % n}" for n in range(1, 20)})
        expected = [f"t{n}" for n in range(20) if f"o{n}" in wanted.operations]
        assert ids(select(index, wanted, EVERYTHING, 20)) == expected
        assert planned(index) <= 100


def planned(index: TaskIndex) -> int:
    """What is remembered of filters: the characters of their names, and the cells and results of their plans."""
    plans = filing_of(index)._cells.plans.items()
    return sum(sum(map(len, chain(*sets))) + len(plan.cells) + len(plan.found[1]) for sets, plan in plans)


def test_long_names_in_filters_cannot_fill_the_memory() -> None:
    """Q-4: a name counts by its length."""
    index = TaskIndex([ITEM])
    for number in range(200):
        assert select(index, FilterSpec(services={f"{number}" + "x" * 10_000}), EVERYTHING, 10) == ()
        assert planned(index) <= 50_000


def test_names_that_no_task_has_are_not_looked_up_for_each_grant() -> None:
    """A-4: 20,000 unknown names with 1,000 grants give nothing, for any field."""
    index = TaskIndex([plain_item("t", user="u")])
    grants = Grants([FilterSpec(services={"s", f"s{n}"}, operations={"o", f"o{n}"}) for n in range(1_000)])
    assert ids(select(index, FilterSpec(users={"u", "x"}, services={"s", "x"}), grants, 10)) == ["t"]
    assert ids(select(index, FilterSpec(tasks={"t", "x"}, users={"u"}), grants, 10)) == ["t"]
    assert select(index, FilterSpec(tasks={"t", "x"}, users={"u"}), grants, 0) is OVER_LIMIT
    unknown = {f"x{n}" for n in range(20_000)}
    for field in ("tasks", "operations", "services", "users"):
        assert [*list_tasks(index, FilterSpec.model_validate({field: unknown}), visibility=grants).items] == []
    assert [*list_tasks(index, FilterSpec(status={"FAILED"}), visibility=grants).items] == []


def test_what_is_handed_out_changes_nothing() -> None:
    """V-2, L-8: nobody can change what is held through a listing or an iterator."""
    index = TaskIndex([ITEM, plain_item("u")])
    for held in iter(index).__reduce__()[1]:
        assert not isinstance(held, list)
    for filter in (FilterSpec(), FilterSpec(services={"s"}), FilterSpec(tasks={"t"})):
        for visibility in (EVERYTHING, Grants([FilterSpec(services={"s"})]), lambda item: True):
            found = select(index, filter, visibility, 10)
            if isinstance(found, list):
                found.clear()
    assert ids(index) == ids(select(index, FilterSpec(), EVERYTHING, 10)) == ["t", "u"]


def test_a_result_that_is_remembered_is_that_of_now() -> None:
    """L-8: the same listing again, after each kind of change to what it holds."""
    index = TaskIndex(plain_item(f"t{n}", operation=f"o{n}") for n in range(4))
    wanted = FilterSpec(services={"s"})

    def listed() -> tuple[ListItem, ...]:
        return list_tasks(index, wanted, visibility=EVERYTHING).items

    first = listed()
    assert listed() == first
    changed = plain_item("t1", operation="o1", user="changed")
    index.put(changed)
    assert listed() == (first[0], changed, *first[2:])
    index.put(plain_item("t4", operation="o0"))
    assert ids(listed()) == ["t0", "t1", "t2", "t3", "t4"]
    index.put(plain_item("t0", operation="o3"))
    assert listed()[0] == plain_item("t0", operation="o3")
    index.remove("t2")
    assert ids(listed()) == ["t0", "t1", "t3", "t4"]
    index.put(plain_item("t3", operation="o3", service="other"))
    assert ids(listed()) == ["t0", "t1", "t4"]
    assert first == tuple(plain_item(f"t{n}", operation=f"o{n}") for n in range(4))


def test_what_is_gone_leaves_nothing_behind() -> None:
    """L-8: no bucket, cell or user outlives its tasks."""
    index = TaskIndex(plain_item(f"t{n}", operation=f"o{n % 3}", user=f"u{n % 2}") for n in range(200))
    for number in range(200):
        index.remove(f"t{number}")
    filing = filing_of(index)
    cells = filing._cells
    assert not any([index._tasks, filing._numbers, filing._users, cells.by_key, *cells.by_field, cells.plans])
    assert list(index) == []


# Against the plain scan, whatever is done to it

names = st.sampled_from(["a", "b", "c", "d"])
items = st.builds(
    lambda task, service, operation, status, user: ListItem(task=task, info=made(service, operation, status, user)),
    st.integers(0, 60).map("t{}".format),
    names,
    names,
    statuses,
    st.none() | names,
)
wanted = filters(names | st.integers(0, 60).map("t{}".format))


def made(service: str, operation: str, status: Status, user: str | None) -> Any:
    started = status is not Status.PENDING
    return plain_item(
        "t",
        service=service,
        operation=operation,
        status=status,
        user=user,
        start_time=ITEM.info.start_time if started else None,
        end_time=ITEM.info.end_time if status.is_terminal else None,
        progress=ITEM.info.progress if started else None,
    ).info


def usable(spec: FilterSpec) -> FilterSpec:
    """The same without the fields that are given as empty sets."""
    return FilterSpec(**{name: members for name in FilterSpec.model_fields if (members := getattr(spec, name))})


class IndexMachine(RuleBasedStateMachine):
    """TaskIndex beside a dict, which the plain scan lists."""

    def __init__(self) -> None:
        super().__init__()
        self.index = TaskIndex()
        self.model: dict[str, ListItem] = {}

    @rule(item=items)
    def put(self, item: ListItem) -> None:
        self.index.put(item)
        self.model[item.task] = item

    @rule(many=st.lists(items, max_size=60))
    def put_all(self, many: list[ListItem]) -> None:
        self.index.put_all(many)
        self.model |= {item.task: item for item in many}

    @rule(user=names, count=st.integers(30, 40))
    def put_more_than_a_few(self, user: str, count: int) -> None:
        for number in range(count):
            self.put(ListItem(task=f"t{number}", info=made("a", "b" if number % 2 else "c", Status.FAILED, user)))

    @precondition(lambda self: self.model)
    @rule(data=st.data(), item=items)
    def replace(self, data: st.DataObject, item: ListItem) -> None:
        self.put(item.evolve(task=data.draw(st.sampled_from(sorted(self.model)))))

    @rule(number=st.integers(0, 60))
    def remove(self, number: int) -> None:
        assert self.index.remove(f"t{number}") is (self.model.pop(f"t{number}", None) is not None)

    @rule(spec=wanted, at_most=st.sampled_from([0, 1, 3, 10, 1000]))
    def everything(self, spec: FilterSpec, at_most: int) -> None:
        self.same(spec, EVERYTHING, at_most)

    @rule(spec=wanted, granted=st.lists(wanted, max_size=4), at_most=st.sampled_from([0, 1, 3, 10, 1000]))
    def grants(self, spec: FilterSpec, granted: list[FilterSpec], at_most: int) -> None:
        self.same(spec, Grants([usable(each) for each in granted if not each.is_empty]), at_most)

    @rule(spec=wanted, seen=st.sets(names), at_most=st.sampled_from([0, 1, 3, 10, 1000]))
    def predicate(self, spec: FilterSpec, seen: set[str], at_most: int) -> None:
        self.same(spec, lambda item: item.info.service in seen, at_most)

    listings: ClassVar[int] = 0

    def same(self, spec: FilterSpec, visibility: Visibility, at_most: int) -> None:
        IndexMachine.listings += 1
        found = select(self.index, spec, visibility, at_most)
        expected = [item for item in self.model.values() if spec.matches(item) and visibility(item)]
        if len(expected) > at_most:
            assert isinstance(found, OverLimit) or len(found) > at_most
        else:
            assert not isinstance(found, OverLimit)
            assert [*found] == expected

    @invariant()
    def it_holds_what_the_model_holds(self) -> None:
        assert list(self.index) == list(self.model.values())
        assert len(self.index) == len(self.model)
        assert {task: self.index.find(task) for task in self.model} == self.model

    @invariant()
    def its_parts_agree(self) -> None:
        check_parts(self.index)


def filing_of(index: TaskIndex) -> Filing:
    assert index._filing is not None
    return index._filing


def check_parts(index: TaskIndex) -> None:
    """Every task stands in each bucket where it belongs, and nowhere else; what is said to be in order is.

    Where an interrupted write has left a filing that is not whole, it is the one that the next listing makes.
    """
    list(index)
    filing = filing_of(index)
    assert filing.is_whole
    assert filing.tasks is index._tasks
    assert filing._numbers.keys() == index._tasks.keys()
    tasks = {filing._numbers[task]: item for task, item in index._tasks.items()}
    assert [*tasks] == sorted(tasks)
    assert all(number < filing._next for number in tasks)
    cells = filing._cells
    cell_of = {number: cell for cell in cells.by_key.values() for number in cell}
    for key, cell in cells.by_key.items():
        assert cell
        assert cell.key == key
        check_order(cell)
        assert {(item.info.service, item.info.operation, item.info.status) for item in cell.values()} == {key}
    assert [*tasks.items()] == sorted((number, cell[number]) for number, cell in cell_of.items())
    assert {*filing._users} == {item.info.user for item in tasks.values()} - {None}
    for name, user in filing._users.items():
        own = {number: item for number, item in tasks.items() if item.info.user == name}
        if not isinstance(user, Bucket):
            assert dict(user) == {number: cell_of[number] for number in own}
            continue
        assert user == own
        check_order(user)
        if user.cells is None:
            continue
        assert {number: cell for cell, bucket in user.cells.items() for number in bucket} == {
            number: cell_of[number] for number in own
        }
        assert {number: item for bucket in user.cells.values() for number, item in bucket.items()} == own
        for bucket in user.cells.values():
            assert bucket
            check_order(bucket)
    for position, cells_of in enumerate(cells.by_field):
        assert all(cell.key[position] == name for name, its in cells_of.items() for cell in its)
        assert {*chain.from_iterable(cells_of.values())} == {*cells.by_key.values()}
    for plan in cells.plans.values():
        assert {*plan.cells} <= {*cells.by_key.values()}
        changes, found = plan.found
        if changes == sum(cell.changes for cell in plan.cells):
            assert [*found] == [tasks[number] for number in sorted(chain.from_iterable(plan.cells))]
    assert filing._all is None or filing._all == tuple(tasks.values())


def check_order(bucket: Bucket) -> None:
    assert not bucket.is_ordered or [*bucket] == sorted(bucket)
    assert bucket.latest >= max(bucket)


@pytest.mark.parametrize("bounds", [{}, {"_HUGE": 20, "_MOST_DIVIDED": 25}, {"_MOST_STEPS": 40}], ids=repr)
def test_any_listing_after_any_writing(bounds: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """L-1 to L-8, A-4, F-1: what the plain scan gives, for filters, grants and predicates, whatever was written; also on
    the ways that only many tasks and long filters go."""
    for name, bound in bounds.items():
        monkeypatch.setattr(f"snaptasks.index.{'filing' if name == '_MOST_STEPS' else 'users'}.{name}", bound)
    IndexMachine.listings = 0
    run_state_machine_as_test(IndexMachine, settings=settings(deadline=None, stateful_step_count=30))
    assert IndexMachine.listings > 200


# Threads

PAIRS = 40
ROUNDS = 300


class Unlocked:
    """A lock that locks nothing."""

    def __enter__(self) -> None: ...

    def __exit__(self, *args: object) -> None: ...

    def _is_owned(self) -> bool:
        return False


def torn_reads(index: TaskIndex, rounds: int) -> list[str]:
    """What readers saw while a writer turned pairs of services over, in one pass each; a listing is never half-way.

    The writer moves one task after the other, so that a snapshot has the tasks in a prefix of the new service and the
    rest of the old one.
    """
    names = [f"t{number}" for number in range(PAIRS)]
    items = {service: [plain_item(name, service=service, user=service) for name in names] for service in "ab"}
    for item in items["a"]:
        index.put(item)
    problems: list[str] = []
    is_over = threading.Event()

    def write() -> None:
        try:
            for number in range(rounds):
                for item in items["ba"[number % 2]]:
                    index.put(item)
        except Exception as error:  # noqa: BLE001 - whatever a torn write raises
            problems.append(repr(error))
        finally:
            is_over.set()

    def read(listing: Callable[[], Any]) -> None:
        while not is_over.is_set() and not problems:
            try:
                found = listing()
            except Exception as error:  # noqa: BLE001 - whatever a torn read raises
                problems.append(repr(error))
                return
            if [item.task for item in found] != names:
                problems.append(f"{len(found)} of {PAIRS} tasks, or out of order")
            services = [item.info.service for item in found]
            if sum(one != other for one, other in pairwise(services)) > 1:
                problems.append(f"half-way: {''.join(services)}")

    every = FilterSpec(services={"a", "b"})
    listings: list[Callable[[], Any]] = [
        lambda: select(index, FilterSpec(), EVERYTHING, 1000),
        lambda: select(index, every, EVERYTHING, 1000),
        lambda: select(index, FilterSpec(users={"a", "b"}), EVERYTHING, 1000),
        lambda: select(index, every, Grants([FilterSpec(users={"a"}), FilterSpec(users={"b"})]), 1000),
        lambda: select(index, FilterSpec(tasks=names), EVERYTHING, 1000),
        lambda: select(index, every, lambda item: True, 1000),
    ]
    threads = [threading.Thread(target=write), *(threading.Thread(target=read, args=(each,)) for each in listings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return problems


@pytest.fixture
def eager_switching() -> Iterator[None]:
    """Threads take turns as often as the interpreter can, so that what can be torn is torn."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_switching")
def test_readers_never_see_a_writer_half_way() -> None:
    """L-8: a listing is a snapshot, whichever way it is found."""
    index = TaskIndex()
    assert torn_reads(index, ROUNDS) == []
    check_parts(index)


@pytest.mark.usefixtures("eager_switching")
def test_the_lock_is_what_keeps_reads_whole() -> None:
    """L-8: the same readers and writer see torn lists without it, so that the test above can fail."""
    index = TaskIndex()
    index._lock = Unlocked()  # type: ignore[assignment]
    assert torn_reads(index, 20 * ROUNDS) != []


def test_names_under_many_grants_are_what_the_plain_scan_gives() -> None:
    """A-9, L-2, L-5: in order, also where some grants name tasks and others do not."""
    items = [plain_item(f"t{n}", user=f"u{n % 7}", service=f"s{n % 3}") for n in range(50)]
    index = TaskIndex(items)
    named = FilterSpec(tasks={f"t{n}" for n in range(40, 60)})
    some = Grants(
        [FilterSpec(users={"u1"}), FilterSpec(users={"u2"}, services={"s0"}), FilterSpec(tasks={"t3", "t44"})]
    )
    for filter in (named, FilterSpec(), FilterSpec(services={"s1", "s2"})):
        for grants in (some, Grants(some.filters[:2]), Grants([*some.filters, FilterSpec(services={"s2"})])):
            expected = [item for item in items if filter.matches(item) and grants(item)]
            assert expected
            assert ids(select(index, filter, grants, len(expected))) == ids(expected)
            assert select(index, filter, grants, len(expected) - 1) is OVER_LIMIT
            wanted = Wanted.of(filter, grants)
            assert wanted is not None
            assert [*index.scan(wanted)] == expected


def test_more_ids_under_grants_than_are_looked_up_with_the_lock_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4, L-5, L-7: each candidate is looked at instead, and the answer is the same."""
    monkeypatch.setattr("snaptasks.index.filing._MOST_STEPS", 40)
    items = [plain_item(f"t{n}", user=f"u{n % 7}") for n in range(50)]
    index = TaskIndex(items)
    grants = Grants([FilterSpec(tasks={f"t{n}" for n in range(10)}), FilterSpec(users={"u1"})])
    expected = [item for item in items if grants(item)]
    assert ids(select(index, FilterSpec(), grants, 1000)) == ids(expected)
    assert select(index, FilterSpec(), grants, len(expected) - 1) is OVER_LIMIT
    wanted = Wanted.of(None, grants)
    assert wanted is not None
    assert [*index.scan(wanted)] == expected


def test_too_many_tasks_of_several_users() -> None:
    """L-2: of small and large users; the rest is not looked at."""
    index = TaskIndex(plain_item(f"t{n}", user="uvvv"[n % 4]) for n in range(60))
    users = FilterSpec(users={"u", "v", "w"})
    assert select(index, users, EVERYTHING, 59) is OVER_LIMIT
    assert select(index, users, EVERYTHING, 3) is OVER_LIMIT
    assert ids(select(index, users, EVERYTHING, 60)) == [f"t{n}" for n in range(60)]


def test_a_cell_that_an_older_task_enters_is_listed_in_order() -> None:
    """L-5: the task keeps its place, each time it is asked for."""
    index = TaskIndex(plain_item(f"t{n}", operation="ab"[n % 2]) for n in range(6))
    index.put(plain_item("t0", operation="b"))
    for _ in range(2):
        assert ids(select(index, FilterSpec(operations={"b"}), EVERYTHING, 10)) == ["t0", "t1", "t3", "t5"]
    index.put(plain_item("t2", operation="b"))
    assert ids(select(index, FilterSpec(operations={"b"}), EVERYTHING, 10)) == ["t0", "t1", "t2", "t3", "t5"]
