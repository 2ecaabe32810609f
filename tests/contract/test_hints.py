"""Test the hints in reports of wrong answers (W-1, W-5)."""

import json
from typing import Any

import pytest

from snaptasks import rest
from snaptasks.testing import reproduce, run_contract
from snaptasks.testing.wording import count
from tests.contract.faults import FAULTS, Reference
from tests.contract.implementations import Bounded


class Failing(Reference):
    """Answer every question with one response."""

    response = rest.Response(503, (), b"")

    def answer(self, give: Any, primary: str = "") -> rest.Response:
        return self.response


JSON = (("content-type", "application/json"),)


@pytest.mark.parametrize(
    ("response", "only", "message"),
    [
        (rest.Response(503, (), b""), "F-2", "hint: the implementation failed; its log may say why"),
        (rest.Response(401, (), b""), "F-2", "hint: the implementation does not know this caller"),
        (rest.Response(200, (), b'{"items":[]}'), "W-2/json", "hint: content-type must be 'application/json'"),
        (rest.Response(200, (), b"<html>"), "G-1/get-m", "hint: a body must be one JSON value"),
    ],
)
def test_report_of_answer_of_wrong_form_has_its_own_hint(response: rest.Response, only: str, message: str) -> None:
    """W-1: Do not print the mistake that the vector tests."""
    failing = Failing()
    failing.response = response
    report = str(run_contract(failing, only={only}, examples=0))
    assert message in report
    assert "a mistake that this case finds:" not in report


@pytest.mark.parametrize(
    ("body", "only", "message"),
    [
        (b'{"items":[]}', "W-2/json", '"m" is not listed'),
        (
            b'{"items":[{"task":"b"},{"task":"b"}]}',
            "F-2/tasks-b",
            "a task must be listed once, even if several grants match it",
        ),
        (b"{}", "G-1/get-m", "`cancelable` is missing"),
        (b"5", "G-1/get-m", "hint: `` is 5, and {"),
    ],
)
def test_report_of_wrong_answer_has_the_mistake_of_its_vector(body: bytes, only: str, message: str) -> None:
    """G-1, W-2: Print it beside the problem."""
    failing = Failing()
    failing.response = rest.Response(200, JSON, body)
    report = str(run_contract(failing, only={only}, examples=0))
    assert message in report
    assert "a mistake that this case finds:" in report


def test_report_of_wrong_cap_has_the_numbers_and_the_ends_of_the_list() -> None:
    """L-1, L-2: Do not print a thousand ids."""
    low = str(run_contract(FAULTS["L-1 a cap of 999"](), only={"L-1/1000"}, examples=0))
    assert '  expected: {"status": 200, "tasks": [1000 tasks: "task-0" ... "task-999"]}\n' in low
    assert "  hint: the caller may see 1000 of 1000 matching tasks; up to 1000 are listed\n" in low
    assert low.endswith("\n1 case: 0 passed, 1 violated, 0 skipped")
    high = str(run_contract(FAULTS["L-2 a truncated list"](), only={"L-2"}, examples=0))
    assert "  hint: the caller may see 1001 of 1001 matching tasks; more than 1000 are an error\n" in high
    assert '  got: 200 with the tasks [1000 tasks: "task-0" ... "task-999"]\n' in high


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 tasks"), (1, "1 task"), (1.0, "1 task"), (2.5, "2.5 tasks"), (2**32, "4294967296 tasks")],
)
def test_count_has_the_noun_in_its_number(number: float, text: str) -> None:
    """W-5."""
    assert count(number, "task") == text


@pytest.mark.usefixtures("unshrunk")
def test_laws_without_a_model_ignore_unreadable_answers() -> None:
    """F-1: Only the law with a model reports them."""
    failing = Failing()
    failing.response = rest.Response(200, JSON, b"<html>")
    assert (
        run_contract(failing, only={"G-1/law-listing-and-getting", "F-1/law-narrowing"}, examples=40, seed=1).violations
        == []
    )
    assert run_contract(failing, only={"F-1/law-listing"}, examples=40, seed=1).violations


class Odd(Bounded):
    """Return responses whose parts have other types."""

    parts: Any = (200, 5, b"")

    def request(self, *asked: Any) -> Any:
        response = rest.Response(200, (), b"")
        for name, part in zip(("status", "headers", "body"), self.parts, strict=True):
            object.__setattr__(response, name, part)
        return response


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((200, 5, b""), "it returned a rest.Response that cannot be read: TypeError("),
        (("200", (), b""), "whose status is not an int, or whose body is not bytes"),
        ((200, (), "{}"), "whose status is not an int, or whose body is not bytes"),
    ],
)
def test_response_with_parts_of_wrong_types_is_a_violation(parts: Any, message: str) -> None:
    """W-1: Do not report a fault of the suite."""
    odd = Odd()
    odd.parts = parts
    report = run_contract(odd, only={"F-3"}, examples=0)
    assert report.faults == []
    assert message in str(report)


def test_violation_of_unauthenticated_get_has_no_hint_of_grants() -> None:
    """G-1: An unauthenticated caller has no grants."""
    case = {
        "id": "G-1/mine", "clause": "G-1", "level": "must", "mistake": "", "population": "crossed", "caller": None,
        "request": {"get": "m"}, "expect": {"status": 200, "info_of": "m"},
    }  # fmt: skip
    violation = reproduce(json.dumps(case), Reference())
    assert violation is not None
    assert (violation.problem, violation.hint) == ("the status is 401", None)
