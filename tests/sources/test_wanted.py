"""Test Wanted, the query to a source that joins a filter and a visibility."""

import copy
import pickle
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest

from snaptasks import EVERYTHING, NOTHING, FilterSpec, Grants, ListItem, NotFound, Wanted, get_task, list_tasks
from tests.sources.example_sources import ITEMS, MINE, Stored


def test_wanted_of_filter_and_visibility_is_their_intersection() -> None:
    """A-9: EVERYTHING gives the filter itself; NOTHING gives None; Grants give the filter's intersection with each grant."""
    failed = FilterSpec(status={"FAILED"}, users={"u", "v"})
    assert Wanted.of(failed, EVERYTHING) == Wanted([failed])
    assert Wanted.of(None, EVERYTHING) == Wanted([FilterSpec()])
    assert Wanted.of(failed, NOTHING) is None
    grants = Grants([FilterSpec(users={"v", "w"}), FilterSpec(users={"x"}), FilterSpec(services={"s"})])
    assert Wanted.of(failed, grants) == Wanted(
        [FilterSpec(status={"FAILED"}, users={"v"}), FilterSpec(status={"FAILED"}, users={"u", "v"}, services={"s"})]
    )
    assert Wanted.of(None, grants) == Wanted(grants.filters)
    assert Wanted.of(FilterSpec(users={"y"}), Grants(grants.filters[:2])) is None
    assert Wanted.of(None, Grants([])) is None


def test_wanted_of_a_predicate_raises_type_error() -> None:
    """A-9: A Wanted without its predicate would show everything."""
    for predicate in (lambda item: False, Grants([]).__call__):
        with pytest.raises(TypeError, match="visibility must be EVERYTHING, NOTHING or Grants, not "):
            Wanted.of(None, predicate)
    with pytest.raises(TypeError, match="visibility must be EVERYTHING, NOTHING, Grants or a function, not str"):
        Wanted.of(None, "all")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{}, [], "", {"users": ["u"]}, MagicMock(), MagicMock(spec=FilterSpec)])
@pytest.mark.parametrize("visibility", [EVERYTHING, NOTHING, Grants([FilterSpec(users={"u"})])])
def test_wanted_of_another_object_than_a_filter_raises_type_error(wrong: Any, visibility: Any) -> None:
    """A-8, A-9: An empty dict has no constraint, so that it would match every task."""
    with pytest.raises(TypeError, match="filter must be a FilterSpec or None, not "):
        Wanted.of(wrong, visibility)


@pytest.mark.parametrize("wrong", [[], (), iter(())])
def test_wanted_without_filters_raises_value_error(wrong: Any) -> None:
    """A-9: An empty tuple could be read as no constraint; where nothing is wanted, no source is called."""
    with pytest.raises(ValueError, match="filters must not be empty"):
        Wanted(wrong)


@pytest.mark.parametrize("wrong", [[None], ["tasks=a"], [MagicMock(spec=FilterSpec)]])
def test_wanted_of_other_than_filters_raises_type_error(wrong: Any) -> None:
    """A-8: The real type counts."""
    with pytest.raises(TypeError, match="filters must be FilterSpecs, not "):
        Wanted(wrong)


def test_wanted_of_a_filter_itself_reports_the_remedy() -> None:
    """A-8: A filter can be iterated, but it is not a list of filters."""
    with pytest.raises(TypeError, match=r"not a FilterSpec; write Wanted\(\[filter\]\)"):
        Wanted(FilterSpec(users={"u"}))  # type: ignore[arg-type]


def test_wanted_compares_prints_pickles_copies_and_is_frozen() -> None:
    """V-2: This holds before and after a call of matches."""
    wanted = Wanted([FilterSpec(users={"u"}), FilterSpec(services={"s"})])
    for _ in range(2):
        assert eval(repr(wanted), {"Wanted": Wanted, "FilterSpec": FilterSpec}) == wanted
        assert pickle.loads(pickle.dumps(wanted)) == copy.copy(wanted) == copy.deepcopy(wanted) == wanted
        assert hash(wanted) == hash(Wanted(wanted.filters))
        assert wanted.matches(MINE)
        assert not Wanted([FilterSpec(users={"x"})]).matches(MINE)
    with pytest.raises(AttributeError):
        wanted.filters = ()  # type: ignore[misc]
    with pytest.raises(TypeError, match="finished"):
        wanted.__init__([FilterSpec()])


def test_list_and_get_where_nothing_is_wanted_call_no_source() -> None:
    """A-9, A-6: Neither an iterator, nor a function, nor a TaskSource is called."""
    called: list[str] = []

    def candidates(filter: FilterSpec) -> list[ListItem]:
        called.append("candidates")
        return ITEMS

    def items() -> Iterator[ListItem]:
        called.append("items")
        yield MINE

    stored = Stored()
    for visibility in (NOTHING, Grants([]), Grants([FilterSpec(users={"v"})])):
        for source in (candidates, items(), stored):
            assert list_tasks(source, FilterSpec(users={"u"}), visibility=visibility).items == ()
    for visibility in (NOTHING, Grants([]), Grants([FilterSpec(tasks={"theirs"})])):
        for source in (candidates, items(), stored):
            with pytest.raises(NotFound):
                get_task(source, "mine", visibility=visibility)
    assert called == stored.called == []


def test_task_source_gets_select_scan_or_find_by_visibility() -> None:
    """A-9: A Wanted is selected; for a predicate the source is scanned, and the predicate runs outside the source."""
    stored = Stored(found=MINE)
    grants = Grants([FilterSpec(users={"u"})])
    for visibility, listed, got in (
        (EVERYTHING, "select", "find"),
        (grants, "select", "select"),
        (bool, "scan", "find"),
    ):
        visible: Any = visibility if visibility is not bool else lambda item: item.info.user == "u"
        list_tasks(stored, visibility=visible)
        get_task(stored, "mine", visibility=visible)
        assert stored.called == [listed, got]
        stored.called.clear()
