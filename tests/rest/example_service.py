"""A small service behind the boundary, and how tests ask it."""

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

# Who may see everything, who may see nothing but the tasks of u, and who may not even ask.
CALLERS = {
    "root": Caller(user="root", privileges={SYSTEM_READ}),
    "u": Caller(user="u", privileges={SYSTEM_READ}),
    "guest": Caller(user="guest", privileges={"Other.Read"}),
}


def authenticate(request: rest.Request) -> Caller | None:
    return CALLERS.get(request.header("authorization") or "")


def visibility(caller: Caller) -> Visibility:
    return EVERYTHING if caller.user == "root" else Grants([FilterSpec(users={caller.user})])


def ask(target: str | bytes = TASKS, **options: Any) -> rest.Response:
    """What a Service answers at once, which is what it answers when it is awaited; `who` is root unless told another."""
    who = options.pop("who", "root")
    headers = {} if who is None else {"Authorization": who}
    request = rest.Request(options.pop("method", "GET"), target, headers, options.pop("body", b""))
    source = options.pop("source", ITEMS)
    options = {"authenticate": authenticate, "visibility": visibility, **options}
    service = rest.Service(source, **options)
    response = service.handle(request)
    assert asyncio.run(service.handle_async(request)) == response
    return response


def tasks_of(response: rest.Response) -> list[str]:
    """The ids that a listing holds, read by nothing of this library."""
    assert response.status == 200, response.body
    return [item["task"] for item in json.loads(response.body)["items"]]


def error_of(response: rest.Response) -> tuple[int, str]:
    """The status and the type of an error."""
    return response.status, json.loads(response.body)["error_type"]


def text_of(response: rest.Response) -> str:
    """What an error says."""
    (message,) = json.loads(response.body)["messages"]
    text: str = message["default_message"]
    return text


class Asynchronous:
    """An AsyncTaskSource, which lets others run before it answers."""

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
    """Every way to hold the same tasks, also those that have to be awaited."""

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
    return ListItem.from_json('{"task":"secret","info":{"status":"RUNNING"}}')


async def slow_caller(request: rest.Request) -> Caller | None:
    await asyncio.sleep(0)
    return authenticate(request)


async def slow_visibility(caller: Caller) -> Any:
    await asyncio.sleep(0)
    return visibility(caller)


def answer_async(target: str, source: Any = ITEMS, **options: Any) -> rest.Response:
    """The answer of an event loop; to root."""
    request = rest.Request(options.pop("method", "GET"), target, {"authorization": options.pop("who", "root")})
    options = {"authenticate": slow_caller, "visibility": slow_visibility, **options}
    return asyncio.run(rest.Service(source, **options).handle_async(request))
