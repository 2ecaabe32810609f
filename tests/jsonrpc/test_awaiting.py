"""JSON-RPC services under an event loop: what is awaited, and what happens without a loop."""

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
@pytest.mark.parametrize("who", ["root", "u", "guest", None])
def test_every_source_gives_the_same_to_whoever_awaits(number: int, who: str | None) -> None:
    """J-3: the same decisions, and the same bytes, with and without an event loop."""
    for operation, arguments in (
        ("list", {}),
        ("list", filter_of(users=["u"])),
        ("list", {"zz": 5}),
        ("get", {"task": "a"}),
        ("get", {"task": "hidden"}),
        ("put", {}),
    ):
        call = call_of(operation, arguments, who)
        assert answer_async(call, async_sources(ITEMS)[number]) == send(call)


def test_an_asynchronous_hook_is_awaited() -> None:
    """J-3, E-7: and cannot break the answer."""
    told: list[Exception] = []

    async def tell(error: Exception) -> None:
        await asyncio.sleep(0)
        told.append(error)
        raise ValueError

    async def failing(filter: FilterSpec) -> AsyncIterator[ListItem]:
        yield ITEMS[0]
        raise RuntimeError("secret")

    response = answer_async(call_of(), failing, on_error=tell)
    assert error_of(response) == "INTERNAL_SERVER_ERROR"
    assert [repr(error) for error in told] == ["RuntimeError('secret')"]


def test_nothing_is_awaited_without_an_event_loop() -> None:
    """J-3, A-8: a coroutine is no caller; the embedder hears what to do."""
    for options in ({"authenticate": awaited(authenticate)}, {"visibility": awaited(visibility)}):
        told: list[Exception] = []
        assert error_of(service_of(**options, on_error=told.append).handle(REQUEST)) == "INTERNAL_SERVER_ERROR"
        assert "await handle_async instead" in str(told[0])


def test_a_cancellation_goes_through() -> None:
    """J-1: and ends what was awaited; that of another task is a failure like any other."""

    async def main() -> list[str]:
        seen = []

        async def forever(call: jsonrpc.Call) -> None:
            seen.append("asked")
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

    assert asyncio.run(main()) == ["asked", "ended", "INTERNAL_SERVER_ERROR"]
