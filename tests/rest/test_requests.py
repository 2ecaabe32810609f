"""Test how method, target and body choose an operation, and which requests are refused (Q-1 to Q-5, W-3)."""

import json
from typing import Any, NoReturn

import pytest

from snaptasks import ArgumentLocations, FilterSpec, Info, rest
from snaptasks.query import MAX_QUERY_LENGTH
from tests.building import broken
from tests.rest.example_service import ITEMS, TASKS, error_of, send, tasks_of, text_of


@pytest.mark.parametrize(
    ("query", "tasks"),
    [
        ("", ["a", "b/c", "d+ä %", "hidden"]),
        ("?", ["a", "b/c", "d+ä %", "hidden"]),
        ("?&&", ["a", "b/c", "d+ä %", "hidden"]),
        ("?status=SUCCEEDED", ["a", "b/c", "hidden"]),
        ("?status=SUCCEEDED&status=PENDING&users=u", ["a", "b/c"]),
        ("?tasks=d%2B%C3%A4+%25", ["d+ä %"]),
        ("?tasks=d%2Bä+%25&tasks=a", ["a", "d+ä %"]),
        ("?services=none", []),
    ],
)
def test_list_request_returns_the_tasks_of_its_query(query: str, tasks: list[str]) -> None:
    """Q-1: Parameters are repeated, percent-encoded and without a prefix."""
    assert tasks_of(send(TASKS + query)) == tasks
    assert tasks_of(send((TASKS + query).encode())) == tasks


@pytest.mark.parametrize(
    ("path", "task"),
    [
        ("/a", "a"),
        ("/%61", "a"),
        ("/b%2Fc", "b/c"),
        ("/b%2fc?", "b/c"),
        ("/d+%C3%A4%20%25?&", "d+ä %"),
        ("/d%2Bä%20%25", "d+ä %"),
    ],
)
def test_get_request_returns_the_task_of_its_path(path: str, task: str) -> None:
    """Q-1: Decode percent escapes; keep a plus, and take an escaped slash as a part of the id."""
    response = send(TASKS + path)
    assert response.status == 200
    assert Info.from_json(response.body) == next(item.info for item in ITEMS if item.task == task)


@pytest.mark.parametrize("url", ["http://host", "HTTPS://host:443", "http://user:secret@host", "ws://host"])
def test_request_with_url_as_target_reads_its_path(url: str) -> None:
    """Q-1: HTTP sends a URL in a request to a proxy."""
    assert tasks_of(send(f"{url}{TASKS}?users=v")) == ["hidden"]
    assert send(f"{url}{TASKS}/a").status == 200
    assert error_of(send(url)) == (404, "OPERATION_NOT_FOUND")


@pytest.mark.parametrize("prefix", ["", "/api", "/deep/er"])
def test_service_with_prefix_answers_under_it_only(prefix: str) -> None:
    """W-3: Compare the part before /snapservice/tasks literally."""
    assert tasks_of(send(f"{prefix}/snapservice/tasks?tasks=a", prefix=prefix)) == ["a"]
    assert send(f"{prefix}/snapservice/tasks/a", prefix=prefix).status == 200
    assert error_of(send(f"/other{prefix}/snapservice/tasks", prefix=prefix)) == (404, "OPERATION_NOT_FOUND")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "*",
        "/api",
        "/snapservice/tasks",
        TASKS + "/",
        TASKS + "/a/",
        TASKS + "/b/c",
        TASKS + "//",
        "/" + TASKS,
        TASKS.upper(),
        TASKS + "%2Fa",
        "/api/snapservice/%74asks",
        "/api/./snapservice/tasks",
        "http:" + TASKS,
        "user:secret@host:443",
        "host:80" + TASKS,
        "api/snapservice/tasks",
        "\ud800",
    ],
)
def test_request_with_another_path_returns_operation_not_found(path: str) -> None:
    """W-3, Q-5: A trailing slash is another path, too; neither caller nor method matters."""
    for options in ({}, {"caller": None}, {"method": "POST", "body": b"x"}):
        response = send(path + "?statuz=x", **options)
        assert error_of(response) == (404, "OPERATION_NOT_FOUND")
        assert "must be /api/snapservice/tasks or /api/snapservice/tasks/{task}" in text_of(response)


