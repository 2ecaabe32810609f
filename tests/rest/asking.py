"""A small service behind the boundary, and how tests ask it."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

from snaptasks import (
    EVERYTHING,
    MAX_RESULTS,
    SYSTEM_READ,
    Caller,
    FilterSpec,
    Grants,
    ListItem,
    OverLimit,
    Status,
    TaskIndex,
    Visibility,
    rest,
)
from snaptasks.listing import AsyncSource
from tests.strategies import plain_item

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
    """What `handle` answers, which is what `handle_async` answers, too; `who` is root unless told another."""
    who = options.pop("who", "root")
    headers = {} if who is None else {"Authorization": who}
    request = rest.Request(options.pop("method", "GET"), target, headers, options.pop("body", b""))
    source = options.pop("source", ITEMS)
    options = {"authenticate": authenticate, "visibility": visibility, **options}
    response = rest.handle(request, source, **options)
    assert asyncio.run(rest.handle_async(request, source, **options)) == response
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

    async def select(self, filter: FilterSpec, visibility: Visibility, at_most: int) -> list[ListItem] | OverLimit:
        assert at_most == MAX_RESULTS
        await self.pause()
        found = self.index.select(filter, visibility, at_most)
        return found if isinstance(found, OverLimit) else list(found)

    async def find(self, task: str) -> ListItem | None:
        await self.pause()
        return self.index.find(task)


def async_sources(items: list[ListItem]) -> list[AsyncSource]:
    """Every way to hold the same tasks, also those that have to be awaited."""

    async def candidates(filter: FilterSpec) -> list[ListItem]:
        return items

    return [items, lambda spec: items, TaskIndex(items), candidates, Asynchronous(items)]
