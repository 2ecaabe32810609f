"""Test which bodies are calls, and how each other body is answered (J-1, J-2)."""

import json
import sys
from typing import Any, NoReturn

import pytest

from snaptasks import jsonrpc, rest
from snaptasks.jsonrpc import MAX_CALL_LENGTH
from tests.jsonrpc.example_service import (
    TASKS,
    UNSET,
    ask,
    call_of,
    error_of,
    filter_of,
    output_of,
    protocol_error_of,
    send,
    structure,
    tasks_of,
    text_of,
)


def never_called(*_: object) -> NoReturn:
    raise AssertionError


# The settings of a Service that must read nothing.
NEVER_CALLED: dict[str, Any] = {"source": never_called, "authenticate": never_called, "visibility": never_called}


def with_member(path: str, value: Any = ...) -> Any:
    """Return a call in which one member has another value, or is missing if no value is given."""
    call: Any = call_of()
    *steps, last = path.split(".")
    parent = call
    for step in steps:
        parent = parent[step]
    if value is ...:
        del parent[last]
    else:
        parent[last] = value
    return call


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"x",
        b"\xff",
        b'{"a":"\xed\xa0\x80"}',
        b"\xef\xbb\xbf" + json.dumps(call_of()).encode(),
        json.dumps(call_of()).encode("utf-16"),
        json.dumps(with_member("id", "\ud800")).encode(),
        json.dumps(with_member("zz", float("nan"))).encode(),
        json.dumps(with_member("zz", float("-inf"))).encode(),
        json.dumps(call_of()).encode()[:-1] + b",}",
        json.dumps(call_of()).encode() + b"{}",
        b"[" * 300 + b"]" * 300,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"jsonrpc":"2.0","method":"invoke","id":' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_body_that_is_not_json_returns_parse_error(body: bytes) -> None:
    """J-2: So does a byte order mark, another encoding, a lone surrogate and deep nesting; nothing is read."""
    assert protocol_error_of(send(body, **NEVER_CALLED)) == (-32700, None)


@pytest.mark.parametrize(
    "call",
    [
        [],
        [call_of()],
        5,
        None,
        "invoke",
        True,
        {},
        with_member("jsonrpc"),
        with_member("jsonrpc", "1.0"),
        with_member("jsonrpc", 2.0),
        with_member("method"),
        with_member("method", 5),
        with_member("method", None),
        with_member("id"),
        with_member("id", 1.5),
        with_member("id", True),
        with_member("id", []),
        with_member("id", {}),
    ],
)
def test_json_that_is_not_a_call_returns_invalid_request(call: Any) -> None:
    """J-2: It is an array, a scalar or of another version; its id is missing or not text, integer or null (J-1)."""
    assert protocol_error_of(send(call, **NEVER_CALLED)) == (-32600, None)


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "post", ""])
def test_request_with_other_http_method_returns_invalid_request(method: str) -> None:
    """J-2: The response has a body, like any other."""
    assert protocol_error_of(send(call_of(), method=method, **NEVER_CALLED)) == (-32600, None)


def test_call_of_other_method_returns_method_not_found() -> None:
    """J-2: The response has the id of the call."""
    for method in ("Invoke", "", "system.listMethods"):
        assert protocol_error_of(send(with_member("method", method), **NEVER_CALLED)) == (-32601, "7")


@pytest.mark.parametrize(
    "call",
    [
        with_member("params"),
        with_member("params", []),
        with_member("params", None),
        with_member("params", {}),
        with_member("params.serviceId"),
        with_member("params.serviceId", 5),
        with_member("params.operationId", None),
        with_member("params.operationId", ["list"]),
        with_member("params.ctx", None),
        with_member("params.ctx", []),
        with_member("params.ctx.securityCtx", None),
        with_member("params.ctx.securityCtx", "root"),
    ],
)
def test_call_with_members_of_wrong_type_returns_invalid_params(call: Any) -> None:
    """J-2: The caller is not authenticated."""
    assert protocol_error_of(send(call, **NEVER_CALLED)) == (-32602, "7")


@pytest.mark.parametrize(
    "headers",
    [
        {"vapi-service": "com.vmware.snapservice.sites"},
        {"VAPI-Operation": "get"},
        {"vapi-service": TASKS, "vapi-operation": "LIST"},
        {"vapi-operation": ""},
        [("vapi-operation", "list"), ("vapi-operation", "list")],
    ],
)
def test_call_with_headers_of_another_operation_returns_error(headers: Any) -> None:
    """J-2: A proxy that admits calls by their headers must not be deceived."""
    assert protocol_error_of(send(call_of(), headers=headers, **NEVER_CALLED)) == (-31001, "7")


