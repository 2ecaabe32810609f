"""Serve requests: a request in, a response out, for any request (W-3).

Decides the order of the checks, and the response to each outcome. Does not know frameworks, sockets, credentials, or
the tasks that a filter matches.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Generic, final, overload

from typing_extensions import TypeVar

from .._boundary.service import Asynchronous, Boundary, Synchronous, status_of
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

# The default text before the path of both operations.
PREFIX: Final = "/api"

# The methods of each operation; HEAD is GET without the body.
_METHODS: Final = ("GET", "HEAD")


_How = TypeVar("_How", default=Any)


@final
class Service(Boundary, Generic[_How]):
    """Answer requests to list tasks and to get one (W-3).

    Args:
        source: A source, as in list_tasks; for handle_async its answers may be awaitables.
        authenticate: Returns the Caller of a Request, or None for an unauthenticated one. It has no default.
        visibility: Returns the visibility of a Caller: EVERYTHING, NOTHING, Grants or a predicate. It has no default.
        prefix: The raw path before /snapservice/tasks: empty, or a path without a slash at its end.
        require_scope: Whether a filter must name tasks or services, as in list_tasks (F-8).
        challenge: Says how to authenticate, in the response of status 401 (A-2).
        on_error: Receives each exception that became INTERNAL_SERVER_ERROR (E-7), and the exception behind an error of
            status 500 or more, such as an unreadable row (L-4). An error without one, such as more than 1000 tasks, is
            not reported. Clients never receive these. It is called while the exception is handled, so that
            logging.exception shows the traceback.

    Raises:
        TypeError: A setting has the wrong type; the text says what to write.
        ValueError: The prefix is not a path, or the challenge has a control character.
    """

    __slots__ = ("_prefix",)

    _request_name = "request"
    _prefix: str

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: Service[Synchronous],
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
            self: Service[Asynchronous],
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

    def handle(self: Service[Synchronous], request: Request) -> Response:
        """Return the response to a request; never raise (W-3).

        One of the 25 errors becomes its body and status. Any other exception becomes INTERNAL_SERVER_ERROR, and the
        message hides it (E-7).
        """
        return drive(self._answer(request, awaits=False))

    async def handle_async(self, request: Request) -> Response:
        """Return the response that handle returns; the source and the functions may be async, under any event loop.

        A predicate on a task must not be async (A-8). A cancellation is raised unchanged.
        """
        return await drive_async(self._answer(request, awaits=True))

    def __repr__(self) -> str:
        return f"<rest.Service at {self._prefix}{PATH} of {type_name(self._source)}>"

    def _answer(self, request: Request, *, awaits: bool) -> Flow[Response]:
        given: object = request
        is_head = type(given) is Request and given.method == "HEAD"
        response = yield from self._catch_errors(self._decide(request), error_response, awaits=awaits)
        return replace(response, body=b"") if is_head else response

    def _decide(self, request: Request) -> Flow[Response]:
        """Check path, method, authentication, privilege, body, arguments and source, in this order (W-3)."""
        if type(request) is not Request:
            raise TypeError(f"request must be a rest.Request, not {type_name(request)}")
        task = self._task_of(request)
        if request.method not in _METHODS:
            wrong_method = InvalidRequest(sent("no_method", safe_repr(request.method), " and ".join(_METHODS)))
            return _with_header(error_response(wrong_method), "allow", ", ".join(_METHODS))
        caller = yield from self._authorize(request)
        if request.body.translate(None, _BLANK) not in {b"", b"{}"}:
            raise InvalidRequest(sent("no_body"))
        if task is None:
            filter = self._check(parse_filter(request.query))
            return list_response((yield from self._list(filter, caller)))
        refuse_any(request.query)
        return info_response((yield from self._get(task, caller)))

    def _task_of(self, request: Request) -> str | None:
        """Return the id that a path names, or None for the list. Raises OperationNotFound, NotFound (W-3)."""
        list_path = f"{self._prefix}{PATH}".encode()
        if b"#" in request.target:  # no client sends a fragment, and a # in an id or a member is escaped
            raise self._no_operation("a fragment; write %23 for a # that belongs to it")
        if request.path == list_path:
            return None
        before, _, raw = request.path.rpartition(b"/")  # only an escaped slash is a part of the id
        if before != list_path or not raw:  # a trailing slash is another path
            raise self._no_operation(safe_repr(request.path.decode(errors="backslashreplace")))
        try:
            return unescaped(raw)
        except UnicodeDecodeError:
            raise not_found(raw.decode(errors="backslashreplace")) from None

    def _no_operation(self, found: str) -> OperationNotFound:
        return OperationNotFound(sent("no_operation", found, f"{self._prefix}{PATH}"))


def list_response(result: ListResult) -> Response:
    """Return the response that carries a listing (W-2)."""
    return _response(200, json_as(ListResult, result))


def info_response(info: Info) -> Response:
    """Return the response that carries the state of one task (W-2)."""
    return _response(200, json_as(Info, info))


def error_response(error: Error) -> Response:
    """Return the response that carries an error, with the status of its type (E-4).

    The challenge becomes the header WWW-Authenticate (W-2). If it is not printable ASCII, it stands only in the body,
    because no header can carry it. The response leaves out the data of an access error, and a challenge with a control
    character; only an error read from a response can have either (A-2).
    """
    value = redacted(error.value)
    response = _response(status_of(error), json_as(ErrorValue, value))
    challenge = (value.challenge or "").strip()
    if challenge and challenge.isascii() and challenge.isprintable():
        return _with_header(response, "www-authenticate", challenge)
    return response


def checked_prefix(prefix: str) -> str:
    """Return a prefix. Raises TypeError for a value that is not text, ValueError for a text that is not a prefix."""
    if not isinstance(prefix, str):
        raise TypeError(f"prefix must be text, not {type_name(prefix)}; write prefix={PREFIX!r}")
    is_path = prefix.startswith("/") and not prefix.endswith("/")
    if prefix and not (is_path and prefix.isascii() and prefix.isprintable() and not {*prefix} & {*" ?#"}):
        raise ValueError(
            "prefix must be empty, or a raw path that begins with a slash and does not end with one, not "
            f"{safe_repr(prefix)}; write prefix={PREFIX!r}"
        )
    return str.__str__(prefix)


def _response(status: int, body: bytes) -> Response:
    headers = (
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),  # it is only for this caller, and a cache does not know callers
    )
    return Response(status, headers, body)


def _with_header(response: Response, name: str, value: str) -> Response:
    return replace(response, headers=(*response.headers, (name, value)))


# The whitespace of JSON.
_BLANK: Final = b" \t\r\n"
