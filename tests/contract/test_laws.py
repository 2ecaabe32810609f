"""Test that the laws find faults that depend on data and pass every right implementation."""

from typing import Any

import pytest

from snaptasks import ListItem
from snaptasks.testing import reproduce, run_contract
from snaptasks.testing.laws import LAWS
from tests.contract.data_faults import DATA_FAULTS
from tests.contract.faults import FAULTS, Reference
from tests.contract.implementations import RIGHT, OnSql, Scanned

ALL_LAWS = {law.id for law in LAWS}

# The faults that the fixed vectors do not catch, and a few that are as hard to find.
NAMED = [
    "A-4 a fourth grant is ignored", "A-3 a filter overrides a grant", "A-4 two users of a grant show the system",
    "F-2 twelve members", "F-5 only the first 64 characters in a filter", "F-5 sixteen bits a character in a filter",
    "A-4 grants are united field by field", "A-3 a contradiction is no constraint", "L-5 sorted by time under a filter",
    "G-1 get is a listing under the cap", "A-4 one grant for the same users", "F-2 a thousand members",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("name", NAMED)
def test_law_with_default_examples_finds_fault_that_depends_on_data(name: str) -> None:
    """A-3, A-4, F-2, F-5, L-5: One law finds each."""
    law = "G-1/law-getting" if name.startswith("G") else "F-1/law-listing"
    report = run_contract(DATA_FAULTS[name](), only={law}, seed=11)
    assert report.violations
    assert report.faults == []


@pytest.mark.slow
@pytest.mark.parametrize("implementation", [*RIGHT, Reference, OnSql], ids=lambda each: each.__name__)
def test_laws_of_right_implementation_pass(implementation: Any) -> None:
    """F-1, A-4, L-1: Raise no false alarm."""
    report = run_contract(implementation(), only=ALL_LAWS, examples=150, seed=1)
    assert report.ok, str(report)
    assert {*report.drawn} | {*report.not_drawn} == ALL_LAWS


@pytest.mark.slow
def test_laws_with_many_examples_of_right_implementation_pass() -> None:
    """F-1, A-4, A-5: This seed takes each path through each law."""
    report = run_contract(Scanned(), only=ALL_LAWS, examples=1500, seed=1)
    assert report.ok, str(report)


@pytest.mark.slow
@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize(
    ("fault", "law"),
    [
        (FAULTS["A-1 an unauthenticated caller may read"], "F-1/law-listing"),
        (DATA_FAULTS["A-6 get checks only users"], "G-1/law-getting"),
        (DATA_FAULTS["A-1 only the first privilege"], "F-1/law-listing"),
    ],
)
def test_violation_of_get_or_caller_check_is_minimal(fault: Any, law: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A-1, A-6: Minimize also a get and a question of an unauthenticated caller."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(fault(), only={law}, seed=1)
    assert "this is the smallest case" in str(report)
    assert max(len(each.case.population.tasks) for each in report.violations) <= 2


FIVE = {
    "A-4 a fourth grant is ignored": " shows it",
    "F-2 twelve members": "matches the filter",
    "A-3 a filter overrides a grant": "a leak: the caller has ",
    "L-5 sorted by time under a filter": "tasks must be listed in the order in which they were loaded",
    "A-4 two users of a grant show the system": "a leak: the caller has ",
}  # fmt: skip


@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("name", FIVE)
def test_drawn_violation_is_minimal_and_says_why(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4, F-2, L-5: It has at most three tasks and one question, and its printed line repeats it."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(DATA_FAULTS[name](), only={"F-1/law-listing"}, seed=2)
    violation = report.violations[0]
    assert len(violation.case.population.tasks) <= 3
    text = str(violation)
    assert FIVE[name] in text
    assert "this is the smallest case: the answer is right if any part is left out" in text
    for part in (
        "the rule ",
        "asked: ",
        "by: ",
        "of the tasks ",
        "expected: ",
        "got: ",
        "hint: ",
        "drawn for the law: ",
        "again: ",
    ):
        assert part in text
    assert f"questions drawn for 1 law with the seed {report.seed}" in str(report)
    again = reproduce(violation.case.to_json(), DATA_FAULTS[name]())
    assert again is not None
    assert (again.problem, again.case.expect) == (violation.problem, violation.case.expect)
    assert reproduce(violation.case.to_json(), Reference()) is None


@pytest.mark.usefixtures("unshrunk")
def test_violation_of_hiding_has_both_answers() -> None:
    """A-5, A-6: The printed line compares both answers again."""
    faulty = DATA_FAULTS["A-6 a hidden task differs from a missing one"]
    report = run_contract(faulty(), only={"A-5/law-hiding"})
    (violation,) = report.violations
    assert violation.case.clause == "A-6"
    assert violation.got.count("404 {") == 2
    assert "; if only the tasks that the caller may see are stored: 404 {" in violation.got
    assert "the same bytes as of a store with only the " in str(violation)
    assert reproduce(violation.case.to_json(), faulty()) is not None


class Remembers(Reference):
    """Keep the answer to each query until the next load, and give it to every caller."""

    def load(self, items: list[ListItem]) -> None:
        super().load(items)
        self.given: dict[str, Any] = {}

    def listed(self, query: str, caller: Any) -> Any:
        self.check(caller)
        return self.given.setdefault(query, super().listed(query, caller))


@pytest.mark.slow
def test_report_of_answer_that_depends_on_earlier_ones_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-3: The answer to the case by itself is right."""
    monkeypatch.setattr("snaptasks.testing.properties.SHRINKING_SECONDS", 1.0)
    report = run_contract(Remembers(), only={"F-1/law-listing"}, seed=1, examples=800)
    assert report.violations
    text = str(report)
    assert "the answer is right if this is asked first: it depends on earlier loads and questions" in text
    assert "done before it, with these tasks:\n    asked {" in text
    assert "only=['F-1/law-listing'], seed=1, examples=800" in text


@pytest.mark.usefixtures("unshrunk")
def test_report_of_long_case_repeats_it_by_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """L-5: A line with a thousand ids is too long to paste."""
    monkeypatch.setattr("snaptasks.testing.report._MAX_CASE", 500)
    report = run_contract(DATA_FAULTS["L-5 every 256th is lost"](), only={"F-1/law-listing"}, seed=3, examples=1500)
    assert any(
        "run_contract(Every256ThIsLost(), only=['F-1/law-listing'], seed=3" in str(each) for each in report.violations
    )


@pytest.mark.usefixtures("unshrunk")
def test_law_without_a_model_compares_answers_with_each_other() -> None:
    """F-1: A right answer may show that another answer was wrong."""
    report = run_contract(FAULTS["F-3 no filter matches nothing"](), only={"F-1/law-narrowing"}, examples=400, seed=1)
    assert "is listed, and must not be" in str(report)
    assert '"because": "these were listed for {}"' in str(report)
