"""What came of asking: what passed, and of each wrong answer everything that is needed to see why.

Decided here: how a report reads. Not known here: how an implementation is asked.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from . import cases
from .cases import Answer, Case

__all__ = ["Report", "Skipped", "SuiteFault", "Violation", "told"]

# Characters of an input or an answer that a violation shows; past it the text is cut.
_MAX_SHOWN: Final = 1500

# Tasks that a violation shows; the others are counted.
_MAX_TASKS: Final = 12


class Violation(NamedTuple):
    """An answer that the specification does not allow; its text says all that is needed to see why."""

    case: Case
    problem: str
    got: str

    def __str__(self) -> str:
        case = self.case
        who = cases.caller(case.caller)
        stored = cases.population(case.population)
        lines = [
            f"{case.id}: {self.problem}",
            f"  the rule {case.clause} ({case.level}): {cases.sentence(case.clause)}",
            f"  asked: {_cut(json.dumps(dict(case.request), ensure_ascii=False))}",
            f"  by: {json.dumps(who, ensure_ascii=False) if who else 'nobody'}",
            f"  of the tasks {case.population!r}, in this order:",
            *(f"    {_described(item)}" for item in stored[:_MAX_TASKS]),
            *([f"    and {len(stored) - _MAX_TASKS} more"] if len(stored) > _MAX_TASKS else []),
            f"  expected: {_cut(json.dumps(dict(case.expect), ensure_ascii=False))}",
            *([f"  and the same as of the tasks {case.twin!r}"] if case.twin else []),
            f"  got: {self.got}",
            f"  a common mistake behind it: {case.mistake}",
            "  again: from snaptasks.testing import reproduce",
            f"         print(reproduce({case.id!r}, implementation))  # yours",
            f"     or: snaptasks conform --only {shlex.quote(case.id)} ...",
        ]
        return "\n".join(lines)


class Skipped(NamedTuple):
    """A vector that was not asked, and why."""

    case: Case
    reason: str


class SuiteFault(NamedTuple):
    """A crash of the kit itself."""

    case: Case
    error: Exception


@dataclass
class Report:
    """What came of a run; `str` of it is a summary by clause, and every violation."""

    passed: list[Case] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    faults: list[SuiteFault] = field(default_factory=list)
    not_asked: int = 0

    @property
    def ok(self) -> bool:
        """Whether something was asked, and nothing is wrong."""
        return bool(self.passed) and not self.violations and not self.faults

    @property
    def broken_clauses(self) -> set[str]:
        """The clauses that an answer has violated."""
        return {violation.case.clause for violation in self.violations}

    def __str__(self) -> str:
        by_clause: dict[str, Counter[str]] = {}
        for name, found in (("passed", self.passed), ("violated", self.violations), ("skipped", self.skipped)):
            for each in found:
                case = each if isinstance(each, Case) else each.case
                by_clause.setdefault(case.clause, Counter())[name] += 1
        lines = [str(violation) for violation in self.violations]
        lines += [f"{fault.case.id}: a fault of the suite: {fault.error!r}" for fault in self.faults]
        lines += [
            f"{clause}: {', '.join(f'{number} {name}' for name, number in sorted(counts.items()))}"
            for clause, counts in sorted(by_clause.items(), key=lambda each: (each[0][0], int(each[0][2:])))
        ]
        reasons = Counter(skipped.reason for skipped in self.skipped)
        lines += [f"skipped {number}: {reason}" for reason, number in reasons.items()]
        lines += [f"not asked, for there was no answer any more: {self.not_asked}"] if self.not_asked else []
        total = len(self.passed) + len(self.violations) + len(self.skipped) + len(self.faults) + self.not_asked
        lines.append(
            f"{total} cases: {len(self.passed)} passed, {len(self.violations)} violated, {len(self.skipped)} skipped"
        )
        return "\n".join(lines)


def told(answer: Answer) -> str:
    """The status, and the ids of a listing or the body as it is."""
    try:
        ids = [item["task"] for item in json.loads(answer.body)["items"]]
    except (ValueError, TypeError, LookupError):
        return f"{answer.status} {_cut(answer.body.decode(errors='backslashreplace'))}"
    return f"{answer.status} with the tasks {_cut(json.dumps(ids, ensure_ascii=False))}"


def _described(item: Mapping[str, Any]) -> str:
    """What of a task a filter looks at."""
    info = item["info"]
    named = [f"{name} {info[name]!r}" for name in ("user", "parent") if name in info]
    return ", ".join([repr(item["task"]), info["status"], f"{info['service']!r} {info['operation']!r}", *named])


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}... ({len(text)} characters)"
