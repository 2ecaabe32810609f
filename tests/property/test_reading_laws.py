"""Test that text, tree and constructor read alike (V-14), and report the same violations (V-13)."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

import snaptasks
from snaptasks import FilterSpec, Grants, Info, InvalidValue, ListItem, ListResult, Value
from snaptasks.testing import cases, strategies
from tests.paths import DATA
from tests.strategies import json_values, values

SAMPLE = json.loads((DATA / "sample-tasks.json").read_text(encoding="utf-8"))
POPULATIONS = ("of each status", "names", "crossed")


def outcome(read: Any, *arguments: Any) -> Any:
    """Return the outcome of a reader: a value and its text, or the violations and whether they are complete."""
    try:
        value = read(*arguments)
    except InvalidValue as invalid:
        return invalid.violations, invalid.is_complete
    return value, value.to_json()


def both_agree(kind: Any, tree: Any) -> bool:
    """Return True if a text and its tree give the same outcome; raise AssertionError at a difference."""
    text = json.dumps(tree)
    parsed = json.loads(text)
    before = copy.deepcopy(parsed)
    from_text, from_tree = outcome(kind.from_json, text), outcome(kind.from_python, parsed)
    assert repr(from_text) == repr(from_tree)
    assert from_text == from_tree
    assert repr(parsed) == repr(before)  # reading a tree does not change it
    is_valid = isinstance(from_text[1], bytes)
    if is_valid:
        value = from_text[0]
        assert kind.from_python(value.to_python()) == value
    reader = TypeAdapter(kind)
    for read, given_ in ((reader.validate_python, parsed), (reader.validate_json, text)):
        # pydantic's parser refuses a lone surrogate everywhere, also in an unknown field.
        if is_valid and (given_ is parsed or "\\ud" not in text):
            found = read(given_)
            assert (found, found.to_json()) == from_text
        elif not is_valid:
            with pytest.raises(ValidationError):
                read(given_)
    return True


@given(values)
def test_from_json_and_from_python_give_the_same_value(value: Value) -> None:
    """V-14: This holds for each value type, and in a framework's model, in each mode."""
    assert both_agree(type(value), value.to_python())


def places(tree: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield where
    for step, inside in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from places(inside, (*where, step))


ODD = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2**63,
        1.5,
        float("nan"),
        float("inf"),
        10**400,
        "",
        "x",
        "FROZEN",
        "RUNNING",
        "PENDING",
        "NOT_FOUND",
        "UNAUTHENTICATED",
        "2025-11-04T12:00:00Z",
        "2025-02-30T12:00:00Z",
        "\ud800",
        [],
        {},
        [None],
        ["a", 1, "b", None, ""],
        {"": 0},
        {"\udfff": 0},
        {"id": "i", "type": "t"},
        {"l": {"id": "a", "params": {"p": {"l": {"id": "b"}}}}},
        [[[[0]]]],
    ]
).map(copy.deepcopy)
FIELDS = sorted(
    {
        name
        for kind in vars(snaptasks).values()
        if isinstance(kind, type) and issubclass(kind, Value) and kind is not Value
        for name in kind.__pydantic_fields__
    }
)


@st.composite
def mangled(draw: st.DrawFn, trees: st.SearchStrategy[Any]) -> Any:
    """Draw a tree with one to four changes: a part removed, added, replaced or swapped."""
    tree = copy.deepcopy(draw(trees))
    for _ in range(draw(st.integers(1, 4))):
        where = draw(st.sampled_from(list(places(tree))))
        if not where:
            continue
        *path, last = where
        parent = tree
        for step in path:
            parent = parent[step]
        change = draw(st.sampled_from(["replace", "delete", "add", "swap"]))
        if change == "delete":
            del parent[last]
        elif change == "add" and isinstance(parent, dict):
            parent[draw(st.sampled_from([*FIELDS, "new"]))] = draw(ODD | json_values)
        elif change == "swap":
            other = draw(st.sampled_from(list(places(tree))))
            inside = tree
            for step in other:
                inside = inside[step]
            parent[last] = copy.deepcopy(inside)
        else:
            parent[last] = draw(ODD)
    return tree


@given(mangled(st.integers(0, len(SAMPLE["items"]) - 1).map(lambda at: {"items": [SAMPLE["items"][at]]})))
def test_mangled_task_is_read_alike_from_text_and_tree(tree: Any) -> None:
    """V-13, V-14: Both give the same value, or the same violations in the same order."""
    assert both_agree(ListResult, tree)


@given(values, st.data())
def test_mangled_value_is_read_alike_from_text_and_tree(value: Value, data: st.DataObject) -> None:
    """V-13, V-14: This holds for each value type."""
    assert both_agree(type(value), data.draw(mangled(st.just(value.to_python()))))


@given(st.sampled_from([*POPULATIONS]), st.data())
def test_mangled_vector_is_read_alike_from_text_and_tree(name: str, data: st.DataObject) -> None:
    """V-13, V-14: The tasks are those that the conformance kit loads."""
    some = data.draw(st.sampled_from(cases.population(name).tasks))
    assert both_agree(ListItem, some)
    assert both_agree(ListItem, data.draw(mangled(st.just(some))))


@given(strategies.invalid_infos() | strategies.invalid_list_items() | strategies.invalid_filter_specs())
def test_invalid_text_is_refused_alike_from_text_and_tree(invalid: strategies.Invalid) -> None:
    """V-13, V-14: Each text breaks one rule."""
    assert outcome(invalid.kind.from_json, invalid.text) == outcome(invalid.kind.from_python, from_json(invalid.text))
    assert not isinstance(outcome(invalid.kind.from_json, invalid.text)[1], bytes)


@given(json_values)
def test_any_json_is_read_alike_from_text_and_tree(tree: Any) -> None:
    """V-13, V-14: This holds also for JSON that is not a value of the type."""
    for kind in (ListResult, Info, FilterSpec, Grants):
        assert both_agree(kind, tree)


@given(mangled(st.lists(strategies.filter_specs().map(FilterSpec.to_python), max_size=3)))
def test_mangled_grants_are_read_alike_from_text_and_tree(tree: Any) -> None:
    """A-4, V-14: Each reader refuses a grant that constrains nothing."""
    assert both_agree(Grants, tree)
    if isinstance(tree, list) and any(not any(each.values()) for each in tree if isinstance(each, dict)):
        assert not isinstance(outcome(Grants.from_python, tree)[1], bytes)


@pytest.mark.parametrize("name", POPULATIONS)
def test_populations_of_this_file_exist(name: str) -> None:
    """V-14: A name that the kit does not know would test nothing."""
    assert len(cases.population(name).tasks) > 1
