"""The question that a source is asked: a filter and a visibility together."""

import copy
import pickle
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest

from snaptasks import EVERYTHING, NOTHING, FilterSpec, Grants, ListItem, NotFound, Wanted, get_task, list_tasks
from tests.sources.example_sources import ITEMS, MINE, Stored


def test_filter_and_visibility_are_one_question() -> None:
    """A-9: EVERYTHING, the filter itself; NOTHING, no question; Grants, what the filter and each grant have in common."""
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


def test_a_predicate_is_no_part_of_a_question() -> None:
    """A-9: it would be lost, and show everything."""
    for predicate in (lambda item: False, Grants([]).__call__):
        with pytest.raises(TypeError, match="visibility must be EVERYTHING, NOTHING or Grants here, not "):
            Wanted.of(None, predicate)
    with pytest.raises(TypeError, match="visibility must be EVERYTHING, NOTHING, Grants or a function, not str"):
        Wanted.of(None, "all")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [[], (), iter(())])
def test_a_question_for_nothing_is_refused(wrong: Any) -> None:
    """A-9: where nothing is wanted no source is asked; an empty tuple could be taken for no constraint."""
    with pytest.raises(ValueError, match="filters must not be empty"):
        Wanted(wrong)


@pytest.mark.parametrize("wrong", [[None], ["tasks=a"], [MagicMock(spec=FilterSpec)], FilterSpec(users={"u"})])
def test_a_question_is_made_of_filters(wrong: Any) -> None:
    """A-8: by the real type."""
    with pytest.raises(TypeError, match="filters must be FilterSpecs, not "):
        Wanted(wrong)


def test_a_question_is_a_value() -> None:
    """V-2: it compares, prints, pickles and copies, whether or not it was asked already; and cannot change."""
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


def test_no_source_is_asked_for_nothing() -> None:
    """A-9, A-6: neither a list, nor a function, nor a TaskSource."""
    asked: list[str] = []

    def candidates(filter: FilterSpec) -> list[ListItem]:
        asked.append("candidates")
        return ITEMS

    def items() -> Iterator[ListItem]:
        asked.append("items")
        yield MINE

    stored = Stored()
    for visibility in (NOTHING, Grants([]), Grants([FilterSpec(users={"v"})])):
        for source in (candidates, items(), stored):
            assert list_tasks(source, FilterSpec(users={"u"}), visibility=visibility).items == ()
    for visibility in (NOTHING, Grants([]), Grants([FilterSpec(tasks={"theirs"})])):
        for source in (candidates, items(), stored):
            with pytest.raises(NotFound):
                get_task(source, "mine", visibility=visibility)
    assert asked == stored.asked == []


def test_a_task_source_is_asked_what_it_can_answer() -> None:
    """A-9: a question is selected; for a predicate it is scanned, and the predicate asked here."""
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
        assert stored.asked == [listed, got]
        stored.asked.clear()
