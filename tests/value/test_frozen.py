"""Test copies, equality, hash, repr and pickle of frozen values (V-2)."""

import copy
import dataclasses
import pickle
import sys
from enum import IntEnum, StrEnum

import pytest
from pydantic import TypeAdapter, ValidationError

from snaptasks import (
    ArgumentLocations,
    CommonInfo,
    DynamicID,
    FilterSpec,
    Info,
    ListItem,
    ListResult,
    LocalizationParam,
    Status,
)
from tests.building import ITEM, plain_item
from tests.value.samples import BODY, INFO, MESSAGE, read


def test_each_way_to_copy_with_changes_validates_and_keeps_the_original() -> None:
    """V-2: dataclasses.replace, copy.replace and pydantic's model_copy act as evolve does."""
    before = ITEM.to_json()
    evolved = ITEM.evolve(task="other")
    assert dataclasses.replace(ITEM, task="other") == evolved != ITEM
    assert ITEM.__replace__(task="other") == evolved
    if sys.version_info >= (3, 13):
        assert copy.replace(ITEM, task="other") == evolved
    for change in (dataclasses.replace, type(ITEM).evolve, type(ITEM).__replace__):
        with pytest.raises(ValidationError):
            change(ITEM, task="")
    assert (ITEM.task, ITEM.to_json()) == ("t", before)
    spec = FilterSpec(users={"u"})
    assert spec.model_copy(update={"tasks": {"t"}}) == FilterSpec(users={"u"}, tasks={"t"})
    assert spec.model_copy() is spec.model_copy(deep=True) is spec
    with pytest.raises(ValidationError):
        spec.model_copy(update={"tasks": {""}})


def test_cached_json_text_of_a_task_changes_no_comparison_or_copy() -> None:
    """V-2: Equality, hash, repr, pickle and copies ignore the cached text, and every writer gives the same bytes."""
    written, fresh = plain_item("t", user="\u00e4"), plain_item("t", user="\u00e4")
    text = written.to_json()
    assert written.to_json() is text
    assert (written == fresh, hash(written) == hash(fresh), repr(written) == repr(fresh)) == (True, True, True)
    assert pickle.dumps(written) == pickle.dumps(fresh)
    assert written.evolve(task="u").to_json() == text.replace(b'"task":"t"', b'"task":"u"')
    for count in (0, 1, 3):
        result = ListResult(items=[written] * count)
        assert result.to_json() == TypeAdapter(ListResult).dump_json(result)
    assert text == TypeAdapter(ListItem).dump_json(fresh)


@pytest.mark.parametrize("kind", [CommonInfo, Info])
def test_assignment_to_a_field_of_info_is_refused(kind: type[CommonInfo]) -> None:
    """V-2: Info and CommonInfo are both frozen."""
    state = kind(description=INFO.description, service="s", operation="o", status="PENDING", cancelable=False)
    with pytest.raises(ValidationError, match="frozen"):
        state.user = "u"  # type: ignore[misc]
    assert {state: 1}[state.evolve()] == 1


class Text(str):
    __slots__ = ()


class Named(StrEnum):
    A = "a"


class Numbered(IntEnum):
    ONE = 1


def test_evolve_with_subclasses_of_builtin_types_keeps_plain_values() -> None:
    """V-2: Equal values print the same, because no instance of a subclass of a built-in type is kept."""
    info = INFO.evolve(user=Text("a"), vc_task=Named.A, result={Text("k"): [Named.A, Numbered.ONE, Text("b")]})
    plain = INFO.evolve(user="a", vc_task="a", result={"k": ["a", 1, "b"]})
    assert info == plain
    assert repr(info) == repr(plain)
    assert info.to_json() == plain.to_json()


def test_evolve_validates_changes_and_keeps_other_fields() -> None:
    """V-2: A changed copy obeys the rules; None unsets a field; the other fields stay as they were read."""
    assert INFO.evolve(user="u").evolve(user=None) == INFO
    with pytest.raises(ValidationError, match="U-1"):
        INFO.evolve(status=Status.RUNNING)
    with pytest.raises(ValidationError, match="usr"):
        INFO.evolve(usr="u")  # type: ignore[call-arg]
    odd = read(parent="", user="")
    assert odd.evolve(vc_task="v").parent == ""
    assert odd.evolve(vc_task="v").to_python() == BODY | {"parent": "", "user": "", "vc_task": "v"}
    with pytest.raises(ValidationError, match="V-9"):
        odd.evolve(parent="")
    assert FilterSpec(tasks={"a"}).evolve(users={"u"}).model_fields_set == {"tasks", "users"}


def test_equality_of_two_types_with_the_same_fields_is_false() -> None:
    """V-2."""
    assert DynamicID(type="a", id="b") != ("a", "b")
    assert ArgumentLocations(primary="p") != DynamicID(type="p", id="")


def test_repr_shows_only_set_fields_with_sorted_sets() -> None:
    """V-2."""
    spec = FilterSpec(services={"b", "a"}, status={Status.FAILED})
    assert repr(spec) == "FilterSpec(services={'a', 'b'}, status={Status.FAILED})"
    assert repr(ListResult(items=())) == "ListResult(items=())"


def test_asdict_converts_nested_maps_and_results() -> None:
    """V-2: Values are dataclasses, so that asdict converts each map and result in them."""
    text = MESSAGE.evolve(params={"p": LocalizationParam(i=1)})
    info = INFO.evolve(result={"a": {"b": [1]}}, description=text)
    tree = dataclasses.asdict(info)
    assert (tree["result"], tree["description"]["params"]["p"]["i"]) == ({"a": {"b": (1,)}}, 1)
    assert Info(**tree) == info
    with pytest.raises(TypeError, match="must not be changed"):
        info.result.__class__ = dict
