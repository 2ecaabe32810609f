"""Test that a seed draws the same questions again, and that questions reach each boundary (F-1)."""

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


@pytest.mark.slow
def test_questions_of_one_seed_are_the_same_for_every_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-1: The constants in the module of an implementation do not change them."""
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


@pytest.mark.slow
def test_drawn_questions_reach_each_boundary() -> None:
    """F-1, A-4, L-1: `python -m tests.contract.count_boundaries` prints the whole table."""
    total, counts = count_boundaries.count_reached(600, 3)
    assert total > 600
    assert [name for name, (least, _) in count_boundaries.BOUNDARIES.items() if least >= 60 and not counts[name]] == []


@pytest.mark.usefixtures("unshrunk")
def test_run_contract_with_the_same_seed_finds_the_same_violations() -> None:
    """F-1."""
    one, other = (run_contract(DATA_FAULTS["F-2 twelve members"](), only={"F-1/law-listing"}, seed=4) for _ in range(2))
    assert [each.case.request for each in one.violations] == [each.case.request for each in other.violations]


@pytest.mark.parametrize("implementation", [Scanned, Awaited])
def test_run_contract_inside_an_event_loop_passes(implementation: Any) -> None:
    """W-5: A notebook has such a loop; await coroutines in another thread."""

    async def main() -> Report:
        return run_contract(implementation(), only={"F-2", "F-1/law-listing"}, examples=40, seed=1)

    report = asyncio.run(main())
    assert report.ok, str(report)


def test_run_contract_with_skipped_laws_reports_the_reasons() -> None:
    """F-1: Skip a law by its id or its clause."""
    report = run_contract(
        Scanned(), only=ALL_LAWS, examples=40, seed=1, skip={"A-5": "later", "F-1/law-listing": "too slow"}
    )
    assert report.not_drawn["A-5/law-hiding"] == "later"
    assert report.not_drawn["F-1/law-listing"] == "too slow"
    assert "not drawn, F-1/law-listing: too slow" in str(report)
    assert "F-1/law-narrowing" in report.drawn


def test_run_contract_without_hypothesis_says_which_extra_to_install() -> None:
    """W-5: The vectors, without examples, do not need hypothesis."""
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from snaptasks.testing import run_contract\nfrom tests.contract.implementations import Scanned\n"
        "print(run_contract(Scanned(), only={'F-3'}, examples=0).ok)\n"
        "try: run_contract(Scanned())\nexcept ModuleNotFoundError as error: print(error)\n"
        "from snaptasks._command import main\n"
        "main(['conform', '--python', 'tests.contract.implementations:Scanned'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    message = "drawn questions need hypothesis: pip install 'snaptasks[testing]', or draw none with examples=0"
    assert done.stdout.splitlines() == ["True", message]
    assert done.stderr == f"snaptasks: {message} (--examples 0)\n"


def test_uniform_refuses_other_draws_than_choices() -> None:
    """F-1: Another version of hypothesis may draw other types in another way."""
    for draw in ("draw_boolean", "draw_float", "draw_string", "draw_bytes"):
        with pytest.raises(NotImplementedError, match="a law must draw integers only"):
            getattr(Uniform(None), draw)()


def test_case_written_as_json_reads_back_equal() -> None:
    """F-1: A drawn case has the form of a vector."""
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


def test_again_of_law_returns_a_command_line_with_the_target() -> None:
    """F-1."""
    again = Again("--url http://127.0.0.1 --load load")
    assert again.of_law("F-1/law-listing", 7, 100) == (
        "snaptasks conform --only F-1/law-listing --seed 7 --examples 100 --url http://127.0.0.1 --load load"
    )
