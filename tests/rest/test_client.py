"""The client's side of the boundary: what a response is read as (W-4, E-3, E-4, V-6, V-7)."""

import json
from email.message import Message
from typing import Any

import pytest
from hypothesis import given, strategies as st

from snaptasks import (
    Error,
    ErrorType,
    ErrorValue,
    Info,
    InvalidValue,
    ListResult,
    LocalizableMessage,
    NotFound,
    Status,
    Unauthenticated,
    rest,
)
from tests.rest.asking import ITEMS
from tests.strategies import error_types, error_values, infos, list_results

LISTED = ListResult(items=ITEMS)
READERS = (rest.read_list, rest.read_info)


def error_in(status: int, body: bytes | str, headers: Any = (), read: Any = rest.read_list) -> Error:
    with pytest.raises(Error) as caught:
        read(status, headers, body)
    error: Error = caught.value
    assert error.received_status == status
    return error


@given(list_results, infos())
def test_a_value_comes_back(result: ListResult, info: Info) -> None:
    """V-12, W-2: what one side sends the other reads, unknown statuses included."""
    for response, read, value in (
        (rest.list_response(result), rest.read_list, result),
        (rest.info_response(info), rest.read_info, info),
    ):
        assert read(response.status, response.headers, response.body) == value


@given(error_values(error_types.filter(lambda kind: kind.is_known)), st.sampled_from(READERS))
def test_an_error_comes_back(value: ErrorValue, read: Any) -> None:
    """E-3, W-4: as the class of its type, with the status that it came with."""
    error = Error.from_value(value)
    response = rest.error_response(error)
    again = error_in(response.status, response.body, response.headers, read)
    assert (again.value, type(again), again.received_status) == (value, type(error), error.http_status)


def test_a_newer_server_is_understood() -> None:
    """V-6, V-7: unknown names are kept, unknown fields passed over."""
    tree = LISTED.to_python()
    tree["items"][0]["info"] |= {"status": "FROZEN", "new": {"field": 1}}
    tree["next"] = "page"
    read = rest.read_list(200, {}, json.dumps(tree))
    assert read.items[0].info == ITEMS[0].info.evolve(status=Status("FROZEN"))
    error = error_in(409, b'{"error_type":"BRAND_NEW","messages":[],"new":1}')
    assert (type(error), error.error_type, error.http_status) == (Error, "BRAND_NEW", 500)


@pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 304, 400, 404, 500, 599, 100, 0, 999])
def test_exactly_200_is_a_success(status: int) -> None:
    """W-4: whatever the body is; and a status alone picks no class (E-4)."""
    for body in (LISTED.to_json(), b"", b"{}", b"null", b"[]", b"<html>"):
        error = error_in(status, body)
        assert type(error) is Error
        assert error.http_status == 500


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"<html><h1>Bad gateway</h1>", "it begins with b'<html><h1>Bad gateway"),
        ("<html>", "it begins with '<html>'"),
        (b'{"items":[', "EOF while parsing"),
        (b"\x1f\x8b\x08\x00", r"it begins with b'\x1f\x8b\x08\x00'"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"messages":["\xff"]}', "invalid unicode"),
        (b"[" * 100_000, "nested too deep"),
        ("\ud800", "must not have lone surrogates"),
        (b"5", "must be an object"),
        (b'"text"', "must be an object"),
        (b"null", "must be set"),
        (b"NaN", "must be an object"),
    ],
)
@pytest.mark.parametrize("status", [200, 502])
def test_a_body_that_cannot_be_read(status: int, body: bytes | str, told: str) -> None:
    """W-4: an Error that says so, with the status that came, whichever it is; its text is safe to print."""
    for read in READERS:
        error = error_in(status, body, read=read)
        assert type(error) is Error
        assert told in str(error)
        assert str(error).isprintable()
        assert len(str(error)) < 500
        assert isinstance(error.__cause__, InvalidValue)
        assert f"a response of status {status}" in str(error)


def test_json_of_another_structure() -> None:
    """W-4, V-13: the cause names every path."""
    tree = LISTED.to_python()
    del tree["items"][1]["info"]["status"]
    tree["items"][2]["task"] = 5
    error = error_in(200, json.dumps(tree))
    cause = error.__cause__
    assert isinstance(cause, InvalidValue)
    assert [violation.path for violation in cause.violations] == ["items.1.info.status", "items.2.task"]
    assert "cannot be read as ListResult: items.1.info.status: must be set" in str(error)
    hostile = error_in(200, b'{"items":[{"\\u001b[2J\\u202e":1,"task":{"\\u202e":1}}]}')
    assert str(hostile).isprintable()
    wrong = error_in(404, b'{"error_type":5,"messages":[{"id":5}]}')
    assert type(wrong) is Error
    assert "cannot be read as ErrorValue: error_type" in str(wrong)


MESSAGE = {"id": "m", "default_message": "Gone."}


