"""Test how a client reads responses: values, errors and foreign bodies (W-4, E-3, E-4, V-6, V-7)."""

import json
from datetime import UTC, datetime, timedelta
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
from tests.rest.example_service import ITEMS
from tests.strategies import error_types, error_values, infos, list_results

LISTED = ListResult(items=ITEMS)
READERS = (rest.read_list, rest.read_info)


def error_in(status: int, body: bytes | bytearray | str, headers: Any = (), read: Any = rest.read_list) -> Error:
    with pytest.raises(Error) as caught:
        read(status, headers, body)
    error: Error = caught.value
    assert error.received_status == status
    return error


@given(list_results, infos())
def test_read_functions_return_the_value_that_a_service_sends(result: ListResult, info: Info) -> None:
    """V-12, W-2: This holds for unknown statuses, too."""
    for response, read, value in (
        (rest.list_response(result), rest.read_list, result),
        (rest.info_response(info), rest.read_info, info),
    ):
        assert read(response.status, response.headers, response.body) == value


@given(error_values(error_types.filter(lambda kind: kind.is_known)), st.sampled_from(READERS))
def test_read_functions_raise_the_error_that_a_service_sends(value: ErrorValue, read: Any) -> None:
    """E-3, W-4: Raise the class of its type, with the received status."""
    error = Error.from_value(value)
    response = rest.error_response(error)
    again = error_in(response.status, response.body, response.headers, read)
    assert (again.value, type(again), again.received_status) == (value, type(error), error.http_status)


def test_read_functions_accept_unknown_names_and_fields_of_a_newer_server() -> None:
    """V-6, V-7: Keep unknown names, and ignore unknown fields."""
    tree = LISTED.to_python()
    tree["items"][0]["info"] |= {"status": "FROZEN", "new": {"field": 1}}
    tree["next"] = "page"
    read = rest.read_list(200, {}, json.dumps(tree))
    assert read.items[0].info == ITEMS[0].info.evolve(status=Status("FROZEN"))
    error = error_in(409, b'{"error_type":"BRAND_NEW","messages":[],"new":1}')
    assert (type(error), error.error_type, error.http_status) == (Error, "BRAND_NEW", 500)


@pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 304, 400, 404, 500, 599, 100, 0, 999])
def test_read_list_with_another_status_than_200_raises_error(status: int) -> None:
    """W-4, E-4: The body does not matter, and the status does not choose a class."""
    for body in (LISTED.to_json(), b"", b"{}", b"null", b"[]", b"<html>"):
        error = error_in(status, body)
        assert type(error) is Error
        assert error.http_status == 500


@pytest.mark.parametrize(
    ("body", "text"),
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
def test_read_functions_with_unreadable_body_raise_error_that_says_why(
    status: int, body: bytes | str, text: str
) -> None:
    """W-4: The error has the received status, and its text is safe to print."""
    for read in READERS:
        error = error_in(status, body, read=read)
        assert type(error) is Error
        assert text in str(error)
        assert str(error).isprintable()
        assert len(str(error)) < 500
        assert isinstance(error.__cause__, InvalidValue)
        assert f"a response of status {status}" in str(error)


def test_read_list_with_json_of_another_structure_names_every_path() -> None:
    """W-4, V-13."""
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


def test_read_list_with_unreadable_error_type_keeps_texts_and_data() -> None:
    """E-3."""
    error = error_in(404, json.dumps({"error_type": 5, "challenge": [], "messages": [MESSAGE], "data": {"a": 1}}))
    assert (type(error), str(error), error.value.data) == (Error, "Gone.", {"a": 1})
    assert isinstance(error.__cause__, InvalidValue)
    assert {violation.path for violation in error.__cause__.violations} == {"error_type", "challenge"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"args": [1]},
        {"params": {"at": {"dt": "nonsense"}}},
        {"params": 5},
        {"args": "a"},
        {"localized": None, "args": {}},
    ],
)
def test_read_list_with_unreadable_message_details_keeps_its_text(wrong: dict[str, Any]) -> None:
    """E-3: Drop args and params that cannot be read; accept a message without an id."""
    for message in (MESSAGE, {"default_message": "Gone."}):
        error = error_in(404, json.dumps({"error_type": "NOT_FOUND", "messages": [message | wrong]}))
        assert (type(error), str(error)) == (NotFound, "Gone.")
        assert isinstance(error.__cause__, InvalidValue)


def test_read_list_with_many_broken_messages_reads_the_first_hundred() -> None:
    """E-3, W-4: Read at most a hundred messages one by one; keep the type."""
    messages = [{"id": 5}] * 99 + [MESSAGE] * 2
    error = error_in(404, json.dumps({"error_type": "NOT_FOUND", "messages": messages}))
    assert isinstance(error, NotFound)
    assert len(error.value.messages) == 1


