"""The server's side of the boundary: which answer a request gets (Q-1, Q-5, W-2, W-3, A-1, A-2, E-2, E-7)."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, NoReturn

import pytest
from pydantic import ValidationError

from snaptasks import (
    EVERYTHING,
    NOTHING,
    ArgumentLocations,
    Caller,
    Error,
    ErrorType,
    ErrorValue,
    FilterSpec,
    Grants,
    Info,
    InvalidValue,
    ListItem,
    ListResult,
    LocalizableMessage,
    NotFound,
    ResourceInaccessible,
    ServiceUnavailable,
    Status,
    TaskIndex,
    Unauthenticated,
    Unauthorized,
    Wanted,
    get_task,
    rest,
    value_type,
)
from tests.rest.asking import (
    ITEMS,
    TASKS,
    Asynchronous,
    ask,
    async_sources,
    authenticate,
    error_of,
    tasks_of,
    text_of,
    visibility,
)
from tests.strategies import plain_item

SHORT: list[bool] = []
MESSAGE = LocalizableMessage(id="m", default_message="A message")


# What is asked for


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


# Who asks


def test_no_caller_and_no_privilege() -> None:
    """A-1, A-2: 401 and 403, without data, and without a word of why."""
    for target in (TASKS, TASKS + "/a", TASKS + "?statuz"):
        assert error_of(ask(target, who=None)) == error_of(ask(target, who="nobody")) == (401, "UNAUTHENTICATED")
        assert ask(target, who=None) == ask(target, who="nobody", body=b"x")
        response = ask(target, who="guest")
        assert error_of(response) == (403, "UNAUTHORIZED")
        assert text_of(response) == "The caller is not authorized."
        assert "data" not in json.loads(response.body)


def test_a_challenge_goes_with_a_401() -> None:
    """W-2, A-2: given to the boundary, or raised with the error."""
    response = ask(who=None, challenge='Bearer realm="snapservice"')
    assert response.header("WWW-Authenticate") == 'Bearer realm="snapservice"'
    assert json.loads(response.body)["challenge"] == 'Bearer realm="snapservice"'
    assert ask(who="guest", challenge="Bearer").header("www-authenticate") is None
    assert ask(who=None).header("www-authenticate") is None

    def expired(request: rest.Request) -> NoReturn:
        raise Unauthenticated(MESSAGE, challenge='Bearer error="invalid_token"')

    raised = ask(authenticate=expired, challenge="Bearer")
    assert (raised.status, raised.header("www-authenticate")) == (401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize("kind", [ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED])
def test_what_was_read_and_must_not_be_sent_is_not(kind: ErrorType) -> None:
    """A-2: the data of these two, and a challenge with a control character: a client would read another header."""
    text = {"messages": [], "error_type": kind, "data": {"why": "secret"}, "challenge": "Basic\r\nset-cookie: secret"}
    error = Error.from_value(ErrorValue.from_json(json.dumps(text)))
    response = rest.error_response(error)
    assert response.header("www-authenticate") is None
    assert json.loads(response.body) == {"messages": [], "error_type": kind}
    passed_on = ask(authenticate=lambda request: raised(error))
    assert passed_on == response
    assert "secret" not in f"{passed_on.headers}{passed_on.body!r}"


@pytest.mark.parametrize(("challenge", "header"), [("Bärer", None), (" ", None), ("", None), (" Basic ", "Basic")])
def test_a_challenge_that_no_header_can_carry_is_in_the_body(challenge: str, header: str | None) -> None:
    """W-2: a header is printable ASCII, without blanks at its ends."""
    response = rest.error_response(Unauthorized(MESSAGE, challenge=challenge))
    assert response.header("www-authenticate") == header
    assert json.loads(response.body)["challenge"] == challenge


def raised(error: BaseException) -> NoReturn:
    raise error


def broken(anything: object) -> NoReturn:
    raise RuntimeError("secret")


def test_the_order_of_decisions() -> None:
    """W-3: a request that is wrong in every respect, made right one by one."""
    wrong: dict[str, Any] = {
        "target": "/wrong?statuz",
        "method": "POST",
        "who": None,
        "body": b"x",
        "source": lambda spec: raised(ServiceUnavailable(MESSAGE)),
    }
    answers = [error_of(ask(**wrong))]
    for right in (
        {"target": TASKS + "?statuz"},
        {"method": "GET"},
        {"who": "guest"},
        {"who": "u"},
        {"body": b""},
        {"target": TASKS},
        {"source": ITEMS},
    ):
        wrong |= right
        response = ask(**wrong)
        answers.append((response.status, json.loads(response.body).get("error_type", "")))
    assert answers == [
        (404, "OPERATION_NOT_FOUND"),
        (400, "INVALID_REQUEST"),
        (401, "UNAUTHENTICATED"),
        (403, "UNAUTHORIZED"),
        (400, "INVALID_REQUEST"),
        (400, "UNEXPECTED_INPUT"),
        (503, "SERVICE_UNAVAILABLE"),
        (200, ""),
    ]


def test_the_caller_may_see_what_it_may_see() -> None:
    """A-3, A-6: a hidden task is nowhere, and getting it is the same as getting one that there is not."""
    assert tasks_of(ask(who="u")) == ["a", "b/c"]
    hidden, missing = ask(TASKS + "/hidden", who="u"), ask(TASKS + "/missin", who="u")
    assert hidden.body.replace(b"hidden", b"missin") == missing.body
    assert (hidden.status, hidden.headers) == (missing.status, missing.headers)
    assert error_of(hidden) == (404, "NOT_FOUND")


# What is sent


def test_a_response_is_the_bare_structure() -> None:
    """W-1, W-2: and for one caller alone, which a cache must know."""
    result = ListResult(items=ITEMS[:2])
    response = ask(TASKS + "?users=u")
    assert response == rest.list_response(result)
    assert response.body == result.to_json()
    assert response.headers == (
        ("content-type", "application/json"),
        ("content-length", str(len(response.body))),
        ("cache-control", "no-store"),
    )
    assert ask(TASKS + "/a") == rest.info_response(ITEMS[0].info)
    assert rest.info_response(ITEMS[0].info).body == ITEMS[0].info.to_json()


def test_the_cap() -> None:
    """L-1, L-2, E-2: 1000 are sent, 1001 are RESOURCE_INACCESSIBLE."""
    index = TaskIndex(plain_item(f"t{number}") for number in range(1000))
    assert len(tasks_of(ask(source=index))) == 1000
    index.put(plain_item("one more"))
    assert error_of(ask(source=index)) == (500, "RESOURCE_INACCESSIBLE")
    assert text_of(ask(source=index)) == "More than 1000 tasks match. Narrow the filter."


@pytest.mark.parametrize("kind", list(ErrorType))
def test_every_error_of_a_source_passes_through(kind: ErrorType) -> None:
    """W-3, E-4: with its table's status, whatever it was received with; of a visibility or an authentication, too."""
    error = Error.from_value(ErrorValue(messages=[MESSAGE], error_type=kind), received_status=302)
    told: list[Exception] = []
    responses = [
        ask(target, on_error=told.append, **{where: lambda *_: raised(error)})
        for target in (TASKS, TASKS + "/a")
        for where in ("source", "visibility", "authenticate")
    ]
    assert {*responses} == {rest.error_response(error)}
    assert error_of(responses[0]) == (kind.http_status, kind)
    assert told == []


