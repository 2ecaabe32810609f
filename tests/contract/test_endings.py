"""Test the reports of runs that end early or skip questions (E-7, W-5)."""

import asyncio
import subprocess
from typing import Any

import pytest

from snaptasks import ListItem
from snaptasks.testing import run_contract
from snaptasks.testing.laws import LAWS
from snaptasks.testing.servers import Server
from tests.contract.faults import Crashing, Reference
from tests.contract.implementations import Awaited, Scanned

ALL_LAWS = {law.id for law in LAWS}


def test_law_with_crashing_implementation_is_broken() -> None:
    """E-7: Blame the implementation."""
    report = run_contract(Crashing(), only={"F-1/law-listing"}, examples=50, seed=1)
    assert "list(...) raised KeyError('status')" in str(report)
    assert report.faults == []


def test_law_with_crashing_check_reports_a_fault_of_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    """E-7: Do not blame the implementation."""
    monkeypatch.setattr("snaptasks.testing.properties.find_problem", lambda case, answer: 1 // 0)
    report = run_contract(Reference(), only={"F-1/law-listing"}, examples=50, seed=1)
    assert (report.ok, report.violations, len(report.faults)) == (False, [], 1)
    assert "F-1/law-listing: a fault of the suite: ZeroDivisionError" in str(report)


class Ended(Scanned):
    """End after 40 answers."""

    left = 40

    def list(self, spec: Any, caller: Any) -> Any:
        from snaptasks.testing import TargetFailed  # noqa: PLC0415

        self.left -= 1
        if self.left < 0:
            raise TargetFailed("it has ended")
        return super().list(spec, caller)


def test_run_contract_of_target_that_ends_during_a_law_ends() -> None:
    """W-5: Report nothing of the remaining laws."""
    report = run_contract(Ended(), only=ALL_LAWS, examples=500, seed=1)
    assert report.ended is not None
    assert report.ended.startswith("it has ended; asked F-1/law-listing: the tasks of the filter {")
    assert not report.violations
    assert [*report.drawn] == ["F-1/law-listing"]


class OutOfReach(Scanned):
    """Refuse queries with more than three ids, as a server with a bound."""

    def list(self, spec: Any, caller: Any) -> Any:
        from snaptasks.testing import OutOfBounds  # noqa: PLC0415

        if len(spec.tasks) > 3:
            raise OutOfBounds("more than three ids do not fit")
        return super().list(spec, caller)


def test_run_contract_with_questions_out_of_bounds_counts_them() -> None:
    """W-5: Count them by their reason, and pass."""
    report = run_contract(OutOfReach(), only=ALL_LAWS, examples=500, seed=1)
    assert report.ok, str(report)
    assert report.bounded["more than three ids do not fit"] > 5
    assert f"drawn and skipped {report.bounded.total()}: more than three ids do not fit" in str(report)


class LoadsSome(Scanned):
    """Raise an exception for more than three tasks."""

    def load(self, items: list[ListItem]) -> None:
        if len(items) > 3:
            raise RuntimeError("too many")
        super().load(items)


@pytest.mark.slow
def test_law_with_implementation_that_cannot_load_is_broken() -> None:
    """W-5: Report the exception."""
    report = run_contract(LoadsSome(), only={"F-1/law-listing"}, examples=300, seed=1)
    assert "load(...) raised RuntimeError('too many')" in str(report)
    assert "asked: a load of " in str(report)


class HoldsSome(Scanned):
    """Report that the store holds at most `most` tasks."""

    most = 3

    def load(self, items: list[ListItem]) -> None:
        from snaptasks.testing import OutOfBounds  # noqa: PLC0415

        if len(items) > self.most:
            raise OutOfBounds("it holds three tasks")
        super().load(items)


def test_run_contract_with_too_many_tasks_for_the_store_skips_them() -> None:
    """W-5: A run that only skips is not ok."""
    holding = HoldsSome()
    report = run_contract(holding, only={"F-1/law-listing"}, examples=600, seed=1)
    assert report.ok, str(report)
    assert report.bounded["it holds three tasks"] > 3
    holding.most = -1
    assert not run_contract(holding, only={"F-1/law-listing"}, examples=30, seed=1).ok


class ClosesItsLoop(Awaited):
    async def get(self, task: str, caller: Any) -> Any:
        asyncio.get_running_loop().stop()


def test_run_contract_with_stopped_loop_or_wrong_arguments_says_so() -> None:
    """W-5: Report the stopped loop, and refuse wrong arguments by name."""
    assert run_contract(ClosesItsLoop(), only={"G-1"}, examples=0).violations
    wrong: Any
    for wrong in (-1, 1e3, True, "5"):
        with pytest.raises(ValueError, match="examples must be an integer of at least 0"):
            run_contract(Scanned(), examples=wrong)
    more: Any
    for more in ({"only": "L-1"}, {"skip": ["L-1"]}):
        with pytest.raises(TypeError, match="only must be a collection of ids, and skip must be a mapping"):
            run_contract(Scanned(), **more)
    with pytest.raises(ValueError, match="no vector, law or rule with the id L-99"):
        run_contract(Scanned(), skip={"L-99": "a misspelt one"})


class Ending(Reference):
    """Answer wrongly, and end after two wrong answers."""

    left = 2

    def listed(self, query: str, caller: Any) -> Any:
        from snaptasks.testing import TargetFailed  # noqa: PLC0415

        self.left -= bool(super().listed(query, caller)["items"])
        if self.left < 0:
            raise TargetFailed("it has gone")
        return {"items": []}


@pytest.mark.usefixtures("unshrunk")
def test_report_of_target_that_ends_during_shrinking_keeps_the_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-5: Report the end, too."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(Ending(), only={"F-1/law-listing"}, examples=100, seed=2)
    assert report.ended is not None
    assert report.ended.startswith("it has gone; asked F-1/law-listing: the tasks of the filter {")
    assert " is not listed" in str(report)


class Narrow(Reference):
    """Find nothing, and refuse queries with fewer than two pairs."""

    def list(self, query: str, caller: Any) -> Any:
        from snaptasks.testing import OutOfBounds  # noqa: PLC0415

        if "&" not in query:
            raise OutOfBounds("too plain")
        return super().list(query, caller)

    def found(self, caller: Any, members: Any) -> Any:
        return []


@pytest.mark.slow
@pytest.mark.usefixtures("unshrunk")
def test_shrinking_never_takes_a_case_out_of_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-5: Report only a case that has an answer."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(Narrow(), only={"F-1/law-listing"}, examples=200, seed=1)
    assert report.violations
    assert all("&" in each.case.request["list"] for each in report.violations)


def test_interrupt_during_load_ends_the_load_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-5: The command runs in its own session, so that it does not get the signal."""
    started: list[subprocess.Popen[bytes]] = []

    def interrupted(self: subprocess.Popen[bytes], *_: Any) -> Any:
        started.append(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(subprocess.Popen, "communicate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Server("http://127.0.0.1:1", ["sleep", "1000"]).load([])
    assert started[0].poll() is not None
