"""What the laws draw: tasks of a store, who asks, and what for.

Decides which boundaries and look-alikes are drawn, and how often. Knows nothing of any implementation, so that the drawing
is the same whoever is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import quote

from hypothesis import strategies as st

from .cases import Population
from .names import FAMILIES, LONG, NEVER_STORED, PLAIN

__all__ = [
    "FIELDS",
    "World",
    "filters",
    "grants",
    "index",
    "members",
    "of",
    "some",
    "spelt",
    "spelt_at_random",
    "tasks_asked_for",
    "worlds",
    "wrong_queries",
]

_T = TypeVar("_T")
Tree = Mapping[str, Any]

FIELDS: Final = ("tasks", "operations", "services", "status", "users")
_STATUSES: Final = ("RUNNING", "PENDING", "BLOCKED", "SUCCEEDED", "FAILED")

# Where the integers lie that choose between values. hypothesis puts numbers that it finds in the modules of a process among
# those that it draws, so that the drawing would differ with who is asked; none is found here.
_FAR: Final = 0x5EED_0F_7A5C5

# How many members one field of a filter has when it has many: around the sizes where parameters of a query, pages and
# buffers end.
_MANY: Final = (13, 12, 33, 64, 65, 100, 129, 257, 999, 1000, 1001, 1002)

# How many tasks two batches have that are alike: around pages, and around the cap for each, for both, and for one alone.
_BATCHES: Final = (
    (13, 0), (65, 0), (100, 0), (256, 1), (257, 200), (400, 300), (500, 500), (500, 501), (600, 401), (700, 600),
    (999, 0), (1000, 0), (1000, 1), (1001, 0), (999, 2), (1000, 1000),
)  # fmt: skip

# How many grants a caller has: none to dozens.
_GRANTS: Final = (1, 0, 2, 2, 3, 3, 4, 5, 6, 8, 13, 30)

_PRIVILEGES: Final = (
    ("System.Read",),
    ("System.Read",),
    ("System.Read", "System.View"),
    ("Alarm.Create", "Datastore.Browse", "System.Anonymous", "System.Read", "VApp.Clone"),
    ("System.Anonymous", "System.View", "Task.Create"),
    ("System.Read.All", "system.read", "System.ReadOnly", " System.Read", "System"),
    (),
)

_MESSAGE: Final = {"id": "m", "default_message": "A message", "args": []}

# What tasks carry beside what a filter looks at. Numbers are those that every JSON parser holds: up to 2**53, no 1.0.
_MORE: Final[tuple[Tree, ...]] = (
    {},
    {"result": {"b": [1, 1.5, True, None, "x"], "a": {}, "": [[], [[]]]}},
    {"result": "\u0000\u001f \\ \" / \u2028 \ud7ff \U0001f600"},
    {"result": [9007199254740991, -9007199254740991, 0, False, "0", 0.1, 1e-7]},
    {"result": ["x" * 2000, {"deep": [[[[[[[["y"]]]]]]]]}]},
    {"result": False},
    {"target": {"type": "com.vmware.Datastore", "id": "d-1"}, "vc_task": "task-7"},
    {"cancelable": True, "description": {"id": "m.{0}", "default_message": "\u00e4 {0} %s", "args": ["a", ""], "localized": "l"}},
    {"description": {"id": "m", "default_message": "n", "args": [], "params": {"p": {"i": 5}, "d": {"d": 1.5, "precision": 1}}}},
    {"parent": "", "user": ""},
)  # fmt: skip
_ERRORS: Final[tuple[Tree, ...]] = (
    {},
    {"error": {"messages": [_MESSAGE, {**_MESSAGE, "id": "cause"}], "error_type": "NOT_FOUND", "data": {"type": "t", "id": "i"}}},
    {"error": {"messages": [], "error_type": "NEWER_ERROR"}},
)  # fmt: skip


# A pair of a query that is a mistake, and the type of the error that answers it.
_WRONG: Final = (
    ("statuz=FAILED", "UNEXPECTED_INPUT"), ("Status=FAILED", "UNEXPECTED_INPUT"), ("filter.status=FAILED", "UNEXPECTED_INPUT"),
    ("user=a", "UNEXPECTED_INPUT"), ("task=a", "UNEXPECTED_INPUT"), ("tasks[]=a", "UNEXPECTED_INPUT"), ("=a", "UNEXPECTED_INPUT"),
    ("tasks=", "INVALID_ARGUMENT"), ("users", "INVALID_ARGUMENT"), ("services=%", "INVALID_ARGUMENT"), ("users=%zz", "INVALID_ARGUMENT"),
    ("tasks=%ff", "INVALID_ARGUMENT"), ("tasks=%ed%a0%80", "INVALID_ARGUMENT"), ("status=FALED", "INVALID_ARGUMENT"),
    ("status=failed", "INVALID_ARGUMENT"), ("status=FROZEN", "INVALID_ARGUMENT"), ("status=FAILED,RUNNING", "INVALID_ARGUMENT"),
)  # fmt: skip


class World(NamedTuple):
    """The tasks of a store, the names that occur in it, and who asks."""

    population: Population
    pools: Mapping[str, Sequence[str]]
    names: Sequence[str]
    callers: Sequence[Tree | None]


@cache
def index(size: int) -> st.SearchStrategy[int]:
    """Each number below a size equally often; 0 is the simplest."""
    return st.integers(_FAR, _FAR + size - 1).map(lambda number: number - _FAR)


def of(values: Sequence[_T]) -> st.SearchStrategy[_T]:
    """Each of some values equally often; the first is the simplest."""
    return index(len(values)).map(values.__getitem__)


def some(values: Sequence[_T], *, least: int = 0, most: int = 3) -> st.SearchStrategy[list[_T]]:
    """Some values, each at most once."""
    return st.lists(of(values), min_size=min(least, len(values)), max_size=min(most, len(values)), unique=True)


@st.composite
def _vocabularies(draw: st.DrawFn) -> list[str]:
    """Plain names, and families of names that are alike."""
    names = [*PLAIN]
    for family in draw(some(FAMILIES, most=3)):
        names += family
    if draw(index(4)) == 3:
        names += LONG[draw(index(len(LONG)))]
    return [*dict.fromkeys(names)]


@st.composite
def _tasks(draw: st.DrawFn, pools: Mapping[str, Sequence[str]], ids: Sequence[str]) -> Tree:
    """A task with what its status requires (U-1)."""
    task = draw(of(ids))
    status = draw(of((*_STATUSES, *_STATUSES, "FROZEN")))
    info: dict[str, Any] = {"description": _MESSAGE, "service": draw(of(pools["services"]))}
    info |= {"operation": draw(of(pools["operations"])), "status": status, "cancelable": False}
    if status != "PENDING":
        start = f"2025-11-04T12:0{draw(index(4))}:00.000Z"
        info |= {"start_time": start, "progress": {"total": 100, "completed": draw(index(101)), "message": _MESSAGE}}
    if status in {"SUCCEEDED", "FAILED"}:
        info["end_time"] = f"2025-11-04T12:1{draw(index(4))}:00.500Z"
    user = draw(of((None, *pools["users"])))
    info |= {"user": user} if user is not None else {}
    if draw(index(4)) == 3:
        info["parent"] = draw(of(ids))
    more = draw(of(_MORE)) if draw(index(4)) == 3 else {}
    info |= {name: value for name, value in more.items() if name != "result" or status != "PENDING"}
    info |= draw(of(_ERRORS)) if status == "FAILED" else {}
    return {"task": task, "info": info}


@st.composite
def _populations(draw: st.DrawFn, pools: Mapping[str, Sequence[str]], ids: Sequence[str]) -> Population:
    """A handful of tasks, and sometimes many that are alike, before or after them; each id once."""
    tasks = draw(st.lists(_tasks(pools, ids), max_size=12, unique_by=lambda task: task["task"]))
    batches: list[Tree] = []
    if draw(index(6)) == 5:
        for name, size in zip(("many", "more"), draw(of(_BATCHES)), strict=True):
            pattern = draw(_tasks(pools, [f"{name}-{{n}}"])) if size else {}
            batches += [{"repeat": size, "item": pattern}] if size else []
    return Population("as drawn", [*batches, *tasks] if draw(st.booleans()) else [*tasks, *batches])


@st.composite
def members(draw: st.DrawFn, pools: Mapping[str, Sequence[str]], names: Sequence[str], field: str) -> list[str]:
    """A few members of a field: mostly names that tasks have."""
    if field == "status":
        return draw(some(_STATUSES, least=1, most=5 if draw(index(6)) == 5 else 2))
    found = draw(some(pools[field], least=1, most=3))
    foreign = (*names, *NEVER_STORED)
    return [*dict.fromkeys((*found, *draw(some(foreign, most=2))))] if draw(index(3)) == 2 else found


@st.composite
def grants(draw: st.DrawFn, pools: Mapping[str, Sequence[str]], names: Sequence[str]) -> dict[str, list[str]]:
    """A grant of one to three fields, of users and services more often than of others."""
    fields = [draw(of(("users", "services", "operations", "status", "tasks", "users", "services")))]
    while len(fields) < 3 and draw(index(3)) == 2:
        fields.append(draw(of(FIELDS)))
    return {field: draw(members(pools, names, field)) for field in dict.fromkeys(fields)}


@st.composite
def _callers(draw: st.DrawFn, pools: Mapping[str, Sequence[str]], names: Sequence[str]) -> Tree | None:
    """Who asks: mostly somebody with grants or who sees everything; seldom nobody, or without the privilege."""
    kind = draw(index(12))
    if kind == 11:
        return None
    user = draw(of(pools["users"]))
    privileges = draw(of(_PRIVILEGES)) if kind in {9, 10} else _PRIVILEGES[0]
    if kind in {0, 1, 9}:
        return {"user": user, "privileges": [*privileges], "sees": "everything"}
    number = draw(of(_GRANTS))
    sees = draw(st.lists(grants(pools, names), min_size=number, max_size=number))
    return {"user": user, "privileges": [*privileges], "sees": sees}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Tasks, and one to four callers, of few names, so that they meet."""
    names = draw(_vocabularies())
    ids = (*names, *(f"task-{number}" for number in range(1, 13)))
    pools: dict[str, Sequence[str]] = {
        field: draw(some(names, least=1, most=4)) for field in ("services", "operations", "users")
    }
    population = draw(_populations(pools, ids))
    pools["tasks"] = (
        tuple(task["task"] for task in population.tasks[:20]) + tuple(task["task"] for task in population.tasks[-3:])
        or ids[:3]
    )
    callers = draw(st.lists(_callers(pools, names), min_size=1, max_size=4))
    return World(population, pools, names, callers)


