"""What a source is asked, and how it answers: what an example shows (A-8, A-9, L-4)."""

import copy
import pickle
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import Any
from unittest.mock import MagicMock

import pytest
from sqlalchemy import MetaData, create_engine

from snaptasks import (
    EVERYTHING,
    NOTHING,
    OVER_LIMIT,
    Caller,
    FilterSpec,
    Grants,
    InvalidValue,
    ListItem,
    NotFound,
    OverLimit,
    ResourceInaccessible,
    TaskIndex,
    TaskSource,
    Wanted,
    authorize,
    get_task,
    list_tasks,
)
from snaptasks.sql import SqlTaskSource, task_table
from tests.selecting import notes
from tests.strategies import plain_item

MINE, THEIRS = plain_item("mine", user="u"), plain_item("theirs", user="v")
ITEMS = [MINE, THEIRS]


class Stored:
    """A TaskSource that answers whatever it is made with, and remembers what it was asked."""

    def __init__(self, answer: Any = ITEMS, found: Any = None) -> None:
        self.answer, self.found = answer, found
        self.asked: list[str] = []

    def select(self, wanted: Wanted, at_most: int) -> Any:
        self.asked.append("select")
        return self.answer() if callable(self.answer) else self.answer

    def scan(self, wanted: Wanted) -> Any:
        self.asked.append("scan")
        return self.answer() if callable(self.answer) else self.answer

    def find(self, task: str) -> Any:
        self.asked.append("find")
        return self.found() if callable(self.found) else self.found


# The question


def test_filter_and_visibility_are_one_question() -> None:
    """A-9: EVERYTHING, the filter itself; NOTHING, no question; Grants, what the filter and each grant have in common."""
    failed = FilterSpec(status={"FAILED"}, users={"u", "v"})
    assert Wanted.of(failed, EVERYTHING) == Wanted([failed])
    assert Wanted.of(None, EVERYTHING) == Wanted([FilterSpec()])
    assert Wanted.of(failed, NOTHING) is None
    grants = Grants([FilterSpec(users={"v", "w"}), FilterSpec(users={"x"}), FilterSpec(services={"s"})])
    assert Wanted.of(failed, grants) == Wanted(
        [FilterSpec(status={"FAILED"}, users={"v"}), FilterSpec(status={"FAILED"}, users={"u", "v"}, services={"s"})]
    )
    assert Wanted.of(None, grants) == Wanted(grants.filters)
    assert Wanted.of(FilterSpec(users={"y"}), Grants(grants.filters[:2])) is None
    assert Wanted.of(None, Grants([])) is None


def test_a_predicate_is_no_part_of_a_question() -> None:
    """A-9: it would be lost, and show everything."""
    for predicate in (lambda item: False, Grants([]).__call__):
        with pytest.raises(TypeError, match="visibility must be EVERYTHING, NOTHING or Grants here, not "):
            Wanted.of(None, predicate)
    with pytest.raises(TypeError, match="visibility must be EVERYTHING, NOTHING, Grants or a function, not str"):
        Wanted.of(None, "all")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [[], (), iter(())])
def test_a_question_for_nothing_is_refused(wrong: Any) -> None:
    """A-9: where nothing is wanted no source is asked; an empty tuple could be taken for no constraint."""
    with pytest.raises(ValueError, match="filters must not be empty"):
        Wanted(wrong)


@pytest.mark.parametrize("wrong", [[None], ["tasks=a"], [MagicMock(spec=FilterSpec)], FilterSpec(users={"u"})])
def test_a_question_is_made_of_filters(wrong: Any) -> None:
    """A-8: by the real type."""
    with pytest.raises(TypeError, match="filters must be FilterSpecs, not "):
        Wanted(wrong)