# What goes wrong inside


def test_a_bug_is_told_to_the_embedder_alone() -> None:
    """E-7, W-3: wherever it comes up."""
    for where in ("source", "visibility", "authenticate"):
        for target in (TASKS, TASKS + "/a"):
            told: list[Exception] = []
            response = ask(target, on_error=told.append, **{where: broken})
            assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
            assert text_of(response) == "The server failed in a way that it did not expect."
            assert b"secret" not in response.body
            assert [repr(error) for error in told] == ["RuntimeError('secret')"] * 2  # once for each way to ask
            assert ask(target, **{where: broken}) == response


@pytest.mark.parametrize(
    "error", [StopIteration("secret"), RecursionError("secret"), ExceptionGroup("x", [ValueError()])]
)
def test_every_exception_is_answered(error: Exception) -> None:
    """W-3: the boundary never raises."""
    told: list[Exception] = []
    for where in ("source", "visibility", "authenticate"):
        failing: dict[str, Any] = {where: lambda *_: raised(error)}
        response = ask(on_error=told.append, **failing)
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert len(told) == 6


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()])
def test_what_ends_a_program_goes_through(error: BaseException) -> None:
    """W-3: it is no answer to a request."""
    request = rest.Request("GET", TASKS)
    for where in ("authenticate", "on_error"):
        options: dict[str, Any] = {"authenticate": broken, "visibility": visibility, where: lambda *_: raised(error)}
        with pytest.raises(type(error)):
            rest.Service(ITEMS, **options).handle(request)


def unreadable() -> ListItem:
    return ListItem.from_json('{"task":"secret","info":{"status":"RUNNING"}}')


def unbuildable() -> ListItem:
    return ITEMS[0].evolve(task="")


@pytest.mark.parametrize(("row", "kind"), [(unreadable, InvalidValue), (unbuildable, ValidationError)])
def test_a_row_that_is_no_task(row: Any, kind: type[Exception]) -> None:
    """L-4: the client hears that a state cannot be read, the embedder which."""

    class Stored:
        def select(self, *_: object) -> object:
            return [row()]

        scan = select

        def find(self, task: str) -> object:
            return row()

    class Slow(Stored):
        async def select(self, *_: object) -> object:
            return [row()]

        async def find(self, task: str) -> object:
            return row()

    async def candidates(filter: FilterSpec) -> object:
        return [row()]

    for source in (lambda spec: [row()], lambda spec: (row() for _ in "x"), Stored(), Slow(), candidates):
        for target in (TASKS, TASKS + "/a"):
            told: list[Exception] = []
            response = answer_async(target, source, on_error=told.append)
            assert error_of(response) == (500, "RESOURCE_INACCESSIBLE")
            assert b"secret" not in response.body
            assert [type(error) for error in told] == [kind]


