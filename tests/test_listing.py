"""Listing and getting: what an example shows (L, G)."""

import copy
import pickle
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from snaptasks import (
    EVERYTHING,
    MAX_RESULTS,
    NOTHING,
    OVER_LIMIT,
    ErrorType,
    FilterSpec,
    Grants,
    InvalidArgument,
    InvalidValue,
    ListItem,
    LocalizableMessage,
    NotFound,
    OverLimit,
    ResourceInaccessible,
    ServiceUnavailable,
    Status,
    TaskSource,
    Wanted,
    get_task,
    list_tasks,
)
from snaptasks._text import MAX_SHOWN
from tests.building import ITEM, plain_item


def tasks(count: int, service: str = "s") -> list[ListItem]:
    one = plain_item("t", service=service)
    return [one.evolve(task=f"{service}{number}") for number in range(count)]


class Answering:
    """A TaskSource with a given answer, which remembers what it was asked."""

    def __init__(self, answer: Sequence[ListItem] | OverLimit) -> None:
        self.answer = answer
        self.asked: list[object] = []

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        self.asked += [wanted, at_most]
        return self.answer

    def scan(self, wanted: Wanted) -> Sequence[ListItem]:
        self.asked.append(wanted)
        return () if isinstance(self.answer, OverLimit) else self.answer

    def find(self, task: str) -> ListItem | None:
        return None if isinstance(self.answer, OverLimit) else next((i for i in self.answer if i.task == task), None)


def untouched(*args: object) -> Any:
    raise AssertionError("the source was touched")


class Untouched:
    """Sources of three kinds that fail when touched."""

    def __iter__(self) -> Iterator[ListItem]:
        untouched()
        yield ITEM

    select = scan = find = untouched


# The cap


@pytest.mark.parametrize("count", [0, 1, 999, 1000])
def test_up_to_the_cap_all_are_returned(count: int) -> None:
    """L-1: exactly 1000 is a success."""
    items = tasks(count)
    for source in (items, lambda spec: items, Answering(items)):
        assert list_tasks(source, visibility=EVERYTHING).items == tuple(items)
    assert MAX_RESULTS == 1000


@pytest.mark.parametrize("count", [1001, 1002, 5000])
def test_past_the_cap_there_is_no_list(count: int) -> None:
    """L-2: RESOURCE_INACCESSIBLE, which says the cap and what to do, and not how many there are."""
    items = tasks(count)
    told = set()
    for source in (items, lambda spec: items, Answering(items), Answering(OVER_LIMIT)):
        with pytest.raises(ResourceInaccessible) as caught:
            list_tasks(source, visibility=EVERYTHING)
        told.add(caught.value)
    (error,) = told
    assert str(error) == "More than 1000 tasks match. Narrow the filter."
    assert error.value.messages[0].args == ("1000",)


def test_a_hidden_task_that_would_have_been_the_1001st() -> None:
    """L-3, A-5: hidden tasks do not count, wherever they stand."""
    for place in (0, 500, 1000):
        items = tasks(1000)
        items.insert(place, plain_item("hidden", service="hidden"))
        for visibility in (Grants([FilterSpec(services={"s"})]), lambda item: item.info.service == "s"):
            assert len(list_tasks(items, visibility=visibility).items) == 1000
        with pytest.raises(ResourceInaccessible):
            list_tasks(items, visibility=EVERYTHING)
        assert len(list_tasks(items, FilterSpec(services={"s"}), visibility=EVERYTHING).items) == 1000


def test_not_more_is_examined_than_needed() -> None:
    """L-7: the 1001st visible match ends the search, the first one ends getting; nothing is read ahead."""
    read: list[str] = []

    def endless() -> Iterator[ListItem]:
        number = 0
        while True:
            read.append(f"t{number}")
            yield ITEM.evolve(task=f"t{number}")
            number += 1

    with pytest.raises(ResourceInaccessible):
        list_tasks(endless(), visibility=EVERYTHING)
    assert len(read) == 1001
    read.clear()
    assert get_task(endless(), "t4", visibility=EVERYTHING) == ITEM.info
    assert len(read) == 5


# Order and repetition


def test_the_order_is_the_sources_own() -> None:
    """L-5: whatever the names, statuses and times are, and at each call."""
    items = [plain_item(name, service=name) for name in ("c", "a", "b", "\u00e4", "B")]
    for _ in range(2):
        assert [item.task for item in list_tasks(items, visibility=EVERYTHING).items] == ["c", "a", "b", "\u00e4", "B"]


