"""Build a small service behind the JSON-RPC boundary, and call it in tests."""

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
    """Return the arguments of a list call with these members in its filter."""
    optionals = {field: {"OPTIONAL": members} for field, members in fields.items()}
    return {"filter": {"OPTIONAL": structure(optionals, f"{TASKS}.filter_spec")}}


def call_of(operation: str = "list", arguments: Mapping[str, Any] | None = None, user: str | None = "root") -> Any:
    """Return a valid call as a JSON tree, which a test may change."""
    security = {} if user is None else {"schemeId": SESSION, "sessionId": user}
    params = {"serviceId": TASKS, "operationId": operation, "input": structure(arguments or {})}
    return {"jsonrpc": "2.0", "method": "invoke", "id": "7", "params": params | {"ctx": {"securityCtx": security}}}


def send(call: Any, **options: Any) -> rest.Response:
    """Send a call to a Service and return its response; check that handle_async returns the same one."""
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
    """Send a call of an operation and return the response; the caller `user` is root by default."""
    return send(call_of(operation, arguments, options.pop("user", "root")), **options)


def output_of(response: rest.Response) -> Any:
    tree = json.loads(response.body)
    assert [*tree] == ["jsonrpc", "id", "result"], tree
    assert response.header("vapi-error") is None
    return tree["result"]["output"]


def tasks_of(response: rest.Response) -> list[str]:
    """Return the ids of the tasks in a response."""
    items = output_of(response)["STRUCTURE"][f"{TASKS}.list_result"]["items"]
    return [item["STRUCTURE"][f"{TASKS}.list_item"]["task"] for item in items]


def fields_of(response: rest.Response) -> Any:
    """Return the fields of the error in a response; check that the header has its name."""
    ((name, fields),) = json.loads(response.body)["result"]["error"]["ERROR"].items()
    assert response.header("vapi-error") == name
    return fields


def error_of(response: rest.Response) -> str:
    """Return the type of the error in a response."""
    kind: str = fields_of(response)["error_type"]["OPTIONAL"]
    return kind


def text_of(response: rest.Response) -> str:
    """Return the text of the error in a response."""
    (message,) = fields_of(response)["messages"]
    text: str = message["STRUCTURE"]["com.vmware.vapi.std.localizable_message"]["default_message"]
    return text


def protocol_error_of(response: rest.Response) -> tuple[int, Any]:
    """Return the code and the id of a response to a body that is not a call."""
    tree = json.loads(response.body)
    assert [*tree] == ["jsonrpc", "id", "error"], tree
    assert (tree["jsonrpc"], response.header("vapi-error")) == ("2.0", None)
    return tree["error"]["code"], tree["id"]


REQUEST = rest.Request("POST", "/any", (), json.dumps(call_of()).encode())


def service_of(source: Any = ITEMS, **options: Any) -> Any:
    """Build the service, over the example tasks unless a source is given."""
    return jsonrpc.Service(source, **{"authenticate": authenticate, "visibility": visibility, **options})