def test_a_question_is_a_value() -> None:
    """V-2: it compares, prints, pickles and copies, whether or not it was asked already; and cannot change."""
    wanted = Wanted([FilterSpec(users={"u"}), FilterSpec(services={"s"})])
    for _ in range(2):
        assert eval(repr(wanted), {"Wanted": Wanted, "FilterSpec": FilterSpec}) == wanted
        assert pickle.loads(pickle.dumps(wanted)) == copy.copy(wanted) == copy.deepcopy(wanted) == wanted
        assert hash(wanted) == hash(Wanted(wanted.filters))
        assert wanted.matches(MINE)
        assert not Wanted([FilterSpec(users={"x"})]).matches(MINE)
    with pytest.raises(AttributeError):
        wanted.filters = ()  # type: ignore[misc]
    with pytest.raises(TypeError, match="finished"):
        wanted.__init__([FilterSpec()])


def test_no_source_is_asked_for_nothing() -> None:
    """A-9, A-6: neither a list, nor a function, nor a TaskSource."""
    asked: list[str] = []

    def candidates(filter: FilterSpec) -> list[ListItem]:
        asked.append("candidates")
        return ITEMS

    def items() -> Iterator[ListItem]:
        asked.append("items")
        yield MINE

    stored = Stored()
    for visibility in (NOTHING, Grants([]), Grants([FilterSpec(users={"v"})])):
        for source in (candidates, items(), stored):
            assert list_tasks(source, FilterSpec(users={"u"}), visibility=visibility).items == ()
    for visibility in (NOTHING, Grants([]), Grants([FilterSpec(tasks={"theirs"})])):
        for source in (candidates, items(), stored):
            with pytest.raises(NotFound):
                get_task(source, "mine", visibility=visibility)
    assert asked == stored.asked == []


def test_a_task_source_is_asked_what_it_can_answer() -> None:
    """A-9: a question is selected; for a predicate it is scanned, and the predicate asked here."""
    stored = Stored(found=MINE)
    grants = Grants([FilterSpec(users={"u"})])
    for visibility, listed, got in (
        (EVERYTHING, "select", "find"),
        (grants, "select", "select"),
        (bool, "scan", "find"),
    ):
        visible: Any = visibility if visibility is not bool else lambda item: item.info.user == "u"
        list_tasks(stored, visibility=visible)
        get_task(stored, "mine", visibility=visible)
        assert stored.asked == [listed, got]
        stored.asked.clear()


# What is given is looked at


def test_what_was_not_wanted_is_not_shown() -> None:
    """A-9, A-3, F-5: of a source that gives too much, the same task twice, or another one than was asked for."""
    many = [THEIRS, MINE, plain_item("other", user="u"), MINE.evolve(info=THEIRS.info), MINE]
    grants = Grants([FilterSpec(users={"u"})])
    assert list_tasks(Stored(many), FilterSpec(tasks={"mine"}), visibility=grants).items == (MINE,)
    assert list_tasks(Stored(many), visibility=lambda item: item.info.user == "u").items == (MINE, many[2])
    for visibility in (EVERYTHING, grants, lambda item: True):
        for wrong in (plain_item("MINE", user="u"), plain_item("mine ", user="u")):
            with pytest.raises(NotFound):
                get_task(Stored([wrong], wrong), "mine", visibility=visibility)
    with pytest.raises(NotFound):
        get_task(Stored([THEIRS], THEIRS), "theirs", visibility=grants)


NO_ANSWERS: list[Any] = [
    (5, "a source must give an iterable of ListItems, such as a list, not int"),
    (None, "a source must give an iterable of ListItems, such as a list, not NoneType"),
    ({"secret": MINE}, r"a source must give an iterable of ListItems, .*, not dict; give its values\(\)"),
    (["secret"], "a source must give ListItems, not str"),
    ([MagicMock(spec=ListItem)], "a source must give ListItems, not MagicMock"),
]


@pytest.mark.parametrize(("answer", "told"), NO_ANSWERS)
def test_what_is_no_answer_is_told_by_its_type(answer: Any, told: str) -> None:
    """A-8, E-7: of select and of scan; nothing of what is stored shows."""
    for visibility in (EVERYTHING, lambda item: True):
        with pytest.raises(TypeError, match=told) as caught:
            list_tasks(Stored(answer), visibility=visibility)
        assert "secret" not in str(caught.value)
    if answer is not None:
        with pytest.raises(TypeError, match=r"find must give a ListItem or None, not (int|dict|list)"):
            get_task(Stored(found=answer), "mine", visibility=EVERYTHING)


