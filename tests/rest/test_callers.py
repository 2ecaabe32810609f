"""Callers: who is authenticated, what each may see, and in which order a request is decided (A-1, A-2, A-3, A-6, W-3)."""

import json
from typing import Any, NoReturn

import pytest

from snaptasks import ServiceUnavailable, Unauthenticated, Unauthorized, rest
from tests.building import MESSAGE, raise_error
from tests.rest.example_service import ITEMS, TASKS, ask, error_of, tasks_of, text_of


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


@pytest.mark.parametrize(("challenge", "header"), [("Bärer", None), (" ", None), ("", None), (" Basic ", "Basic")])
def test_a_challenge_that_no_header_can_carry_is_in_the_body(challenge: str, header: str | None) -> None:
    """W-2: a header is printable ASCII, without blanks at its ends."""
    response = rest.error_response(Unauthorized(MESSAGE, challenge=challenge))
    assert response.header("www-authenticate") == header
    assert json.loads(response.body)["challenge"] == challenge


def test_the_order_of_decisions() -> None:
    """W-3: a request that is wrong in every respect, made right one by one."""
    wrong: dict[str, Any] = {
        "target": "/wrong?statuz",
        "method": "POST",
        "who": None,
        "body": b"x",
        "source": lambda spec: raise_error(ServiceUnavailable(MESSAGE)),
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


@pytest.mark.parametrize("answer", [5, "root", {"user": "root"}, True])
def test_who_is_no_caller_is_a_bug(answer: Any) -> None:
    """A-8: and no caller that may read everything."""
    assert error_of(ask(authenticate=lambda request: answer)) == (500, "INTERNAL_SERVER_ERROR")
    assert error_of(ask(visibility=lambda caller: answer)) == (500, "INTERNAL_SERVER_ERROR")
