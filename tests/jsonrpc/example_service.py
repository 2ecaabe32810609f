"""A small service behind the JSON-RPC boundary, and how tests call it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from snaptasks import Caller, jsonrpc, rest
from tests.rest.example_service import CALLERS, ITEMS, visibility

TASKS = "com.vmware.snapservice.tasks"
SESSION = "com.vmware.vapi.std.security.session_id"
UNSET = {"OPTIONAL": None}


def authenticate(call: jsonrpc.Call) -> Caller | None:
    return CALLERS.get(call.security.get("sessionId", ""))


def structure(fields: Mapping[str, Any], name: str = "operation-input") -> dict[str, Any]:
    return {"STRUCTURE": {name: fields}}


def filter_of(**fields: Any) -> dict[str, Any]:
    """The argument of a listing that asks for these members."""
    optionals = {field: {"OPTIONAL": members} for field, members in fields.items()}
    return {"filter": {"OPTIONAL": structure(optionals, f"{TASKS}.filter_spec")}}


def call_of(operation: str = "list", arguments: Mapping[str, Any] | None = None, who: str | None = "root") -> Any:
    """A call as JSON has it, which a test may spoil."""
    security = {} if who is None else {"schemeId": SESSION, "sessionId": who}
    params = {"serviceId": TASKS, "operationId": operation, "input": structure(arguments or {})}
    return {"jsonrpc": "2.0", "method": "invoke", "id": "7", "params": params | {"ctx": {"securityCtx": security}}}


def send(call: Any, **options: Any) -> rest.Response:
    """What a Service answers at once, which is what it answers when it is awaited."""
    body = call if isinstance(call, bytes) else json.dumps(call).encode()
    request = rest.Request(
        options.pop("method", "POST"), options.pop("target", "/any"), options.pop("headers", ()), body
    )
    service = jsonrpc.Service(
        options.pop("source", ITEMS), **{"authenticate": authenticate, "visibility": visibility, **options}
    )
    response = service.handle(request)
    assert asyncio.run(service.handle_async(request)) == response
    assert (response.status, response.header("content-type")) == (200, "application/json")
    assert response.header("content-length") == str(len(response.body))
    assert response.header("cache-control") == "no-store"
    return response


def ask(operation: str = "list", arguments: Any = None, **options: Any) -> rest.Response:
    """What answers a call; `who` is root by default."""
    return send(call_of(operation, arguments, options.pop("who", "root")), **options)


def output_of(response: rest.Response) -> Any:
    tree = json.loads(response.body)
    assert [*tree] == ["jsonrpc", "id", "result"], tree
    assert response.header("vapi-error") is None
    return tree["result"]["output"]


def tasks_of(response: rest.Response) -> list[str]:
    """The ids that a listing holds."""
    items = output_of(response)["STRUCTURE"][f"{TASKS}.list_result"]["items"]
    return [item["STRUCTURE"][f"{TASKS}.list_item"]["task"] for item in items]


def fields_of(response: rest.Response) -> Any:
    """The fields of an error that answers a call, under whose name it stands in the header, too."""
    ((name, fields),) = json.loads(response.body)["result"]["error"]["ERROR"].items()
    assert response.header("vapi-error") == name
    return fields


def error_of(response: rest.Response) -> str:
    """The type of an error."""
    kind: str = fields_of(response)["error_type"]["OPTIONAL"]
    return kind


def text_of(response: rest.Response) -> str:
    """What an error says."""
    (message,) = fields_of(response)["messages"]
    text: str = message["STRUCTURE"]["com.vmware.vapi.std.localizable_message"]["default_message"]
    return text


def refusal_of(response: rest.Response) -> tuple[int, Any]:
    """The code and the id that answer what is no call."""
    tree = json.loads(response.body)
    assert [*tree] == ["jsonrpc", "id", "error"], tree
    assert (tree["jsonrpc"], response.header("vapi-error")) == ("2.0", None)
    return tree["error"]["code"], tree["id"]


REQUEST = rest.Request("POST", "/any", (), json.dumps(call_of()).encode())


def service_of(source: Any = ITEMS, **options: Any) -> Any:
    """Build the service, over the tasks of the example unless others are given."""
    return jsonrpc.Service(source, **{"authenticate": authenticate, "visibility": visibility, **options})