@pytest.mark.parametrize(
    ("tree", "value"),
    [
        ({"messages": [{"id": 5}]}, {"messages": []}),
        ({"messages": 5, "data": {"a": 1}}, {"messages": [], "data": {"a": 1}}),
        ({"messages": [MESSAGE], "data": [1]}, {"messages": [MESSAGE | {"args": []}]}),
        ({"messages": [5], "data": "x"}, {"messages": []}),
    ],
)
@pytest.mark.parametrize("kind", ["NOT_FOUND", "UNAUTHENTICATED", "BRAND_NEW"])
def test_type_and_challenge_survive_what_is_wrong_beside_them(kind: str, tree: Any, value: Any) -> None:
    """E-3: messages or data that cannot be read are left out, and the cause says why."""
    challenge = {"challenge": "Bearer"} if kind == "UNAUTHENTICATED" else {}
    error = error_in(404, json.dumps(tree | challenge | {"error_type": kind}))
    assert error.value.to_python() == value | challenge | {"error_type": kind}
    assert type(error) is ErrorType(kind).exception
    cause = error.__cause__
    assert isinstance(cause, InvalidValue)
    assert {each.path.partition(".")[0] for each in cause.violations} <= {"messages", "data"}


def test_a_body_past_the_bound_is_not_read() -> None:
    """W-4: MAX_BODY_LENGTH is read, and one byte more is not."""
    text = LISTED.to_json()
    assert rest.read_list(200, {}, text + b" " * (rest.MAX_BODY_LENGTH - len(text))) == LISTED
    not_found = b'{"error_type":"NOT_FOUND"}'
    blanks = b" " * (rest.MAX_ERROR_LENGTH - len(not_found))
    assert isinstance(error_in(404, not_found + blanks), NotFound)
    for status, at_most in ((200, rest.MAX_BODY_LENGTH), (404, rest.MAX_ERROR_LENGTH), (201, rest.MAX_ERROR_LENGTH)):
        for body in (b" " * (at_most + 1), " " * (at_most + 1), "\u00e4" * (at_most // 2 + 1)):
            error = error_in(status, body)
            assert type(error) is Error
            assert f"a body of status {status} must have at most {at_most} bytes [W-4]" in str(error)
            assert isinstance(error.__cause__, InvalidValue)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", ErrorValue(messages=[], error_type=ErrorType.ERROR)),
        (b'{"detail":"Not Found"}', ErrorValue(messages=[], error_type=ErrorType.ERROR)),
        (b'{"error_type":"NOT_FOUND"}', ErrorValue(messages=[], error_type=ErrorType.NOT_FOUND)),
        (b'{"error_type":null,"messages":null}', ErrorValue(messages=[], error_type=ErrorType.ERROR)),
        (
            b'{"error_type":"NEW","data":{"a":[1]}}',
            ErrorValue(messages=[], error_type=ErrorType("NEW"), data={"a": [1]}),
        ),
    ],
)
def test_errors_are_read_leniently(body: bytes, expected: ErrorValue) -> None:
    """E-3: what is missing is ERROR, or none."""
    for status in (400, 404, 500):
        error = error_in(status, body)
        assert error.value == expected
        assert type(error) is expected.error_type.exception
    assert isinstance(error_in(500, b'{"error_type":"NOT_FOUND"}'), NotFound)
    assert str(error_in(404, b'{"detail":"Not Found"}')) == "ERROR, received with the HTTP status 404"


def mail_headers() -> Message:
    headers = Message()
    headers["WWW-Authenticate"] = "Basic"
    return headers


@pytest.mark.parametrize(
    "headers",
    [{"WWW-Authenticate": "Basic"}, [(b"www-authenticate", b"Basic")], [("Www-Authenticate", "Basic")], mail_headers()],
)
def test_the_challenge_may_be_in_the_headers(headers: Any) -> None:
    """W-2: where the body has none, and only for an error that can have one."""
    error = error_in(401, b'{"error_type":"UNAUTHENTICATED","data":{"kept":1}}', headers)
    assert isinstance(error, Unauthenticated)
    assert error.value.challenge == "Basic"
    assert error.value.data == {"kept": 1}
    own = error_in(401, b'{"error_type":"UNAUTHENTICATED","challenge":"Bearer"}', headers)
    assert own.value.challenge == "Bearer"
    assert error_in(401, b"{}", headers).value.challenge is None
    assert error_in(404, b'{"error_type":"NOT_FOUND"}', headers).value.challenge is None


def test_a_challenge_of_control_characters_is_passed_over() -> None:
    """A-2: it would be sent on as two headers."""
    error = error_in(401, b'{"error_type":"UNAUTHENTICATED"}', {"www-authenticate": "Basic\r\nx: y"})
    assert error.value.challenge is None


def test_no_header_shows() -> None:
    """W-5: neither in a text nor in a repr."""
    for body in (b"<html>", b"{}", b"[]", b'{"error_type":"NOT_FOUND"}'):
        error = error_in(401, body, {"set-cookie": "secret", "www-authenticate": "secret"})
        assert "secret" not in f"{error!r} {error} {error.__cause__!r}"


def test_a_status_is_a_number() -> None:
    """W-4: "200" is not exactly 200; a programmer's mistake, and so are headers that are none, whatever the status."""
    for number in (-1, 1000, 10**5000):
        with pytest.raises(ValueError, match="at most three digits"):
            rest.read_list(number, {}, LISTED.to_json())
    with pytest.raises(TypeError):
        rest.read_list(200, None, LISTED.to_json())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="status must be a number"):
        rest.read_list("200", {}, LISTED.to_json())  # type: ignore[arg-type]


@given(st.integers(100, 599), st.binary(max_size=60) | st.text(max_size=60), st.sampled_from(READERS))
def test_nothing_but_a_typed_error_is_raised(status: int, body: bytes | str, read: Any) -> None:
    """W-4: never a KeyError, nor that of a decoder."""
    error = error_in(status, body, read=read)
    assert all(isinstance(message, LocalizableMessage) for message in error.value.messages)
