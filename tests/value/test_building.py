"""Values built in Python: what their arguments may be (V-5, V-7, V-11, U-4)."""

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


def test_building_takes_lists_tuples_sets_and_names() -> None:
    """V-11: what is not ambiguous is taken as it comes."""
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
def test_building_coerces_nothing(kind: type[Value], arguments: dict[str, Any]) -> None:
    """V-5, V-7, V-11: a bare str is no set, a generator is nothing, numbers and text stay apart, no unknown field."""
    with pytest.raises(ValidationError):
        kind(**arguments)


@pytest.mark.parametrize("name", ["succeeded", "SUCEEDED", "", 1, None, DateTimeFormat.LONG_DATE])
def test_building_takes_exact_names_only(name: Any) -> None:
    """V-11: a misspelt status is refused; one that this version does not know is given as Status(...)."""
    with pytest.raises(ValidationError):
        INFO.evolve(status=name)
    assert not INFO.evolve(status=Status("FROZEN")).status.is_known


def test_arguments_that_are_missing_or_null_are_none() -> None:
    """V-11: built, or read from a server that leaves an empty list out; a field without a default must be set."""
    for body in ({"id": "", "default_message": ""}, {"id": "", "default_message": "", "args": None}):
        assert LocalizableMessage.from_json(json.dumps(body)) == LocalizableMessage(**body) == MESSAGE
    for body in ({"id": ""}, {"id": "", "default_message": None}):
        with pytest.raises(InvalidValue, match=r"default_message: must be set \[V-13\]"):
            LocalizableMessage.from_json(json.dumps(body))
    assert ArgumentLocations.from_json('{"primary":"p"}') == ArgumentLocations(primary="p")
    assert ArgumentLocations.from_json('{"primary":"p","secondary":null}') == ArgumentLocations(primary="p")


def test_a_builder_is_told_which_rule_asks_for_a_field() -> None:
    """U-4: a field that only the status asks for is not simply missing; one that is always asked for is."""
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
