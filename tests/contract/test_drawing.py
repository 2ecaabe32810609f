"""Drawn questions: the same seed draws the same ones, and each boundary is reached (F-1)."""

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from snaptasks.testing import Case, Report, reproduce, run_contract
from snaptasks.testing.choices import Uniform
from snaptasks.testing.laws import LAWS
from snaptasks.testing.report import Again
from snaptasks.testing.target import Target
from tests.contract import count_boundaries
from tests.contract.data_faults import DATA_FAULTS
from tests.contract.faults import Reference
from tests.contract.implementations import Awaited, Bounded, Scanned
from tests.paths import ROOT

ALL_LAWS = {law.id for law in LAWS}


def questions_to(implementation: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    answer = Target.answer

    def watched(self: Target, case: Case) -> Any:
        asked.append(case.to_json())
        return answer(self, case)

    with monkeypatch.context() as patched:
        patched.setattr(Target, "answer", watched)
        assert run_contract(implementation, only=ALL_LAWS - {"Q-2/law-asking-wrongly"}, examples=200, seed=5).ok
    return asked


def test_the_drawing_is_the_same_whoever_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-1: and whatever numbers its module has; another seed draws others."""
    first = questions_to(Scanned(), monkeypatch)
    assert len({*first}) > 100
    assert questions_to(Bounded(), monkeypatch) == first
    assert questions_to(Reference(), monkeypatch) == first
    code = (
        "from snaptasks.testing import run_contract\nfrom snaptasks.testing.target import Target\n"
        "from tests.contract.implementations import Scanned\nanswer = Target.answer\n"
        "def watched(self, case): print(case.to_json()); return answer(self, case)\nTarget.answer = watched\n"
        f"run_contract(Scanned(), only={sorted(ALL_LAWS - {'Q-2/law-asking-wrongly'})}, examples=200, seed=5)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines() == first


def test_each_boundary_is_reached() -> None:
    """F-1, A-4, L-1: the whole table is printed by `python -m tests.contract.count_boundaries`."""
    total, counts = count_boundaries.reached(600, 3)
    assert total > 600
    assert [name for name, (least, _) in count_boundaries.BOUNDARIES.items() if least >= 60 and not counts[name]] == []


@pytest.mark.usefixtures("unshrunk")
def test_the_same_seed_finds_the_same() -> None:
    """F-1: case for case."""
    one, other = (run_contract(DATA_FAULTS["F-2 twelve members"](), only={"F-1/law-listing"}, seed=4) for _ in range(2))
    assert [each.case.request for each in one.violations] == [each.case.request for each in other.violations]


@pytest.mark.parametrize("implementation", [Scanned, Awaited])
def test_it_runs_inside_an_event_loop(implementation: Any) -> None:
    """W-5: as in a notebook; coroutines are awaited in a thread of their own."""

    async def main() -> Report:
        return run_contract(implementation(), only={"F-2", "F-1/law-listing"}, examples=40, seed=1)

    report = asyncio.run(main())
    assert report.ok, str(report)


def test_skipped_laws_are_told() -> None:
    """F-1: by the id or the clause, with the reason."""
    report = run_contract(
        Scanned(), only=ALL_LAWS, examples=40, seed=1, skip={"A-5": "later", "F-1/law-listing": "too slow"}
    )
    assert report.not_drawn["A-5/law-hiding"] == "later"
    assert report.not_drawn["F-1/law-listing"] == "too slow"
    assert "not drawn, F-1/law-listing: too slow" in str(report)
    assert "F-1/law-narrowing" in report.drawn


def test_without_hypothesis_it_says_what_to_install() -> None:
    """W-5: and asks the vectors only where it is told to."""
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from snaptasks.testing import run_contract\nfrom tests.contract.implementations import Scanned\n"
        "print(run_contract(Scanned(), only={'F-3'}, examples=0).ok)\n"
        "try: run_contract(Scanned())\nexcept ModuleNotFoundError as error: print(error)\n"
        "from snaptasks._command import main\n"
        "main(['conform', '--python', 'tests.contract.implementations:Scanned'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    told = "drawn questions need hypothesis: pip install 'snaptasks[testing]', or draw none with examples=0"
    assert done.stdout.splitlines() == ["True", told]
    assert done.stderr == f"snaptasks: {told} (--examples 0)\n"


def test_a_law_draws_choices_only() -> None:
    """F-1: nothing that hypothesis would draw in another way."""
    for draw in ("draw_boolean", "draw_float", "draw_string", "draw_bytes"):
        with pytest.raises(NotImplementedError, match="a law must draw integers only"):
            getattr(Uniform(None), draw)()


def test_a_drawn_case_is_a_vector() -> None:
    """F-1: a case is read back from what is written."""
    report = run_contract(Scanned(), only={"F-1/law-listing"}, examples=40, seed=1)
    assert report.ok
    case = Case.from_json(json.dumps({
        "id": "F-1/mine", "clause": "F-1", "level": "ours", "mistake": "", "population": "crossed", "caller": "root",
        "request": {"list": "tasks=m", "filter": {"tasks": ["m"]}}, "expect": {"status": 200, "tasks": ["m"]},
    }))  # fmt: skip
    again = Case.from_json(case.to_json())
    assert again.population.tasks == case.population.tasks
    assert (again.who, again.request) == (case.who, case.request)
    assert reproduce(case.to_json(), Bounded()) is None


def test_a_law_is_drawn_again_by_the_command_line() -> None:
    """F-1: in the terms of the target."""
    again = Again("--url http://127.0.0.1 --load load")
    assert again.of_law("F-1/law-listing", 7, 100) == (
        "snaptasks conform --only F-1/law-listing --seed 7 --examples 100 --url http://127.0.0.1 --load load"
    )
