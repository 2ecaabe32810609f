"""Test that an index gives the answers of the plain scan, in its own order (A-9, F-1, L-1, L-2, L-5, L-7, L-8)."""

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


def test_task_index_puts_replaces_removes_and_finds_tasks() -> None:
    """L-5, G-1: A replaced task keeps its place; a task that is put after its removal comes last."""
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
def test_select_some_tasks_of_a_large_user_sees_later_writes(is_asked_before: bool) -> None:
    """F-1, L-5: The answer is the same, whether or not an earlier query came before the writes."""
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


def test_select_of_several_large_users_past_the_division_limit_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-1, L-5: Past the limit of divided tasks, the index visits the tasks of the cells; the answer is the same."""
    monkeypatch.setattr("snaptasks.index.users._MOST_DIVIDED", 25)
    items = [plain_item(f"t{n}", user="uvw"[n % 3], status="FAILED" if n % 10 == 0 else "SUCCEEDED") for n in range(90)]
    index = TaskIndex(items)
    for _ in range(3):
        found = select(index, FilterSpec(users={"u", "v", "w"}, status={"FAILED"}), EVERYTHING, 1000)
        assert ids(found) == ids(items[::10])


def test_select_of_a_user_with_fewer_tasks_than_cells_is_right() -> None:
    """F-1: The index visits the tasks of the user, and not the cells."""
    index = TaskIndex(plain_item(f"t{n}", user="u" if n % 3 else "v", operation=f"o{n}") for n in range(60))
    found = select(index, FilterSpec(users={"u"}, services={"s"}), EVERYTHING, 1000)
    assert ids(found) == [f"t{n}" for n in range(60) if n % 3]
    assert select(index, FilterSpec(users={"u"}, services={"x"}), EVERYTHING, 1000) == []


def test_task_index_of_a_repeated_id_holds_the_last() -> None:
    """L-5: A keyed source replaces the first task, in its place."""
    index = TaskIndex([plain_item("a"), plain_item("b"), plain_item("a", user="u")])
    assert (ids(index), index.find("a")) == (["a", "b"], plain_item("a", user="u"))


@pytest.mark.parametrize("wrong", [None, "t", ITEM.info, {"task": "t"}])
def test_put_of_a_non_task_raises_type_error(wrong: Any) -> None:
    """V-13: Check the type before any change."""
    index = TaskIndex([ITEM])
    with pytest.raises(TypeError, match="an item of a TaskIndex must be a ListItem, not "):
        index.put(wrong)
    assert ids(index) == ["t"]


@pytest.mark.parametrize("count", [999, 1000, 1001])
@pytest.mark.parametrize(
    "visibility",
    [EVERYTHING, Grants([FilterSpec(services={"s"})]), lambda item: item.info.service == "s"],
    ids=range(3),
)
def test_list_tasks_of_an_index_past_the_cap_raises_resource_inaccessible(count: int, visibility: Visibility) -> None:
    """L-1, L-2, L-3: Hidden tasks do not count."""
    index = TaskIndex(plain_item(f"t{number}") for number in range(count))
    if visibility is not EVERYTHING:
        index.put(plain_item("hidden", service="other"))
    if count <= 1000:
        assert len(list_tasks(index, visibility=visibility).items) == count
    else:
        with pytest.raises(ResourceInaccessible):
            list_tasks(index, visibility=visibility)


def test_select_under_overlapping_grants_counts_a_task_once() -> None:
    """A-4, L-3: A task that several grants show is one task."""
    index = TaskIndex(plain_item(f"t{number}", user="u") for number in range(900))
    grants = Grants([FilterSpec(services={"s"}), FilterSpec(users={"u"}), FilterSpec(tasks={"t1", "t2"})])
    assert len(list_tasks(index, visibility=grants).items) == 900
    assert select(index, FilterSpec(), grants, 899) is OVER_LIMIT


def test_select_with_filter_and_grant_that_exclude_each_other_is_empty() -> None:
    """A-4: Two sets without a common member match nothing; the empty set would constrain nothing."""
    index = TaskIndex([plain_item("a", user="u"), plain_item("b", user="v")])
    assert ids(select(index, FilterSpec(users={"u"}), Grants([FilterSpec(users={"v"})]), 10)) == []
    assert ids(select(index, FilterSpec(users={"u"}), Grants([FilterSpec(users={"u", "v"})]), 10)) == ["a"]
    assert ids(select(index, FilterSpec(), Grants([]), 10)) == []
    assert select(index, FilterSpec(), NOTHING, 10) == ()


def test_list_tasks_of_an_index_checks_only_the_first_1001_matches() -> None:
    """L-7: The 1001st visible match ends the search, and the predicate sees only matches."""
    index = TaskIndex(plain_item(f"t{number}", service=f"s{number % 2}") for number in range(5000))
    checked: list[str] = []

    def check(item: ListItem) -> bool:
        checked.append(item.task)
        return True

    for filter in (FilterSpec(), FilterSpec(services={"s1"})):
        checked.clear()
        with pytest.raises(ResourceInaccessible):
            list_tasks(index, filter, visibility=check)
        assert len(checked) == 1001
    checked.clear()
    list_tasks(index, FilterSpec(tasks={"t5", "t4"}, services={"s1"}), visibility=check)
    assert checked == ["t5"]


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
def test_select_with_a_predicate_checks_matches_in_order(filter: FilterSpec) -> None:
    """L-5, L-7, F-1: This holds also where most tasks match, and the index walks them instead of looking them up."""
    other: list[dict[str, Any]] = [{"service": "x"}, {"operation": "x"}, {"user": "x"}, {"status": Status.FAILED}]
    kinds: list[dict[str, Any]] = [{}, {}, {}, *other]
    items = [plain_item(f"t{n}", **({"user": "u"} | kinds[n % len(kinds)])) for n in range(70)]
    checked: list[ListItem] = []

    def check(item: ListItem) -> bool:
        checked.append(item)
        return len(checked) % 2 == 0

    found = select(TaskIndex(items), filter, check, 1000)
    assert checked == [item for item in items if filter.matches(item)]
    assert found == checked[1::2]


def test_predicate_may_write_to_the_index_that_it_lists() -> None:
    """L-8: The predicate runs outside the lock, on the tasks as they were at the start of the listing."""
    index = TaskIndex(plain_item(f"t{number}") for number in range(3))

    def check(item: ListItem) -> bool:
        index.remove("t2")
        index.put(plain_item("t1", user="changed"))
        return True

    assert list_tasks(index, visibility=check).items == tuple(plain_item(f"t{number}") for number in range(3))
    assert list(index) == [plain_item("t0"), plain_item("t1", user="changed")]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_copy_of_an_index_raises_type_error(copied: Callable[[Any], object]) -> None:
    """L-8: A copy would share the tasks and miss the writes of the other; the message names the way to copy."""
    index = TaskIndex([ITEM])
    with pytest.raises(
        TypeError, match=r"must not be copied or pickled; TaskIndex\(index\) makes one of the same tasks"
    ):
        copied(index)
    assert [*TaskIndex(index)] == [ITEM]


def test_select_with_the_largest_limit_gives_all_matches() -> None:
    """L-1: The limit may be any number, in every kind of query."""
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
    """Represent an index that is equal to others and has no hash."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def test_subclass_without_a_hash_is_an_index() -> None:
    """L-10: The handler of forks knows each index by its identity."""
    one, other = Compared([ITEM]), Compared()
    assert (ids(one), ids(other)) == (["t"], [])