MESSAGE = {"id": "m", "default_message": "Gone."}


@pytest.mark.parametrize(
    ("tree", "value"),
    [
        ({"messages": [{"id": 5}]}, {"messages": []}),
        ({"messages": 5, "data": {"a": 1}}, {"messages": [], "data": {"a": 1}}),
        ({"messages": [MESSAGE], "data": [1]}, {"messages": [MESSAGE | {"args": []}]}),
        ({"messages": [5], "data": "x"}, {"messages": []}),
        ({"messages": [{"id": 5}, MESSAGE, {"id": "\ud800"}]}, {"messages": [MESSAGE | {"args": []}]}),
    ],
)
@pytest.mark.parametrize("kind", ["NOT_FOUND", "UNAUTHENTICATED", "BRAND_NEW"])
def test_read_list_with_unreadable_messages_or_data_keeps_type_and_challenge(kind: str, tree: Any, value: Any) -> None:
    """E-3: Drop the unreadable member; the cause names it."""
    challenge = {"challenge": "Bearer"} if kind == "UNAUTHENTICATED" else {}
    error = error_in(404, json.dumps(tree | challenge | {"error_type": kind}))
    assert error.value.to_python() == value | challenge | {"error_type": kind}
    assert type(error) is ErrorType(kind).exception
    cause = error.__cause__
    assert isinstance(cause, InvalidValue)
    assert {each.path.partition(".")[0] for each in cause.violations} <= {"messages", "data"}


def test_read_list_with_body_past_the_bound_raises_error() -> None:
    """W-4: The bounds, MAX_BODY_LENGTH and MAX_ERROR_LENGTH, are inclusive."""
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
        (b'{"error_type":"NOT_FOUND"}', ErrorValue(messages=[], error_type=ErrorType.NOT_FOUND)),
        (b'{"error_type":null,"challenge":"x"}', ErrorValue(messages=[], error_type=ErrorType.ERROR)),
        (
            b'{"error_type":"NEW","data":{"a":[1]}}',
            ErrorValue(messages=[], error_type=ErrorType("NEW"), data={"a": [1]}),
        ),
    ],
)
def test_read_list_with_partial_error_body_reads_defaults(body: bytes, expected: ErrorValue) -> None:
    """E-3: A missing type is ERROR; other missing members are unset."""
    for status in (400, 404, 500):
        error = error_in(status, body)
        assert error.value == expected
        assert type(error) is expected.error_type.exception
    assert isinstance(error_in(500, b'{"error_type":"NOT_FOUND"}'), NotFound)


FOREIGN_BODIES = [
    {},
    {"detail": "Not Found"},
    {"message": "slow down", "code": 429},
    {"type": "about:blank", "title": "Gone", "status": 404},
    {"type": "com.example.errors.not_found", "value": {"text": "gone"}},
    {"value": 5, "@class": 7, "localizableMessages": "gone"},
    {"error": {"reason": "gone"}},
    {"items": []},
    {"data": None, "errors": [{"message": "boom"}]},
    {"data": {"message": "why"}, "status": 400},
    {"messages": [], "message": "boom"},
    {"error_type": None, "messages": None},
    {"type": "com.vmware.vapi.std.errors."},
]


@pytest.mark.parametrize("tree", FOREIGN_BODIES)
@pytest.mark.parametrize("status", [201, 404, 503])
def test_read_list_with_json_that_is_not_an_error_quotes_its_beginning(status: int, tree: Any) -> None:
    """W-4: Raise an Error that is safe to print, with an InvalidValue as its cause."""
    body = json.dumps(tree)
    for sent in (body, body.encode()):
        error = error_in(status, sent)
        assert type(error) is Error
        assert "must have a member of an error: messages, error_type or challenge [W-4]" in str(error)
        assert f"; it begins with {sent!r}" in str(error)
        assert isinstance(error.__cause__, InvalidValue)
        assert error.__cause__.violations[0].code == "not_an_error"
    long = error_in(404, json.dumps({"detail": "\u202e" * 1000}))
    assert len(str(long)) < 400
    assert str(long).isprintable()


OLD_MESSAGE = {"args": ["vm-7"], "default_message": "There is no 'vm-7'.", "id": "com.example.gone"}


