"""Test sources behind the boundary: unreadable rows, failing predicates and early ends (A-7, L-4, L-7, L-9)."""

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
    async_sources,
    authenticate,
    error_of,
    send,
    send_async,
    tasks_of,
    text_of,
    unreadable,
    visibility,
)

EMPTY: list[bool] = []


def test_service_past_the_cap_returns_resource_inaccessible() -> None:
    """L-1, L-2, E-2: Send 1000 tasks, and refuse 1001."""
    index = TaskIndex(plain_item(f"t{number}") for number in range(1000))
    assert len(tasks_of(send(source=index))) == 1000
    index.put(plain_item("one more"))
    assert error_of(send(source=index)) == (500, "RESOURCE_INACCESSIBLE")
    assert text_of(send(source=index)) == "More than 1000 tasks match. Narrow the filter."


def unbuildable() -> ListItem:
    """Raise ValidationError, as a mistake of a programmer does."""
    return ITEMS[0].evolve(task="")


@pytest.mark.parametrize(("row", "kind"), [(unreadable, InvalidValue), (unbuildable, ValidationError)])
def test_service_with_unreadable_row_returns_500_and_reports_the_reason(row: Any, kind: type[Exception]) -> None:
    """L-4: The client learns that a state is unreadable; on_error receives the reason."""

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
            reported: list[Exception] = []
            response = send_async(target, source, on_error=reported.append)
            assert error_of(response) == (500, "RESOURCE_INACCESSIBLE")
            assert b"secret" not in response.body
            assert [type(error) for error in reported] == [kind]


def test_service_with_visibility_that_cannot_read_returns_500() -> None:
    """W-3, A-7: InvalidValue means L-4, from any source; ValidationError is a bug."""

    def check(row: Any) -> Any:
        return lambda caller: lambda item: bool(row())

    for source in async_sources(ITEMS):
        for target in (TASKS, TASKS + "/a"):
            reported: list[Exception] = []
            response = send_async(target, source, visibility=check(unreadable), on_error=reported.append)
            assert error_of(response) == (500, "RESOURCE_INACCESSIBLE")
            response = send_async(target, source, visibility=check(unbuildable), on_error=reported.append)
            assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
            assert [type(error) for error in reported] == [InvalidValue, ValidationError]
    factory = send(visibility=lambda caller: unreadable())
    assert error_of(factory) == (500, "RESOURCE_INACCESSIBLE")
    token = send(authenticate=lambda request: unreadable())
    assert error_of(token) == (500, "INTERNAL_SERVER_ERROR")


def test_service_with_predicate_error_that_a_source_swallows_returns_500() -> None:
    """A-7: A source may take the error for the end of its iteration, or ignore it."""

    def stops(item: ListItem) -> bool:
        return item.task == "a" or next(iter([]))

    def fails(item: ListItem) -> bool:
        return item.task == "a" or bool(broken(item))

    def ends(item: ListItem) -> bool:
        return item.task == "a" or bool(EMPTY[1])

    def ends_async(item: ListItem) -> bool:
        if item.task == "a":
            return True
        raise StopAsyncIteration

    class Lazy(Sequence[ListItem]):
        """Represent a sequence that ends its iteration with an IndexError."""

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
            reported: list[Exception] = []
            response = send_async(TASKS, source, visibility=lambda caller: check, on_error=reported.append)  # noqa: B023
            assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
            assert [type(error) for error in reported] == [kind]
            assert error_of(send_async(TASKS + "/hidden", source, visibility=lambda caller: check))[0] == 500  # noqa: B023


def test_service_with_future_as_source_raises_or_returns_500() -> None:
    """A-8, L-4: A future that is done can be iterated and gives nothing."""

    async def main() -> list[rest.Response]:
        future: asyncio.Future[list[ListItem]] = asyncio.get_running_loop().create_future()
        future.set_result(ITEMS)

        async def gives_a_future(filter: FilterSpec) -> object:
            return future

        request = rest.Request("GET", TASKS, {"authorization": "root"})
        options: dict[str, Any] = {"authenticate": authenticate, "visibility": visibility}
        with pytest.raises(TypeError, match=r"source must be .*, not Future"):
            rest.Service(future, **options)  # type: ignore[arg-type]
        sources: list[Any] = [gives_a_future]
        return [await rest.Service(source, **options).handle_async(request) for source in sources]

    assert [error_of(response) for response in asyncio.run(main())] == [(500, "INTERNAL_SERVER_ERROR")]


def test_handle_async_past_the_cap_returns_resource_inaccessible() -> None:
    """L-2: This holds also for a source that returns more than at_most tasks."""
    many = [plain_item(f"t{number}") for number in range(1001)]

    class TooMany(Asynchronous):
        async def select(self, *_: object) -> list[ListItem]:
            return many

    for source in (*async_sources(many), TooMany(many)):
        assert error_of(send_async(TASKS, source)) == (500, "RESOURCE_INACCESSIBLE")


def test_handle_async_with_task_group_in_a_source_ends_the_group() -> None:
    """L-7, A-7: GeneratorExit in the group is not a failure, and does not hide one."""

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

    assert send_async(TASKS + "/t7", grouped).status == 200
    assert error_of(send_async(TASKS, grouped)) == (500, "RESOURCE_INACCESSIBLE")
    reported: list[Exception] = []
    response = send_async(TASKS, grouped, visibility=lambda caller: lambda item: 1 // 0 == 1, on_error=reported.append)
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert [*map(type, reported)] == [ZeroDivisionError]
    with pytest.raises(BaseExceptionGroup, match="its own"):
        send_async(TASKS + "/a", failing_at_its_end)


def test_on_error_receives_the_number_of_an_unreadable_row() -> None:
    """L-4: A note of the exception has the number; the client does not receive it."""
    reported: list[str] = []

    def report(error: Exception) -> None:
        reported.extend(getattr(error, "__notes__", []))

    async def one_by_one(filter: FilterSpec) -> AsyncIterator[ListItem]:
        yield ITEMS[0]
        yield unreadable()

    response = send_async(TASKS, one_by_one, on_error=report)
    assert error_of(response) == (500, "RESOURCE_INACCESSIBLE")
    assert reported == ["while reading row 2 of the source"]
    assert b"row" not in response.body


def test_handle_async_closes_an_async_generator_early() -> None:
    """L-7: Close it when there are enough tasks, and when a predicate raises."""
    ended: list[int] = []

    async def one_by_one(filter: FilterSpec) -> AsyncIterator[ListItem]:
        number = 0
        try:
            for number in range(5000):
                yield plain_item(f"t{number}")
        finally:
            ended.append(number)

    assert error_of(send_async(TASKS, one_by_one)) == (500, "RESOURCE_INACCESSIBLE")
    assert send_async(TASKS + "/t7", one_by_one).status == 200
    assert error_of(send_async(TASKS, one_by_one, visibility=lambda caller: broken))[0] == 500
    assert ended == [1000, 7, 0]
