"""The contract: every vector asked of an implementation, one answer after the other, without any test runner.

Decided here: how an implementation in Python is asked. Not known here: what it must answer, which the vectors say, and
how a report reads.

A crash of the implementation is its own; a crash of a check is told as a fault of the suite, and blamed on nobody else.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .. import EVERYTHING, Caller, Error, FilterSpec, Grants, Info, ListItem, ListResult, Visibility, parse_filter
from ..rest import Response
from . import cases
from .cases import Answer, Case
from .report import Report, Skipped, SuiteFault, Violation, told

__all__ = ["Asker", "Implementation", "TargetFailed", "contract_tests", "reproduce", "run_contract"]


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
                    case, "tasks that the caller may not see change the answer", f"{told(answer)}, and {told(twin)}"
                )
        return Violation(case, problem, told(answer)) if problem else None

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
