"""The plain scan: what is wanted and visible, in the order of the source, the first of each id (A-3, A-5, L-5, L-7).

Decides what is picked from tasks that come one by one, at once or awaited. Knows nothing of how a source is asked, and of the
cap. It is the executable meaning: whatever decides by itself must give what this gives.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import suppress
from types import AsyncGeneratorType, GeneratorType
from typing import Any

from ._flow import Flow, is_awaitable
from ._text import type_name
from .filters import matcher
from .sources import ITEMS, Kind, Wanted, readable
from .tasks import ListItem
from .visibility import Visibility, visible

__all__ = ["picked"]


def picked(
    items: Any, kind: Kind, wanted: Wanted, predicate: Visibility | None, enough: int
) -> Flow[dict[str, ListItem]]:
    """What the plain scan picks of these, by id; one more than enough ends it (L-7)."""
    # A future can be iterated, and is empty; a mapping gives its keys.
    if is_awaitable(items) or isinstance(items, Mapping) or not isinstance(items, Iterable | AsyncIterable):
        hint = "; give its values()" if isinstance(items, Mapping) else ""
        raise TypeError(f"a source must give an iterable of ListItems, such as a list, not {type_name(items)}{hint}")
    scan = _Scan(wanted, predicate, enough, is_exact=kind.is_exact)
    is_async = not isinstance(items, Iterable)
    iterated: Any = items
    with readable(scan.row):
        iterator: Any = aiter(iterated) if is_async else iter(iterated)
    is_own = kind is not ITEMS or iterator is not items  # what was made for this listing ends with it
    try:
        if is_async:
            yield from _awaited(iterator, scan)
        else:
            scan.pick(iterator)
    except BaseException:
        with suppress(Exception):  # what went wrong first is what is raised
            yield from _ended(iterator, is_own)
        raise
    with readable(scan.row):
        yield from _ended(iterator, is_own)
    return scan.picked


def _awaited(iterator: AsyncIterator[ListItem], scan: _Scan) -> Flow[None]:
    """Pick from tasks that must be awaited one by one."""
    is_over = False
    while not is_over:
        try:
            with readable(scan.row):
                item = yield anext(iterator)
        except StopAsyncIteration:
            break
        is_over = scan.pick((item,))


def _ended(iterator: Any, is_own: bool) -> Flow[None]:
    """End a generator that was made for this listing, and with it whatever it holds open, such as a cursor."""
    if is_own and isinstance(iterator, GeneratorType):
        iterator.close()
    elif is_own and isinstance(iterator, AsyncGeneratorType):
        try:
            yield iterator.aclose()
        except BaseExceptionGroup as group:  # of a task group inside of it, which was told to end
            if group.split(GeneratorExit)[1] is not None:
                raise


class _Scan:
    """The plain scan: what is wanted and visible, in the order of the source, the first of each id (L-5)."""

    __slots__ = ("_enough", "_is_exact", "_matches", "_number", "_predicate", "picked")

    def __init__(self, wanted: Wanted, predicate: Visibility | None, enough: int, *, is_exact: bool) -> None:
        self._matches = matcher(wanted.filters)
        self._predicate = predicate
        self._enough = enough
        self._is_exact = is_exact
        self._number = 0
        self.picked: dict[str, ListItem] = {}

    def pick(self, items: Iterable[ListItem]) -> bool:
        """Pick from some tasks in turn, and return whether that is more than enough (L-7)."""
        found = items if self._is_exact else self._wanted_of(items)
        # what is not visible leaves no trace, not even among the ids that are picked already
        for item in found if self._predicate is None else visible(self._predicate, found):
            self.picked.setdefault(item.task, item)
            if len(self.picked) > self._enough:
                return True
        return False

    def row(self) -> str:
        """Say which row is being read."""
        return f"while row {self._number + 1} of the source was read"

    def _wanted_of(self, items: Iterable[ListItem]) -> Iterator[ListItem]:
        """Yield what is wanted; a failure of the predicate is none of the source, and does not come back in here (A-7)."""
        matches = self._matches
        with readable(self.row):
            for item in items:
                if not issubclass(type(item), ListItem):
                    raise TypeError(f"a source must give ListItems, not {type_name(item)}")
                self._number += 1
                if matches(item):
                    yield item
