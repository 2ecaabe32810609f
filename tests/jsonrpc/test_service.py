"""Test the JSON-RPC Service: the order of its decisions, its functions, and the errors that it reports (J-3, W-3)."""

import asyncio
import copy
import json
import logging
import pickle
from typing import Any, NoReturn

import pytest

from snaptasks import (
    Caller,
    Error,
    ErrorType,
    ErrorValue,
    FilterSpec,
    Grants,
    InvalidValue,
    ListItem,
    NotFound,
    ServiceUnavailable,
    TaskIndex,
    Unauthenticated,
    jsonrpc,
    rest,
)
from tests.building import MESSAGE, broken, plain_item, raise_error
from tests.jsonrpc.example_service import (
    REQUEST,
    SESSION,
    TASKS,
    UNSET,
    ask,
    call_of,
    error_of,
    fields_of,
    filter_of,
    output_of,
    protocol_error_of,
    send,
    service_of,
    tasks_of,
    text_of,
)
from tests.rest.example_service import CALLERS, ITEMS

# The caller


def test_service_decides_in_order() -> None:
    """J-3: Start with a call that violates every rule, and repair one violation after the other."""
    call = call_of("lists", {"zz": 5}, user=None)
    call["params"]["ctx"]["securityCtx"] = 5
    options: dict[str, Any] = {"source": lambda spec: raise_error(ServiceUnavailable(MESSAGE))}
    assert protocol_error_of(send(call, **options)) == (-32602, "7")
    answers = []
    for part, right in (
        (call["params"]["ctx"], {"securityCtx": {}}),
        (call["params"], {"operationId": "list"}),
        (call["params"]["ctx"], {"securityCtx": {"schemeId": SESSION, "sessionId": "guest"}}),
        (call["params"]["ctx"], {"securityCtx": {"schemeId": SESSION, "sessionId": "u"}}),
        (call["params"], {"input": {"STRUCTURE": {"operation-input": {}}}}),
    ):
        part.update(right)
        answers.append(error_of(send(call, **options)))
    assert answers == [
        "OPERATION_NOT_FOUND",
        "UNAUTHENTICATED",
        "UNAUTHORIZED",
        "UNEXPECTED_INPUT",
        "SERVICE_UNAVAILABLE",
    ]
    assert tasks_of(send(call)) == ["a", "b/c"]


@pytest.mark.parametrize("arguments", [{}, {"zz": 5}, {"filter": 5}, {"task": 5}])
@pytest.mark.parametrize("operation", ["list", "get"])
@pytest.mark.parametrize(
    ("user", "kind"), [(None, "UNAUTHENTICATED"), ("stranger", "UNAUTHENTICATED"), ("guest", "UNAUTHORIZED")]
)
def test_call_without_authorized_caller_reads_nothing(
    operation: str, arguments: Any, user: str | None, kind: str
) -> None:
    """J-3, A-1, A-2: The arguments, the source and the visibility stay unread, and the text gives no reason."""
    response = ask(operation, arguments, user=user, source=broken, visibility=broken)
    assert error_of(response) == kind
    assert response == ask(user=user)
    assert fields_of(response)["data"] == UNSET
    assert text_of(response) == f"The caller is not {'authenticated' if user != 'guest' else 'authorized'}."


def test_list_returns_visible_tasks_only() -> None:
    """J-3, A-3: The response has no trace of a hidden task."""
    assert tasks_of(ask(user="u")) == ["a", "b/c"]
    assert b"hidden" not in ask(arguments=filter_of(users=["v"]), user="u").body


def test_access_error_has_the_challenge() -> None:
    """J-5, A-2: The Service or the raised error has it; the response has no header with it."""
    response = ask(user=None, challenge="Bearer")
    assert fields_of(response)["challenge"] == {"OPTIONAL": "Bearer"}
    assert response.header("www-authenticate") is None
    expired = Unauthenticated(MESSAGE, challenge="Basic")
    response = ask(authenticate=lambda call: raise_error(expired), challenge="Bearer")
    assert fields_of(response)["challenge"] == {"OPTIONAL": "Basic"}
    assert fields_of(ask(user="guest", challenge="Bearer"))["challenge"] == UNSET


