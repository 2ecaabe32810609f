"""An index answers what the plain scan answers, in its own order (A-9, F-1, L-1, L-2, L-5, L-7, L-8)."""

import copy
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest

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
from tests.building import ITEM, ids, plain_item
from tests.index.filings import check_parts
from tests.source_calls import select


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