@pytest.mark.parametrize(
    "visibility", [EVERYTHING, Grants([FilterSpec(users={"u"})]), lambda item: item.info.user == "u"]
)
def test_what_was_not_wanted_does_not_count(visibility: Any) -> None:
    """A-5, L-3: not even for the cap; an iterator of what is wanted will do."""
    many = [*(plain_item(f"t{n}", user="v") for n in range(1500)), MINE]
    for answer in (many, lambda: iter(many), lambda: (item for item in many)):
        assert list_tasks(Stored(answer), FilterSpec(users={"u"}), visibility=visibility).items == (MINE,)
    with pytest.raises(ResourceInaccessible, match="More than 1000"):
        list_tasks(Stored(many), visibility=EVERYTHING)


def test_an_index_answers_with_what_it_holds() -> None:
    """L-7: nothing is looked at again, and nothing copied."""
    index = TaskIndex(plain_item(f"t{n}", operation=f"o{n % 2}") for n in range(10))
    listed = [list_tasks(index, FilterSpec(services={"s"}), visibility=EVERYTHING).items for _ in range(2)]
    assert listed[0] is listed[1]


def test_several_tasks_of_one_id_are_no_answer() -> None:
    """L-5, L-4: to whoever wants the one."""
    with pytest.raises(ResourceInaccessible) as caught:
        get_task(Stored(OVER_LIMIT), "mine", visibility=Grants([FilterSpec(users={"u"})]))
    assert str(caught.value.__cause__) == "the source has more than one task 'mine'"


def test_an_index_has_no_method_of_its_own() -> None:
    """A-9: what is put in the place of one would be trusted."""
    for source in (TaskIndex(ITEMS), SqlTaskSource(create_engine("sqlite://"), task_table(MetaData()))):
        with pytest.raises(AttributeError):
            source.select = lambda wanted, at_most: ITEMS  # type: ignore[method-assign]


def test_a_subclass_of_an_index_is_looked_at() -> None:
    """A-9: what the package trusts is the class itself, and no override."""

    class Careless(TaskIndex):
        def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
            return ITEMS

    assert list_tasks(Careless(ITEMS), visibility=Grants([FilterSpec(users={"u"})])).items == (MINE,)


# Kinds by the real type


def test_a_mock_is_nothing_that_it_says_to_be() -> None:
    """A-8: neither a caller, nor a filter, nor a task."""
    caller, spec, item = (MagicMock(spec=kind) for kind in (Caller, FilterSpec, ListItem))
    assert isinstance(caller, Caller)
    with pytest.raises(TypeError, match="caller must be a Caller or None, not MagicMock"):
        authorize(caller)
    with pytest.raises(TypeError, match="filter must be a FilterSpec or None, not MagicMock"):
        list_tasks([], spec, visibility=EVERYTHING)
    with pytest.raises(TypeError, match="must be a FilterSpec, not MagicMock"):
        FilterSpec().intersection(spec)
    with pytest.raises(TypeError, match="a TaskIndex holds ListItems, not MagicMock"):
        TaskIndex([item])
    for source in ([item], lambda spec: [item], Stored([item])):
        with pytest.raises(TypeError, match="a source must give ListItems, not MagicMock"):
            list_tasks(source, visibility=EVERYTHING)


class Half:
    """As a TaskSource was of old."""

    def select(self, filter: FilterSpec, visibility: Any, at_most: int) -> list[ListItem]:
        return ITEMS

    def find(self, task: str) -> ListItem | None:
        return None


def test_half_a_task_source_is_told_what_it_lacks() -> None:
    """A-8, A-9: it would not know what to answer."""
    assert not isinstance(Half(), TaskSource)
    with pytest.raises(TypeError, match=r"not Half; it has a select, but no scan$"):
        list_tasks(Half(), visibility=EVERYTHING)  # type: ignore[arg-type]


class Attribute(Stored):
    scan: Any = []  # noqa: RUF012


