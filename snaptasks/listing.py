"""Listing and getting tasks: the one place where filter, visibility, order and cap meet (L, G).

Decided here: what is returned, in which order, how much, and which error tells that it cannot be. Not known here: how
a source finds its tasks, how a caller was authorized, and how a result travels.

The plain scan over an iterable is the executable meaning: every other source must give what it gives.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    NoReturn,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeVar,
    final,
    runtime_checkable,
)

from pydantic import ValidationError

from ._steps import Steps, has_to_be_awaited
from ._text import truncate, type_name
from ._value.violations import InvalidValue
from .access import EVERYTHING, NOTHING, Grants, Strict, Visibility
from .errors import MESSAGE_PREFIX, ArgumentLocations, Error, InvalidArgument, NotFound, ResourceInaccessible
from .filters import FilterSpec
from .messages import LocalizableMessage
from .tasks import Info, ListItem, ListResult

if TYPE_CHECKING:
    from typing_extensions import TypeIs

P = ParamSpec("P")
T = TypeVar("T")

# Tasks that one listing returns, inclusive; it is the API's own bound (L-1). What counts against it is what matches
# and is visible (L-3). Past it the answer is RESOURCE_INACCESSIBLE, never a shorter list (L-2).
MAX_RESULTS: Final = 1000


@final
class OverLimit:
    """What a TaskSource returns in place of more than `at_most` tasks, without collecting them; see OVER_LIMIT."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "OVER_LIMIT"

    def __reduce__(self) -> str:
        return "OVER_LIMIT"


OVER_LIMIT: Final = OverLimit()


@runtime_checkable
class TaskSource(Protocol):
    """A source that decides filter, visibility, order and cap itself, and is trusted to do so.

    Both methods may raise any of the 25 errors; ServiceUnavailable where the store cannot be reached (L-9).
    """

    def select(self, filter: FilterSpec, visibility: Visibility, at_most: int) -> Sequence[ListItem] | OverLimit:
        """The visible matches in the order of the source; OVER_LIMIT, or a longer sequence, if more than at_most."""

    def find(self, task: str) -> ListItem | None:
        """The task of this id, visible or not; None if there is none."""


class AsyncTaskSource(Protocol):
    """A TaskSource that has to be awaited; `rest.handle_async` takes one."""

    async def select(self, filter: FilterSpec, visibility: Visibility, at_most: int) -> Sequence[ListItem] | OverLimit:
        """As that of a TaskSource. `visibility` is called, never awaited (A-8)."""

    async def find(self, task: str) -> ListItem | None:
        """As that of a TaskSource."""


Scanned: TypeAlias = Iterable[ListItem] | Callable[[FilterSpec], Iterable[ListItem]]  # the plain scan decides
Source: TypeAlias = Scanned | TaskSource
# The same where the answer of a source may have to be awaited first.
AsyncSource: TypeAlias = Source | Callable[[FilterSpec], Awaitable[Iterable[ListItem]]] | AsyncTaskSource


def list_tasks(
    source: Source, filter: FilterSpec | None = None, *, visibility: Visibility, require_scope: bool = False
) -> ListResult:
    """The visible tasks that match, in the order of the source, each id once (L-1, L-5).

    `source` is an iterable of ListItems, a function from a filter to candidates (possibly too many), or a TaskSource.
    `filter` None is the empty filter (F-3). `visibility` is asked for each match and has no default: EVERYTHING says
    that all may be seen. `require_scope` asks for tasks or services in the filter (F-8).

    Raises ResourceInaccessible past MAX_RESULTS (L-2) and for a stored row that is no task (L-4), InvalidArgument
    without scope (F-8), TypeError for an argument of the wrong type; what source or visibility raise goes through.
    """
    spec = checked_filter(filter, require_scope)  # L-6
    check = _checked_visibility(visibility)
    found: Sequence[ListItem] | OverLimit
    if _decides_itself(source):
        found = _ask(check, source.select, spec, check, MAX_RESULTS)
    else:
        found = list(islice(_visible_matches(source, spec, check), MAX_RESULTS + 1))  # L-7
    if isinstance(found, OverLimit) or len(found) > MAX_RESULTS:
        raise Error.from_value(_TOO_MANY)  # L-2
    return ListResult(items=tuple(found))


def get_task(source: Source, task: str, *, visibility: Visibility) -> Info:
    """The state of one task (G-1); the source is one of the three that list_tasks takes.

    Raises NotFound for an id that is unknown, and just the same for one that the caller may not see (A-6);
    ResourceInaccessible where it cannot be read (L-4), TypeError for an argument of the wrong type; what source or
    visibility raise goes through.
    """
    if not isinstance(task, str):
        raise TypeError(f"task must be text, not {type_name(task)}")
    check = _checked_visibility(visibility)
    try:
        spec = FilterSpec(tasks=(task,))
    except ValidationError:  # empty, or a lone surrogate: no task has such an id
        raise not_found(task) from None
    found: ListItem | None
    if _decides_itself(source):
        found = _ask(check, source.find, task)
        if found is None or not check(found):
            raise not_found(task)
    else:
        found = next(_visible_matches(source, spec, check), None)
        if found is None:
            raise not_found(task)
    return found.info


def listing(source: AsyncSource, filter: FilterSpec, visibility: Visibility) -> Steps[ListResult]:
    """The steps of list_tasks with a source that may have to be awaited; the filter is one that checked_filter gave."""
    check = _checked_visibility(visibility)
    answered = yield from _answered(source, "select", (filter, check, MAX_RESULTS), filter)
    return list_tasks(answered, filter, visibility=check)


def getting(source: AsyncSource, task: str, visibility: Visibility) -> Steps[Info]:
    """The steps of get_task with a source that may have to be awaited; the id is one that a task can have."""
    check = _checked_visibility(visibility)
    answered = yield from _answered(source, "find", (task,), FilterSpec(tasks=(task,)))
    return get_task(answered, task, visibility=check)


