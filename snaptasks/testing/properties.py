"""Run a law as a hypothesis property over an implementation.

Decides how many populations a law gets, which of its wrong answers is kept, and when the search for a smaller one ends.
Does not know what a law says, or how an implementation is asked.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, strategies as st

from .cases import Answer, Case, Population, caller_name, level
from .choices import BACKEND, Choose, chooser, seeded
from .comparison import Problem, find_problem
from .report import NO_ANSWER, Report, SuiteFault, Violation
from .target import NoAnswer, OutOfBounds, Target, TargetFailed
from .wording import describe_answer
from .worlds import World, draw_world

__all__ = ["QUESTIONS", "SHRINKING_SECONDS", "Drawn", "Found", "Law", "run_law", "size_of"]

_T = TypeVar("_T")
_Tree = Mapping[str, Any]

# The number of questions about one population: they share the cost of a load, which may start a process.
QUESTIONS: Final = 16

# Seconds after the first wrong answer to a law in which hypothesis looks for smaller cases; past them, the smallest
# case so far is kept.
SHRINKING_SECONDS: Final = 6.0


class Law(NamedTuple):
    """Describe a law.

    `share` is its part of a hundred questions, `needs` the feature that it needs, and one of `big` drawn stores is a
    big one. `expects` is the model, if there is one: what it expects for the tasks, the caller and the request.
    """

    id: str
    sentence: str
    share: int
    check: Callable[[Drawn, World], None]
    needs: str | None = None
    big: int = 4
    expects: Callable[[Population, _Tree | None, _Tree], _Tree] | None = None

    @property
    def clause(self) -> str:
        """Return the clause from which the law follows."""
        return self.id.partition("/")[0]


class _Broken(Exception):
    """Report an answer that breaks a law. Each clause has a subclass, so that hypothesis shrinks a case for each."""


class _Stop(BaseException):
    """End a law from within. It is a BaseException, so that hypothesis does not catch it."""


class _PassedOver(Exception):
    """Report tasks that the implementation cannot hold, so that no question about them follows."""


class Found(NamedTuple):
    """Hold a violation, the size of its case, and the steps before it with the same tasks."""

    size: tuple[int, int]
    violation: Violation
    before: Sequence[str]


class Drawn:
    """Draw and ask the questions of one law, and keep the smallest violation of each clause."""

    def __init__(self, law: Law, target: Target, report: Report) -> None:
        self.found: dict[str, Found] = {}
        self.failed: TargetFailed | None = None
        self._law, self._target, self._report = law, target, report
        self._until: float | None = None
        self.choose: Choose
        self._before: list[str] = []

    def begin(self, choose: Choose) -> World:
        """Draw the next tasks and callers."""
        if self._until is not None and time.monotonic() > self._until:
            raise _Stop
        self.choose = choose
        return choose.whole(lambda inner: draw_world(inner, self._law.big))

    def lacks(self, need: str) -> bool:
        """Return whether the implementation lacks a feature."""
        return need in self._target.reasons

    def skip(self, reason: str) -> NoReturn:
        """End the law because the implementation lacks something, and report the reason."""
        self._report.not_drawn[self._law.id] = reason
        raise _Stop

    def draw(self, make: Callable[..., _T], *arguments: Any) -> _T:
        """Return the result of `make` for the choices and these arguments."""
        return self.choose.whole(lambda choose: make(choose, *arguments))

    def load(self, population: Population, callers: Sequence[_Tree | None]) -> None:
        """Load these tasks and callers."""
        self._before = []
        by_name = {caller_name(who): who for who in callers}
        case = self.case(population, None, {"load": len(population.tasks)}, {"status": 200})
        try:
            self.attempt(case, lambda case: self._target.load(case.population, by_name))
        except OutOfBounds as bound:
            self._count(self._report.drawn, self._law.id)
            self._count(self._report.bounded, str(bound))
            raise _PassedOver from bound

    def case(self, population: Population, who: _Tree | None, request: _Tree, expect: _Tree, **more: Any) -> Case:
        """Return a case of this law."""
        clause = self._law.clause
        return Case(self._law.id, clause, "ours", "", population, caller_name(who), who, request, expect, **more)

    def answer(self, case: Case, ask: Callable[[Case], Answer] | None = None) -> Answer | None:
        """Return the answer to a case without checking it; None if the server does not let the question through."""
        self._count(self._report.drawn, self._law.id)
        try:
            answer = self.attempt(case, ask or self._target.answer)
        except OutOfBounds as bound:
            self._count(self._report.bounded, str(bound))
            return None
        self.note(_text(case))
        return answer

    def _count(self, counts: Counter[str], name: str) -> None:
        """Count a drawn question, but not a question of the search for a smaller case."""
        if self._until is None:
            counts[name] += 1

    def note(self, done: str) -> None:
        """Remember a step, for the report of a later violation."""
        self._before.append(done)

    def hold(self, case: Case, ask: Callable[[Case], Answer] | None = None) -> None:
        """Ask a case, and compare the answer with the expected one."""
        answer = self.answer(case, ask)
        wrong = None if answer is None else find_problem(case, answer)
        if answer is not None and wrong is not None:
            self.broken(case, wrong, describe_answer(answer))

    def broken(self, case: Case, wrong: Problem, got: str) -> NoReturn:
        """Keep a violation if its case is the smallest so far, and raise _Broken for hypothesis."""
        before = self._before[:-1] if self._before[-1:] == [_text(case)] else self._before
        clause = wrong.clause or case.clause
        case = replace(case, clause=clause, level=level(clause))
        violation = Violation(case, wrong.text, got, wrong.hint, wrong.is_form)
        size = size_of(case)
        if case.clause not in self.found or size <= self.found[case.clause].size:
            self.found[case.clause] = Found(size, violation, [*before])
        if self._until is None:
            self._until = time.monotonic() + SHRINKING_SECONDS
        raise _KINDS.setdefault(case.clause, type(f"_Broken{len(_KINDS)}", (_Broken,), {}))(case.clause)

    def attempt(self, case: Case, ask: Callable[[Case], _T]) -> _T:
        """Return the result of a call. NoAnswer breaks the law, and TargetFailed ends it."""
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


def size_of(case: Case) -> tuple[int, int]:
    """Return the size of a case: the number of tasks, and the length of its JSON."""
    return len(case.population.tasks), len(json.dumps([*case.population.entries, case.request, case.who]))


def run_law(
    drawn: Drawn, law: Law, report: Report, seed: int, populations: int, progress: Callable[[int], object]
) -> None:
    """Draw populations for a law, and let hypothesis look for smaller cases of its violations.

    Args:
        drawn: asks the questions, and keeps the violations.
        law: the law.
        report: counts the questions, and gets a crash of the kit as a fault.
        seed: the seed of the choices.
        populations: the number of populations.
        progress: gets the number of questions so far.
    """

    @hypothesis.seed(seed)  # for the decisions of hypothesis itself
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
        with suppress(_PassedOver):
            law.check(drawn, drawn.begin(chooser(data.draw)))
        progress(report.drawn.total())

    try:
        with seeded(seed):
            holds()
    except _Stop:
        pass
    except Exception as error:  # noqa: BLE001 - hypothesis raises for wrong answers; else it is a fault of the kit
        if not drawn.found:
            report.faults.append(SuiteFault(law.id, error))