def test_change_of_a_returned_listing_does_not_change_the_index() -> None:
    """V-2, L-8: No listing or iterator gives access to the tasks that the index holds."""
    index = TaskIndex([ITEM, plain_item("u")])
    for held in iter(index).__reduce__()[1]:
        assert not isinstance(held, list)
    for filter in (FilterSpec(), FilterSpec(services={"s"}), FilterSpec(tasks={"t"})):
        for visibility in (EVERYTHING, Grants([FilterSpec(services={"s"})]), lambda item: True):
            found = select(index, filter, visibility, 10)
            if isinstance(found, list):
                found.clear()
    assert ids(index) == ids(select(index, FilterSpec(), EVERYTHING, 10)) == ["t", "u"]


def test_cached_result_reflects_each_later_write() -> None:
    """L-8: Repeat one listing after each kind of write."""
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


def test_select_of_names_under_many_grants_gives_the_plain_scan() -> None:
    """A-9, L-2, L-5: The order holds also where some grants name tasks and others do not."""
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


def test_select_past_the_step_limit_of_the_lock_gives_the_plain_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4, L-5, L-7: Past the limit of look-ups under the lock, the index checks each candidate; the answer is the same."""
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


def test_select_of_several_users_past_the_limit_gives_over_limit() -> None:
    """L-2: Small and large users count together."""
    index = TaskIndex(plain_item(f"t{n}", user="uvvv"[n % 4]) for n in range(60))
    users = FilterSpec(users={"u", "v", "w"})
    assert select(index, users, EVERYTHING, 59) is OVER_LIMIT
    assert select(index, users, EVERYTHING, 3) is OVER_LIMIT
    assert ids(select(index, users, EVERYTHING, 60)) == [f"t{n}" for n in range(60)]


def test_select_of_a_cell_that_an_older_task_enters_keeps_the_order() -> None:
    """L-5: The task keeps its place in each query."""
    index = TaskIndex(plain_item(f"t{n}", operation="ab"[n % 2]) for n in range(6))
    index.put(plain_item("t0", operation="b"))
    for _ in range(2):
        assert ids(select(index, FilterSpec(operations={"b"}), EVERYTHING, 10)) == ["t0", "t1", "t3", "t5"]
    index.put(plain_item("t2", operation="b"))
    assert ids(select(index, FilterSpec(operations={"b"}), EVERYTHING, 10)) == ["t0", "t1", "t2", "t3", "t5"]
