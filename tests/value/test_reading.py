"""Test which texts and trees from_json and from_python take and refuse (V-3, V-7, V-13, V-14)."""

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
from tests.value.samples import BODY, INFO, paths_and_ids, read


def test_from_json_reads_null_as_unset_and_ignores_unknown_fields() -> None:
    """V-7, W-1: null means unset, unset is not written, and a field that a newer server adds does not break a reader."""
    info = read(target=None, user=None, new_field={"deep": [1]}, description=BODY["description"] | {"new": 1})
    assert info == INFO
    assert b"null" not in info.to_json()


def test_filter_spec_with_unknown_field_is_refused() -> None:
    """V-7: A misspelt field would widen the response."""
    assert paths_and_ids(lambda: FilterSpec.from_json('{"task":["a"]}')) == [("task", "V-7")]
    assert FilterSpec.from_json('{"tasks":null,"users":[]}') == FilterSpec()


@pytest.mark.parametrize(
    ("kind", "text", "same_as"),
    [
        (NestedLocalizableMessage, '{"id":"","params":{"p":5,"p":{"s":""}}}', '{"id":"","params":{"p":{"s":""}}}'),
        (NestedLocalizableMessage, '{"id":5,"id":""}', '{"id":""}'),
        (FilterSpec, '{"tasks":[""],"tasks":["t"]}', '{"tasks":["t"]}'),
    ],
)
def test_from_json_with_repeated_key_keeps_the_last(kind: type[Value], text: str, same_as: str) -> None:
    """V-3, V-13: This holds for fields, parameters and results; a wrong earlier value does not count."""
    assert kind.from_json(text) == kind.from_json(same_as)
    broken = '{"id":"","params":{"p":{"s":""},"q":{"s":1},"p":5}}'
    assert paths_and_ids(lambda: NestedLocalizableMessage.from_json(broken)) == [
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
def test_from_json_with_unreadable_text_raises_invalid_value(text: bytes | str) -> None:
    """V-13: Read each text or raise InvalidValue, never the error of a decoder."""
    for kind in (ListResult, Info, LocalizableMessage):
        with pytest.raises(InvalidValue) as caught:
            kind.from_json(text)
        assert caught.value.kind == kind.__name__
        assert caught.value.__context__ is None


def test_from_json_with_a_dict_raises_type_error() -> None:
    """V-13: Read only text."""
    with pytest.raises(TypeError, match="bytes or str, not dict"):
        Info.from_json({})  # type: ignore[arg-type]


def test_from_json_with_bytearray_reads_as_from_bytes() -> None:
    """V-13."""
    assert Info.from_json(bytearray(INFO.to_json())) == INFO
    for text in (b"{", b"\xff", b"\xef\xbb\xbf{}", b"[" * 300, b"{}"):
        with pytest.raises(InvalidValue) as by_bytes:
            Info.from_json(text)
        with pytest.raises(InvalidValue) as by_bytearray:
            Info.from_json(bytearray(text))
        assert by_bytearray.value.violations == by_bytes.value.violations


def test_from_python_takes_instances_and_any_kind_of_dict() -> None:
    """V-14: Take an instance as it is, without a second check; read a dict of any kind, and do not change it."""
    assert ListItem.from_python(OrderedDict(info=INFO, task="t")).info is INFO
    assert Info.from_python(defaultdict(list, BODY)) == INFO
    assert paths_and_ids(lambda: ListItem.from_python({"task": 5, "info": INFO})) == [("task", "V-5")]
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
def test_from_python_with_a_tree_that_is_not_json_names_its_path(kind: type[Value], tree: Any, path: str) -> None:
    """V-13, V-14: Refuse keys that are not text, and lone surrogates, which no parser lets through; raise no other error."""
    with pytest.raises(InvalidValue) as caught:
        kind.from_python(tree)
    assert caught.value.violations[0].path == path


class Unhashable(str):
    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]


def test_from_python_with_a_str_subclass_reads_its_plain_text() -> None:
    """V-14: Only the plain text counts."""
    assert FilterSpec.from_python({"status": [Unhashable("FAILED")]}) == FilterSpec(status={"FAILED"})
    assert Info.from_python(BODY | {"status": Unhashable("SUCCEEDED"), "user": Unhashable("u")}) == INFO.evolve(
        user="u"
    )
    with pytest.raises(InvalidValue, match="RUNNING excludes end_time"):
        Info.from_python(BODY | {"status": Unhashable("RUNNING")})
