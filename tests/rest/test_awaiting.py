"""Test services with awaitables and cancellations, with and without an event loop (W-3, A-8, E-7)."""

import asyncio
from typing import Any, NoReturn

import pytest

from snaptasks import Caller, FilterSpec, ListItem, ServiceUnavailable, rest
from tests.building import MESSAGE, broken
from tests.rest.example_service import (
    ITEMS,
    TASKS,
    Asynchronous,
    async_sources,
    authenticate,
    authenticate_async,
    error_of,
    send,
    send_async,
    tasks_of,
    visibility,
    visibility_async,
)


@pytest.mark.parametrize("number", range(len(async_sources([]))))
@pytest.mark.parametrize("caller", ["root", "u", "guest", "unknown"])
def test_handle_async_with_any_source_returns_the_response_of_handle(number: int, caller: str) -> None:
    """W-3: Decide alike, and send the same bytes, with and without an event loop."""
    for target in (TASKS, TASKS + "?users=u", TASKS + "/a", TASKS + "/hidden", TASKS + "?x", TASKS + "/%"):
        for method in ("GET", "HEAD", "POST"):
            source = async_sources(ITEMS)[number]
            assert send_async(target, source, caller=caller, method=method) == send(
                target, caller=caller, method=method
            )


def test_handle_async_with_failing_awaitable_returns_500_or_the_typed_error() -> None:
    """E-7, W-3: Answer as for a failure before the await."""

    async def failing(*_: object) -> NoReturn:
        await asyncio.sleep(0)
        raise RuntimeError("secret")

    async def refusing(*_: object) -> NoReturn:
        await asyncio.sleep(0)
        raise ServiceUnavailable(MESSAGE)

    for where in ("source", "visibility", "authenticate"):
        reported: list[Exception] = []
        response = send_async(TASKS, **{where: failing}, on_error=reported.append)
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
        assert [repr(error) for error in reported] == ["RuntimeError('secret')"]
        assert error_of(send_async(TASKS, **{where: refusing})) == (503, "SERVICE_UNAVAILABLE")


def test_handle_async_with_asynchronous_on_error_awaits_it() -> None:
    """E-7: An error of the hook does not change the response."""
    reported: list[Exception] = []

    async def report(error: Exception) -> None:
        await asyncio.sleep(0)
        reported.append(error)
        raise ValueError

    assert error_of(send_async(TASKS, broken, on_error=report)) == (500, "INTERNAL_SERVER_ERROR")
    assert [repr(error) for error in reported] == ["RuntimeError('secret')"]


def test_handle_with_asynchronous_on_error_raises_runtime_warning() -> None:
    """E-7: Python itself warns, because otherwise no one would see the exception."""

    async def report(error: Exception) -> None:
        raise AssertionError

    request = rest.Request("GET", TASKS)
    service: rest.Service = rest.Service(ITEMS, authenticate=broken, visibility=visibility, on_error=report)
    with pytest.warns(RuntimeWarning, match="report' was never awaited"):
        response = service.handle(request)
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")


def test_handle_async_with_cancellation_ends_the_awaitable_and_raises_it() -> None:
    """W-3."""

    async def main() -> list[str]:
        events = []

        async def forever(request: rest.Request) -> None:
            events.append("started")
            try:
                await asyncio.Event().wait()
            finally:
                events.append("ended")

        request = rest.Request("GET", TASKS)
        service = rest.Service(ITEMS, authenticate=forever, visibility=visibility)
        task = asyncio.create_task(service.handle_async(request))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return events

    assert asyncio.run(main()) == ["started", "ended"]


def test_handle_with_future_returns_500_and_reports_the_remedy() -> None:
    """A-8: A future is not a caller, whether or not it is done."""

    async def main() -> tuple[rest.Response, list[Exception]]:
        reported: list[Exception] = []
        future: asyncio.Future[Caller | None] = asyncio.get_running_loop().create_future()
        future.set_result(authenticate(rest.Request("GET", TASKS, {"authorization": "u"})))
        service: Any = rest.Service(
            ITEMS, authenticate=lambda request: future, visibility=visibility, on_error=reported.append
        )
        return service.handle(rest.Request("GET", TASKS)), reported

    response, reported = asyncio.run(main())
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert [str(error) for error in reported] == [
        "authenticate must return an answer, not Future; make it a plain function, or await handle_async instead"
    ]


def test_handle_with_coroutine_closes_it_and_reports_the_remedy() -> None:
    """A-8: A coroutine is truthy, but it is not a caller."""

    async def check(item: ListItem) -> bool:
        return True

    request = rest.Request("GET", TASKS, {"authorization": "root"})
    for options in (
        {"authenticate": authenticate_async},
        {"visibility": visibility_async},
        {"visibility": lambda caller: check},
        {"source": Asynchronous(ITEMS)},
    ):
        reported: list[Exception] = []
        given: dict[str, Any] = {"authenticate": authenticate, "visibility": visibility, "source": ITEMS, **options}
        response = rest.Service(given.pop("source"), **given, on_error=reported.append).handle(request)
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
        assert [type(error) for error in reported] == [TypeError]
        assert "async function" in str(reported[0])
    remedy = "; make it a plain function, or await handle_async instead"
    for options, name, end in (
        ({"authenticate": authenticate_async}, "authenticate authenticate_async()", remedy),
        ({"visibility": visibility_async}, "visibility visibility_async()", remedy),
        ({"source": Asynchronous(ITEMS)}, "select", "; await handle_async instead"),
    ):
        reported = []
        given = {"authenticate": authenticate, "visibility": visibility, "source": ITEMS, **options}
        rest.Service(given.pop("source"), **given, on_error=reported.append).handle(request)
        assert f"{name} must return an answer, not a coroutine" in str(reported[0])
        assert str(reported[0]).endswith(end)
    reported = []
    assert error_of(send_async(TASKS, visibility=lambda caller: check, on_error=reported.append))[0] == 500
    assert "async function" in str(reported[0])


def test_handle_async_with_future_awaits_it() -> None:
    """W-3."""

    async def main() -> rest.Response:
        future: asyncio.Future[Caller | None] = asyncio.get_running_loop().create_future()
        future.set_result(authenticate(rest.Request("GET", TASKS, {"authorization": "u"})))
        service = rest.Service(ITEMS, authenticate=lambda request: future, visibility=visibility)
        return await service.handle_async(rest.Request("GET", TASKS))

    assert tasks_of(asyncio.run(main())) == ["a", "b/c"]


def test_handle_async_with_cancelled_inner_task_returns_500() -> None:
    """W-3: Answer, because the request itself is not cancelled; a cancelled request raises the cancellation."""

    async def main() -> tuple[rest.Response, list[Exception]]:
        reported: list[Exception] = []
        inner = asyncio.ensure_future(asyncio.sleep(60))
        inner.cancel()

        async def candidates(filter: FilterSpec) -> list[ListItem]:
            await inner
            return ITEMS

        service = rest.Service(candidates, authenticate=authenticate, visibility=visibility, on_error=reported.append)
        return await service.handle_async(rest.Request("GET", TASKS, {"authorization": "root"})), reported

    response, reported = asyncio.run(main())
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert [str(error) for error in reported] == ["an awaited task or future was cancelled"]
    assert isinstance(reported[0].__cause__, asyncio.CancelledError)


def test_handle_async_with_result_of_cancelled_future_returns_500() -> None:
    """W-3: It is a failure wherever it comes up, in a task that is not cancelled itself."""

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
