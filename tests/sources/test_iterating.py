"""Test that a note names the unreadable row of a source, and that a listing closes its iterators."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest

from snaptasks import (
    EVERYTHING,
    FilterSpec,
    InvalidValue,
    ListItem,
    NotFound,
    ResourceInaccessible,
    TaskIndex,
    get_task,
    list_tasks,
)
from tests.building import plain_item
from tests.source_calls import notes
from tests.sources.example_sources import ITEMS, MINE, Stored

# Notes name the row


def broken() -> ListItem:
    return ListItem.from_json('{"task":"secret-task","info":{"status":"RUNNING"}}')


def rows() -> Iterator[ListItem]:
    yield from ITEMS
    yield broken()


@pytest.mark.parametrize("source", [rows(), lambda spec: rows(), Stored(rows)], ids=["iterable", "candidates", "scan"])
def test_list_tasks_with_unreadable_row_notes_its_place_on_the_cause(source: Any) -> None:
    """L-4: Only the log shows the place of the row."""
    with pytest.raises(ResourceInaccessible) as caught:
        list_tasks(source, visibility=lambda item: True)
    assert isinstance(caught.value.__cause__, InvalidValue)
    assert notes(caught.value.__cause__) == ["while reading row 3 of the source"]
    assert "3" not in str(caught.value)
    assert notes(caught.value) == []


def test_exception_of_a_source_gets_a_note_with_the_row() -> None:
    """E-7, L-4: The exception passes through; one of the 25 errors gets no note."""

    def failing(raised: Exception) -> Callable[[FilterSpec], Iterable[ListItem]]:
        def candidates(filter: FilterSpec) -> Iterator[ListItem]:
            yield MINE
            raise raised

        return candidates

    with pytest.raises(ZeroDivisionError) as bug:
        list_tasks(failing(ZeroDivisionError()), visibility=EVERYTHING)
    assert notes(bug.value) == ["while reading row 2 of the source"]
    own = NotFound(next(iter(ITEMS)).info.description)
    with pytest.raises(NotFound) as passed:
        list_tasks(failing(own), visibility=EVERYTHING)
    assert passed.value is own
    assert notes(own) == []


def test_exception_of_a_predicate_gets_no_note() -> None:
    """A-7: It is not an exception of the source."""

    def predicate(item: ListItem) -> bool:
        return bool(broken())

    for source in (ITEMS, lambda spec: iter(ITEMS), Stored(found=MINE), TaskIndex(ITEMS)):
        for call in (list_tasks, lambda source, visibility: get_task(source, "mine", visibility=visibility)):
            with pytest.raises(InvalidValue) as caught:
                call(source, visibility=predicate)
            assert notes(caught.value) == []


# A listing closes the iterators that it opens


def test_generator_of_candidates_is_closed_with_its_listing() -> None:
    """L-7: It is closed past the cap and when a predicate raises, whose exception comes out (A-7)."""
    events: list[str] = []

    def candidates(filter: FilterSpec) -> Iterator[ListItem]:
        try:
            for number in range(2000):
                yield plain_item(f"t{number}")
        finally:
            events.append("closed")
            if "fail" in events:
                raise RuntimeError("its end failed")

    with pytest.raises(ResourceInaccessible):
        list_tasks(candidates, visibility=EVERYTHING)
    assert events.pop() == "closed"
    kept = []
    try:
        list_tasks(candidates, visibility=lambda item: 1 // 0 == 1)
    except ZeroDivisionError as error:
        kept.append(error)  # with its traceback, which holds the frames
    assert events.pop() == "closed"
    assert get_task(candidates, "t5", visibility=EVERYTHING) == plain_item("t5").info
    assert events.pop() == "closed"
    events.append("fail")
    with pytest.raises(ZeroDivisionError):
        list_tasks(candidates, visibility=lambda item: 1 // 0 == 1)
    with pytest.raises(RuntimeError, match="its end failed"):
        get_task(candidates, "t5", visibility=EVERYTHING)


def test_iterator_of_an_iterable_class_is_closed_with_its_listing() -> None:
    """L-7, L-4: The generator of `__iter__` is closed too; its failures are failures of the source."""
    events: list[str] = []

    class Rows:
        def __iter__(self) -> Iterator[ListItem]:
            try:
                yield from ITEMS
            finally:
                events.append("closed")
                if len(events) > 2:
                    broken()

    class Unopened:
        def __iter__(self) -> Iterator[ListItem]:
            return iter([broken()])

    sources: list[Any] = [Rows(), lambda spec: Rows()]
    for source in sources:
        kept = []
        try:
            list_tasks(source, visibility=lambda item: 1 // 0 == 1)
        except ZeroDivisionError as error:
            kept.append(error)
    assert events == ["closed", "closed"]
    sources = [Rows(), Unopened()]
    for source in sources:
        with pytest.raises(ResourceInaccessible) as caught:
            get_task(source, "mine", visibility=EVERYTHING)
        assert isinstance(caught.value.__cause__, InvalidValue)


def test_exception_that_is_raised_again_gets_one_note() -> None:
    """L-4, E-7: This holds also for an exception with another add_note."""

    class Odd(Exception):
        def add_note(self, author: str, text: str) -> None:  # type: ignore[override]
            raise AssertionError

    for error in (Odd(), KeyError("a")):

        def failing(filter: FilterSpec, error: Exception = error) -> Iterator[ListItem]:
            yield from ()
            raise error

        for _ in range(3):
            with pytest.raises(type(error)) as caught:
                list_tasks(failing, visibility=EVERYTHING)
            assert caught.value is error
        assert notes(error) == ["while reading row 1 of the source"]


def test_iterator_of_the_caller_stays_open() -> None:
    """L-7: The caller may continue to read it."""
    own = (plain_item(f"t{number}") for number in range(2000))
    assert get_task(own, "t5", visibility=EVERYTHING) == plain_item("t5").info
    assert next(own).task == "t6"


def test_list_tasks_with_asynchronous_source_raises_type_error() -> None:
    """A-8: The error names handle_async for an async function and an async generator function."""

    async def awaited(filter: FilterSpec) -> list[ListItem]:
        return ITEMS

    async def one_by_one(filter: FilterSpec) -> AsyncIterator[ListItem]:
        yield MINE

    for source, name in (
        (awaited, "awaited must return an answer, not a coroutine"),
        (one_by_one, "a function or generator must return an answer, not async_generator_asend"),
    ):
        with pytest.raises(TypeError, match=f"{name}.*; await handle_async instead"):
            list_tasks(source, visibility=EVERYTHING)  # type: ignore[arg-type]
