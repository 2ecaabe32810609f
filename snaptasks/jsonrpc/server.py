"""The server's side: a request with a call in, a response out, whatever comes (J-1, J-3).

Decides the order of decisions, and what an answer looks like. Does not know frameworks, sockets, how a caller proves who it
is, and what a filter matches.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, final, overload

from pydantic_core import to_json
from typing_extensions import TypeVar

from .._boundary.service import AtOnce, Awaited, Boundary
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
    """The boundary, built once: it answers calls that list tasks and get one (J-3).

    `authenticate` gives the caller behind a Call, None for no one. Everything else is that of a rest.Service; at which path
    requests come in is yours. Raises TypeError or ValueError for a wrong setting, with what to write instead.
    """

    __slots__ = ()

    _asked = "call"

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: Service[AtOnce],
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
            self: Service[Awaited],
            source: AsyncSource,
            *,
            authenticate: Callable[[Call], Caller | None | Awaitable[Caller | None]],
            visibility: Callable[[Caller], Visibility | Awaitable[Visibility]],
            require_scope: bool = False,
            challenge: str | None = None,
            on_error: Callable[[Exception], Awaitable[object] | None] | None = None,
        ) -> None: ...
        def __init__(self, source: AsyncSource, **settings: Any) -> None: ...

    def handle(self: Service[AtOnce], request: Request) -> Response:
        """Return the response to a request; it never raises, and its HTTP status is 200 (J-1).

        One of the 25 errors is answered as itself, whoever raised it; anything else with INTERNAL_SERVER_ERROR and a message
        that tells nothing of it (E-7).
        """
        return drive(self._answer(request, awaits=False))

    async def handle_async(self, request: Request) -> Response:
        """Return the same response as handle; all that the Service was built of may be async, under any event loop.

        What a visibility says of a task may not (A-8). A cancellation goes through.
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
            except NotACall as no:
                return _response(no.id, f'"error":{{"code":{no.code},"message":"{no.text}"}}')
            id = envelope.id
            return _response(id, f'"result":{{"output":{(yield from self._decide(envelope))}}}')

        def refusal(error: Error) -> Response:
            text = write(redacted(error.value))
            return _response(id, f'"result":{{"error":{text}}}', ("vapi-error", error_name(error.value.error_type)))

        return (yield from self._answered(decisions(), refusal, awaits=awaits))

    def _decide(self, envelope: Envelope) -> Flow[str]:
        """J-3: operation, authentication, privilege, arguments, source, in this order."""
        call = envelope.call
        if call.service != TASKS or call.operation not in {"list", "get"}:
            raise OperationNotFound(sent("no_call", safe_repr(f"{call.service}.{call.operation}"), TASKS))
        caller = yield from self._authorized(call)
        if call.operation == "get":
            return write((yield from self._got(read_task(envelope.input), caller)))
        return write((yield from self._listed(self._checked(read_filter(envelope.input)), caller)))


def _response(id: str | int | None, outcome: str, *headers: tuple[str, str]) -> Response:
    """HTTP 200 whatever it carries: a client looks at no body from 400 up (J-1)."""
    body = b'{"jsonrpc":"2.0","id":%b,%b}' % (to_json(id), outcome.encode())
    common = ("content-type", "application/json"), ("content-length", str(len(body))), ("cache-control", "no-store")
    return Response(200, (*common, *headers), body)
