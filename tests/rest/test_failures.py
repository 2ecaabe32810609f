"""Failures inside: every request is answered, and only the embedder learns why (E-7, W-3, L-9)."""

import asyncio
import logging
from typing import Any, NoReturn

import pytest

from snaptasks import FilterSpec, NotFound, ServiceUnavailable, rest
from tests.building import MESSAGE, broken, raise_error
from tests.rest.example_service import ITEMS, TASKS, ask, authenticate, error_of, text_of, visibility


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
        failing: dict[str, Any] = {where: lambda *_: raise_error(error)}
        response = ask(on_error=told.append, **failing)
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert len(told) == 6


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()])
def test_what_ends_a_program_goes_through(error: BaseException) -> None:
    """W-3: it is no answer to a request."""
    request = rest.Request("GET", TASKS)
    for where in ("authenticate", "on_error"):
        options: dict[str, Any] = {
            "authenticate": broken,
            "visibility": visibility,
            where: lambda *_: raise_error(error),
        }
        with pytest.raises(type(error)):
            rest.Service(ITEMS, **options).handle(request)


def test_the_cause_of_a_failure_is_told() -> None:
    """L-9: what a source hides from the client its embedder wants to know; a client's mistake nobody does."""

    def unreachable(filter: FilterSpec) -> NoReturn:
        raise ServiceUnavailable(MESSAGE) from ConnectionError("secret")

    def unknown(filter: FilterSpec) -> NoReturn:
        raise NotFound(MESSAGE) from KeyError("secret")

    def forgetful(filter: FilterSpec) -> NoReturn:
        try:
            raise_error(ConnectionError("secret"))
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
    assert error_of(ask(source=lambda spec: raise_error(ServiceUnavailable(MESSAGE)), on_error=told.append))[0] == 503
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


@pytest.mark.parametrize("wrong", [None, "GET /", object()])
def test_what_is_no_request_is_answered_all_the_same(wrong: Any) -> None:
    """W-3: answering never raises; the embedder hears of it."""
    told: list[Exception] = []
    service: Any = rest.Service(ITEMS, authenticate=authenticate, visibility=visibility, on_error=told.append)
    for response in (service.handle(wrong), asyncio.run(service.handle_async(wrong))):
        assert error_of(response) == (500, "INTERNAL_SERVER_ERROR")
    assert {str(error) for error in told} == {f"request must be a rest.Request, not {type(wrong).__name__}"}


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
