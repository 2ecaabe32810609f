"""The server's side: a request in, a response out, whatever comes (W-3).

Decided here: the order of decisions, and what of a failure is told to whom. Not known here: frameworks, sockets, how a
caller proves who it is, and what a filter matches.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, NamedTuple

from .._steps import Steps, at_once, awaited, has_to_be_awaited
from .._text import safe_repr
from .._value.violations import InvalidValue
from ..access import EVERYTHING, NOTHING, Caller, Grants, Visibility, authorize
from ..errors import (
    MESSAGE_PREFIX,
    Error,
    ErrorType,
    InternalServerError,
    InvalidRequest,
    OperationNotFound,
    ResourceInaccessible,
    sendable,
)
from ..listing import UNREADABLE, AsyncSource, Source, checked_filter, getting, listing, not_found
from ..messages import LocalizableMessage
from ..query import parse_filter, refuse_any, unescaped
from ..tasks import Info, ListResult
from .http import Request, Response

# The path of both operations, behind the prefix.
PATH: Final = "/snapservice/tasks"
PREFIX: Final = "/api"

# What each operation answers to; HEAD is GET without the body.
_METHODS: Final = ("GET", "HEAD")


def handle(
    request: Request,
    source: Source,
    *,
    authenticate: Callable[[Request], Caller | None],
    visibility: Callable[[Caller], Visibility],
    prefix: str = PREFIX,
    require_scope: bool = False,
    challenge: str | None = None,
    on_error: Callable[[Exception], None] | None = None,
) -> Response:
    """The response to a request to list tasks or to get one; it never raises (W-3).

    `authenticate` gives the caller of a request, None for nobody; `visibility` what a caller may see. Neither has a
    default. `prefix` is what stands before /snapservice/tasks in the raw path: empty, or a path without a slash at its
    end. `require_scope` is that of list_tasks (F-8); `challenge` goes with a 401, to say how to authenticate (A-2).

    One of the 25 errors is answered with its status, whoever raised it; what is not one with INTERNAL_SERVER_ERROR and
    a message that tells nothing of it (E-7). `on_error` is told of what no client is: of each exception that became
    INTERNAL_SERVER_ERROR, and of the one behind each error of a status of 500 or more, such as a row that is no task
    (L-4). It is called while the exception is handled, so that logging.exception shows the traceback.
    """
    embedder = _Embedder(source, authenticate, visibility, prefix, require_scope, challenge, on_error, awaits=False)
    return at_once(_answer(request, embedder))


async def handle_async(
    request: Request,
    source: AsyncSource,
    *,
    authenticate: Callable[[Request], Caller | None | Awaitable[Caller | None]],
    visibility: Callable[[Caller], Visibility | Awaitable[Visibility]],
    prefix: str = PREFIX,
    require_scope: bool = False,
    challenge: str | None = None,
    on_error: Callable[[Exception], Awaitable[object] | None] | None = None,
) -> Response:
    """The same as handle; `authenticate`, `visibility`, `on_error` and the source may be async, under any event loop.

    What a visibility says of a task may not (A-8). A cancellation goes through.
    """
    embedder = _Embedder(source, authenticate, visibility, prefix, require_scope, challenge, on_error, awaits=True)
    return await awaited(_answer(request, embedder))


def list_response(result: ListResult) -> Response:
    """The response that carries a listing (W-2)."""
    return _response(200, result.to_json())


def info_response(info: Info) -> Response:
    """The response that carries the state of one task (W-2)."""
    return _response(200, info.to_json())


def error_response(error: Error) -> Response:
    """The response that carries an error: the status of its type (E-4), its challenge as WWW-Authenticate (W-2).

    What must not be sent of an error that was read, data or a challenge with a control character, is left out (A-2). A
    challenge that no header can carry is in the body alone: a header is printable ASCII.
    """
    value = sendable(error.value)
    response = _response(error.http_status, value.to_json())
    challenge = (value.challenge or "").strip()
    if challenge and challenge.isascii() and challenge.isprintable():
        return _with_header(response, "www-authenticate", challenge)
    return response


def _response(status: int, body: bytes) -> Response:
    headers = (
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),  # it is for this caller alone, and a cache does not know callers
    )
    return Response(status, headers, body)


def _with_header(response: Response, name: str, value: str) -> Response:
    return replace(response, headers=(*response.headers, (name, value)))


class _Embedder(NamedTuple):
    """What an embedder has decided."""

    source: AsyncSource
    authenticate: Callable[[Request], Any]
    visibility: Callable[[Caller], Any]
    prefix: str
    require_scope: bool
    challenge: str | None
    on_error: Callable[[Exception], Any] | None
    awaits: bool


def _answer(request: Request, embedder: _Embedder) -> Steps[Response]:
    """The steps to a response, whatever is raised on the way."""
    is_head = request.method == "HEAD"
    try:
        try:
            response = yield from _decide(request, embedder)
        except Error as error:
            hidden = error.__cause__ if error.__suppress_context__ else error.__context__
            if isinstance(hidden, Exception) and error.http_status >= ErrorType.ERROR.http_status:
                yield from _tell(embedder, hidden)
            response = error_response(error)
    except Exception as unexpected:  # noqa: BLE001 - W-3: nothing is raised, E-7: and nothing of it is told
        yield from _tell(embedder, unexpected)
        response = error_response(InternalServerError(_INTERNAL))
    return replace(response, body=b"") if is_head else response


def _decide(request: Request, embedder: _Embedder) -> Steps[Response]:
    """W-3: path, method, authentication, privilege, body, arguments, source, in this order."""
    task = _task(request.path, embedder.prefix)
    if request.method not in _METHODS:
        return _with_header(error_response(InvalidRequest(_no_method(request.method))), "allow", ", ".join(_METHODS))
    caller = authorize((yield from _settled(embedder.authenticate(request))), challenge=embedder.challenge)
    if request.body.translate(None, _BLANK) not in {b"", b"{}"}:
        raise InvalidRequest(_NO_BODY)
    if task is None:
        filter = checked_filter(parse_filter(request.query), embedder.require_scope)
    else:
        refuse_any(request.query)
    try:
        visible = yield from _settled(_checked_visibility(embedder)(caller))
        if task is None:
            return list_response((yield from listing(embedder.source, filter, visible)))
        return info_response((yield from getting(embedder.source, task, visible)))
    except InvalidValue as invalid:  # of a visibility check; the source's own is L-4 already
        raise ResourceInaccessible(UNREADABLE) from invalid


def _task(path: bytes, prefix: str) -> str | None:
    """The id that a path names, None for the listing. Raises OperationNotFound, NotFound (W-3)."""
    listing_path = f"{checked_prefix(prefix)}{PATH}".encode()
    if path == listing_path:
        return None
    before, _, raw = path.rpartition(b"/")  # an escaped slash is part of the id, another one is not
    if before != listing_path or not raw:  # a trailing slash is another path
        raise OperationNotFound(_no_operation(path, prefix))
    try:
        return unescaped(raw)
    except UnicodeDecodeError:
        raise not_found(raw.decode(errors="backslashreplace")) from None


def checked_prefix(prefix: object) -> str:
    """The prefix, where it is one. Raises ValueError."""
    if isinstance(prefix, str) and (not prefix or (prefix.startswith("/") and not prefix.endswith("/"))):
        return prefix
    raise ValueError(f"prefix must be empty, or begin with a slash and not end with one, not {prefix!r}")


def _checked_visibility(embedder: _Embedder) -> Callable[[Caller], Any]:
    """What gives a caller's visibility; a visibility itself would be asked about a caller, and not about a task."""
    given: object = embedder.visibility
    if given is EVERYTHING or given is NOTHING or isinstance(given, Grants):
        raise TypeError(f"visibility must be a function of the caller here: lambda caller: {given!r}")
    return embedder.visibility


