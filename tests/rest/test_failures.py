"""Test that a failure inside becomes a response, and that only on_error receives the cause (E-7, W-3, L-9)."""

import asyncio
import logging
from typing import Any, NoReturn

import pytest

from snaptasks import FilterSpec, NotFound, ServiceUnavailable, rest
from tests.building import MESSAGE, broken, raise_error
from tests.rest.example_service import ITEMS, TASKS, authenticate, error_of, send, text_of, visibility


def test_service_with_bug_inside_reports_it_to_on_error_only() -> None:
    """E-7, W-3: Hide a bug from the client, wherever it comes up."""
    for where in ("source", "visibility", "authenticate"):
        for target in (TASKS, TASKS + "/a"):
            reported: list[Exception] = []
            response = send(target, on_error=reported.append, **{where: broken})
            assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
            assert text_of(response) == "The server failed unexpectedly."
            assert b"secret" not in response.body
            # Once by handle, once by handle_async.
            assert [repr(error) for error in reported] == ["RuntimeError('secret')"] * 2
            assert send(target, **{where: broken}) == response


@pytest.mark.parametrize(
    "error", [StopIteration("secret"), RecursionError("secret"), ExceptionGroup("x", [ValueError()])]
)
def test_service_with_any_exception_inside_returns_500(error: Exception) -> None:
    """W-3: The boundary never raises an Exception."""
    reported: list[Exception] = []
    for where in ("source", "visibility", "authenticate"):
        failing: dict[str, Any] = {where: lambda *_: raise_error(error)}
        response = send(on_error=reported.append, **failing)
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert len(reported) == 6


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()])
def test_service_with_exception_that_ends_a_program_raises_it(error: BaseException) -> None:
    """W-3: Such an exception is not an answer to a request."""
    request = rest.Request("GET", TASKS)
    for where in ("authenticate", "on_error"):
        options: dict[str, Any] = {
            "authenticate": broken,
            "visibility": visibility,
            where: lambda *_: raise_error(error),
        }
        with pytest.raises(type(error)):
            rest.Service(ITEMS, **options).handle(request)


def test_on_error_receives_the_cause_that_a_source_hides() -> None:
    """L-9: Report the cause of a failure; do not report an error without a cause or a client's mistake."""

    def unreachable(filter: FilterSpec) -> NoReturn:
        raise ServiceUnavailable(MESSAGE) from ConnectionError("secret")

    def unknown(filter: FilterSpec) -> NoReturn:
        raise NotFound(MESSAGE) from KeyError("secret")

    def forgetful(filter: FilterSpec) -> NoReturn:
        try:
            raise_error(ConnectionError("secret"))
        except ConnectionError:
            raise ServiceUnavailable(MESSAGE)  # noqa: B904 - a common mistake

    reported: list[Exception] = []
    for source in (unreachable, forgetful):
        response = send(source=source, on_error=reported.append)
        assert error_of(response) == (503, "SERVICE_UNAVAILABLE")
        assert b"secret" not in response.body
        assert [type(error) for error in reported] == [ConnectionError] * 2
        reported.clear()
    assert error_of(send(source=unknown, on_error=reported.append)) == (404, "NOT_FOUND")
    assert error_of(send(TASKS + "?statuz", on_error=reported.append)) == (400, "UNEXPECTED_INPUT")
    assert (
        error_of(send(source=lambda spec: raise_error(ServiceUnavailable(MESSAGE)), on_error=reported.append))[0] == 503
    )
    assert reported == []


def test_on_error_that_fails_does_not_change_the_response(caplog: pytest.LogCaptureFixture) -> None:
    """W-3: Call on_error while the exception is handled, and ignore its outcome."""
    plain = send(source=broken)
    assert send(source=broken, on_error=broken) == plain
    assert send(source=broken, on_error=lambda error: 5) == plain
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


@pytest.mark.parametrize("wrong", [None, "GET /", object()])
def test_service_with_another_type_than_request_returns_500(wrong: Any) -> None:
    """W-3: Handling never raises; on_error receives the mistake."""
    reported: list[Exception] = []
    service: Any = rest.Service(ITEMS, authenticate=authenticate, visibility=visibility, on_error=reported.append)
    for response in (service.handle(wrong), asyncio.run(service.handle_async(wrong))):
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert {str(error) for error in reported} == {f"request must be a rest.Request, not {type(wrong).__name__}"}


class HostileRequest:
    """Represent a request that raises when its method is read."""

    @property
    def method(self) -> str:
        raise RuntimeError("secret")


class Method(str):
    """Represent an HTTP method that raises when it is compared."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("secret")


class Unclosable:
    """Represent an awaitable that raises when it is closed."""

    def __await__(self) -> Any:
        yield

    def close(self) -> NoReturn:
        raise StopIteration(5)


def test_service_with_objects_that_raise_returns_a_response() -> None:
    """W-3: The request, its method and an awaitable may each raise when they are used."""
    service: Any = rest.Service(ITEMS, authenticate=authenticate, visibility=visibility)
    assert error_of(service.handle(HostileRequest())) == (500, "INTERNAL_SERVER_ERROR")
    request = rest.Request(Method("GET"), TASKS, {"authorization": "root"})
    assert type(request.method) is str
    assert service.handle(request).status == 200
    service = rest.Service(lambda _: Unclosable(), authenticate=authenticate, visibility=visibility)
    assert error_of(service.handle(request)) == (500, "INTERNAL_SERVER_ERROR")
