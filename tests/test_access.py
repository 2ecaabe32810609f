"""Test access and visibility by example (A)."""

import copy
import json
import pickle
from functools import partial
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from snaptasks import (
    EVERYTHING,
    NOTHING,
    SYSTEM_READ,
    Caller,
    FilterSpec,
    Grants,
    InvalidValue,
    ListItem,
    NotFound,
    TaskIndex,
    Unauthenticated,
    Unauthorized,
    Wanted,
    authorize,
    get_task,
    list_tasks,
)
from tests.building import plain_item

READER = Caller(user="u", privileges={SYSTEM_READ})
MINE, THEIRS = plain_item("mine", user="u"), plain_item("theirs", user="v")


def test_authorize_without_caller_or_privilege_raises() -> None:
    """A-1: The error without a caller is UNAUTHENTICATED; without the privilege it is UNAUTHORIZED."""
    assert SYSTEM_READ == "System.Read"
    assert authorize(READER) is READER
    with pytest.raises(Unauthenticated):
        authorize(None)
    for privileges in (set(), {"system.read"}, {"System.Read "}, {"Other"}):
        with pytest.raises(Unauthorized):
            authorize(Caller(user="u", privileges=privileges))
    assert authorize(Caller(user="u", privileges={"Other"}), "Other").user == "u"
    assert authorize(Caller(user="u", privileges={"Other"}), privilege="Other").user == "u"
    with pytest.raises(TypeError):
        authorize(READER, SYSTEM_READ, "a challenge")  # type: ignore[call-arg]


def test_access_errors_carry_no_data_and_the_same_text() -> None:
    """A-2: The text is the same for every caller and every privilege."""
    texts = set()
    for caller, privilege in ((Caller(user="secret"), SYSTEM_READ), (Caller(user="v", privileges={"a"}), "Hidden")):
        with pytest.raises(Unauthorized) as caught:
            authorize(caller, privilege)
        assert caught.value.value.data is None
        texts.add(repr(caught.value))
    assert len(texts) == 1
    with pytest.raises(Unauthenticated) as unauthenticated:
        authorize(None)
    assert unauthenticated.value.value.data is None


async def authenticated() -> Caller:
    return READER


@pytest.mark.parametrize("wrong", ["u", True, {"user": "u"}, object()])
def test_authorize_with_other_than_a_caller_raises_type_error(wrong: Any) -> None:
    """A-8: The error names only the type of the argument."""
    with pytest.raises(TypeError, match=f"not {type(wrong).__name__}$"):
        authorize(wrong)


def test_authorize_with_a_coroutine_closes_it_and_raises_type_error() -> None:
    """A-8: If the coroutine is not closed, Python warns, and the test fails."""
    with pytest.raises(TypeError, match="coroutine"):
        authorize(authenticated())  # type: ignore[arg-type]


def test_everything_and_nothing_are_callable() -> None:
    """A-4, A-8: Foreign code may call them with a task."""
    assert EVERYTHING(MINE) is True
    assert NOTHING(MINE) is False


def test_list_tasks_omits_invisible_tasks() -> None:
    """A-3: They leave no trace."""
    result = list_tasks([THEIRS, MINE], visibility=lambda item: item.info.user == "u")
    assert result.items == (MINE,)
    assert list_tasks([THEIRS, MINE], visibility=NOTHING).items == ()
    assert list_tasks([THEIRS, MINE], visibility=EVERYTHING).items == (THEIRS, MINE)


def test_list_tasks_under_grants_shows_tasks_that_any_filter_matches() -> None:
    """A-4: Without a grant, no task is visible."""
    grants = Grants([FilterSpec(users={"u"}), FilterSpec(services={"x"})])
    assert list_tasks([THEIRS, MINE], visibility=grants).items == (MINE,)
    assert list_tasks([THEIRS, MINE], visibility=Grants([])).items == ()
    assert grants.filters == (FilterSpec(users={"u"}), FilterSpec(services={"x"}))


@pytest.mark.parametrize("field", list(FilterSpec.model_fields))
@pytest.mark.parametrize("nothing", [set(), (), None])
def test_grants_with_a_field_given_as_an_empty_set_are_refused(field: str, nothing: Any) -> None:
    """A-4: A caller without services must not see everything; an unset field is not an empty set."""
    other = "users" if field == "tasks" else "tasks"
    some: dict[str, Any] = {other: {"a"}}
    given = FilterSpec(**{field: nothing}, **some)
    for grant in (given, pickle.loads(pickle.dumps(given)), given.evolve(**some)):
        with pytest.raises(ValueError, match=f"grant 2 of 2: {field} must not be empty: an empty set"):
            Grants([FilterSpec(tasks={"t"}), grant])
    assert Grants([FilterSpec(**some)]).filters


