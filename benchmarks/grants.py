"""Measure the time that list_tasks adds to an index: visibilities, grants, and its own work."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from snaptasks import EVERYTHING, MAX_RESULTS, ListItem, TaskIndex, Wanted, list_tasks

from .measuring import Row, at_least, at_most, medians
from .workload import shapes, twenty_grants


def visibilities(items: list[ListItem]) -> Iterator[Row]:
    """Yield the rows of a predicate in Python, and of twenty grants."""
    index = TaskIndex(items)
    visible = {item.task for item in items[:: max(1, len(items) // 100)]}

    def check(item: ListItem) -> bool:
        return item.task in visible

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
    """Yield the time of list_tasks over that of the index: for the shortest answer, and per result of the longest."""
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
