"""Draw the questions of the laws: filters as JSON and as a query, ids, and queries with a violation.

Decides which questions are drawn, and how often. Does not know the implementation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final
from urllib.parse import quote

from .. import MAX_RESULTS
from .choices import Choose
from .names import NEVER_STORED
from .worlds import FIELDS, NAMED, World, add_other_names, draw_lookalikes, draw_members, filter_of_value

__all__ = ["draw_filter", "draw_listing", "draw_task_id", "draw_wrong_query", "listing_request"]

_Tree = Mapping[str, Any]

# The numbers of members of a filter's field that has many: around the sizes of parameters, pages and buffers.
_MANY: Final = (13, 12, 33, 64, 65, 100, 129, 257, 999, 1000, 1001, 1002)

# A store with more tasks than this is a big one, and most questions about it ask for the number of tasks.
_BIG: Final = 90

# A filter in JSON names 0, 1 or 2 empty fields, or with this value all of them.
_ALL: Final = 3

# Only a query with fewer pairs than this repeats some of them, because a longer one might exceed the limits of servers.
_FEW: Final = 100

# The kinds of filters, each as often as it is drawn.
_FILTERS: Final = (
    "of a few", "of nothing", "alike", "around a grant", "of many", "of more", "of a few", "alike", "around a grant", "alike",
    "of a few", "around a grant", "alike", "of many", "alike",
)  # fmt: skip

# Pairs of a query that violate a rule, and the type of the expected error.
_WRONG: Final = (
    ("statuz=FAILED", "UNEXPECTED_INPUT"), ("Status=FAILED", "UNEXPECTED_INPUT"), ("filter.status=FAILED", "UNEXPECTED_INPUT"),
    ("user=a", "UNEXPECTED_INPUT"), ("task=a", "UNEXPECTED_INPUT"), ("tasks[]=a", "UNEXPECTED_INPUT"), ("=a", "UNEXPECTED_INPUT"),
    ("tasks=", "INVALID_ARGUMENT"), ("users", "INVALID_ARGUMENT"), ("services=%", "INVALID_ARGUMENT"), ("users=%zz", "INVALID_ARGUMENT"),
    ("tasks=%ff", "INVALID_ARGUMENT"), ("tasks=%ed%a0%80", "INVALID_ARGUMENT"), ("status=FALED", "INVALID_ARGUMENT"),
    ("status=failed", "INVALID_ARGUMENT"), ("status=FROZEN", "INVALID_ARGUMENT"), ("status=FAILED,RUNNING", "INVALID_ARGUMENT"),
)  # fmt: skip


def draw_listing(choose: Choose, world: World, who: _Tree | None) -> dict[str, Any]:
    """Draw a listing as a filter in JSON with some empty fields, and as a query string in one of its spellings.

    Both mean the same (F-3, Q-1 to Q-3).
    """
    return listing_request(draw_filter(choose, world, who), choose.index(4), choose.index(2**16))


def draw_filter(choose: Choose, world: World, who: _Tree | None) -> dict[str, list[str]]:
    """Draw a filter: of names of tasks, of similar names, around a grant of the caller, of many members, or empty."""
    pools, names = world.pools, world.names
    kind = choose.of(_FILTERS)
    sees = who["sees"] if who else "everything"
    if len(world.population.tasks) > _BIG and choose.index(3):
        return _draw_filter_of_big_store(choose, world)
    if kind == "of nothing":
        return {}
    if kind == "alike":
        field = choose.of(("tasks", "users", "services", "operations", "users"))
        return {field: draw_lookalikes(choose, pools, names, field)}
    if kind == "around a grant" and sees != "everything" and sees:
        found = {field: [*members] for field, members in choose.of(sees).items() if not choose.seldom(3)}
        field = choose.of(FIELDS)
        return {**found, field: [*dict.fromkeys((*found.get(field, ()), *draw_members(choose, pools, names, field)))]}
    if kind == "of many":
        return _draw_large_filter(choose, world)
    fields = choose.some(FIELDS, least=1, most=5 if kind == "of more" else 2)
    return {field: draw_members(choose, pools, names, field) for field in fields}


def _draw_filter_of_big_store(choose: Choose, world: World) -> dict[str, list[str]]:
    """Draw a filter of a big store: empty, or with one value of one of the first or last tasks."""
    task = choose.of((*world.population.tasks[:3], *world.population.tasks[-9:]))
    return filter_of_value(task, choose.of(NAMED)) if choose.seldom(2) else {}


def _draw_large_filter(choose: Choose, world: World) -> dict[str, list[str]]:
    """Draw a filter of many members: a few that tasks have among others, or the ids of tasks."""
    stored = world.population.tasks
    field, number = choose.of(("tasks", "users", "services", "operations", "tasks")), choose.of(_MANY)
    if choose.seldom(2) and (field == "tasks" or len(stored) > MAX_RESULTS):
        return {"tasks": [task["task"] for task in stored[-max(number, len(stored) - 2) :]]} if stored else {}
    found = {field: add_other_names(choose, choose.some(world.pools[field], least=1, most=2), number)}
    return {**found, "status": draw_members(choose, world.pools, world.names, "status")} if choose.seldom(4) else found


def draw_task_id(choose: Choose, world: World) -> str:
    """Draw an id for a get: that of a stored task, or a similar name."""
    stored = world.pools["tasks"]
    return choose.of((*world.names, *NEVER_STORED) if choose.seldom(2) else stored)


def draw_wrong_query(choose: Choose, world: World, who: _Tree | None) -> tuple[str, str]:
    """Draw a query string with one violation, and return it with the type of the expected error (Q-2, F-7)."""
    wrong, error = choose.of(_WRONG)
    right = [pair for pair in listing_request(draw_filter(choose, world, who))["list"].split("&") if pair]
    at = choose.index(len(right) + 1)
    return "&".join([*right[:at], wrong, *right[at:]]), error


def listing_request(filter: Mapping[str, Sequence[str]], empties: int = 0, spelling: int = 0) -> dict[str, Any]:
    """Return the request for a listing, with the filter and the query string.

    Args:
        filter: the members of each field.
        empties: the number of empty fields that the filter names; _ALL names all of them.
        spelling: the seed of the order and the escapes; 0 is the plainest spelling.
    """
    random = Random(spelling)  # noqa: S311 - a seed, not a secret
    pairs = [(field, member) for field, members in filter.items() for member in members]
    tree = {field: [*members] for field, members in filter.items()}
    absent = [field for field in FIELDS if field not in filter]
    tree |= {field: [] for field in (absent if empties == _ALL else random.sample(absent, min(empties, len(absent))))}
    if spelling:
        random.shuffle(pairs)
        tree = {field: random.sample(members, len(members)) for field, members in tree.items()}
    written = [f"{field}={_escape_member(member, random if spelling else None)}" for field, member in pairs]
    if spelling % 8 == 1 and len(written) < _FEW:
        written += [*random.sample(written, min(2, len(written))), ""]
    return {"list": "&".join(written), "filter": tree}


def _escape_member(member: str, random: Random | None) -> str:
    """Return a member of a query, escaped plainly without `random`, else in one of its spellings."""
    value = quote(member, safe="")
    if random is None:
        return value
    style = random.choice(("escaped", "with a plus", "barely", "needlessly"))
    if style == "with a plus":
        return value.replace("%20", "+")
    if style == "barely":
        return quote(member, safe=",;/:'()*~!$@")
    return f"%{ord(value[0]):02x}{value[1:]}" if style == "needlessly" and value[:1].isalnum() else value