def test_a_method_that_is_none_is_told() -> None:
    """A-8: of what looks like a TaskSource."""
    with pytest.raises(TypeError, match=r"not Attribute; it has a select, but no scan$"):
        list_tasks(Attribute(), visibility=EVERYTHING)
    with pytest.raises(TypeError, match=r", find, not str$"):
        list_tasks("tasks", visibility=EVERYTHING)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"not dict; give its values\(\)$"):
        list_tasks({"t": MINE}, visibility=EVERYTHING)  # type: ignore[dict-item]


@pytest.mark.parametrize("source", [{"t": MINE}, "tasks", b"tasks", 5, None, object()])
def test_what_gives_no_tasks_is_no_source(source: Any) -> None:
    """A-8, E-7: also where nothing would be asked of it."""
    for visibility in (EVERYTHING, NOTHING):
        with pytest.raises(
            TypeError, match=f"a source must be an iterable of ListItems, .*, not {type(source).__name__}"
        ):
            list_tasks(source, visibility=visibility)
        with pytest.raises(TypeError, match=f"not {type(source).__name__}"):
            get_task(source, "t", visibility=visibility)


class Folded(str):
    """An id that is equal to others, and hashes as it likes."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str(other).lower() == self.lower()

    def __hash__(self) -> int:
        return 5

    def __str__(self) -> str:
        return "theirs"


def test_an_odd_id_is_its_text() -> None:
    """F-5, G-1: one id, one answer, whichever the source is."""
    index = TaskIndex(ITEMS)
    odd, wrong = Folded("mine"), Folded("MINE")
    for source in (ITEMS, lambda spec: ITEMS, index, Stored(found=MINE)):
        assert get_task(source, odd, visibility=EVERYTHING) == MINE.info
        with pytest.raises(NotFound) as caught:
            get_task(source, wrong, visibility=EVERYTHING)
        assert caught.value.value.messages[0].args == ("MINE",)
        assert type(caught.value.value.messages[0].args[0]) is str
    assert index.find(odd) is MINE
    assert index.find(wrong) is None
    assert (odd in index, wrong in index, 5 in index) == (True, False, False)
    assert index.remove(wrong) is False
    assert index.remove(odd) is True
    for ask in (index.find, index.remove):
        with pytest.raises(TypeError, match="task must be text, not int"):
            ask(5)  # type: ignore[arg-type]


# Which row cannot be read


def broken() -> ListItem:
    return ListItem.from_json('{"task":"secret-task","info":{"status":"RUNNING"}}')


def rows() -> Iterator[ListItem]:
    yield from ITEMS
    yield broken()


@pytest.mark.parametrize("source", [rows(), lambda spec: rows(), Stored(rows)], ids=["iterable", "candidates", "scan"])
def test_the_row_that_cannot_be_read_is_named(source: Any) -> None:
    """L-4: by its place, for the log alone."""
    with pytest.raises(ResourceInaccessible) as caught:
        list_tasks(source, visibility=lambda item: True)
    assert isinstance(caught.value.__cause__, InvalidValue)
    assert notes(caught.value.__cause__) == ["while row 3 of the source was read"]
    assert "3" not in str(caught.value)
    assert notes(caught.value) == []


def test_a_bug_says_at_which_row_it_came_up() -> None:
    """E-7, L-4: and stays what it is; one of the 25 errors goes through as it is."""

    def failing(raised: Exception) -> Callable[[FilterSpec], Iterable[ListItem]]:
        def candidates(filter: FilterSpec) -> Iterator[ListItem]:
            yield MINE
            raise raised

        return candidates

    with pytest.raises(ZeroDivisionError) as bug:
        list_tasks(failing(ZeroDivisionError()), visibility=EVERYTHING)
    assert notes(bug.value) == ["while row 2 of the source was read"]
    own = NotFound(next(iter(ITEMS)).info.description)
    with pytest.raises(NotFound) as passed:
        list_tasks(failing(own), visibility=EVERYTHING)
    assert passed.value is own
    assert notes(own) == []


def test_what_a_predicate_raises_says_nothing_of_rows() -> None:
    """A-7: it is none of the source."""

    def predicate(item: ListItem) -> bool:
        return bool(broken())

    for source in (ITEMS, lambda spec: iter(ITEMS), Stored(found=MINE), TaskIndex(ITEMS)):
        for ask in (list_tasks, lambda source, visibility: get_task(source, "mine", visibility=visibility)):
            with pytest.raises(InvalidValue) as caught:
                ask(source, visibility=predicate)
            assert notes(caught.value) == []


# What a listing opens it closes


def test_a_generator_ends_with_its_listing() -> None:
    """L-7: when there are enough, when a predicate raises, and what a predicate raised is what comes out (A-7)."""
    events: list[str] = []

    def candidates(filter: FilterSpec) -> Iterator[ListItem]:
        try:
            for number in range(2000):
                yield plain_item(f"t{number}")
        finally:
            events.append("closed")
            if "fail" in events:
                raise RuntimeError("its end failed")

    with pytest.raises(ResourceInaccessible):
        list_tasks(candidates, visibility=EVERYTHING)
    assert events.pop() == "closed"
    kept = []
    try:
        list_tasks(candidates, visibility=lambda item: 1 // 0 == 1)
    except ZeroDivisionError as error:
        kept.append(error)  # and its traceback, which holds the frames
    assert events.pop() == "closed"
    assert get_task(candidates, "t5", visibility=EVERYTHING) == plain_item("t5").info
    assert events.pop() == "closed"
    events.append("fail")
    with pytest.raises(ZeroDivisionError):
        list_tasks(candidates, visibility=lambda item: 1 // 0 == 1)
    with pytest.raises(RuntimeError, match="its end failed"):
        get_task(candidates, "t5", visibility=EVERYTHING)


def test_whatever_iterates_ends_with_its_listing() -> None:
    """L-7, L-4: also where the generator is that of a class of its own; its failures are those of the source."""
    events: list[str] = []

    class Rows:
        def __iter__(self) -> Iterator[ListItem]:
            try:
                yield from ITEMS
            finally:
                events.append("closed")
                if len(events) > 2:
                    broken()

    class Unopened:
        def __iter__(self) -> Iterator[ListItem]:
            return iter([broken()])

    sources: list[Any] = [Rows(), lambda spec: Rows()]
    for source in sources:
        kept = []
        try:
            list_tasks(source, visibility=lambda item: 1 // 0 == 1)
        except ZeroDivisionError as error:
            kept.append(error)
    assert events == ["closed", "closed"]
    sources = [Rows(), Unopened()]
    for source in sources:
        with pytest.raises(ResourceInaccessible) as caught:
            get_task(source, "mine", visibility=EVERYTHING)
        assert isinstance(caught.value.__cause__, InvalidValue)


def test_an_error_that_is_raised_again_and_again_is_noted_once() -> None:
    """L-4, E-7: also one that has another idea of notes."""

    class Odd(Exception):
        def add_note(self, author: str, text: str) -> None:  # type: ignore[override]
            raise AssertionError

    for error in (Odd(), KeyError("a")):

        def failing(filter: FilterSpec, error: Exception = error) -> Iterator[ListItem]:
            yield from ()
            raise error

        for _ in range(3):
            with pytest.raises(type(error)) as caught:
                list_tasks(failing, visibility=EVERYTHING)
            assert caught.value is error
        assert notes(error) == ["while row 1 of the source was read"]


def test_an_iterator_of_ones_own_stays_open() -> None:
    """L-7: it may be read on."""
    own = (plain_item(f"t{number}") for number in range(2000))
    assert get_task(own, "t5", visibility=EVERYTHING) == plain_item("t5").info
    assert next(own).task == "t6"


def test_what_must_be_awaited_is_no_source_here() -> None:
    """A-8: a function of such, an async generator, an AsyncTaskSource: each with what to do."""

    async def awaited(filter: FilterSpec) -> list[ListItem]:
        return ITEMS

    async def one_by_one(filter: FilterSpec) -> AsyncIterator[ListItem]:
        yield MINE

    for source, name in (
        (awaited, "awaited gave a coroutine"),
        (one_by_one, "a function or generator gave async_generator_asend"),
    ):
        with pytest.raises(TypeError, match=f"{name}.*; await handle_async instead"):
            list_tasks(source, visibility=EVERYTHING)  # type: ignore[arg-type]