def test_a_visibility_check_that_cannot_read() -> None:
    """W-3, A-7: InvalidValue is L-4, whichever way the task came; ValidationError is nobody's but a programmer's."""

    def check(row: Any) -> Any:
        return lambda caller: lambda item: bool(row())

    for source in async_sources(ITEMS):
        for target in (TASKS, TASKS + "/a"):
            told: list[Exception] = []
            response = answer_async(target, source, visibility=check(unreadable), on_error=told.append)
            assert error_of(response) == (500, "RESOURCE_INACCESSIBLE")
            response = answer_async(target, source, visibility=check(unbuildable), on_error=told.append)
            assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
            assert [type(error) for error in told] == [InvalidValue, ValidationError]
    factory = ask(visibility=lambda caller: unreadable())
    assert error_of(factory) == (500, "RESOURCE_INACCESSIBLE")
    token = ask(authenticate=lambda request: unreadable())
    assert error_of(token) == (500, "INTERNAL_SERVER_ERROR")


def test_the_cause_of_a_failure_is_told() -> None:
    """L-9: what a source hides from the client its embedder wants to know; a client's mistake nobody does."""

    def unreachable(filter: FilterSpec) -> NoReturn:
        raise ServiceUnavailable(MESSAGE) from ConnectionError("secret")

    def unknown(filter: FilterSpec) -> NoReturn:
        raise NotFound(MESSAGE) from KeyError("secret")

    def forgetful(filter: FilterSpec) -> NoReturn:
        try:
            raised(ConnectionError("secret"))
        except ConnectionError:
            raise ServiceUnavailable(MESSAGE)  # noqa: B904 - as people do

    told: list[Exception] = []
    for source in (unreachable, forgetful):
        response = ask(source=source, on_error=told.append)
        assert error_of(response) == (503, "SERVICE_UNAVAILABLE")
        assert b"secret" not in response.body
        assert [type(error) for error in told] == [ConnectionError] * 2
        told.clear()
    assert error_of(ask(source=unknown, on_error=told.append)) == (404, "NOT_FOUND")
    assert error_of(ask(TASKS + "?statuz", on_error=told.append)) == (400, "UNEXPECTED_INPUT")
    assert error_of(ask(source=lambda spec: raised(ServiceUnavailable(MESSAGE)), on_error=told.append))[0] == 503
    assert told == []


def test_the_hook_cannot_break_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    """W-3: whatever it does; and it is called while the exception is handled."""
    plain = ask(source=broken)
    assert ask(source=broken, on_error=broken) == plain
    assert ask(source=broken, on_error=lambda error: 5) == plain
    assert (
        rest.Service(
            broken,
            authenticate=authenticate,
            visibility=visibility,
            on_error=logging.getLogger("service").exception,
        ).handle(rest.Request("GET", TASKS, {"authorization": "root"}))
        == plain
    )
    assert "Traceback" in caplog.text
    assert "in broken" in caplog.text


@pytest.mark.parametrize("answer", [5, "root", {"user": "root"}, True])
def test_who_is_no_caller_is_a_bug(answer: Any) -> None:
    """A-8: and no caller that may read everything."""
    assert error_of(ask(authenticate=lambda request: answer)) == (500, "INTERNAL_SERVER_ERROR")
    assert error_of(ask(visibility=lambda caller: answer)) == (500, "INTERNAL_SERVER_ERROR")


def test_a_check_that_fails_in_silence_shows_no_partial_list() -> None:
    """A-7: whatever a source makes of what the check raised: an end of its own iteration, or nothing at all."""

    def stops(item: ListItem) -> bool:
        return item.task == "a" or next(iter([]))

    def fails(item: ListItem) -> bool:
        return item.task == "a" or bool(broken(item))

    def ends(item: ListItem) -> bool:
        return item.task == "a" or bool(SHORT[1])

    def ends_async(item: ListItem) -> bool:
        if item.task == "a":
            return True
        raise StopAsyncIteration

    class Lazy(Sequence[ListItem]):
        """Items that are got one by one, until an IndexError says that there are no more."""

        def __len__(self) -> int:
            return len(ITEMS)

        def __getitem__(self, at: Any) -> Any:
            return ITEMS[at]

    class Stored:
        def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem]:
            return Lazy()

        def scan(self, wanted: Wanted) -> Iterable[ListItem]:
            return Lazy()

        def find(self, task: str) -> ListItem | None:
            return next((item for item in ITEMS if item.task == task), None)

    for check, kind in (
        (stops, RuntimeError),
        (fails, RuntimeError),
        (ends, IndexError),
        (ends_async, StopAsyncIteration),
    ):
        for source in (Lazy(), lambda spec: Lazy(), Stored(), *async_sources(ITEMS)):
            told: list[Exception] = []
            response = answer_async(TASKS, source, visibility=lambda caller: check, on_error=told.append)  # noqa: B023
            assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
            assert [type(error) for error in told] == [kind]
            assert error_of(answer_async(TASKS + "/hidden", source, visibility=lambda caller: check))[0] == 500  # noqa: B023


