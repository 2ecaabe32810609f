"""List and get: the one place where filter, visibility, order and cap meet (L, G).

Decides which tasks are returned, in which order, how many, and which error is raised instead. Does not know how a
source finds its tasks, how a caller was authorized, or how a result travels.

The plain scan picks from every answer that is not exact.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from ._flow import Flow, drive, is_awaitable
from ._scan import pick
from ._sent import sent
from ._text import truncate, type_name
from .errors import ArgumentLocations, Error, InvalidArgument, NotFound, ResourceInaccessible
from .filters import FilterSpec, spec_of
from .sources import (
    Kind,
    OverLimit,
    Source,
    Wanted,
    kind_of,
    plain_id,
    question,
    readable,
    reject_source,
    unreadable,
)
from .tasks import Info, ListItem, ListResult, result_of
from .visibility import Visibility

__all__ = ["MAX_RESULTS", "checked_filter", "get_flow", "get_task", "list_flow", "list_tasks", "not_found"]

# Tasks that one listing returns, inclusive: the API's own bound (L-1). Only visible matching tasks count (L-3). Past it
# the answer is RESOURCE_INACCESSIBLE, never a shorter list (L-2).
MAX_RESULTS: Final = 1000


def list_tasks(
    source: Source, filter: FilterSpec | None = None, *, visibility: Visibility, require_scope: bool = False
) -> ListResult:
    """Return the visible matching tasks, in the order of the source, each id once (L-1, L-5).

    Args:
        source: An iterable of ListItems, a function from a filter to candidates (possibly too many), or a TaskSource.
        filter: The filter; None is the empty one (F-3).
        visibility: EVERYTHING, NOTHING, Grants or a predicate; no default, because one could show everything.
        require_scope: Whether the filter must name tasks or services (F-8).

    Raises:
        ResourceInaccessible: More than MAX_RESULTS tasks match (L-2), or a stored row cannot be read as a task (L-4).
        InvalidArgument: The filter has no scope (F-8).
        TypeError: An argument has the wrong type.

    Any other exception of the source or of the visibility is raised unchanged.
    """
    if type(filter) is not FilterSpec or require_scope:  # the condition saves a call of 0.1 us
        filter = checked_filter(filter, require_scope)
    pending = _ask(source, filter, visibility)
    return drive(_finish_list(pending)) if isinstance(pending, _Pending) else pending


def get_task(source: Source, task: str, *, visibility: Visibility) -> Info:
    """Return the state of one task (G-1).

    Args:
        source: A source, as in list_tasks.
        task: The id of the task.
        visibility: The visibility, as in list_tasks.

    Raises:
        NotFound: The id is unknown, or the caller may not see its task; both errors are equal (A-6).
        ResourceInaccessible: The state cannot be read (L-4).
        TypeError: An argument has the wrong type.

    Any other exception of the source or of the visibility is raised unchanged.
    """
    return drive(get_flow(source, task, visibility))


def list_flow(source: Any, filter: FilterSpec, visibility: Visibility) -> Flow[ListResult]:
    """Decide a listing of a source that may have to be awaited; checked_filter has checked the filter (L-6)."""
    pending = _ask(source, filter, visibility)
    return (yield from _finish_list(pending)) if isinstance(pending, _Pending) else pending


def get_flow(source: Any, task: str, visibility: Visibility) -> Flow[Info]:
    """Decide a get from a source that may have to be awaited."""
    name = plain_id(task)
    kind = kind_of(type(source)) or reject_source(source)
    try:
        only = FilterSpec(tasks=(name,))
    except ValidationError:  # it is empty or has a lone surrogate, and no task has such an id
        question(spec_of(None), visibility)
        raise not_found(name) from None
    wanted, predicate = question(only, visibility)
    if wanted is None:
        raise not_found(name)  # no source is asked
    uses_find = kind.decides and wanted.filters[0] is only
    with _READABLE:  # L-4: with grants, `select` lets a source skip a row that its columns show to be hidden
        if uses_find:
            answer = source.find(name)
        else:
            answer = source.select(wanted, 1) if kind.decides else _candidates(source, kind, wanted, only)
    found = yield from _awaited(answer)
    if type(found) is OverLimit:
        raise unreadable(ValueError(f"the source has more than one task {name!r}"))
    if uses_find:
        if found is not None and not issubclass(type(found), ListItem):
            raise TypeError(f"find must give a ListItem or None, not {type_name(found)}")
        found = () if found is None else (found,)
    found = yield from pick(found, kind, wanted, predicate, 0)
    for item in found.values():
        return item.info
    raise not_found(name)


def checked_filter(filter: FilterSpec | None, require_scope: bool) -> FilterSpec:
    """Return the filter of a listing, with None as the empty one (L-6).

    Raises InvalidArgument for a filter without the required scope (F-8), and TypeError for another type.
    """
    spec = spec_of(filter)
    if require_scope and not (spec.tasks or spec.services):
        raise InvalidArgument(
            sent("no_scope", "tasks", "services"), data=ArgumentLocations(primary="tasks", secondary=("services",))
        )  # F-8
    return spec


def not_found(task: str) -> NotFound:
    """Return the error for a missing task; an invisible task gets the same one (A-6)."""
    name = truncate(task.encode(errors="replace").decode())
    return NotFound(sent("not_found", name))


_READABLE: Final = readable()
# Types that need no await, because a look-up takes 0.03 us and is_awaitable 0.13 us.
_COMPLETE: Final = frozenset({tuple, list, OverLimit})


class _Pending(NamedTuple):
    """Hold a question that a source has received, and its answer or an awaitable of the answer."""

    kind: Kind
    wanted: Wanted
    predicate: Visibility | None
    answer: Any
    is_selected: bool


def _ask(source: Any, filter: FilterSpec, visibility: Visibility) -> ListResult | _Pending:
    """Ask a source for a listing. Return the result of an exact source without a flow, which would take 0.3 us more."""
    kind = kind_of(type(source)) or reject_source(source)
    wanted, predicate = question(filter, visibility)
    if wanted is None:
        return result_of(())  # no source is asked
    is_selected = predicate is None and kind.decides
    if is_selected and kind.is_exact:
        answer = source.select(wanted, MAX_RESULTS)  # an exact source decides L-4 itself
        if type(answer) in _COMPLETE:
            return result_of(tuple(_within_the_cap(answer)))
    else:
        with _READABLE:
            answer = source.select(wanted, MAX_RESULTS) if is_selected else _candidates(source, kind, wanted, filter)
    return _Pending(kind, wanted, predicate, answer, is_selected)


def _finish_list(pending: _Pending) -> Flow[ListResult]:
    """Await the answer of a source if needed, and make the result of it."""
    kind, wanted, predicate, answer, is_selected = pending
    found = yield from _awaited(answer)
    if type(found) is OverLimit or (is_selected and kind.is_exact):
        return result_of(tuple(_within_the_cap(found)))
    found = yield from pick(found, kind, wanted, predicate, MAX_RESULTS)
    return result_of(tuple(_within_the_cap(found).values()))


def _within_the_cap(found: Any) -> Any:
    """Return the tasks. Raises ResourceInaccessible if they are more than the cap (L-2)."""
    if type(found) is OverLimit or len(found) > MAX_RESULTS:
        raise Error.from_value(_TOO_MANY)
    return found


def _awaited(answer: Any) -> Flow[Any]:
    """Return an answer of a source, awaited if needed. Raises ResourceInaccessible for an unreadable row (L-4)."""
    with _READABLE:
        return (yield answer) if is_awaitable(answer) else answer


def _candidates(source: Any, kind: Kind, wanted: Wanted, filter: FilterSpec) -> Any:
    """Return the tasks to pick from, in the order of the source, or an awaitable of them."""
    return source.scan(wanted) if kind.decides else source(filter) if kind.takes_filter else source


# Made once, so that this answer costs no more than the others.
_TOO_MANY: Final = ResourceInaccessible(sent("too_many", str(MAX_RESULTS))).value