@st.composite
def filters(draw: st.DrawFn, world: World, who: Tree | None) -> dict[str, list[str]]:
    """A filter: of names that tasks have, around a grant of who asks, of many members, or none."""
    kind = draw(index(8))
    pools, names = world.pools, world.names
    sees = who["sees"] if who else "everything"
    if kind == 0:
        return {}
    if kind in {1, 2} and sees != "everything" and sees:
        grant = draw(of(sees))
        found = {field: [*members] for field, members in grant.items() if draw(index(4)) != 3}
        field = draw(of(FIELDS))
        return {**found, field: [*dict.fromkeys((*found.get(field, ()), *draw(members(pools, names, field))))]}
    if kind == 3:
        return draw(_many(world))
    fields = draw(some(FIELDS, least=1, most=5 if kind == 4 else 2))
    return {field: draw(members(pools, names, field)) for field in fields}


@st.composite
def _many(draw: st.DrawFn, world: World) -> dict[str, list[str]]:
    """A filter of many members: a few that tasks have, among others that stand before or after them when sorted; or ids."""
    field = draw(of(("tasks", "users", "services", "operations", "tasks")))
    number = draw(of(_MANY))
    if field == "tasks" and draw(st.booleans()):
        found = [task["task"] for task in world.population.tasks[-number:]]
    else:
        start = draw(of(("~", "!", "m")))
        found = [*draw(some(world.pools[field], least=1, most=3)), *(f"{start}{n}" for n in range(number))][:number]
    few = {field: found} if found else {}
    return few if draw(st.booleans()) else {**few, "status": draw(members(world.pools, world.names, "status"))}


