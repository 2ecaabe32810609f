"""Rows about what list_tasks adds to an index: visibilities, grants, and its own time."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from snaptasks import EVERYTHING, MAX_RESULTS, FilterSpec, Grants, ListItem, TaskIndex, Wanted, list_tasks

from .measuring import Row, at_least, at_most, medians
from .workload import population, shapes, twenty_grants


def visibilities(items: list[ListItem]) -> Iterator[Row]:
    """A predicate in Python, and twenty grants."""
    index = TaskIndex(items)
    shown = {item.task for item in items[:: max(1, len(items) // 100)]}

    def check(item: ListItem) -> bool:
        return item.task in shown

    taken = medians(
        {
            "snaptasks": lambda: list_tasks(index, visibility=check),
            "scan": lambda: [item for item in items if check(item)],
        }
    )
    yield at_least("a Python predicate against a specialised scan", taken["scan"] / taken["snaptasks"], 0.75, 1.0)
    grants = twenty_grants(items)
    found = list_tasks(index, visibility=grants)
    by_hand = [item for item in items if any(grant.matches(item) for grant in grants.filters)]
    if [*found] != by_hand:
        sys.exit("twenty grants give another answer than the plain scan")
    taken = medians({"snaptasks": lambda: list_tasks(index, visibility=grants)})
    yield at_most(
        "20 grants of service and user", taken["snaptasks"] * 1e6, 300, 120, "us", f" ({len(by_hand)} results)"
    )


def over_select(items: list[ListItem]) -> Iterator[Row]:
    """What list_tasks takes above the index that it asks: for the shortest answer, and for each result of the longest."""
    index = TaskIndex(items)
    counts = {len(list_tasks(index, shape.filter, visibility=EVERYTHING)): shape.filter for shape in shapes(items)}

    def above(count: int) -> float:
        filter, wanted = counts[count], Wanted((counts[count],))
        taken = medians(
            {
                "list": lambda: list_tasks(index, filter, visibility=EVERYTHING),
                "select": lambda: index.select(wanted, MAX_RESULTS),
            },
            rounds=21,
        )
        return taken["list"] - taken["select"]

    few, many = min(counts), max(counts)
    least = above(few)
    yield at_most("list_tasks over select", least * 1e6, 1.2, 0.6, "us", f" ({few} results)")
    each = (above(many) - least) / (many - few)
    yield at_most("list_tasks over select, a result", each * 1e9, 12, 7, "ns", f" ({many} results)")


def many_grants() -> Row:
    """20,000 members under 999 grants: the longest time that the lock is held, in 100,000 tasks of as many services."""
    one = population(1)[0]
    info = one.info
    index = TaskIndex(
        one.evolve(
            task=f"t{n}", info=info.evolve(service=f"s{n % 20_000}", user=f"u{n % 20_000}", operation=f"o{n % 7}")
        )
        for n in range(100_000)
    )
    members: dict[str, Any] = {"services": [f"s{n}" for n in range(20_000)], "tasks": [f"t{n}" for n in range(20_000)]}
    members["users"] = [f"u{n}" for n in range(20_000)]
    granted: list[dict[str, Any]] = [
        *({"users": [f"u{n}"], "operations": ["o1"]} for n in range(999)),
        *({"operations": [f"o{n}"]} for n in range(999)),
        *({"services": [f"s{n}", f"s{n + 1}"], "users": [f"u{n}"]} for n in range(999)),
    ]
    gc.collect()
    gc.disable()  # a collection under the lock is another matter
    index._lock = clock = _Clock()  # type: ignore[assignment]  # noqa: SLF001 - there is no other way to see it
    for field, names in members.items():
        for first in (0, 999, 1998):
            grants = Grants([FilterSpec(**fields) for fields in granted[first : first + 999]])
            wanted = Wanted.of(FilterSpec(**{field: names}), grants)
            if wanted is not None:
                for _ in range(3):
                    index.select(wanted, MAX_RESULTS)
    gc.enable()
    return at_most("20,000 members under 999 grants, the lock held", clock.longest * 1e3, 100, 10, "ms")


class _Clock:
    """In the place of a lock: the seconds that it was held longest."""

    def __init__(self) -> None:
        self.longest = 0.0

    def __enter__(self) -> None:
        self._start = perf_counter()

    def __exit__(self, *_: object) -> None:
        self.longest = max(self.longest, perf_counter() - self._start)

    def _is_owned(self) -> bool:
        return False
