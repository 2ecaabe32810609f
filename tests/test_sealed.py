"""Nothing can be changed once it is made (V-2)."""

import copy
import dataclasses
import gc
import pickle
import weakref
from contextlib import suppress
from typing import Any

import pytest
from pydantic import ValidationError

import snaptasks
from snaptasks import (
    EVERYTHING,
    NOTHING,
    Caller,
    DateTimeFormat,
    Error,
    ErrorType,
    FilterSpec,
    Grants,
    Info,
    ListItem,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    NotFound,
    Status,
    Unauthenticated,
    Value,
    list_tasks,
    rest,
)
from tests.building import plain_item

ITEM = plain_item("t", user="u")
MESSAGE = ITEM.info.description
NESTED = NestedLocalizableMessage(id="n", params={"p": LocalizationParam(l=NestedLocalizableMessage(id="m"))})
SPEC = FilterSpec(users={"u"})
GRANTS = Grants([SPEC])
THINGS: dict[str, Any] = {
    "item": ITEM,
    "info": ITEM.info,
    "result": ListResult(items=[ITEM]),
    "nested": NESTED,
    "spec": SPEC,
    "caller": Caller(user="u", privileges={"p"}),
    "status": Status.RUNNING,
    "error type": ErrorType.NOT_FOUND,
    "format": DateTimeFormat.LONG_DATE,
    "unknown status": Status("NEW"),
    "unknown error type": ErrorType("NEW"),
    "everything": EVERYTHING,
    "nothing": NOTHING,
    "grants": GRANTS,
    "request": rest.Request("GET", "/a?b", (("h", "v"),), b"body"),
    "response": rest.list_response(ListResult(items=[])),
    "error": NotFound(MESSAGE, data={"a": 1}),
    "access error": Unauthenticated(MESSAGE, challenge="Basic"),
    "violation": snaptasks.Violation("p", "v", "r", "c", "V-1"),
}


def everything_of(thing: Any) -> Any:
    """All that can be seen of a thing."""
    names = [name for name in dir(type(thing)) if not name.startswith(("__", "model_"))]
    held = [(name, getattr(thing, name, None)) for name in names]
    return repr(thing), str(thing), [(name, value) for name, value in held if not callable(value)]


@pytest.mark.parametrize("name", THINGS)
def test_no_attribute_is_assigned_or_deleted(name: str) -> None:
    """V-2: not a field, not an underscored one, and not a new one."""
    thing = THINGS[name]
    before = everything_of(thing)
    own = {each for each in dir(type(thing)) if not each.startswith("__")}
    for attribute in sorted(own | {"_json", "_levels", "_name_", "_value", "args", "new", "_new"}):
        if isinstance(thing, Error) and attribute in {"new", "_new", "_json", "_levels", "_name_"}:
            continue  # an exception takes what others' code hangs on it (E-6)
        with pytest.raises((AttributeError, ValidationError, TypeError)):
            setattr(thing, attribute, "FAILED")
        with pytest.raises((AttributeError, ValidationError, TypeError)):
            delattr(thing, attribute)
    assert everything_of(thing) == before


@pytest.mark.parametrize("name", THINGS)
def test_no_constructor_runs_again(name: str) -> None:
    """V-2: calling __init__ or __setstate__ on what is finished raises or changes nothing."""
    thing = THINGS[name]
    before = everything_of(thing)
    calls: list[tuple[Any, ...]] = [(), ([],), ("x",), (MESSAGE,), ("GET", "/other"), ("p", "v", "r", "c", "V-2")]
    for arguments in calls:
        with suppress(TypeError, AttributeError, ValidationError):
            thing.__init__(*arguments)
        for keywords in ({"tasks": None}, {"task": "x"}, {"user": "v"}, {"id": "x"}, {"items": ()}, {"filters": ()}):
            with suppress(TypeError, AttributeError, ValidationError):
                thing.__init__(**keywords)
    for state in ({}, {"filters": ()}, {"_value": None, "_name_": "X"}, ((),), [()], (None, {"task": "x"})):
        with suppress(TypeError, AttributeError, ValidationError):
            thing.__setstate__(state)
    assert everything_of(thing) == before


@pytest.mark.parametrize("name", THINGS)
def test_what_is_sealed_still_travels(name: str) -> None:
    """V-2: copies, pickles and hashes are as they were."""
    thing = THINGS[name]
    for again in (copy.copy(thing), copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))):
        assert again == thing
        assert hash(again) == hash(thing)
        assert everything_of(again)[:2] == everything_of(thing)[:2]


