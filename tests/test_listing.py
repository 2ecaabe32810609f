"""Test list_tasks and get_task by example (L, G)."""

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
from snaptasks._text import MAX_EXCERPT
from tests.building import ITEM, plain_item


def tasks(count: int, service: str = "s") -> list[ListItem]:
    one = plain_item("t", service=service)
    return [one.evolve(task=f"{service}{number}") for number in range(count)]


class Answering:
    """Represent a TaskSource with a fixed answer that records the arguments of its calls."""

    def __init__(self, answer: Sequence[ListItem] | OverLimit) -> None:
        self.answer = answer
        self.arguments: list[object] = []

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        self.arguments += [wanted, at_most]
        return self.answer

    def scan(self, wanted: Wanted) -> Sequence[ListItem]:
        self.arguments.append(wanted)
        return () if isinstance(self.answer, OverLimit) else self.answer

    def find(self, task: str) -> ListItem | None:
        return None if isinstance(self.answer, OverLimit) else next((i for i in self.answer if i.task == task), None)


def untouched(*args: object) -> Any:
    raise AssertionError("the source was touched")


class Untouched:
    """Represent an iterable TaskSource that fails when used."""

    def __iter__(self) -> Iterator[ListItem]:
        untouched()
        yield ITEM

    select = scan = find = untouched


# The cap


@pytest.mark.parametrize("count", [0, 1, 999, 1000])
def test_list_tasks_up_to_the_cap_returns_all(count: int) -> None:
    """L-1: Exactly 1000 is a success."""
    items = tasks(count)
    for source in (items, lambda spec: items, Answering(items)):
        assert list_tasks(source, visibility=EVERYTHING).items == tuple(items)
    assert MAX_RESULTS == 1000


@pytest.mark.parametrize("count", [1001, 1002, 5000])
def test_list_tasks_past_the_cap_raises_resource_inaccessible(count: int) -> None:
    """L-2: The error reports the cap and the remedy, but not the number of matches."""
    items = tasks(count)
    errors = set()
    for source in (items, lambda spec: items, Answering(items), Answering(OVER_LIMIT)):
        with pytest.raises(ResourceInaccessible) as caught:
            list_tasks(source, visibility=EVERYTHING)
        errors.add(caught.value)
    (error,) = errors
    assert str(error) == "More than 1000 tasks match. Narrow the filter."
    assert error.value.messages[0].args == ("1000",)


def test_list_tasks_does_not_count_a_hidden_1001st_task() -> None:
    """L-3, A-5: Hidden tasks do not count, wherever they stand."""
    for place in (0, 500, 1000):
        items = tasks(1000)
        items.insert(place, plain_item("hidden", service="hidden"))
        for visibility in (Grants([FilterSpec(services={"s"})]), lambda item: item.info.service == "s"):
            assert len(list_tasks(items, visibility=visibility).items) == 1000
        with pytest.raises(ResourceInaccessible):
            list_tasks(items, visibility=EVERYTHING)
        assert len(list_tasks(items, FilterSpec(services={"s"}), visibility=EVERYTHING).items) == 1000


def test_list_and_get_read_no_more_than_needed() -> None:
    """L-7: The 1001st visible match ends list_tasks, the first ends get_task; neither reads ahead."""
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


def test_list_tasks_keeps_the_order_of_the_source() -> None:
    """L-5: Names, statuses and times do not change the order, in any call."""
    items = [plain_item(name, service=name) for name in ("c", "a", "b", "\u00e4", "B")]
    for _ in range(2):
        assert [item.task for item in list_tasks(items, visibility=EVERYTHING).items] == ["c", "a", "b", "\u00e4", "B"]


def test_list_and_get_of_a_repeated_id_give_the_first_visible_match() -> None:
    """L-5: A hidden task, or one that does not match, does not hide the others of its id."""
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


def test_candidates_get_the_filter_and_are_matched_again() -> None:
    """L-5: A function may give too many tasks; get_task passes a filter with one id."""
    arguments = []

    def candidates(spec: FilterSpec) -> list[ListItem]:
        arguments.append(spec)
        return [plain_item("a"), plain_item("b")]

    spec = FilterSpec(tasks={"b"})
    assert [item.task for item in list_tasks(candidates, spec, visibility=EVERYTHING).items] == ["b"]
    assert get_task(candidates, "b", visibility=EVERYTHING) == plain_item("b").info
    assert arguments == [spec, spec]


