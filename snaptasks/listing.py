"""Listing and getting tasks: the one place where filter, visibility, order and cap meet (L, G).

Decides what is returned, in which order, how much, and which error says that it cannot be. Knows nothing of how a source
finds its tasks, how a caller was authorized, and how a result travels.

What it cannot take from a source as it is, the plain scan picks.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from ._flow import Flow, drive, is_awaitable
from ._scan import picked
from ._sent import sent
from ._text import truncate, type_name
from .errors import ArgumentLocations, Error, InvalidArgument, NotFound, ResourceInaccessible
from .filters import FilterSpec
from .sources import (
    Kind,
    OverLimit,
    Source,
    Wanted,
    kind_of,
    no_source,
    plain_id,
    question,
    readable,
    unreadable,
)
from .tasks import Info, ListItem, ListResult, result_of
from .visibility import Visibility

__all__ = ["MAX_RESULTS", "checked_filter", "get_flow", "get_task", "list_flow", "list_tasks", "not_found"]

# Tasks that one listing returns, inclusive; it is the API's own bound (L-1). What counts against it is what matches
# and is visible (L-3). Past it the answer is RESOURCE_INACCESSIBLE, never a shorter list (L-2).
MAX_RESULTS: Final = 1000


def list_tasks(
    source: Source, filter: FilterSpec | None = None, *, visibility: Visibility, require_scope: bool = False
) -> ListResult:
    """Return the visible tasks that match, in the order of the source, each id once (L-1, L-5).

    `source` is an iterable of ListItems, a function from a filter to candidates (possibly too many), or a TaskSource.
    `filter` None is the empty filter (F-3). `visibility` has no default: EVERYTHING says that all may be seen.
    `require_scope` asks for tasks or services in the filter (F-8).

    Raises ResourceInaccessible past MAX_RESULTS (L-2) and for a stored row that is no task (L-4), InvalidArgument
    without scope (F-8), TypeError for an argument of the wrong type; what source or visibility raise goes through.
    """
    if type(filter) is not FilterSpec or require_scope:  # here as well, because the call takes 0.1 us
        filter = checked_filter(filter, require_scope)
    asked = _asked(source, filter, visibility)
    return drive(_listed(asked)) if isinstance(asked, _Asked) else asked


def get_task(source: Source, task: str, *, visibility: Visibility) -> Info:
    """Return the state of one task (G-1); the source is one of the three that list_tasks takes.

    Raises NotFound for an id that is unknown, and just the same for one that the caller may not see (A-6);
    ResourceInaccessible where it cannot be read (L-4), TypeError for an argument of the wrong type; what source or
    visibility raise goes through.
    """
    return drive(get_flow(source, task, visibility))


def list_flow(source: Any, filter: FilterSpec, visibility: Visibility) -> Flow[ListResult]:
    """Decide a listing, of a source that may have to be awaited; `filter` is one that checked_filter gave (L-6)."""
    asked = _asked(source, filter, visibility)
    return (yield from _listed(asked)) if isinstance(asked, _Asked) else asked


def get_flow(source: Any, task: str, visibility: Visibility) -> Flow[Info]:
    """Decide a get, of a source that may have to be awaited."""
    name = plain_id(task)
    kind = kind_of(type(source)) or no_source(source)
    try:
        only = FilterSpec(tasks=(name,))
    except ValidationError:  # empty, or a lone surrogate: no task has such an id
        question(_ANY, visibility)
        raise not_found(name) from None
    wanted, predicate = question(only, visibility)
    if wanted is None:
        raise not_found(name)  # no source is asked
    is_found = kind.decides and wanted.filters[0] is only
    with _READABLE:  # L-4: else there are grants, and a row that its columns tell to be hidden need not be read
        if is_found:
            answer = source.find(name)
        else:
            answer = source.select(wanted, 1) if kind.decides else _candidates(source, kind, wanted, only)
    found = yield from _answered(answer)
    if type(found) is OverLimit:
        raise unreadable(ValueError(f"the source has more than one task {name!r}"))
    if is_found:
        if found is not None and not issubclass(type(found), ListItem):
            raise TypeError(f"find must give a ListItem or None, not {type_name(found)}")
        found = () if found is None else (found,)
    found = yield from picked(found, kind, wanted, predicate, 0)
    for item in found.values():
        return item.info
    raise not_found(name)


def checked_filter(filter: FilterSpec | None, require_scope: bool) -> FilterSpec:
    """Return the filter, where a listing may begin with it (L-6). Raises InvalidArgument without scope (F-8), TypeError."""
    if filter is not None and type(filter) is not FilterSpec:
        raise TypeError(f"filter must be a FilterSpec or None, not {type_name(filter)}")
    spec = _ANY if filter is None else filter
    if require_scope and not (spec.tasks or spec.services):
        raise InvalidArgument(
            sent("no_scope", "tasks", "services"), data=ArgumentLocations(primary="tasks", secondary=("services",))
        )  # F-8
    return spec


def not_found(task: str) -> NotFound:
    """Return one and the same error for a task that is not there and for one that is not visible (A-6)."""
    name = truncate(task.encode(errors="replace").decode())
    return NotFound(sent("not_found", name))


_READABLE: Final = readable()
_AT_ONCE: Final = frozenset({tuple, list, OverLimit})  # told in a quarter of the time that is_awaitable takes
_ANY: Final = FilterSpec()


class _Asked(NamedTuple):
    """A source that was asked, and what it gave at once: an answer, or what must be awaited for one."""

    kind: Kind
    wanted: Wanted
    predicate: Visibility | None
    answer: Any
    is_selected: bool


def _asked(source: Any, filter: FilterSpec, visibility: Visibility) -> ListResult | _Asked:
    """Ask a source for a listing. What an exact one gives at once is the result: no flow, which would take 0.3 us."""
    kind = kind_of(type(source)) or no_source(source)
    wanted, predicate = question(filter, visibility)
    if wanted is None:
        return result_of(())  # no source is asked
    is_selected = predicate is None and kind.decides
    if is_selected and kind.is_exact:
        answer = source.select(wanted, MAX_RESULTS)  # which decides L-4 itself
        if type(answer) in _AT_ONCE:
            return result_of(tuple(_within_the_cap(answer)))
    else:
        with _READABLE:
            answer = source.select(wanted, MAX_RESULTS) if is_selected else _candidates(source, kind, wanted, filter)
    return _Asked(kind, wanted, predicate, answer, is_selected)


def _listed(asked: _Asked) -> Flow[ListResult]:
    """Decide the rest of a listing, once the answer was awaited if it must be."""
    kind, wanted, predicate, answer, is_selected = asked
    found = yield from _answered(answer)
    if type(found) is OverLimit or (is_selected and kind.is_exact):
        return result_of(tuple(_within_the_cap(found)))
    found = yield from picked(found, kind, wanted, predicate, MAX_RESULTS)
    return result_of(tuple(_within_the_cap(found).values()))


def _within_the_cap(found: Any) -> Any:
    """The same; more than the cap is no list (L-2)."""
    if type(found) is OverLimit or len(found) > MAX_RESULTS:
        raise Error.from_value(_TOO_MANY)
    return found


def _answered(answer: Any) -> Flow[Any]:
    """An answer of a source, once it was awaited if it must be; a row that is no task is L-4."""
    with _READABLE:
        return (yield answer) if is_awaitable(answer) else answer


def _candidates(source: Any, kind: Kind, wanted: Wanted, filter: FilterSpec) -> Any:
    """The tasks from which to pick, in the order of the source; or what must be awaited for them."""
    return source.scan(wanted) if kind.decides else source(filter) if kind.takes_filter else source


# Made once, because this answer must cost no more than the others.
_TOO_MANY: Final = ResourceInaccessible(sent("too_many", str(MAX_RESULTS))).value
