"""Reports of a wrong form: each has a hint of its own (W-1, W-5)."""

import json
from typing import Any

import pytest

from snaptasks import rest
from snaptasks.testing import reproduce, run_contract
from tests.contract.faults import Reference
from tests.contract.implementations import Bounded


class Failing(Reference):
    """Answers everything with one response."""

    response = rest.Response(503, (), b"")

    def answer(self, give: Any, primary: str = "") -> rest.Response:
        return self.response


JSON = (("content-type", "application/json"),)


@pytest.mark.parametrize(
    ("response", "only", "told"),
    [
        (rest.Response(503, (), b""), "F-2", "hint: the implementation failed; its log may say why"),
        (rest.Response(401, (), b""), "F-2", "hint: the implementation does not know this caller"),
        (rest.Response(200, (), b'{"items":[]}'), "W-2/json", "hint: content-type must be 'application/json'"),
        (rest.Response(200, (), b"<html>"), "G-1/get-m", "hint: a body must be one JSON value"),
    ],
)
def test_a_wrong_form_has_a_hint_of_its_own(response: rest.Response, only: str, told: str) -> None:
    """W-1: and not the mistake that the vector was made for."""
    failing = Failing()
    failing.response = response
    report = str(run_contract(failing, only={only}, examples=0))
    assert told in report
    assert "a common mistake:" not in report


@pytest.mark.parametrize(
    ("body", "only", "told"),
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
def test_a_wrong_answer_has_the_mistake_of_its_vector(body: bytes, only: str, told: str) -> None:
    """G-1, W-2: beside what is wrong."""
    failing = Failing()
    failing.response = rest.Response(200, JSON, body)
    report = str(run_contract(failing, only={only}, examples=0))
    assert told in report
    assert "a common mistake:" in report


@pytest.mark.usefixtures("unshrunk")
def test_what_is_no_listing_proves_no_law() -> None:
    """F-1: answers that cannot be read are the model's to report."""
    failing = Failing()
    failing.response = rest.Response(200, JSON, b"<html>")
    assert (
        run_contract(failing, only={"G-1/law-listing-and-getting", "F-1/law-narrowing"}, examples=40, seed=1).violations
        == []
    )
    assert run_contract(failing, only={"F-1/law-listing"}, examples=40, seed=1).violations


class Odd(Bounded):
    """Gives responses whose parts are of other kinds."""

    parts: Any = (200, 5, b"")

    def request(self, *asked: Any) -> Any:
        response = rest.Response(200, (), b"")
        for name, part in zip(("status", "headers", "body"), self.parts, strict=True):
            object.__setattr__(response, name, part)
        return response


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((200, 5, b""), "it returned a rest.Response that cannot be read: TypeError("),
        (("200", (), b""), "whose status is not an int, or whose body is not bytes"),
        ((200, (), "{}"), "whose status is not an int, or whose body is not bytes"),
    ],
)
def test_an_odd_response_is_no_answer(parts: Any, told: str) -> None:
    """W-1: and no fault of the suite."""
    odd = Odd()
    odd.parts = parts
    report = run_contract(odd, only={"F-3"}, examples=0)
    assert report.faults == []
    assert told in str(report)


def test_a_get_by_nobody_has_no_hint_of_grants() -> None:
    """G-1: what is expected of nobody is not that clear."""
    case = {
        "id": "G-1/mine", "clause": "G-1", "level": "must", "mistake": "", "population": "crossed", "caller": None,
        "request": {"get": "m"}, "expect": {"status": 200, "info_of": "m"},
    }  # fmt: skip
    violation = reproduce(json.dumps(case), Reference())
    assert violation is not None
    assert (violation.problem, violation.hint) == ("the status is 401", None)