@pytest.mark.parametrize("task", ["%", "%zz", "%f", "%ff", "%ed%a0%80", "%c3", "a%00%fe"])
def test_get_request_with_undecodable_id_returns_not_found(task: str) -> None:
    """W-3: No task has an id with a broken escape or without UTF-8; the caller does not matter."""
    for options in ({}, {"caller": None}, {"method": "DELETE"}):
        response = send(f"{TASKS}/{task}", **options)
        assert error_of(response) == (404, "NOT_FOUND")
        assert task in text_of(response)
    assert error_of(send(f"{TASKS}/".encode() + b"\xff")) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get", "", "\x00", "\ud800", "G" * 100_000])
def test_request_with_another_method_returns_invalid_request(method: str) -> None:
    """W-3: Allow names the methods; an unauthenticated caller receives it, too."""
    for target in (TASKS, TASKS + "/a"):
        response = send(target, method=method, caller=None)
        assert error_of(response) == (400, "INVALID_REQUEST")
        assert response.header("Allow") == "GET, HEAD"
        assert len(response.body) < 1000


def test_head_request_returns_the_headers_of_get_without_its_body() -> None:
    """Q-5: This holds for an error, too."""
    for options in ({}, {"target": TASKS + "/a"}, {"caller": None}, {"target": "/"}, {"target": TASKS + "?x"}):
        get, head = send(**options), send(method="HEAD", **options)
        assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")
        assert head.header("content-length") == str(len(get.body))


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t", b"{}", b" { \n} "])
def test_request_with_blank_or_empty_object_body_returns_200(body: bytes) -> None:
    """Q-5."""
    assert send(body=body).status == send(TASKS + "/a", body=body).status == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"status":["FAILED"]}', b"status=FAILED", b"\xff", b"{}{}"])
def test_request_with_a_body_returns_invalid_request(body: bytes) -> None:
    """Q-5: Otherwise a filter in the body would be ignored silently."""
    for target in (TASKS, TASKS + "/a"):
        response = send(target, body=body)
        assert error_of(response) == (400, "INVALID_REQUEST")
        assert "?status=FAILED" in text_of(response)


@pytest.mark.parametrize("query", ["status=FAILED", "x", "&&x=1", "=", "%zz", "%ff=1", "x=\ud800"])
def test_get_request_with_any_query_returns_unexpected_input(query: str) -> None:
    """Q-5: Name the first parameter, not its value."""
    response = send(f"{TASKS}/a?{query}")
    assert error_of(response) == (400, "UNEXPECTED_INPUT")
    assert "this operation has no parameters [Q-5]" in text_of(response)
    data = ArgumentLocations.from_json(json.dumps(json.loads(response.body)["data"]))
    assert data.primary in {"status", "x", "", "%zz", "%ff"}


@pytest.mark.parametrize("target", [TASKS, TASKS + "/a"])
@pytest.mark.parametrize("part", ["&", "x", "%zz", "tasks=a&"])
def test_request_with_query_past_the_bound_returns_invalid_argument(target: str, part: str) -> None:
    """Q-4: Past the bound, no work grows with the query, whichever operation the path names."""
    query = (part * (MAX_QUERY_LENGTH + 1))[: MAX_QUERY_LENGTH + 1]
    response = send(f"{target}?{query}")
    assert error_of(response) == (400, "INVALID_ARGUMENT")
    assert f"must be a query of at most {MAX_QUERY_LENGTH} bytes [Q-4]" in text_of(response)
    assert send(f"{target}?{'&' * MAX_QUERY_LENGTH}").status == 200


