"""Implement task sources, right and faulty, for the tests of the kit of sources."""

from collections.abc import Iterable, Sequence
from typing import Any

from snaptasks import ListItem, Wanted
from snaptasks.sql import SqlTaskSource
from tests.contract.implementations import OnSql


class Plain:
    """A right source: a dict."""

    def __init__(self, items: Iterable[ListItem]) -> None:
        self.held = {item.task: item for item in items}

    def wanted(self, wanted: Wanted) -> list[ListItem]:
        return [item for item in self.held.values() if wanted.matches(item)]

    def select(self, wanted: Wanted, at_most: int) -> Any:
        return self.wanted(wanted)

    def scan(self, wanted: Wanted) -> Any:
        return iter(self.wanted(wanted))

    def find(self, task: str) -> Any:
        return self.held.get(task)

    def put(self, item: ListItem) -> None:
        self.held[item.task] = item

    def remove(self, task: str) -> None:
        del self.held[task]


class Async(Plain):
    """A right source whose answers must be awaited."""

    async def select(self, wanted: Wanted, at_most: int) -> Any:
        return self.wanted(wanted)

    async def scan(self, wanted: Wanted) -> Any:
        for item in self.wanted(wanted):
            yield item

    async def find(self, task: str) -> Any:
        return self.held.get(task)


class ReadOnly(Plain):
    """It has no way to put."""

    put = remove = None  # type: ignore[assignment]


async def made_later(items: Sequence[ListItem]) -> Plain:
    return Plain(items)


def on_sql(items: list[ListItem]) -> SqlTaskSource:
    implementation = OnSql()
    implementation.load(items)
    return implementation.source


def over(items: Sequence[ListItem], at_most: int) -> Any:
    from snaptasks import OVER_LIMIT  # noqa: PLC0415

    return OVER_LIMIT if len(items) >= at_most else items


def none_but_the_first(wanted: Wanted, item: ListItem) -> bool:
    return wanted.filters[0].matches(item)


class KeepsPlaces(Plain):
    """Replacing a task moves it to the end."""

    def put(self, item: ListItem) -> None:
        self.held.pop(item.task, None)
        super().put(item)


class Forgets(Plain):
    """An id that was removed stays so."""

    gone: frozenset[str] = frozenset()

    def remove(self, task: str) -> None:
        self.gone |= {task}
        super().remove(task)

    def put(self, item: ListItem) -> None:
        if item.task not in self.gone:
            super().put(item)


class Indexed(Plain):
    """An index of users that a replacement does not change."""

    def __init__(self, items: Iterable[ListItem]) -> None:
        super().__init__(items)
        self.users = {item.task: item.info.user for item in self.held.values()}

    def put(self, item: ListItem) -> None:
        self.users.setdefault(item.task, item.info.user)
        super().put(item)

    def wanted(self, wanted: Wanted) -> list[ListItem]:
        users = (
            frozenset[str]().union(*(spec.users for spec in wanted.filters))
            if all(s.users for s in wanted.filters)
            else None
        )
        found = super().wanted(wanted)
        return [item for item in found if users is None or self.users.get(item.task) in users]


def unavailable(source: Plain, wanted: Wanted, at_most: int) -> Any:
    from snaptasks import LocalizableMessage, ServiceUnavailable  # noqa: PLC0415

    raise ServiceUnavailable(LocalizableMessage(id="m", default_message="gone"))


FAULTY_SOURCES: dict[str, tuple[Any, str]] = {
    "one limit too few": (type("S", (Plain,), {"select": lambda s, w, n: over(s.wanted(w), n)}), "A_9_law_selecting"),
    "backwards": (type("S", (Plain,), {"select": lambda s, w, n: s.wanted(w)[::-1]}), "A_9_law_selecting"),
    "the first filter alone": (
        type("S", (Plain,), {"select": lambda s, w, n: [i for i in s.held.values() if none_but_the_first(w, i)]}), "A_9_law_selecting",
    ),
    "a scan with too many": (type("S", (Plain,), {"scan": lambda s, w: iter(s.held.values())}), "A_9_law_scanning"),
    "a scan of none": (type("S", (Plain,), {"scan": lambda s, w: iter(())}), "A_7_law_showing"),
    "find folds": (type("S", (Plain,), {"find": lambda s, t: next((i for i in s.held.values() if i.task.lower() == t.lower()), None)}), "G_1_law_finding"),
    "find finds none": (type("S", (Plain,), {"find": lambda s, t: None}), "G_1_law_finding"),
    "find gives an info": (type("S", (Plain,), {"find": lambda s, t: s.held[t].info if t in s.held else None}), "G_1_law_finding"),
    "select gives ids": (type("S", (Plain,), {"select": lambda s, w, n: [i.task for i in s.wanted(w)]}), "A_9_law_selecting"),
    "select is unavailable": (type("S", (Plain,), {"select": unavailable}), "A_9_law_selecting"),
    "select raises": (type("S", (Plain,), {"select": lambda s, w, n: 1 // 0}), "A_9_law_selecting"),
    "replacing moves": (KeepsPlaces, "L_5_law_changing"),
    "removing is for ever": (Forgets, "L_5_law_changing"),
    "a stale index": (Indexed, "L_5_law_changing"),
    "put does nothing": (type("S", (Plain,), {"put": lambda s, i: None}), "L_5_law_changing"),
    "remove raises": (type("S", (Plain,), {"remove": lambda s, t: 1 // 0}), "L_5_law_changing"),
}  # fmt: skip
