"""Violations: which are reported, in which order, and with which code and text (V-13)."""

import json
import pickle
import sys
from typing import Any

import pytest

from snaptasks import DynamicID, FilterSpec, Info, InvalidValue, ListResult, LocalizationParam, Value
from snaptasks._text import MAX_SHOWN
from tests.value.samples import BODY, read, violation_of, violations


def test_every_violation_is_told_in_document_order() -> None:
    """V-13, U-4: fields and the rules between them, where they stand; what is missing comes after what is there."""
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
    told = [(violation.path, violation.spec_id) for violation in caught.value.violations]
    assert told == [
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


def test_every_element_of_every_collection_is_told() -> None:
    """V-13: behind the first bad element the others are read too, in the order of the document, however deep."""
    param = {"l": {"id": 1, "params": {"p": {"s": 1}, "a": {"i": "x"}, "c": {"s": ""}, "u": {"new": 1}}}}
    text = {"id": "", "default_message": "", "args": [1, "a", None]}
    items = [{"task": "t", "info": BODY | {"description": text | {"params": {"z": param, "b": {}}}}}, 5, {"task": ""}]
    assert violations(lambda: ListResult.from_json(json.dumps({"items": items}))) == [
        ("items.0.info.description.args.0", "V-5"),
        ("items.0.info.description.args.2", "V-13"),
        ("items.0.info.description.params.z.l.id", "V-5"),
        ("items.0.info.description.params.z.l.params.p.s", "V-5"),
        ("items.0.info.description.params.z.l.params.a.i", "V-5"),
        ("items.1", "V-13"),
        ("items.2.task", "V-9"),
        ("items.2.info", "V-13"),
    ]
    assert violations(lambda: FilterSpec.from_json('{"status":["NEW","FAILED",5],"tasks":["",""],"x":1}')) == [
        ("status", "F-7"),
        ("status", "F-7"),
        ("tasks", "V-9"),
        ("tasks", "V-9"),
        ("x", "V-7"),
    ]


def test_a_violation_is_safe_to_print() -> None:
    """V-13: what came from outside is shown escaped, in the value as well as in a huge number."""
    (violation,) = violation_of(lambda: read(cancelable="\x1b[31m\u202e"))
    assert "\x1b" not in str(violation)
    assert "\u202e" not in str(violation)
    (violation,) = violation_of(lambda: read(user=10**4299))
    assert len(violation.value) <= MAX_SHOWN


def test_a_number_too_long_to_print_is_told_by_its_type() -> None:
    """V-13: the interpreter may refuse to print a number; the violation is told all the same."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        text = json.dumps(BODY)[:-1] + ',"user":' + "1" * 4000 + "}"
        (violation,) = violation_of(lambda: Info.from_json(text))
    finally:
        sys.set_int_max_str_digits(before)
    assert "int" in violation.value


def test_violations_travel() -> None:
    """V-13: an InvalidValue survives pickling."""
    with pytest.raises(InvalidValue) as caught:
        read(user=5)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.violations == caught.value.violations
    assert str(again) == str(caught.value)


class Odd:
    """A key that cannot be printed."""

    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("kind", "tree"),
    [(FilterSpec, {10**5000: 1}), (FilterSpec, {Odd(): 1}), (DynamicID, {Odd(): 1}), (Info, BODY | {"status": []})],
    ids=["long", "odd", "odd in a value", "list"],
)
def test_what_cannot_be_shown_is_refused_all_the_same(kind: type[Value], tree: Any) -> None:
    """V-13: with the error of every other refusal."""
    with pytest.raises(InvalidValue) as caught:
        kind.from_python(tree)
    assert str(caught.value)


def test_every_violation_has_a_stable_code() -> None:
    """V-13: programs look at codes; these are those that reading tells."""
    long = {"total": 2**63, "completed": -(2**63) - 1, "message": {"id": 1, "default_message": ""}}
    body = BODY | {"status": "RUNNING", "user": "\ud800", "service": "", "cancelable": 1, "progress": long}
    body |= {"start_time": "now", "result": float("nan"), "target": {"type": "t"}, "description": []}
    assert {v.path: v.code for v in violation_of(lambda: Info.from_python(body))} == {
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
    assert {v.code for v in violation_of(lambda: FilterSpec.from_python({"status": ["NEW"], "x": 1}))} == {
        "unknown_name",
        "unknown_field",
    }
    assert {v.code for v in violation_of(lambda: Info.from_json("{"))} == {"not_json"}
    assert {v.code for v in violation_of(lambda: LocalizationParam.from_json('{"s":"","i":1}'))} == {"not_alone"}


@pytest.mark.parametrize(
    ("text", "told"), [('{"s":1}', "1 violation in "), ('{"s":1,"precision":"x"}', "3 violations in ")]
)
def test_violations_are_counted_in_words(text: str, told: str) -> None:
    """V-13: one is one."""
    with pytest.raises(InvalidValue) as raised:
        LocalizationParam.from_json(text)
    assert str(raised.value).startswith(told)