def test_access_error_is_sent_without_data_and_invalid_challenge() -> None:
    """A-2, J-5: The challenge is invalid because it has a control character."""
    text = {"error_type": "UNAUTHORIZED", "data": {"why": "secret"}, "challenge": "Basic\r\nsecret"}
    error = Error.from_value(ErrorValue.from_json(json.dumps(text)))
    fields = fields_of(ask(authenticate=lambda call: raise_error(error)))
    assert fields == {"messages": [], "data": UNSET, "error_type": {"OPTIONAL": "UNAUTHORIZED"}, "challenge": UNSET}


SECURITIES = [
    {"schemeId": SESSION, "sessionId": "secret"},
    {"schemeId": "com.vmware.vapi.std.security.user_pass", "userName": "secret", "password": "secret"},
    {"schemeId": "com.vmware.vapi.std.security.saml_bearer_token", "samlToken": "<secret/>"},
    {"schemeId": "com.vmware.vapi.std.security.oauth", "accessToken": "secret"},
    {},
]


@pytest.mark.parametrize("security", SECURITIES)
def test_authenticate_receives_the_call(security: dict[str, str]) -> None:
    """J-3: The call has its security context and its headers, and its repr reveals no secret."""
    calls: list[jsonrpc.Call] = []

    def remember(call: jsonrpc.Call) -> Caller:
        calls.append(call)
        return CALLERS["root"]

    call = call_of("get", {"task": "a"})
    call["params"]["ctx"]["securityCtx"] = security
    headers = [("Authorization", "secret"), ("vapi-operation", "get"), ("X-A", "1"), ("x-a", "2")]
    assert output_of(send(call, authenticate=remember, headers=headers))
    for received in calls:
        assert (received.service, received.operation, received.security) == (TASKS, "get", security)
        assert (received.header("authorization"), received.header("X-a"), received.header("b")) == (
            "secret",
            "1, 2",
            None,
        )
        assert received.headers[0] == ("authorization", "secret")
        assert repr(received) == str(received) == f"Call(service='{TASKS}', operation='get')"
        assert pickle.loads(pickle.dumps(received)) == copy.deepcopy(received) == received
        with pytest.raises(AttributeError):
            received.service = "x"  # type: ignore[misc]
        with pytest.raises(TypeError, match="finished"):
            received.__init__("x", "y", {}, ())


def test_repr_of_call_with_long_names_is_short() -> None:
    """J-3, W-5: It stays on one line, whatever the names are."""
    assert len(repr(jsonrpc.Call("\n" * 1000, "x" * 1000, {}, ()))) < 300
    assert "\n" not in repr(jsonrpc.Call("\n", "\x1b", {}, ()))


@pytest.mark.parametrize("security", SECURITIES)
def test_service_reveals_no_secret(security: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """J-3, W-5: Neither a response, a repr or a message has one, nor an error that the Service itself reports."""
    log = logging.getLogger("service").exception
    for operation, arguments in (("list", {}), ("list", {"zz": 5}), ("get", {"task": "x"}), ("put", {})):
        for options in (
            {},
            {"authenticate": lambda call: None},
            {"authenticate": lambda call: "secret"},
            {"visibility": lambda caller: "secret"},
            {"source": lambda spec: ["secret"]},
            {"authenticate": lambda call: CALLERS["guest"]},
        ):
            given: dict[str, Any] = {"authenticate": lambda call: CALLERS["root"], "on_error": log, **options}
            service = service_of(given.pop("source", ITEMS), **given)
            call = call_of(operation, arguments)
            call["params"]["ctx"]["securityCtx"] = security
            for variant in (call, call | {"method": "x"}, call | {"jsonrpc": "1.0"}, call | {"params": []}):
                body = json.dumps(variant).encode()
                for raw in (body, body[:-1]):
                    request = rest.Request("POST", "/?secret", {"authorization": "secret"}, raw)
                    response = service.handle(request)
                    assert "secret" not in f"{request!r}{response!r}{response.headers}{response.body!r}{service!r}"
    assert "secret" not in caplog.text.replace('lambda call: "secret"', "").replace('["secret"]', "")


# Failures inside the service


@pytest.mark.parametrize("kind", list(ErrorType))
def test_error_of_any_type_is_returned(kind: ErrorType) -> None:
    """J-1, W-3: The source, the visibility or authenticate raises it."""
    error = Error.from_value(ErrorValue(messages=[MESSAGE], error_type=kind))
    reported: list[Exception] = []
    for where in ("source", "visibility", "authenticate"):
        for operation, arguments in (("list", {}), ("get", {"task": "a"})):
            assert (
                error_of(ask(operation, arguments, on_error=reported.append, **{where: lambda _: raise_error(error)}))
                == kind
            )
    assert reported == []


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("secret"),
        StopIteration("secret"),
        RecursionError("secret"),
        ExceptionGroup("secret", [ValueError()]),
    ],
)
@pytest.mark.parametrize("where", ["source", "visibility", "authenticate"])
def test_bug_is_reported_to_the_embedder_only(where: str, error: Exception) -> None:
    """J-1, E-7: The client gets INTERNAL_SERVER_ERROR with the id of its call."""
    reported: list[Exception] = []
    failing: dict[str, Any] = {where: lambda _: raise_error(error)}
    response = ask(on_error=reported.append, **failing)
    assert (error_of(response), json.loads(response.body)["id"]) == ("INTERNAL_SERVER_ERROR", "7")
    assert b"secret" not in response.body
    assert len(reported) == 2  # once by handle, once by handle_async
    assert all("secret" in f"{each}{each.__cause__}" for each in reported)
    assert ask(**failing) == response


