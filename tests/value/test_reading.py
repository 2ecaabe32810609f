"""Values read from JSON or from its tree: what is taken and what is refused (V-3, V-7, V-13, V-14)."""

from collections import OrderedDict, defaultdict
from types import MappingProxyType
from typing import Any

import pytest

from snaptasks import (
    DynamicID,
    FilterSpec,
    Info,
    InvalidValue,
    ListItem,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Value,
)
from tests.building import ITEM
from tests.value.samples import BODY, INFO, read, violations


def test_null_is_unset_and_unknown_fields_are_passed_over() -> None:
    """V-7, W-1: null means unset, unset is not written, and what a newer server adds does not break a reader."""
    info = read(target=None, user=None, new_field={"deep": [1]}, description=BODY["description"] | {"new": 1})
    assert info == INFO
    assert b"null" not in info.to_json()


def test_unknown_fields_of_a_filter_are_refused() -> None:
    """V-7: a misspelt field would widen the answer."""
    assert violations(lambda: FilterSpec.from_json('{"task":["a"]}')) == [("task", "V-7")]
    assert FilterSpec.from_json('{"tasks":null,"users":[]}') == FilterSpec()


@pytest.mark.parametrize(
    ("kind", "text", "stands"),
    [
        (NestedLocalizableMessage, '{"id":"","params":{"p":5,"p":{"s":""}}}', '{"id":"","params":{"p":{"s":""}}}'),
        (NestedLocalizableMessage, '{"id":5,"id":""}', '{"id":""}'),
        (FilterSpec, '{"tasks":[""],"tasks":["t"]}', '{"tasks":["t"]}'),
    ],
)
def test_of_a_repeated_key_the_last_stands(kind: type[Value], text: str, stands: str) -> None:
    """V-3, V-13: for fields and parameters as for results; an earlier one that is wrong does no harm, or is no excuse."""
    assert kind.from_json(text) == kind.from_json(stands)
    broken = '{"id":"","params":{"p":{"s":""},"q":{"s":1},"p":5}}'
    assert violations(lambda: NestedLocalizableMessage.from_json(broken)) == [
        ("params.p", "V-13"),
        ("params.q.s", "V-5"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        "",
        b"\xff",
        "{",
        "nonsense",
        '{"items":[',
        "[]",
        "5",
        "null",
        b"\xef\xbb\xbf{}",
        "<html>",
        '"\\x"',
        '{"a":1}{',
    ],
)
def test_what_is_no_value_at_all(text: bytes | str) -> None:
    """V-13: every text is read or refused with an InvalidValue, never with a decoder's own error."""
    for kind in (ListResult, Info, LocalizableMessage):
        with pytest.raises(InvalidValue) as caught:
            kind.from_json(text)
        assert caught.value.kind == kind.__name__
        assert caught.value.__context__ is None


def test_what_is_no_text_is_a_mistake_of_the_caller() -> None:
    """V-13: only text is read."""
    with pytest.raises(TypeError, match="bytes or str, not dict"):
        Info.from_json({})  # type: ignore[arg-type]


def test_a_tree_may_hold_values_and_odd_dicts() -> None:
    """V-14: an instance is taken as it is, and looked at no more; a dict of any kind is read, and stays as it is."""
    assert ListItem.from_python(OrderedDict(info=INFO, task="t")).info is INFO
    assert Info.from_python(defaultdict(list, BODY)) == INFO
    assert violations(lambda: ListItem.from_python({"task": 5, "info": INFO})) == [("task", "V-5")]
    assert INFO.from_python(INFO) is INFO
    with pytest.raises(InvalidValue, match="must be an object"):
        Info.from_python(ITEM)
    result = {"a": [1, {"b": []}]}
    assert Info.from_python(BODY | {"result": result}).result == {"a": (1, {"b": ()})}
    assert result == {"a": [1, {"b": []}]}


@pytest.mark.parametrize(
    ("kind", "tree", "path"),
    [
        (DynamicID, {"type": "t", "id": "i", 5: 1}, "5"),
        (ListItem, {"task": "t", "info": BODY, ("a", 1): None}, "('a', 1)"),
        (LocalizableMessage, {"id": "", "default_message": "", "params": {5: {"s": ""}}}, "params"),
        (LocalizableMessage, {"id": "", "default_message": "", "params": {"\ud800": {"s": ""}}}, "params"),
        (LocalizationParam, {"dt": INFO.start_time, "format": "\ud800"}, "format"),
        (LocalizationParam, {"dt": 5}, "dt"),
        (FilterSpec, {5: 1}, "5"),
        (ListItem, MappingProxyType({"task": "t", "info": INFO}), ""),
    ],
)
def test_what_is_no_parsed_json_is_refused_where_it_stands(kind: type[Value], tree: Any, path: str) -> None:
    """V-13, V-14: keys that are no text, lone surrogates that no parser lets through; never another error."""
    with pytest.raises(InvalidValue) as caught:
        kind.from_python(tree)
    assert caught.value.violations[0].path == path


class Unhashable(str):
    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]


def test_a_text_of_an_odd_kind_is_a_text() -> None:
    """V-14: the plain text is what counts."""
    assert FilterSpec.from_python({"status": [Unhashable("FAILED")]}) == FilterSpec(status={"FAILED"})
    assert Info.from_python(BODY | {"status": Unhashable("SUCCEEDED"), "user": Unhashable("u")}) == INFO.evolve(
        user="u"
    )
    with pytest.raises(InvalidValue, match="RUNNING excludes end_time"):
        Info.from_python(BODY | {"status": Unhashable("RUNNING")})
