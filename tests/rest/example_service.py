"""Build a small service behind the boundary, and send it requests."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from snaptasks import (
    EVERYTHING,
    MAX_RESULTS,
    SYSTEM_READ,
    AsyncSource,
    Caller,
    FilterSpec,
    Grants,
    ListItem,
    OverLimit,
    Status,
    TaskIndex,
    Visibility,
    Wanted,
    rest,
)
from tests.building import plain_item

TASKS = "/api/snapservice/tasks"

ITEMS = [
    plain_item("a", user="u"),
    plain_item("b/c", user="u", service="other"),
    plain_item("d+ä %", status=Status.PENDING, start_time=None, end_time=None, progress=None),
    plain_item("hidden", user="v"),
]

# By its credentials: a caller who sees everything, one who sees the tasks of u only, and one without the privilege.
CALLERS = {
    "root": Caller(user="root", privileges={SYSTEM_READ}),
    "u": Caller(user="u", privileges={SYSTEM_READ}),
    "guest": Caller(user="guest", privileges={"Other.Read"}),
}


def authenticate(request: rest.Request) -> Caller | None:
    return CALLERS.get(request.header("authorization") or "")


def visibility(caller: Caller) -> Visibility:
    return EVERYTHING if caller.user == "root" else Grants([FilterSpec(users={caller.user})])


def send(target: str | bytes = TASKS, **options: Any) -> rest.Response:
    """Return the response of a service, after a check that handle and handle_async agree.

    Args:
        target: The target of the request.
        options: `caller` (root unless given), `method` and `body` of the request, and the arguments of the Service.
    """
    caller = options.pop("caller", "root")
    headers = {} if caller is None else {"Authorization": caller}
    request = rest.Request(options.pop("method", "GET"), target, headers, options.pop("body", b""))
    source = options.pop("source", ITEMS)
    options = {"authenticate": authenticate, "visibility": visibility, **options}
    service = rest.Service(source, **options)
    response = service.handle(request)
    assert asyncio.run(service.handle_async(request)) == response
    return response


def tasks_of(response: rest.Response) -> list[str]:
    """Return the ids in the response to a list, without this library."""
    assert response.status == 200, response.body
    return [item["task"] for item in json.loads(response.body)["items"]]


def error_of(response: rest.Response) -> tuple[int, str]:
    """Return the status and the error type of a response."""
    return response.status, json.loads(response.body)["error_type"]


def text_of(response: rest.Response) -> str:
    """Return the text of the only message of an error response."""
    (message,) = json.loads(response.body)["messages"]
    text: str = message["default_message"]
    return text


class Asynchronous:
    """Represent an AsyncTaskSource that pauses before each answer."""

    def __init__(self, items: Iterable[ListItem], pause: Callable[[], Any] = lambda: asyncio.sleep(0)) -> None:
        self.index = TaskIndex(items)
        self.pause = pause

    async def select(self, wanted: Wanted, at_most: int) -> list[ListItem] | OverLimit:
        assert at_most in {MAX_RESULTS, 1}
        await self.pause()
        found = self.index.select(wanted, at_most)
        return found if isinstance(found, OverLimit) else list(found)

    async def scan(self, wanted: Wanted) -> AsyncIterator[ListItem]:
        for item in self.index.scan(wanted):
            await self.pause()
            yield item

    async def find(self, task: str) -> ListItem | None:
        await self.pause()
        return self.index.find(task)


def async_sources(items: list[ListItem]) -> list[AsyncSource]:
    """Return a source of each form, synchronous and asynchronous, over the same tasks."""

    async def candidates(filter: FilterSpec) -> list[ListItem]:
        return items

    async def one_by_one(filter: FilterSpec) -> AsyncIterator[ListItem]:
        for item in items:
            await asyncio.sleep(0)
            yield item

    class OneByOne:
        def __aiter__(self) -> AsyncIterator[ListItem]:
            return one_by_one(FilterSpec())

    return [items, lambda spec: items, TaskIndex(items), candidates, one_by_one, OneByOne(), Asynchronous(items)]


def unreadable() -> ListItem:
    """Raise InvalidValue, as a row does that cannot be read."""
    return ListItem.from_json('{"task":"secret","info":{"status":"RUNNING"}}')


async def authenticate_async(request: rest.Request) -> Caller | None:
    await asyncio.sleep(0)
    return authenticate(request)


async def visibility_async(caller: Caller) -> Any:
    await asyncio.sleep(0)
    return visibility(caller)


def send_async(target: str, source: Any = ITEMS, **options: Any) -> rest.Response:
    """Return the response of handle_async; `caller` is root unless given."""
    request = rest.Request(options.pop("method", "GET"), target, {"authorization": options.pop("caller", "root")})
    options = {"authenticate": authenticate_async, "visibility": visibility_async, **options}
    return asyncio.run(rest.Service(source, **options).handle_async(request))