def test_task_source_gets_one_wanted_of_filter_and_visibility() -> None:
    """L-1, A-9: The source gets no predicate."""
    item = plain_item("t", user="u")
    source = Answering([item])
    assert isinstance(source, TaskSource)
    mine = FilterSpec(users={"u"})
    for visibility, filters in (
        (EVERYTHING, [FilterSpec()]),
        (Grants([mine, FilterSpec(tasks={"x"})]), [mine, FilterSpec(tasks={"x"})]),
    ):
        assert list_tasks(source=source, filter=None, visibility=visibility).items == (item,)
        assert source.arguments == [Wanted(filters), MAX_RESULTS]
        source.arguments.clear()
    assert list_tasks(source, visibility=lambda item: True).items == (item,)
    assert source.arguments == [Wanted([FilterSpec()])]
    assert get_task(source=source, task="t", visibility=EVERYTHING) == item.info
    with pytest.raises(NotFound):
        get_task(source, "t", visibility=NOTHING)
    with pytest.raises(NotFound):
        get_task(source, "other", visibility=EVERYTHING)


def test_over_limit_keeps_its_identity_when_copied() -> None:
    """L-2: Code compares it by identity."""
    assert pickle.loads(pickle.dumps(OVER_LIMIT)) is copy.copy(OVER_LIMIT) is copy.deepcopy(OVER_LIMIT) is OVER_LIMIT
    assert repr(OVER_LIMIT) == "OVER_LIMIT"


async def coroutine(spec: FilterSpec) -> list[ListItem]:
    return [ITEM]


class Unready:
    """Represent an asynchronous TaskSource where a synchronous one belongs."""

    async def select(self, wanted: Wanted, at_most: int) -> list[ListItem]:
        return [ITEM]

    async def scan(self, wanted: Wanted) -> AsyncIterator[ListItem]:
        yield ITEM

    async def find(self, task: str) -> ListItem | None:
        return ITEM


@pytest.mark.parametrize(
    ("source", "type_name"),
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
def test_list_and_get_with_a_wrong_source_raise_type_error(source: Any, type_name: str) -> None:
    """E-7: A programmer's error is a TypeError, which names the type and shows no stored data."""
    for call in (
        lambda: list_tasks(source, visibility=EVERYTHING),
        lambda: get_task(source, "t", visibility=EVERYTHING),
    ):
        with pytest.raises(TypeError, match=type_name) as caught:
            call()
        assert "secret" not in str(caught.value)


# Unreadable rows


def broken_row() -> ListItem:
    return ITEM.evolve(info=ITEM.info.evolve(status=Status.PENDING))


def unreadable_row() -> ListItem:
    return ListItem.from_json('{"task":"secret-task","info":{"status":"RUNNING"}}')


@pytest.mark.parametrize(("row", "kind"), [(broken_row, ValidationError), (unreadable_row, InvalidValue)])
def test_list_and_get_with_unreadable_row_raise_resource_inaccessible(row: Any, kind: type[Exception]) -> None:
    """L-4: The error shows no part of the row, and has the original error as its cause; no partial list is returned."""

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


def test_exception_of_a_source_passes_through() -> None:
    """L-9, E-7: One of the 25 errors and a bug of the source are both visible."""
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
def test_list_and_get_check_arguments_before_they_use_the_source(source: Any) -> None:
    """L-6: The arguments are the filter, its scope, the visibility and the id."""
    wrong_filters: list[Any] = [{"tasks": ["t"]}, "tasks=t", [], ITEM]
    for wrong in wrong_filters:
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


# get_task


def test_get_task_returns_the_info() -> None:
    """G-1."""
    assert get_task(tasks(3), "s1", visibility=EVERYTHING) == ITEM.info


@pytest.mark.parametrize("task", ["nobody", "", "x" * 1_000_000, "\ud800", "a\nb"])
def test_get_task_with_unknown_id_raises_not_found(task: str) -> None:
    """G-1: The id stands in the message's args, bounded in length and valid as text."""
    with pytest.raises(NotFound) as caught:
        get_task(tasks(3), task, visibility=EVERYTHING)
    (message,) = caught.value.value.messages
    (shown,) = message.args
    assert len(shown) <= MAX_EXCERPT
    assert task.startswith(shown[:-1].replace("?", "\ud800"))
    assert caught.value.error_type is ErrorType.NOT_FOUND
    assert caught.value.value.to_json()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("names", [["select"], ["find"], ["select", "find"], ["select", "scan", "find"]], ids=" ".join)
def test_list_subclass_with_source_methods_is_read_as_a_list(names: list[str]) -> None:
    """A-8, L-1, G-1: Its methods select, scan and find are not called."""
    source = type("Findable", (list,), dict.fromkeys(names, untouched))([ITEM])
    assert list_tasks(source, visibility=EVERYTHING).items == (ITEM,)
    assert get_task(source, "t", visibility=EVERYTHING) == ITEM.info
