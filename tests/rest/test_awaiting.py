"""Services under an event loop: what is awaited, what is cancelled, and what happens without a loop (W-3, A-8, E-7)."""

import asyncio
from typing import Any, NoReturn

import pytest

from snaptasks import Caller, FilterSpec, ListItem, ServiceUnavailable, rest
from tests.building import MESSAGE, broken
from tests.rest.example_service import (
    ITEMS,
    TASKS,
    Asynchronous,
    answer_async,
    ask,
    async_sources,
    authenticate,
    error_of,
    slow_caller,
    slow_visibility,
    tasks_of,
    visibility,
)


@pytest.mark.parametrize("number", range(len(async_sources([]))))
@pytest.mark.parametrize("who", ["root", "u", "guest", "nobody"])
def test_every_source_gives_the_same_to_whoever_awaits(number: int, who: str) -> None:
    """W-3: the same decisions, and the same bytes, with and without an event loop."""
    for target in (TASKS, TASKS + "?users=u", TASKS + "/a", TASKS + "/hidden", TASKS + "?x", TASKS + "/%"):
        for method in ("GET", "HEAD", "POST"):
            source = async_sources(ITEMS)[number]
            assert answer_async(target, source, who=who, method=method) == ask(target, who=who, method=method)


def test_what_fails_while_it_is_awaited() -> None:
    """E-7, W-3: as if it had failed at once."""

    async def failing(*_: object) -> NoReturn:
        await asyncio.sleep(0)
        raise RuntimeError("secret")

    async def refusing(*_: object) -> NoReturn:
        await asyncio.sleep(0)
        raise ServiceUnavailable(MESSAGE)

    for where in ("source", "visibility", "authenticate"):
        told: list[Exception] = []
        response = answer_async(TASKS, **{where: failing}, on_error=told.append)
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
        assert [repr(error) for error in told] == ["RuntimeError('secret')"]
        assert error_of(answer_async(TASKS, **{where: refusing})) == (503, "SERVICE_UNAVAILABLE")


def test_an_asynchronous_hook_is_awaited() -> None:
    """E-7: and cannot break the answer either."""
    told: list[Exception] = []

    async def tell(error: Exception) -> None:
        await asyncio.sleep(0)
        told.append(error)
        raise ValueError

    assert error_of(answer_async(TASKS, broken, on_error=tell)) == (500, "INTERNAL_SERVER_ERROR")
    assert [repr(error) for error in told] == ["RuntimeError('secret')"]


def test_an_asynchronous_hook_without_an_event_loop_is_warned_of() -> None:
    """E-7: by Python itself, for nobody hears of the exception otherwise."""

    async def tell(error: Exception) -> None:
        raise AssertionError

    request = rest.Request("GET", TASKS)
    service: rest.Service = rest.Service(ITEMS, authenticate=broken, visibility=visibility, on_error=tell)
    with pytest.warns(RuntimeWarning, match="tell' was never awaited"):
        response = service.handle(request)
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")


def test_a_cancellation_goes_through() -> None:
    """W-3: and ends what was awaited."""

    async def main() -> list[str]:
        seen = []

        async def forever(request: rest.Request) -> None:
            seen.append("asked")
            try:
                await asyncio.Event().wait()
            finally:
                seen.append("ended")

        request = rest.Request("GET", TASKS)
        service = rest.Service(ITEMS, authenticate=forever, visibility=visibility)
        task = asyncio.create_task(service.handle_async(request))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return seen

    assert asyncio.run(main()) == ["asked", "ended"]


def test_a_future_is_not_awaited_without_an_event_loop() -> None:
    """A-8: and no caller either, whether or not it is done; the embedder hears what to do."""

    async def main() -> tuple[rest.Response, list[Exception]]:
        told: list[Exception] = []
        future: asyncio.Future[Caller | None] = asyncio.get_running_loop().create_future()
        future.set_result(authenticate(rest.Request("GET", TASKS, {"authorization": "u"})))
        service: Any = rest.Service(
            ITEMS, authenticate=lambda request: future, visibility=visibility, on_error=told.append
        )
        return service.handle(rest.Request("GET", TASKS)), told

    response, told = asyncio.run(main())
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert [str(error) for error in told] == ["a function or generator gave Future; await handle_async instead"]


