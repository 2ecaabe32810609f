"""The server's side: a request in, a response out, whatever comes (W-3).

Decides the order of decisions, and what of a failure is told to whom. Knows nothing of frameworks, of sockets, of how a
caller proves who it is, and of what a filter matches.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Generic, final, overload

from typing_extensions import TypeVar

from .._boundary.service import AtOnce, Awaited, Boundary, status_of
from .._flow import Flow, drive, drive_async
from .._sent import sent
from .._text import safe_repr, type_name
from .._value.model import json_as
from ..access import Caller
from ..errors import Error, ErrorValue, InvalidRequest, OperationNotFound, redacted
from ..listing import not_found
from ..query import parse_filter, refuse_any, unescaped
from ..sources import AsyncSource, Source
from ..tasks import Info, ListResult
from ..visibility import Visibility
from .http import Request, Response

__all__ = [
    "PATH",
    "PREFIX",
    "Service",
    "checked_prefix",
    "error_response",
    "info_response",
    "list_response",
]

# The path of both operations, behind the prefix.
PATH: Final = "/snapservice/tasks"

# What stands before the path of both operations, unless the embedder says another.
PREFIX: Final = "/api"

# What each operation answers to; HEAD is GET without the body.
_METHODS: Final = ("GET", "HEAD")


_How = TypeVar("_How", default=Any)


@final
class Service(Boundary, Generic[_How]):
    """The boundary, built once: it answers requests to list tasks and to get one (W-3).

    `source` is one of the three that list_tasks takes; for handle_async its answers may have to be awaited.
    `authenticate` gives the caller of a request, None for no one; `visibility` gives what a caller may see. Neither has a
    default. `prefix` is what stands before /snapservice/tasks in the raw path: empty, or a path without a slash at its
    end. `require_scope` is that of list_tasks (F-8); `challenge` goes with a 401, to say how to authenticate (A-2).

    `on_error` is told what no client is: each exception that became INTERNAL_SERVER_ERROR (E-7), and the one behind each
    error of a status of 500 or more, such as a row that is no task (L-4). It is called while the exception is handled, so
    that logging.exception shows the traceback.

    Raises TypeError or ValueError for a wrong setting, with what to write instead.
    """

    __slots__ = ("_prefix",)

    _asked = "request"
    _prefix: str

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: Service[AtOnce],
            source: Source,
            *,
            authenticate: Callable[[Request], Caller | None],
            visibility: Callable[[Caller], Visibility],
            prefix: str = PREFIX,
            require_scope: bool = False,
            challenge: str | None = None,
            on_error: Callable[[Exception], None] | None = None,
        ) -> None: ...
        @overload
        def __init__(
            self: Service[Awaited],
            source: AsyncSource,
            *,
            authenticate: Callable[[Request], Caller | None | Awaitable[Caller | None]],
            visibility: Callable[[Caller], Visibility | Awaitable[Visibility]],
            prefix: str = PREFIX,
            require_scope: bool = False,
            challenge: str | None = None,
            on_error: Callable[[Exception], Awaitable[object] | None] | None = None,
        ) -> None: ...

    def __init__(
        self,
        source: AsyncSource,
        *,
        authenticate: Callable[[Request], Any],
        visibility: Callable[[Caller], Any],
        prefix: str = PREFIX,
        require_scope: bool = False,
        challenge: str | None = None,
        on_error: Callable[[Exception], Any] | None = None,
    ) -> None:
        super().__init__(
            source,
            authenticate=authenticate,
            visibility=visibility,
            require_scope=require_scope,
            challenge=challenge,
            on_error=on_error,
        )
        object.__setattr__(self, "_prefix", checked_prefix(prefix))

    def handle(self: Service[AtOnce], request: Request) -> Response:
        """Return the response to a request; it never raises (W-3).

        One of the 25 errors is answered with its status, whoever raised it; anything else with INTERNAL_SERVER_ERROR and
        a message that tells nothing of it (E-7).
        """
        return drive(self._answer(request, awaits=False))

    async def handle_async(self, request: Request) -> Response:
        """Return the same response as handle; all that the Service was built of may be async, under any event loop.

        What a visibility says of a task may not (A-8). A cancellation goes through.
        """
        return await drive_async(self._answer(request, awaits=True))

    def __repr__(self) -> str:
        return f"<rest.Service at {self._prefix}{PATH} of {type_name(self._source)}>"

    def _answer(self, request: Request, *, awaits: bool) -> Flow[Response]:
        given: object = request
        is_head = type(given) is Request and given.method == "HEAD"
        response = yield from self._answered(self._decide(request), error_response, awaits=awaits)
        return replace(response, body=b"") if is_head else response

    def _decide(self, request: Request) -> Flow[Response]:
        """W-3: path, method, authentication, privilege, body, arguments, source, in this order."""
        if type(request) is not Request:
            raise TypeError(f"request must be a rest.Request, not {type_name(request)}")
        task = self._task(request)
        if request.method not in _METHODS:
            refusal = error_response(
                InvalidRequest(sent("no_method", safe_repr(request.method), " and ".join(_METHODS)))
            )
            return _with_header(refusal, "allow", ", ".join(_METHODS))
        caller = yield from self._authorized(request)
        if request.body.translate(None, _BLANK) not in {b"", b"{}"}:
            raise InvalidRequest(sent("no_body"))
        if task is None:
            filter = self._checked(parse_filter(request.query))
            return list_response((yield from self._listed(filter, caller)))
        refuse_any(request.query)
        return info_response((yield from self._got(task, caller)))

    def _task(self, request: Request) -> str | None:
        """The id that a path names, None for the listing. Raises OperationNotFound, NotFound (W-3)."""
        listing_path = f"{self._prefix}{PATH}".encode()
        if b"#" in request.target:  # no client sends a fragment, and no id or member holds a # that is not escaped
            raise self._no_operation("a fragment; write %23 for a # that belongs to it")
        if request.path == listing_path:
            return None
        before, _, raw = request.path.rpartition(b"/")  # an escaped slash is part of the id, another one is not
        if before != listing_path or not raw:  # a trailing slash is another path
            raise self._no_operation(safe_repr(request.path.decode(errors="backslashreplace")))
        try:
            return unescaped(raw)
        except UnicodeDecodeError:
            raise not_found(raw.decode(errors="backslashreplace")) from None

    def _no_operation(self, found: str) -> OperationNotFound:
        return OperationNotFound(sent("no_operation", found, f"{self._prefix}{PATH}"))


def list_response(result: ListResult) -> Response:
    """The response that carries a listing (W-2)."""
    return _response(200, json_as(ListResult, result))


def info_response(info: Info) -> Response:
    """The response that carries the state of one task (W-2)."""
    return _response(200, json_as(Info, info))


def error_response(error: Error) -> Response:
    """The response that carries an error: the status of its type (E-4), its challenge as WWW-Authenticate (W-2).

    What must not be sent of an error that was read, data or a challenge with a control character, is left out (A-2). A
    challenge that no header can carry is in the body alone: a header is printable ASCII.
    """
    value = redacted(error.value)
    response = _response(status_of(error), json_as(ErrorValue, value))
    challenge = (value.challenge or "").strip()
    if challenge and challenge.isascii() and challenge.isprintable():
        return _with_header(response, "www-authenticate", challenge)
    return response


def checked_prefix(prefix: str) -> str:
    """Return the prefix, where it is one. Raises ValueError, and TypeError for no text."""
    if not isinstance(prefix, str):
        raise TypeError(f"prefix must be text, such as {PREFIX!r}, not {type_name(prefix)}")
    is_path = prefix.startswith("/") and not prefix.endswith("/")
    if prefix and not (is_path and prefix.isascii() and prefix.isprintable() and not {*prefix} & {*" ?#"}):
        raise ValueError(
            f"prefix must be empty, or begin with a slash and not end with one, in the raw characters of a path: "
            f"{PREFIX!r}, not {safe_repr(prefix)}"
        )
    return str.__str__(prefix)


def _response(status: int, body: bytes) -> Response:
    headers = (
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),  # it is for this caller alone, and a cache does not know callers
    )
    return Response(status, headers, body)


def _with_header(response: Response, name: str, value: str) -> Response:
    return replace(response, headers=(*response.headers, (name, value)))


# The whitespace of JSON.
_BLANK: Final = b" \t\r\n"