def test_grants_with_an_empty_filter_are_refused() -> None:
    """A-4: Code that grants everything must say EVERYTHING."""
    with pytest.raises(ValueError, match="use EVERYTHING"):
        Grants([FilterSpec()])
    for wrong in ([EVERYTHING], ["services=a"], [None]):
        with pytest.raises(TypeError, match="grant 1 of 1 must be a FilterSpec, not"):
            Grants(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [FilterSpec(users={"u"}), "services=a", b"services=a", {"users": ["u"]}, None, EVERYTHING]
)
def test_grants_of_another_value_than_a_list_report_the_remedy(wrong: Any) -> None:
    """A-4: A filter and a text can be iterated, but they are not lists of filters."""
    with pytest.raises(TypeError, match=r"grants must be a list of FilterSpecs, not .*; write Grants\(\[filter\]\)"):
        Grants(wrong)


def test_visibilities_compare_print_pickle_and_copy() -> None:
    """A-4: A constant keeps its identity when it is pickled."""
    grants = Grants([FilterSpec(users={"u"})])
    assert grants == Grants(iter([FilterSpec(users={"u"})])) != Grants([])
    assert hash(grants) == hash(Grants([FilterSpec(users={"u"})]))
    assert eval(repr(grants), {"Grants": Grants, "FilterSpec": FilterSpec}) == grants
    for each in (grants, EVERYTHING, NOTHING):
        assert pickle.loads(pickle.dumps(each)) == copy.copy(each) == copy.deepcopy(each) == each
    assert pickle.loads(pickle.dumps(NOTHING)) is NOTHING
    assert (repr(EVERYTHING), repr(NOTHING)) == ("EVERYTHING", "NOTHING")
    with pytest.raises(AttributeError):
        grants.filters = ()  # type: ignore[misc]


async def allowed(item: ListItem) -> bool:
    return True


KINDS = ["iterable", "candidates", "source", "index"]


class AsyncCheck:
    async def __call__(self, item: ListItem) -> bool:
        return True


NOT_BOOLEANS: list[Any] = [1, 0, None, "yes", "", [], object()]


class Source:
    """Represent a TaskSource that always gives one task."""

    def select(self, wanted: Wanted, at_most: int) -> list[ListItem]:
        return [MINE]

    def scan(self, wanted: Wanted) -> list[ListItem]:
        return [MINE]

    def find(self, task: str) -> ListItem | None:
        return MINE


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
@pytest.mark.parametrize("answer", NOT_BOOLEANS, ids=range(len(NOT_BOOLEANS)))
def test_predicate_that_returns_no_bool_raises_type_error(source: Any, answer: Any) -> None:
    """A-8: This ends list_tasks and get_task, for each kind of source."""
    for call in (
        lambda: list_tasks(source, visibility=lambda i: answer),
        lambda: get_task(source, "mine", visibility=lambda i: answer),
    ):
        with pytest.raises(TypeError, match=f"True or False, not {type(answer).__name__}$"):
            call()


