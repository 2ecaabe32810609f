"""Laws that every value keeps, whatever it holds (V-2, V-3, V-12)."""

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
def test_round_trip(value: Value) -> None:
    """V-12: what is written is read again as an equal value."""
    again = type(value).from_json(value.to_json())
    assert again == value
    assert again.to_json() == value.to_json()
    assert hash(again) == hash(value)


@given(values)
def test_what_is_written_is_json_of_what_to_python_gives(value: Value) -> None:
    """V-2, W-1: bytes, plain dicts and a framework's own writer all give one tree, and no null."""
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
def test_copies_are_equal(value: Value) -> None:
    """V-2: pickle, copy and deepcopy give an equal value of the same hash."""
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(value, protocol))
        assert again == value
        assert hash(again) == hash(value)
        assert again.to_json() == value.to_json()
    assert copy.copy(value) == copy.deepcopy(value) == value.evolve() == value


@given(values)
def test_repr_builds_an_equal_value(value: Value) -> None:
    """V-2: the text that a value prints is Python that makes it again."""
    assert eval(repr(value), NAMES) == value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=10)
@given(data=st.data())
def test_nothing_can_be_changed(kind: type[Value], data: st.DataObject) -> None:
    """V-2: no field of a value takes another object, and no mapping in it another member."""
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
def test_equal_values_print_and_are_written_the_same(one: Value, other: Value) -> None:
    """V-2: equality, canonical text and hash agree for values of one type; values of two types are never equal."""
    is_same_text = type(one) is type(other) and one.to_json() == other.to_json()
    assert (one == other) is is_same_text
    if one == other:
        assert hash(one) == hash(other)
        assert repr(one) == repr(other)


@given(infos(status=st.just(Status.SUCCEEDED)), json_values, json_values)
def test_results_are_equal_as_canonical_text(info: Info, one: Any, other: Any) -> None:
    """V-3: equal is what has the same canonical JSON, so that 1, 1.0 and true differ."""
    first, second = info.evolve(result=one), info.evolve(result=other)
    assert (first == second) is (canonical(one) == canonical(other))


@pytest.mark.parametrize("one", [1, 1.0, True, "1", -0.0, 0.0, 0, False, [], {}, [1], [True], {"a": 0.0}, {"a": -0.0}])
@pytest.mark.parametrize(
    "other", [1, 1.0, True, "1", -0.0, 0.0, 0, False, [], {}, [1], [True], {"a": 0.0}, {"a": -0.0}]
)
def test_results_that_python_takes_for_equal(one: Any, other: Any) -> None:
    """V-3: the pairs that Python's own equality mixes up."""
    info = Info.from_json(
        b'{"description":{"id":"","default_message":"","args":[]},"service":"s","operation":"o","status":"NEW",'
        b'"cancelable":true}'
    )
    assert (info.evolve(result=one) == info.evolve(result=other)) is (canonical(one) == canonical(other))


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@given(doubles, doubles)
def test_doubles_are_equal_as_canonical_text(one: float, other: float) -> None:
    """V-2: 0.0 and -0.0 are written differently, hence differ."""
    assert (LocalizationParam(d=one) == LocalizationParam(d=other)) is (repr(one) == repr(other))


@given(st.lists(infos() | json_values.map(lambda value: {"status": value}) | json_values, max_size=4))
def test_the_violations_of_a_list_are_those_of_its_items(infos: list[Any]) -> None:
    """V-13: each item's own, in the order of the items, at their places."""
    items = [{"task": "t", "info": info.to_python() if isinstance(info, Info) else info} for info in infos]
    alone = [
        (f"items.{at}.{violation.path}", violation.rule, violation.value)
        for at, item in enumerate(items)
        for violation in violations(ListItem, item)
    ]
    together = [(each.path, each.rule, each.value) for each in violations(ListResult, {"items": items})]
    assert together == alone


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
def test_hash_seed_changes_nothing(many: list[Value]) -> None:
    """V-2: what is printed and written does not depend on PYTHONHASHSEED."""
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
