"""Serve calls: a request with a call in, a response out, for any request (J-1, J-3).

Decides the order of the checks, and the form of an answer. Does not know frameworks, sockets, credentials or matching.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, final, overload

from pydantic_core import to_json
from typing_extensions import TypeVar

from .._boundary.service import Asynchronous, Boundary, Synchronous
from .._flow import Flow, drive, drive_async
from .._sent import sent
from .._text import safe_repr, type_name
from ..access import Caller
from ..errors import Error, OperationNotFound, redacted
from ..rest.http import Request, Response
from ..sources import AsyncSource, Source
from ..visibility import Visibility
from .arguments import read_filter, read_task
from .call import Call, Envelope, NotACall, read_call
from .wire import TASKS, error_name, write

__all__ = ["Service"]

_How = TypeVar("_How", default=Any)


@final
class Service(Boundary, Generic[_How]):
    """Answer calls that list tasks and get one, at a path of your choice (J-3).

    `authenticate` returns the Caller of a Call, or None for an unauthenticated one. All other settings are those of
    rest.Service. Raises TypeError or ValueError for a wrong setting; the text says what to write.
    """

    __slots__ = ()

    _request_name = "call"

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: Service[Synchronous],
            source: Source,
            *,
            authenticate: Callable[[Call], Caller | None],
            visibility: Callable[[Caller], Visibility],
            require_scope: bool = False,
            challenge: str | None = None,
            on_error: Callable[[Exception], None] | None = None,
        ) -> None: ...
        @overload
        def __init__(
            self: Service[Asynchronous],
            source: AsyncSource,
            *,
            authenticate: Callable[[Call], Caller | None | Awaitable[Caller | None]],
            visibility: Callable[[Caller], Visibility | Awaitable[Visibility]],
            require_scope: bool = False,
            challenge: str | None = None,
            on_error: Callable[[Exception], Awaitable[object] | None] | None = None,
        ) -> None: ...
        def __init__(self, source: AsyncSource, **settings: Any) -> None: ...

    def handle(self: Service[Synchronous], request: Request) -> Response:
        """Return the response to a request, of HTTP status 200; never raise (J-1).

        One of the 25 errors is answered as itself. Any other exception becomes INTERNAL_SERVER_ERROR, and the message
        hides it (E-7).
        """
        return drive(self._answer(request, awaits=False))

    async def handle_async(self, request: Request) -> Response:
        """Return the response that handle returns; the source and the functions may be async, under any event loop.

        A predicate on a task must not be async (A-8). A cancellation is raised unchanged.
        """
        return await drive_async(self._answer(request, awaits=True))

    def __repr__(self) -> str:
        return f"<jsonrpc.Service of {type_name(self._source)}>"

    def _answer(self, request: Request, *, awaits: bool) -> Flow[Response]:
        id: str | int | None = None

        def decisions() -> Flow[Response]:
            nonlocal id
            try:
                envelope = read_call(request)
            except NotACall as error:
                return _response(error.id, f'"error":{{"code":{error.code},"message":"{error.text}"}}')
            id = envelope.id
            return _response(id, f'"result":{{"output":{(yield from self._decide(envelope))}}}')

        def answer_error(error: Error) -> Response:
            text = write(redacted(error.value))
            return _response(id, f'"result":{{"error":{text}}}', ("vapi-error", error_name(error.value.error_type)))

        return (yield from self._catch_errors(decisions(), answer_error, awaits=awaits))

    def _decide(self, envelope: Envelope) -> Flow[str]:
        """Check operation, authentication, privilege, arguments and source, in this order (J-3)."""
        call = envelope.call
        if call.service != TASKS or call.operation not in {"list", "get"}:
            raise OperationNotFound(sent("no_call", safe_repr(f"{call.service}.{call.operation}"), TASKS))
        caller = yield from self._authorize(call)
        if call.operation == "get":
            return write((yield from self._get(read_task(envelope.input), caller)))
        return write((yield from self._list(self._check(read_filter(envelope.input)), caller)))


def _response(id: str | int | None, outcome: str, *headers: tuple[str, str]) -> Response:
    """Return the response of HTTP status 200, even to an error: a client reads no body from status 400 up (J-1)."""
    body = b'{"jsonrpc":"2.0","id":%b,%b}' % (to_json(id), outcome.encode())
    common = ("content-type", "application/json"), ("content-length", str(len(body))), ("cache-control", "no-store")
    return Response(200, (*common, *headers), body)