class EqualToAll:
    """Represent a predicate that is equal to everything."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __call__(self, item: ListItem) -> Any:
        return "yes"


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
def test_predicate_that_is_equal_to_everything_is_still_called(source: Any) -> None:
    """A-8: EVERYTHING is known by identity, and not by equality."""
    for call in (list_tasks, partial(get_task, task="mine")):
        with pytest.raises(TypeError, match=r"True or False, not str$"):
            call(source, visibility=EqualToAll())


UNCONSTRAINED: list[Any] = [
    [{}],
    [{"services": []}],
    [{"services": None}],
    [{"users": ["u"]}, {}],
    {"filters": []},
    "x",
    None,
    {},
]


@pytest.mark.parametrize("tree", UNCONSTRAINED, ids=repr)
def test_grants_that_constrain_nothing_are_refused_by_each_reader(tree: Any) -> None:
    """A-4: The readers are those of a text, of parsed JSON and of pydantic."""
    for read in (Grants.from_python, lambda tree: Grants.from_json(json.dumps(tree))):
        with pytest.raises(InvalidValue) as caught:
            read(tree)
        assert {violation.spec_id for violation in caught.value.violations} == {"A-4"}
    reader = TypeAdapter(Grants)
    with pytest.raises(ValidationError):
        reader.validate_python(tree)
    with pytest.raises(ValidationError):
        reader.validate_json(json.dumps(tree))


def test_grants_are_read_from_and_written_as_a_list_of_filters() -> None:
    """A-4, V-14: The path of each violation has the index of its filter."""
    grants = Grants([FilterSpec(users={"b", "a"}), FilterSpec(services={"s"}, status={"FAILED"})])
    tree = [{"users": ["a", "b"]}, {"services": ["s"], "status": ["FAILED"]}]
    assert grants.to_python() == tree == json.loads(grants.to_json())
    reader = TypeAdapter(Grants)
    assert json.loads(reader.dump_json(grants)) == reader.dump_python(grants, mode="json") == tree
    assert Grants.from_python(tree) == Grants.from_json(grants.to_json()) == reader.validate_python(tree) == grants
    assert reader.validate_python(grants) is grants
    assert reader.validate_python(list(grants.filters)) == reader.validate_python(grants.filters) == grants
    with pytest.raises(ValidationError) as refused:
        reader.validate_python([{"users": ["a"]}, {"services": []}])
    assert refused.value.errors()[0]["loc"] == (1, "services")
    assert Grants.from_json("[]") == Grants([])
    with pytest.raises(InvalidValue) as caught:
        Grants.from_python([{"users": ["a"]}, {"user": ["a"]}, {"status": ["NEW"], "services": []}, 5])
    assert [(violation.path, violation.spec_id) for violation in caught.value.violations] == [
        ("1.user", "V-7"),
        ("1", "A-4"),
        ("2.status", "F-7"),
        ("2.services", "A-4"),
        ("3", "V-13"),
    ]


def test_object_with_a_false_class_is_refused_as_caller_filter_and_grants() -> None:
    """A-8: The real type counts, and not `__class__`."""

    class Pretender:
        privileges = frozenset({SYSTEM_READ})
        model_fields_set = frozenset({"users"})
        users = frozenset({"u"})

        def __init__(self, kind: type[Any]) -> None:
            self.kind = kind

        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            return self.kind

    caller: Any = Pretender(Caller)
    spec: Any = Pretender(FilterSpec)
    assert isinstance(caller, Caller)
    with pytest.raises(TypeError, match="must be a Caller or None, not Pretender"):
        authorize(caller)
    with pytest.raises(TypeError, match="must be a FilterSpec, not Pretender"):
        Grants([spec])
    with pytest.raises(ValidationError):
        TypeAdapter(Grants).validate_python(Pretender(Grants))


def test_grants_refuse_new_and_changed_attributes() -> None:
    """V-2."""
    with pytest.raises(AttributeError):
        object.__setattr__(Grants([]), "other", 1)
    with pytest.raises(AttributeError):
        Grants([]).filters = ()  # type: ignore[misc]


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
@pytest.mark.parametrize("check", [allowed, AsyncCheck(), partial(allowed)])
def test_async_predicate_raises_type_error(source: Any, check: Any) -> None:
    """A-8: It is refused before any task is read, so that an empty store does not hide it."""
    empty: list[ListItem] = []
    for at in (source, empty):
        with pytest.raises(TypeError, match="async function"):
            list_tasks(at, visibility=check)
        with pytest.raises(TypeError, match="async function"):
            get_task(at, "mine", visibility=check)


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
def test_predicate_that_returns_a_coroutine_raises_type_error(source: Any) -> None:
    """A-8: A coroutine is truthy; it is refused and closed."""

    def answering(item: ListItem) -> Any:
        return allowed(item)

    with pytest.raises(TypeError, match="coroutine"):
        list_tasks(source, visibility=answering)
    with pytest.raises(TypeError, match="coroutine"):
        get_task(source, "mine", visibility=answering)


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
@pytest.mark.parametrize("raised", [KeyError("u"), ZeroDivisionError(), RuntimeError("no directory")])
def test_exception_of_a_predicate_passes_through(source: Any, raised: Exception) -> None:
    """A-7, E-7: No partial list is returned."""

    def check(item: ListItem) -> bool:
        raise raised

    for call in (lambda: list_tasks(source, visibility=check), lambda: get_task(source, "mine", visibility=check)):
        with pytest.raises(type(raised)) as caught:
            call()
        assert caught.value is raised


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
def test_validation_error_of_a_predicate_passes_through(source: Any) -> None:
    """A-7, L-4: It does not count as an unreadable row of the source."""

    def check(item: ListItem) -> bool:
        return FilterSpec(users={""}).matches(item)

    with pytest.raises(ValidationError):
        list_tasks(source, visibility=check)
    with pytest.raises(ValidationError):
        get_task(source, "mine", visibility=check)


def test_get_task_of_a_hidden_task_gives_the_bytes_of_a_missing_one() -> None:
    """A-6."""
    outcomes = set()
    for source in ([MINE, THEIRS], [MINE], []):
        with pytest.raises(NotFound) as caught:
            get_task(source, "theirs", visibility=lambda item: item.info.user == "u")
        outcomes.add((caught.value.value.to_json(), str(caught.value), repr(caught.value)))
    assert len(outcomes) == 1
