"""Implementations that are right, each built in another way; the last one shares no code with the package's decisions."""

import asyncio
import json
from abc import ABC, abstractmethod
from typing import Any

from sqlalchemy import MetaData, create_engine

from snaptasks import (
    FilterSpec,
    Info,
    ListItem,
    ListResult,
    Source,
    TaskIndex,
    authorize,
    get_task,
    jsonrpc,
    list_tasks,
    parse_filter,
    rest,
)
from snaptasks.sql import SqlTaskSource, task_table
from snaptasks.testing import Asker, JsonRpc
from tests.naive import naive_answer


def authorized(caller: Asker | None) -> Asker:
    authorize(None if caller is None else caller.caller)
    assert caller is not None
    return caller


class Scanned:
    """The plain scan over a list, for filters alone."""

    lacks = {"queries": "it takes filters", "request": "it knows no HTTP"}  # noqa: RUF012

    def load(self, items: list[ListItem]) -> None:
        self.items = items

    def list(self, spec: FilterSpec, caller: Asker | None) -> ListResult:
        return list_tasks(self.items, spec, visibility=authorized(caller).visibility)

    def get(self, task: str, caller: Asker | None) -> Info:
        return get_task(self.items, task, visibility=authorized(caller).visibility)


class Awaited:
    """The index behind coroutines."""

    lacks = {"request": "it knows no HTTP"}  # noqa: RUF012

    async def load(self, items: list[ListItem]) -> None:
        await asyncio.sleep(0)
        self.index = TaskIndex(items)

    async def list(self, query: str, caller: Asker | None) -> ListResult:
        visibility = authorized(caller).visibility
        await asyncio.sleep(0)
        return list_tasks(self.index, parse_filter(query), visibility=visibility)

    async def get(self, task: str, caller: Asker | None) -> Info:
        visibility = authorized(caller).visibility
        await asyncio.sleep(0)
        return get_task(self.index, task, visibility=visibility)


class OverHttp(ABC):
    """Everything through one way in: a list and a get are requests, too."""

    lacks: dict[str, str] = {}  # noqa: RUF012

    def list(self, query: str, caller: Asker | None) -> rest.Response:
        return self.request("GET", f"/api/snapservice/tasks?{query}", b"", caller)

    def get(self, task: str, caller: Asker | None) -> rest.Response:
        escaped = "".join(f"%{byte:02x}" for byte in task.encode())
        return self.request("GET", f"/api/snapservice/tasks/{escaped}", b"", caller)

    @abstractmethod
    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> rest.Response:
        """The response, as HTTP has it."""


class Bounded(OverHttp):
    """The REST boundary over the index."""

    def load(self, items: list[ListItem]) -> None:
        self.index = TaskIndex(items)

    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> rest.Response:
        return answered(self.index, method, target, body, caller)


def answered(source: Source, method: str, target: str, body: bytes, caller: Asker | None) -> rest.Response:
    """What the REST boundary answers for a source."""
    service = rest.Service(
        source,
        authenticate=lambda request: None if caller is None else caller.caller,
        visibility=lambda who: authorized(caller).visibility,
    )
    return service.handle(rest.Request(method, target, body=body))


class Naive(OverHttp):
    """The second implementation, on plain JSON, which decides every rule by itself."""

    def load(self, items: list[ListItem]) -> None:
        self.items = items
        self.trees: list[Any] = [json.loads(item.to_json()) for item in items]

    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> rest.Response:
        privileges = None if caller is None else {*caller.privileges}
        shown = [] if caller is None else [*map(caller.visibility, self.items)]
        visible = {tree["task"] for tree, is_shown in zip(self.trees, shown, strict=False) if is_shown}
        status, value = naive_answer(
            method, target.encode(), body, privileges, self.trees, lambda tree: tree["task"] in visible
        )
        headers = [("content-type", "application/json")]
        if status != 200:
            value = {"messages": [], "error_type": value}
            if value["error_type"] == "INVALID_ARGUMENT":
                value["data"] = {"primary": primary_of(target), "secondary": []}
            headers += [("allow", "GET, HEAD")] if value["error_type"] == "INVALID_REQUEST" else []
        return rest.Response(status, tuple(headers), b"" if method == "HEAD" else json.dumps(value).encode())


def primary_of(target: str) -> str:
    """The first parameter with a mistake, by asking for one pair after the other; of a few pairs."""
    seen = [""]
    for pair in target.partition("?")[2].split("&")[:10]:
        seen.append(pair)
        status, _ = naive_answer(
            "GET", f"/api/snapservice/tasks?{'&'.join(seen)}".encode(), b"", {"System.Read"}, [], bool
        )
        if status != 200:
            break
    return seen[-1].partition("=")[0]


class Called(JsonRpc):
    """The JSON-RPC boundary over the index, awaited."""

    def load(self, items: list[ListItem]) -> None:
        self.index = TaskIndex(items)

    async def post(self, request: rest.Request, caller: Asker | None) -> rest.Response:
        service = jsonrpc.Service(
            self.index,
            authenticate=lambda call: None if caller is None or not call.security else caller.caller,
            visibility=lambda who: authorized(caller).visibility,
        )
        return await service.handle_async(request)


# One database in memory for all: each has only what was loaded last.
TABLE = task_table(MetaData())
ENGINE = create_engine("sqlite://")


class OnSql:
    """A table of a database in memory."""

    lacks = {"queries": "it takes filters", "request": "it knows no HTTP"}  # noqa: RUF012

    def load(self, items: list[ListItem]) -> None:
        with ENGINE.begin() as connection:
            TABLE.metadata.drop_all(connection)
            TABLE.metadata.create_all(connection)
        self.source = SqlTaskSource(ENGINE, TABLE)
        self.source.put_all(items)

    def list(self, spec: FilterSpec, caller: Any) -> ListResult:
        return list_tasks(self.source, spec, visibility=authorized(caller).visibility)

    def get(self, task: str, caller: Any) -> Info:
        return get_task(self.source, task, visibility=authorized(caller).visibility)


RIGHT = [Scanned, Awaited, Bounded, Naive, Called]
