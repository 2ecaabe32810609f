"""Scan a source: pick wanted and visible tasks in its order, the first of each id (A-3, A-5, L-5, L-7).

Decides which tasks are picked from an iterable or an async iterable. Does not know how a source is asked, or the cap.

It defines the meaning of a listing: every faster way must give its result.
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

__all__ = ["pick"]


def pick(
    items: Any, kind: Kind, wanted: Wanted, predicate: Visibility | None, at_most: int
) -> Flow[dict[str, ListItem]]:
    """Return the wanted and visible tasks by id; stop at at_most + 1 of them (L-7).

    Raises TypeError for items that are not an iterable of ListItems, and ResourceInaccessible for a row that is not a
    task (L-4).
    """
    # A future is iterable and empty; a mapping gives its keys.
    if is_awaitable(items) or isinstance(items, Mapping) or not isinstance(items, Iterable | AsyncIterable):
        hint = "; return its values()" if isinstance(items, Mapping) else ""
        raise TypeError(f"a source must give an iterable of ListItems, such as a list, not {type_name(items)}{hint}")
    scan = _Scan(wanted, predicate, at_most, is_exact=kind.is_exact)
    is_async = not isinstance(items, Iterable)
    iterated: Any = items
    with readable(scan.row):
        iterator: Any = aiter(iterated) if is_async else iter(iterated)
    is_own = kind is not ITEMS or iterator is not items  # made for this listing, which must close it
    try:
        if is_async:
            yield from _pick_awaited(iterator, scan)
        else:
            scan.pick(iterator)
    except BaseException:
        with suppress(Exception):  # the first failure is the one to raise
            yield from _close(iterator, is_own)
        raise
    with readable(scan.row):
        yield from _close(iterator, is_own)
    return scan.picked


def _pick_awaited(iterator: AsyncIterator[ListItem], scan: _Scan) -> Flow[None]:
    """Await tasks one by one, and pick from them."""
    is_over = False
    while not is_over:
        try:
            with readable(scan.row):
                item = yield anext(iterator)
        except StopAsyncIteration:
            break
        is_over = scan.pick((item,))


def _close(iterator: Any, is_own: bool) -> Flow[None]:
    """Close a generator that was made for this listing, because it can hold a cursor open."""
    if is_own and isinstance(iterator, GeneratorType):
        iterator.close()
    elif is_own and isinstance(iterator, AsyncGeneratorType):
        try:
            yield iterator.aclose()
        except BaseExceptionGroup as group:  # a task group inside the generator reports its GeneratorExit so
            if group.split(GeneratorExit)[1] is not None:
                raise


class _Scan:
    """Pick wanted and visible tasks in the order of the source, the first of each id (L-5)."""

    __slots__ = ("_at_most", "_is_exact", "_matches", "_number", "_predicate", "picked")

    def __init__(self, wanted: Wanted, predicate: Visibility | None, at_most: int, *, is_exact: bool) -> None:
        self._matches = matcher(wanted.filters)
        self._predicate = predicate
        self._at_most = at_most
        self._is_exact = is_exact
        self._number = 0
        self.picked: dict[str, ListItem] = {}

    def pick(self, items: Iterable[ListItem]) -> bool:
        """Pick from some tasks in turn, and return whether more than at_most are picked now (L-7)."""
        found = items if self._is_exact else self._wanted_of(items)
        # an invisible task leaves no trace, not even among the picked ids
        for item in found if self._predicate is None else visible(self._predicate, found):
            self.picked.setdefault(item.task, item)
            if len(self.picked) > self._at_most:
                return True
        return False

    def row(self) -> str:
        """Describe the current row, for a note."""
        return f"while reading row {self._number + 1} of the source"

    def _wanted_of(self, items: Iterable[ListItem]) -> Iterator[ListItem]:
        """Yield the wanted tasks; a failure of the predicate does not enter here: it is not the source's (A-7)."""
        matches = self._matches
        with readable(self.row):
            for item in items:
                if not issubclass(type(item), ListItem):
                    raise TypeError(f"a source must give ListItems, not {type_name(item)}")
                self._number += 1
                if matches(item):
                    yield item
