"""Answers of a source: each is checked, and each source is known by its real type."""

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

# What is given is looked at


def test_what_was_not_wanted_is_not_shown() -> None:
    """A-9, A-3, F-5: of a source that gives too much, the same task twice, or another one than was asked for."""
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


NO_ANSWERS: list[Any] = [
    (5, "a source must give an iterable of ListItems, such as a list, not int"),
    (None, "a source must give an iterable of ListItems, such as a list, not NoneType"),
    ({"secret": MINE}, r"a source must give an iterable of ListItems, .*, not dict; give its values\(\)"),
    (["secret"], "a source must give ListItems, not str"),
    ([MagicMock(spec=ListItem)], "a source must give ListItems, not MagicMock"),
]


@pytest.mark.parametrize(("answer", "told"), NO_ANSWERS)
def test_what_is_no_answer_is_told_by_its_type(answer: Any, told: str) -> None:
    """A-8, E-7: of select and of scan; nothing of what is stored shows."""
    for visibility in (EVERYTHING, lambda item: True):
        with pytest.raises(TypeError, match=told) as caught:
            list_tasks(Stored(answer), visibility=visibility)
        assert "secret" not in str(caught.value)
    if answer is not None:
        with pytest.raises(TypeError, match=r"find must give a ListItem or None, not (int|dict|list)"):
            get_task(Stored(found=answer), "mine", visibility=EVERYTHING)


@pytest.mark.parametrize(
    "visibility", [EVERYTHING, Grants([FilterSpec(users={"u"})]), lambda item: item.info.user == "u"]
)
def test_what_was_not_wanted_does_not_count(visibility: Any) -> None:
    """A-5, L-3: not even for the cap; an iterator of what is wanted will do."""
    many = [*(plain_item(f"t{n}", user="v") for n in range(1500)), MINE]
    for answer in (many, lambda: iter(many), lambda: (item for item in many)):
        assert list_tasks(Stored(answer), FilterSpec(users={"u"}), visibility=visibility).items == (MINE,)
    with pytest.raises(ResourceInaccessible, match="More than 1000"):
        list_tasks(Stored(many), visibility=EVERYTHING)


def test_an_index_answers_with_what_it_holds() -> None:
    """L-7: nothing is looked at again, and nothing copied."""
    index = TaskIndex(plain_item(f"t{n}", operation=f"o{n % 2}") for n in range(10))
    listed = [list_tasks(index, FilterSpec(services={"s"}), visibility=EVERYTHING).items for _ in range(2)]
    assert listed[0] is listed[1]


def test_several_tasks_of_one_id_are_no_answer() -> None:
    """L-5, L-4: to whoever wants the one."""
    with pytest.raises(ResourceInaccessible) as caught:
        get_task(Stored(OVER_LIMIT), "mine", visibility=Grants([FilterSpec(users={"u"})]))
    assert str(caught.value.__cause__) == "the source has more than one task 'mine'"


def test_an_index_has_no_method_of_its_own() -> None:
    """A-9: what is put in the place of one would be trusted."""
    for source in (TaskIndex(ITEMS), SqlTaskSource(create_engine("sqlite://"), task_table(MetaData()))):
        with pytest.raises(AttributeError):
            source.select = lambda wanted, at_most: ITEMS  # type: ignore[method-assign]


def test_a_subclass_of_an_index_is_looked_at() -> None:
    """A-9: what the package trusts is the class itself, and no override."""

    class Careless(TaskIndex):
        def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
            return ITEMS

    assert list_tasks(Careless(ITEMS), visibility=Grants([FilterSpec(users={"u"})])).items == (MINE,)


# Kinds by the real type


def test_a_mock_is_nothing_that_it_says_to_be() -> None:
    """A-8: neither a caller, nor a filter, nor a task."""
    caller, spec, item = (MagicMock(spec=kind) for kind in (Caller, FilterSpec, ListItem))
    assert isinstance(caller, Caller)
    with pytest.raises(TypeError, match="caller must be a Caller or None, not MagicMock"):
        authorize(caller)
    with pytest.raises(TypeError, match="filter must be a FilterSpec or None, not MagicMock"):
        list_tasks([], spec, visibility=EVERYTHING)
    with pytest.raises(TypeError, match="must be a FilterSpec, not MagicMock"):
        FilterSpec().intersection(spec)
    with pytest.raises(TypeError, match="a TaskIndex holds ListItems, not MagicMock"):
        TaskIndex([item])
    for source in ([item], lambda spec: [item], Stored([item])):
        with pytest.raises(TypeError, match="a source must give ListItems, not MagicMock"):
            list_tasks(source, visibility=EVERYTHING)


class Half:
    """As a TaskSource was of old."""

    def select(self, filter: FilterSpec, visibility: Any, at_most: int) -> list[ListItem]:
        return ITEMS

    def find(self, task: str) -> ListItem | None:
        return None


def test_half_a_task_source_is_told_what_it_lacks() -> None:
    """A-8, A-9: it would not know what to answer."""
    assert not isinstance(Half(), TaskSource)
    with pytest.raises(TypeError, match=r"not Half; it has a select, but no scan$"):
        list_tasks(Half(), visibility=EVERYTHING)  # type: ignore[arg-type]


class Attribute(Stored):
    scan: Any = []  # noqa: RUF012


def test_a_method_that_is_none_is_told() -> None:
    """A-8: of what looks like a TaskSource."""
    with pytest.raises(TypeError, match=r"not Attribute; it has a select, but no scan$"):
        list_tasks(Attribute(), visibility=EVERYTHING)
    with pytest.raises(TypeError, match=r", find, not str$"):
        list_tasks("tasks", visibility=EVERYTHING)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"not dict; give its values\(\)$"):
        list_tasks({"t": MINE}, visibility=EVERYTHING)  # type: ignore[dict-item]


@pytest.mark.parametrize("source", [{"t": MINE}, "tasks", b"tasks", 5, None, object()])
def test_what_gives_no_tasks_is_no_source(source: Any) -> None:
    """A-8, E-7: also where nothing would be asked of it."""
    for visibility in (EVERYTHING, NOTHING):
        with pytest.raises(
            TypeError, match=f"a source must be an iterable of ListItems, .*, not {type(source).__name__}"
        ):
            list_tasks(source, visibility=visibility)
        with pytest.raises(TypeError, match=f"not {type(source).__name__}"):
            get_task(source, "t", visibility=visibility)


class Folded(str):
    """An id that is equal to others, and hashes as it likes."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str(other).lower() == self.lower()

    def __hash__(self) -> int:
        return 5

    def __str__(self) -> str:
        return "theirs"


def test_an_odd_id_is_its_text() -> None:
    """F-5, G-1: one id, one answer, whichever the source is."""
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
    for ask in (index.find, index.remove):
        with pytest.raises(TypeError, match="task must be text, not int"):
            ask(5)  # type: ignore[arg-type]