def _answered(source: AsyncSource, method: str, arguments: Iterable[object], filter: FilterSpec) -> Steps[Source]:
    """The source after it was asked: one that gives at once what came of that, or raises it."""
    if _decides_itself(source):
        return _Answered((yield from _outcome(getattr(source, method), *arguments)))
    if callable(source):
        outcome = yield from _outcome(source, filter)
        return lambda _: outcome()
    return source


class _Answered:
    """A TaskSource that knows one answer."""

    def __init__(self, outcome: Callable[[], Any]) -> None:
        self.select = self.find = lambda *_: outcome()


def _outcome(ask: Callable[..., Any], *arguments: object) -> Steps[Callable[[], Any]]:
    """A function that returns what the call gave, once it was awaited where it has to be, or raises what it raised."""
    try:
        answer = ask(*arguments)
        if has_to_be_awaited(answer):
            answer = yield answer
    except Exception as raised:  # noqa: BLE001 - whatever it is: it goes through list_tasks as if it came up there
        error = raised

        def fails() -> NoReturn:
            raise error

        return fails
    return lambda: answer


def _decides_itself(source: AsyncSource) -> TypeIs[TaskSource | AsyncTaskSource]:
    """Whether it is a TaskSource, as isinstance would say, which takes longer than a whole listing."""
    return hasattr(source, "select") and hasattr(source, "find")


def _visible_matches(source: Scanned, filter: FilterSpec, check: Visibility) -> Iterator[ListItem]:
    """The plain scan: every visible match in the order of the source, the first of each id (L-5), one at a time."""
    returned: set[str] = set()
    for item in _items(source, filter):
        # what is not visible leaves no trace, not even among the ids already returned
        if item.task not in returned and filter.matches(item) and check(item):
            returned.add(item.task)
            yield item


def _items(source: Scanned, filter: FilterSpec) -> Iterator[ListItem]:
    """The source's items; a stored row that is no task makes the state inaccessible (L-4)."""
    try:
        items: object = source(filter) if callable(source) else source
        if not isinstance(items, Iterable) or has_to_be_awaited(items):  # a future can be iterated, and is empty
            raise TypeError(
                "a source must be an iterable, a function that gives one, or a TaskSource, which has select and find, "
                f"not {type_name(items)}"
            )
        for item in items:
            if not isinstance(item, ListItem):
                raise TypeError(f"a source must give ListItems, not {type_name(item)}")
            yield item  # what fails in the caller's loop does not come back in here
    except (InvalidValue, ValidationError) as invalid:  # E-7: and nothing else is turned into another error
        raise ResourceInaccessible(UNREADABLE) from invalid


def _ask(check: Visibility, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a TaskSource answers; L-4 as in the scan, but what the visibility check raised stays its own (A-7)."""
    try:
        answer = method(*args, **kwargs)
    except (InvalidValue, ValidationError) as invalid:
        if isinstance(check, Strict) and invalid is check.raised:
            raise
        raise ResourceInaccessible(UNREADABLE) from invalid
    if isinstance(check, Strict) and check.raised is not None:
        raise check.raised  # the source has kept it to itself
    if inspect.iscoroutine(answer):
        raise TypeError(f"a TaskSource must answer at once, not with {type_name(answer)}")
    return answer


def checked_filter(filter: FilterSpec | None, require_scope: bool) -> FilterSpec:
    """The filter, where a listing may begin with it (L-6)."""
    if filter is not None and not isinstance(filter, FilterSpec):
        raise TypeError(f"filter must be a FilterSpec or None, not {type_name(filter)}")
    spec = FilterSpec() if filter is None else filter
    if require_scope and not (spec.tasks or spec.services):
        raise InvalidArgument(_NO_SCOPE, data=ArgumentLocations(primary="tasks", secondary=("services",)))  # F-8
    return spec


def _checked_visibility(visibility: Visibility) -> Visibility:
    """The same, where a source can see what it says; else a check of which every answer is looked at (A-8)."""
    if visibility is EVERYTHING or visibility is NOTHING or type(visibility) is Grants:
        return visibility
    if type(visibility) is Strict:  # already
        return visibility
    if not callable(visibility):
        raise TypeError(
            f"visibility must be EVERYTHING, NOTHING, Grants or a function, not {type_name(visibility)}; "
            "filters go into Grants([...])"
        )
    if inspect.iscoroutinefunction(visibility) or inspect.iscoroutinefunction(type(visibility).__call__):
        raise TypeError("visibility must not be an async function: nobody would await its answer")
    return Strict(visibility)


def not_found(task: str) -> NotFound:
    """One and the same for a task that is not there and for one that is not visible (A-6)."""
    name = truncate(task.encode(errors="replace").decode())
    return NotFound(
        LocalizableMessage(
            id=f"{MESSAGE_PREFIX}.not_found", default_message=f"The task '{name}' was not found.", args=(name,)
        )
    )


_TOO_MANY: Final = ResourceInaccessible(  # made once, for this answer is to cost no more than the others
    LocalizableMessage(
        id=f"{MESSAGE_PREFIX}.too_many",
        default_message=f"More than {MAX_RESULTS} tasks match. Narrow the filter.",
        args=(str(MAX_RESULTS),),
    )
).value
UNREADABLE: Final = LocalizableMessage(
    id=f"{MESSAGE_PREFIX}.unreadable", default_message="The state of a task that must be examined cannot be read."
)
_NO_SCOPE: Final = LocalizableMessage(
    id=f"{MESSAGE_PREFIX}.no_scope",
    default_message="The filter must name tasks or services.",
    args=("tasks", "services"),
)
