"""Run the contract of a source: ask a TaskSource as an implementation, and directly.

Decides which vectors and laws a source must keep. Does not know how a source finds its tasks.
"""

from __future__ import annotations

from collections.abc import Callable
from random import SystemRandom
from typing import Any, Final

from .. import ListItem
from . import cases
from .contract import EXAMPLES, SEEDS, ask_vectors, class_of_tests
from .report import Again, Report
from .target import Target

__all__ = ["source_contract_tests"]

# The clauses that no source decides: about callers, wrong filters, queries and the wire.
_OTHERS: Final = ("A-1", "A-2", "F-7", "L-6", "Q-", "W-")


def source_contract_tests(
    make_source: Callable[[list[ListItem]], Any], *, examples: int = EXAMPLES, seed: int | None = None
) -> type:
    """Build a class of pytest tests, one for each clause and law of a source: `TestMine = source_contract_tests(make)`.

    Args:
        make_source: returns a TaskSource that holds the given tasks in this order; it may be async. A source with
            `remove` and with `put` or `put_all` is also asked while its tasks change.
        examples: about how many questions are drawn for all laws together.
        seed: the seed of the questions; by default it is random.
    """
    from .findings import draw_laws  # noqa: PLC0415
    from .laws import LAWS  # noqa: PLC0415 - hypothesis is slow to import, and the vectors need none
    from .source_laws import SourceAdapter, source_laws  # noqa: PLC0415

    def run(name: str, share: int) -> Report:
        implementation, report = SourceAdapter(make_source), Report()
        target = Target(implementation)
        again = Again(None, "source_contract_tests(make_source)", is_source=True)
        laws = [law for law in (*LAWS, *source_laws(implementation, target)) if law.id == name]
        try:
            chosen = [case for case in cases.vectors() if case.clause == name and "http" not in case.request]
            ask_vectors(chosen, target, report, {}, again, lambda number: None)
            if laws:
                report.seed = SystemRandom().randrange(SEEDS) if seed is None else seed
                draw_laws(
                    laws, target, report, seed=report.seed, examples=share, again=again, progress=lambda number: None
                )
        finally:
            target.close()
        return report

    clauses = dict.fromkeys(case.clause for case in cases.vectors() if not case.clause.startswith(_OTHERS))
    unasked = SourceAdapter(make_source)
    laws = [law for law in (*LAWS, *source_laws(unasked, Target(unasked))) if not law.id.startswith(_OTHERS)]
    return class_of_tests("TestSourceContract", clauses, laws, run, examples)
