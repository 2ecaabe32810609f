"""The laws can fail, and are the same for everyone: faults that depend on data are found, and what is right passes."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from snaptasks import ListItem, OverLimit, TaskIndex, Wanted, rest
from snaptasks.sql import SqlTaskSource
from snaptasks.testing import Case, Report, reproduce, run_contract, source_contract_tests
from snaptasks.testing.asking import Asked
from snaptasks.testing.choosing import Uniform
from snaptasks.testing.laws import LAWS
from snaptasks.testing.report import Again
from snaptasks.testing.servers import Server
from tests.contract import reach
from tests.contract.data_faults import DATA_FAULTS
from tests.contract.faults import FAULTS, Crashing, Reference
from tests.contract.implementations import RIGHT, Awaited, Bounded, OnSql, Scanned

ROOT = Path(__file__).parent.parent.parent
ALL = {law.id for law in LAWS}

# The faults by which the kit of fixed vectors was found wanting, and a few that are as hard to find.
NAMED = [
    "A-4 a fourth grant is ignored", "A-3 a filter overrides a grant", "A-4 two users of a grant show the system",
    "F-2 twelve members", "F-5 the first 64 characters alone in a filter", "F-5 sixteen bits a character in a filter",
    "A-4 grants are made one field by field", "A-3 a contradiction is no constraint", "L-5 sorted by time under a filter",
    "G-1 get is a listing under the cap", "A-4 one grant for the same users", "F-2 a thousand members",
]  # fmt: skip


@pytest.fixture
def unshrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wrong answer will do."""
    monkeypatch.setattr("snaptasks.testing.properties.SHRINKING_SECONDS", 0.0)
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 0.0)


@pytest.mark.slow
@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("name", NAMED)
def test_a_fault_that_depends_on_data_is_found(name: str) -> None:
    """A-3, A-4, F-2, F-5, L-5: by one law, with the default number of questions."""
    law = "G-1/law-getting" if name.startswith("G") else "F-1/law-listing"
    report = run_contract(DATA_FAULTS[name](), only={law}, seed=11)
    assert report.violations
    assert report.faults == []


@pytest.mark.slow
@pytest.mark.parametrize("implementation", [*RIGHT, Reference, OnSql], ids=lambda each: each.__name__)
def test_what_is_right_keeps_the_laws(implementation: Any) -> None:
    """F-1, A-4, L-1: no false alarm, whichever way it is built."""
    report = run_contract(implementation(), only=ALL, examples=150, seed=1)
    assert report.ok, str(report)
    assert {*report.drawn} | {*report.not_drawn} == ALL


@pytest.mark.slow
def test_a_right_one_keeps_the_laws_for_long() -> None:
    """F-1, A-4, A-5: each way through each law, by this seed."""
    report = run_contract(Scanned(), only=ALL, examples=1500, seed=1)
    assert report.ok, str(report)