@pytest.mark.parametrize("kind", [*ErrorType, ErrorType("BRAND_NEW")])
def test_read_list_with_older_form_of_error_equals_the_current_form(kind: ErrorType) -> None:
    """E-10, E-1: Type, texts, data and challenge are equal."""
    name, is_access = kind.canonical_name, kind in {"UNAUTHENTICATED", "UNAUTHORIZED"}
    others: dict[str, Any] = {"challenge": "Bearer"} if is_access else {"data": {"a": 1}}
    members = {"messages": [OLD_MESSAGE], **others}
    current = error_in(404, json.dumps({"error_type": kind, **members}))
    camel = {"id": OLD_MESSAGE["id"], "args": ["vm-7"], "defaultMessage": OLD_MESSAGE["default_message"]}
    for body in (
        {"type": name, "value": members},
        {"type": name, "value": {"error_type": kind, **members}},
        {"value": {"error_type": kind, **members}},
        {"@class": name, **members},
        {"value": {"@class": name, **members}},
        {"type": name, "value": {"localizableMessages": [OLD_MESSAGE], **others}},
        {"@class": name, "localizableMessages": [camel], "majorErrorCode": 404, **others},
        {"type": "about:blank", "@class": name, **members},
        {"@class": name, "messages": [camel | {"default_message": None}], **others},
        {"type": name, "messages": None, "error_type": None, "value": {"localizableMessages": [camel], **others}},
        {"type": "error", "value": {"type": name, **members}},
    ):
        error = error_in(404, json.dumps(body))
        assert (error, type(error), error.__cause__) == (current, kind.exception, None)
        assert rest.error_response(error) == rest.error_response(current)


def test_read_list_with_both_forms_of_error_prefers_error_type() -> None:
    """E-10: error_type wins over older names, and outer members win over inner ones."""
    older = {"type": ErrorType.NOT_FOUND.canonical_name, "@class": ErrorType.TIMED_OUT.canonical_name}
    assert error_in(404, json.dumps({"error_type": "RESOURCE_BUSY", **older})).error_type == "RESOURCE_BUSY"
    assert error_in(404, json.dumps(older)).error_type == "NOT_FOUND"
    both = {
        "error_type": "RESOURCE_BUSY",
        "messages": [],
        "value": {"error_type": "TIMED_OUT", "messages": [OLD_MESSAGE]},
    }
    assert error_in(404, json.dumps(both)).value == ErrorValue(messages=[], error_type="RESOURCE_BUSY")


def test_read_list_with_unreadable_messages_in_older_form_keeps_the_type() -> None:
    """E-3, E-10."""
    body = {
        "type": ErrorType.NOT_FOUND.canonical_name,
        "value": {"localizableMessages": [5, {"defaultMessage": 5}, OLD_MESSAGE]},
    }
    error = error_in(404, json.dumps(body))
    assert isinstance(error, NotFound)
    assert str(error) == "There is no 'vm-7'."
    assert isinstance(error.__cause__, InvalidValue)


BODIES = [b"", b"<html>", b'{"detail":"x"}', b'{"error_type":"NOT_FOUND","messages":5}', b'{"error_type":"NOT_FOUND"}']


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "120"}, timedelta(minutes=2)),
        ([(b"retry-after", b" 0 ")], timedelta()),
        ({"retry-after": "000000000000007"}, timedelta(seconds=7)),
        ({"retry-after": "9" * 5000}, timedelta(seconds=999_999_999)),
        ({"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}, datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ({"Retry-After": "Friday, 31-Dec-27 23:59:59 GMT"}, datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ({"Retry-After": "Fri Dec 31 23:59:59 2027"}, datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ([("retry-after", "soon"), ("retry-after", "5"), ("retry-after", "6")], timedelta(seconds=5)),
        ({"retry-after": "5, 6"}, timedelta(seconds=5)),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "\u0665"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -2300"}, None),
        ({"retry-after": "Fri, 31 Dec 2027 23:59:59 GMT" + " " * 5000 + "x"}, None),
    ],
)
def test_error_retry_after_is_the_first_valid_header(headers: Any, expected: timedelta | datetime | None) -> None:
    """E-8: The body does not matter."""
    for body in (*BODIES, b" " * (rest.MAX_ERROR_LENGTH + 1)):
        assert error_in(503, body, headers).retry_after == expected


@given(
    st.text(max_size=80)
    | st.from_regex(r"[A-Za-z]{0,9}[ ,]{0,2}[0-9:,\-]{1,20} ?[A-Za-z]{0,4} ?[0-9:]{0,9} ?[-+A-Z0-9]{0,6}")
)
def test_error_retry_after_with_any_text_is_a_time_or_none(text: str) -> None:
    """E-8: Raise nothing but the typed error."""
    retry_after = error_in(503, b"{}", {"retry-after": text}).retry_after
    assert retry_after is None or isinstance(retry_after, timedelta) or retry_after.utcoffset() == timedelta()