def test_nothing_is_awaited_without_an_event_loop() -> None:
    """A-8: a coroutine is truthy, and no caller; it is closed, and the embedder told what to do."""

    async def check(item: ListItem) -> bool:
        return True

    request = rest.Request("GET", TASKS, {"authorization": "root"})
    for options in (
        {"authenticate": slow_caller},
        {"visibility": slow_visibility},
        {"visibility": lambda caller: check},
        {"source": Asynchronous(ITEMS)},
    ):
        told: list[Exception] = []
        given: dict[str, Any] = {"authenticate": authenticate, "visibility": visibility, "source": ITEMS, **options}
        response = rest.Service(given.pop("source"), **given, on_error=told.append).handle(request)
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
        assert [type(error) for error in told] == [TypeError]
        assert "async function" in str(told[0])
    for options, name in (({"authenticate": slow_caller}, "slow_caller"), ({"source": Asynchronous(ITEMS)}, "select")):
        told = []
        given = {"authenticate": authenticate, "visibility": visibility, "source": ITEMS, **options}
        rest.Service(given.pop("source"), **given, on_error=told.append).handle(request)
        assert f"{name} gave a coroutine" in str(told[0])
        assert "await handle_async instead" in str(told[0])
    told = []
    assert error_of(answer_async(TASKS, visibility=lambda caller: check, on_error=told.append))[0] == 500
    assert "async function" in str(told[0])


def test_an_awaitable_that_is_no_coroutine() -> None:
    """W-3: a future or a task will do, too."""

    async def main() -> rest.Response:
        future: asyncio.Future[Caller | None] = asyncio.get_running_loop().create_future()
        future.set_result(authenticate(rest.Request("GET", TASKS, {"authorization": "u"})))
        service = rest.Service(ITEMS, authenticate=lambda request: future, visibility=visibility)
        return await service.handle_async(rest.Request("GET", TASKS))

    assert tasks_of(asyncio.run(main())) == ["a", "b/c"]


def test_an_inner_task_that_was_cancelled_is_a_failure_of_the_source() -> None:
    """W-3: the request itself was not cancelled, and is answered; where it was, that goes through."""

    async def main() -> tuple[rest.Response, list[Exception]]:
        told: list[Exception] = []
        inner = asyncio.ensure_future(asyncio.sleep(60))
        inner.cancel()

        async def candidates(filter: FilterSpec) -> list[ListItem]:
            await inner
            return ITEMS

        service = rest.Service(candidates, authenticate=authenticate, visibility=visibility, on_error=told.append)
        return await service.handle_async(rest.Request("GET", TASKS, {"authorization": "root"})), told

    response, told = asyncio.run(main())
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert [str(error) for error in told] == ["a task or future that was waited for was cancelled"]
    assert isinstance(told[0].__cause__, asyncio.CancelledError)


def test_a_cancelled_future_that_is_looked_at_is_a_failure_too() -> None:
    """W-3: wherever it comes up, in a task that was not cancelled itself; without an event loop a cancellation goes through."""

    async def main(where: str) -> rest.Response:
        dead: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        dead.cancel()
        options: dict[str, Any] = {"source": ITEMS, "authenticate": authenticate, "visibility": visibility}
        fails = lambda _: dead.result()  # noqa: E731
        options |= {"visibility": lambda caller: fails} if where == "predicate" else {where: fails}
        service = rest.Service(options.pop("source"), **options)
        return await service.handle_async(rest.Request("GET", TASKS, {"authorization": "root"}))

    for where in ("source", "authenticate", "visibility", "predicate"):
        assert error_of(asyncio.run(main(where))) == (500, "INTERNAL_SERVER_ERROR")
