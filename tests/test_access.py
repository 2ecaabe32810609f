"""Access and visibility: what an example shows (A)."""

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


def test_a_caller_needs_the_privilege() -> None:
    """A-1: nobody is UNAUTHENTICATED, somebody without the privilege UNAUTHORIZED."""
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


def test_refusals_tell_nothing() -> None:
    """A-2: no data, and the same words for every caller and every privilege."""
    texts = set()
    for caller, privilege in ((Caller(user="secret"), SYSTEM_READ), (Caller(user="v", privileges={"a"}), "Hidden")):
        with pytest.raises(Unauthorized) as caught:
            authorize(caller, privilege)
        assert caught.value.value.data is None
        texts.add(repr(caught.value))
    assert len(texts) == 1
    with pytest.raises(Unauthenticated) as nobody:
        authorize(None)
    assert nobody.value.value.data is None


async def authenticated() -> Caller:
    return READER


@pytest.mark.parametrize("wrong", ["u", True, {"user": "u"}, object()])
def test_only_a_caller_is_a_caller(wrong: Any) -> None:
    """A-8: anything else raises TypeError, which names what came by its type alone."""
    with pytest.raises(TypeError, match=f"not {type(wrong).__name__}$"):
        authorize(wrong)


def test_a_forgotten_await_is_no_caller() -> None:
    """A-8: the coroutine is closed, which a warning would show otherwise."""
    with pytest.raises(TypeError, match="coroutine"):
        authorize(authenticated())  # type: ignore[arg-type]


def test_the_constants_answer_as_any_visibility_does() -> None:
    """A-4, A-8: where code of one's own asks them about a task."""
    assert EVERYTHING(MINE) is True
    assert NOTHING(MINE) is False


def test_invisible_tasks_are_dropped_silently() -> None:
    """A-3: nothing of them shows."""
    result = list_tasks([THEIRS, MINE], visibility=lambda item: item.info.user == "u")
    assert result.items == (MINE,)
    assert list_tasks([THEIRS, MINE], visibility=NOTHING).items == ()
    assert list_tasks([THEIRS, MINE], visibility=EVERYTHING).items == (THEIRS, MINE)


def test_grants_are_filters_of_which_any_may_match() -> None:
    """A-4: no grant, nothing visible."""
    grants = Grants([FilterSpec(users={"u"}), FilterSpec(services={"x"})])
    assert list_tasks([THEIRS, MINE], visibility=grants).items == (MINE,)
    assert list_tasks([THEIRS, MINE], visibility=Grants([])).items == ()
    assert grants.filters == (FilterSpec(users={"u"}), FilterSpec(services={"x"}))


@pytest.mark.parametrize("field", list(FilterSpec.model_fields))
@pytest.mark.parametrize("nothing", [set(), (), None])
def test_a_grant_with_an_empty_set_is_refused(field: str, nothing: Any) -> None:
    """A-4: the services of a caller who has none must not open everything; not given is something else."""
    other = "users" if field == "tasks" else "tasks"
    some: dict[str, Any] = {other: {"a"}}
    given = FilterSpec(**{field: nothing}, **some)
    for grant in (given, pickle.loads(pickle.dumps(given)), given.evolve(**some)):
        with pytest.raises(ValueError, match=f"grant 2 of 2: {field} must not be given as an empty set"):
            Grants([FilterSpec(tasks={"t"}), grant])
    assert Grants([FilterSpec(**some)]).filters


def test_a_grant_that_constrains_nothing_is_refused() -> None:
    """A-4: whoever means everything says so."""
    with pytest.raises(ValueError, match="say EVERYTHING"):
        Grants([FilterSpec()])
    for wrong in ([EVERYTHING], ["services=a"], FilterSpec(users={"u"}), [None]):
        with pytest.raises(TypeError, match="must be a FilterSpec"):
            Grants(wrong)  # type: ignore[arg-type]


def test_visibilities_are_values() -> None:
    """A-4: they compare, print, pickle and copy; a constant stays the one that it is."""
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


ANSWERS: list[Any] = [1, 0, None, "yes", "", [], object()]


class Source:
    """A TaskSource of one task, whatever is wanted."""

    def select(self, wanted: Wanted, at_most: int) -> list[ListItem]:
        return [MINE]

    def scan(self, wanted: Wanted) -> list[ListItem]:
        return [MINE]

    def find(self, task: str) -> ListItem | None:
        return MINE


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_only_true_and_false_are_answers(source: Any, answer: Any) -> None:
    """A-8: anything else ends the call, for list and get, whatever the source is."""
    for call in (
        lambda: list_tasks(source, visibility=lambda i: answer),
        lambda: get_task(source, "mine", visibility=lambda i: answer),
    ):
        with pytest.raises(TypeError, match=f"True or False, not {type(answer).__name__}$"):
            call()


