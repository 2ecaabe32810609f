"""Test which violations are reported, in which order, and with which code and text (V-13)."""

import json
import pickle
import sys
from typing import Any

import pytest

from snaptasks import DynamicID, FilterSpec, Info, InvalidValue, ListResult, LocalizationParam, Value
from snaptasks._text import MAX_EXCERPT
from tests.value.samples import BODY, paths_and_ids, read, violations_of


def test_from_json_reports_every_violation_in_document_order() -> None:
    """V-13, U-4: Report fields, and rules between fields, where they stand; missing fields come after present ones."""
    body = {
        "status": "RUNNING",
        "end_time": BODY["end_time"],
        "user": 5,
        "progress": {"total": "x"},
        "description": {"id": "", "default_message": "", "args": [1, "a", 2]},
        "operation": "",
        "cancelable": False,
        "start_time": None,
    }
    with pytest.raises(InvalidValue) as caught:
        ListResult.from_json(json.dumps({"items": [{"info": body, "task": 7}]}))
    reported = [(violation.path, violation.spec_id) for violation in caught.value.violations]
    assert reported == [
        ("items.0.info.end_time", "U-1"),
        ("items.0.info.user", "V-5"),
        ("items.0.info.progress.total", "V-5"),
        ("items.0.info.progress.completed", "V-13"),
        ("items.0.info.progress.message", "V-13"),
        ("items.0.info.description.args.0", "V-5"),
        ("items.0.info.description.args.2", "V-5"),
        ("items.0.info.operation", "V-9"),
        ("items.0.info.start_time", "U-1"),
        ("items.0.info.service", "V-13"),
        ("items.0.task", "V-5"),
    ]
    end_time = caught.value.violations[0]
    assert end_time.clashes == ("items.0.info.status",)
    assert BODY["end_time"] in end_time.value
    assert (end_time.rule, end_time.code) == ("must not be set: RUNNING excludes end_time", "forbidden_by_status")
    assert caught.value.is_complete
    assert str(caught.value).startswith("11 violations in ListResult\n")
    assert str(caught.value).count("\n") == 11
    assert isinstance(caught.value, ValueError)


def test_from_json_reports_each_bad_element_of_each_collection() -> None:
    """V-13: Read the elements after the first bad one too, in document order, at every depth."""
    param = {"l": {"id": 1, "params": {"p": {"s": 1}, "a": {"i": "x"}, "c": {"s": ""}, "u": {"new": 1}}}}
    text = {"id": "", "default_message": "", "args": [1, "a", None]}
    items = [{"task": "t", "info": BODY | {"description": text | {"params": {"z": param, "b": {}}}}}, 5, {"task": ""}]
    assert paths_and_ids(lambda: ListResult.from_json(json.dumps({"items": items}))) == [
        ("items.0.info.description.args.0", "V-5"),
        ("items.0.info.description.args.2", "V-13"),
        ("items.0.info.description.params.z.l.id", "V-5"),
        ("items.0.info.description.params.z.l.params.p.s", "V-5"),
        ("items.0.info.description.params.z.l.params.a.i", "V-5"),
        ("items.1", "V-13"),
        ("items.2.task", "V-9"),
        ("items.2.info", "V-13"),
    ]
    assert paths_and_ids(lambda: FilterSpec.from_json('{"status":["NEW","FAILED",5],"tasks":["",""],"x":1}')) == [
        ("status", "F-7"),
        ("status", "F-7"),
        ("tasks", "V-9"),
        ("tasks", "V-9"),
        ("x", "V-7"),
    ]


def test_violation_with_control_characters_prints_escapes() -> None:
    """V-13: A violation escapes text from outside and shortens a huge number."""
    (violation,) = violations_of(lambda: read(cancelable="\x1b[31m\u202e"))
    assert "\x1b" not in str(violation)
    assert "\u202e" not in str(violation)
    (violation,) = violations_of(lambda: read(user=10**4299))
    assert len(violation.value) <= MAX_EXCERPT


def test_violation_with_unprintable_number_shows_its_type() -> None:
    """V-13: The interpreter may refuse to print a number, but the violation is still reported."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        text = json.dumps(BODY)[:-1] + ',"user":' + "1" * 4000 + "}"
        (violation,) = violations_of(lambda: Info.from_json(text))
    finally:
        sys.set_int_max_str_digits(before)
    assert "int" in violation.value


def test_invalid_value_survives_pickling() -> None:
    """V-13."""
    with pytest.raises(InvalidValue) as caught:
        read(user=5)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.violations == caught.value.violations
    assert str(again) == str(caught.value)


class Odd:
    """Represent a key that cannot be printed."""

    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("kind", "tree"),
    [(FilterSpec, {10**5000: 1}), (FilterSpec, {Odd(): 1}), (DynamicID, {Odd(): 1}), (Info, BODY | {"status": []})],
    ids=["long", "odd", "odd in a value", "list"],
)
def test_from_python_with_unprintable_key_or_value_raises_invalid_value(kind: type[Value], tree: Any) -> None:
    """V-13: The error is the same as for every other violation."""
    with pytest.raises(InvalidValue) as caught:
        kind.from_python(tree)
    assert str(caught.value)


def test_each_violation_has_a_stable_code() -> None:
    """V-13: Programs look at codes; readers report these."""
    long = {"total": 2**63, "completed": -(2**63) - 1, "message": {"id": 1, "default_message": ""}}
    body = BODY | {"status": "RUNNING", "user": "\ud800", "service": "", "cancelable": 1, "progress": long}
    body |= {"start_time": "now", "result": float("nan"), "target": {"type": "t"}, "description": []}
    assert {v.path: v.code for v in violations_of(lambda: Info.from_python(body))} == {
        "description": "wrong_type",
        "service": "empty",
        "cancelable": "wrong_type",
        "start_time": "not_a_time",
        "end_time": "forbidden_by_status",
        "user": "surrogate",
        "progress.total": "out_of_range",
        "progress.completed": "out_of_range",
        "progress.message.id": "wrong_type",
        "result": "not_finite",
        "target.id": "missing",
    }
    assert {v.code for v in violations_of(lambda: FilterSpec.from_python({"status": ["NEW"], "x": 1}))} == {
        "unknown_name",
        "unknown_field",
    }
    assert {v.code for v in violations_of(lambda: Info.from_json("{"))} == {"not_json"}
    assert {v.code for v in violations_of(lambda: LocalizationParam.from_json('{"s":"","i":1}'))} == {"not_alone"}


@pytest.mark.parametrize(
    ("text", "count"), [('{"s":1}', "1 violation in "), ('{"s":1,"precision":"x"}', "3 violations in ")]
)
def test_invalid_value_text_counts_violations_with_the_right_plural(text: str, count: str) -> None:
    """V-13: One violation is singular."""
    with pytest.raises(InvalidValue) as raised:
        LocalizationParam.from_json(text)
    assert str(raised.value).startswith(count)
