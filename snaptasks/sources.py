"""Define the question to a source, and the answers that a source can give (A-9, L-4).

Decides how filter and visibility become one question, and which kind a source is. Also decides the error for a stored
row that is not a task. Does not know how a source finds its tasks, what a predicate says, or the cap.

A source is one of three kinds, from the safest to the fastest:

- an iterable of ListItems: the plain scan decides everything;
- a function from a filter to candidates, possibly too many: the plain scan still decides;
- a TaskSource, which decides the question itself. It never learns the caller or the visibility.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple, NoReturn, Protocol, TypeAlias, TypeVar, final, runtime_checkable

from pydantic import ValidationError

from ._sealed import sealed
from ._sent import sent
from ._text import type_name
from ._value.violations import InvalidValue
from .errors import Error, ResourceInaccessible
from .filters import FilterSpec, matcher, spec_of
from .tasks import ListItem
from .visibility import EVERYTHING, NOTHING, Grants, Visibility, checked_predicate

__all__ = [
    "ITEMS",
    "OVER_LIMIT",
    "AsyncSource",
    "AsyncTaskSource",
    "Kind",
    "OverLimit",
    "Source",
    "TaskSource",
    "Wanted",
    "answers_exactly",
    "kind_of",
    "plain_id",
    "question",
    "readable",
    "reject_source",
    "unreadable",
]

_T = TypeVar("_T")


@final
@sealed
@dataclass(frozen=True, slots=True, init=False)
class Wanted:
    """Represent the question to a source: the tasks that any of the filters matches (A-9).

    The filters combine the caller's filter and the grants. So a source that answers the question cannot return a task
    that grants hide. Raises TypeError for a filter that is not a FilterSpec. Raises ValueError for an empty list,
    because the listing asks no source if nothing is wanted.
    """

    filters: tuple[FilterSpec, ...]
    _matches: Callable[[ListItem], bool] = field(repr=False, compare=False)

    def __init__(self, filters: Iterable[FilterSpec]) -> None:
        several: object = filters
        if type(several) is FilterSpec:  # pydantic makes it iterable
            raise TypeError("filters must be a list of FilterSpecs, not a FilterSpec; write Wanted([filter])")
        given = tuple(filters)
        if not given:
            raise ValueError("filters must not be empty; ask no source when nothing is wanted (A-9)")
        for each in given:
            if type(each) is not FilterSpec:
                raise TypeError(f"filters must be FilterSpecs, not {type_name(each)}")
        object.__setattr__(self, "filters", given)

    @classmethod
    def of(cls, filter: FilterSpec | None, visibility: Visibility) -> Wanted | None:
        """Combine a filter and EVERYTHING, NOTHING or Grants into one question, or None if nothing is wanted (A-9).

        EVERYTHING gives the filter itself. NOTHING gives None. Grants give the intersection of the filter with each
        grant; a grant that contradicts the filter is left out. Raises TypeError for another type of filter,
        and for a predicate, because a predicate judges one task at a time.
        """
        wanted, predicate = question(spec_of(filter), visibility)
        if predicate is not None:
            raise TypeError(
                f"visibility must be EVERYTHING, NOTHING or Grants, not {type_name(visibility)}; call a predicate with "
                "each task that Wanted.of(filter, EVERYTHING) gives"
            )
        return wanted

    def matches(self, item: ListItem) -> bool:
        """Return whether any of the filters matches a task; the time does not grow with the number of filters."""
        try:
            matches = self._matches
        except AttributeError:
            matches = matcher(self.filters)
            object.__setattr__(self, "_matches", matches)
        return matches(item)

    def __reduce__(self) -> tuple[type[Wanted], tuple[tuple[FilterSpec, ...]]]:
        return Wanted, (self.filters,)


_new: Final = object.__new__
_set_filters: Final[Callable[[Wanted, tuple[FilterSpec, ...]], None]] = vars(Wanted)["filters"].__set__


def question(filter: FilterSpec, visibility: Visibility) -> tuple[Wanted | None, Visibility | None]:
    """Return the question to a source, and the predicate that the listing applies to the answer (A-9).

    A source never learns of a predicate: its question is the filter. The question is None if no task can be wanted.
    """
    filters: tuple[FilterSpec, ...]
    predicate = None
    if visibility is EVERYTHING:
        filters = (filter,)
    elif visibility is NOTHING:
        return None, None
    elif type(visibility) is Grants:
        both = [filter.intersection(grant) for grant in visibility.filters]
        filters = tuple([each for each in both if each is not None])
        if not filters:
            return None, None
    else:
        filters, predicate = (filter,), checked_predicate(visibility)
    wanted = _new(Wanted)  # without a second check of the filters: 0.1 us instead of 1.2 us
    _set_filters(wanted, filters)
    return wanted, predicate


@final
class OverLimit:
    """Report that more than `at_most` tasks are wanted, without the tasks; OVER_LIMIT is the only instance."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "OVER_LIMIT"

    def __reduce__(self) -> str:
        return "OVER_LIMIT"


OVER_LIMIT: Final = OverLimit()


