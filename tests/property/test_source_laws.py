"""Test the laws of Wanted, the query to a source (A-9), for any source."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, strategies as st

from snaptasks import (
    EVERYTHING,
    OVER_LIMIT,
    Error,
    FilterSpec,
    Grants,
    ListItem,
    OverLimit,
    Wanted,
    get_task,
    list_tasks,
)
from snaptasks.filters import covering
from snaptasks.testing import strategies
from tests.strategies import filters


@given(st.data())
def test_wanted_matches_the_union_of_its_filters(data: st.DataObject) -> None:
    """A-9, F-1, F-2: The joint check of all filters agrees with the check of each filter."""
    items = data.draw(strategies.populations())
    wanted = Wanted(data.draw(st.lists(strategies.filter_specs(items), min_size=1, max_size=12)))
    for item in items:
        assert wanted.matches(item) is any(each.matches(item) for each in wanted.filters)
    assert [*filter(covering(wanted.filters).matches, filter(wanted.matches, items))] == [
        *filter(wanted.matches, items)
    ]


@given(st.data())
def test_wanted_of_filter_and_grants_matches_tasks_of_both(data: st.DataObject) -> None:
    """A-9, A-4: It matches a task if the filter and a grant match it."""
    items = data.draw(strategies.populations())
    spec, grants = data.draw(strategies.filter_specs(items)), data.draw(strategies.grants(items))
    wanted = Wanted.of(spec, grants)
    for item in items:
        both = spec.matches(item) and grants(item)
        assert (wanted is not None and wanted.matches(item)) is both


class Careless:
    """Represent a TaskSource that ignores visibility, and answers by a habit of its author."""

    def __init__(self, items: list[ListItem], answer: Callable[[list[ListItem], Wanted], list[ListItem]]) -> None:
        self.items, self.answer = items, answer

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        found = self.answer(self.items, wanted)
        return found if len(found) <= at_most else OVER_LIMIT

    def scan(self, wanted: Wanted) -> list[ListItem]:
        return self.answer(self.items, wanted)

    def find(self, task: str) -> ListItem | None:
        fold: Callable[[str], str] = str if self.answer is exact_matches else str.lower
        return next((item for item in self.items if fold(item.task) == fold(task)), None)


def exact_matches(items: list[ListItem], wanted: Wanted) -> list[ListItem]:
    return [item for item in items if any(each.matches(item) for each in wanted.filters)]


def everything(items: list[ListItem], wanted: Wanted) -> list[ListItem]:
    return items


def one_filter_after_the_other(items: list[ListItem], wanted: Wanted) -> list[ListItem]:
    return [item for each in wanted.filters for item in items if each.matches(item)]


def some_fields(items: list[ListItem], wanted: Wanted) -> list[ListItem]:
    return [
        item for item in items if any(item.info.service in (f.services or {item.info.service}) for f in wanted.filters)
    ]


def backwards(items: list[ListItem], wanted: Wanted) -> list[ListItem]:
    return items[::-1]


HABITS: list[Any] = [exact_matches, everything, one_filter_after_the_other, some_fields, backwards]


@given(st.data(), st.sampled_from(HABITS))
def test_careless_source_leaks_no_hidden_task(data: st.DataObject, habit: Any) -> None:
    """A-9, A-3, A-6, L-5: Under grants, list and get give no hidden task, no repeated task and no unwanted task.

    A source that matches `wanted` exactly gives the answer of the plain scan.
    """
    items = data.draw(strategies.populations())
    spec, grants = data.draw(strategies.filter_specs(items)), data.draw(strategies.grants(items))
    source = Careless(items, habit)
    for visibility in (grants, grants.__call__):
        expected = list_tasks(items, spec, visibility=visibility).items
        found = list_tasks(source, spec, visibility=visibility).items
        assert {*found} <= {*expected}
        assert len({item.task for item in found}) == len(found)
        if habit is exact_matches:
            assert found == expected
        for task in [name for item in items for name in (item.task, item.task.swapcase())]:
            right, given_out = outcome(items, task, visibility), outcome(source, task, visibility)
            assert given_out in {right, "NotFound", "ResourceInaccessible"}
            assert given_out == right or habit is not exact_matches
    assert (
        list_tasks(source, spec, visibility=EVERYTHING).items
        == list_tasks(habit(items, Wanted([spec])), spec, visibility=EVERYTHING).items
    )


def outcome(source: Any, task: str, visibility: Any) -> str:
    try:
        return repr(get_task(source, task, visibility=visibility))
    except Error as error:
        return type(error).__name__


@given(filters(), filters(), filters())
def test_intersection_is_idempotent_commutative_and_associative(
    one: FilterSpec, two: FilterSpec, three: FilterSpec
) -> None:
    """F-1, A-9: The empty filter is its neutral element, and each result is a valid filter."""
    assert one.intersection(one) == one == one.intersection(FilterSpec()) == FilterSpec().intersection(one)
    assert one.intersection(two) == two.intersection(one)
    both, others = one.intersection(two), two.intersection(three)
    assert (both and both.intersection(three)) == (others and one.intersection(others))
    if both is not None:
        assert FilterSpec.from_json(both.to_json()) == both == both.evolve()
        assert both.model_fields_set == {name for name, members in both if members}


@given(filters(), filters())
def test_intersection_is_always_a_valid_grant(one: FilterSpec, two: FilterSpec) -> None:
    """A-4: No intersection has a field that is given as an empty set."""
    both = one.intersection(two)
    if both is not None and not both.is_empty:
        assert Grants([both]).filters == (both,)
