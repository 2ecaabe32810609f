"""Test the union on status, for every combination of its fields (U)."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from snaptasks import CommonInfo, Info, InvalidValue, Status
from tests.building import plain_item
from tests.strategies import error_values, infos, instants, json_values, progresses, statuses

FIELDS = ("start_time", "end_time", "progress", "result", "error")

# The table of the specification, one letter for each field: R required, a allowed, - forbidden.
TABLE = {
    "PENDING": "-----",
    "RUNNING": "R-Ra-",
    "BLOCKED": "R-Ra-",
    "SUCCEEDED": "RRRa-",
    "FAILED": "RRRaa",
}

PLAIN: dict[str, Any] = plain_item("t").to_python()["info"]
VALUES: dict[str, Any] = {
    "start_time": "2025-11-04T12:00:00.000Z",
    "end_time": "2025-11-04T12:00:00.000Z",
    "progress": PLAIN["progress"],
    "result": 0,
    "error": {"messages": [], "error_type": "ERROR"},
}


def expected(status: str, present: set[str]) -> dict[str, str]:
    """Return the code of each field that violates the table."""
    wrong = {}
    for field, letter in zip(FIELDS, TABLE.get(status, "aaaaa"), strict=True):
        if letter == "R" and field not in present:
            wrong[field] = "required_by_status"
        if letter == "-" and field in present:
            wrong[field] = "forbidden_by_status"
    return wrong


@pytest.mark.parametrize("status", [*TABLE, "NEWER"])
@pytest.mark.parametrize("kind", [Info, CommonInfo])
@pytest.mark.parametrize(
    "present",
    [set(c) for n in range(6) for c in itertools.combinations(FIELDS, n)],
    ids=lambda fields: "-".join(sorted(fields)),
)
def test_from_json_of_each_combination_obeys_the_table(kind: type[CommonInfo], status: str, present: set[str]) -> None:
    """U-1, U-2, U-3, U-4: Read all 384 combinations; report each violation, with status, field and code."""
    common = {key: each for key, each in PLAIN.items() if key not in FIELDS}
    body = common | {"status": status} | {field: VALUES[field] for field in present}
    body |= {field: None for field in FIELDS if field not in present}  # null is unset
    wrong = {field: code for field, code in expected(status, present).items() if hasattr(kind, field)}
    if wrong:
        with pytest.raises(InvalidValue) as caught:
            kind.from_json(json.dumps(body))
        reported = {violation.path: violation for violation in caught.value.violations}
        assert reported.keys() == wrong.keys()
        for field, violation in reported.items():
            assert violation.code == wrong[field]
            assert status in violation.rule
            assert field in violation.rule
            assert violation.clashes == ("status",)
            assert violation.spec_id == "U-1"
    else:
        assert kind.from_json(json.dumps(body)).status == status


@given(status=statuses, data=st.data())
def test_evolve_obeys_the_table(status: Status, data: st.DataObject) -> None:
    """U-1: The table also holds for values built in Python."""
    makers = {
        "start_time": instants,
        "end_time": instants,
        "progress": progresses,
        "result": json_values,
        "error": error_values(),
    }
    given_fields: dict[str, Any] = {field: data.draw(st.none() | maker) for field, maker in makers.items()}
    wrong = expected(status, {field for field, value in given_fields.items() if value is not None})
    info = data.draw(infos())
    if not wrong:
        assert info.evolve(status=status, **given_fields).status is status
        return
    with pytest.raises(ValidationError) as caught:
        info.evolve(status=status, **given_fields)
    assert {error["loc"][0] for error in caught.value.errors()} == wrong.keys()


@given(infos())
def test_each_built_info_obeys_the_table(info: Info) -> None:
    """U-1: No public function makes a value that violates it."""
    present = {field for field in FIELDS if getattr(info, field) is not None}
    assert not expected(info.status, present)
