"""Enumerations: the names of the API, and names that a newer server adds (V-1, V-6, V-11)."""

import pickle
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from snaptasks import (
    DateTimeFormat,
    DateTimeFormatName,
    ErrorType,
    ErrorTypeName,
    LocalizationParam,
    Status,
    StatusName,
)
from tests.value.samples import BODY, read


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Status, "PENDING RUNNING BLOCKED SUCCEEDED FAILED"),
        (
            DateTimeFormat,
            "SHORT_DATE MED_DATE LONG_DATE FULL_DATE SHORT_TIME MED_TIME LONG_TIME FULL_TIME "
            "SHORT_DATE_TIME MED_DATE_TIME LONG_DATE_TIME FULL_DATE_TIME",
        ),
    ],
)
def test_enumerations_have_the_names_of_the_api(kind: type[Status], names: str) -> None:
    """V-1: these names, and 25 error types."""
    assert [member.value for member in kind] == names.split()
    assert len(ErrorType) == 25


@pytest.mark.parametrize(
    ("kind", "names"), [(Status, StatusName), (ErrorType, ErrorTypeName), (DateTimeFormat, DateTimeFormatName)]
)
def test_the_names_that_a_checker_knows_are_all(kind: type[Status], names: Any) -> None:
    """V-1: a checker finds a misspelt name, and knows each right one."""
    assert list(get_args(names)) == [member.value for member in kind]


def test_an_unset_format_stays_unset() -> None:
    """V-1: SHORT_DATE_TIME is what unset means, not what it becomes."""
    param = LocalizationParam(dt=datetime(2025, 1, 1, tzinfo=UTC))
    assert param.format is None
    assert b"format" not in param.to_json()


@pytest.mark.parametrize("kind", [Status, ErrorType, DateTimeFormat])
def test_an_unknown_name_is_kept(kind: type[Status]) -> None:
    """V-6: it is equal to itself, says that it is unknown, prints and travels."""
    new = kind("FROZEN")
    assert new == kind("FROZEN") == "FROZEN"
    assert hash(new) == hash(kind("FROZEN"))
    assert new != kind("frozen")
    assert not new.is_known
    assert all(member.is_known for member in kind)
    assert repr(new) == f"{kind.__name__}('FROZEN')"
    assert repr(next(iter(kind))).startswith(f"{kind.__name__}.")
    assert str(new) == new.name == new.value == "FROZEN"
    assert pickle.loads(pickle.dumps(new)) == new
    assert len(kind) == len(list(kind))  # it did not become a member


@pytest.mark.parametrize("wrong", [5, None, b"RUNNING", "\ud800"])
def test_what_cannot_be_a_name(wrong: Any) -> None:
    """V-5, V-6: only text that can be written is kept."""
    with pytest.raises(ValueError, match="is not a valid Status"):
        Status(wrong)


def test_unknown_enumerations_are_written_back_unchanged() -> None:
    """V-6: status, error type and format of a newer server survive."""
    error = {"messages": [], "error_type": "NEW"}
    text = {"id": "", "default_message": "", "args": [], "params": {"p": {"dt": BODY["start_time"], "format": "NEW"}}}
    info = read(status="FROZEN", error=error, description=text)
    assert not info.status.is_known
    assert info.to_python() == BODY | {"status": "FROZEN", "error": error, "description": text}


def test_str_of_an_enumeration_is_its_name() -> None:
    """V-11: also inside a text."""
    assert str(Status.RUNNING) == f"{Status.RUNNING}" == "RUNNING"
