"""Frozen values: copies, equality, hash, repr and pickle (V-2)."""

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


def test_a_copy_with_changes_changes_nothing_else() -> None:
    """V-2: dataclasses.replace, copy.replace and pydantic's model_copy are evolve: validated, and the value stays."""
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


def test_a_kept_text_is_no_part_of_a_task() -> None:
    """V-2: equality, hash, repr, pickle and copies know nothing of it, and every writer gives the same bytes."""
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
def test_the_state_of_a_task_is_frozen(kind: type[CommonInfo]) -> None:
    """V-2: whichever of the two tells it."""
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


def test_subclasses_become_plain() -> None:
    """V-2: equal values print the same, so that a subclass of a built-in type is not kept."""
    info = INFO.evolve(user=Text("a"), vc_task=Named.A, result={Text("k"): [Named.A, Numbered.ONE, Text("b")]})
    plain = INFO.evolve(user="a", vc_task="a", result={"k": ["a", 1, "b"]})
    assert info == plain
    assert repr(info) == repr(plain)
    assert info.to_json() == plain.to_json()


def test_evolve_validates_and_keeps() -> None:
    """V-2: a changed copy obeys the rules; None unsets; what does not change is kept as it came."""
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


def test_values_of_two_types_differ() -> None:
    """V-2: the same fields in another type are another value."""
    assert DynamicID(type="a", id="b") != ("a", "b")
    assert ArgumentLocations(primary="p") != DynamicID(type="p", id="")


def test_repr_tells_what_is_set() -> None:
    """V-2: and nothing else, sets in order."""
    spec = FilterSpec(services={"b", "a"}, status={Status.FAILED})
    assert repr(spec) == "FilterSpec(services={'a', 'b'}, status={Status.FAILED})"
    assert repr(ListResult(items=())) == "ListResult(items=())"


def test_values_become_dicts_as_dataclasses_do() -> None:
    """V-2: with every map and result in them."""
    text = MESSAGE.evolve(params={"p": LocalizationParam(i=1)})
    info = INFO.evolve(result={"a": {"b": [1]}}, description=text)
    tree = dataclasses.asdict(info)
    assert (tree["result"], tree["description"]["params"]["p"]["i"]) == ({"a": {"b": (1,)}}, 1)
    assert Info(**tree) == info
    with pytest.raises(TypeError, match="cannot change"):
        info.result.__class__ = dict