class EqualToAll:
    """A check that says that it is whatever it is compared with."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __call__(self, item: ListItem) -> Any:
        return "yes"


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
def test_a_check_is_everything_by_being_it(source: Any) -> None:
    """A-8: not by saying that it is equal."""
    for call in (list_tasks, partial(get_task, task="mine")):
        with pytest.raises(TypeError, match=r"True or False, not str$"):
            call(source, visibility=EqualToAll())


OPENING: list[Any] = [
    [{}],
    [{"services": []}],
    [{"services": None}],
    [{"users": ["u"]}, {}],
    {"filters": []},
    "x",
    None,
    {},
]


@pytest.mark.parametrize("tree", OPENING, ids=repr)
def test_grants_that_would_open_everything_are_not_read(tree: Any) -> None:
    """A-4: from a text, from parsed JSON, and inside a model of somebody's own."""
    for read in (Grants.from_python, lambda tree: Grants.from_json(json.dumps(tree))):
        with pytest.raises(InvalidValue) as caught:
            read(tree)
        assert {violation.spec_id for violation in caught.value.violations} == {"A-4"}
    reader = TypeAdapter(Grants)
    with pytest.raises(ValidationError):
        reader.validate_python(tree)
    with pytest.raises(ValidationError):
        reader.validate_json(json.dumps(tree))


def test_grants_are_read_and_written_as_a_list_of_filters() -> None:
    """A-4, V-14: with every violation of every filter at its place."""
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


def test_kinds_are_told_by_the_real_type() -> None:
    """A-8: not by what an object says that its class is."""

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


def test_grants_hold_filters_and_nothing_else() -> None:
    """V-2: there is no room for more."""
    with pytest.raises(AttributeError):
        object.__setattr__(Grants([]), "other", 1)
    with pytest.raises(AttributeError):
        Grants([]).filters = ()  # type: ignore[misc]


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
@pytest.mark.parametrize("check", [allowed, AsyncCheck(), partial(allowed)])
def test_an_async_check_is_no_check(source: Any, check: Any) -> None:
    """A-8: it is refused before any task is looked at, so that an empty store does not hide it."""
    empty: list[ListItem] = []
    for at in (source, empty):
        with pytest.raises(TypeError, match="async function"):
            list_tasks(at, visibility=check)
        with pytest.raises(TypeError, match="async function"):
            get_task(at, "mine", visibility=check)


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
def test_a_coroutine_is_no_answer(source: Any) -> None:
    """A-8: a coroutine is truthy; it is refused and closed."""

    def answering(item: ListItem) -> Any:
        return allowed(item)

    with pytest.raises(TypeError, match="coroutine"):
        list_tasks(source, visibility=answering)
    with pytest.raises(TypeError, match="coroutine"):
        get_task(source, "mine", visibility=answering)


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
@pytest.mark.parametrize("raised", [KeyError("u"), ZeroDivisionError(), RuntimeError("no directory")])
def test_a_check_that_raises_ends_the_call(source: Any, raised: Exception) -> None:
    """A-7, E-7: its own exception comes out, and no partial list."""

    def check(item: ListItem) -> bool:
        raise raised

    for call in (lambda: list_tasks(source, visibility=check), lambda: get_task(source, "mine", visibility=check)):
        with pytest.raises(type(raised)) as caught:
            call()
        assert caught.value is raised


@pytest.mark.parametrize("source", [[MINE], lambda spec: [MINE], Source(), TaskIndex([MINE])], ids=KINDS)
def test_what_a_check_cannot_build_is_not_a_row_that_cannot_be_read(source: Any) -> None:
    """A-7, L-4: a ValidationError of the check is not taken for one of the source."""

    def check(item: ListItem) -> bool:
        return FilterSpec(users={""}).matches(item)

    with pytest.raises(ValidationError):
        list_tasks(source, visibility=check)
    with pytest.raises(ValidationError):
        get_task(source, "mine", visibility=check)


def test_a_hidden_task_is_told_like_a_missing_one() -> None:
    """A-6: the same bytes."""
    told = set()
    for source in ([MINE, THEIRS], [MINE], []):
        with pytest.raises(NotFound) as caught:
            get_task(source, "theirs", visibility=lambda item: item.info.user == "u")
        told.add((caught.value.value.to_json(), str(caught.value), repr(caught.value)))
    assert len(told) == 1