def test_a_future_is_no_source() -> None:
    """A-8, L-4: one that is done can be iterated, and gives nothing."""

    async def main() -> list[rest.Response]:
        future: asyncio.Future[list[ListItem]] = asyncio.get_running_loop().create_future()
        future.set_result(ITEMS)

        async def gives_a_future(filter: FilterSpec) -> object:
            return future

        request = rest.Request("GET", TASKS, {"authorization": "root"})
        options: dict[str, Any] = {"authenticate": authenticate, "visibility": visibility}
        with pytest.raises(TypeError, match=r"a source must be .*, not Future"):
            rest.Service(future, **options)  # type: ignore[arg-type]
        sources: list[Any] = [gives_a_future]
        return [await rest.Service(source, **options).handle_async(request) for source in sources]

    assert [error_of(response) for response in asyncio.run(main())] == [(500, "INTERNAL_SERVER_ERROR")]


# What has to be awaited


async def slow_caller(request: rest.Request) -> Caller | None:
    await asyncio.sleep(0)
    return authenticate(request)


async def slow_visibility(caller: Caller) -> Any:
    await asyncio.sleep(0)
    return visibility(caller)


def answer_async(target: str, source: Any = ITEMS, **options: Any) -> rest.Response:
    """The answer of an event loop; to root."""
    request = rest.Request(options.pop("method", "GET"), target, {"authorization": options.pop("who", "root")})
    options = {"authenticate": slow_caller, "visibility": slow_visibility, **options}
    return asyncio.run(rest.Service(source, **options).handle_async(request))


@pytest.mark.parametrize("number", range(len(async_sources([]))))
@pytest.mark.parametrize("who", ["root", "u", "guest", "nobody"])
def test_every_source_gives_the_same_to_whoever_awaits(number: int, who: str) -> None:
    """W-3: the same decisions, and the same bytes, with and without an event loop."""
    for target in (TASKS, TASKS + "?users=u", TASKS + "/a", TASKS + "/hidden", TASKS + "?x", TASKS + "/%"):
        for method in ("GET", "HEAD", "POST"):
            source = async_sources(ITEMS)[number]
            assert answer_async(target, source, who=who, method=method) == ask(target, who=who, method=method)


def test_over_the_cap_of_an_asynchronous_source() -> None:
    """L-2: also where it answers with more than it was asked for."""
    many = [plain_item(f"t{number}") for number in range(1001)]

    class TooMany(Asynchronous):
        async def select(self, *_: object) -> list[ListItem]:
            return many

    for source in (*async_sources(many), TooMany(many)):
        assert error_of(answer_async(TASKS, source)) == (500, "RESOURCE_INACCESSIBLE")


def test_what_fails_while_it_is_awaited() -> None:
    """E-7, W-3: as if it had failed at once."""

    async def failing(*_: object) -> NoReturn:
        await asyncio.sleep(0)
        raise RuntimeError("secret")

    async def refusing(*_: object) -> NoReturn:
        await asyncio.sleep(0)
        raise ServiceUnavailable(MESSAGE)

    for where in ("source", "visibility", "authenticate"):
        told: list[Exception] = []
        response = answer_async(TASKS, **{where: failing}, on_error=told.append)
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
        assert [repr(error) for error in told] == ["RuntimeError('secret')"]
        assert error_of(answer_async(TASKS, **{where: refusing})) == (503, "SERVICE_UNAVAILABLE")


def test_an_asynchronous_hook_is_awaited() -> None:
    """E-7: and cannot break the answer either."""
    told: list[Exception] = []

    async def tell(error: Exception) -> None:
        await asyncio.sleep(0)
        told.append(error)
        raise ValueError

    assert error_of(answer_async(TASKS, broken, on_error=tell)) == (500, "INTERNAL_SERVER_ERROR")
    assert [repr(error) for error in told] == ["RuntimeError('secret')"]


def test_an_asynchronous_hook_without_an_event_loop_is_warned_of() -> None:
    """E-7: by Python itself, for nobody hears of the exception otherwise."""

    async def tell(error: Exception) -> None:
        raise AssertionError

    request = rest.Request("GET", TASKS)
    service: rest.Service = rest.Service(ITEMS, authenticate=broken, visibility=visibility, on_error=tell)
    with pytest.warns(RuntimeWarning, match="tell' was never awaited"):
        response = service.handle(request)
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")


