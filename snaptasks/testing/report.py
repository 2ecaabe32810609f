"""Report the results of a run: the passed cases, and for each wrong answer everything that explains it.

Decides how a report reads. Does not know how an implementation is asked.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .cases import Case, Population, sentence
from .wording import count, cut, describe_expectation, describe_request, describe_task, format_json

__all__ = ["NO_ANSWER", "Again", "Report", "Skipped", "SuiteFault", "Violation"]

# The problem of an implementation that gives no answer, or raises an exception other than the 25 errors.
NO_ANSWER: Final = "there is no answer"

# The meaning of the levels.
_LEVELS: Final = {
    "must": "published",
    "ours": "decided by the specification",
    "optional": "if the server has no other route there",
}

# The most entries of tasks that a violation shows, inclusive; the others are counted.
_MAX_TASKS: Final = 12

# The most violations that a report shows whole, inclusive: the first of each clause before the second of any. The ids
# of the others stand in a line for each clause, because a hundred pages would hide the first ones.
_MAX_WHOLE: Final = 20

# The longest case in JSON in a line that asks it again, in characters, inclusive: a shell accepts it. A longer case is
# drawn again by its seed.
_MAX_CASE: Final = 20_000


class Again(NamedTuple):
    """Write the line that asks an implementation again.

    `arguments` name it on the command line; `expression` makes it in Python.
    """

    arguments: str | None
    expression: str = "implementation"
    is_source: bool = False

    def of_vector(self, case: Case) -> str:
        """Return the line that asks a vector, or a case given in JSON, again."""
        id = case.id
        if not case.is_vector:
            return self._of_json(case.to_json())
        if self.is_source:
            return f"the test of {id.partition('/')[0]} in {self.expression}"
        if self.arguments is None:
            return f"print(reproduce({id!r}, {self.expression}))  # from snaptasks.testing import reproduce"
        return f"snaptasks conform --examples 0 --only {shlex.quote(id)} {self.arguments}"

    def of_case(self, case: Case, seed: int, examples: int) -> str:
        """Return the line that asks a drawn case again; if the case is long, the line that draws its law again."""
        text = case.to_json()
        if self.is_source or len(text) > _MAX_CASE:
            return self.of_law(case.id, seed, examples)
        return self._of_json(text)

    def _of_json(self, text: str) -> str:
        if self.arguments is None:
            return f"print(reproduce({text!r}, {self.expression}))  # from snaptasks.testing import reproduce"
        return f"snaptasks conform --case {shlex.quote(text)} {self.arguments}"

    def of_law(self, law: str, seed: int, examples: int) -> str:
        """Return the line that draws the questions of a law again."""
        if self.is_source:
            return f"the test of {law} in {self.expression[:-1]}, seed={seed}, examples={examples})"
        if self.arguments is None:
            return f"print(run_contract({self.expression}, only=[{law!r}], seed={seed}, examples={examples}))"
        return f"snaptasks conform --only {law} --seed {seed} --examples {examples} {self.arguments}"


class Violation(NamedTuple):
    """Describe an answer that the specification forbids. The text has everything that explains it."""

    case: Case
    problem: str
    got: str
    hint: str | None = None
    is_form: bool = False
    again: str = ""
    origin: str = ""

    def __str__(self) -> str:
        case = self.case
        stored = case.population.entries
        lines = [
            f"{case.id}: {self.problem}",
            f"  the rule {case.clause}, {_LEVELS[case.level]}: {sentence(case.clause)}",
            *(f"  asked: {line}" for line in describe_request(case)),
            f"  by: {cut(format_json(case.who)) if case.who else 'an unauthenticated caller'}",
            f"  of the tasks {json.dumps(case.population.name)}, in this order:{'' if stored else ' none'}",
            *(f"    {describe_task(entry)}" for entry in stored[:_MAX_TASKS]),
            *([f"    and {len(stored) - _MAX_TASKS} more"] if len(stored) > _MAX_TASKS else []),
            f"  expected: {describe_expectation(case.expect)}",
            *([_same_bytes(case.twin)] if case.twin else []),
            f"  got: {self.got}",
            *([f"  hint: {self.hint}"] if self.hint else []),
            *([f"  a mistake that this case finds: {case.mistake}"] if case.mistake and not self.is_form else []),
            *([f"  {self.origin}"] if self.origin else []),
            *([f"  again: {self.again}"] if self.again else []),
        ]
        return "\n".join(lines)


def _same_bytes(twin: Population) -> str:
    return f"  and the same bytes as of a store with only the {count(len(twin.tasks), 'task')} that the caller may see"


class Skipped(NamedTuple):
    """Hold a case that was not asked, and the reason."""

    case: Case
    reason: str


class SuiteFault(NamedTuple):
    """Hold a crash of the kit itself, and the id of the vector or law."""

    id: str
    error: Exception


@dataclass
class Report:
    """Hold the results of a run. `str` of it has every violation, and a summary by clause.

    `drawn` counts the drawn questions by law. `bounded` counts those that the server did not let through, by reason.
    `not_drawn` maps each law that was not drawn to the reason. `seed` draws the same questions again. `ended` says why
    the run ended early, and which request was the last one. `not_asked` counts the vectors that were left.
    """

    passed: list[Case] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    faults: list[SuiteFault] = field(default_factory=list)
    drawn: Counter[str] = field(default_factory=Counter)
    bounded: Counter[str] = field(default_factory=Counter)
    not_drawn: dict[str, str] = field(default_factory=dict)
    seed: int | None = None
    ended: str | None = None
    not_asked: int = 0

    @property
    def ok(self) -> bool:
        """Return whether at least one question was asked, and every answer is right."""
        is_asked = bool(self.passed) or self.drawn.total() > self.bounded.total()
        return is_asked and not self.violations and not self.faults and self.ended is None

    @property
    def broken_clauses(self) -> set[str]:
        """Return the clauses that an answer violates."""
        return {violation.case.clause for violation in self.violations}

    def __str__(self) -> str:
        whole, folded = self._whole_and_folded()
        lines = [str(violation) for violation in whole]
        lines += [f"{len(ids)} more of {clause}: {cut(', '.join(ids))}" for clause, ids in folded.items()]
        lines += [f"{fault.id}: a fault of the suite: {fault.error!r}" for fault in self.faults]
        lines += self._by_clause()
        reasons = Counter(skipped.reason for skipped in self.skipped)
        lines += [f"skipped {number}: {reason}" for reason, number in reasons.items()]
        lines += [f"not drawn, {law}: {reason}" for law, reason in self.not_drawn.items()]
        lines += [f"drawn and skipped {number}: {reason}" for reason, number in self.bounded.items()]
        lines += [f"the run ended early: {self.ended}"] if self.ended is not None else []
        lines += [f"not asked, because the run ended: {self.not_asked}"] if self.not_asked else []
        if self.seed is not None:
            broken = len({violation.case.id for violation in self.violations if violation.origin})
            laws = count(len(self.drawn), "law")
            drawn = f"{count(self.drawn.total(), 'question')} drawn for {laws} with the seed {self.seed}"
            lines.append(f"{drawn}: {count(broken, 'law') if broken else 'no law'} violated")
        violated = sum(1 for violation in self.violations if not violation.origin)
        total = len(self.passed) + violated + len(self.skipped) + self.not_asked + self._faults_of_vectors
        if total or self.seed is None:
            numbers = f"{len(self.passed)} passed, {violated} violated, {len(self.skipped)} skipped"
            lines.append(f"{count(total, 'case')}: {numbers}")
        return "\n".join(lines)

    @property
    def _faults_of_vectors(self) -> int:
        return sum(1 for fault in self.faults if "/law-" not in fault.id)

    def _whole_and_folded(self) -> tuple[list[Violation], dict[str, list[str]]]:
        """Return the violations that are shown whole, in their order, and the ids of the others by clause."""
        seen: Counter[str] = Counter()
        turns = []
        for violation in self.violations:
            turns.append(seen[violation.case.clause])
            seen[violation.case.clause] += 1
        first = {*sorted(range(len(turns)), key=turns.__getitem__)[:_MAX_WHOLE]}
        folded: dict[str, list[str]] = {}
        for number, violation in enumerate(self.violations):
            if number not in first:
                folded.setdefault(violation.case.clause, []).append(violation.case.id)
        return [self.violations[number] for number in sorted(first)], folded

    def _by_clause(self) -> list[str]:
        by_clause: dict[str, Counter[str]] = {}
        for name, found in (("passed", self.passed), ("violated", self.violations), ("skipped", self.skipped)):
            for each in found:
                case = each if isinstance(each, Case) else each.case
                by_clause.setdefault(case.clause, Counter())[name] += 1
        for law, number in self.drawn.items():
            by_clause.setdefault(law.partition("/")[0], Counter())["drawn"] += number
        return [
            f"{clause}: {', '.join(f'{number} {name}' for name, number in sorted(counts.items()))}"
            for clause, counts in sorted(by_clause.items(), key=lambda each: (each[0][0], int(each[0][2:])))
        ]
