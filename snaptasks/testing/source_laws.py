"""Define the laws of a source: about select, scan and find, about a predicate, and about changes.

Decides what must hold. Does not know how a source finds its tasks.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from .. import (
    EVERYTHING,
    FilterSpec,
    Info,
    ListItem,
    ListResult,
    LocalizableMessage,
    NotFound,
    OverLimit,
    ResourceInaccessible,
    Visibility,
    Wanted,
    authorize,
)
from .._flow import drive_async
from .._text import type_name
from ..listing import get_flow, list_flow
from .cases import Answer, Case, Population, visibility_of
from .laws import ROOT, each_caller, expected
from .properties import Drawn, Law
from .questions import draw_listing, draw_task_id
from .target import Asker, NoAnswer, Target
from .worlds import World, draw_task

__all__ = ["SourceAdapter", "source_laws"]

_Tree = Mapping[str, Any]

# The number of changes and questions between two loads of a source.
_STEPS: Final = 16

# The number of questions of each caller to a source.
_QUESTIONS: Final = 4

_NOTE: Final = LocalizableMessage(id="snaptasks.testing", default_message="The result of a source, as an answer.")
_OVER_LIMIT: Final = Answer(500, ResourceInaccessible(_NOTE).value.to_json())
_NONE: Final = Answer(404, NotFound(_NOTE).value.to_json())


class SourceAdapter:
    """Adapt a source to an implementation."""

    lacks: Mapping[str, str] = {"request": "a source knows no HTTP", "queries": "a source takes no query"}

    def __init__(self, make_source: Callable[[list[ListItem]], Any]) -> None:
        self._make = make_source
        self.source: Any = None

    async def load(self, items: list[ListItem]) -> None:
        """Make a source that holds these tasks."""
        made = self._make(items)
        self.source = await made if inspect.isawaitable(made) else made

    async def list(self, spec: FilterSpec, caller: Asker | None) -> ListResult:
        """Return the listing of a caller."""
        authorize(None if caller is None else caller.caller)
        return await self.list_visible(spec, EVERYTHING if caller is None else caller.visibility)

    async def list_visible(self, spec: FilterSpec, visibility: Visibility) -> ListResult:
        """Return the listing of a visibility, without a caller."""
        return await drive_async(list_flow(self.source, spec, visibility))

    async def get(self, task: str, caller: Asker | None) -> Info:
        """Return the state of a task for a caller."""
        authorize(None if caller is None else caller.caller)
        return await drive_async(get_flow(self.source, task, EVERYTHING if caller is None else caller.visibility))

    async def collect(self, scanned: Any) -> Sequence[ListItem]:
        """Return all tasks of a scan, which may be awaitable, iterable or an async iterable."""
        found = await scanned if inspect.isawaitable(scanned) else scanned
        return [item async for item in found] if isinstance(found, AsyncIterable) else [*found]


def source_laws(held: SourceAdapter, target: Target) -> list[Law]:
    """Return the laws for the source of an implementation."""
    laws = _SourceLaws(held, target)
    return [
        Law("A-9/law-selecting", "select returns the wanted tasks in order, or OVER_LIMIT", 20, laws.check_select),
        Law("A-9/law-scanning", "scan returns the wanted tasks in order", 10, laws.check_scan),
        Law("G-1/law-finding", "find returns the task with exactly this id", 25, laws.check_find),
        Law(
            "A-7/law-showing",
            "a predicate shows the same tasks of a source as of the plain scan",
            10,
            laws.check_predicate,
        ),
        Law(
            "L-5/law-changing",
            "after puts and removes, the stored tasks are listed in the order of insertion",
            20,
            laws.check_changes,
        ),
    ]


class _SourceLaws:
    """Check the laws of one source."""

    def __init__(self, held: SourceAdapter, target: Target) -> None:
        self._held, self._target = held, target

    def check_select(self, drawn: Drawn, world: World) -> None:
        for who, wanted, request in _each_wanted(drawn, world):
            at_most = drawn.choose.of((1000, 0, 1, 2, 3, 999))
            ids = [item.task for item in world.population.items if wanted.matches(item)]
            is_over = len(ids) > at_most
            expect = {"status": 500, "errors": ["RESOURCE_INACCESSIBLE"]} if is_over else {"status": 200, "tasks": ids}
            through = {"through": f"select(wanted, at_most={at_most}); OVER_LIMIT, or more, is RESOURCE_INACCESSIBLE"}
            case = drawn.case(world.population, who, {**request, **through}, expect)
            drawn.hold(case, partial(self._ask_select, wanted, at_most))

    def _ask_select(self, wanted: Wanted, at_most: int, case: Case) -> Answer:
        found = self._target.call("select", lambda: self._held.source.select(wanted, at_most))
        is_over = isinstance(found, OverLimit) or (
            isinstance(found, Sequence) and not isinstance(found, Answer) and len(found) > at_most
        )
        return _OVER_LIMIT if is_over else _as_listing(found)

    def check_scan(self, drawn: Drawn, world: World) -> None:
        for who, wanted, request in _each_wanted(drawn, world):
            ids = [item.task for item in world.population.items if wanted.matches(item)]
            case = drawn.case(
                world.population, who, {**request, "through": "scan(wanted)"}, {"status": 200, "tasks": ids}
            )
            drawn.hold(case, partial(self._ask_scan, wanted))

    def _ask_scan(self, wanted: Wanted, case: Case) -> Answer:
        return _as_listing(self._target.call("scan", lambda: self._held.collect(self._held.source.scan(wanted))))

    def check_find(self, drawn: Drawn, world: World) -> None:
        for _ in each_caller(drawn, world):
            request = {"get": drawn.draw(draw_task_id, world)}
            expect = expected(world.population, ROOT, request)
            drawn.hold(drawn.case(world.population, ROOT, {**request, "through": "find(task)"}, expect), self._ask_find)

    def _ask_find(self, case: Case) -> Answer:
        task = case.request["get"]
        found = self._target.call("find", lambda: self._held.source.find(task))
        if found is None or isinstance(found, Answer):
            return found or _NONE
        if not isinstance(found, ListItem) or found.task != task:
            raise NoAnswer(f"find returned {type_name(found)}; it must return the ListItem of this id, or None")
        return Answer(200, found.info.to_json())

    def check_predicate(self, drawn: Drawn, world: World) -> None:
        for _ in each_caller(drawn, world):
            request, users = drawn.draw(draw_listing, world, ROOT), drawn.choose.some(world.pools["users"])
            spec = FilterSpec(**request["filter"])
            seen = Population("as drawn", [t for t in world.population.tasks if t["info"].get("user") in users])
            through = {"through": f"list_tasks with a predicate that shows the users {json.dumps(users)}"}
            case = drawn.case(world.population, ROOT, {**request, **through}, expected(seen, ROOT, request))
            drawn.hold(case, partial(self._ask_predicate, spec, users))

    def _ask_predicate(self, spec: FilterSpec, users: Sequence[str], case: Case) -> Answer:
        shows = _predicate_of(users)
        return _as_listing(self._target.call("list_tasks", lambda: self._held.list_visible(spec, shows)))

    def check_changes(self, drawn: Drawn, world: World) -> None:
        drawn.load(world.population, world.callers)
        stored, population = {task["task"]: task for task in world.population.tasks}, world.population
        if not self._can_change():
            drawn.skip("the source does not have both put or put_all, and remove")
        removed: list[str] = []
        for _ in range(_STEPS):
            kind = drawn.choose.of(("ask", "put", "remove", "ask", "replace"))
            if kind == "ask":
                who = drawn.choose.of(world.callers)
                request = drawn.draw(draw_listing, world, who)
                drawn.hold(drawn.case(population, who, request, expected(population, who, request)))
            elif kind == "remove" and stored:
                old = drawn.choose.of([*stored])
                del stored[old]
                removed.append(old)
                self._change(drawn, population, f"remove({json.dumps(old)})", partial(self._remove, old))
            else:
                # Removed ids come back often, because a source may remember them.
                ids = [*stored] if kind == "replace" and stored else removed * 9 + [*world.names]
                put = drawn.draw(draw_task, world.pools, ids)
                stored[put["task"]] = put
                self._change(drawn, population, f"put({json.dumps(put)})", partial(self._put, put))
            population = Population("as changed", [*stored.values()])

    def _can_change(self) -> bool:
        return self._has("remove") and (self._has("put") or self._has("put_all"))

    def _has(self, method: str) -> bool:
        return callable(getattr(self._held.source, method, None))

    def _remove(self, task: str) -> object:
        return self._held.source.remove(task)

    def _put(self, task: _Tree) -> object:
        source, item = self._held.source, ListItem.from_python(task)
        return source.put(item) if self._has("put") else source.put_all([item])

    def _change(self, drawn: Drawn, population: Population, name: str, call: Callable[[], object]) -> None:
        case = drawn.case(population, None, {"list": "", "through": name}, {"status": 200})
        drawn.attempt(case, lambda case: self._target.call_without_result(name.partition("(")[0], call))
        drawn.note(name)


def _each_wanted(drawn: Drawn, world: World) -> Iterator[tuple[_Tree, Wanted, _Tree]]:
    """Yield questions for a source: the caller, the wanted tasks, and the request."""
    drawn.load(world.population, world.callers)
    for who in world.callers:
        for _ in range(_QUESTIONS):
            request = drawn.draw(draw_listing, world, who)
            wanted = Wanted.of(FilterSpec(**request["filter"]), visibility_of(who or ROOT))
            if wanted is not None:
                yield who or ROOT, wanted, request


def _predicate_of(users: Sequence[str]) -> Visibility:
    return lambda item: item.info.user in users


def _as_listing(found: Any) -> Answer:
    """Return the result of a source as the answer to a listing.

    Raises:
        NoAnswer: it is not a sequence of tasks.
    """
    if isinstance(found, Answer):  # one of the 25 errors, or a listing already
        return found
    try:
        return Answer(200, ListResult(items=[*found]).to_json())
    except Exception as error:  # a foreign sequence may raise anything
        raise NoAnswer(f"the source returned {type_name(found)}; it must return a sequence of ListItem") from error