@pytest.mark.parametrize(
    ("query", "error", "primary"),
    [
        ("statuz=FAILED", "UNEXPECTED_INPUT", "statuz"),
        ("status=BROKEN", "INVALID_ARGUMENT", "status"),
        ("tasks=", "INVALID_ARGUMENT", "tasks"),
        ("tasks=%ff", "INVALID_ARGUMENT", "tasks"),
        ("users=%", "INVALID_ARGUMENT", "users"),
    ],
)
def test_list_request_with_wrong_filter_returns_400_and_asks_no_source(query: str, error: str, primary: str) -> None:
    """Q-2, E-5, L-6."""

    def untouched(filter: FilterSpec) -> NoReturn:
        raise AssertionError

    response = send(f"{TASKS}?{query}", source=untouched)
    assert error_of(response) == (400, error)
    assert json.loads(response.body)["data"] == {"primary": primary, "secondary": []}


def test_service_with_require_scope_refuses_lists_without_scope() -> None:
    """F-8: A get needs no scope."""
    response = send(TASKS + "?status=FAILED", require_scope=True, visibility=broken)
    assert error_of(response) == (400, "INVALID_ARGUMENT")
    assert json.loads(response.body)["data"] == {"primary": "tasks", "secondary": ["services"]}
    assert tasks_of(send(TASKS + "?services=other", require_scope=True)) == ["b/c"]
    assert send(TASKS + "/a", require_scope=True).status == 200


# Requests as values


def test_request_headers_are_lower_case_and_joined() -> None:
    """W-3: Take pairs or a mapping, text or bytes; join several of one name, so that none hides another."""
    pairs = (("x-a", "1"), ("x-b", "é"))
    for headers in ({"X-A": "1", "x-B": "é"}, [("X-A", "1"), ("x-B", "é")], [(b"X-A", b"1"), (b"x-B", b"\xe9")]):
        request = rest.Request("GET", TASKS, headers)
        assert request.headers == pairs
        assert request.header("x-a") == request.header("X-A") == "1"
        assert request.header("x-c") is None
    assert rest.Request("GET", TASKS, [("A", "root"), ("a", "u")]).header("A") == "root, u"
    assert rest.Request("GET", TASKS, body=memoryview(b"x")).body == b"x"


@pytest.mark.parametrize(
    "arguments",
    [
        (b"GET", TASKS),
        ("GET", None),
        ("GET", TASKS, [("a", 5)]),
        ("GET", TASKS, [("a",)]),
        ("GET", TASKS, [("a", "b", "c")]),
        ("GET", TASKS, ["ab"]),
        ("GET", TASKS, [5]),
        ("GET", TASKS, {}, "text"),
    ],
)
def test_request_with_wrong_type_of_argument_raises_type_error(arguments: Any) -> None:
    """W-3: A programmer's mistake is reported immediately and by its type only."""
    with pytest.raises(TypeError, match="must be"):
        rest.Request(*arguments)


class Renamed(str):
    """Give other text than it holds."""

    __slots__ = ()

    def encode(self, *_: object, **__: object) -> bytes:
        return b"/other"

    def lower(self) -> str:
        return "other"

    def __str__(self) -> str:
        return "other"


def test_request_of_texts_of_a_subclass_holds_plain_texts() -> None:
    """V-2: A subclass can redefine methods, and an instance of it can change."""
    request = rest.Request(Renamed("GET"), Renamed("/a"), [(Renamed("B"), Renamed("c"))])
    assert request == rest.Request("GET", "/a", [("b", "c")])
    assert {*map(type, (request.method, request.target, *request.headers[0]))} == {str, bytes}


@pytest.mark.parametrize(
    "target", [TASKS + "#", TASKS + "#x", TASKS + "/a#x", TASKS + "?status=FAILED#x", "http://h" + TASKS + "#?users=u"]
)
def test_request_with_fragment_returns_operation_not_found(target: str) -> None:
    """W-3, Q-1: No client sends a fragment; a # in an id is escaped."""
    response = send(target)
    assert error_of(response) == (404, "OPERATION_NOT_FOUND")
    assert "(found a fragment; write %23 for a # that belongs to it)" in text_of(response)
    assert error_of(send(TASKS + "/a%23x")) == (404, "NOT_FOUND")
