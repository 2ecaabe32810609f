"""Measure times: call the rivals in turn, round after round, and return the median of each."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

ROUNDS = 7
LEAST = 0.004  # seconds of one measurement, at least, so that the resolution of the clock does not matter


class Row(NamedTuple):
    """Represent one line of the table."""

    work: str
    must: str
    goal: str
    figure: str
    holds: bool | None  # whether the must is met; None: it could not be measured
    reaches: bool | None = None  # whether the goal is reached

    def as_dict(self) -> dict[str, Any]:
        return self._asdict()


def medians(rivals: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the seconds of one call of each rival."""
    numbers = {name: _calibrated(call) for name, call in rivals.items()}
    taken: dict[str, list[float]] = {name: [] for name in rivals}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in rivals.items():
                taken[name].append(_seconds(call, numbers[name]) / numbers[name])
    finally:
        gc.enable()
    return {name: statistics.median(each) for name, each in taken.items()}


def first_time(make: Callable[[], Callable[[], object]], rounds: int = ROUNDS) -> float:
    """Return the seconds of a call that can be made only once; `make` prepares it, and is not measured."""
    taken = []
    for _ in range(rounds):
        call = make()
        gc.collect()
        gc.disable()
        taken.append(_seconds(call, 1))
        gc.enable()
    return statistics.median(taken)


def _calibrated(call: Callable[[], object]) -> int:
    for _ in range(5):  # an index divides the tasks of users during the first questions about them
        call()
    number = 1
    while _seconds(call, number) < LEAST:
        number *= 2
    return number


def _seconds(call: Callable[[], object], number: int) -> float:
    start = time.perf_counter()
    for _ in range(number):
        call()
    return time.perf_counter() - start


def times(ratio: float) -> str:
    """Return a ratio as a text, such as 3.5x."""
    return f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.3g}x"


def at_least(work: str, ratio: float, must: float, goal: float, note: str = "") -> Row:
    """Return a row in which a larger ratio is better: how many times as fast as a peer."""
    return Row(work, f"{must:g}x", f"{goal:g}x", f"{times(ratio)}{note}", ratio >= must, ratio >= goal)


def at_most(work: str, value: float, must: float, goal: float, unit: str, note: str = "") -> Row:
    """Return a row in which a smaller value is better."""
    return Row(work, f"{must:g} {unit}", f"{goal:g} {unit}", f"{value:.3g} {unit}{note}", value <= must, value <= goal)
