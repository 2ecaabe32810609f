"""Measure every row of the table in one run: `python -m benchmarks`. The exit status is 1 if a row misses its must."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from . import calls, databases, grants, holding, listing, million, pauses, wire
from .measuring import Row
from .workload import population

_UNITS = {"k": 1_000, "m": 1_000_000}
_SMALL, _LARGE = 10_000, 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the rows; return 0 if every measured must is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--tasks", default="10k,100k,1m", help="the numbers of tasks (default: 10k,100k,1m)")
    parser.add_argument(
        "--only",
        choices=("holding", "million", "wire", "listing", "pauses", "databases"),
        help="measure only this part of the table",
    )
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    if options.only in {None, "wire"}:
        rows += _printed([*wire.queries(), *wire.bodies(), *wire.responses(), *calls.answers(), *wire.importing()])
    details: list[str] = []
    if options.only in {None, "holding"}:
        rows += _printed(chain(holding.held(details), holding.loading(), holding.refusals(details)))
    sizes = [_number(each) for each in options.tasks.split(",")]
    if options.only in {None, "listing"}:
        rows += _printed(_listing(sizes, details))
    if options.only in {None, "pauses"}:
        rows += _printed(pauses.rows(population(max(sizes))))
    if options.only in {None, "million"}:
        rows += _printed(million.rows(max(sizes)))
    if options.only in {None, "databases"}:
        rows += _printed(databases.rows(population(max(sizes)), details))
    if options.json:
        print(json.dumps([row.as_dict() for row in rows], indent=1))
    else:
        print("\n".join([_machine(), "", *_table(rows), "", *details]))
    return 0 if all(row.holds is not False for row in rows) else 1


def _listing(sizes: Iterable[int], details: list[str]) -> Iterator[Row]:
    by_size = {}
    for size in sizes:
        items = population(size)
        found, missing = listing.timed(items)
        by_size[size] = found
        details += [*listing.details(size, found), ""]
        yield from listing.compared(size, found, missing)
        if size == 100_000:
            yield from listing.mutations(items)
            yield from listing.memory(items)
            yield from grants.over_select(items)
        if size >= 100_000:
            yield from grants.visibilities(items)
            yield listing.after_a_change(items)
        del items
    if _SMALL in by_size and _LARGE in by_size:
        yield listing.same_at_any_size(by_size[_SMALL], by_size[_LARGE])


def _printed(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, and print each one as it is measured, because a whole run takes minutes."""
    kept = []
    for row in rows:
        print(f"{row.work}: {row.figure}", file=sys.stderr, flush=True)
        kept.append(row)
    return kept


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| work | must | goal | measured | |"
    yield "|---|---|---|---|---|"
    for row in rows:
        verdict = {True: "goal" if row.reaches else "must", False: "MISSED", None: ""}[row.holds]
        yield f"| {row.work} | {row.must} | {row.goal} | {row.figure} | {verdict} |"


def _machine() -> str:
    return f"CPython {platform.python_version()}, {platform.machine()}, {platform.system()}"


def _number(text: str) -> int:
    return int(text[:-1]) * _UNITS[text[-1]] if text[-1:] in _UNITS else int(text)


if __name__ == "__main__":
    sys.exit(main())
