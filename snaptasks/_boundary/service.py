"""A Service of any boundary: what it is built of, and the flow around its decisions.

Decides that nothing is raised, what of a failure the embedder is told, and that a caller is known before tasks are looked
at (W-3, E-7, A-1). Does not know how a request is read and how an answer is written.
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

__all__ = ["AtOnce", "Awaited", "Boundary", "status_of"]

_T = TypeVar("_T")
_set: Final = object.__setattr__


class AtOnce:
    """Said of a Service for type checkers: nothing that it was built of must be awaited."""


class Awaited:
    """Said of a Service for type checkers: something that it was built of must be awaited, so that only handle_async works."""


@sealed
class Boundary:
    """What a Service is built of, once."""

    __slots__ = ("_authenticate", "_challenge", "_on_error", "_require_scope", "_source", "_visibility")

    # What `authenticate` takes, as the text of a wrong setting names it.
    _asked: ClassVar[str]

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
        _set(self, "_authenticate", checked_function("authenticate", authenticate, self._asked))
        _set(self, "_visibility", checked_visibility(visibility))
        _set(self, "_require_scope", require_scope)
        _set(self, "_challenge", checked_challenge(challenge))
        _set(self, "_on_error", None if on_error is None else checked_function("on_error", on_error, "error"))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Service is built once and cannot change: {name} (V-2)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Service is built once and cannot change: {name} (V-2)")

    def _answered(self, decisions: Flow[_T], refusal: Callable[[Error], _T], *, awaits: bool) -> Flow[_T]:
        """The flow to an answer, whatever is raised on the way; `refusal` makes one of an error."""
        try:
            try:
                return (yield from decisions)
            except Error as error:
                hidden = error.__cause__ if error.__suppress_context__ else error.__context__
                if isinstance(hidden, Exception) and status_of(error) >= ErrorType.ERROR.http_status:
                    yield from self._tell(hidden, awaits)
                return refusal(error)
        except BaseException as raised:
            unexpected = own_failure(raised)
            if not isinstance(unexpected, Exception):
                raise
            yield from self._tell(unexpected, awaits)  # W-3: nothing is raised, E-7: and nothing of it is told
            return refusal(InternalServerError(sent("internal_server_error")))

    def _authorized(self, asked: object) -> Flow[Caller]:
        """The caller behind a request. Raises Unauthenticated, Unauthorized (A-1)."""
        return authorize((yield from settle(self._authenticate(asked))), challenge=self._challenge)

    def _checked(self, filter: FilterSpec) -> FilterSpec:
        """The filter, where a listing may begin with it. Raises InvalidArgument (F-8)."""
        return checked_filter(filter, self._require_scope)

    def _listed(self, filter: FilterSpec, caller: Caller) -> Flow[ListResult]:
        """The tasks that a filter asks for, as far as the caller may see them."""
        return self._looked_up(caller, lambda visible: list_flow(self._source, filter, visible))

    def _got(self, task: str, caller: Caller) -> Flow[Info]:
        """The state of a task, where the caller may see it. Raises NotFound (A-6)."""
        return self._looked_up(caller, lambda visible: get_flow(self._source, task, visible))

    def _looked_up(self, caller: Caller, look: Callable[[Visibility], Flow[_T]]) -> Flow[_T]:
        try:
            return (yield from look((yield from settle(self._visibility(caller)))))
        except InvalidValue as invalid:  # of a visibility check; the source's own is L-4 already
            raise unreadable(invalid) from invalid

    def _tell(self, hidden: Exception, awaits: bool) -> Flow[None]:
        """Tell the embedder what the client is not told; whatever comes of that changes no answer."""
        if self._on_error is not None:
            with suppress(Exception):
                answer = self._on_error(hidden)
                if awaits:  # where nothing can be awaited, Python itself warns of a coroutine that was not
                    yield from settle(answer)


def status_of(error: Error) -> int:
    """The status of the table, also where a subclass says another (E-4)."""
    return error.value.error_type.http_status