def test_a_grant_cannot_be_opened_from_inside() -> None:
    """V-2, A-4: what is granted stays granted, whatever is done to a filter in it."""
    items = [ITEM, plain_item("other", user="v")]
    spec: Any = GRANTS.filters[0]
    grants: Any = GRANTS
    for attempt in (
        spec.__init__,
        lambda: spec.__setstate__({"__dict__": {}, "__pydantic_fields_set__": set()}),
        spec.model_fields_set.clear,
        lambda: setattr(spec, "users", frozenset()),
        lambda: setattr(spec, "__dict__", {}),
        lambda: grants.__init__([FilterSpec(users={"v"})]),
    ):
        with suppress(TypeError, AttributeError, ValidationError):
            attempt()
        assert [item.task for item in list_tasks(items, visibility=GRANTS)] == ["t"]
        assert spec.model_fields_set == {"users"}


def test_a_filter_is_checked_through_every_door_of_pydantic() -> None:
    """V-2, A-4: also through those that pydantic leaves unchecked."""
    spec: Any = FilterSpec(services=["a"])
    names = {"a"}
    constructed = FilterSpec.model_construct(services=names)
    names.add("b")
    assert constructed == spec
    for wrong in (lambda: FilterSpec.model_construct(status=["NOPE"]), lambda: spec.copy(update={"services": {""}})):
        with pytest.raises(ValidationError):
            wrong()
    assert spec.copy(update={"tasks": ["t"]}) == spec.evolve(tasks=["t"])
    held = FilterSpec(services=["a"], users=[])
    held.__pydantic_fields_set__.clear()
    assert pickle.loads(pickle.dumps(held)) == held.evolve() == spec
    assert held.evolve(tasks=["q"]) == FilterSpec(services=["a"], tasks=["q"])


def test_what_is_sent_is_what_is_held() -> None:
    """V-2: the text that a task keeps cannot be put there from outside."""
    item: Any = plain_item("t")
    with pytest.raises(ValidationError, match="frozen"):
        item._json = b"{}"
    assert item.to_json().startswith(b'{"task":"t"')


SLOTTED = [
    kind
    for kind in vars(snaptasks).values()
    if isinstance(kind, type) and issubclass(kind, Value) and kind not in {Value, FilterSpec, Caller}
]


@pytest.mark.parametrize("kind", SLOTTED, ids=lambda kind: kind.__name__)
def test_values_that_are_held_by_the_million_are_slotted(kind: Any) -> None:
    """V-2: a frozen keyword-only dataclass, without a __dict__, and with room for a weak reference."""
    assert "__dataclass_fields__" in vars(kind)
    assert all(field.kw_only for field in dataclasses.fields(kind))
    assert not any("__dict__" in vars(base) for base in kind.__mro__[:-1])
    with pytest.raises(TypeError):
        kind("positional")


def test_values_can_be_referred_to_weakly_and_matched() -> None:
    """V-2: what a service keeps beside its tasks does not keep them alive."""
    item: Any = plain_item("t")
    reference = weakref.ref(item)
    assert reference() is item
    match item:
        case ListItem(task=task, info=Info(status=Status.SUCCEEDED, user=None)):
            assert task == "t"
        case _:
            pytest.fail("no match")
    del item, task
    gc.collect()
    assert reference() is None


def test_a_task_is_small() -> None:
    """V-2: what a service holds by the million makes few objects that the collector looks at."""
    text = ListResult(items=[plain_item(f"t{number}", user="u") for number in range(100)]).to_json()
    gc.collect()
    before = len(gc.get_objects())
    held = ListResult.from_json(text)
    gc.collect()
    assert len(gc.get_objects()) - before <= 9 * len(held)


class Gone(NotFound, FileNotFoundError):
    """An error that is one of the system's, too."""


def test_an_error_may_be_of_another_kind_as_well() -> None:
    """E-6: whose layout is its own."""
    gone = Gone(MESSAGE)
    with pytest.raises(OSError, match="A message"):
        raise gone
    assert pickle.loads(pickle.dumps(gone)) == gone


def test_an_error_takes_what_others_hang_on_it() -> None:
    """E-6, V-2: notes, causes and foreign attributes are the exception's; what it says is sealed."""
    error: Any = NotFound(MESSAGE)
    error.add_note("a note")
    error.__cause__ = KeyError("k")
    error.request_id = "r"
    del error.request_id
    assert error.__notes__ == ["a note"]
    with pytest.raises(AttributeError, match="cannot change: args"):
        error.args = ()
    with pytest.raises(AttributeError, match="cannot change: value"):
        error.value = error.value
    with pytest.raises(AttributeError, match="cannot change: __class__"):
        error.__class__ = Unauthenticated
    with pytest.raises(TypeError, match="finished"):
        error.__init__(LocalizableMessage(id="", default_message=""))
