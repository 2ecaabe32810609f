"""The server's side: a request in, a response out, whatever comes (W-3).

Decides the order of decisions, and what of a failure is told to whom. Knows nothing of frameworks, of sockets, of how a
caller proves who it is, and of what a filter matches.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Generic, final, overload

from typing_extensions import TypeVar

from .._flow import Flow, drive, drive_async, own_failure, settle
from .._sealed import sealed
from .._sent import sent
from .._text import safe_repr, type_name
from .._value.model import json_as
from .._value.violations import InvalidValue
from ..access import Caller, authorize
from ..errors import (
    Error,
    ErrorType,
    ErrorValue,
    InternalServerError,
    InvalidRequest,
    OperationNotFound,
    redacted,
)
from ..listing import checked_filter, get_flow, list_flow, not_found
from ..query import parse_filter, refuse_any, unescaped
from ..sources import AsyncSource, Source, unreadable
from ..tasks import Info, ListResult
from ..visibility import Visibility
from .http import Request, Response
from .settings import (
    PREFIX,
    checked_challenge,
    checked_function,
    checked_prefix,
    checked_source,
    checked_visibility,
)

__all__ = ["PATH", "AtOnce", "Awaited", "Service", "error_response", "info_response", "list_response"]

# The path of both operations, behind the prefix.
PATH: Final = "/snapservice/tasks"

# What each operation answers to; HEAD is GET without the body.
_METHODS: Final = ("GET", "HEAD")


class AtOnce:
    """Said of a Service for type checkers: nothing that it was built of must be awaited."""


class Awaited:
    """Said of a Service for type checkers: something that it was built of must be awaited, so that only handle_async works."""


_How = TypeVar("_How", default=Any)


@final
@sealed
class Service(Generic[_How]):
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

    __slots__ = ("_authenticate", "_challenge", "_on_error", "_prefix", "_require_scope", "_source", "_visibility")

    _source: AsyncSource
    _authenticate: Callable[[Request], Any]
    _visibility: Callable[[Caller], Any]
    _prefix: str
    _require_scope: bool
    _challenge: str | None
    _on_error: Callable[[Exception], Any] | None

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
        if type(require_scope) is not bool:
            raise TypeError(f"require_scope must be True or False, not {type_name(require_scope)}")
        settings = {
            "_source": checked_source(source),
            "_authenticate": checked_function("authenticate", authenticate, "request"),
            "_visibility": checked_visibility(visibility),
            "_prefix": checked_prefix(prefix),
            "_require_scope": require_scope,
            "_challenge": checked_challenge(challenge),
            "_on_error": None if on_error is None else checked_function("on_error", on_error, "error"),
        }
        for name, setting in settings.items():
            object.__setattr__(self, name, setting)

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

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Service is built once and cannot change: {name} (V-2)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Service is built once and cannot change: {name} (V-2)")

    def __repr__(self) -> str:
        return f"<rest.Service at {self._prefix}{PATH} of {type_name(self._source)}>"

    def _answer(self, request: Request, *, awaits: bool) -> Flow[Response]:
        """The flow to a response, whatever is raised on the way."""
        given: object = request
        is_head = type(given) is Request and given.method == "HEAD"
        try:
            try:
                response = yield from self._decide(request)
            except Error as error:
                hidden = error.__cause__ if error.__suppress_context__ else error.__context__
                if isinstance(hidden, Exception) and _status(error) >= ErrorType.ERROR.http_status:
                    yield from self._tell(hidden, awaits)
                response = error_response(error)
        except BaseException as raised:
            unexpected = own_failure(raised)
            if not isinstance(unexpected, Exception):
                raise
            yield from self._tell(unexpected, awaits)  # W-3: nothing is raised, E-7: and nothing of it is told
            response = error_response(InternalServerError(sent("internal_server_error")))
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
        caller = authorize((yield from settle(self._authenticate(request))), challenge=self._challenge)
        if request.body.translate(None, _BLANK) not in {b"", b"{}"}:
            raise InvalidRequest(sent("no_body"))
        if task is None:
            filter = checked_filter(parse_filter(request.query), self._require_scope)
        else:
            refuse_any(request.query)
        try:
            visible = yield from settle(self._visibility(caller))
            if task is None:
                return list_response((yield from list_flow(self._source, filter, visible)))
            return info_response((yield from get_flow(self._source, task, visible)))
        except InvalidValue as invalid:  # of a visibility check; the source's own is L-4 already
            raise unreadable(invalid) from invalid

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

    def _tell(self, hidden: Exception, awaits: bool) -> Flow[None]:
        """Tell the embedder what the client is not told; whatever comes of that changes no answer."""
        if self._on_error is not None:
            with suppress(Exception):
                answer = self._on_error(hidden)
                if awaits:  # where nothing can be awaited, Python itself warns of a coroutine that was not
                    yield from settle(answer)


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
    response = _response(_status(error), json_as(ErrorValue, value))
    challenge = (value.challenge or "").strip()
    if challenge and challenge.isascii() and challenge.isprintable():
        return _with_header(response, "www-authenticate", challenge)
    return response


def _status(error: Error) -> int:
    """The status of the table, also where a subclass says another (E-4)."""
    return error.value.error_type.http_status


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
