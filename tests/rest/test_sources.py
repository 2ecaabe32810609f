"""Sources behind the boundary: rows that cannot be read, checks that fail, and how a listing ends (A-7, L-4, L-7, L-9)."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from snaptasks import FilterSpec, InvalidValue, ListItem, TaskIndex, Wanted, rest
from tests.building import broken, plain_item
from tests.rest.example_service import (
    ITEMS,
    TASKS,
    Asynchronous,
    answer_async,
    ask,
    async_sources,
    authenticate,
    error_of,
    tasks_of,
    text_of,
    unreadable,
    visibility,
)

SHORT: list[bool] = []


def test_the_cap() -> None:
    """L-1, L-2, E-2: 1000 are sent, 1001 are RESOURCE_INACCESSIBLE."""
    index = TaskIndex(plain_item(f"t{number}") for number in range(1000))
    assert len(tasks_of(ask(source=index))) == 1000
    index.put(plain_item("one more"))
    assert error_of(ask(source=index)) == (500, "RESOURCE_INACCESSIBLE")
    assert text_of(ask(source=index)) == "More than 1000 tasks match. Narrow the filter."


def unbuildable() -> ListItem:
    return ITEMS[0].evolve(task="")


@pytest.mark.parametrize(("row", "kind"), [(unreadable, InvalidValue), (unbuildable, ValidationError)])
def test_a_row_that_is_no_task(row: Any, kind: type[Exception]) -> None:
    """L-4: the client hears that a state cannot be read, the embedder which."""

    class Stored:
        def select(self, *_: object) -> object:
            return [row()]

        scan = select

        def find(self, task: str) -> object:
            return row()

    class Slow(Stored):
        async def select(self, *_: object) -> object:
            return [row()]

        async def find(self, task: str) -> object:
            return row()

    async def candidates(filter: FilterSpec) -> object:
        return [row()]

    for source in (lambda spec: [row()], lambda spec: (row() for _ in "x"), Stored(), Slow(), candidates):
        for target in (TASKS, TASKS + "/a"):
            told: list[Exception] = []
            response = answer_async(target, source, on_error=told.append)
            assert error_of(response) == (500, "RESOURCE_INACCESSIBLE")
            assert b"secret" not in response.body
            assert [type(error) for error in told] == [kind]


def test_a_visibility_check_that_cannot_read() -> None:
    """W-3, A-7: InvalidValue is L-4, whichever way the task came; ValidationError is nobody's but a programmer's."""

    def check(row: Any) -> Any:
        return lambda caller: lambda item: bool(row())

    for source in async_sources(ITEMS):
        for target in (TASKS, TASKS + "/a"):
            told: list[Exception] = []
            response = answer_async(target, source, visibility=check(unreadable), on_error=told.append)
            assert error_of(response) == (500, "RESOURCE_INACCESSIBLE")
            response = answer_async(target, source, visibility=check(unbuildable), on_error=told.append)
            assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
            assert [type(error) for error in told] == [InvalidValue, ValidationError]
    factory = ask(visibility=lambda caller: unreadable())
    assert error_of(factory) == (500, "RESOURCE_INACCESSIBLE")
    token = ask(authenticate=lambda request: unreadable())
    assert error_of(token) == (500, "INTERNAL_SERVER_ERROR")


def test_a_check_that_fails_in_silence_shows_no_partial_list() -> None:
    """A-7: whatever a source makes of what the check raised: an end of its own iteration, or nothing at all."""

    def stops(item: ListItem) -> bool:
        return item.task == "a" or next(iter([]))

    def fails(item: ListItem) -> bool:
        return item.task == "a" or bool(broken(item))

    def ends(item: ListItem) -> bool:
        return item.task == "a" or bool(SHORT[1])

    def ends_async(item: ListItem) -> bool:
        if item.task == "a":
            return True
        raise StopAsyncIteration

    class Lazy(Sequence[ListItem]):
        """Items that are got one by one, until an IndexError says that there are no more."""

        def __len__(self) -> int:
            return len(ITEMS)

        def __getitem__(self, at: Any) -> Any:
            return ITEMS[at]

    class Stored:
        def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem]:
            return Lazy()

        def scan(self, wanted: Wanted) -> Iterable[ListItem]:
            return Lazy()

        def find(self, task: str) -> ListItem | None:
            return next((item for item in ITEMS if item.task == task), None)

    for check, kind in (
        (stops, RuntimeError),
        (fails, RuntimeError),
        (ends, IndexError),
        (ends_async, StopAsyncIteration),
    ):
        for source in (Lazy(), lambda spec: Lazy(), Stored(), *async_sources(ITEMS)):
            told: list[Exception] = []
            response = answer_async(TASKS, source, visibility=lambda caller: check, on_error=told.append)  # noqa: B023
            assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
            assert [type(error) for error in told] == [kind]
            assert error_of(answer_async(TASKS + "/hidden", source, visibility=lambda caller: check))[0] == 500  # noqa: B023


def test_a_future_is_no_source() -> None:
    """A-8, L-4: one that is done can be iterated, and gives nothing."""

    async def main() -> list[rest.Response]:
        future: asyncio.Future[list[ListItem]] = asyncio.get_running_loop().create_future()
        future.set_result(ITEMS)

        async def gives_a_future(filter: FilterSpec) -> object:
            return future

        request = rest.Request("GET", TASKS, {"authorization": "root"})
        options: dict[str, Any] = {"authenticate": authenticate, "visibility": visibility}
        with pytest.raises(TypeError, match=r"a source must be .*, not Future"):
            rest.Service(future, **options)  # type: ignore[arg-type]
        sources: list[Any] = [gives_a_future]
        return [await rest.Service(source, **options).handle_async(request) for source in sources]

    assert [error_of(response) for response in asyncio.run(main())] == [(500, "INTERNAL_SERVER_ERROR")]


def test_over_the_cap_of_an_asynchronous_source() -> None:
    """L-2: also where it answers with more than it was asked for."""
    many = [plain_item(f"t{number}") for number in range(1001)]

    class TooMany(Asynchronous):
        async def select(self, *_: object) -> list[ListItem]:
            return many

    for source in (*async_sources(many), TooMany(many)):
        assert error_of(answer_async(TASKS, source)) == (500, "RESOURCE_INACCESSIBLE")


def test_a_task_group_inside_of_a_source_ends_with_it() -> None:
    """L-7, A-7: that it was told to end is no failure, and hides none."""

    async def grouped(filter: FilterSpec) -> AsyncIterator[ListItem]:
        async with asyncio.TaskGroup():
            for number in range(2000):
                yield plain_item(f"t{number}")

    async def failing_at_its_end(filter: FilterSpec) -> AsyncIterator[ListItem]:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(60))
                yield ITEMS[0]
                yield ITEMS[0]
        finally:
            raise BaseExceptionGroup("its own", [GeneratorExit(), ValueError("secret")])

    assert answer_async(TASKS + "/t7", grouped).status == 200
    assert error_of(answer_async(TASKS, grouped)) == (500, "RESOURCE_INACCESSIBLE")
    told: list[Exception] = []
    response = answer_async(TASKS, grouped, visibility=lambda caller: lambda item: 1 // 0 == 1, on_error=told.append)
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert [*map(type, told)] == [ZeroDivisionError]
    with pytest.raises(BaseExceptionGroup, match="its own"):
        answer_async(TASKS + "/a", failing_at_its_end)


def test_the_embedder_hears_which_row_cannot_be_read() -> None:
    """L-4: in the traceback that its log shows; the client hears nothing of it."""
    told: list[str] = []

    def tell(error: Exception) -> None:
        told.extend(getattr(error, "__notes__", []))

    async def one_by_one(filter: FilterSpec) -> AsyncIterator[ListItem]:
        yield ITEMS[0]
        yield unreadable()

    response = answer_async(TASKS, one_by_one, on_error=tell)
    assert error_of(response) == (500, "RESOURCE_INACCESSIBLE")
    assert told == ["while row 2 of the source was read"]
    assert b"row" not in response.body


def test_an_async_generator_ends_with_its_listing() -> None:
    """L-7: when there are enough, and when a predicate raises."""
    ended: list[int] = []

    async def one_by_one(filter: FilterSpec) -> AsyncIterator[ListItem]:
        number = 0
        try:
            for number in range(5000):
                yield plain_item(f"t{number}")
        finally:
            ended.append(number)

    assert error_of(answer_async(TASKS, one_by_one)) == (500, "RESOURCE_INACCESSIBLE")
    assert answer_async(TASKS + "/t7", one_by_one).status == 200
    assert error_of(answer_async(TASKS, one_by_one, visibility=lambda caller: broken))[0] == 500
    assert ended == [1000, 7, 0]