def _settled(answer: Any) -> Steps[Any]:
    return (yield answer) if has_to_be_awaited(answer) else answer


def _tell(embedder: _Embedder, hidden: Exception) -> Steps[None]:
    """Tell the embedder of what the client is not told; whatever comes of that changes no answer."""
    if embedder.on_error is not None:
        with suppress(Exception):
            answer = embedder.on_error(hidden)
            if embedder.awaits:  # where nothing can be awaited, Python itself warns of a coroutine that was not
                yield from _settled(answer)


# The whitespace of JSON.
_BLANK: Final = b" \t\r\n"

_INTERNAL: Final = LocalizableMessage(
    id=f"{MESSAGE_PREFIX}.internal_server_error",
    default_message="The server failed in a way that it did not expect.",
)
_NO_BODY: Final = LocalizableMessage(
    id=f"{MESSAGE_PREFIX}.no_body",
    default_message="A request must have no body; a filter goes into the query: ?status=FAILED. [Q-5]",
)


def _no_method(method: str) -> LocalizableMessage:
    name, allowed = safe_repr(method), " and ".join(_METHODS)
    return LocalizableMessage(
        id=f"{MESSAGE_PREFIX}.no_method",
        default_message=f"The method must be one of {allowed}. [W-3] (found {name})",
        args=(name, allowed),
    )


def _no_operation(path: bytes, prefix: str) -> LocalizableMessage:
    name, known = safe_repr(path.decode(errors="backslashreplace")), f"{prefix}{PATH}"
    return LocalizableMessage(
        id=f"{MESSAGE_PREFIX}.no_operation",
        default_message=f"There is no operation at this path; there are {known} and {known}/{{task}}. [W-3] (found {name})",
        args=(name, known),
    )