def test_a_cancellation_goes_through() -> None:
    """W-3: and ends what was awaited."""

    async def main() -> list[str]:
        seen = []

        async def forever(request: rest.Request) -> None:
            seen.append("asked")
            try:
                await asyncio.Event().wait()
            finally:
                seen.append("ended")

        request = rest.Request("GET", TASKS)
        service = rest.Service(ITEMS, authenticate=forever, visibility=visibility)
        task = asyncio.create_task(service.handle_async(request))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return seen

    assert asyncio.run(main()) == ["asked", "ended"]


def test_a_future_is_not_awaited_without_an_event_loop() -> None:
    """A-8: and no caller either, whether or not it is done; the embedder hears what to do."""

    async def main() -> tuple[rest.Response, list[Exception]]:
        told: list[Exception] = []
        future: asyncio.Future[Caller | None] = asyncio.get_running_loop().create_future()
        future.set_result(authenticate(rest.Request("GET", TASKS, {"authorization": "u"})))
        service: Any = rest.Service(
            ITEMS, authenticate=lambda request: future, visibility=visibility, on_error=told.append
        )
        return service.handle(rest.Request("GET", TASKS)), told

    response, told = asyncio.run(main())
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert [str(error) for error in told] == ["a function or generator gave Future; await handle_async instead"]


def test_nothing_is_awaited_without_an_event_loop() -> None:
    """A-8: a coroutine is truthy, and no caller; it is closed, and the embedder told what to do."""

    async def check(item: ListItem) -> bool:
        return True

    request = rest.Request("GET", TASKS, {"authorization": "root"})
    for options in (
        {"authenticate": slow_caller},
        {"visibility": slow_visibility},
        {"visibility": lambda caller: check},
        {"source": Asynchronous(ITEMS)},
    ):
        told: list[Exception] = []
        given: dict[str, Any] = {"authenticate": authenticate, "visibility": visibility, "source": ITEMS, **options}
        response = rest.Service(given.pop("source"), **given, on_error=told.append).handle(request)
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
        assert [type(error) for error in told] == [TypeError]
        assert "async function" in str(told[0])
    for options, name in (({"authenticate": slow_caller}, "slow_caller"), ({"source": Asynchronous(ITEMS)}, "select")):
        told = []
        given = {"authenticate": authenticate, "visibility": visibility, "source": ITEMS, **options}
        rest.Service(given.pop("source"), **given, on_error=told.append).handle(request)
        assert f"{name} gave a coroutine" in str(told[0])
        assert "await handle_async instead" in str(told[0])
    told = []
    assert error_of(answer_async(TASKS, visibility=lambda caller: check, on_error=told.append))[0] == 500
    assert "async function" in str(told[0])


def test_an_awaitable_that_is_no_coroutine() -> None:
    """W-3: a future or a task will do, too."""

    async def main() -> rest.Response:
        future: asyncio.Future[Caller | None] = asyncio.get_running_loop().create_future()
        future.set_result(authenticate(rest.Request("GET", TASKS, {"authorization": "u"})))
        service = rest.Service(ITEMS, authenticate=lambda request: future, visibility=visibility)
        return await service.handle_async(rest.Request("GET", TASKS))

    assert tasks_of(asyncio.run(main())) == ["a", "b/c"]


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


def test_nothing_shows_in_a_repr() -> None:
    """W-5: no credential, header, query or body."""
    request = rest.Request(
        "GET\n", f"http://u:secret@h{TASKS}/\x1b?token=secret", {"authorization": "secret"}, b"secret"
    )
    assert repr(request) == rf"Request(method='GET\n', path=b'{TASKS}/\x1b')"
    for target in ("user:secret@host:443", "http://user:secret@host", "ws://user:secret@host/?secret", "secret"):
        assert "secret" not in repr(rest.Request("CONNECT", target))
        assert b"secret" not in ask(target).body
    assert repr(rest.Response(200, (("x", "secret"),), b"secret")) == "Response(status=200, 6 bytes)"
    assert len(repr(rest.Request("x" * 10_000, "y" * 10_000))) < 300


