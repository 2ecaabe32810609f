"""The JSON-RPC Service: the order of its decisions, what it is built of, and what it tells to whom (J-3, W-3)."""

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
    refusal_of,
    send,
    service_of,
    tasks_of,
    text_of,
)
from tests.rest.example_service import CALLERS, ITEMS

# Who asks


def test_the_order_of_decisions() -> None:
    """J-3: a call that is wrong in every respect, made right one by one."""
    call = call_of("lists", {"zz": 5}, who=None)
    call["params"]["ctx"]["securityCtx"] = 5
    options: dict[str, Any] = {"source": lambda spec: raise_error(ServiceUnavailable(MESSAGE))}
    assert refusal_of(send(call, **options)) == (-32602, "7")
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
    ("who", "kind"), [(None, "UNAUTHENTICATED"), ("nobody", "UNAUTHENTICATED"), ("guest", "UNAUTHORIZED")]
)
def test_nothing_is_looked_at_before_the_caller_is_known(
    operation: str, arguments: Any, who: str | None, kind: str
) -> None:
    """J-3, A-1, A-2: neither arguments, nor the source, nor what a caller may see; and no word of why."""
    response = ask(operation, arguments, who=who, source=broken, visibility=broken)
    assert error_of(response) == kind
    assert response == ask(who=who)
    assert fields_of(response)["data"] == UNSET
    assert text_of(response) == f"The caller is not {'authenticated' if who != 'guest' else 'authorized'}."


def test_the_caller_sees_what_it_may_see() -> None:
    """J-3, A-3: and nothing of what it may not."""
    assert tasks_of(ask(who="u")) == ["a", "b/c"]
    assert b"hidden" not in ask(arguments=filter_of(users=["v"]), who="u").body


def test_a_challenge_is_part_of_the_error() -> None:
    """J-5, A-2: given to the Service, or raised with the error; there is no header for it."""
    response = ask(who=None, challenge="Bearer")
    assert fields_of(response)["challenge"] == {"OPTIONAL": "Bearer"}
    assert response.header("www-authenticate") is None
    expired = Unauthenticated(MESSAGE, challenge="Basic")
    response = ask(authenticate=lambda call: raise_error(expired), challenge="Bearer")
    assert fields_of(response)["challenge"] == {"OPTIONAL": "Basic"}
    assert fields_of(ask(who="guest", challenge="Bearer"))["challenge"] == UNSET


def test_what_was_read_and_must_not_be_sent_is_not() -> None:
    """A-2, J-5: data of an access error, and a challenge with a control character."""
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
def test_who_authenticates_gets_the_call(security: dict[str, str]) -> None:
    """J-3: with its security context and its headers, and no secret shows."""
    calls: list[jsonrpc.Call] = []

    def remember(call: jsonrpc.Call) -> Caller:
        calls.append(call)
        return CALLERS["root"]

    call = call_of("get", {"task": "a"})
    call["params"]["ctx"]["securityCtx"] = security
    headers = [("Authorization", "secret"), ("vapi-operation", "get"), ("X-A", "1"), ("x-a", "2")]
    assert output_of(send(call, authenticate=remember, headers=headers))
    for its in calls:
        assert (its.service, its.operation, its.security) == (TASKS, "get", security)
        assert (its.header("authorization"), its.header("X-a"), its.header("b")) == ("secret", "1, 2", None)
        assert its.headers[0] == ("authorization", "secret")
        assert repr(its) == str(its) == f"Call(service='{TASKS}', operation='get')"
        assert pickle.loads(pickle.dumps(its)) == copy.deepcopy(its) == its
        with pytest.raises(AttributeError):
            its.service = "x"  # type: ignore[misc]
        with pytest.raises(TypeError, match="finished"):
            its.__init__("x", "y", {}, ())


def test_a_call_of_long_names_is_shown_short() -> None:
    """J-3, W-5: on one line, whatever it names."""
    assert len(repr(jsonrpc.Call("\n" * 1000, "x" * 1000, {}, ()))) < 300
    assert "\n" not in repr(jsonrpc.Call("\n", "\x1b", {}, ()))


