"""Secrets: what no response, header, exception or repr may show (A-5, E-7, W-5)."""

import json
from collections.abc import Iterator
from typing import NoReturn

import pytest

from snaptasks import (
    NOTHING,
    Caller,
    Error,
    ErrorType,
    ErrorValue,
    FilterSpec,
    ListItem,
    ServiceUnavailable,
    Status,
    TaskIndex,
    rest,
)
from tests.building import MESSAGE, broken, plain_item, raise_error
from tests.rest.example_service import ITEMS, TASKS, ask, authenticate, visibility


@pytest.mark.parametrize("kind", [ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED])
def test_what_was_read_and_must_not_be_sent_is_not(kind: ErrorType) -> None:
    """A-2: the data of these two, and a challenge with a control character: a client would read another header."""
    text = {"messages": [], "error_type": kind, "data": {"why": "secret"}, "challenge": "Basic\r\nset-cookie: secret"}
    error = Error.from_value(ErrorValue.from_json(json.dumps(text)))
    response = rest.error_response(error)
    assert response.header("www-authenticate") is None
    assert json.loads(response.body) == {"messages": [], "error_type": kind}
    passed_on = ask(authenticate=lambda request: raise_error(error))
    assert passed_on == response
    assert "secret" not in f"{passed_on.headers}{passed_on.body!r}"


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
