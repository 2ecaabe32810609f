"""Test that no response, header, exception or repr shows a secret (A-5, E-7, W-5)."""

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
from tests.rest.example_service import ITEMS, TASKS, authenticate, send, visibility


@pytest.mark.parametrize("kind", [ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED])
def test_error_response_omits_data_and_challenge_that_must_not_be_sent(kind: ErrorType) -> None:
    """A-2: Omit data of an access error; a control character in a challenge could start another header."""
    tree = {"messages": [], "error_type": kind, "data": {"why": "secret"}, "challenge": "Basic\r\nset-cookie: secret"}
    error = Error.from_value(ErrorValue.from_json(json.dumps(tree)))
    response = rest.error_response(error)
    assert response.header("www-authenticate") is None
    assert json.loads(response.body) == {"messages": [], "error_type": kind}
    sent = send(authenticate=lambda request: raise_error(error))
    assert sent == response
    assert "secret" not in f"{sent.headers}{sent.body!r}"


def test_repr_of_request_and_response_shows_no_secret() -> None:
    """W-5: Show no credential, header, query or body."""
    request = rest.Request(
        "GET\n", f"http://u:secret@h{TASKS}/\x1b?token=secret", {"authorization": "secret"}, b"secret"
    )
    assert repr(request) == rf"Request(method='GET\n', path=b'{TASKS}/\x1b')"
    for target in ("user:secret@host:443", "http://user:secret@host", "ws://user:secret@host/?secret", "secret"):
        assert "secret" not in repr(rest.Request("CONNECT", target))
        assert b"secret" not in send(target).body
    assert repr(rest.Response(200, (("x", "secret"),), b"secret")) == "Response(status=200, 6 bytes)"
    assert len(repr(rest.Request("x" * 10_000, "y" * 10_000))) < 300


def test_service_with_secrets_shows_none_of_them() -> None:
    """W-5, E-7, A-5: Hide exceptions, hidden tasks and credentials in responses, headers, errors and reprs."""
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

    def authenticate_secret(request: rest.Request) -> Caller | None:
        if request.header("authorization") == "secret":
            return authenticate(rest.Request("GET", TASKS, {"authorization": "u"}))
        raise ValueError(f"secret {request.headers}")

    def secret_rows(filter: FilterSpec) -> Iterator[ListItem]:
        yield hidden.evolve(info=hidden.info.evolve(status=Status.PENDING))

    count = 0
    for source in (index, Failing(), secret_rows):
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
                    response = rest.Service(source, authenticate=authenticate_secret, visibility=check).handle(request)
                    text = f"{request!r} {response!r} {response.headers} {response.body!r}"
                    if response.status != 200:
                        with pytest.raises(Error) as caught:
                            rest.read_list(response.status, response.headers, response.body)
                        text += f"{caught.value!r} {caught.value}"
                    assert "secret" not in text
                    count += 1
    assert count == 3 * 4 * 3 * 6
