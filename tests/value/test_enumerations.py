"""Test the names of the enumerations: those of the API, and those that a newer server adds (V-1, V-6, V-11)."""

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
def test_enumeration_members_are_the_names_of_the_api(kind: type[Status], names: str) -> None:
    """V-1: The API has these names, and 25 error types."""
    assert [member.value for member in kind] == names.split()
    assert len(ErrorType) == 25


@pytest.mark.parametrize(
    ("kind", "names"), [(Status, StatusName), (ErrorType, ErrorTypeName), (DateTimeFormat, DateTimeFormatName)]
)
def test_literal_names_for_type_checkers_are_all_members(kind: type[Status], names: Any) -> None:
    """V-1: A type checker refuses a misspelt name and knows each right one."""
    assert list(get_args(names)) == [member.value for member in kind]


def test_parameter_without_format_keeps_it_unset() -> None:
    """V-1: An unset format means SHORT_DATE_TIME, but is not replaced by it."""
    param = LocalizationParam(dt=datetime(2025, 1, 1, tzinfo=UTC))
    assert param.format is None
    assert b"format" not in param.to_json()


@pytest.mark.parametrize("kind", [Status, ErrorType, DateTimeFormat])
def test_enumeration_with_unknown_name_keeps_it(kind: type[Status]) -> None:
    """V-6: An unknown name is equal to itself, is not `is_known`, prints and pickles."""
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
    assert len(kind) == len(list(kind))  # the unknown name is not a member


@pytest.mark.parametrize("wrong", [5, None, b"RUNNING", "\ud800"])
def test_status_with_unwritable_name_raises_value_error(wrong: Any) -> None:
    """V-5, V-6: Keep only text that can be written."""
    with pytest.raises(ValueError, match="is not a valid Status"):
        Status(wrong)


def test_to_python_writes_unknown_names_unchanged() -> None:
    """V-6: The status, error type and format of a newer server survive."""
    error = {"messages": [], "error_type": "NEW"}
    text = {"id": "", "default_message": "", "args": [], "params": {"p": {"dt": BODY["start_time"], "format": "NEW"}}}
    info = read(status="FROZEN", error=error, description=text)
    assert not info.status.is_known
    assert info.to_python() == BODY | {"status": "FROZEN", "error": error, "description": text}


def test_str_and_format_of_status_are_its_name() -> None:
    """V-11: An f-string shows the name too."""
    assert str(Status.RUNNING) == f"{Status.RUNNING}" == "RUNNING"
