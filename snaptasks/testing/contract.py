"""The contract: every vector asked of an implementation, one answer after the other, without any test runner.

Decided here: how an implementation in Python is asked, and how what it does wrong is told. Not known here: what it
must answer; the vectors say so.

A crash of the implementation is its own; a crash of a check is told as a fault of the suite, and blamed on nobody else.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import shlex
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from .. import EVERYTHING, Caller, Error, FilterSpec, Grants, Info, ListItem, ListResult, Visibility, parse_filter
from ..rest import Response
from . import cases
from .cases import Answer, Case

# Characters of an input or an answer that a violation shows; past it the text is cut.
MAX_SHOWN: Final = 1500

# Tasks that a violation shows; the others are counted.
MAX_TASKS: Final = 12


@dataclass(frozen=True)
class Asker:
    """Who asks an implementation: a name in the vectors, a user, its privileges, and what it may see."""

    name: str
    user: str
    privileges: frozenset[str]
    visibility: Visibility

    @property
    def caller(self) -> Caller:
        """The same for `authorize`."""
        return Caller(user=self.user, privileges=self.privileges)

    @property
    def tree(self) -> dict[str, Any]:
        """The same as JSON has it: what it sees is "everything", or the filters of its grants."""
        filters = self.visibility.filters if isinstance(self.visibility, Grants) else None
        sees = "everything" if filters is None else [each.to_python() for each in filters]
        return {"user": self.user, "privileges": sorted(self.privileges), "sees": sees}


class Implementation(Protocol):
    """What `run_contract` asks; every method may be async, and may raise any of the 25 errors.

    Beside these it may have `get(task, caller)`, which gives an Info or a response, and `request(method, target, body,
    caller)`, which gives a response. `lacks` maps what it does not do to the reason: "get", "request", or "queries"
    where `list` takes a FilterSpec and no query string.
    """

    def load(self, items: list[ListItem]) -> object:
        """Hold these tasks, in this order, and no others."""

    def list(
        self, query: Any, caller: Asker | None
    ) -> ListResult | Response | Awaitable[ListResult] | Awaitable[Response]:
        """The visible tasks that a query string asks for, or the response that carries them; `caller` None is nobody."""


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
            *(f"    {_described(item)}" for item in stored[:MAX_TASKS]),
            *([f"    and {len(stored) - MAX_TASKS} more"] if len(stored) > MAX_TASKS else []),
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


def run_contract(
    implementation: Implementation,
    *,
    only: Callable[[Case], bool] | None = None,
    skip: Mapping[str, str] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Ask an implementation every vector, or only some; its tasks are loaded again and again.

    What it lacks is skipped with its reason, and counted, and so is what `skip` names: ids or clauses, with the reason.
    `progress` is told how many of how many are done. Raises nothing of the implementation's.
    """
    chosen = [case for case in cases.vectors() if only is None or only(case)]
    skip = skip or {}
    report = Report()
    with asyncio.Runner() as runner:
        asked = _Asked(implementation, runner)
        in_order = sorted(chosen, key=lambda case: case.population)  # stable, so that each population is loaded once
        for number, case in enumerate(in_order):
            if progress is not None:
                progress(number, len(chosen))
            reason = skip.get(case.id, skip.get(case.clause, asked.lacks(case)))
            if reason is not None:
                report.skipped.append(Skipped(case, reason))
                continue
            try:
                violation = asked.violation(case)
            except TargetFailed as failed:
                report.violations.append(Violation(case, "there is no answer", str(failed)))
                report.not_asked = len(chosen) - number - 1
                break
            except _Crash as crash:
                report.violations.append(Violation(case, "it raises what is none of the 25 errors", str(crash)))
            except Exception as error:  # noqa: BLE001 - the kit's own, whatever it is
                report.faults.append(SuiteFault(case, error))
            else:
                report.violations += [violation] if violation else []
                report.passed += [] if violation else [case]
    return report


def reproduce(id: str, implementation: Implementation) -> Violation | None:
    """Ask one vector again; None where the answer is right. Raises ValueError for an id that there is not."""
    report = run_contract(implementation, only=lambda case: case.id == id)
    if not report.passed and not report.violations:
        raise ValueError(f"{id} was not asked: {report}")
    return report.violations[0] if report.violations else None


