"""Answer requests at any boundary: hold the settings, and run the flow around its decisions.

Decides that answering never raises, which failures the embedder learns, and that authorization comes before a source is
asked (W-3, E-7, A-1). Does not know how a request is read, or how an answer is written.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, Final, TypeVar

from .._flow import Flow, own_failure, settle
from .._sealed import sealed
from .._sent import sent
from .._text import type_name
from .._value.violations import InvalidValue
from ..access import Caller, authorize
from ..errors import Error, ErrorType, InternalServerError
from ..filters import FilterSpec
from ..listing import checked_filter, get_flow, list_flow
from ..sources import AsyncSource, unreadable
from ..tasks import Info, ListResult
from ..visibility import Visibility
from .settings import checked_challenge, checked_function, checked_source, checked_visibility

__all__ = ["Asynchronous", "Boundary", "Synchronous", "status_of"]

_T = TypeVar("_T")
_set: Final = object.__setattr__


class Synchronous:
    """Mark, for type checkers, a Service without asynchronous settings."""


class Asynchronous:
    """Mark, for type checkers, a Service with an asynchronous setting, which works only with handle_async."""


@sealed
class Boundary:
    """Hold the settings of a Service, which never change (V-2), and answer with them."""

    __slots__ = ("_authenticate", "_challenge", "_on_error", "_require_scope", "_source", "_visibility")

    # The name of the parameter of `authenticate`, for the error text of a wrong setting.
    _request_name: ClassVar[str]

    _source: AsyncSource
    _authenticate: Callable[[Any], Any]
    _visibility: Callable[[Caller], Any]
    _require_scope: bool
    _challenge: str | None
    _on_error: Callable[[Exception], Any] | None

    def __init__(
        self,
        source: AsyncSource,
        *,
        authenticate: Callable[[Any], Any],
        visibility: Callable[[Caller], Any],
        require_scope: bool = False,
        challenge: str | None = None,
        on_error: Callable[[Exception], Any] | None = None,
    ) -> None:
        if type(require_scope) is not bool:
            raise TypeError(f"require_scope must be True or False, not {type_name(require_scope)}")
        _set(self, "_source", checked_source(source))
        _set(self, "_authenticate", checked_function("authenticate", authenticate, self._request_name))
        _set(self, "_visibility", checked_visibility(visibility))
        _set(self, "_require_scope", require_scope)
        _set(self, "_challenge", checked_challenge(challenge))
        _set(self, "_on_error", None if on_error is None else checked_function("on_error", on_error, "error"))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Service must not be changed: {name} (V-2)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Service must not be changed: {name} (V-2)")

    def _catch_errors(self, decisions: Flow[_T], answer_error: Callable[[Error], _T], *, awaits: bool) -> Flow[_T]:
        """Return the answer of the decisions, or the answer to any exception that they raise (W-3).

        Args:
            decisions: The flow to a successful answer.
            answer_error: Makes an answer of one of the 25 errors.
            awaits: Whether the result of on_error is awaited.
        """
        try:
            try:
                return (yield from decisions)
            except Error as error:
                hidden = error.__cause__ if error.__suppress_context__ else error.__context__
                if isinstance(hidden, Exception) and status_of(error) >= ErrorType.ERROR.http_status:
                    yield from self._report(hidden, awaits)
                return answer_error(error)
        except BaseException as raised:
            unexpected = own_failure(raised)
            if not isinstance(unexpected, Exception):
                raise
            yield from self._report(unexpected, awaits)  # W-3: raise nothing; E-7: send nothing of the exception
            return answer_error(InternalServerError(sent("internal_server_error")))

    def _authorize(self, request: object) -> Flow[Caller]:
        """Return the caller of a request. Raises Unauthenticated, Unauthorized (A-1)."""
        return authorize((yield from settle(self._authenticate(request), "authenticate")), challenge=self._challenge)

    def _check(self, filter: FilterSpec) -> FilterSpec:
        """Return the filter. Raises InvalidArgument for a filter without the required scope (F-8)."""
        return checked_filter(filter, self._require_scope)

    def _list(self, filter: FilterSpec, caller: Caller) -> Flow[ListResult]:
        """Return the matching tasks that the caller may see."""
        return self._look_up(caller, lambda visible: list_flow(self._source, filter, visible))

    def _get(self, task: str, caller: Caller) -> Flow[Info]:
        """Return the state of a task that the caller may see. Raises NotFound for any other (A-6)."""
        return self._look_up(caller, lambda visible: get_flow(self._source, task, visible))

    def _look_up(self, caller: Caller, look: Callable[[Visibility], Flow[_T]]) -> Flow[_T]:
        try:
            return (yield from look((yield from settle(self._visibility(caller), "visibility"))))
        except InvalidValue as invalid:  # raised by a visibility check; the listing has mapped the source's own (L-4)
            raise unreadable(invalid) from invalid

    def _report(self, hidden: Exception, awaits: bool) -> Flow[None]:
        """Pass an exception that is hidden from the client to on_error; a failure of on_error changes no answer."""
        if self._on_error is not None:
            with suppress(Exception):
                answer = self._on_error(hidden)
                if awaits:  # without, Python itself warns of a coroutine that was never awaited
                    yield from settle(answer, "on_error")


def status_of(error: Error) -> int:
    """Return the HTTP status of the table, even if a subclass defines another (E-4)."""
    return error.value.error_type.http_status