def test_a_secret_shows_nowhere() -> None:
    """W-5, E-7, A-5: in an exception, in a hidden task, in the credentials: not in a response, a header or a repr."""
    hidden = plain_item("secret-task", user="secret-user", service="secret-service")
    index = TaskIndex([*ITEMS, hidden])

    class Failing:
        def select(self, *_: object) -> NoReturn:
            raise RuntimeError("secret")

        scan = select

        def find(self, task: str) -> NoReturn:
            raise ServiceUnavailable(MESSAGE) from RuntimeError("secret")

    def careless(item: ListItem) -> bool:
        raise LookupError(f"secret {item}")

    def password(request: rest.Request) -> Caller | None:
        if request.header("authorization") == "secret":
            return authenticate(rest.Request("GET", TASKS, {"authorization": "u"}))
        raise ValueError(f"secret {request.headers}")

    def rows(filter: FilterSpec) -> Iterator[ListItem]:
        yield hidden.evolve(info=hidden.info.evolve(status=Status.PENDING))

    seen = 0
    for source in (index, Failing(), rows):
        for check in (visibility, lambda caller: careless, lambda caller: NOTHING, broken):
            for headers in ({"authorization": "secret"}, {"authorization": "secret-other"}, {"secret": "secret"}):
                for target in (
                    TASKS,
                    TASKS + "?users=u",
                    TASKS + "/a",
                    TASKS + "/x?token",
                    TASKS + "?x=secret",
                    "/x?secret",
                ):
                    request = rest.Request("GET", target, headers, b"")
                    response = rest.Service(source, authenticate=password, visibility=check).handle(request)
                    shown = f"{request!r} {response!r} {response.headers} {response.body!r}"
                    if response.status != 200:
                        with pytest.raises(Error) as caught:
                            rest.read_list(response.status, response.headers, response.body)
                        shown += f"{caught.value!r} {caught.value}"
                    assert "secret" not in shown
                    seen += 1
    assert seen == 3 * 4 * 3 * 6


def test_both_sides_agree() -> None:
    """W-2, W-4: what one side sends the other reads, and as what it was."""
    with pytest.raises(ResourceInaccessible):
        rest.read_list(500, {}, ask(source=lambda spec: [unreadable()]).body)
    assert rest.read_list(200, {}, ask().body) == ListResult(items=ITEMS)
    assert rest.read_info(200, {}, ask(TASKS + "/a").body) == ITEMS[0].info


# A service is built once


class Old:
    """A source of before."""

    def select(self, filter: FilterSpec, visibility: Any, at_most: int) -> list[ListItem]:
        return ITEMS

    def find(self, task: str) -> ListItem | None:
        return None


class Migrated(Old):
    """The same, half changed."""

    def scan(self, wanted: Wanted) -> list[ListItem]:
        return ITEMS


WRONG_SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"prefix": "api"}, "prefix must be empty, or begin with a slash and not end with one, .*: '/api', not 'api'"),
    ({"prefix": "/"}, "prefix must be empty, or begin with a slash"),
    ({"prefix": "/api/"}, "prefix must be empty, or begin with a slash"),
    ({"prefix": "/a b"}, "in the raw characters of a path"),
    ({"prefix": "/a?b"}, "in the raw characters of a path"),
    ({"prefix": "/a#b"}, "in the raw characters of a path"),
    ({"prefix": "/ä"}, "in the raw characters of a path"),
    ({"prefix": "/\n"}, "in the raw characters of a path"),
    ({"prefix": None}, "prefix must be text, such as '/api', not NoneType"),
    ({"prefix": b"/api"}, "prefix must be text, such as '/api', not bytes"),
    ({"source": None}, "a source must be an iterable of ListItems, .*, not NoneType"),
    ({"source": {"a": ITEMS[0]}}, "a source must be an iterable of ListItems, .*, not dict"),
    ({"source": Old()}, "not Old; it has a select, but no scan"),
    ({"source": Migrated()}, r"not Migrated; it has a select, but that must take \(wanted, at_most\)"),
    ({"source": lambda: ITEMS}, r"source must take one argument, source=lambda filter: .*, not \(\)"),
    (
        {"source": iter(ITEMS)},
        "source must give its tasks for each request again: a list, or a function .*, not list_iterator",
    ),
    ({"source": (item for item in ITEMS)}, "for each request again: .* lambda filter: read_tasks.*, not generator"),
    ({"source": list}, r"source must be an instance, such as list\(\), not the class itself"),
    ({"source": lambda one, other: ITEMS}, r"source must take one argument, .*, not \(one, other\)"),
    ({"visibility": Grants}, "visibility must be a function of the caller here: visibility=lambda caller: "),
    ({"source": TaskIndex}, r"source must be an instance, such as TaskIndex\(\), not the class itself"),
    (
        {"visibility": EVERYTHING},
        "visibility must be a function of the caller here: visibility=lambda caller: EVERYTHING",
    ),
    ({"visibility": NOTHING}, "visibility=lambda caller: NOTHING"),
    ({"visibility": Grants([])}, r"visibility=lambda caller: Grants\(filters=\(\)\)"),
    (
        {"visibility": [FilterSpec(users={"u"})]},
        "visibility must be a function, visibility=lambda caller: .*, not list",
    ),
    ({"visibility": lambda: EVERYTHING}, r"visibility must take one argument, visibility=lambda caller: .*, not \(\)"),
    ({"authenticate": None}, "authenticate must be a function, authenticate=lambda request: .*, not NoneType"),
    ({"authenticate": lambda user, password: None}, r"authenticate must take one argument, .*, not \(user, password\)"),
    ({"on_error": "log"}, "on_error must be a function, on_error=lambda error: .*, not str"),
    ({"on_error": lambda: None}, "on_error must take one argument"),
    ({"require_scope": "false"}, "require_scope must be True or False, not str"),
    ({"challenge": "Basic\r\nx: y"}, r"challenge must have no control character \[A-2\], such as challenge='Bearer'"),
    ({"challenge": 5}, "challenge must be text, such as challenge='Bearer', not int"),
]


