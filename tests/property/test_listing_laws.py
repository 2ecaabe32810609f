"""Test the laws of list_tasks and get_task (L-1 to L-7, A-3 to A-6) against a second implementation."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from snaptasks import (
    EVERYTHING,
    Error,
    FilterSpec,
    Grants,
    Info,
    ListItem,
    NotFound,
    ResourceInaccessible,
    Source,
    Wanted,
    get_task,
    list_tasks,
)
from tests.building import plain_item
from tests.naive import naive_get, naive_list
from tests.strategies import filters, list_items, names

populations = st.lists(list_items, max_size=15)


class Separate:
    """Represent a TaskSource that shares no code with the package."""

    def __init__(self, items: Iterable[ListItem]) -> None:
        self.items = list(items)

    def select(self, wanted: Wanted, at_most: int) -> list[ListItem]:
        first: dict[str, ListItem] = {}
        for item in self.scan(wanted):
            first.setdefault(item.task, item)
        return list(first.values())

    def scan(self, wanted: Wanted) -> Iterator[ListItem]:
        return (item for item in self.items if any(each.matches(item) for each in wanted.filters))

    def find(self, task: str) -> ListItem | None:
        return next((item for item in self.items if item.task == task), None)


def sources(items: list[ListItem]) -> list[Source]:
    return [items, tuple(items), iter(items), (item for item in items), lambda spec: items, Separate(items)]


def outcome(call: Any, *arguments: Any, **named: Any) -> tuple[str, bytes]:
    """Return all that a caller can observe of a call: type and bytes (A-5)."""
    try:
        value = call(*arguments, **named)
    except Error as error:
        return type(error).__name__, error.value.to_json() + str(error).encode() + repr(error).encode()
    return type(value).__name__, value.to_json()


@given(populations, filters(), st.sets(names))
def test_list_tasks_agrees_with_the_second_implementation(
    items: list[ListItem], spec: FilterSpec, hidden: set[str]
) -> None:
    """L-5, A-3, F-1: Each kind of source gives the visible matches, in the order of the source, each id once."""
    expected = naive_list(
        [item.to_python() for item in items], spec.to_python(), lambda task: task["info"]["service"] not in hidden
    )
    for source in sources(items):
        result = list_tasks(source, spec, visibility=lambda item: item.info.service not in hidden)
        assert result.to_python()["items"] == expected


@given(populations, names, st.sets(names))
def test_get_task_agrees_with_the_second_implementation(items: list[ListItem], task: str, hidden: set[str]) -> None:
    """G-1, A-6, L-5: An iterable and candidates give the first visible task of the id."""
    expected = naive_get([i.to_python() for i in items], task, lambda each: each["info"]["service"] not in hidden)
    for source in sources(items)[:-1]:
        try:
            found: Any = get_task(source, task, visibility=lambda item: item.info.service not in hidden).to_python()
        except NotFound:
            found = None
        assert found == expected


@given(populations, filters(), st.lists(filters(), max_size=3))
def test_list_tasks_under_grants_shows_the_union_of_their_filters(
    items: list[ListItem], spec: FilterSpec, granted: list[FilterSpec]
) -> None:
    """A-4: A task is visible if any grant matches it; without a grant, no task is visible."""
    usable = [
        FilterSpec(**{field: getattr(each, field) for field in each.model_fields_set if getattr(each, field)})
        for each in granted
        if not each.is_empty
    ]
    result = list_tasks(items, spec, visibility=Grants(usable))
    by_hand = list_tasks(items, spec, visibility=lambda item: any(each.matches(item) for each in usable))
    assert result == by_hand
    assert usable or not result.items


def tasks(count: int, service: str, start: int = 0) -> list[ListItem]:
    one = plain_item("t", service=service)
    return [one.evolve(task=f"t{number}") for number in range(start, start + count)]


NEAR_THE_CAP = st.integers(990, 1010)


@given(count=NEAR_THE_CAP, hidden=st.integers(0, 30), unmatched=st.integers(0, 30), random=st.randoms())
def test_cap_counts_only_visible_matches(count: int, hidden: int, unmatched: int, random: Any) -> None:
    """L-1, L-2, L-3: Up to 1000 visible matches are listed; one more is RESOURCE_INACCESSIBLE."""
    items = tasks(count, "shown") + tasks(hidden, "hidden", 2000) + tasks(unmatched, "other", 3000)
    random.shuffle(items)
    for source in sources(items):

        def listing(source: Source = source) -> Any:
            spec = FilterSpec(services={"shown", "hidden"})
            return list_tasks(source, spec, visibility=lambda item: item.info.service != "hidden")

        if count <= 1000:
            assert len(listing().items) == count
        else:
            with pytest.raises(ResourceInaccessible):
                listing()


@given(
    visible=st.lists(list_items, max_size=10, unique_by=lambda item: item.task),
    hidden=st.lists(list_items, max_size=10),
    spec=filters(),
    task=names,
    random=st.randoms(),
)
def test_hidden_tasks_change_no_observable_outcome(
    visible: list[ListItem], hidden: list[ListItem], spec: FilterSpec, task: str, random: Any
) -> None:
    """A-5, A-6: Adding, changing or removing tasks that the caller cannot see changes no result, order, error or byte."""
    seen = {id(item) for item in visible}
    check = lambda item: id(item) in seen  # noqa: E731
    mixed = list(visible)
    for item in hidden:
        mixed.insert(random.randint(0, len(mixed)), item)
    for with_hidden, without in zip(sources(mixed)[:-1], sources(visible)[:-1], strict=True):
        assert outcome(list_tasks, with_hidden, spec, visibility=check) == outcome(
            list_tasks, without, spec, visibility=check
        )
    for with_hidden, without in zip(sources(mixed)[:-1], sources(visible)[:-1], strict=True):
        assert outcome(get_task, with_hidden, task, visibility=check) == outcome(
            get_task, without, task, visibility=check
        )


@pytest.mark.slow
@pytest.mark.parametrize("visible", [999, 1000, 1001])
@given(hidden=st.integers(0, 20), random=st.randoms())
def test_hidden_tasks_do_not_move_the_cap(visible: int, hidden: int, random: Any) -> None:
    """A-5, L-3: The cap counts only visible tasks."""
    items = tasks(visible, "shown")
    mixed = items + tasks(hidden, "hidden", 2000)
    random.shuffle(mixed)
    shown = [item for item in mixed if item.info.service == "shown"]
    check = lambda item: item.info.service == "shown"  # noqa: E731
    assert outcome(list_tasks, mixed, visibility=check) == outcome(list_tasks, shown, visibility=EVERYTHING)


def test_outcome_differs_for_two_infos() -> None:
    """A-5: The observer of these tests can tell two answers apart."""
    one, other = plain_item("a").info, plain_item("a", user="u").info
    assert outcome(lambda: one) != outcome(lambda: other)
    assert isinstance(one, Info)
