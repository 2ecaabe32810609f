"""Test the laws that every value keeps (V-2, V-3, V-12)."""

import copy
import datetime
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import TypeAdapter, ValidationError

import snaptasks
from snaptasks import Info, InvalidValue, ListItem, ListResult, LocalizationParam, Status, Value, Violation
from tests.strategies import doubles, infos, json_values, values

NAMES = vars(snaptasks) | {"datetime": datetime}
KINDS = [
    each
    for each in vars(snaptasks).values()
    if isinstance(each, type) and issubclass(each, Value) and each is not Value
]


@given(values)
def test_to_json_is_read_back_as_an_equal_value(value: Value) -> None:
    """V-12."""
    again = type(value).from_json(value.to_json())
    assert again == value
    assert again.to_json() == value.to_json()
    assert hash(again) == hash(value)


@given(values)
def test_to_json_to_python_and_a_framework_write_the_same_tree(value: Value) -> None:
    """V-2, W-1: Bytes, plain dicts and a framework's own writer give one tree, without null."""
    tree = json.loads(value.to_json())
    writer = TypeAdapter(type(value))
    assert value.to_python() == tree == writer.dump_python(value, mode="json")
    assert value.to_json() == writer.dump_json(value)
    assert json.loads(json.dumps(value.to_python())) == tree
    assert has_plain_types_only(value.to_python())


def has_plain_types_only(tree: object) -> bool:
    if type(tree) is dict:
        return all(type(key) is str and has_plain_types_only(each) for key, each in tree.items())
    if type(tree) is list:
        return all(map(has_plain_types_only, tree))
    return tree is None or type(tree) in {str, int, float, bool}


@given(values)
def test_copies_of_a_value_are_equal(value: Value) -> None:
    """V-2: pickle, copy and deepcopy give an equal value with the same hash."""
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(value, protocol))
        assert again == value
        assert hash(again) == hash(value)
        assert again.to_json() == value.to_json()
    assert copy.copy(value) == copy.deepcopy(value) == value.evolve() == value


@given(values)
def test_repr_evaluates_to_an_equal_value(value: Value) -> None:
    """V-2: The repr of a value is Python code that makes the value again."""
    assert eval(repr(value), NAMES) == value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=10)
@given(data=st.data())
def test_change_of_a_field_or_of_a_mapping_in_it_is_refused(kind: type[Value], data: st.DataObject) -> None:
    """V-2: No field takes another object, and no mapping in it takes another member."""
    value = data.draw(st.from_type(kind))
    for name in type(value).__pydantic_fields__:
        with pytest.raises(ValidationError):
            setattr(value, name, None)
        with pytest.raises(ValidationError):
            delattr(value, name)
        assert is_deeply_frozen(getattr(value, name))


def is_deeply_frozen(part: Any) -> bool:
    if isinstance(part, dict):
        for change in (
            lambda: part.__setitem__("x", 1),
            lambda: part.__delitem__("x"),
            lambda: part.update(x=1),
            lambda: part.setdefault("x", 1),
            lambda: part.pop("x", None),
            part.popitem,
            part.clear,
            lambda: part.__ior__({"x": 1}),
        ):
            with pytest.raises(TypeError):
                change()
        before = dict(part)
        part.__init__({"x": 1})  # type: ignore[misc]
        return before == part and all(map(is_deeply_frozen, part.values()))
    if isinstance(part, tuple):
        return all(map(is_deeply_frozen, part))
    return not isinstance(part, list | set | bytearray)


@given(values, values)
def test_equal_values_have_equal_text_hash_and_repr(one: Value, other: Value) -> None:
    """V-2: Equality, canonical text and hash agree for values of one type; values of two types are never equal."""
    is_same_text = type(one) is type(other) and one.to_json() == other.to_json()
    assert (one == other) is is_same_text
    if one == other:
        assert hash(one) == hash(other)
        assert repr(one) == repr(other)


@given(infos(status=st.just(Status.SUCCEEDED)), json_values, json_values)
def test_results_are_equal_if_their_canonical_text_is_equal(info: Info, one: Any, other: Any) -> None:
    """V-3: By this rule 1, 1.0 and true differ."""
    first, second = info.evolve(result=one), info.evolve(result=other)
    assert (first == second) is (canonical(one) == canonical(other))


@pytest.mark.parametrize("one", [1, 1.0, True, "1", -0.0, 0.0, 0, False, [], {}, [1], [True], {"a": 0.0}, {"a": -0.0}])
@pytest.mark.parametrize(
    "other", [1, 1.0, True, "1", -0.0, 0.0, 0, False, [], {}, [1], [True], {"a": 0.0}, {"a": -0.0}]
)
def test_results_that_python_calls_equal_differ_by_canonical_text(one: Any, other: Any) -> None:
    """V-3: These pairs include those that Python's own equality mixes up."""
    info = Info.from_json(
        b'{"description":{"id":"","default_message":"","args":[]},"service":"s","operation":"o","status":"NEW",'
        b'"cancelable":true}'
    )
    assert (info.evolve(result=one) == info.evolve(result=other)) is (canonical(one) == canonical(other))


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@given(doubles, doubles)
def test_doubles_are_equal_if_their_canonical_text_is_equal(one: float, other: float) -> None:
    """V-2: 0.0 and -0.0 differ, because their texts differ."""
    assert (LocalizationParam(d=one) == LocalizationParam(d=other)) is (repr(one) == repr(other))


@given(st.lists(infos() | json_values.map(lambda value: {"status": value}) | json_values, max_size=4))
def test_violations_of_a_list_are_those_of_its_items(infos: list[Any]) -> None:
    """V-13: They come in the order of the items, with the index of the item in the path."""
    items = [{"task": "t", "info": info.to_python() if isinstance(info, Info) else info} for info in infos]
    separate = [
        (f"items.{at}.{violation.path}", violation.rule, violation.value)
        for at, item in enumerate(items)
        for violation in violations(ListItem, item)
    ]
    together = [(each.path, each.rule, each.value) for each in violations(ListResult, {"items": items})]
    assert together == separate


def violations(kind: type[Value], tree: Any) -> Sequence[Violation]:
    try:
        kind.from_json(json.dumps(tree))
    except InvalidValue as invalid:
        return invalid.violations
    return ()


CHILD = """
import json, sys
import snaptasks
for line in sys.stdin:
    kind, text = json.loads(line)
    value = getattr(snaptasks, kind).from_json(text)
    print(ascii((repr(value), str(value), value.to_json(), value.to_python())))
"""


@pytest.mark.slow
@settings(max_examples=3)
@given(st.lists(values, min_size=20, max_size=60))
def test_repr_and_to_json_do_not_depend_on_the_hash_seed(many: list[Value]) -> None:
    """V-2: PYTHONHASHSEED has the values 0, 1, 7 and random."""
    lines = "".join(json.dumps([type(value).__name__, value.to_json().decode()]) + "\n" for value in many)
    outputs = set()
    for seed in ("0", "1", "7", "random"):
        done = subprocess.run(
            [sys.executable, "-c", CHILD],
            input=lines,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.count("\n") == len(many)
        outputs.add(done.stdout)
    assert len(outputs) == 1