def test_error_may_retry_with_foreign_body_follows_the_status() -> None:
    """E-8: is_transient in the data overrides the status."""
    for body in (b"", b"<html>", b'{"detail":"x"}', b'{"error_type":"ERROR"}'):
        assert [error_in(status, body).may_retry for status in (429, 502, 503, 504)] == [True] * 4
        assert not any(error_in(status, body).may_retry for status in (201, 301, 400, 401, 404, 500, 501))
    assert not error_in(503, b'{"error_type":"ERROR","data":{"is_transient":false}}').may_retry


def mail_headers() -> Message:
    headers = Message()
    headers["WWW-Authenticate"] = "Basic"
    return headers


@pytest.mark.parametrize(
    "headers",
    [{"WWW-Authenticate": "Basic"}, [(b"www-authenticate", b"Basic")], [("Www-Authenticate", "Basic")], mail_headers()],
)
def test_error_challenge_comes_from_headers_where_the_body_has_none(headers: Any) -> None:
    """W-2: Read it only into an error that can have one."""
    error = error_in(401, b'{"error_type":"UNAUTHENTICATED","data":{"kept":1}}', headers)
    assert isinstance(error, Unauthenticated)
    assert error.value.challenge == "Basic"
    assert error.value.data == {"kept": 1}
    own = error_in(401, b'{"error_type":"UNAUTHENTICATED","challenge":"Bearer"}', headers)
    assert own.value.challenge == "Bearer"
    assert error_in(401, b"{}", headers).value.challenge is None
    assert error_in(404, b'{"error_type":"NOT_FOUND"}', headers).value.challenge is None


def test_error_challenge_with_control_characters_is_dropped() -> None:
    """A-2: A service would send it as two headers."""
    error = error_in(401, b'{"error_type":"UNAUTHENTICATED"}', {"www-authenticate": "Basic\r\nx: y"})
    assert error.value.challenge is None


def test_error_text_and_repr_show_no_header() -> None:
    """W-5."""
    for body in (b"<html>", b"{}", b"[]", b'{"error_type":"NOT_FOUND"}'):
        error = error_in(401, body, {"set-cookie": "secret", "www-authenticate": "secret"})
        assert "secret" not in f"{error!r} {error} {error.__cause__!r}"


def test_read_list_with_invalid_status_or_headers_raises_type_or_value_error() -> None:
    """W-4: These are mistakes of a programmer; the text "200" is not a status."""
    for number in (-1, 1000, 10**5000):
        with pytest.raises(ValueError, match="status must be between 0 and 999, not "):
            rest.read_list(number, {}, LISTED.to_json())
    with pytest.raises(TypeError):
        rest.read_list(200, None, LISTED.to_json())  # type: ignore[arg-type]
    for pair in (("a",), ("a", "b", "c"), "ab", 5):
        with pytest.raises(TypeError, match="a header must be a pair of texts, not "):
            rest.read_list(200, [pair], LISTED.to_json())  # type: ignore[list-item]
    with pytest.raises(TypeError, match="status must be an int, not "):
        rest.read_list("200", {}, LISTED.to_json())  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [None, 5, [], {}, memoryview(b"{}")], ids=lambda body: type(body).__name__)
@pytest.mark.parametrize("status", [200, 500])
def test_read_functions_with_body_of_another_type_raise_type_error(status: int, body: Any) -> None:
    """W-4: This is a mistake of a programmer, such as the parsed JSON in place of the body."""
    for read in READERS:
        with pytest.raises(TypeError, match=f"^body must be bytes or str, not {type(body).__name__}$"):
            read(status, {}, body)


def test_read_functions_with_bytearray_answer_as_with_bytes() -> None:
    """W-4: A client that collects the parts of a body has a bytearray."""
    assert rest.read_list(200, {}, bytearray(LISTED.to_json())) == LISTED
    assert rest.read_info(200, {}, bytearray(ITEMS[0].info.to_json())) == ITEMS[0].info
    for status, body in ((200, b"<html>"), (502, b"<html>"), (404, b'{"error_type":"NOT_FOUND"}'), (500, b"1" * 2**21)):
        error = error_in(status, bytearray(body))
        assert (type(error), str(error)) == (type(error_in(status, body)), str(error_in(status, body)))


@given(st.integers(100, 599), st.binary(max_size=60) | st.text(max_size=60), st.sampled_from(READERS))
def test_read_functions_with_any_body_raise_only_error(status: int, body: bytes | str, read: Any) -> None:
    """W-4: Never raise a KeyError or the error of a decoder."""
    error = error_in(status, body, read=read)
    assert all(isinstance(message, LocalizableMessage) for message in error.value.messages)
