"""A law as a hypothesis property over an implementation.

Decides how many populations a law gets, which of its wrong answers is kept, and when looking for a smaller one ends. Knows
nothing of what a law says, and of how anything is asked.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple, NoReturn, TypeVar
from zlib import crc32

import hypothesis
from hypothesis import HealthCheck, Phase, strategies as st

from .asking import Asked, NoAnswer, OutOfBounds, TargetFailed
from .cases import Answer, Case, Population, caller_name, level
from .choosing import BACKEND, Choose, chooser, seeded
from .drawing import World, worlds
from .judging import Problem, problem
from .report import NO_ANSWER, Again, Report, SuiteFault, Violation, described
from .shrinking import smallest

__all__ = ["QUESTIONS", "SHRINKING_SECONDS", "Drawn", "Law", "draw_laws"]

_T = TypeVar("_T")
_Tree = Mapping[str, Any]

# Questions about one population: what a load costs, which may start a process, is shared by so many.
QUESTIONS: Final = 16

# Seconds after the first wrong answer to a law in which smaller cases are looked for, and seconds in which what is found is made
# smaller yet; past them the smallest so far stands.
SHRINKING_SECONDS: Final = 6.0


# Steps before a wrong answer that a report shows: the last ones.
_MAX_BEFORE: Final = 12

# Characters of such a step, inclusive.
_MAX_STEP: Final = 500


class Law(NamedTuple):
    """What must hold, in words; how many of a hundred questions it gets; what it needs that may be lacking; one of how many
    stores is big, of those that are drawn for it; and what a model expects of a request about tasks, where there is one."""

    id: str
    sentence: str
    share: int
    check: Callable[[Drawn, World], None]
    needs: str | None = None
    big: int = 4
    expects: Callable[[Population, _Tree | None, _Tree], _Tree] | None = None

    @property
    def clause(self) -> str:
        """The clause from which the law follows."""
        return self.id.partition("/")[0]


class _Broken(Exception):
    """An answer breaks a law; of a type for each clause, so that hypothesis looks for the smallest case of each."""


class _Stop(BaseException):
    """Ends a law from within; hypothesis lets it pass."""


class _Found(NamedTuple):
    """A case that was answered wrongly, how large it is, and what was done before it with the same tasks."""

    size: tuple[int, int]
    violation: Violation
    before: Sequence[str]


class Drawn:
    """One law at work: it draws, asks, and keeps the smallest case that is answered wrongly, for each clause."""

    def __init__(self, law: Law, asked: Asked, report: Report) -> None:
        self.found: dict[str, _Found] = {}
        self.failed: TargetFailed | None = None
        self._law, self._asked, self._report = law, asked, report
        self._until: float | None = None
        self.choose: Choose
        self._before: list[str] = []

    def begin(self, choose: Choose) -> World:
        """Go on with the next tasks and callers."""
        if self._until is not None and time.monotonic() > self._until:
            raise _Stop
        self.choose = choose
        return choose.whole(lambda inner: worlds(inner, self._law.big))

    def lacks(self, need: str) -> bool:
        """Whether the implementation does not do this."""
        return self._asked.lacking(need) is not None

    def skip(self, reason: str) -> NoReturn:
        """End a law that the implementation lacks something for."""
        self._report.not_drawn[self._law.id] = reason
        raise _Stop

    def draw(self, make: Callable[..., _T], *arguments: Any) -> _T:
        """Draw what a function makes of choices."""
        return self.choose.whole(lambda choose: make(choose, *arguments))

    def load(self, population: Population, callers: Sequence[_Tree | None]) -> None:
        """Have the implementation hold these tasks and know these callers."""
        self._before = []
        by_name = {caller_name(who): who for who in callers}
        case = self.case(population, None, {"load": len(population.tasks)}, {"status": 200})
        self.attempt(case, lambda case: self._asked.load(case.population, by_name))

    def case(self, population: Population, who: _Tree | None, request: _Tree, expect: _Tree, **more: Any) -> Case:
        """Make a case of this law."""
        clause = self._law.clause
        return Case(self._law.id, clause, "ours", "", population, caller_name(who), who, request, expect, **more)

    def answer(self, case: Case, ask: Callable[[Case], Answer] | None = None) -> Answer | None:
        """Ask a case whose answer may be any; None where the target's server does not let the question through."""
        self._count(self._report.drawn, self._law.id)
        try:
            answer = self.attempt(case, ask or self._asked.answer)
        except OutOfBounds as bound:
            self._count(self._report.bounded, str(bound))
            return None
        self.note(_text(case))
        return answer

    def _count(self, counts: Counter[str], name: str) -> None:
        """Count what is drawn; what is asked again to make a case smaller is not."""
        counts[name] += self._until is None

    def note(self, done: str) -> None:
        """Remember what was done, for the report of what is answered wrongly after it."""
        self._before.append(done)

    def hold(self, case: Case, ask: Callable[[Case], Answer] | None = None) -> None:
        """Ask a case, and hold the answer against what is expected."""
        answer = self.answer(case, ask)
        wrong = None if answer is None else problem(case, answer)
        if answer is not None and wrong is not None:
            self.broken(case, wrong, described(answer))

    def broken(self, case: Case, wrong: Problem, got: str) -> NoReturn:
        """Keep a wrong answer if it is the smallest so far, and tell hypothesis."""
        before = self._before[:-1] if self._before[-1:] == [_text(case)] else self._before
        clause = wrong.clause or case.clause
        case = replace(case, clause=clause, level=level(clause))
        violation = Violation(case, wrong.text, got, wrong.hint, wrong.is_form)
        size = _size(case)
        if case.clause not in self.found or size <= self.found[case.clause].size:
            self.found[case.clause] = _Found(size, violation, [*before])
        if self._until is None:
            self._until = time.monotonic() + SHRINKING_SECONDS
        raise _KINDS.setdefault(case.clause, type(f"_Broken{len(_KINDS)}", (_Broken,), {}))(case.clause)

    def attempt(self, case: Case, ask: Callable[[Case], _T]) -> _T:
        """What a call gives; no answer breaks the law, and the end of the implementation ends it."""
        try:
            return ask(case)
        except TargetFailed as failed:
            self.failed = failed
            raise _Stop from failed
        except NoAnswer as none:
            self.broken(case, Problem(NO_ANSWER, is_form=True), str(none))


