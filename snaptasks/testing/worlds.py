"""Draw the tasks of a store, and the callers.

Decides which tasks, callers and grants are drawn, and how often. Does not know the implementation, so that every
implementation gets the same questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from .cases import Population
from .choices import Choose
from .names import FAMILIES, LONG, NEVER_STORED, PLAIN, USERS

__all__ = [
    "FIELDS",
    "NAMED",
    "World",
    "add_other_names",
    "draw_grant",
    "draw_lookalikes",
    "draw_members",
    "draw_task",
    "draw_world",
    "filter_of_value",
]

_Tree = Mapping[str, Any]

FIELDS: Final = ("tasks", "operations", "services", "status", "users")
NAMED: Final = (("users", "user"), ("services", "service"), ("status", "status"), ("operations", "operation"))
_STATUSES: Final = ("RUNNING", "PENDING", "BLOCKED", "SUCCEEDED", "FAILED")

# The sizes of two batches of equal tasks: around pages, and around the cap for one batch, for each, and for both.
_BATCHES: Final = (
    (13, 0), (100, 0), (200, 0), (256, 1), (300, 257), (500, 500), (500, 501), (600, 300), (700, 600), (800, 301), (999, 0),
    (1000, 0), (1000, 1), (1001, 0), (999, 2), (1001, 3), (1040, 0), (600, 450), (1002, 9), (1100, 2), (1003, 0), (1020, 4),
)  # fmt: skip

# The most grants of a caller that may be wide, inclusive; a caller with more grants has only narrow ones.
_SOME: Final = 5

# The numbers of members of a grant's field that has many.
_MANY_GRANTED: Final = (13, 101, 65, 257)

# The numbers of grants of a caller: none to dozens.
_GRANTS: Final = (1, 0, 2, 2, 3, 3, 4, 5, 6, 8, 13, 30)

_READ: Final = ("System.Read",)
_PRIVILEGES: Final = (
    *(_READ for _ in range(12)),
    ("System.View", "System.Read"),
    ("Alarm.Create", "Datastore.Browse", "System.Anonymous", "System.Read", "VApp.Clone"),
    ("System.Anonymous", "System.View", "Task.Create"),
    ("System.Read.All", "system.read", "System.ReadOnly", " System.Read", "System"),
)

_MESSAGE: Final = {"id": "m", "default_message": "A message", "args": []}

# The fields of tasks that no filter reads. Every JSON parser holds their numbers: up to 2**53, no 1.0.
_MORE: Final[tuple[_Tree, ...]] = (
    {},
    {"result": {"b": [1, 1.5, True, None, "x"], "a": {}, "": [[], [[1], 2]], "n": None, "t": {"u": None}}},
    {"result": '\u0000\u001f \\ " / \u2028 \ud7ff \U0001f600'},
    {"result": [9007199254740991, -9007199254740991, 0, False, "0", 0.1, 1e-7]},
    {"result": ["x" * 2000, {"deep": [[[[[[[["y"]]]]]]]]}]},
    {"result": False},
    {"target": {"type": "com.vmware.Datastore", "id": "d-1"}, "vc_task": "task-7"},
    {"cancelable": True, "description": {"id": "m.{0}", "default_message": "\u00e4 {0} %s", "args": ["a", "", *"bcdefghijklm"], "localized": "l"}},
    {"description": {"id": "m", "default_message": "n", "args": [], "params": {"p": {"i": 5}, "d": {"d": 1.5, "precision": 1}}}},
    {"parent": "", "user": ""},
)  # fmt: skip
_ERRORS: Final[tuple[_Tree, ...]] = (
    {},
    {"error": {"messages": [_MESSAGE, {**_MESSAGE, "id": "cause"}], "error_type": "NOT_FOUND", "data": {"type": "t", "id": "i"}}},
    {"error": {"messages": [], "error_type": "NEWER_ERROR"}},
)  # fmt: skip


class World(NamedTuple):
    """Hold the tasks of a store, the names that they have in each field, all names that are alike, and the callers."""

    population: Population
    pools: Mapping[str, Sequence[str]]
    names: Sequence[str]
    callers: Sequence[_Tree | None]


def draw_world(choose: Choose, big: int = 4) -> World:
    """Draw tasks and one to four callers of few names, so that they match; one of `big` stores is a big one."""
    names = _draw_names(choose)
    ids = (*names, *(f"task-{number}" for number in range(1, 13)))
    pools: dict[str, Sequence[str]] = {
        "services": choose.some(names, least=1, most=3),
        "operations": choose.some(names, least=1, most=2),
        "users": choose.some(USERS if choose.seldom(3) else names, least=1, most=3),
    }
    if choose.seldom(4):
        pools["services"] = pools["operations"] = pools["users"]  # catches an implementation that confuses two fields
    population = _draw_population(choose, pools, ids, big)
    stored = [task["task"] for task in population.tasks]
    pools["tasks"] = [*stored[:12], *stored[12:][-3:]] or ids[:3]
    names = tuple(dict.fromkeys((*names, *(USERS if {*pools["users"]} & {*USERS} else ()))))
    patterns = [entry["item"] for entry in population.entries if "repeat" in entry]
    callers = choose.several(lambda inner: _draw_caller(inner, pools, names, patterns), least=1, most=4)
    return World(population, pools, names, callers)


def _draw_names(choose: Choose) -> Sequence[str]:
    """Draw plain names, and families of names that are alike."""
    names = [*PLAIN]
    for family in choose.some(FAMILIES, least=3, most=6):
        names += family
    names += choose.of(LONG) if choose.seldom(2) else ()
    return tuple(dict.fromkeys(names))


def _draw_population(choose: Choose, pools: Mapping[str, Sequence[str]], ids: Sequence[str], big: int) -> Population:
    """Draw a few tasks, and sometimes many equal ones before or after them; each id once."""
    few = choose.several(lambda inner: draw_task(inner, pools, ids), most=16)
    batches: list[_Tree] = []
    if choose.seldom(big):
        exact = (choose.of((1000, 999, 1001)) - len({task["task"] for task in few}), 0)
        for name, size in zip(("many", "more"), exact if choose.seldom(3) else choose.of(_BATCHES), strict=True):
            pattern = draw_task(choose, pools, [f"{name}-{{n}}"]) if size else {}
            batches += [{"repeat": size, "item": _with_other_user(choose, pools, name, pattern)}] if size else []
    few = [*{task["task"]: task for task in few}.values()]
    return Population("as drawn", [*batches, *few] if choose.seldom(2) else [*few, *batches])


def _with_other_user(choose: Choose, pools: Mapping[str, Sequence[str]], name: str, pattern: _Tree) -> _Tree:
    """Return a pattern of tasks; half of the time with a user that differs between the two batches."""
    user = pools["users"][0 if name == "many" else -1]
    return {**pattern, "info": {**pattern["info"], "user": user}} if choose.seldom(2) else pattern


def draw_task(choose: Choose, pools: Mapping[str, Sequence[str]], ids: Sequence[str]) -> _Tree:
    """Draw a task with the fields that its status requires (U-1)."""
    task = choose.of(ids)
    status = choose.of((*_STATUSES, "FROZEN"))
    info: dict[str, Any] = {"description": _MESSAGE, "service": choose.of(pools["services"])}
    info |= {"operation": choose.of(pools["operations"]), "status": status, "cancelable": False}
    if status != "PENDING":
        start, completed = f"2025-11-04T12:0{choose.index(4)}:00.000Z", choose.of((40, 0, 100, 300, -1))
        info |= {"start_time": start, "progress": {"total": 100, "completed": completed, "message": _MESSAGE}}
    if status in {"SUCCEEDED", "FAILED"}:
        info["end_time"] = f"2025-11-04T12:1{choose.index(4)}:00.500Z"
    user = choose.of((None, *pools["users"]))
    info |= {"user": user} if user is not None else {}
    info |= {"parent": choose.of(ids)} if choose.seldom(4) else {}
    more = choose.of(_MORE) if choose.seldom(4) else {}
    info |= {name: value for name, value in more.items() if name != "result" or status != "PENDING"}
    info |= choose.of(_ERRORS) if status == "FAILED" else {}
    return {"task": task, "info": info}


def draw_members(choose: Choose, pools: Mapping[str, Sequence[str]], names: Sequence[str], field: str) -> list[str]:
    """Draw members of a field: names that tasks have, and similar names that no task has there."""
    if field == "status":
        return [*_STATUSES] if choose.seldom(5) else choose.some(_STATUSES, least=1, most=3)
    kind = choose.of(("own", "own", "own", "both", "alike"))
    own = choose.some(pools[field], least=1, most=3)
    return own if kind == "own" else draw_lookalikes(choose, pools, names, field) + (own if kind == "both" else [])


def draw_lookalikes(choose: Choose, pools: Mapping[str, Sequence[str]], names: Sequence[str], field: str) -> list[str]:
    """Draw names that no task has in a field, similar to names that tasks have: one, a few, or all of them."""
    others = [name for name in (*names, *NEVER_STORED) if name not in pools[field]]
    start, number = choose.index(len(others)), choose.of((1, 4, *[len(others)] * 4))
    return [*others[start:], *others[:start]][:number]


def draw_grant(
    choose: Choose, pools: Mapping[str, Sequence[str]], names: Sequence[str], least: int = 1
) -> dict[str, list[str]]:
    """Draw a grant of one to three fields, seldom of all; users and services are more frequent than other fields."""
    fields = [choose.of(("users", "services", "operations", "status", "tasks", "users", "services"))]
    if least > 1 or choose.seldom(2):
        fields += choose.some(FIELDS, least=least, most=5 if choose.seldom(4) else max(least, 2))
    found = {field: draw_members(choose, pools, names, field) for field in dict.fromkeys(fields)}
    if choose.seldom(10) and "status" not in found:
        found[fields[0]] = add_other_names(choose, found[fields[0]], choose.of(_MANY_GRANTED))
    return found


def _draw_similar_grants(
    choose: Choose, pools: Mapping[str, Sequence[str]], names: Sequence[str]
) -> list[dict[str, list[str]]]:
    """Draw grants, some of which differ from the grant before in one field.

    If there are many, each is narrow, because together they would show everything.
    """
    number, found = choose.of(_GRANTS), list[dict[str, list[str]]]()
    for _ in range(number):
        grant = choose.whole(lambda inner: draw_grant(inner, pools, names, 3 if number > _SOME else 1))
        if found and choose.seldom(3):
            grant = {**found[-1], **dict([*grant.items()][:1])}
        found.append(grant)
    return found


def _draw_caller(
    choose: Choose, pools: Mapping[str, Sequence[str]], names: Sequence[str], patterns: Sequence[_Tree]
) -> _Tree | None:
    """Draw a caller: mostly one with grants or with everything; seldom an unauthenticated or unauthorized one."""
    if choose.seldom(16):
        return None
    who: _Tree = {"user": choose.of(pools["users"]), "privileges": [*choose.of(_PRIVILEGES)]}
    if choose.index(4) == 0:
        return {**who, "sees": "everything"}
    if patterns and choose.seldom(2):
        fields = [choose.of(NAMED)] * 3 if choose.seldom(2) else [choose.of(NAMED) for _ in range(3)]
        granted = zip((*patterns, *patterns[: choose.index(2)]), fields, strict=False)
        return {**who, "sees": [filter_of_value(pattern, field) for pattern, field in granted]}
    return {**who, "sees": choose.whole(lambda inner: _draw_similar_grants(inner, pools, names))}


def filter_of_value(task: _Tree, field: tuple[str, str]) -> dict[str, list[str]]:
    """Return a filter of one value of a task: of this field, or of its service if no filter can have it (F-4, F-7)."""
    value = task["info"].get(field[1])
    return {field[0]: [value]} if value and value != "FROZEN" else {"services": [task["info"]["service"]]}


def add_other_names(choose: Choose, own: Sequence[str], number: int) -> list[str]:
    """Return `number` names, or all of `own` if there are more: `own`, and others that sort before or after them."""
    start = choose.of(("~", "!", "m"))
    return [*dict.fromkeys((*own, *(f"{start}{n}" for n in range(number))))][: max(number, len(own))]
