"""Requests: which operation a method, a target and a body ask for, and what is refused (Q-1, Q-2, Q-5, W-3)."""

import json
from typing import Any, NoReturn

import pytest

from snaptasks import ArgumentLocations, FilterSpec, Info, rest
from tests.building import broken
from tests.rest.example_service import ITEMS, TASKS, ask, error_of, tasks_of, text_of


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
def test_the_list_operation(query: str, tasks: list[str]) -> None:
    """Q-1: repeated parameters without a prefix, percent-encoded."""
    assert tasks_of(ask(TASKS + query)) == tasks
    assert tasks_of(ask((TASKS + query).encode())) == tasks


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
def test_the_get_operation(path: str, task: str) -> None:
    """Q-1: the id is percent-encoded; a plus in a path is a plus, and an escaped slash belongs to the id."""
    response = ask(TASKS + path)
    assert response.status == 200
    assert Info.from_json(response.body) == next(item.info for item in ITEMS if item.task == task)


@pytest.mark.parametrize("url", ["http://host", "HTTPS://host:443", "http://user:secret@host", "ws://host"])
def test_a_target_may_be_a_url(url: str) -> None:
    """Q-1: as HTTP has it in a request to a proxy."""
    assert tasks_of(ask(f"{url}{TASKS}?users=v")) == ["hidden"]
    assert ask(f"{url}{TASKS}/a").status == 200
    assert error_of(ask(url)) == (404, "OPERATION_NOT_FOUND")


@pytest.mark.parametrize("prefix", ["", "/api", "/deep/er"])
def test_the_prefix_is_the_embedders(prefix: str) -> None:
    """W-3: what stands before /snapservice/tasks is compared as it stands."""
    assert tasks_of(ask(f"{prefix}/snapservice/tasks?tasks=a", prefix=prefix)) == ["a"]
    assert ask(f"{prefix}/snapservice/tasks/a", prefix=prefix).status == 200
    assert error_of(ask(f"/other{prefix}/snapservice/tasks", prefix=prefix)) == (404, "OPERATION_NOT_FOUND")


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
def test_another_path_is_no_operation(path: str) -> None:
    """W-3, Q-5: a trailing slash is another path, too; whoever asks, and however."""
    for options in ({}, {"who": None}, {"method": "POST", "body": b"x"}):
        response = ask(path + "?statuz=x", **options)
        assert error_of(response) == (404, "OPERATION_NOT_FOUND")
        assert "there are /api/snapservice/tasks and /api/snapservice/tasks/{task}" in text_of(response)


@pytest.mark.parametrize("task", ["%", "%zz", "%f", "%ff", "%ed%a0%80", "%c3", "a%00%fe"])
def test_an_id_that_is_no_text_is_not_found(task: str) -> None:
    """W-3: no valid escape, or no UTF-8: no task has such an id, whoever asks."""
    for options in ({}, {"who": None}, {"method": "DELETE"}):
        response = ask(f"{TASKS}/{task}", **options)
        assert error_of(response) == (404, "NOT_FOUND")
        assert task in text_of(response)
    assert error_of(ask(f"{TASKS}/".encode() + b"\xff")) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get", "", "\x00", "\ud800", "G" * 100_000])
def test_another_method_is_an_invalid_request(method: str) -> None:
    """W-3: INVALID_REQUEST, and which methods there are in Allow; also for nobody."""
    for target in (TASKS, TASKS + "/a"):
        response = ask(target, method=method, who=None)
        assert error_of(response) == (400, "INVALID_REQUEST")
        assert response.header("Allow") == "GET, HEAD"
        assert len(response.body) < 1000


def test_head_is_get_without_the_body() -> None:
    """Q-5: the same status and headers, of an error, too."""
    for options in ({}, {"target": TASKS + "/a"}, {"who": None}, {"target": "/"}, {"target": TASKS + "?x"}):
        got, head = ask(**options), ask(method="HEAD", **options)
        assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")
        assert head.header("content-length") == str(len(got.body))


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t", b"{}", b" { \n} "])
def test_an_empty_body_is_none(body: bytes) -> None:
    """Q-5: none, blank or {}."""
    assert ask(body=body).status == ask(TASKS + "/a", body=body).status == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"status":["FAILED"]}', b"status=FAILED", b"\xff", b"{}{}"])
def test_a_body_is_refused(body: bytes) -> None:
    """Q-5: a filter in it would silently not count."""
    for target in (TASKS, TASKS + "/a"):
        response = ask(target, body=body)
        assert error_of(response) == (400, "INVALID_REQUEST")
        assert "?status=FAILED" in text_of(response)


@pytest.mark.parametrize("query", ["status=FAILED", "x", "&&x=1", "=", "%zz", "%ff=1", "x=\ud800"])
def test_a_query_on_get_is_unexpected_input(query: str) -> None:
    """Q-5: whatever it is; the first parameter is named, its value is not."""
    response = ask(f"{TASKS}/a?{query}")
    assert error_of(response) == (400, "UNEXPECTED_INPUT")
    assert "this operation has no parameters [Q-5]" in text_of(response)
    data = ArgumentLocations.from_json(json.dumps(json.loads(response.body)["data"]))
    assert data.primary in {"status", "x", "", "%zz", "%ff"}


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
def test_a_wrong_filter_is_refused(query: str, error: str, primary: str) -> None:
    """Q-2, E-5, L-6: the source is not asked."""

    def untouched(filter: FilterSpec) -> NoReturn:
        raise AssertionError

    response = ask(f"{TASKS}?{query}", source=untouched)
    assert error_of(response) == (400, error)
    assert json.loads(response.body)["data"] == {"primary": primary, "secondary": []}


def test_scope_can_be_required() -> None:
    """F-8: of the list operation alone."""
    response = ask(TASKS + "?status=FAILED", require_scope=True, visibility=broken)
    assert error_of(response) == (400, "INVALID_ARGUMENT")
    assert json.loads(response.body)["data"] == {"primary": "tasks", "secondary": ["services"]}
    assert tasks_of(ask(TASKS + "?services=other", require_scope=True)) == ["b/c"]
    assert ask(TASKS + "/a", require_scope=True).status == 200


# Requests and responses as values


def test_headers_are_kept_in_lower_case() -> None:
    """W-3: pairs or a mapping, text or bytes; several of one name are joined, so that none hides another."""
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
        ("GET", TASKS, {}, "text"),
    ],
)
def test_what_is_no_request(arguments: Any) -> None:
    """W-3: a programmer's mistake, told at once and by its type alone."""
    with pytest.raises(TypeError, match="must be"):
        rest.Request(*arguments)


@pytest.mark.parametrize(
    "target", [TASKS + "#", TASKS + "#x", TASKS + "/a#x", TASKS + "?status=FAILED#x", "http://h" + TASKS + "#?users=u"]
)
def test_a_fragment_is_another_path(target: str) -> None:
    """W-3, Q-1: no client sends one; whoever means a # escapes it."""
    response = ask(target)
    assert error_of(response) == (404, "OPERATION_NOT_FOUND")
    assert "(found a fragment; write %23 for a # that belongs to it)" in text_of(response)
    assert error_of(ask(TASKS + "/a%23x")) == (404, "NOT_FOUND")