@pytest.mark.parametrize(
    ("wrong", "told"), WRONG_SETTINGS, ids=lambda value: value[:60] if isinstance(value, str) else ""
)
def test_a_wrong_setting_is_told_when_the_service_is_built(wrong: dict[str, Any], told: str) -> None:
    """W-3, A-8, A-2: with what to write instead, and not as a failure of every request."""
    settings: dict[str, Any] = {"source": ITEMS, "authenticate": authenticate, "visibility": visibility} | wrong
    with pytest.raises((TypeError, ValueError), match=told):
        rest.Service(settings.pop("source"), **settings)


def test_a_setting_that_cannot_be_looked_into_is_taken() -> None:
    """W-3: a function in C may not say what it takes."""
    service: Any = rest.Service(ITEMS, authenticate=dict, visibility=visibility, on_error=print, prefix="")  # type: ignore[arg-type]
    assert error_of(service.handle(rest.Request("GET", "/snapservice/tasks"))) == (500, "INTERNAL_SERVER_ERROR")


def test_a_service_cannot_change() -> None:
    """V-2: what was checked stays; nothing of its settings shows in its repr but the path and the kind of source (W-5)."""
    service: Any = rest.Service(ITEMS, authenticate=authenticate, visibility=visibility, challenge="Bearer secret")
    for change in (
        lambda: setattr(service, "_visibility", broken),
        lambda: setattr(service, "visibility", broken),
        lambda: delattr(service, "_source"),
        lambda: service.__init__([], authenticate=broken, visibility=broken),
    ):
        with pytest.raises((AttributeError, TypeError), match="cannot change"):
            change()
    assert repr(service) == "<rest.Service at /api/snapservice/tasks of list>"
    assert service.handle(rest.Request("GET", TASKS, {"authorization": "root"})).status == 200


@pytest.mark.parametrize("wrong", [None, "GET /", object()])
def test_what_is_no_request_is_answered_all_the_same(wrong: Any) -> None:
    """W-3: answering never raises; the embedder hears of it."""
    told: list[Exception] = []
    service: Any = rest.Service(ITEMS, authenticate=authenticate, visibility=visibility, on_error=told.append)
    for response in (service.handle(wrong), asyncio.run(service.handle_async(wrong))):
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert {str(error) for error in told} == {f"request must be a rest.Request, not {type(wrong).__name__}"}


@pytest.mark.parametrize(
    "target", [TASKS + "#", TASKS + "#x", TASKS + "/a#x", TASKS + "?status=FAILED#x", "http://h" + TASKS + "#?users=u"]
)
def test_a_fragment_is_another_path(target: str) -> None:
    """W-3, Q-1: no client sends one; whoever means a # escapes it."""
    response = ask(target)
    assert error_of(response) == (404, "OPERATION_NOT_FOUND")
    assert "(found a fragment; write %23 for a # that belongs to it)" in text_of(response)
    assert error_of(ask(TASKS + "/a%23x")) == (404, "NOT_FOUND")


def test_an_error_of_a_kind_of_its_own_has_the_status_of_the_table() -> None:
    """E-4, W-3: whatever a subclass says; and the embedder hears of one of 500 or more."""

    class Teapot(NotFound):
        @property
        def http_status(self) -> int:
            return 418

    class Harmless(ServiceUnavailable):
        @property
        def http_status(self) -> int:
            return 200

    assert rest.error_response(Teapot(MESSAGE)).status == 404
    told: list[Exception] = []

    def source(filter: FilterSpec) -> NoReturn:
        raise Harmless(MESSAGE) from ConnectionError("secret")

    assert error_of(ask(source=source, on_error=told.append)) == (503, "SERVICE_UNAVAILABLE")
    assert [*map(type, told)] == [ConnectionError] * 2


@value_type
class Detailed(Info):
    """A state with more than the API has."""

    secret: str


def test_what_is_sent_of_a_subclass_is_what_the_kind_has() -> None:
    """V-2, W-1: in a get as in a list."""
    plain = ITEMS[0]
    detailed = Detailed.from_python(plain.info.to_python() | {"secret": "secret"})
    item = ListItem(task=plain.task, info=detailed)
    assert get_task([item], "a", visibility=EVERYTHING) is detailed
    assert ask(TASKS + "/a", source=[item]) == ask(TASKS + "/a") == rest.info_response(detailed)
    assert ask(source=[item]) == ask(source=[plain])