@pytest.mark.parametrize("security", SECURITIES)
def test_no_secret_shows_anywhere(security: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """J-3, W-5: in a response, a repr, a message, or what the embedder hears of a failure that is not its own."""
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
            for spoilt in (call, call | {"method": "x"}, call | {"jsonrpc": "1.0"}, call | {"params": []}):
                body = json.dumps(spoilt).encode()
                for raw in (body, body[:-1]):
                    request = rest.Request("POST", "/?secret", {"authorization": "secret"}, raw)
                    response = service.handle(request)
                    assert "secret" not in f"{request!r}{response!r}{response.headers}{response.body!r}{service!r}"
    assert "secret" not in caplog.text.replace('lambda call: "secret"', "").replace('["secret"]', "")


# What goes wrong inside


@pytest.mark.parametrize("kind", list(ErrorType))
def test_every_error_of_a_source_passes_through(kind: ErrorType) -> None:
    """J-1, W-3: and one of the visibility or of who authenticates."""
    error = Error.from_value(ErrorValue(messages=[MESSAGE], error_type=kind))
    told: list[Exception] = []
    for where in ("source", "visibility", "authenticate"):
        for operation, arguments in (("list", {}), ("get", {"task": "a"})):
            assert (
                error_of(ask(operation, arguments, on_error=told.append, **{where: lambda _: raise_error(error)}))
                == kind
            )
    assert told == []


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
def test_a_bug_is_reported_to_the_embedder_only(where: str, error: Exception) -> None:
    """J-1, E-7: the client gets INTERNAL_SERVER_ERROR with the id of its call."""
    told: list[Exception] = []
    failing: dict[str, Any] = {where: lambda _: raise_error(error)}
    response = ask(on_error=told.append, **failing)
    assert (error_of(response), json.loads(response.body)["id"]) == ("INTERNAL_SERVER_ERROR", "7")
    assert b"secret" not in response.body
    assert len(told) == 2  # once for each way to ask
    assert all("secret" in f"{each}{each.__cause__}" for each in told)
    assert ask(**failing) == response


def test_the_cause_of_a_failure_is_reported() -> None:
    """J-3, L-4, L-9: what is behind an error of a status of 500 or more; a client's mistake is not."""
    told: list[Exception] = []

    def unreachable(filter: FilterSpec) -> NoReturn:
        raise ServiceUnavailable(MESSAGE) from ConnectionError("secret")

    def unknown(filter: FilterSpec) -> NoReturn:
        raise NotFound(MESSAGE) from KeyError("secret")

    assert error_of(ask(source=unreachable, on_error=told.append)) == "SERVICE_UNAVAILABLE"
    assert [type(error) for error in told] == [ConnectionError] * 2
    told.clear()
    assert error_of(ask(source=unknown, on_error=told.append)) == "NOT_FOUND"
    assert error_of(ask(arguments={"zz": 5}, on_error=told.append)) == "UNEXPECTED_INPUT"
    assert told == []
    for where in ("source", "visibility"):
        failing: dict[str, Any] = {where: lambda _: [ListItem.from_json('{"task":"secret"}')]}
        response = ask(on_error=told.append, **failing)
        assert error_of(response) == "RESOURCE_INACCESSIBLE"
        assert b"secret" not in response.body
    assert [type(error) for error in told] == [InvalidValue] * 4


def test_the_hook_cannot_break_the_answer() -> None:
    """J-3, E-7: whatever it does."""
    plain = ask(source=broken)
    assert ask(source=broken, on_error=broken) == plain
    assert ask(source=broken, on_error=lambda error: 5) == plain


@pytest.mark.parametrize("wrong", [None, "POST /", object(), {"jsonrpc": "2.0"}])
def test_what_is_no_request_is_answered_all_the_same(wrong: Any) -> None:
    """J-1: answering never raises; the embedder hears of it."""
    told: list[Exception] = []
    service = service_of(on_error=told.append)
    for response in (service.handle(wrong), asyncio.run(service.handle_async(wrong))):
        assert (response.status, error_of(response)) == (200, "INTERNAL_SERVER_ERROR")
        assert json.loads(response.body)["id"] is None
    assert {str(error) for error in told} == {f"request must be a rest.Request, not {type(wrong).__name__}"}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError(), GeneratorExit()])
@pytest.mark.parametrize("where", ["authenticate", "visibility", "source", "on_error"])
def test_what_ends_a_program_goes_through(where: str, error: BaseException) -> None:
    """J-1: it is no answer to a call."""
    options: dict[str, Any] = {where: lambda _: raise_error(error)}
    if where == "on_error":
        options["authenticate"] = broken
    service = service_of(options.pop("source", ITEMS), **options)
    with pytest.raises(type(error)):
        service.handle(REQUEST)


def test_the_cap_counts_what_is_visible() -> None:
    """L-1, L-2, J-1: 1000 are sent, 1001 are RESOURCE_INACCESSIBLE."""
    index = TaskIndex(plain_item(f"t{number}") for number in range(1000))
    assert len(tasks_of(ask(source=index))) == 1000
    index.put(plain_item("one more"))
    assert error_of(ask(source=index)) == "RESOURCE_INACCESSIBLE"
    assert tasks_of(ask(source=index, visibility=lambda caller: Grants([FilterSpec(tasks={"t7"})]))) == ["t7"]