class TargetFailed(Exception):
    """What an implementation raises that will give no answer any more: the run ends there. Its text says why."""


class _Crash(Exception):
    """What an implementation raised beside the 25 errors."""


class _Asked:
    """An implementation, and which tasks it holds."""

    def __init__(self, implementation: Any, runner: asyncio.Runner) -> None:
        self._implementation = implementation
        self._runner = runner
        self._loaded: str | None = None
        self._lacks: Mapping[str, str] = getattr(implementation, "lacks", {})

    def lacks(self, case: Case) -> str | None:
        """Why a vector cannot be asked; None where it can."""
        need = "request" if "http" in case.request else "get" if "get" in case.request else "list"
        if need in self._lacks:
            return self._lacks[need]
        if "queries" in self._lacks and need == "list":
            try:
                parse_filter(case.query)
            except Error:
                return self._lacks["queries"]
        return None

    def violation(self, case: Case) -> Violation | None:
        answer = self._answer(case, case.population)
        problem = cases.problem(case, answer)
        if problem is None and case.twin is not None:
            twin = self._answer(case, case.twin)
            if (twin.status, twin.body) != (answer.status, answer.body):
                return Violation(
                    case, "tasks that the caller may not see change the answer", f"{_told(answer)}, and {_told(twin)}"
                )
        return Violation(case, problem, _told(answer)) if problem else None

    def _answer(self, case: Case, population: str) -> Answer:
        if population != self._loaded:
            items = [ListItem.from_json(json.dumps(item)) for item in cases.population(population)]
            self._ended("load", items)
            self._loaded = population
        who = _asker(case.caller)
        request = case.request
        if "http" in request:
            asked = request["http"]
            return self._ended("request", asked["method"], asked["target"], asked["body"].encode(), who)
        if "get" in request:
            return self._ended("get", request["get"], who)
        return self._ended("list", parse_filter(case.query) if "queries" in self._lacks else case.query, who)

    def _ended(self, method: str, *arguments: object) -> Answer:
        """What a method gives, awaited where it has to be; one of the 25 errors is an answer."""
        try:
            given = getattr(self._implementation, method)(*arguments)
            if inspect.isawaitable(given):
                given = self._runner.run(_awaited(given))
        except Error as error:
            return Answer(error.http_status, error.value.to_json())
        except TargetFailed:
            raise
        except Exception as error:
            raise _Crash(f"{method}(...) raised {error!r}") from error
        if isinstance(given, ListResult | Info):
            return Answer(200, given.to_json())
        if isinstance(given, Response):
            return Answer(given.status, given.body, dict(given.headers))
        if method == "load":
            return Answer(200, b"")
        raise _Crash(f"{method}(...) gave {type(given).__name__}, and no ListResult, Info or rest.Response")


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _asker(name: str) -> Asker | None:
    who = cases.caller(name)
    if who is None:
        return None
    sees = who["sees"]
    visibility = EVERYTHING if sees == "everything" else Grants(FilterSpec(**grant) for grant in sees)
    return Asker(name, who["user"], frozenset(who["privileges"]), visibility)


def _told(answer: Answer) -> str:
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
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(text)} characters)"


def contract_tests(make_implementation: Callable[[], Implementation]) -> type:
    """A class of tests for pytest, one for each clause: `TestMine = contract_tests(Mine)`.

    Each class is a fresh one, so that several implementations can be tested in one run.
    """

    def test_of(clause: str) -> Callable[[Any], None]:
        def test(self: object) -> None:
            import pytest  # noqa: PLC0415 - only who runs pytest has it

            report = run_contract(make_implementation(), only=lambda case: case.clause == clause)
            if report.violations or report.faults:
                pytest.fail(str(report), pytrace=False)
            if not report.passed:
                pytest.skip("; ".join({skipped.reason for skipped in report.skipped}))

        test.__doc__ = f"{clause}: {cases.sentence(clause)}"
        return test

    clauses: Iterable[str] = dict.fromkeys(case.clause for case in cases.vectors())
    tests: dict[str, Any] = {f"test_{clause.replace('-', '_')}": test_of(clause) for clause in clauses}
    return type("TestContract", (), tests)
