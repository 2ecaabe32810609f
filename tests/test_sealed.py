"""Test that no object of the package can be changed once it is made (V-2)."""

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
OBJECTS: dict[str, Any] = {
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


def visible_state(sealed: Any) -> Any:
    """Return the repr, the str and the data attributes of an object."""
    names = [name for name in dir(type(sealed)) if not name.startswith(("__", "model_"))]
    held = [(name, getattr(sealed, name, None)) for name in names]
    return repr(sealed), str(sealed), [(name, value) for name, value in held if not callable(value)]


@pytest.mark.parametrize("name", OBJECTS)
def test_assignment_or_deletion_of_an_attribute_is_refused(name: str) -> None:
    """V-2: This holds for fields, underscored attributes and new attributes."""
    sealed = OBJECTS[name]
    before = visible_state(sealed)
    own = {each for each in dir(type(sealed)) if not each.startswith("__")}
    for attribute in sorted(own | {"_json", "_levels", "_name_", "_value", "args", "new", "_new"}):
        if isinstance(sealed, Error) and attribute in {"new", "_new", "_json", "_levels", "_name_"}:
            continue  # foreign code may set attributes of an exception (E-6)
        with pytest.raises((AttributeError, ValidationError, TypeError)):
            setattr(sealed, attribute, "FAILED")
        with pytest.raises((AttributeError, ValidationError, TypeError)):
            delattr(sealed, attribute)
    assert visible_state(sealed) == before


@pytest.mark.parametrize("name", OBJECTS)
def test_second_call_of_init_or_setstate_changes_nothing(name: str) -> None:
    """V-2: On a finished object, __init__ and __setstate__ raise or change nothing."""
    sealed = OBJECTS[name]
    before = visible_state(sealed)
    calls: list[tuple[Any, ...]] = [(), ([],), ("x",), (MESSAGE,), ("GET", "/other"), ("p", "v", "r", "c", "V-2")]
    for arguments in calls:
        with suppress(TypeError, AttributeError, ValidationError):
            sealed.__init__(*arguments)
        for keywords in ({"tasks": None}, {"task": "x"}, {"user": "v"}, {"id": "x"}, {"items": ()}, {"filters": ()}):
            with suppress(TypeError, AttributeError, ValidationError):
                sealed.__init__(**keywords)
    for state in ({}, {"filters": ()}, {"_value": None, "_name_": "X"}, ((),), [()], (None, {"task": "x"})):
        with suppress(TypeError, AttributeError, ValidationError):
            sealed.__setstate__(state)
    assert visible_state(sealed) == before


@pytest.mark.parametrize("name", OBJECTS)
def test_copies_of_a_sealed_object_are_equal(name: str) -> None:
    """V-2: Copies and pickles have the same hash and texts."""
    sealed = OBJECTS[name]
    for again in (copy.copy(sealed), copy.deepcopy(sealed), pickle.loads(pickle.dumps(sealed))):
        assert again == sealed
        assert hash(again) == hash(sealed)
        assert visible_state(again)[:2] == visible_state(sealed)[:2]


def test_grants_stay_the_same_after_attacks_on_their_filters() -> None:
    """V-2, A-4: No call on a filter inside grants changes the visible tasks."""
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


def test_filter_spec_is_validated_by_each_constructor_of_pydantic() -> None:
    """V-2, A-4: This holds also for those that pydantic does not validate, such as model_construct."""
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


def test_assignment_of_the_cached_json_text_is_refused() -> None:
    """V-2: A task is always sent as the values that it holds."""
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
def test_value_class_is_a_slotted_keyword_only_dataclass(kind: Any) -> None:
    """V-2: A service holds millions of these values, so that they have no __dict__."""
    assert "__dataclass_fields__" in vars(kind)
    assert all(field.kw_only for field in dataclasses.fields(kind))
    assert not any("__dict__" in vars(base) for base in kind.__mro__[:-1])
    with pytest.raises(TypeError):
        kind("positional")


def test_values_support_weak_references_and_match_statements() -> None:
    """V-2: Data that a service keeps beside its tasks need not keep them alive."""
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


def test_task_adds_at_most_nine_objects_to_the_collector() -> None:
    """V-2: A service holds millions of tasks, so that each adds few objects for the collector to visit."""
    text = ListResult(items=[plain_item(f"t{number}", user="u") for number in range(100)]).to_json()
    gc.collect()
    before = len(gc.get_objects())
    held = ListResult.from_json(text)
    gc.collect()
    assert len(gc.get_objects()) - before <= 9 * len(held)


class Gone(NotFound, FileNotFoundError):
    """Represent an error that is also an OSError."""


def test_error_may_also_derive_from_os_error() -> None:
    """E-6: OSError has a memory layout of its own."""
    gone = Gone(MESSAGE)
    with pytest.raises(OSError, match="A message"):
        raise gone
    assert pickle.loads(pickle.dumps(gone)) == gone


def test_error_takes_notes_and_foreign_attributes_but_keeps_its_value() -> None:
    """E-6, V-2: Foreign code may set notes, causes and attributes of an exception; its value is sealed."""
    error: Any = NotFound(MESSAGE)
    error.add_note("a note")
    error.__cause__ = KeyError("k")
    error.request_id = "r"
    del error.request_id
    assert error.__notes__ == ["a note"]
    with pytest.raises(AttributeError, match="must not be changed: args"):
        error.args = ()
    with pytest.raises(AttributeError, match="must not be changed: value"):
        error.value = error.value
    with pytest.raises(AttributeError, match="must not be changed: __class__"):
        error.__class__ = Unauthenticated
    with pytest.raises(TypeError, match="finished"):
        error.__init__(LocalizableMessage(id="", default_message=""))