def _text(case: Case) -> str:
    return f"asked {json.dumps(dict(case.request))} by {json.dumps(case.who)}"


_KINDS: Final[dict[str, type[_Broken]]] = {}


def draw_laws(
    laws: Sequence[Law],
    asked: Asked,
    report: Report,
    *,
    seed: int,
    examples: int,
    again: Again,
    progress: Callable[[int], object],
) -> None:
    """Draw so many questions for some laws together, and put what comes of them into a report."""
    all_shares = sum(law.share for law in laws)
    for law in laws:
        reason = asked.lacking(law.needs) if law.needs else None
        if reason is not None:
            report.not_drawn[law.id] = reason
            continue
        share = -(-examples * law.share // all_shares)
        drawn = Drawn(law, asked, report)
        _run(drawn, law, report, crc32(f"{seed} {law.id}".encode()), -(-share // QUESTIONS), progress)
        try:
            explained = [_explained(found, law, asked) for found in drawn.found.values()]
        except TargetFailed as failed:
            drawn.failed, explained = failed, [found.violation for found in drawn.found.values()]
        for violation in _smallest_of_each_clause(explained):
            is_by_itself = violation.hint != _BEFORE
            line = (
                again.of_case(violation.case, seed, examples) if is_by_itself else again.of_law(law.id, seed, examples)
            )
            report.violations.append(violation._replace(again=line))
        if drawn.failed is not None:
            report.ended = str(drawn.failed)
            return


def _smallest_of_each_clause(violations: Sequence[Violation]) -> list[Violation]:
    """The smallest violation of each clause, small ones first: several are often of one mistake."""
    found: dict[str, Violation] = {}
    for violation in sorted(violations, key=lambda each: _size(each.case)):
        found.setdefault(violation.case.clause, violation)
    return [*found.values()]


def _size(case: Case) -> tuple[int, int]:
    """How much there is to understand: tasks, and then all that is written."""
    return len(case.population.tasks), len(json.dumps([*case.population.entries, case.request, case.who]))


# Said of a case that is answered rightly when it is asked by itself.
_BEFORE: Final = "asked by itself it is answered rightly: the answer depends on what was loaded and done before"


def _explained(found: _Found, law: Law, asked: Asked) -> Violation:
    """A violation with the law behind it, made small where there is a model; and what was done before it, where that counts."""
    violation, origin = found.violation, f"drawn for the law: {law.sentence}"
    is_direct = violation.case.twin is None and "through" not in violation.case.request
    if is_direct and _wrong(violation.case, asked) is not None:
        small, is_smallest = _made_small(violation, law, asked)
        said = "\n  nothing can be left out of it: without any part of it the answer is right" if is_smallest else ""
        return small._replace(origin=origin + said)
    before = "".join(f"\n    {_cut(each)}" for each in found.before[-_MAX_BEFORE:])
    origin += f"\n  done before it, with these tasks:{before}" if before else ""
    return violation._replace(origin=origin, hint=_BEFORE if is_direct else violation.hint)


def _cut(step: str) -> str:
    return step if len(step) <= _MAX_STEP else f"{step[:_MAX_STEP]}... ({len(step)} characters)"


def _made_small(violation: Violation, law: Law, asked: Asked) -> tuple[Violation, bool]:
    """The violation of a case of which nothing more can be left out; and whether that is so, or time was over before."""
    expects, until = law.expects, time.monotonic() + SHRINKING_SECONDS
    if expects is None:
        return violation, False
    small = violation

    def is_wrong(case: Case) -> bool:
        nonlocal small
        wrong = _wrong(replace(case, expect=expects(case.population, case.who, case.request)), asked)
        small = wrong or small
        return wrong is not None

    _, is_smallest = smallest(violation.case, is_wrong, lambda: time.monotonic() > until)
    return small, is_smallest


def _wrong(case: Case, asked: Asked) -> Violation | None:
    """What is wrong with the answer to a case when its tasks are loaded anew, and nothing is asked before."""
    try:
        asked.forget()
        asked.load(case.population, case.callers)
        answer = asked.answer(case)
    except NoAnswer as none:
        return Violation(case, NO_ANSWER, str(none), is_form=True)
    except OutOfBounds:
        return None
    wrong = problem(case, answer)
    if wrong is None:
        return None
    clause = wrong.clause or case.id.partition("/")[0]
    case = replace(case, clause=clause, level=level(clause))
    return Violation(case, wrong.text, described(answer), wrong.hint, wrong.is_form)


def _run(
    drawn: Drawn, law: Law, report: Report, seed: int, populations: int, progress: Callable[[int], object]
) -> None:
    """Draw populations for a law; hypothesis looks for smaller cases of what is answered wrongly."""

    @hypothesis.seed(seed)  # of what hypothesis itself decides
    @hypothesis.settings(
        backend=BACKEND,
        max_examples=populations,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=[*HealthCheck],
        verbosity=hypothesis.Verbosity.quiet,
        print_blob=False,
    )
    @hypothesis.given(st.data())
    def holds(data: st.DataObject) -> None:
        law.check(drawn, drawn.begin(chooser(data.draw)))
        progress(report.drawn.total())

    try:
        with seeded(seed):
            holds()
    except _Stop:
        pass
    except Exception as error:  # noqa: BLE001 - what hypothesis makes of wrong answers, which are kept; or a fault of the kit
        if not drawn.found:
            report.faults.append(SuiteFault(law.id, error))
