"""Test that each answer of a source is checked, and that each source is known by its real type."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import MagicMock

import pytest
from sqlalchemy import MetaData, create_engine

from snaptasks import (
    EVERYTHING,
    NOTHING,
    OVER_LIMIT,
    Caller,
    FilterSpec,
    Grants,
    ListItem,
    NotFound,
    OverLimit,
    ResourceInaccessible,
    TaskIndex,
    TaskSource,
    Wanted,
    authorize,
    get_task,
    list_tasks,
)
from snaptasks.sql import SqlTaskSource, task_table
from tests.building import plain_item
from tests.sources.example_sources import ITEMS, MINE, THEIRS, Stored

# The answers are checked


def test_list_and_get_with_unwanted_answers_omit_them() -> None:
    """A-9, A-3, F-5: A source may give too much, the same task twice, or a task of another id."""
    many = [THEIRS, MINE, plain_item("other", user="u"), MINE.evolve(info=THEIRS.info), MINE]
    grants = Grants([FilterSpec(users={"u"})])
    assert list_tasks(Stored(many), FilterSpec(tasks={"mine"}), visibility=grants).items == (MINE,)
    assert list_tasks(Stored(many), visibility=lambda item: item.info.user == "u").items == (MINE, many[2])
    for visibility in (EVERYTHING, grants, lambda item: True):
        for wrong in (plain_item("MINE", user="u"), plain_item("mine ", user="u")):
            with pytest.raises(NotFound):
                get_task(Stored([wrong], wrong), "mine", visibility=visibility)
    with pytest.raises(NotFound):
        get_task(Stored([THEIRS], THEIRS), "theirs", visibility=grants)


WRONG_ANSWERS: list[Any] = [
    (5, "a source must give an iterable of ListItems, such as a list, not int"),
    (None, "a source must give an iterable of ListItems, such as a list, not NoneType"),
    ({"secret": MINE}, r"a source must give an iterable of ListItems, .*, not dict; return its values\(\)"),
    (["secret"], "a source must give ListItems, not str"),
    ([MagicMock(spec=ListItem)], "a source must give ListItems, not MagicMock"),
]


@pytest.mark.parametrize(("answer", "text"), WRONG_ANSWERS)
def test_list_tasks_with_answer_of_wrong_type_raises_type_error(answer: Any, text: str) -> None:
    """A-8, E-7: The error of select, scan and find names the type, and shows no stored data."""
    for visibility in (EVERYTHING, lambda item: True):
        with pytest.raises(TypeError, match=text) as caught:
            list_tasks(Stored(answer), visibility=visibility)
        assert "secret" not in str(caught.value)
    if answer is not None:
        with pytest.raises(TypeError, match=r"find must give a ListItem or None, not (int|dict|list)"):
            get_task(Stored(found=answer), "mine", visibility=EVERYTHING)


@pytest.mark.parametrize(
    "visibility", [EVERYTHING, Grants([FilterSpec(users={"u"})]), lambda item: item.info.user == "u"]
)
def test_cap_does_not_count_unwanted_answers(visibility: Any) -> None:
    """A-5, L-3: A list or an iterator may hold more tasks than the cap."""
    many = [*(plain_item(f"t{n}", user="v") for n in range(1500)), MINE]
    for answer in (many, lambda: iter(many), lambda: (item for item in many)):
        assert list_tasks(Stored(answer), FilterSpec(users={"u"}), visibility=visibility).items == (MINE,)
    with pytest.raises(ResourceInaccessible, match="More than 1000"):
        list_tasks(Stored(many), visibility=EVERYTHING)


def test_list_tasks_of_an_index_gives_its_tuple_without_a_copy() -> None:
    """L-7: The answers of an index are neither checked again nor copied."""
    index = TaskIndex(plain_item(f"t{n}", operation=f"o{n % 2}") for n in range(10))
    listed = [list_tasks(index, FilterSpec(services={"s"}), visibility=EVERYTHING).items for _ in range(2)]
    assert listed[0] is listed[1]


def test_get_task_with_over_limit_answer_raises_resource_inaccessible() -> None:
    """L-5, L-4: get_task needs the one task of an id."""
    with pytest.raises(ResourceInaccessible) as caught:
        get_task(Stored(OVER_LIMIT), "mine", visibility=Grants([FilterSpec(users={"u"})]))
    assert str(caught.value.__cause__) == "the source has more than one task 'mine'"


def test_assignment_of_a_method_to_a_trusted_source_is_refused() -> None:
    """A-9: The package would trust a replaced method."""
    for source in (TaskIndex(ITEMS), SqlTaskSource(create_engine("sqlite://"), task_table(MetaData()))):
        with pytest.raises(AttributeError):
            source.select = lambda wanted, at_most: ITEMS  # type: ignore[method-assign]


def test_answers_of_a_subclass_of_an_index_are_checked() -> None:
    """A-9: The package trusts only the class itself, and no override."""

    class Careless(TaskIndex):
        def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
            return ITEMS

    assert list_tasks(Careless(ITEMS), visibility=Grants([FilterSpec(users={"u"})])).items == (MINE,)


# Sources are known by their real type


def test_mock_is_refused_as_filter_task_and_caller() -> None:
    """A-8: The real type counts, and not `__class__`."""
    caller, spec, item = (MagicMock(spec=kind) for kind in (Caller, FilterSpec, ListItem))
    assert isinstance(caller, Caller)
    with pytest.raises(TypeError, match="caller must be a Caller or None, not MagicMock"):
        authorize(caller)
    with pytest.raises(TypeError, match="filter must be a FilterSpec or None, not MagicMock"):
        list_tasks([], spec, visibility=EVERYTHING)
    with pytest.raises(TypeError, match="must be a FilterSpec, not MagicMock"):
        FilterSpec().intersection(spec)
    with pytest.raises(TypeError, match="an item of a TaskIndex must be a ListItem, not MagicMock"):
        TaskIndex([item])
    for source in ([item], lambda spec: [item], Stored([item])):
        with pytest.raises(TypeError, match="a source must give ListItems, not MagicMock"):
            list_tasks(source, visibility=EVERYTHING)


class Half:
    """Represent a TaskSource without scan."""

    def select(self, filter: FilterSpec, visibility: Any, at_most: int) -> list[ListItem]:
        return ITEMS

    def find(self, task: str) -> ListItem | None:
        return None


def test_list_tasks_with_source_without_scan_names_the_missing_method() -> None:
    """A-8, A-9: Such a source cannot answer."""
    assert not isinstance(Half(), TaskSource)
    with pytest.raises(TypeError, match=r"not Half; it has a select, but no scan$"):
        list_tasks(Half(), visibility=EVERYTHING)  # type: ignore[arg-type]


class Attribute(Stored):
    scan: Any = []  # noqa: RUF012


def test_list_tasks_with_source_that_is_not_one_gives_a_hint() -> None:
    """A-8: A hint names a scan that is not a method, or the values of a dict."""
    with pytest.raises(TypeError, match=r"not Attribute; it has a select, but no scan$"):
        list_tasks(Attribute(), visibility=EVERYTHING)
    with pytest.raises(TypeError, match=r", find, not str$"):
        list_tasks("tasks", visibility=EVERYTHING)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"not dict; write source.values\(\)$"):
        list_tasks({"t": MINE}, visibility=EVERYTHING)  # type: ignore[dict-item]


@pytest.mark.parametrize("source", [{"t": MINE}, "tasks", b"tasks", 5, None, object()])
def test_list_and_get_with_a_wrong_source_raise_type_error(source: Any) -> None:
    """A-8, E-7: The source is checked also where it would not be called."""
    for visibility in (EVERYTHING, NOTHING):
        with pytest.raises(
            TypeError, match=f"source must be an iterable of ListItems, .*, not {type(source).__name__}"
        ):
            list_tasks(source, visibility=visibility)
        with pytest.raises(TypeError, match=f"not {type(source).__name__}"):
            get_task(source, "t", visibility=visibility)


class Folded(str):
    """Represent an id that is equal to others, and has an arbitrary hash and str."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str(other).lower() == self.lower()

    def __hash__(self) -> int:
        return 5

    def __str__(self) -> str:
        return "theirs"


def test_get_task_with_a_str_subclass_reads_its_plain_text() -> None:
    """F-5, G-1: One id has one answer in each kind of source."""
    index = TaskIndex(ITEMS)
    odd, wrong = Folded("mine"), Folded("MINE")
    for source in (ITEMS, lambda spec: ITEMS, index, Stored(found=MINE)):
        assert get_task(source, odd, visibility=EVERYTHING) == MINE.info
        with pytest.raises(NotFound) as caught:
            get_task(source, wrong, visibility=EVERYTHING)
        assert caught.value.value.messages[0].args == ("MINE",)
        assert type(caught.value.value.messages[0].args[0]) is str
    assert index.find(odd) is MINE
    assert index.find(wrong) is None
    assert (odd in index, wrong in index, 5 in index) == (True, False, False)
    assert index.remove(wrong) is False
    assert index.remove(odd) is True
    for call in (index.find, index.remove):
        with pytest.raises(TypeError, match="task must be text, not int"):
            call(5)  # type: ignore[arg-type]
