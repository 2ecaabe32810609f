"""Test JSON-RPC services under an event loop, and asynchronous functions without one."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from snaptasks import FilterSpec, ListItem, jsonrpc, rest
from tests.jsonrpc.example_service import REQUEST, authenticate, call_of, error_of, filter_of, send, service_of
from tests.rest.example_service import ITEMS, async_sources, visibility


def awaited(function: Callable[[Any], Any]) -> Any:
    async def later(argument: Any) -> Any:
        await asyncio.sleep(0)
        return function(argument)

    return later


def answer_async(call: Any, source: Any = ITEMS, **options: Any) -> rest.Response:
    options = {"authenticate": awaited(authenticate), "visibility": awaited(visibility), **options}
    request = rest.Request("POST", "/any", (), json.dumps(call).encode())
    response: rest.Response = asyncio.run(service_of(source, **options).handle_async(request))
    return response


@pytest.mark.parametrize("number", range(len(async_sources([]))))
@pytest.mark.parametrize("user", ["root", "u", "guest", None])
def test_handle_async_over_any_source_answers_as_handle(number: int, user: str | None) -> None:
    """J-3: An event loop does not change a decision or a byte."""
    for operation, arguments in (
        ("list", {}),
        ("list", filter_of(users=["u"])),
        ("list", {"zz": 5}),
        ("get", {"task": "a"}),
        ("get", {"task": "hidden"}),
        ("put", {}),
    ):
        call = call_of(operation, arguments, user)
        assert answer_async(call, async_sources(ITEMS)[number]) == send(call)


def test_handle_async_awaits_on_error() -> None:
    """J-3, E-7: An error that on_error raises does not change the response."""
    reported: list[Exception] = []

    async def report(error: Exception) -> None:
        await asyncio.sleep(0)
        reported.append(error)
        raise ValueError

    async def failing(filter: FilterSpec) -> AsyncIterator[ListItem]:
        yield ITEMS[0]
        raise RuntimeError("secret")

    response = answer_async(call_of(), failing, on_error=report)
    assert error_of(response) == "INTERNAL_SERVER_ERROR"
    assert [repr(error) for error in reported] == ["RuntimeError('secret')"]


def test_handle_with_asynchronous_function_returns_internal_server_error() -> None:
    """J-3, A-8: A coroutine is not a caller; the embedder gets an error that names the setting and handle_async."""
    for setting, function in (("authenticate", awaited(authenticate)), ("visibility", awaited(visibility))):
        options = {setting: function}
        reported: list[Exception] = []
        assert error_of(service_of(**options, on_error=reported.append).handle(REQUEST)) == "INTERNAL_SERVER_ERROR"
        assert str(reported[0]).startswith(f"{setting} {function.__qualname__}() must return an answer, not ")
        assert str(reported[0]).endswith("; make it a plain function, or await handle_async instead")


def test_handle_async_raises_its_cancellation() -> None:
    """J-1: The awaited function ends, too; the cancellation of another task is a failure like any other."""

    async def main() -> list[str]:
        seen = []

        async def forever(call: jsonrpc.Call) -> None:
            seen.append("called")
            try:
                await asyncio.Event().wait()
            finally:
                seen.append("ended")

        task = asyncio.create_task(service_of(authenticate=forever).handle_async(REQUEST))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        dead: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        dead.cancel()
        seen.append(error_of(await service_of(authenticate=lambda call: dead).handle_async(REQUEST)))
        return seen

    assert asyncio.run(main()) == ["called", "ended", "INTERNAL_SERVER_ERROR"]
