"""Test that a subclass with more fields keeps every rule, and writes the fields of its own type (V-2, V-13, V-14, W-1)."""

import dataclasses
import json
from datetime import datetime
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from snaptasks import InvalidValue, ListItem, ListResult, LocalizableMessage, LocalizationParam, Progress, value_type
from tests.building import ITEM
from tests.value.samples import INFO, MESSAGE, paths_and_ids, violations_of


@value_type
class Page(ListResult):
    """Represent a result with one more field."""

    next: str


@value_type
class Row(ListItem):
    """Represent a task with a note."""

    note: str = "secret"


def test_list_result_omits_fields_that_a_subclass_of_its_items_adds() -> None:
    """V-2, W-1: No writer sends the added fields of a row."""
    row: ListItem = Row(task="t", info=INFO)
    for result in (ListResult(items=[row, ITEM]), ListResult(items=[row])):
        assert result.to_json() == TypeAdapter(ListResult).dump_json(result)
        assert b"secret" not in result.to_json()


@value_type
class Param(LocalizationParam):
    """Represent a parameter with one more field."""

    more: int = 0


def test_subclass_with_more_fields_keeps_the_rules() -> None:
    """V-13: An added field does not change the rules of the other fields."""
    assert Param.from_json('{"s":"x","more":1}') == Param(s="x", more=1)
    with pytest.raises(
        InvalidValue, match=r"i: must not be set beside s: exactly one of s, dt, i, d, l is allowed \[V-13\]"
    ):
        Param.from_json('{"s":"x","i":1,"more":1}')
    for wrong in ({"more": 1}, {"s": "x", "i": 1}, {"s": "x", "more": "one"}, {"s": "x", "least": 1}):
        with pytest.raises(ValidationError):
            Param(**wrong)
    assert Param(s="x", more=2).evolve(s="y") == Param(s="y", more=2) != LocalizationParam(s="y")


def test_subclass_of_list_result_writes_its_added_fields() -> None:
    """W-1: Only ListResult itself joins the texts of its items."""
    page = Page(items=(ITEM,), next="p2")
    assert json.loads(page.to_json()) == {"items": [ITEM.to_python()], "next": "p2"}
    assert page.to_json() == TypeAdapter(Page).dump_json(page)


@value_type
class Even(ListItem):
    """Represent a task with a number whose rule only pydantic knows."""

    number: Annotated[int, Field(multiple_of=2)]


def test_violation_of_a_rule_of_pydantic_has_one_voice() -> None:
    """V-13: the text of pydantic for a rule that only it knows begins with must, as each rule of the library does."""
    (violation,) = violations_of(lambda: Even.from_python(ITEM.to_python() | {"number": 3}))
    assert (violation.path, violation.rule) == ("number", "must be a multiple of 2")


def number_is_lucky(number: int) -> int:
    if number == 13:
        raise PydanticCustomError("unlucky", "{number} brings no luck", {"number": number, "rule": "none"})
    return number


@value_type
class Booked(ListItem):
    """Represent a task with fields of types that only pydantic knows."""

    when: datetime
    tags: tuple[str, ...]
    children: list[ListItem]
    note: str | None
    number: Annotated[int, AfterValidator(number_is_lucky)] = 0


BOOKED: dict[str, Any] = {
    **ITEM.to_python(),
    "when": "2025-11-04T12:00:00Z",
    "tags": ["a"],
    "children": [ITEM.to_python()],
    "note": None,
}


def test_added_fields_are_read_equally_from_json_and_from_python() -> None:
    """V-14: No violation names a field that is right."""
    booked = Booked.from_python(BOOKED)
    assert booked == Booked.from_json(json.dumps(BOOKED)) == Booked(**BOOKED)
    assert Booked.from_python(booked.to_python()) == Booked.from_json(booked.to_json()) == booked
    for read in (Booked.from_python, lambda tree: Booked.from_json(json.dumps(tree))):
        assert paths_and_ids(lambda read=read: read(BOOKED | {"task": ""})) == [("task", "V-9")]
        (violation,) = violations_of(lambda read=read: read(BOOKED | {"number": 13}))
        assert (violation.path, violation.code, violation.rule) == ("number", "unlucky", "13 brings no luck")
    with pytest.raises(ValidationError, match="13 brings no luck"):
        dataclasses.replace(booked, number=13)
    with pytest.raises(ValidationError, match=r"note\n  Field required"):
        Booked(**{name: value for name, value in BOOKED.items() if name != "note"})
    assert TypeAdapter(Booked).json_schema()["required"] == [
        "task",
        "info",
        "when",
        "tags",
        "children",
        "note",
    ]


@value_type
class Either(ListItem):
    """Represent a task with a field of one of two types."""

    either: Progress | LocalizableMessage
    number: int


def test_violation_beside_a_union_field_does_not_name_the_union() -> None:
    """V-13: Only pydantic checks a field that has one of two types."""
    tree = ITEM.to_python() | {"either": MESSAGE.to_python(), "number": 1}
    assert Either.from_python(tree).either == Either.from_json(json.dumps(tree)).either == MESSAGE
    assert [path for path, _ in paths_and_ids(lambda: Either.from_python(tree | {"number": []}))] == ["number"]


def test_value_type_with_own_init_raises_type_error() -> None:
    """V-14: A reader would not call it."""
    with pytest.raises(TypeError, match="must not define __init__"):
        value_type(type("Own", (ListItem,), {"__init__": lambda self: None, "__annotations__": {}}))


def test_violation_of_an_added_field_has_the_code_of_pydantic() -> None:
    """V-13."""
    with pytest.raises(InvalidValue) as caught:
        Even.from_python(ITEM.to_python() | {"number": 3})
    (violation,) = caught.value.violations
    assert (violation.path, violation.code) == ("number", "multiple_of")
    assert Even.from_python(ITEM.to_python() | {"number": 4}).number == 4
