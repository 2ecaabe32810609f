"""Test authentication, visibility and the order of the checks of a request (A-1, A-2, A-3, A-6, W-3)."""

import json
from typing import Any, NoReturn

import pytest

from snaptasks import ServiceUnavailable, Unauthenticated, Unauthorized, rest
from tests.building import MESSAGE, raise_error
from tests.rest.example_service import ITEMS, TASKS, error_of, send, tasks_of, text_of


def test_service_without_caller_or_privilege_returns_401_or_403() -> None:
    """A-1, A-2: Send neither data nor a reason."""
    for target in (TASKS, TASKS + "/a", TASKS + "?statuz"):
        assert (
            error_of(send(target, caller=None)) == error_of(send(target, caller="unknown")) == (401, "UNAUTHENTICATED")
        )
        assert send(target, caller=None) == send(target, caller="unknown", body=b"x")
        response = send(target, caller="guest")
        assert error_of(response) == (403, "UNAUTHORIZED")
        assert text_of(response) == "The caller is not authorized."
        assert "data" not in json.loads(response.body)


def test_response_401_carries_the_challenge_of_service_or_error() -> None:
    """W-2, A-2."""
    response = send(caller=None, challenge='Bearer realm="snapservice"')
    assert response.header("WWW-Authenticate") == 'Bearer realm="snapservice"'
    assert json.loads(response.body)["challenge"] == 'Bearer realm="snapservice"'
    assert send(caller="guest", challenge="Bearer").header("www-authenticate") is None
    assert send(caller=None).header("www-authenticate") is None

    def expired(request: rest.Request) -> NoReturn:
        raise Unauthenticated(MESSAGE, challenge='Bearer error="invalid_token"')

    raised = send(authenticate=expired, challenge="Bearer")
    assert (raised.status, raised.header("www-authenticate")) == (401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize(("challenge", "header"), [("Bärer", None), (" ", None), ("", None), (" Basic ", "Basic")])
def test_error_response_with_challenge_unfit_for_a_header_sends_it_in_the_body(
    challenge: str, header: str | None
) -> None:
    """W-2: A header is printable ASCII without blanks at its ends."""
    response = rest.error_response(Unauthorized(MESSAGE, challenge=challenge))
    assert response.header("www-authenticate") == header
    assert json.loads(response.body)["challenge"] == challenge


def test_service_checks_requests_in_the_specified_order() -> None:
    """W-3: Start with a request in which everything is wrong, and correct one part after the other."""
    options: dict[str, Any] = {
        "target": "/wrong?statuz",
        "method": "POST",
        "caller": None,
        "body": b"x",
        "source": lambda spec: raise_error(ServiceUnavailable(MESSAGE)),
    }
    errors = [error_of(send(**options))]
    for correction in (
        {"target": TASKS + "?statuz"},
        {"method": "GET"},
        {"caller": "guest"},
        {"caller": "u"},
        {"body": b""},
        {"target": TASKS},
        {"source": ITEMS},
    ):
        options |= correction
        response = send(**options)
        errors.append((response.status, json.loads(response.body).get("error_type", "")))
    assert errors == [
        (404, "OPERATION_NOT_FOUND"),
        (400, "INVALID_REQUEST"),
        (401, "UNAUTHENTICATED"),
        (403, "UNAUTHORIZED"),
        (400, "INVALID_REQUEST"),
        (400, "UNEXPECTED_INPUT"),
        (503, "SERVICE_UNAVAILABLE"),
        (200, ""),
    ]


def test_service_with_hidden_task_answers_as_for_a_missing_one() -> None:
    """A-3, A-6: A hidden task is in no list; a get of it equals a get of a task that does not exist."""
    assert tasks_of(send(caller="u")) == ["a", "b/c"]
    hidden, missing = send(TASKS + "/hidden", caller="u"), send(TASKS + "/missin", caller="u")
    assert hidden.body.replace(b"hidden", b"missin") == missing.body
    assert (hidden.status, hidden.headers) == (missing.status, missing.headers)
    assert error_of(hidden) == (404, "NOT_FOUND")


@pytest.mark.parametrize("answer", [5, "root", {"user": "root"}, True])
def test_service_with_wrong_type_of_caller_or_visibility_returns_500(answer: Any) -> None:
    """A-8: Never take such a value for a caller who may read everything."""
    assert error_of(send(authenticate=lambda request: answer)) == (500, "INTERNAL_SERVER_ERROR")
    assert error_of(send(visibility=lambda caller: answer)) == (500, "INTERNAL_SERVER_ERROR")