def test_an_inner_task_that_was_cancelled_is_a_failure_of_the_source() -> None:
    """W-3: the request itself was not cancelled, and is answered; where it was, that goes through."""

    async def main() -> tuple[rest.Response, list[Exception]]:
        told: list[Exception] = []
        inner = asyncio.ensure_future(asyncio.sleep(60))
        inner.cancel()

        async def candidates(filter: FilterSpec) -> list[ListItem]:
            await inner
            return ITEMS

        service = rest.Service(candidates, authenticate=authenticate, visibility=visibility, on_error=told.append)
        return await service.handle_async(rest.Request("GET", TASKS, {"authorization": "root"})), told

    response, told = asyncio.run(main())
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert [str(error) for error in told] == ["a task or future that was waited for was cancelled"]
    assert isinstance(told[0].__cause__, asyncio.CancelledError)


def test_a_cancelled_future_that_is_looked_at_is_a_failure_too() -> None:
    """W-3: wherever it comes up, in a task that was not cancelled itself; without an event loop a cancellation goes through."""

    async def main(where: str) -> rest.Response:
        dead: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        dead.cancel()
        options: dict[str, Any] = {"source": ITEMS, "authenticate": authenticate, "visibility": visibility}
        fails = lambda _: dead.result()  # noqa: E731
        options |= {"visibility": lambda caller: fails} if where == "predicate" else {where: fails}
        service = rest.Service(options.pop("source"), **options)
        return await service.handle_async(rest.Request("GET", TASKS, {"authorization": "root"}))

    for where in ("source", "authenticate", "visibility", "predicate"):
        assert error_of(asyncio.run(main(where))) == (500, "INTERNAL_SERVER_ERROR")


def test_a_task_group_inside_of_a_source_ends_with_it() -> None:
    """L-7, A-7: that it was told to end is no failure, and hides none."""

    async def grouped(filter: FilterSpec) -> AsyncIterator[ListItem]:
        async with asyncio.TaskGroup():
            for number in range(2000):
                yield plain_item(f"t{number}")

    async def failing_at_its_end(filter: FilterSpec) -> AsyncIterator[ListItem]:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(60))
                yield ITEMS[0]
                yield ITEMS[0]
        finally:
            raise BaseExceptionGroup("its own", [GeneratorExit(), ValueError("secret")])

    assert answer_async(TASKS + "/t7", grouped).status == 200
    assert error_of(answer_async(TASKS, grouped)) == (500, "RESOURCE_INACCESSIBLE")
    told: list[Exception] = []
    response = answer_async(TASKS, grouped, visibility=lambda caller: lambda item: 1 // 0 == 1, on_error=told.append)
    assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert [*map(type, told)] == [ZeroDivisionError]
    with pytest.raises(BaseExceptionGroup, match="its own"):
        answer_async(TASKS + "/a", failing_at_its_end)


class Hostile:
    """A request that raises whatever it is asked."""

    @property
    def method(self) -> str:
        raise RuntimeError("secret")


class Method(str):
    """A method of HTTP that cannot be compared."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("secret")


class Unclosable:
    """An awaitable that cannot be closed."""

    def __await__(self) -> Any:
        yield

    def close(self) -> NoReturn:
        raise StopIteration(5)


def test_what_is_odd_is_answered_all_the_same() -> None:
    """W-3: a request, a method, an awaitable that raise when they are touched."""
    service: Any = rest.Service(ITEMS, authenticate=authenticate, visibility=visibility)
    assert error_of(service.handle(Hostile())) == (500, "INTERNAL_SERVER_ERROR")
    request = rest.Request(Method("GET"), TASKS, {"authorization": "root"})
    assert type(request.method) is str
    assert service.handle(request).status == 200
    service = rest.Service(lambda _: Unclosable(), authenticate=authenticate, visibility=visibility)
    assert error_of(service.handle(request)) == (500, "INTERNAL_SERVER_ERROR")


def test_the_embedder_hears_which_row_cannot_be_read() -> None:
    """L-4: in the traceback that its log shows; the client hears nothing of it."""
    told: list[str] = []

    def tell(error: Exception) -> None:
        told.extend(getattr(error, "__notes__", []))

    async def one_by_one(filter: FilterSpec) -> AsyncIterator[ListItem]:
        yield ITEMS[0]
        yield unreadable()

    response = answer_async(TASKS, one_by_one, on_error=tell)
    assert error_of(response) == (500, "RESOURCE_INACCESSIBLE")
    assert told == ["while row 2 of the source was read"]
    assert b"row" not in response.body


def test_an_async_generator_ends_with_its_listing() -> None:
    """L-7: when there are enough, and when a predicate raises."""
    ended: list[int] = []

    async def one_by_one(filter: FilterSpec) -> AsyncIterator[ListItem]:
        number = 0
        try:
            for number in range(5000):
                yield plain_item(f"t{number}")
        finally:
            ended.append(number)

    assert error_of(answer_async(TASKS, one_by_one)) == (500, "RESOURCE_INACCESSIBLE")
    assert answer_async(TASKS + "/t7", one_by_one).status == 200
    assert error_of(answer_async(TASKS, one_by_one, visibility=lambda caller: broken))[0] == 500
    assert ended == [1000, 7, 0]