@pytest.mark.parametrize(
    ("call", "headers"),
    [
        (call_of(), {"vapi-service": TASKS, "Vapi-Operation": "list"}),
        (call_of(), {"vapi-service": TASKS}),
        (with_member("zz", [{}]), {}),
        (with_member("params.zz", None), {}),
        (with_member("params.ctx.zz", None), {}),
    ],
)
def test_call_with_unknown_members_or_missing_headers_is_answered(call: Any, headers: Any) -> None:
    """J-2."""
    assert tasks_of(send(call, headers=headers)) == ["a", "b/c", "d+ä %", "hidden"]


def test_call_without_security_context_returns_unauthenticated() -> None:
    """J-2, J-3: The whole context may be missing, too."""
    for path in ("params.ctx", "params.ctx.securityCtx"):
        assert error_of(send(with_member(path))) == "UNAUTHENTICATED"


def test_call_with_repeated_member_uses_the_last() -> None:
    """J-2: Other JSON readers use the last one, too."""
    body = json.dumps(call_of()).encode()
    assert json.loads(send(body[:-1] + b',"id":8}').body)["id"] == 8
    assert protocol_error_of(send(body[:-1] + b',"params":{}}')) == (-32602, "7")


@pytest.mark.parametrize("id", ["", "0", 'ä\u2028"\\\x00', "x" * 5000, 0, -1, 2**63, 10**4299, None], ids=type)
@pytest.mark.parametrize("operation", ["list", "get", "put"])
def test_response_has_the_id_of_its_call(id: Any, operation: str) -> None:
    """J-1: The id keeps its value and its type."""
    call = call_of(operation)
    call["id"] = id
    answer = json.loads(send(call).body)
    assert (answer["jsonrpc"], answer["id"], type(answer["id"])) == ("2.0", id, type(id))


def test_call_with_id_past_the_digit_limit_is_answered() -> None:
    """J-1: The embedder may lower the interpreter's limit of digits; handle never raises."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        response = jsonrpc.Service([], authenticate=never_called, visibility=never_called).handle(
            rest.Request("POST", "/", (), b'{"jsonrpc":"2.0","method":"x","id":' + b"7" * 4000 + b"}")
        )
    finally:
        sys.set_int_max_str_digits(limit)
    assert protocol_error_of(response) == (-32601, int("7" * 4000))


def test_call_past_max_call_length_returns_invalid_request() -> None:
    """J-2: The bound is 2 MiB, inclusive; past it nothing is read."""
    body = json.dumps(call_of()).encode()
    assert MAX_CALL_LENGTH == 2 * 1024 * 1024
    assert tasks_of(send(body + b" " * (MAX_CALL_LENGTH - len(body))))
    assert protocol_error_of(send(body + b" " * (MAX_CALL_LENGTH + 1 - len(body)), **NEVER_CALLED)) == (-32600, None)


@pytest.mark.parametrize("target", ["/", "", "*", "/api/snapservice/tasks", "/?x#y", b"\xff"])
def test_call_to_any_path_is_answered(target: Any) -> None:
    """J-1: The path belongs to the embedder."""
    assert tasks_of(send(call_of(), target=target)) == ["a", "b/c", "d+ä %", "hidden"]


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        (TASKS, "LIST"),
        (TASKS, ""),
        (TASKS, "list$task"),
        ("com.vmware.snapservice.Tasks", "get"),
        ("", "list"),
        (TASKS[:-1], "list"),
    ],
)
def test_call_of_unknown_operation_returns_operation_not_found(service: str, operation: str) -> None:
    """J-3: The caller does not matter."""
    call = call_of(operation)
    call["params"]["serviceId"] = service
    response = send(call, **NEVER_CALLED)
    assert error_of(response) == "OPERATION_NOT_FOUND"
    assert f"must be {TASKS}.list or {TASKS}.get" in text_of(response)


def test_call_returns_its_output() -> None:
    """J-1: A list call returns tasks, and a get call returns the info of a task."""
    assert tasks_of(ask()) == ["a", "b/c", "d+ä %", "hidden"]
    assert tasks_of(ask(arguments=filter_of(status=["SUCCEEDED"], users=["u"]))) == ["a", "b/c"]
    info = output_of(ask("get", {"task": "b/c"}))["STRUCTURE"][f"{TASKS}.info"]
    assert (info["service"], info["user"], info["parent"]) == ("other", {"OPTIONAL": "u"}, UNSET)


def test_call_that_fails_returns_its_error() -> None:
    """J-1: The header has the name of the error, and the status is 200."""
    response = ask("get", {"task": "missing"})
    assert response.header("vapi-error") == "com.vmware.vapi.std.errors.not_found"
    assert error_of(response) == "NOT_FOUND"
    assert json.loads(response.body)["result"].keys() == {"error"}


def test_key_with_lone_surrogate_returns_parse_error() -> None:
    """J-2."""
    body = json.dumps(call_of(arguments=structure({}))).encode().replace(b"operation-input", b"\\udc00")
    assert protocol_error_of(send(body, **NEVER_CALLED)) == (-32700, None)