@runtime_checkable
class TaskSource(Protocol):
    """Describe a source that answers a question itself. The listing checks each task, so a faulty one leaks none (A-9).

    All methods may raise any of the 25 errors, such as ServiceUnavailable if the store is out of reach (L-9).
    InvalidValue and pydantic's ValidationError mean a stored row that is not a task (L-4).
    """

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return the wanted tasks in order (L-5); OVER_LIMIT, or a longer sequence, if more than at_most.

        The listing trusts OVER_LIMIT without a check: count only wanted tasks for it.
        """

    def scan(self, wanted: Wanted) -> Iterable[ListItem]:
        """Return the wanted tasks in the order of the source, one at a time; the listing calls it for a predicate."""

    def find(self, task: str) -> ListItem | None:
        """Return the task of exactly this id, whether or not a caller may see it, or None."""


class AsyncTaskSource(Protocol):
    """Describe a TaskSource whose methods must be awaited; for `handle_async` of a Service."""

    async def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return the answer of `TaskSource.select`."""

    def scan(self, wanted: Wanted) -> AsyncIterable[ListItem] | Awaitable[Iterable[ListItem]]:
        """Return the answer of `TaskSource.scan`, as an async generator or as an awaitable of it."""

    async def find(self, task: str) -> ListItem | None:
        """Return the answer of `TaskSource.find`."""


Source: TypeAlias = Iterable[ListItem] | Callable[[FilterSpec], Iterable[ListItem]] | TaskSource
# A source with answers that may be awaitables.
AsyncSource: TypeAlias = (
    Source
    | AsyncIterable[ListItem]
    | Callable[[FilterSpec], Awaitable[Iterable[ListItem]] | AsyncIterable[ListItem]]
    | AsyncTaskSource
)


class Kind(NamedTuple):
    """Describe how the listing asks a source."""

    decides: bool  # it is a TaskSource
    is_exact: bool  # its answers need no check
    takes_filter: bool  # it is a function


ITEMS: Final = Kind(decides=False, is_exact=False, takes_filter=False)
_CANDIDATES: Final = Kind(decides=False, is_exact=False, takes_filter=True)
_TASK_SOURCE: Final = Kind(decides=True, is_exact=False, takes_filter=False)
_EXACT: Final = Kind(decides=True, is_exact=True, takes_filter=False)


_METHODS: Final = ("select", "scan", "find")
_MARK: Final = "_answers_exactly"


def answers_exactly(kind: type[_T]) -> type[_T]:
    """Mark a class, but not its subclasses, as exact: it gives only wanted tasks, each once, and decides L-4 itself."""
    setattr(kind, _MARK, True)
    return kind


def _kind_of(type: type) -> Kind | None:
    if issubclass(type, list | tuple | set | frozenset):  # whatever methods a subclass adds
        return ITEMS
    if not _missing_features(type):
        return _EXACT if _MARK in vars(type) else _TASK_SOURCE
    if any("__call__" in vars(base) for base in type.__mro__):
        return _CANDIDATES
    # A future is iterable, and a done one is empty; a mapping or a text gives names, not tasks.
    if issubclass(type, Iterable | AsyncIterable) and not issubclass(type, Awaitable | Mapping | str | bytes):
        return ITEMS
    return None


# Return the kind of a type, or None if it is not a source. Callers pass type(source), not its `__class__`. A
# program has only a few types of sources.
kind_of: Final[Callable[[type], Kind | None]] = lru_cache(64)(_kind_of)


def _missing_features(type: type) -> list[str]:
    """Return the features that a type needs to become a TaskSource."""
    missing = [f"no {name}" for name in _METHODS if not callable(getattr(type, name, None))]
    select = inspect.getattr_static(type, "select", None)
    if not missing and inspect.isfunction(select):
        try:
            inspect.signature(select).bind(None, None, None)
        except TypeError:
            missing.append("that must take (wanted, at_most)")
    return missing


def reject_source(source: object) -> NoReturn:
    """Raise TypeError for a value that is not a source, and name the missing features."""
    has_select = callable(getattr(type(source), "select", None))
    hint = f"; it has a select, but {', '.join(_missing_features(type(source)))}" if has_select else ""
    hint = "; write source.values()" if isinstance(source, Mapping) else hint
    raise TypeError(
        "source must be an iterable of ListItems, a function from a filter to such an iterable, or a TaskSource with "
        f"{', '.join(_METHODS)}, not {type_name(source)}{hint}"
    )


# The exceptions for a stored row that is not a task (L-4). Any other is a bug, and goes through unchanged (E-7).
_NOT_A_TASK: Final = (InvalidValue, ValidationError)


def unreadable(cause: Exception) -> ResourceInaccessible:
    """Return the error for a state that cannot be read; its text hides the cause, which is only for the log (L-4)."""
    error = ResourceInaccessible(sent("unreadable"))
    error.__cause__ = cause
    return error


class readable:  # noqa: N801 - a context manager: with readable(row): ...
    """Raise ResourceInaccessible for a stored row that is not a task (L-4).

    `row` names the row in a note, for the log. One of the 25 errors goes through. So does a bug, with the note (E-7). A
    class takes 0.1 us, where a generator would take 0.6 us for each listing.
    """

    __slots__ = ("_row",)

    def __init__(self, row: Callable[[], str] | None = None) -> None:
        self._row = row

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, Error):
            if self._row is not None and (note := self._row()) not in getattr(error, "__notes__", ()):
                BaseException.add_note(error, note)
            if isinstance(error, _NOT_A_TASK):
                raise unreadable(error)


def plain_id(task: object) -> str:
    """Return an id as a plain str, because a subclass can redefine == and hash. Raises TypeError for any other type."""
    if not issubclass(type(task), str):
        raise TypeError(f"task must be text, not {type_name(task)}")
    return str.__str__(task)
