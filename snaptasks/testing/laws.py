"""Define the laws, each with the clause from which it follows.

The first two laws compare each answer with a model, the plain scan. The others compare answers of one implementation
with each other.

Decides what must hold. Does not know how questions are drawn, asked or shrunk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from .. import EVERYTHING, MAX_RESULTS, Caller, Error, FilterSpec, Grants, authorize, get_task, list_tasks
from .cases import Answer, Population, visibility_of
from .comparison import find_twin_problem, ids_of
from .properties import QUESTIONS, Drawn, Law
from .questions import draw_filter, draw_listing, draw_task_id, draw_wrong_query, listing_request
from .wording import count, describe_answers
from .worlds import FIELDS, World, draw_grant, draw_members

__all__ = ["LAWS", "ROOT", "each_caller", "expected"]

_Tree = Mapping[str, Any]
_Filter = Mapping[str, Sequence[str]]

ROOT: Final[_Tree] = {"user": "root", "privileges": ["System.Read"], "sees": "everything"}
_OVER_THE_CAP: Final[_Tree] = {"status": 500, "errors": ["RESOURCE_INACCESSIBLE"]}


def expected(population: Population, who: _Tree | None, request: _Tree) -> _Tree:
    """Return the answer of the model, the plain scan, as the expectation of a case.

    Args:
        population: the stored tasks.
        who: the caller; None is an unauthenticated one.
        request: a get or a listing.
    """
    try:
        authorize(None if who is None else Caller(user=who["user"], privileges=who["privileges"]))
        visibility = visibility_of(who or {})
        if "get" in request:
            get_task(population.items, request["get"], visibility=visibility)
            return {"status": 200, "info_of": request["get"]}
        found = list_tasks(population.items, FilterSpec(**request["filter"]), visibility=visibility)
    except Error as error:
        return {"status": error.http_status, "errors": [error.error_type.value]}
    return {"status": 200, "tasks": [item.task for item in found]}


def each_caller(drawn: Drawn, world: World) -> Iterator[_Tree | None]:
    """Load a population, and yield the caller of each question about it."""
    drawn.load(world.population, world.callers)
    for _ in range(QUESTIONS):
        yield drawn.choose.of(world.callers)


def _check_listing(drawn: Drawn, world: World) -> None:
    for who in each_caller(drawn, world):
        request = drawn.draw(draw_listing, world, who)
        drawn.hold(drawn.case(world.population, who, request, expected(world.population, who, request)))


def _check_getting(drawn: Drawn, world: World) -> None:
    for who in each_caller(drawn, world):
        request = {"get": drawn.draw(draw_task_id, world)}
        drawn.hold(drawn.case(world.population, who, request, expected(world.population, who, request)))


def _check_within(drawn: Drawn, world: World, who: _Tree | None, narrow: _Filter, wide: _Filter) -> None:
    """Check that a narrow filter lists only tasks that a wide one lists."""
    around = _list_ids(drawn, world.population, who, wide)
    if around is not None:
        expect = {"status": 200, "tasks_within": around, "because": f"these were listed for {wide}"}
        drawn.hold(drawn.case(world.population, who, listing_request(narrow), expect))


def _check_narrowing(drawn: Drawn, world: World) -> None:
    for who in each_caller(drawn, world):
        wide = drawn.draw(draw_filter, world, who)
        field = drawn.choose.of([field for field in FIELDS if field not in wide] or FIELDS)
        more = {field: drawn.draw(draw_members, world.pools, world.names, field)}
        _check_within(drawn, world, who, {**more, **wide}, wide)


def _check_widening(drawn: Drawn, world: World) -> None:
    for who in each_caller(drawn, world):
        narrow = drawn.draw(draw_filter, world, who)
        field = drawn.choose.of([*narrow] or FIELDS)
        more = [*narrow.get(field, ()), *drawn.draw(draw_members, world.pools, world.names, field)]
        _check_within(drawn, world, who, {field: more[:1], **narrow}, {**narrow, field: [*dict.fromkeys(more)]})


def _check_splitting(drawn: Drawn, world: World) -> None:
    for who in each_caller(drawn, world):
        spec = drawn.draw(draw_filter, world, who)
        field = drawn.choose.of([*spec] or FIELDS)
        whole = spec.get(field) or drawn.draw(draw_members, world.pools, world.names, field)
        at = 1 + drawn.choose.index(len(whole))
        parts = [
            _list_ids(drawn, world.population, who, {**spec, field: part})
            for part in (whole[:at], whole[at:] or whole[:1])
        ]
        if None not in parts:
            both = {task for part in parts for task in part or ()}
            merged = [task["task"] for task in world.population.tasks if task["task"] in both]
            expect = _OVER_THE_CAP if len(merged) > MAX_RESULTS else {"status": 200, "tasks": merged}
            because = {
                "because": f"this was listed for the first {count(at, 'member')} of `{field}` and for the others"
            }
            drawn.hold(
                drawn.case(world.population, who, listing_request({**spec, field: whole}), {**expect, **because})
            )


def _check_granting(drawn: Drawn, world: World) -> None:
    asked = [drawn.draw(draw_grant, world.pools, world.names) for _ in range(QUESTIONS // 2)]
    granted = [{**ROOT, "user": "granted", "sees": [grant]} for grant in asked]
    drawn.load(world.population, [ROOT, *granted])
    for grant, who in zip(asked, granted, strict=True):
        listed = _list_ids(drawn, world.population, ROOT, grant)
        if listed is not None:
            expect = {"status": 200, "tasks": listed, "because": "these were listed for the grant as a filter"}
            drawn.hold(drawn.case(world.population, who, listing_request({}), expect))


def _check_hiding(drawn: Drawn, world: World) -> None:
    who = drawn.choose.of([who for who in world.callers if who and who["sees"] != "everything"] or world.callers)
    requests: list[_Tree] = []
    for _ in range(QUESTIONS // 2):
        task, listing = drawn.draw(draw_task_id, world), drawn.draw(draw_listing, world, who)
        requests.append({"get": task} if drawn.choose.seldom(2) and not drawn.lacks("get") else listing)
    visible = _visible_population(world.population, who)
    cases = [
        drawn.case(world.population, who, request, expected(world.population, who, request), twin=visible)
        for request in requests
    ]
    drawn.load(world.population, [who])
    before = [drawn.answer(case) for case in cases]
    drawn.load(visible, [who])
    for case, answer in zip(cases, before, strict=True):
        twin = drawn.answer(case)
        if answer is not None and twin is not None:
            wrong = find_twin_problem(case, answer, twin)
            if wrong is not None:
                drawn.broken(case, wrong, describe_answers(answer, twin))


def _visible_population(population: Population, who: _Tree | None) -> Population:
    """Return the tasks that a caller may see."""
    visibility = Grants([]) if who is None else visibility_of(who)
    seen = {item.task for item in population.items if visibility is EVERYTHING or visibility(item)}
    return Population("as drawn, of what the caller may see", [t for t in population.tasks if t["task"] in seen])


def _check_inserting(drawn: Drawn, world: World) -> None:
    who = drawn.choose.of(world.callers)
    requests = [drawn.draw(draw_filter, world, who) for _ in range(QUESTIONS // 2)]
    drawn.load(world.population, [who])
    before = [_list_ids(drawn, world.population, who, request) for request in requests]
    turned = Population("as drawn", world.population.tasks[::-1])
    drawn.load(turned, [who])
    for request, listed in zip(requests, before, strict=True):
        if listed is not None:
            because = "these were listed in reverse order when the tasks were loaded in reverse order"
            drawn.hold(
                drawn.case(
                    turned, who, listing_request(request), {"status": 200, "tasks": listed[::-1], "because": because}
                )
            )


def _check_listing_and_getting(drawn: Drawn, world: World) -> None:
    for who in each_caller(drawn, world):
        task = drawn.draw(draw_task_id, world)
        listed = _list_ids(drawn, world.population, who, {"tasks": [task]})
        if listed is not None:
            expect = {"status": 200, "info_of": task} if listed == [task] else {"status": 404, "errors": ["NOT_FOUND"]}
            because = {"because": f"{'it' if listed else 'no task'} was listed for this id"}
            drawn.hold(drawn.case(world.population, who, {"get": task}, {**expect, **because}))


def _check_asking_wrongly(drawn: Drawn, world: World) -> None:
    for who in each_caller(drawn, world):
        query, error = drawn.draw(draw_wrong_query, world, who)
        expect = expected(world.population, who, listing_request({"tasks": ["a"]}))
        expect = expect if expect["status"] in {401, 403} else {"status": 400, "errors": [error]}
        drawn.hold(drawn.case(world.population, who, {"list": query}, expect))


def _list_ids(drawn: Drawn, population: Population, who: _Tree | None, filter: _Filter) -> list[str] | None:
    """Return the listed ids; None for an error, and if there is no answer."""
    answer: Answer | None = drawn.answer(drawn.case(population, who, listing_request(filter), {}))
    return None if answer is None or answer.status != HTTPStatus.OK else ids_of(answer)


LAWS: Final = (
    Law(
        "F-1/law-listing",
        "a listing has the tasks of the plain scan in the same order, or its error",
        50,
        _check_listing,
        expects=expected,
    ),
    Law(
        "G-1/law-getting",
        "a get has the task of the plain scan, or its error",
        10,
        _check_getting,
        "get",
        expects=expected,
    ),
    Law("F-1/law-narrowing", "a filter with one more field lists no other tasks", 4, _check_narrowing),
    Law("F-2/law-widening", "a filter with more members in a field lists at least the same tasks", 4, _check_widening),
    Law("F-2/law-splitting", "all members of a field list the same tasks as two parts of them", 5, _check_splitting),
    Law(
        "A-4/law-granting",
        "a caller with one grant sees the tasks that the grant lists as a filter",
        5,
        _check_granting,
    ),
    Law(
        "A-5/law-hiding", "tasks that a caller may not see do not change a byte of an answer", 18, _check_hiding, big=2
    ),
    Law("L-5/law-inserting", "tasks that are loaded in reverse order are listed in reverse order", 3, _check_inserting),
    Law(
        "G-1/law-listing-and-getting",
        "a get returns a task if, and only if, a listing has it",
        3,
        _check_listing_and_getting,
        "get",
    ),
    Law(
        "Q-2/law-asking-wrongly",
        "a query with a violation is refused for every caller and for all stored tasks",
        4,
        _check_asking_wrongly,
        "queries",
    ),
)