def test_of_a_repeated_id_the_first_visible_match_stands() -> None:
    """L-5: for list and get; a hidden one or one that does not match does not stand in for the others."""
    hidden, first, second = (plain_item("t", user=user) for user in ("hidden", "first", "second"))
    items = [hidden, first, second, plain_item("other")]

    def visible(item: ListItem) -> bool:
        return item.info.user != "hidden"

    for source in (items, lambda spec: items):
        assert list_tasks(source, visibility=visible).items == (first, items[3])
        assert get_task(source, "t", visibility=visible).user == "first"
        assert list_tasks(source, FilterSpec(users={"second"}), visibility=visible).items == (second,)
        with pytest.raises(NotFound):
            get_task(source, "t", visibility=NOTHING)


# Sources


def test_candidates_are_asked_with_the_filter_and_judged_again() -> None:
    """L-5: a function may give too many; get asks for the one id."""
    asked = []

    def candidates(spec: FilterSpec) -> list[ListItem]:
        asked.append(spec)
        return [plain_item("a"), plain_item("b")]

    spec = FilterSpec(tasks={"b"})
    assert [item.task for item in list_tasks(candidates, spec, visibility=EVERYTHING).items] == ["b"]
    assert get_task(candidates, "b", visibility=EVERYTHING) == plain_item("b").info
    assert asked == [spec, spec]


def test_a_task_source_is_asked_once_for_all() -> None:
    """L-1, A-9: filter and visibility are one question; of a predicate it hears nothing."""
    item = plain_item("t", user="u")
    source = Answering([item])
    assert isinstance(source, TaskSource)
    mine = FilterSpec(users={"u"})
    for visibility, filters in (
        (EVERYTHING, [FilterSpec()]),
        (Grants([mine, FilterSpec(tasks={"x"})]), [mine, FilterSpec(tasks={"x"})]),
    ):
        assert list_tasks(source=source, filter=None, visibility=visibility).items == (item,)
        assert source.asked == [Wanted(filters), MAX_RESULTS]
        source.asked.clear()
    assert list_tasks(source, visibility=lambda item: True).items == (item,)
    assert source.asked == [Wanted([FilterSpec()])]
    assert get_task(source=source, task="t", visibility=EVERYTHING) == item.info
    with pytest.raises(NotFound):
        get_task(source, "t", visibility=NOTHING)
    with pytest.raises(NotFound):
        get_task(source, "other", visibility=EVERYTHING)


def test_over_limit_is_one() -> None:
    """L-2: it is known by its identity."""
    assert pickle.loads(pickle.dumps(OVER_LIMIT)) is copy.copy(OVER_LIMIT) is copy.deepcopy(OVER_LIMIT) is OVER_LIMIT
    assert repr(OVER_LIMIT) == "OVER_LIMIT"


async def coroutine(spec: FilterSpec) -> list[ListItem]:
    return [ITEM]