@pytest.mark.slow
@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize(
    ("fault", "law"),
    [
        (FAULTS["A-1 nobody may read"], "F-1/law-listing"),
        (DATA_FAULTS["A-6 get looks at users alone"], "G-1/law-getting"),
        (DATA_FAULTS["A-1 the first privilege alone"], "F-1/law-listing"),
    ],
)
def test_whoever_asks_and_whatever_for_it_is_made_small(fault: Any, law: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A-1, A-6: also what nobody asks, and a get."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(fault(), only={law}, seed=1)
    assert "nothing can be left out of it" in str(report)
    assert max(len(each.case.population.tasks) for each in report.violations) <= 2


def questions_to(implementation: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    answer = Asked.answer

    def watched(self: Asked, case: Case) -> Any:
        asked.append(case.to_json())
        return answer(self, case)

    with monkeypatch.context() as patched:
        patched.setattr(Asked, "answer", watched)
        assert run_contract(implementation, only=ALL - {"Q-2/law-asking-wrongly"}, examples=200, seed=5).ok
    return asked


@pytest.mark.slow
def test_the_drawing_is_the_same_whoever_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-1: and whatever numbers its module has; another seed draws others."""
    first = questions_to(Scanned(), monkeypatch)
    assert len({*first}) > 100
    assert questions_to(Bounded(), monkeypatch) == first
    assert questions_to(Reference(), monkeypatch) == first
    code = (
        "from snaptasks.testing import run_contract\nfrom snaptasks.testing.asking import Asked\n"
        "from tests.contract.implementations import Scanned\nanswer = Asked.answer\n"
        "def watched(self, case): print(case.to_json()); return answer(self, case)\nAsked.answer = watched\n"
        f"run_contract(Scanned(), only={sorted(ALL - {'Q-2/law-asking-wrongly'})}, examples=200, seed=5)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines() == first


@pytest.mark.slow
def test_each_boundary_is_reached() -> None:
    """F-1, A-4, L-1: the whole table is printed by `python -m tests.contract.reach`."""
    total, counts = reach.reached(600, 3)
    assert total > 600
    assert [name for name, (least, _) in reach.BOUNDARIES.items() if least >= 60 and not counts[name]] == []


FIVE = {
    "A-4 a fourth grant is ignored": " shows it",
    "F-2 twelve members": "matches the filter",
    "A-3 a filter overrides a grant": "a leak: none of the caller's ",
    "L-5 sorted by time under a filter": "the order must be the one in which they were loaded",
    "A-4 two users of a grant show the system": "a leak: none of the caller's ",
}  # fmt: skip


@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("name", FIVE)
def test_a_drawn_failure_is_small_and_says_why(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4, F-2, L-5: a handful of tasks and one question, which the line that is printed asks again."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(DATA_FAULTS[name](), only={"F-1/law-listing"}, seed=2)
    violation = report.violations[0]
    assert len(violation.case.population.tasks) <= 3
    told = str(violation)
    assert FIVE[name] in told
    assert "nothing can be left out of it: without any part of it the answer is right" in told
    for part in (
        "the rule ",
        "asked: ",
        "by: ",
        "of the tasks ",
        "expected: ",
        "got: ",
        "look at: ",
        "drawn for the law: ",
        "again: ",
    ):
        assert part in told
    assert f"questions drawn for 1 laws with the seed {report.seed}" in str(report)
    again = reproduce(violation.case.to_json(), DATA_FAULTS[name]())
    assert again is not None
    assert (again.problem, again.case.expect) == (violation.problem, violation.case.expect)
    assert reproduce(violation.case.to_json(), Reference()) is None


@pytest.mark.usefixtures("unshrunk")
def test_the_same_seed_finds_the_same() -> None:
    """F-1: case for case."""
    one, other = (run_contract(DATA_FAULTS["F-2 twelve members"](), only={"F-1/law-listing"}, seed=4) for _ in range(2))
    assert [each.case.request for each in one.violations] == [each.case.request for each in other.violations]


@pytest.mark.usefixtures("unshrunk")
def test_what_hidden_tasks_change_is_shown_with_both_answers() -> None:
    """A-5, A-6: and the line that asks it again compares them again."""
    faulty = DATA_FAULTS["A-6 a hidden task is told from a missing one"]
    report = run_contract(faulty(), only={"A-5/law-hiding"})
    (violation,) = report.violations
    assert violation.case.clause == "A-6"
    assert "and without these tasks 404" in violation.got
    assert "the same bytes as of the " in str(violation)
    assert reproduce(violation.case.to_json(), faulty()) is not None


class Remembers(Reference):
    """Forgets none of the answers that it gave about the tasks that it holds, whoever asked."""

    def load(self, items: list[ListItem]) -> None:
        super().load(items)
        self.given: dict[str, Any] = {}

    def listed(self, query: str, caller: Any) -> Any:
        self.check(caller)
        return self.given.setdefault(query, super().listed(query, caller))


@pytest.mark.slow
def test_what_depends_on_what_was_asked_before_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-3: the case by itself is answered rightly."""
    monkeypatch.setattr("snaptasks.testing.properties.SHRINKING_SECONDS", 1.0)
    report = run_contract(Remembers(), only={"F-1/law-listing"}, seed=1, examples=800)
    assert report.violations
    told = str(report)
    assert "asked by itself it is answered rightly: the answer depends on what was loaded and done before" in told
    assert "done before it, with these tasks:\n    asked {" in told
    assert "only=['F-1/law-listing'], seed=1, examples=800" in told


@pytest.mark.usefixtures("unshrunk")
def test_a_long_case_is_drawn_again_by_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """L-5: a thousand ids are no line to paste."""
    monkeypatch.setattr("snaptasks.testing.report._MAX_CASE", 500)
    report = run_contract(DATA_FAULTS["L-5 every 256th is lost"](), only={"F-1/law-listing"}, seed=3, examples=1500)
    assert any(
        "run_contract(Every256ThIsLost(), only=['F-1/law-listing'], seed=3" in str(each) for each in report.violations
    )


def test_a_crash_breaks_the_law_that_asked() -> None:
    """E-7: it is the implementation's; one of the kit is the kit's own."""
    report = run_contract(Crashing(), only={"F-1/law-listing"}, examples=50, seed=1)
    assert "list(...) raised KeyError('status')" in str(report)
    assert report.faults == []


def test_a_crash_of_a_law_is_the_suites(monkeypatch: pytest.MonkeyPatch) -> None:
    """E-7: and blamed on nobody else."""
    monkeypatch.setattr("snaptasks.testing.properties.problem", lambda case, answer: 1 // 0)
    report = run_contract(Reference(), only={"F-1/law-listing"}, examples=50, seed=1)
    assert (report.ok, report.violations, len(report.faults)) == (False, [], 1)
    assert "F-1/law-listing: a fault of the suite: ZeroDivisionError" in str(report)


class Ended(Scanned):
    """Ends when it has answered for a while."""

    left = 40

    def list(self, spec: Any, caller: Any) -> Any:
        from snaptasks.testing import TargetFailed  # noqa: PLC0415

        self.left -= 1
        if self.left < 0:
            raise TargetFailed("it has ended")
        return super().list(spec, caller)


def test_what_ends_while_it_is_drawn_ends_the_run() -> None:
    """W-5: and the laws that are left say nothing."""
    report = run_contract(Ended(), only=ALL, examples=500, seed=1)
    assert report.ended == "it has ended"
    assert not report.violations
    assert [*report.drawn] == ["F-1/law-listing"]


class OutOfReach(Scanned):
    """Its server does not let some questions through."""

    def list(self, spec: Any, caller: Any) -> Any:
        from snaptasks.testing import OutOfBounds  # noqa: PLC0415

        if len(spec.tasks) > 3:
            raise OutOfBounds("more than three ids do not fit")
        return super().list(spec, caller)


@pytest.mark.slow
def test_what_is_out_of_bounds_is_counted() -> None:
    """W-5: by its reason, and is no failure."""
    report = run_contract(OutOfReach(), only=ALL, examples=500, seed=1)
    assert report.ok, str(report)
    assert report.bounded["more than three ids do not fit"] > 5
    assert f"drawn and skipped {report.bounded.total()}: more than three ids do not fit" in str(report)


@pytest.mark.parametrize("implementation", [Scanned, Awaited])
def test_it_runs_inside_an_event_loop(implementation: Any) -> None:
    """W-5: as in a notebook; coroutines are awaited in a thread of their own."""

    async def main() -> Report:
        return run_contract(implementation(), only={"F-2", "F-1/law-listing"}, examples=40, seed=1)

    report = asyncio.run(main())
    assert report.ok, str(report)


def test_skipped_laws_are_told() -> None:
    """F-1: by the id or the clause, with the reason."""
    report = run_contract(
        Scanned(), only=ALL, examples=40, seed=1, skip={"A-5": "later", "F-1/law-listing": "too slow"}
    )
    assert report.not_drawn["A-5/law-hiding"] == "later"
    assert report.not_drawn["F-1/law-listing"] == "too slow"
    assert "not drawn, F-1/law-listing: too slow" in str(report)
    assert "F-1/law-narrowing" in report.drawn


def test_without_hypothesis_it_says_what_to_install() -> None:
    """W-5: and asks the vectors only where it is told to."""
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from snaptasks.testing import run_contract\nfrom tests.contract.implementations import Scanned\n"
        "print(run_contract(Scanned(), only={'F-3'}, examples=0).ok)\n"
        "try: run_contract(Scanned())\nexcept ModuleNotFoundError as error: print(error)\n"
        "from snaptasks._command import main\n"
        "main(['conform', '--python', 'tests.contract.implementations:Scanned'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    told = "drawn questions need hypothesis: pip install 'snaptasks[testing]', or ask for no examples, 0"
    assert done.stdout.splitlines() == ["True", told]
    assert done.stderr == f"snaptasks: {told}: --examples 0\n"


def test_a_law_draws_choices_only() -> None:
    """F-1: nothing that hypothesis would draw in another way."""
    for draw in ("draw_boolean", "draw_float", "draw_string", "draw_bytes"):
        with pytest.raises(NotImplementedError, match="a law draws choices only"):
            getattr(Uniform(None), draw)()


class Failing(Reference):
    """Answers everything with one response."""

    response = rest.Response(503, (), b"")

    def answer(self, give: Any, primary: str = "") -> rest.Response:
        return self.response


JSON = (("content-type", "application/json"),)


@pytest.mark.parametrize(
    ("response", "only", "told"),
    [
        (rest.Response(503, (), b""), "F-2", "look at: it failed; look at what it logs"),
        (rest.Response(401, (), b""), "F-2", "look at: it does not know the caller that asked"),
        (rest.Response(200, (), b'{"items":[]}'), "W-2/json", "look at: content-type must be 'application/json'"),
        (rest.Response(200, (), b"<html>"), "G-1/get-m", "look at: a body must be one JSON value"),
    ],
)
def test_a_wrong_form_has_a_hint_of_its_own(response: rest.Response, only: str, told: str) -> None:
    """W-1: and not the mistake that the vector was made for."""
    failing = Failing()
    failing.response = response
    report = str(run_contract(failing, only={only}, examples=0))
    assert told in report
    assert "a common mistake behind it" not in report


@pytest.mark.parametrize(
    ("body", "only", "told"),
    [
        (b'{"items":[]}', "W-2/json", 'it lacks "m"'),
        (
            b'{"items":[{"task":"b"},{"task":"b"}]}',
            "F-2/tasks-b",
            "no task is listed twice, however many grants match it",
        ),
        (b"{}", "G-1/get-m", "`cancelable` is missing"),
        (b"5", "G-1/get-m", "look at: `` is 5, and {"),
    ],
)
def test_a_wrong_answer_has_the_mistake_of_its_vector(body: bytes, only: str, told: str) -> None:
    """G-1, W-2: beside what is wrong."""
    failing = Failing()
    failing.response = rest.Response(200, JSON, body)
    report = str(run_contract(failing, only={only}, examples=0))
    assert told in report
    assert "a common mistake behind it" in report


@pytest.mark.usefixtures("unshrunk")
def test_what_is_no_listing_proves_no_law() -> None:
    """F-1: answers that cannot be read are the model's to report."""
    failing = Failing()
    failing.response = rest.Response(200, JSON, b"<html>")
    assert (
        run_contract(failing, only={"G-1/law-listing-and-getting", "F-1/law-narrowing"}, examples=40, seed=1).violations
        == []
    )
    assert run_contract(failing, only={"F-1/law-listing"}, examples=40, seed=1).violations


@pytest.mark.usefixtures("unshrunk")
def test_a_law_without_a_model_needs_none() -> None:
    """F-1: answers are held against one another; what is right by itself may show that the other one was wrong."""
    report = run_contract(FAULTS["F-3 no filter matches nothing"](), only={"F-1/law-narrowing"}, examples=400, seed=1)
    assert "which it must not" in str(report)
    assert '"because": "these were listed for {}"' in str(report)


class LoadsSome(Scanned):
    """Holds no tasks of many."""

    def load(self, items: list[ListItem]) -> None:
        if len(items) > 3:
            raise RuntimeError("too many")
        super().load(items)


@pytest.mark.slow
def test_what_cannot_load_breaks_the_law_that_loads() -> None:
    """W-5: with what it raised."""
    report = run_contract(LoadsSome(), only={"F-1/law-listing"}, examples=300, seed=1)
    assert "load(...) raised RuntimeError('too many')" in str(report)
    assert "asked: to load " in str(report)


class HoldsSome(Scanned):
    """Says that its store has a bound."""

    most = 3

    def load(self, items: list[ListItem]) -> None:
        from snaptasks.testing import OutOfBounds  # noqa: PLC0415

        if len(items) > self.most:
            raise OutOfBounds("it holds three tasks")
        super().load(items)


def test_tasks_that_cannot_be_held_are_skipped() -> None:
    """W-5: and what is only skipped proves nothing."""
    holding = HoldsSome()
    report = run_contract(holding, only={"F-1/law-listing"}, examples=600, seed=1)
    assert report.ok, str(report)
    assert report.bounded["it holds three tasks"] > 3
    holding.most = -1
    assert not run_contract(holding, only={"F-1/law-listing"}, examples=30, seed=1).ok


class ClosesItsLoop(Awaited):
    async def get(self, task: str, caller: Any) -> Any:
        asyncio.get_running_loop().stop()


def test_whatever_is_left_behind_there_is_a_report() -> None:
    """W-5: and what cannot be understood is refused, by name."""
    assert run_contract(ClosesItsLoop(), only={"G-1"}, examples=0).violations
    wrong: Any
    for wrong in (-1, 1e3, True, "5"):
        with pytest.raises(ValueError, match="examples must be an integer, 0 or more"):
            run_contract(Scanned(), examples=wrong)
    more: Any
    for more in ({"only": "L-1"}, {"skip": ["L-1"]}):
        with pytest.raises(TypeError, match="only must be a collection of ids, and skip a mapping"):
            run_contract(Scanned(), **more)
    with pytest.raises(ValueError, match="no rule L-99"):
        run_contract(Scanned(), skip={"L-99": "a misspelt one"})


class Odd(Bounded):
    """Gives responses whose parts are of other kinds."""

    parts: Any = (200, 5, b"")

    def request(self, *asked: Any) -> Any:
        response = rest.Response(200, (), b"")
        for name, part in zip(("status", "headers", "body"), self.parts, strict=True):
            object.__setattr__(response, name, part)
        return response


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((200, 5, b""), "it gave a rest.Response that cannot be read: TypeError("),
        (("200", (), b""), "whose status is no int, or whose body is no bytes"),
        ((200, (), "{}"), "whose status is no int, or whose body is no bytes"),
    ],
)
def test_an_odd_response_is_no_answer(parts: Any, told: str) -> None:
    """W-1: and no fault of the suite."""
    odd = Odd()
    odd.parts = parts
    report = run_contract(odd, only={"F-3"}, examples=0)
    assert report.faults == []
    assert told in str(report)


class Ending(Reference):
    """Answers wrongly, and then no more."""

    left = 2

    def listed(self, query: str, caller: Any) -> Any:
        from snaptasks.testing import TargetFailed  # noqa: PLC0415

        self.left -= bool(super().listed(query, caller)["items"])
        if self.left < 0:
            raise TargetFailed("it has gone")
        return {"items": []}


@pytest.mark.usefixtures("unshrunk")
def test_what_ends_while_its_case_is_made_small_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-5: and the end is told, too."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(Ending(), only={"F-1/law-listing"}, examples=100, seed=2)
    assert report.ended == "it has gone"
    assert "it lacks " in str(report)


class Narrow(Reference):
    """Wrong, and its server lets only what is long through."""

    def list(self, query: str, caller: Any) -> Any:
        from snaptasks.testing import OutOfBounds  # noqa: PLC0415

        if "&" not in query:
            raise OutOfBounds("too plain")
        return super().list(query, caller)

    def found(self, caller: Any, members: Any) -> Any:
        return []


@pytest.mark.usefixtures("unshrunk")
def test_a_smaller_case_that_is_out_of_bounds_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-5: what is shown was answered."""
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 600.0)
    report = run_contract(Narrow(), only={"F-1/law-listing"}, examples=200, seed=1)
    assert report.violations
    assert all("&" in each.case.request["list"] for each in report.violations)


# Sources of one's own.


class Plain:
    """A right source: a dict."""

    def __init__(self, items: Iterable[ListItem]) -> None:
        self.held = {item.task: item for item in items}

    def wanted(self, wanted: Wanted) -> list[ListItem]:
        return [item for item in self.held.values() if wanted.matches(item)]

    def select(self, wanted: Wanted, at_most: int) -> Any:
        return self.wanted(wanted)

    def scan(self, wanted: Wanted) -> Any:
        return iter(self.wanted(wanted))

    def find(self, task: str) -> Any:
        return self.held.get(task)

    def put(self, item: ListItem) -> None:
        self.held[item.task] = item

    def remove(self, task: str) -> None:
        del self.held[task]


class Async(Plain):
    """A right source whose answers must be awaited."""

    async def select(self, wanted: Wanted, at_most: int) -> Any:
        return self.wanted(wanted)

    async def scan(self, wanted: Wanted) -> Any:
        for item in self.wanted(wanted):
            yield item

    async def find(self, task: str) -> Any:
        return self.held.get(task)


class ReadOnly(Plain):
    """It has no way to put."""

    put = remove = None  # type: ignore[assignment]


async def made_later(items: Sequence[ListItem]) -> Plain:
    return Plain(items)


def on_sql(items: list[ListItem]) -> SqlTaskSource:
    implementation = OnSql()
    implementation.load(items)
    return implementation.source


def checks_of(make_source: Callable[[list[ListItem]], Any], examples: int) -> dict[str, Callable[[Any], None]]:
    made = source_contract_tests(make_source, examples=examples, seed=9)
    return {name: test for name, test in vars(made).items() if name.startswith("test_")}


@pytest.mark.parametrize(
    "make_source",
    [Plain, *(pytest.param(each, marks=pytest.mark.slow) for each in (Async, TaskIndex, on_sql, made_later))],
)
def test_a_right_source_passes(make_source: Any) -> None:
    """A-9, L-5, G-1: vectors and laws, also while it changes."""
    tests = checks_of(make_source, 150)
    assert {"test_F_2", "test_A_4", "test_A_9_law_selecting", "test_L_5_law_changing", "test_F_1_law_listing"} <= {
        *tests
    }
    assert not {name for name in tests if name.startswith(("test_Q", "test_W", "test_A_1"))}
    for test in tests.values():
        test(None)


def test_a_source_without_changes_is_not_changed() -> None:
    """L-5: what it lacks is skipped, and told."""
    tests = checks_of(ReadOnly, 60)
    tests["test_A_9_law_selecting"](None)
    with pytest.raises(pytest.skip.Exception, match="it has no put and remove"):
        tests["test_L_5_law_changing"](None)


def over(items: Sequence[ListItem], at_most: int) -> Any:
    from snaptasks import OVER_LIMIT  # noqa: PLC0415

    return OVER_LIMIT if len(items) >= at_most else items


def none_but_the_first(wanted: Wanted, item: ListItem) -> bool:
    return wanted.filters[0].matches(item)


class KeepsPlaces(Plain):
    """Replacing a task moves it to the end."""

    def put(self, item: ListItem) -> None:
        self.held.pop(item.task, None)
        super().put(item)


class Forgets(Plain):
    """An id that was removed stays so."""

    gone: frozenset[str] = frozenset()

    def remove(self, task: str) -> None:
        self.gone |= {task}
        super().remove(task)

    def put(self, item: ListItem) -> None:
        if item.task not in self.gone:
            super().put(item)


class Indexed(Plain):
    """An index of users that a replacement does not change."""

    def __init__(self, items: Iterable[ListItem]) -> None:
        super().__init__(items)
        self.users = {item.task: item.info.user for item in self.held.values()}

    def put(self, item: ListItem) -> None:
        self.users.setdefault(item.task, item.info.user)
        super().put(item)

    def wanted(self, wanted: Wanted) -> list[ListItem]:
        users = (
            frozenset[str]().union(*(spec.users for spec in wanted.filters))
            if all(s.users for s in wanted.filters)
            else None
        )
        found = super().wanted(wanted)
        return [item for item in found if users is None or self.users.get(item.task) in users]


def unavailable(source: Plain, wanted: Wanted, at_most: int) -> Any:
    from snaptasks import LocalizableMessage, ServiceUnavailable  # noqa: PLC0415

    raise ServiceUnavailable(LocalizableMessage(id="m", default_message="gone"))


FAULTY_SOURCES: dict[str, tuple[Any, str]] = {
    "one limit too few": (type("S", (Plain,), {"select": lambda s, w, n: over(s.wanted(w), n)}), "A_9_law_selecting"),
    "backwards": (type("S", (Plain,), {"select": lambda s, w, n: s.wanted(w)[::-1]}), "A_9_law_selecting"),
    "the first filter alone": (
        type("S", (Plain,), {"select": lambda s, w, n: [i for i in s.held.values() if none_but_the_first(w, i)]}), "A_9_law_selecting",
    ),
    "a scan with too many": (type("S", (Plain,), {"scan": lambda s, w: iter(s.held.values())}), "A_9_law_scanning"),
    "a scan of none": (type("S", (Plain,), {"scan": lambda s, w: iter(())}), "A_7_law_showing"),
    "find folds": (type("S", (Plain,), {"find": lambda s, t: next((i for i in s.held.values() if i.task.lower() == t.lower()), None)}), "G_1_law_finding"),
    "find finds none": (type("S", (Plain,), {"find": lambda s, t: None}), "G_1_law_finding"),
    "find gives an info": (type("S", (Plain,), {"find": lambda s, t: s.held[t].info if t in s.held else None}), "G_1_law_finding"),
    "select gives ids": (type("S", (Plain,), {"select": lambda s, w, n: [i.task for i in s.wanted(w)]}), "A_9_law_selecting"),
    "select is unavailable": (type("S", (Plain,), {"select": unavailable}), "A_9_law_selecting"),
    "select raises": (type("S", (Plain,), {"select": lambda s, w, n: 1 // 0}), "A_9_law_selecting"),
    "replacing moves": (KeepsPlaces, "L_5_law_changing"),
    "removing is for ever": (Forgets, "L_5_law_changing"),
    "a stale index": (Indexed, "L_5_law_changing"),
    "put does nothing": (type("S", (Plain,), {"put": lambda s, i: None}), "L_5_law_changing"),
    "remove raises": (type("S", (Plain,), {"remove": lambda s, t: 1 // 0}), "L_5_law_changing"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("name", FAULTY_SOURCES)
def test_a_faulty_source_is_found(name: str) -> None:
    """A-9, L-5, G-1: by the law that it breaks, with what was put and removed before."""
    make_source, law = FAULTY_SOURCES[name]
    with pytest.raises(pytest.fail.Exception) as failed:
        checks_of(make_source, 4000)[f"test_{law}"](None)
    assert "again: the test of " in str(failed.value)
    if law == "L_5_law_changing" and "raises" not in name:
        assert "done before it, with these tasks:" in str(failed.value)


def test_a_vector_that_a_source_breaks_is_told() -> None:
    """F-2: with the test that asks it again."""
    none = type("S", (Plain,), {"select": lambda s, w, n: []})
    with pytest.raises(pytest.fail.Exception, match=r"again: the test of F-2 in source_contract_tests\(make_source\)"):
        checks_of(none, 20)["test_F_2"](None)


def test_the_limit_is_said_by_over_limit_or_by_more() -> None:
    """L-1: one is as good as the other."""
    exact = type("S", (Plain,), {"select": lambda s, w, n: over(s.wanted(w), n + 1)})
    assert isinstance(exact([]).select(None, -1), OverLimit)
    checks_of(exact, 1500)["test_A_9_law_selecting"](None)


def test_a_drawn_case_is_a_vector() -> None:
    """F-1: a case is read back from what is written."""
    report = run_contract(Scanned(), only={"F-1/law-listing"}, examples=40, seed=1)
    assert report.ok
    case = Case.from_json(json.dumps({
        "id": "F-1/mine", "clause": "F-1", "level": "ours", "mistake": "", "population": "crossed", "caller": "root",
        "request": {"list": "tasks=m", "filter": {"tasks": ["m"]}}, "expect": {"status": 200, "tasks": ["m"]},
    }))  # fmt: skip
    again = Case.from_json(case.to_json())
    assert again.population.tasks == case.population.tasks
    assert (again.who, again.request) == (case.who, case.request)
    assert reproduce(case.to_json(), Bounded()) is None


def test_a_get_by_nobody_has_no_hint_of_grants() -> None:
    """G-1: what is expected of nobody is not that clear."""
    case = {
        "id": "G-1/mine", "clause": "G-1", "level": "must", "mistake": "", "population": "crossed", "caller": None,
        "request": {"get": "m"}, "expect": {"status": 200, "info_of": "m"},
    }  # fmt: skip
    violation = reproduce(json.dumps(case), Reference())
    assert violation is not None
    assert (violation.problem, violation.hint) == ("the status is 401", None)


def test_a_law_is_drawn_again_by_the_command_line() -> None:
    """F-1: in the terms of the target."""
    again = Again("--url http://127.0.0.1 --load load")
    assert again.of_law("F-1/law-listing", 7, 100) == (
        "snaptasks conform --only F-1/law-listing --seed 7 --examples 100 --url http://127.0.0.1 --load load"
    )


def test_ctrl_c_ends_a_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-5: it is in a session of its own, and hears of none."""
    started: list[subprocess.Popen[bytes]] = []

    def interrupted(self: subprocess.Popen[bytes], *_: Any) -> Any:
        started.append(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(subprocess.Popen, "communicate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Server("http://127.0.0.1:1", ["sleep", "1000"]).load([])
    assert started[0].poll() is not None


@pytest.mark.slow
def test_a_source_is_not_asked_where_nothing_is_wanted() -> None:
    """A-9: of callers without grants, for one."""
    tests = checks_of(TaskIndex, 3000)
    assert [tests[name](None) for name in ("test_A_9_law_scanning", "test_A_9_law_selecting")] == [None, None]
