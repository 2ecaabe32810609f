"""Test that the kit catches every fault at its clause and passes every right implementation."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from snaptasks import ListItem
from snaptasks.testing import Case, Report, TargetFailed, contract_tests, reproduce, run_contract, vectors
from snaptasks.testing.calls import NO_QUERY
from snaptasks.testing.cases import VECTORS, sentence
from snaptasks.testing.laws import LAWS
from tests.contract.data_faults import DATA_FAULTS
from tests.contract.faults import FAULTS, Crashing, Reference, Silent
from tests.contract.implementations import RIGHT, Bounded, Scanned
from tests.contract.unseen import UNSEEN
from tests.testing.make_vectors.files import build_files


@pytest.mark.slow
@pytest.mark.parametrize("implementation", [*RIGHT, Reference], ids=lambda each: each.__name__)
def test_run_contract_of_right_implementation_passes(implementation: Any) -> None:
    """F-1, A-3, L-1, G-1, Q-2, W-3: Raise no false alarm and report the missing features."""
    report = run_contract(implementation(), examples=200, seed=1)
    assert report.ok, str(report)
    assert len(report.passed) + len(report.skipped) == len(vectors())
    assert {skipped.reason for skipped in report.skipped} - {NO_QUERY} == {*implementation.lacks.values()}


@pytest.mark.parametrize("name", FAULTS)
def test_run_contract_of_fault_breaks_its_clause(name: str) -> None:
    """F-1, A-3, L-1, G-1, Q-2, W-3: Report the question, the expectation, the answer and code to repeat it."""
    clause = name.partition(" ")[0]
    report = run_contract(FAULTS[name](), only={clause}, examples=0)
    assert clause in report.broken_clauses, f"{name} is not caught"
    assert report.faults == []
    assert not [each for each in report.violations if "raises" in each.problem], "it crashes, so it has another fault"
    text = str(report.violations[0])
    assert sentence(clause) in text
    for part in ("asked:", "by:", "of the tasks", "expected:", "got:", "reproduce("):
        assert part in text


def test_faults_cover_every_clause_that_has_vectors() -> None:
    """F-1."""
    assert len(FAULTS) >= 40
    assert {name.partition(" ")[0] for name in FAULTS} == {case.clause for case in vectors()}


def test_each_clause_has_vectors_or_a_reason_in_unseen() -> None:
    """W-3."""
    spec = (VECTORS.parent.parent / "SPEC.md").read_text(encoding="utf-8")
    clauses = {
        line[4:].split("*")[0].split()[0] for line in spec.splitlines() if line.startswith("- **") and line[5] == "-"
    }
    print(*(f"{clause}: {number}" for clause, number in Counter(case.clause for case in vectors()).items()), sep="\n")
    assert clauses == {case.clause for case in vectors()} | {*UNSEEN}
    assert {case.clause for case in vectors()}.isdisjoint(UNSEEN)
    assert all(UNSEEN.values())


def test_vector_files_equal_the_output_of_make_vectors() -> None:
    """F-1: To write them, run `python -m tests.testing.make_vectors`."""
    for file, text in build_files().items():
        assert (VECTORS / file).read_text(encoding="utf-8") == text


def test_vectors_match_their_schema_and_have_unique_ids() -> None:
    """F-1: There are at least 300, and each id begins with the clause."""
    schema = json.loads((VECTORS / "schema.json").read_text(encoding="utf-8"))
    files = [path for path in VECTORS.glob("*.json") if path.name != "schema.json"]
    assert len(files) == 8
    for path in files:
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), schema)
    ids = [case.id for case in vectors()]
    assert len(ids) == len({*ids}) >= 300
    assert all(case.id.startswith(f"{case.clause}/") and case.mistake for case in vectors())
    assert {case.level for case in vectors()} == {"must", "ours", "optional"}


def test_reproduce_of_failed_case_returns_the_same_violation() -> None:
    """F-1: The report prints this call."""
    faulty = FAULTS["F-1 or across fields"]
    violation = run_contract(faulty(), examples=0).violations[0]
    again = reproduce(violation.case.id, faulty())
    assert again == violation
    assert reproduce(violation.case.id, Reference()) is None
    with pytest.raises(ValueError, match="there is no vector, law or rule with the id F-1/nothing"):
        reproduce("F-1/nothing", Reference())
    with pytest.raises(ValueError, match=r"(?s)W-2/json was not asked: .*it knows no HTTP"):
        reproduce("W-2/json", Scanned())


def test_run_contract_of_crashing_implementation_reports_the_crash() -> None:
    """E-7: Blame the implementation for other exceptions than the 25 errors, and for values of another type."""
    for faulty, message in (
        (Crashing(), "list(...) raised KeyError('status')"),
        (Silent(), "it returned NoneType; it must return a ListResult, an Info or a rest.Response"),
    ):
        report = run_contract(faulty, only={"F-3"}, examples=0)
        assert not report.ok
        assert report.faults == []
        assert message in str(report)
        assert report.ended == "the first 5 cases got no answer"


def test_run_contract_with_crashing_check_reports_a_fault_of_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    """E-7: Do not blame the implementation."""
    monkeypatch.setattr("snaptasks.testing.contract.find_problem", lambda case, answer: 1 // 0)
    report = run_contract(Reference(), only={"F-3"}, examples=0)
    assert (report.ok, report.violations, len(report.faults)) == (False, [], 9)
    assert "a fault of the suite: ZeroDivisionError" in str(report)


class Wordless(Reference):
    """Answer with text that is not JSON, or with JSON of another shape."""

    body = b"<html>"

    def answer(self, give: Any, primary: str = "") -> Any:
        response = super().answer(give, primary)
        return type(response)(response.status, response.headers, self.body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "the body is not JSON"),
        (b"[]", "the body is not a list of tasks"),
        (b'{"items":[5]}', "the body is not a list of tasks"),
        (b'{"items":[{"task":5}]}', "the body is not a list of tasks"),
        (b"null", "the error_type is null"),
        (b'{"items":[{"task":"?"}]}', '"?" is listed, and must not be'),
        (b'{"items":[]}', '"b" is not listed'),
        (b"[" * 3000 + b"]" * 3000, "the body is nested too deep to be read"),
        (b"[" * 201 + b"]" * 201, "the body is nested too deep to be read"),
        (b"[" * 200 + b"]" * 200, "the body is not a list of tasks"),
        (b'{"error_type":"INVALID_ARGUMENT","data":{"primary":"tasks"}}', 'the data.primary is "tasks"'),
        (b'{"error_type":"INVALID_ARGUMENT"}', 'must have `data`: {"primary": "status", "secondary": []}'),
    ],
)
def test_run_contract_with_wrong_body_reports_the_problem(body: bytes, message: str) -> None:
    """W-1."""
    wordless = Wordless()
    wordless.body = body
    report = run_contract(wordless, only={"F-2", "F-7"}, examples=0)
    assert not report.passed
    assert message in str(report)
    assert report.faults == []


def test_run_contract_without_cases_is_not_ok() -> None:
    """F-1: A run without questions proves nothing."""
    assert not run_contract(Reference(), only=(), examples=0).ok
    assert not Report().ok


@pytest.mark.slow
def test_contract_tests_of_three_implementations_run_together(tmp_path: Path) -> None:
    """F-1, W-3: Each has a class with one test a clause; only the faulty one fails, at its clauses."""
    (tmp_path / "test_mine.py").write_text(
        "from snaptasks.testing import contract_tests\n"
        "from tests.contract.faults import FAULTS, Reference\n"
        "from tests.contract.implementations import Scanned\n"
        "TestRight = contract_tests(Reference, examples=100)\n"
        "TestScanned = contract_tests(Scanned, examples=100)\n"
        "TestFaulty = contract_tests(FAULTS['L-1 a cap of 999'], examples=0)\n"
    )
    root = str(Path(__file__).parent.parent.parent)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        "-rfs",
        str(tmp_path),
    ]
    done = subprocess.run(
        command, env={"PYTHONPATH": root, "PATH": ""}, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    clauses = {case.clause for case in vectors()}
    failed = {line.split()[1].partition("::")[2] for line in done.stdout.splitlines() if line.startswith("FAILED")}
    assert failed == {"TestFaulty::test_L_1", "TestFaulty::test_L_3"}
    assert "L-1/1000: the status is 500" in done.stdout
    skipped = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert {"it knows no HTTP", "it takes filters"} == {line.rpartition(": ")[2] for line in skipped}
    (numbers,) = re.findall(r"2 failed, (\d+) passed, (\d+) skipped", done.stdout)
    assert 2 + sum(map(int, numbers)) == 3 * len(clauses) + 2 * len(LAWS)


def test_contract_tests_returns_a_fresh_class_with_one_test_a_clause() -> None:
    """F-1: Each test has the name and the sentence of its clause."""
    one, other = contract_tests(Bounded, examples=20, seed=3), contract_tests(Scanned, examples=20)
    assert one is not other
    tests = {name: test for name, test in vars(one).items() if name.startswith("test_")}
    assert len(tests) == len({case.clause for case in vectors()}) + len(LAWS)
    tests["test_A_5_law_hiding"](None)
    assert (
        tests["test_A_5_law_hiding"].__doc__
        == "A-5: tasks that a caller may not see do not change a byte of an answer."
    )
    assert sentence("F-1") in (tests["test_F_1"].__doc__ or "")
    tests["test_F_3"](None)
    with pytest.raises(pytest.skip.Exception, match="it knows no HTTP"):
        vars(other)["test_W_3"](None)
    with pytest.raises(pytest.fail.Exception, match="L-1/1000: the status is 500"):
        vars(contract_tests(FAULTS["L-1 a cap of 999"]))["test_L_1"](None)


def test_vectors_of_file_with_wrong_count_raises_value_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """F-1: A loader that reads nothing proves nothing."""
    (tmp_path / "lost.json").write_text('{"count": 2, "cases": []}')
    monkeypatch.setattr("snaptasks.testing.cases.VECTORS", tmp_path)
    with pytest.raises(ValueError, match="count must be the number of cases, 0 \\(found 2\\)"):
        vectors.__wrapped__()


def test_case_with_long_query_expands_it() -> None:
    """Q-4."""
    (long,) = [case for case in vectors() if case.id == "Q-4/too-many-members"]
    assert isinstance(long, Case)
    assert long.query.count("tasks=a") == 20_001
    assert ListItem.from_json(json.dumps({"task": "t", "info": PENDING})).task == "t"


PENDING = {"description": {"id": "m", "default_message": "A message", "args": []}, "service": "s", "operation": "o",
           "status": "PENDING", "cancelable": False}  # fmt: skip


class Gone(Scanned):
    """End at the first question."""

    def list(self, spec: Any, caller: Any) -> Any:
        raise TargetFailed("it has ended")


def test_violation_of_get_that_shows_a_hidden_task_names_a_6() -> None:
    """A-5, A-6: The vectors of A-5 have gets, too; the report has the rule about a get, and which answer is which."""
    report = run_contract(DATA_FAULTS["A-6 a hidden task differs from a missing one"](), only={"A-5"}, examples=0)
    violation, other = report.violations
    assert (violation.case.id, violation.case.clause) == ("A-5/hidden-or-not-there-get-hidden", "A-6")
    assert (other.case.id, other.case.clause) == ("A-5/hidden-or-not-there-get-system", "A-6")
    assert violation.got.startswith("404 {")
    assert "; if only the tasks that the caller may see are stored: 404 {" in violation.got
    assert "A-6: 2 violated" in str(report).splitlines()
    assert report.broken_clauses == {"A-6"}


def test_report_of_ended_run_counts_the_unasked_cases() -> None:
    """W-5: The sum is the number of all cases."""
    report = run_contract(Gone(), only={"F-2"}, examples=0)
    total = sum(case.clause == "F-2" for case in vectors())
    first = next(case for case in sorted(vectors(), key=lambda case: case.population.name) if case.clause == "F-2")
    assert report.ended == f'it has ended; asked {first.id}: the tasks of the query "{first.query}"'
    assert report.not_asked == total - len(report.skipped)
    assert str(report).splitlines()[-1].startswith(f"{total} cases: 0 passed, 0 violated, ")