@st.composite
def spelt_at_random(draw: st.DrawFn, filter: st.SearchStrategy[dict[str, list[str]]]) -> dict[str, Any]:
    """A listing in both its forms: a filter in JSON, some of its empty fields included, and a query string that says the
    same in one of the ways in which it can be said (F-3, Q-1 to Q-3)."""
    return spelt(draw(filter), draw(index(4)), draw(index(2**16)))


def tasks_asked_for(world: World) -> st.SearchStrategy[str]:
    """Ids to get: of tasks that are stored, and names that are like them."""
    stored = world.pools["tasks"]
    return st.one_of(of(stored), of((*stored, *world.names, *NEVER_STORED)))


@st.composite
def wrong_queries(draw: st.DrawFn, world: World, who: Tree | None) -> tuple[str, str]:
    """A query string with one mistake, and the type of the error that answers it (Q-2, F-7)."""
    wrong, error = draw(of(_WRONG))
    right = [pair for pair in spelt(draw(filters(world, who)))["list"].split("&") if pair]
    at = draw(index(len(right) + 1))
    return "&".join([*right[:at], wrong, *right[at:]]), error


def spelt(filter: Mapping[str, Sequence[str]], empties: int = 0, spelling: int = 0) -> dict[str, Any]:
    """A listing of a filter: 0 is the plainest spelling, and leaves empty fields out."""
    random = Random(spelling)
    pairs = [(field, member) for field, members in filter.items() for member in members]
    tree = {field: [*members] for field, members in filter.items()}
    absent = [field for field in FIELDS if field not in filter]
    tree |= {field: [] for field in (absent if empties == 3 else random.sample(absent, min(empties, len(absent))))}
    if spelling:
        random.shuffle(pairs)
        tree = {field: random.sample(members, len(members)) for field, members in tree.items()}
    written = [f"{field}={_escaped(member, random if spelling else None)}" for field, member in pairs]
    if spelling % 8 == 1 and len(written) < 100:
        written += [*random.sample(written, min(2, len(written))), ""]
    return {"list": "&".join(written), "filter": tree}


def _escaped(member: str, random: Random | None) -> str:
    """A member of a query; plainly, or with another of its spellings."""
    value = quote(member, safe="")
    if random is None:
        return value
    style = random.randrange(4)
    if style == 1:
        return value.replace("%20", "+")
    if style == 2:
        return quote(member, safe=",;/:'()*~!$@")
    return f"%{ord(value[0]):02x}{value[1:]}" if style == 3 and value[:1].isalnum() else value

