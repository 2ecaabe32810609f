"""Draw the laws; make their wrong answers small, explain them, and add them to the report.

Decides how many questions each law gets, and which parts of a wrong answer are reported. Does not know what a law says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias
from zlib import crc32

from .cases import Case, level
from .comparison import find_problem
from .properties import QUESTIONS, Drawn, Found, Law, run_law, size_of
from .report import NO_ANSWER, Again, Report, Violation
from .shrinking import smallest
from .target import NoAnswer, OutOfBounds, Target, TargetFailed
from .wording import describe_answer, describe_end

__all__ = ["LEAVING_OUT_SECONDS", "draw_laws"]

# Seconds for making a case smaller by leaving out parts; past them, the smallest case so far is reported. There is a
# limit because a load may start a process.
LEAVING_OUT_SECONDS: Final = 6.0

# The most steps before a wrong answer that a report shows, inclusive: the last ones.
_MAX_BEFORE: Final = 12

# The longest text of such a step, in characters, inclusive; a longer text is cut.
_MAX_STEP: Final = 500

# The hint for a case whose answer is right if nothing was done before.
_BEFORE: Final = "the answer is right if this is asked first: it depends on earlier loads and questions"


def draw_laws(
    laws: Sequence[Law],
    target: Target,
    report: Report,
    *,
    seed: int,
    examples: int,
    again: Again,
    progress: Callable[[int], object],
) -> None:
    """Draw questions for some laws, and add the results to a report.

    Args:
        laws: the laws, which share the questions.
        asked: the implementation.
        report: gets the results.
        seed: the seed of the questions.
        examples: the number of questions for all laws together.
        again: writes the line that asks a case again.
        progress: gets the number of questions so far.
    """
    all_shares = sum(law.share for law in laws)
    for law in laws:
        reason = target.reasons.get(law.needs) if law.needs else None
        if reason is not None:
            report.not_drawn[law.id] = reason
            continue
        share = -(-examples * law.share // all_shares)
        drawn = Drawn(law, target, report)
        run_law(drawn, law, report, crc32(f"{seed} {law.id}".encode()), -(-share // QUESTIONS), progress)
        try:
            explained = [_explain(found, law, target) for found in drawn.found.values()]
        except TargetFailed as failed:
            drawn.failed, explained = failed, [(found.violation, True) for found in drawn.found.values()]
        for violation, is_by_itself in _smallest_of_each_clause(explained):
            case = violation.case
            line = again.of_case(case, seed, examples) if is_by_itself else again.of_law(law.id, seed, examples)
            report.violations.append(violation._replace(again=line))
        if drawn.failed is not None:
            report.ended = describe_end(drawn.failed, law.id, target.last)
            return


# A violation, and whether the answer is wrong also if nothing was done before.
_Explained: TypeAlias = tuple[Violation, bool]


def _smallest_of_each_clause(explained: Sequence[_Explained]) -> list[_Explained]:
    """Return the smallest violation of each clause, small ones first, because several often have one cause."""
    found: dict[str, _Explained] = {}
    for each in sorted(explained, key=lambda each: size_of(each[0].case)):
        found.setdefault(each[0].case.clause, each)
    return [*found.values()]


def _explain(found: Found, law: Law, target: Target) -> _Explained:
    """Return a violation with its law, made small if there is a model; with the steps before it if they matter."""
    violation, origin = found.violation, f"drawn for the law: {law.sentence}"
    if violation.case.twin is not None:
        return violation._replace(origin=origin), True
    is_direct = "through" not in violation.case.request
    if is_direct and _ask_again(violation.case, target) is not None:
        small, is_smallest = _shrink(violation, law, target)
        note = "\n  this is the smallest case: the answer is right if any part is left out" if is_smallest else ""
        return small._replace(origin=origin + note), True
    before = "".join(f"\n    {_cut(each)}" for each in found.before[-_MAX_BEFORE:])
    origin += f"\n  done before it, with these tasks:{before}" if before else ""
    return violation._replace(origin=origin, hint=_BEFORE if is_direct else violation.hint), False


def _cut(step: str) -> str:
    return step if len(step) <= _MAX_STEP else f"{step[:_MAX_STEP]}... ({len(step)} characters)"


def _shrink(violation: Violation, law: Law, target: Target) -> tuple[Violation, bool]:
    """Return the violation of the smallest case, and whether no part can be left out; False if the time was over."""
    expects, until = law.expects, time.monotonic() + LEAVING_OUT_SECONDS
    if expects is None:
        return violation, False
    small = violation

    def is_wrong(case: Case) -> bool:
        nonlocal small
        wrong = _ask_again(replace(case, expect=expects(case.population, case.who, case.request)), target)
        small = wrong or small
        return wrong is not None

    _, is_smallest = smallest(violation.case, is_wrong, lambda: time.monotonic() > until)
    return small, is_smallest


def _ask_again(case: Case, target: Target) -> Violation | None:
    """Load the tasks of a case anew, ask it, and return the violation; None if the answer is right."""
    try:
        target.forget()
        target.load(case.population, case.callers)
        if "load" in case.request:
            return None
        answer = target.answer(case)
    except NoAnswer as none:
        return Violation(case, NO_ANSWER, str(none), is_form=True)
    except OutOfBounds:
        return None
    wrong = find_problem(case, answer)
    if wrong is None:
        return None
    clause = wrong.clause or case.id.partition("/")[0]
    case = replace(case, clause=clause, level=level(clause))
    return Violation(case, wrong.text, describe_answer(answer), wrong.hint, wrong.is_form)