def test_cause_of_a_failure_is_reported() -> None:
    """J-3, L-4, L-9: Report the cause of an error with a status of 500 or more, and no error of the client."""
    reported: list[Exception] = []

    def unreachable(filter: FilterSpec) -> NoReturn:
        raise ServiceUnavailable(MESSAGE) from ConnectionError("secret")

    def unknown(filter: FilterSpec) -> NoReturn:
        raise NotFound(MESSAGE) from KeyError("secret")

    assert error_of(ask(source=unreachable, on_error=reported.append)) == "SERVICE_UNAVAILABLE"
    assert [type(error) for error in reported] == [ConnectionError] * 2
    reported.clear()
    assert error_of(ask(source=unknown, on_error=reported.append)) == "NOT_FOUND"
    assert error_of(ask(arguments={"zz": 5}, on_error=reported.append)) == "UNEXPECTED_INPUT"
    assert reported == []
    for where in ("source", "visibility"):
        failing: dict[str, Any] = {where: lambda _: [ListItem.from_json('{"task":"secret"}')]}
        response = ask(on_error=reported.append, **failing)
        assert error_of(response) == "RESOURCE_INACCESSIBLE"
        assert b"secret" not in response.body
    assert [type(error) for error in reported] == [InvalidValue] * 4


def test_on_error_that_fails_leaves_the_response_unchanged() -> None:
    """J-3, E-7: It raises, or returns a value."""
    plain = ask(source=broken)
    assert ask(source=broken, on_error=broken) == plain
    assert ask(source=broken, on_error=lambda error: 5) == plain


@pytest.mark.parametrize("wrong", [None, "POST /", object(), {"jsonrpc": "2.0"}])
def test_handle_with_wrong_type_returns_internal_server_error(wrong: Any) -> None:
    """J-1: handle never raises; it reports the error to the embedder."""
    reported: list[Exception] = []
    service = service_of(on_error=reported.append)
    for response in (service.handle(wrong), asyncio.run(service.handle_async(wrong))):
        assert (response.status, error_of(response)) == (200, "INTERNAL_SERVER_ERROR")
        assert json.loads(response.body)["id"] is None
    assert {str(error) for error in reported} == {f"request must be a rest.Request, not {type(wrong).__name__}"}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError(), GeneratorExit()])
@pytest.mark.parametrize("where", ["authenticate", "visibility", "source", "on_error"])
def test_handle_raises_exceptions_that_end_a_program(where: str, error: BaseException) -> None:
    """J-1: Such an exception is not an answer to a call."""
    options: dict[str, Any] = {where: lambda _: raise_error(error)}
    if where == "on_error":
        options["authenticate"] = broken
    service = service_of(options.pop("source", ITEMS), **options)
    with pytest.raises(type(error)):
        service.handle(REQUEST)


def test_list_past_the_cap_returns_resource_inaccessible() -> None:
    """L-1, L-2, J-1: Send 1000 visible tasks; 1001 are an error. Hidden tasks do not count."""
    index = TaskIndex(plain_item(f"t{number}") for number in range(1000))
    assert len(tasks_of(ask(source=index))) == 1000
    index.put(plain_item("one more"))
    assert error_of(ask(source=index)) == "RESOURCE_INACCESSIBLE"
    assert tasks_of(ask(source=index, visibility=lambda caller: Grants([FilterSpec(tasks={"t7"})]))) == ["t7"]
