"""Values with more fields: a subclass keeps every rule and writes what its kind has (V-2, V-13, V-14, W-1)."""

import dataclasses
import json
from datetime import datetime
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from snaptasks import InvalidValue, ListItem, ListResult, LocalizableMessage, LocalizationParam, Progress, value_type
from tests.building import ITEM
from tests.value.samples import INFO, MESSAGE, violation_of, violations


@value_type
class Page(ListResult):
    """A listing that tells one more thing."""

    next: str


@value_type
class Row(ListItem):
    """A task with a note of its own."""

    note: str = "secret"


def test_a_result_writes_the_fields_of_a_task_alone() -> None:
    """V-2, W-1: what a row has besides stays at home, whoever writes it."""
    row: ListItem = Row(task="t", info=INFO)
    for result in (ListResult(items=[row, ITEM]), ListResult(items=[row])):
        assert result.to_json() == TypeAdapter(ListResult).dump_json(result)
        assert b"secret" not in result.to_json()


@value_type
class Param(LocalizationParam):
    """A parameter that tells one more thing."""

    more: int = 0


def test_the_rules_hold_for_values_with_more_fields() -> None:
    """V-13: what somebody adds to a value changes nothing about the rest."""
    assert Param.from_json('{"s":"x","more":1}') == Param(s="x", more=1)
    with pytest.raises(InvalidValue, match=r"i: must not stand beside s: exactly one of s, dt, i, d, l \[V-13\]"):
        Param.from_json('{"s":"x","i":1,"more":1}')
    for wrong in ({"more": 1}, {"s": "x", "i": 1}, {"s": "x", "more": "one"}, {"s": "x", "least": 1}):
        with pytest.raises(ValidationError):
            Param(**wrong)
    assert Param(s="x", more=2).evolve(s="y") == Param(s="y", more=2) != LocalizationParam(s="y")


def test_a_result_with_more_fields_writes_them() -> None:
    """W-1: joining the items is for what has nothing else."""
    page = Page(items=(ITEM,), next="p2")
    assert json.loads(page.to_json()) == {"items": [ITEM.to_python()], "next": "p2"}
    assert page.to_json() == TypeAdapter(Page).dump_json(page)


@value_type
class Even(ListItem):
    """A task with a number of which only pydantic knows the rule."""

    number: Annotated[int, Field(multiple_of=2)]


def number_is_lucky(number: int) -> int:
    if number == 13:
        raise PydanticCustomError("unlucky", "{number} brings no luck", {"number": number, "rule": "none"})
    return number


@value_type
class Booked(ListItem):
    """A task with fields of types that only pydantic knows."""

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


def test_added_fields_are_read_alike_from_a_text_and_from_its_tree() -> None:
    """V-14: and a refusal blames no field that is right."""
    booked = Booked.from_python(BOOKED)
    assert booked == Booked.from_json(json.dumps(BOOKED)) == Booked(**BOOKED)
    assert Booked.from_python(booked.to_python()) == Booked.from_json(booked.to_json()) == booked
    for read in (Booked.from_python, lambda tree: Booked.from_json(json.dumps(tree))):
        assert violations(lambda read=read: read(BOOKED | {"task": ""})) == [("task", "V-9")]
        (violation,) = violation_of(lambda read=read: read(BOOKED | {"number": 13}))
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
    """A task with a field of one of two kinds."""

    either: Progress | LocalizableMessage
    number: int


def test_a_field_of_two_kinds_is_looked_at_by_pydantic_alone() -> None:
    """V-13: a refusal of another field blames neither kind."""
    tree = ITEM.to_python() | {"either": MESSAGE.to_python(), "number": 1}
    assert Either.from_python(tree).either == Either.from_json(json.dumps(tree)).either == MESSAGE
    assert [path for path, _ in violations(lambda: Either.from_python(tree | {"number": []}))] == ["number"]


def test_a_kind_of_value_has_no_constructor_of_its_own() -> None:
    """V-14: a reader would not call it."""
    with pytest.raises(TypeError, match="__init__ of its own"):
        value_type(type("Own", (ListItem,), {"__init__": lambda self: None, "__annotations__": {}}))


def test_the_rules_of_added_fields_are_told_as_pydantic_has_them() -> None:
    """V-13: their codes are pydantic's own."""
    with pytest.raises(InvalidValue) as caught:
        Even.from_python(ITEM.to_python() | {"number": 3})
    (violation,) = caught.value.violations
    assert (violation.path, violation.code) == ("number", "multiple_of")
    assert Even.from_python(ITEM.to_python() | {"number": 4}).number == 4
