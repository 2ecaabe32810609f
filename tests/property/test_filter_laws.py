"""Test the laws of the filter (F)."""

from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from snaptasks import FilterSpec, ListItem, Status
from tests.naive import naive_match
from tests.strategies import filters, infos, list_items, names, statuses

FIELDS = ("tasks", "operations", "services", "status", "users")
populations = st.lists(list_items, max_size=12)


def member(field: str) -> st.SearchStrategy[str]:
    return statuses if field == "status" else names


def matching(spec: FilterSpec, tasks: list[ListItem]) -> list[ListItem]:
    return [item for item in tasks if spec.matches(item)]


@given(filters(), list_items)
def test_matches_agrees_with_the_second_implementation(spec: FilterSpec, item: ListItem) -> None:
    """F-1, F-2, F-4, F-5: Matching is AND across fields, OR inside one, and exact."""
    assert spec.matches(item) is naive_match(spec.to_python(), item.to_python())


@pytest.mark.slow
@pytest.mark.parametrize("field", FIELDS)
@given(data=st.data(), spec=filters(), tasks=populations)
def test_first_member_of_a_field_can_only_narrow(
    field: str, data: st.DataObject, spec: FilterSpec, tasks: list[ListItem]
) -> None:
    """F-3: An empty field constrains nothing, so that its first member can only remove tasks."""
    empty = spec.evolve(**{field: None})
    first: dict[str, Any] = {field: {data.draw(member(field))}}
    narrowed = empty.evolve(**first)
    assert set(matching(narrowed, tasks)) <= set(matching(empty, tasks))


@pytest.mark.slow
@pytest.mark.parametrize("field", FIELDS)
@given(data=st.data(), spec=filters(), tasks=populations)
def test_further_member_of_a_field_can_only_widen(
    field: str, data: st.DataObject, spec: FilterSpec, tasks: list[ListItem]
) -> None:
    """F-2: Members of a field are joined by OR, so that another member can only add tasks."""
    given_members = getattr(spec, field)
    assume(given_members)
    widened = spec.evolve(**{field: {*given_members, data.draw(member(field))}})
    assert set(matching(spec, tasks)) <= set(matching(widened, tasks))


@given(filters(), populations)
def test_further_field_can_only_narrow(spec: FilterSpec, tasks: list[ListItem]) -> None:
    """F-1: Fields are joined by AND, so that each set field can only remove tasks."""
    kept: dict[str, Any] = {}
    before = set(matching(FilterSpec(), tasks))
    assert before == set(tasks)
    for field in FIELDS:
        kept[field] = getattr(spec, field)
        after = set(matching(FilterSpec(**kept), tasks))
        assert after <= before
        before = after


@given(filters(), filters(), list_items)
def test_intersection_matches_the_tasks_that_both_filters_match(
    one: FilterSpec, other: FilterSpec, item: ListItem
) -> None:
    """F-1, F-2: The intersection is made field by field; it is None if a field has disjoint members."""
    fields = {}
    matches_nothing = False
    for field in FIELDS:
        mine, theirs = getattr(one, field), getattr(other, field)
        fields[field] = mine & theirs if mine and theirs else mine or theirs
        matches_nothing |= bool(mine and theirs and not mine & theirs)
    both = one.matches(item) and other.matches(item)
    assert both is (not matches_nothing and FilterSpec(**fields).matches(item))
    assert one.intersection(other) == (None if matches_nothing else FilterSpec(**fields))


@given(filters(), list_items, st.randoms(use_true_random=False))
def test_order_and_repetition_of_members_change_nothing(spec: FilterSpec, item: ListItem, random: Any) -> None:
    """F-2, V-2: A field is a set."""
    fields = {}
    for field in FIELDS:
        members = list(getattr(spec, field)) * 2
        random.shuffle(members)
        fields[field] = members
    again = FilterSpec(**fields)
    assert again == spec
    assert again.to_json() == spec.to_json()
    assert again.matches(item) is spec.matches(item)


@given(st.builds(ListItem, task=names, info=infos(status=statuses)))
def test_filter_of_a_tasks_own_values_matches_it(item: ListItem) -> None:
    """F-1: The status is a known one; a task without a user gives no users."""
    info = item.info
    own = FilterSpec(
        tasks={item.task},
        operations={info.operation},
        services={info.service},
        status={info.status},
        users={info.user} if info.user else None,
    )
    assert own.matches(item)


@given(filters(), infos(), names)
def test_filter_with_status_never_matches_an_unknown_status(spec: FilterSpec, info: Any, task: str) -> None:
    """F-2, V-6: An unknown status is not a member of any filter."""
    item = ListItem(task=task, info=info.evolve(status=Status("NEWER")))
    assert spec.matches(item) is (not spec.status and spec.evolve(status=None).matches(item))