class Unready:
    """An asynchronous TaskSource, where a synchronous one belongs."""

    async def select(self, wanted: Wanted, at_most: int) -> list[ListItem]:
        return [ITEM]

    async def scan(self, wanted: Wanted) -> AsyncIterator[ListItem]:
        yield ITEM

    async def find(self, task: str) -> ListItem | None:
        return ITEM


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (5, "int"),
        (None, "NoneType"),
        (lambda spec: None, "NoneType"),
        ({"t": ITEM}, "dict"),
        (["secret"], "str"),
        ([None], "NoneType"),
        (coroutine, "coroutine"),
        (Unready(), "coroutine"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_source_is_told_by_its_type(source: Any, told: str) -> None:
    """E-7: a mistake of the programmer is a TypeError, which shows nothing of what is stored."""
    for call in (
        lambda: list_tasks(source, visibility=EVERYTHING),
        lambda: get_task(source, "t", visibility=EVERYTHING),
    ):
        with pytest.raises(TypeError, match=told) as caught:
            call()
        assert "secret" not in str(caught.value)


# What cannot be read


def broken_row() -> ListItem:
    return ITEM.evolve(info=ITEM.info.evolve(status=Status.PENDING))


def unreadable_row() -> ListItem:
    return ListItem.from_json('{"task":"secret-task","info":{"status":"RUNNING"}}')


@pytest.mark.parametrize(("row", "kind"), [(broken_row, ValidationError), (unreadable_row, InvalidValue)])
def test_a_row_that_is_no_task_makes_the_state_inaccessible(row: Any, kind: type[Exception]) -> None:
    """L-4: no partial list, nothing of the row in the text, the original as the cause."""

    def rows() -> Iterator[ListItem]:
        yield ITEM
        yield row()

    class Stored:
        def select(self, wanted: Wanted, at_most: int) -> list[ListItem]:
            return [*self.scan(wanted)]

        def scan(self, wanted: Wanted) -> Iterator[ListItem]:
            return filter(wanted.matches, rows())

        def find(self, task: str) -> ListItem | None:
            return next((item for item in rows() if item.task == task), None)

    for source in (rows(), lambda spec: rows(), lambda spec: [row()], Stored()):
        with pytest.raises(ResourceInaccessible) as caught:
            list_tasks(source, visibility=lambda item: True)
        assert isinstance(caught.value.__cause__, kind)
        assert "secret" not in repr(caught.value)
        assert "RUNNING" not in repr(caught.value)
    for source in (rows(), lambda spec: rows(), Stored()):
        with pytest.raises(ResourceInaccessible) as caught:
            get_task(source, "nobody", visibility=EVERYTHING)
        assert isinstance(caught.value.__cause__, kind)


def test_an_unreachable_service_passes_through() -> None:
    """L-9, E-7: the source's own error, and a bug of its own, are not hidden."""
    down = ServiceUnavailable(LocalizableMessage(id="m", default_message="no database"))
    for raised in (down, ConnectionError("secret"), KeyError("a")):

        def failing(spec: FilterSpec, raised: Exception = raised) -> list[ListItem]:
            raise raised

        def failing_late(raised: Exception = raised) -> Iterator[ListItem]:
            yield ITEM
            raise raised

        for source in (failing, failing_late()):
            with pytest.raises(type(raised)) as caught:
                list_tasks(source, visibility=EVERYTHING)
            assert caught.value is raised


# Arguments


@pytest.mark.parametrize("source", [Untouched(), lambda spec: untouched()], ids=["source", "candidates"])
def test_arguments_are_checked_before_the_source_is_touched(source: Any) -> None:
    """L-6: the filter, its scope, the visibility and the id."""
    mistakes: list[Any] = [{"tasks": ["t"]}, "tasks=t", [], ITEM]
    for wrong in mistakes:
        with pytest.raises(TypeError, match="filter must be a FilterSpec or None"):
            list_tasks(source, wrong, visibility=EVERYTHING)
    with pytest.raises(InvalidArgument):
        list_tasks(source, FilterSpec(), visibility=EVERYTHING, require_scope=True)
    for nothing in (None, True, "EVERYTHING", FilterSpec(users={"u"})):
        with pytest.raises(TypeError, match="visibility must be"):
            list_tasks(source, visibility=nothing)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="visibility must be"):
            get_task(source, "t", visibility=nothing)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="visibility"):
        list_tasks(source)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="task must be text, not bytes"):
        get_task(source, b"t", visibility=EVERYTHING)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        get_task(source, "", visibility=EVERYTHING)


# Getting


def test_getting_returns_the_info() -> None:
    """G-1: of the one task."""
    assert get_task(tasks(3), "s1", visibility=EVERYTHING) == ITEM.info


@pytest.mark.parametrize("task", ["nobody", "", "x" * 1_000_000, "\ud800", "a\nb"])
def test_an_unknown_id_is_not_found(task: str) -> None:
    """G-1: the id stands in the message's args, bounded in length and fit to be written."""
    with pytest.raises(NotFound) as caught:
        get_task(tasks(3), task, visibility=EVERYTHING)
    (message,) = caught.value.value.messages
    (shown,) = message.args
    assert len(shown) <= MAX_SHOWN
    assert task.startswith(shown[:-1].replace("?", "\ud800"))
    assert caught.value.error_type is ErrorType.NOT_FOUND
    assert caught.value.value.to_json()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("names", [["select"], ["find"], ["select", "find"], ["select", "scan", "find"]], ids=" ".join)
def test_a_list_that_can_select_is_a_list(names: list[str]) -> None:
    """A-8, L-1, G-1: whatever methods it happens to have."""
    source = type("Findable", (list,), dict.fromkeys(names, untouched))([ITEM])
    assert list_tasks(source, visibility=EVERYTHING).items == (ITEM,)
    assert get_task(source, "t", visibility=EVERYTHING) == ITEM.info
