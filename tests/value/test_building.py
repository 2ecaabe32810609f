"""Test which arguments the constructors of values take (V-5, V-7, V-11, U-4)."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from snaptasks import (
    ArgumentLocations,
    Caller,
    DateTimeFormat,
    FilterSpec,
    Info,
    InvalidValue,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    Progress,
    Status,
    Value,
)
from tests.building import ITEM
from tests.value.samples import INFO, MESSAGE


def test_constructor_takes_any_collection_and_names_of_members() -> None:
    """V-11: The constructors take each unambiguous argument."""
    assert LocalizableMessage(id="i", default_message="d", args=["a"]).args == ("a",)
    assert LocalizableMessage(id="i", default_message="d").args == ()
    assert ArgumentLocations(primary="p").secondary == ()
    assert ListResult(items=[ITEM]).items == (ITEM,)
    expected = FilterSpec(tasks={"a"}, status={Status.FAILED})
    kinds: list[Any] = [set, frozenset, list, tuple]
    for collection in kinds:
        assert FilterSpec(tasks=collection(["a"]), status=collection(["FAILED"])) == expected
    assert FilterSpec(tasks=None) == FilterSpec()
    assert INFO.evolve(status="SUCCEEDED") == INFO
    assert Caller(user="u", privileges=["b", "a"]).privileges == {"a", "b"}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (FilterSpec, {"tasks": "abc"}),
        (FilterSpec, {"tasks": {"a": 1}}),
        (FilterSpec, {"tasks": iter(["a"])}),
        (FilterSpec, {"tasks": [["a"]]}),
        (FilterSpec, {"tasks": [b"a"]}),
        (FilterSpec, {"task": ["a"]}),
        (ListResult, {"items": {ITEM}}),
        (ListResult, {"items": iter([ITEM])}),
        (ListResult, {}),
        (LocalizableMessage, {"id": "i", "default_message": "d", "args": "abc"}),
        (LocalizableMessage, {"id": "i", "default_message": "d", "args": {"a"}}),
        (Progress, {"total": 1.0, "completed": 1, "message": INFO.description}),
        (Progress, {"total": True, "completed": 1, "message": INFO.description}),
        (Progress, {"total": "1", "completed": 1, "message": INFO.description}),
        (LocalizationParam, {"d": "1.0"}),
        (LocalizationParam, {"d": True}),
        (LocalizationParam, {"s": 1}),
        (LocalizationParam, {"dt": "2025-11-04 12:10:06.183Z"}),
        (LocalizationParam, {}),
        (LocalizationParam, {"dt": 0}),
    ],
)
def test_constructor_with_ambiguous_argument_is_refused(kind: type[Value], arguments: dict[str, Any]) -> None:
    """V-5, V-7, V-11: Refuse a bare str as a set, an iterator, numbers as text, text as numbers, unknown fields."""
    with pytest.raises(ValidationError):
        kind(**arguments)


@pytest.mark.parametrize("name", ["succeeded", "SUCEEDED", "", 1, None, DateTimeFormat.LONG_DATE])
def test_evolve_with_inexact_status_name_is_refused(name: Any) -> None:
    """V-11: Refuse a misspelt status; Status(...) gives one that this version does not know."""
    with pytest.raises(ValidationError):
        INFO.evolve(status=name)
    assert not INFO.evolve(status=Status("FROZEN")).status.is_known


def test_message_with_missing_or_null_args_has_no_args() -> None:
    """V-11: This holds built, and read from a server that omits an empty list; a field without a default must be set."""
    for body in ({"id": "", "default_message": ""}, {"id": "", "default_message": "", "args": None}):
        assert LocalizableMessage.from_json(json.dumps(body)) == LocalizableMessage(**body) == MESSAGE
    for body in ({"id": ""}, {"id": "", "default_message": None}):
        with pytest.raises(InvalidValue, match=r"default_message: must be set \[V-13\]"):
            LocalizableMessage.from_json(json.dumps(body))
    assert ArgumentLocations.from_json('{"primary":"p"}') == ArgumentLocations(primary="p")
    assert ArgumentLocations.from_json('{"primary":"p","secondary":null}') == ArgumentLocations(primary="p")


def test_info_without_required_field_reports_the_rule_that_requires_it() -> None:
    """U-4: A field that only the status requires has a code of its own; a field that is always required is `missing`."""
    with pytest.raises(ValidationError) as caught:
        Info(description=MESSAGE, service="s", status="RUNNING", cancelable=False)  # type: ignore[call-arg]
    assert [(error["loc"], error["type"]) for error in caught.value.errors()] == [(("operation",), "missing")]
    with pytest.raises(ValidationError) as caught:
        Info(description=MESSAGE, service="s", operation="o", status="RUNNING", cancelable=False, parent="")
    assert {(error["loc"][0], error["type"]) for error in caught.value.errors()} == {
        ("start_time", "required_by_status"),
        ("progress", "required_by_status"),
        ("parent", "empty"),
    }
