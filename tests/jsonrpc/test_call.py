"""What is a call, and what answers what is none (J-1, J-2)."""

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
    refusal_of,
    send,
    structure,
    tasks_of,
    text_of,
)


def untouched(*_: object) -> NoReturn:
    raise AssertionError


# A Service that knows no one, and would fail at whatever it looks at.
UNTOUCHED: dict[str, Any] = {"source": untouched, "authenticate": untouched, "visibility": untouched}


def with_member(path: str, value: Any = ...) -> Any:
    """A call of which one member is another one, or missing."""
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
def test_what_is_no_json_is_a_parse_error(body: bytes) -> None:
    """J-2: also a byte order mark, what is not UTF-8, half of a pair, and what is too deep; nothing is looked at."""
    assert refusal_of(send(body, **UNTOUCHED)) == (-32700, None)


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
def test_what_is_no_call_is_an_invalid_request(call: Any) -> None:
    """J-2: arrays, scalars, another version; a missing id, or one that is no text, integer or null (J-1)."""
    assert refusal_of(send(call, **UNTOUCHED)) == (-32600, None)


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "post", ""])
def test_another_http_method_is_an_invalid_request(method: str) -> None:
    """J-2: answered like any other, with a body."""
    assert refusal_of(send(call_of(), method=method, **UNTOUCHED)) == (-32600, None)


def test_another_method_is_not_found() -> None:
    """J-2: with the id of the call."""
    for method in ("Invoke", "", "system.listMethods"):
        assert refusal_of(send(with_member("method", method), **UNTOUCHED)) == (-32601, "7")


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
def test_members_of_another_kind_are_invalid_params(call: Any) -> None:
    """J-2: no one is asked who calls."""
    assert refusal_of(send(call, **UNTOUCHED)) == (-32602, "7")


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
def test_headers_must_not_name_another_operation(headers: Any) -> None:
    """J-2: who lets calls through by their headers must not be deceived."""
    assert refusal_of(send(call_of(), headers=headers, **UNTOUCHED)) == (-31001, "7")


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
def test_what_is_not_needed_is_passed_over(call: Any, headers: Any) -> None:
    """J-2: unknown members, and headers that are missing."""
    assert tasks_of(send(call, headers=headers)) == ["a", "b/c", "d+ä %", "hidden"]


def test_a_call_without_a_context_comes_from_no_one() -> None:
    """J-2, J-3: the context may be missing, and so may what it says of who asks."""
    for path in ("params.ctx", "params.ctx.securityCtx"):
        assert error_of(send(with_member(path))) == "UNAUTHENTICATED"


def test_the_last_of_a_repeated_member_stands() -> None:
    """J-2: as of any other reader."""
    body = json.dumps(call_of()).encode()
    assert json.loads(send(body[:-1] + b',"id":8}').body)["id"] == 8
    assert refusal_of(send(body[:-1] + b',"params":{}}')) == (-32602, "7")


@pytest.mark.parametrize("id", ["", "0", 'ä\u2028"\\\x00', "x" * 5000, 0, -1, 2**63, 10**4299, None], ids=type)
@pytest.mark.parametrize("operation", ["list", "get", "put"])
def test_an_answer_has_the_id_of_its_call(id: Any, operation: str) -> None:
    """J-1: the same value, of the same type."""
    call = call_of(operation)
    call["id"] = id
    answer = json.loads(send(call).body)
    assert (answer["jsonrpc"], answer["id"], type(answer["id"])) == ("2.0", id, type(id))


def test_an_id_of_more_digits_than_the_interpreter_prints_is_answered() -> None:
    """J-1: the embedder may have set another limit; answering never raises."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        response = jsonrpc.Service([], authenticate=untouched, visibility=untouched).handle(
            rest.Request("POST", "/", (), b'{"jsonrpc":"2.0","method":"x","id":' + b"7" * 4000 + b"}")
        )
    finally:
        sys.set_int_max_str_digits(limit)
    assert refusal_of(response) == (-32601, int("7" * 4000))


def test_a_call_has_a_bound() -> None:
    """J-2: 2 MiB, inclusive; past it nothing is read."""
    body = json.dumps(call_of()).encode()
    assert MAX_CALL_LENGTH == 2 * 1024 * 1024
    assert tasks_of(send(body + b" " * (MAX_CALL_LENGTH - len(body))))
    assert refusal_of(send(body + b" " * (MAX_CALL_LENGTH + 1 - len(body)), **UNTOUCHED)) == (-32600, None)


@pytest.mark.parametrize("target", ["/", "", "*", "/api/snapservice/tasks", "/?x#y", b"\xff"])
def test_the_path_is_the_embedders(target: Any) -> None:
    """J-1: it is not looked at."""
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
def test_another_operation_is_not_found(service: str, operation: str) -> None:
    """J-3: whoever asks."""
    call = call_of(operation)
    call["params"]["serviceId"] = service
    response = send(call, **UNTOUCHED)
    assert error_of(response) == "OPERATION_NOT_FOUND"
    assert f"there are {TASKS}.list and {TASKS}.get" in text_of(response)


def test_a_call_is_answered_with_its_output() -> None:
    """J-1: a listing, and the state of a task."""
    assert tasks_of(ask()) == ["a", "b/c", "d+ä %", "hidden"]
    assert tasks_of(ask(arguments=filter_of(status=["SUCCEEDED"], users=["u"]))) == ["a", "b/c"]
    info = output_of(ask("get", {"task": "b/c"}))["STRUCTURE"][f"{TASKS}.info"]
    assert (info["service"], info["user"], info["parent"]) == ("other", {"OPTIONAL": "u"}, UNSET)


def test_a_call_is_answered_with_its_error() -> None:
    """J-1: under the name that the header has, too; the status is 200."""
    response = ask("get", {"task": "missing"})
    assert response.header("vapi-error") == "com.vmware.vapi.std.errors.not_found"
    assert error_of(response) == "NOT_FOUND"
    assert json.loads(response.body)["result"].keys() == {"error"}


def test_what_is_not_utf_8_in_a_name_is_no_call() -> None:
    """J-2: in keys, too."""
    body = json.dumps(call_of(arguments=structure({}))).encode().replace(b"operation-input", b"\\udc00")
    assert refusal_of(send(body, **UNTOUCHED)) == (-32700, None)
