"""What a source is asked, and how it answers (A-9, L-4).

Decides the one question that filter and visibility make, which kind a source is, and what becomes of a stored row that is
no task. Knows nothing of how a source finds its tasks, of predicates, and of the cap.

A source is one of three kinds, from the safest to the fastest:

- an iterable of ListItems: the plain scan decides everything;
- a function from a filter to candidates, possibly too many: the plain scan still decides;
- a TaskSource, which decides the question itself. It is never told who asks, nor what a visibility is.
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
from .filters import FilterSpec, matcher
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
    "no_source",
    "plain_id",
    "question",
    "readable",
    "unreadable",
]

_T = TypeVar("_T")


@final
@sealed
@dataclass(frozen=True, slots=True, init=False)
class Wanted:
    """What is asked of a source: the tasks that any of the filters matches (A-9).

    Filter and visibility are one question already, so that a source which answers it shows no task that grants hide. Raises
    TypeError for what is no FilterSpec, and ValueError for no filter: where nothing is wanted, no source is asked.
    """

    filters: tuple[FilterSpec, ...]
    _matches: Callable[[ListItem], bool] = field(repr=False, compare=False)

    def __init__(self, filters: Iterable[FilterSpec]) -> None:
        given = tuple(filters)
        if not given:
            raise ValueError("filters must not be empty: where nothing is wanted, no source is asked (A-9)")
        for each in given:
            if type(each) is not FilterSpec:
                raise TypeError(f"filters must be FilterSpecs, not {type_name(each)}")
        object.__setattr__(self, "filters", given)

    @classmethod
    def of(cls, filter: FilterSpec | None, visibility: Visibility) -> Wanted | None:
        """Make one question of a filter and of EVERYTHING, NOTHING or Grants; None where nothing is wanted (A-9).

        EVERYTHING: the filter itself. NOTHING: none. Grants: the filter and each grant conjoined, field by field; those that
        contradict each other are left out. Raises TypeError for a predicate, which can be asked only about each task.
        """
        wanted, predicate = question(FilterSpec() if filter is None else filter, visibility)
        if predicate is not None:
            raise TypeError(
                f"visibility must be EVERYTHING, NOTHING or Grants here, not {type_name(visibility)}; ask a predicate about "
                "each task that Wanted.of(filter, EVERYTHING) gives"
            )
        return wanted

    def matches(self, item: ListItem) -> bool:
        """Return whether any of the filters matches a task; in a time that does not grow with their number."""
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
    """Return what is asked of a source, and the predicate that the listing asks about what it gives (A-9).

    No source is told of a predicate: for one, what the filter matches is wanted. None is wanted where nothing can be.
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
    wanted = _new(Wanted)  # of filters that are checked already: 0.1 us instead of 1.2 us
    _set_filters(wanted, filters)
    return wanted, predicate


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
    """A source that decides a question itself. The tasks that it gives are looked at: a mistake of its own leaks none (A-9).

    All methods may raise any of the 25 errors; ServiceUnavailable where the store cannot be reached (L-9). InvalidValue or
    pydantic's ValidationError is a stored row that is no task (L-4).
    """

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return what is wanted in the order of the source (L-5); OVER_LIMIT, or a longer sequence, if more than at_most.

        OVER_LIMIT is believed: say it only of what is wanted.
        """

    def scan(self, wanted: Wanted) -> Iterable[ListItem]:
        """Return what is wanted in the order of the source, one task at a time: for a visibility that is a predicate."""

    def find(self, task: str) -> ListItem | None:
        """Return the task of this very id, whoever may see it; None if there is none."""


class AsyncTaskSource(Protocol):
    """A TaskSource that must be awaited; `handle_async` of a Service takes one."""

    async def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        """Return what `TaskSource.select` returns."""

    def scan(self, wanted: Wanted) -> AsyncIterable[ListItem] | Awaitable[Iterable[ListItem]]:
        """Return what `TaskSource.scan` returns, as an async generator or once it is awaited."""

    async def find(self, task: str) -> ListItem | None:
        """Return what `TaskSource.find` returns."""


Source: TypeAlias = Iterable[ListItem] | Callable[[FilterSpec], Iterable[ListItem]] | TaskSource
# A source whose answer may have to be awaited.
AsyncSource: TypeAlias = (
    Source
    | AsyncIterable[ListItem]
    | Callable[[FilterSpec], Awaitable[Iterable[ListItem]] | AsyncIterable[ListItem]]
    | AsyncTaskSource
)


class Kind(NamedTuple):
    """How a source is asked."""

    decides: bool  # as a TaskSource does
    is_exact: bool  # and its answers need not be looked at again
    takes_filter: bool


ITEMS: Final = Kind(decides=False, is_exact=False, takes_filter=False)
_CANDIDATES: Final = Kind(decides=False, is_exact=False, takes_filter=True)
_TASK_SOURCE: Final = Kind(decides=True, is_exact=False, takes_filter=False)
_EXACT: Final = Kind(decides=True, is_exact=True, takes_filter=False)


_METHODS: Final = ("select", "scan", "find")
_MARK: Final = "_answers_exactly"


def answers_exactly(kind: type[_T]) -> type[_T]:
    """Let the listing trust a class, but no subclass, to give what is wanted, each task once, and to decide L-4 itself."""
    setattr(kind, _MARK, True)
    return kind


def _kind_of(type: type) -> Kind | None:
    if issubclass(type, list | tuple | set | frozenset):  # whatever methods it happens to have
        return ITEMS
    if not _lacks(type):
        return _EXACT if _MARK in vars(type) else _TASK_SOURCE
    if any("__call__" in vars(base) for base in type.__mro__):
        return _CANDIDATES
    # A future can be iterated, and a done one is empty; a mapping or a text gives names, and no tasks.
    if issubclass(type, Iterable | AsyncIterable) and not issubclass(type, Awaitable | Mapping | str | bytes):
        return ITEMS
    return None


# How a source of a type is asked: the real type, whatever an object says that its class is. None: it is no source.
kind_of: Final[Callable[[type], Kind | None]] = lru_cache(64)(_kind_of)  # of the types of sources a program has a few


def _lacks(type: type) -> list[str]:
    """What a type lacks to be a TaskSource."""
    lacks = [f"no {name}" for name in _METHODS if not callable(getattr(type, name, None))]
    select = inspect.getattr_static(type, "select", None)
    if not lacks and inspect.isfunction(select):
        try:
            inspect.signature(select).bind(None, None, None)
        except TypeError:
            lacks.append("that must take (wanted, at_most)")
    return lacks


def no_source(source: object) -> NoReturn:
    """Raise TypeError for what is no source, with what it lacks."""
    is_meant = callable(getattr(type(source), "select", None))
    hint = f"; it has a select, but {', '.join(_lacks(type(source)))}" if is_meant else ""
    hint = "; give its values()" if isinstance(source, Mapping) else hint
    raise TypeError(
        "a source must be an iterable of ListItems, a function from a filter to such an iterable, or a TaskSource, which has "
        f"{', '.join(_METHODS)}, not {type_name(source)}{hint}"
    )


# A stored row that is no task: what building and reading values raise (L-4). Anything else is a bug, and stays what it is
# (E-7).
_NO_TASK: Final = (InvalidValue, ValidationError)


def unreadable(cause: Exception) -> ResourceInaccessible:
    """Return the answer to a state that cannot be read; its text tells nothing of the cause, which is for the log (L-4)."""
    error = ResourceInaccessible(sent("unreadable"))
    error.__cause__ = cause
    return error


class readable:  # noqa: N801 - said as a verb: with readable(row): ...
    """Raise ResourceInaccessible for a stored row that is no task; `row` says which it is, for the log (L-4).

    Any other exception is a bug or one of the 25 errors, and goes through (E-7); a bug says the row as well. A class and no
    generator, because a listing enters it: 0.1 us instead of 0.6 us.
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
            if isinstance(error, _NO_TASK):
                raise unreadable(error)


def plain_id(task: object) -> str:
    """Return an id as plain text: a subclass of str may compare and hash as it likes. Raises TypeError for no text."""
    if not issubclass(type(task), str):
        raise TypeError(f"task must be text, not {type_name(task)}")
    return str.__str__(task)
