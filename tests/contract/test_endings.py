"""Runs that end early or pass over questions: what the report says of them (E-7, W-5)."""

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


def test_a_crash_breaks_the_law_that_asked() -> None:
    """E-7: it is the implementation's; one of the kit is the kit's own."""
    report = run_contract(Crashing(), only={"F-1/law-listing"}, examples=50, seed=1)
    assert "list(...) raised KeyError('status')" in str(report)
    assert report.faults == []


def test_a_crash_of_a_law_is_the_suites(monkeypatch: pytest.MonkeyPatch) -> None:
    """E-7: and blamed on nobody else."""
    monkeypatch.setattr("snaptasks.testing.properties.find_problem", lambda case, answer: 1 // 0)
    report = run_contract(Reference(), only={"F-1/law-listing"}, examples=50, seed=1)
    assert (report.ok, report.violations, len(report.faults)) == (False, [], 1)
    assert "F-1/law-listing: a fault of the suite: ZeroDivisionError" in str(report)


class Ended(Scanned):
    """Ends when it has answered for a while."""

    left = 40

    def list(self, spec: Any, caller: Any) -> Any:
        from snaptasks.testing import TargetFailed  # noqa: PLC0415

        self.left -= 1
        if self.left < 0:
            raise TargetFailed("it has ended")
        return super().list(spec, caller)


def test_what_ends_while_it_is_drawn_ends_the_run() -> None:
    """W-5: and the laws that are left say nothing."""
    report = run_contract(Ended(), only=ALL_LAWS, examples=500, seed=1)
    assert report.ended == "it has ended"
    assert not report.violations
    assert [*report.drawn] == ["F-1/law-listing"]


class OutOfReach(Scanned):
    """Its server does not let some questions through."""

    def list(self, spec: Any, caller: Any) -> Any:
        from snaptasks.testing import OutOfBounds  # noqa: PLC0415

        if len(spec.tasks) > 3:
            raise OutOfBounds("more than three ids do not fit")
        return super().list(spec, caller)


def test_what_is_out_of_bounds_is_counted() -> None:
    """W-5: by its reason, and is no failure."""
    report = run_contract(OutOfReach(), only=ALL_LAWS, examples=500, seed=1)
    assert report.ok, str(report)
    assert report.bounded["more than three ids do not fit"] > 5
    assert f"drawn and skipped {report.bounded.total()}: more than three ids do not fit" in str(report)


class LoadsSome(Scanned):
    """Holds no tasks of many."""

    def load(self, items: list[ListItem]) -> None:
        if len(items) > 3:
            raise RuntimeError("too many")
        super().load(items)


def test_what_cannot_load_breaks_the_law_that_loads() -> None:
    """W-5: with what it raised."""
    report = run_contract(LoadsSome(), only={"F-1/law-listing"}, examples=300, seed=1)
    assert "load(...) raised RuntimeError('too many')" in str(report)
    assert "asked: a load of " in str(report)


class HoldsSome(Scanned):
    """Says that its store has a bound."""

    most = 3

    def load(self, items: list[ListItem]) -> None:
        from snaptasks.testing import OutOfBounds  # noqa: PLC0415

        if len(items) > self.most:
            raise OutOfBounds("it holds three tasks")
        super().load(items)


def test_tasks_that_cannot_be_held_are_skipped() -> None:
    """W-5: and what is only skipped proves nothing."""
    holding = HoldsSome()
    report = run_contract(holding, only={"F-1/law-listing"}, examples=600, seed=1)
    assert report.ok, str(report)
    assert report.bounded["it holds three tasks"] > 3
    holding.most = -1
    assert not run_contract(holding, only={"F-1/law-listing"}, examples=30, seed=1).ok


class ClosesItsLoop(Awaited):
    async def get(self, task: str, caller: Any) -> Any:
        asyncio.get_running_loop().stop()


def test_whatever_is_left_behind_there_is_a_report() -> None:
    """W-5: and what cannot be understood is refused, by name."""
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
    """Answers wrongly, and then no more."""

    left = 2

    def listed(self, query: str, caller: Any) -> Any:
        from snaptasks.testing import TargetFailed  # noqa: PLC0415

        self.left -= bool(super().listed(query, caller)["items"])
        if self.left < 0:
            raise TargetFailed("it has gone")
        return {"items": []}


@pytest.mark.usefixtures("unshrunk")
def test_what_ends_while_its_case_is_made_small_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-5: and the end is told, too."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(Ending(), only={"F-1/law-listing"}, examples=100, seed=2)
    assert report.ended == "it has gone"
    assert " is not listed" in str(report)


class Narrow(Reference):
    """Wrong, and its server lets only what is long through."""

    def list(self, query: str, caller: Any) -> Any:
        from snaptasks.testing import OutOfBounds  # noqa: PLC0415

        if "&" not in query:
            raise OutOfBounds("too plain")
        return super().list(query, caller)

    def found(self, caller: Any, members: Any) -> Any:
        return []


@pytest.mark.usefixtures("unshrunk")
def test_a_smaller_case_that_is_out_of_bounds_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-5: what is shown was answered."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(Narrow(), only={"F-1/law-listing"}, examples=200, seed=1)
    assert report.violations
    assert all("&" in each.case.request["list"] for each in report.violations)


def test_ctrl_c_ends_a_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-5: it is in a session of its own, and hears of none."""
    started: list[subprocess.Popen[bytes]] = []

    def interrupted(self: subprocess.Popen[bytes], *_: Any) -> Any:
        started.append(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(subprocess.Popen, "communicate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Server("http://127.0.0.1:1", ["sleep", "1000"]).load([])
    assert started[0].poll() is not None
