"""Whether an answer is the expected one, and what is wrong with one that is not.

Decides what of an answer is compared, and what a report says of a difference: why a task must be listed, or must not be.
Knows nothing of how an implementation is asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from .. import MAX_RESULTS, Error, FilterSpec, Grants
from .._text import safe_repr
from .cases import Answer, Case, shortened, visibility_of
from .parsing import NestedTooDeep, parsed

__all__ = ["Problem", "ids_of", "problem"]

_Tree = Mapping[str, Any]

# Characters of a state that a problem repeats, inclusive.
_MAX_STATE: Final = 600

# Members of a field, exclusive, whose number may be what is wrong.
_MANY: Final = 4

_A_LISTING: Final = 'the body of a listing must be {"items": [{"task": ..., "info": ...}]} (W-1)'


class Problem(NamedTuple):
    """What is wrong with an answer, as a half sentence; what to look at, and the clause it violates, where that is known.

    Where it is the form of the answer, the mistake that a vector is made to catch is not behind it.
    """

    text: str
    hint: str | None = None
    clause: str | None = None
    is_form: bool = False


def problem(case: Case, answer: Answer) -> Problem | None:
    """What is wrong with an answer; None where nothing is."""
    expect = case.expect
    try:
        if answer.status != expect["status"]:
            return _wrong_status(case, answer)
        if expect.get("no_body"):
            return Problem(f"it has a body of {len(answer.body)} bytes") if answer.body else None
        if "header" in expect and answer.headers is not None:
            name, value = expect["header"]
            if answer.headers.get(name, "").partition(";")[0] != value:
                return _form(f"the header {name} is {safe_repr(answer.headers.get(name))}", f"{name} must be {value!r}")
        body = parsed(answer.body)  # UTF-8 and no other (W-1)
        check = next(check for key, check in _CHECKS.items() if key in expect)
        return check(case, body)
    except NestedTooDeep:
        return _form("the body is nested too deep to be read", "a body must be what was asked for (W-1)")
    except ValueError:
        return _form("the body is no JSON", "a body must be one JSON value in UTF-8 (W-1)")


def _form(text: str, hint: str) -> Problem:
    return Problem(text, hint, is_form=True)


def _wrong_status(case: Case, answer: Answer) -> Problem:
    """A problem with the hint that its two statuses give; where they give none, the mistake of the vector is behind it."""
    text, expected = f"the status is {safe_repr(answer.status)}", case.expect["status"]
    if answer.status == HTTPStatus.UNAUTHORIZED and case.who is not None:
        return _form(text, "it does not know the caller that asked")
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR > expected and not _is_near_the_cap(case):
        return _form(text, "it failed; look at what it logs")
    if expected in {HTTPStatus.OK, HTTPStatus.NOT_FOUND} and "get" in case.request:
        task = case.request["get"]
        return Problem(text, *(_why(case, task) if expected == HTTPStatus.OK else _why_not(case, task)))
    return Problem(text, *_how_many(case))


def _how_many(case: Case) -> tuple[str | None, str | None]:
    """How many tasks a listing is of, where that decides; and the clause that says so."""
    asked = _asked_for(case) if _is_near_the_cap(case) else None
    if asked is None:
        return None, None
    spec, grants = asked
    matching = [item for item in case.population.items if spec.matches(item)]
    seen = sum(grants is None or any(grant.matches(item) for grant in grants) for item in matching)
    told = f"{seen} tasks match that the caller may see, of {len(matching)} that match: "
    told += f"{'more' if seen > MAX_RESULTS else 'not more'} than {MAX_RESULTS}"
    return told, "L-2" if seen > MAX_RESULTS else "L-1" if seen == len(matching) else "L-3"


def _is_near_the_cap(case: Case) -> bool:
    return len(case.population.tasks) > MAX_RESULTS // 10


def _check_errors(case: Case, body: Any) -> Problem | None:
    wanted = " or ".join(case.expect["errors"])
    if not isinstance(body, dict) or body.get("error_type") not in case.expect["errors"]:
        told = body.get("error_type") if isinstance(body, dict) else body
        return _form(
            f"it is no such error: its error_type is {json.dumps(told)[:100]}",
            f"an error's body must have `error_type`, here {wanted}, beside `messages` (E-3, W-1)",
        )
    if case.expect.get("no_data") and body.get("data") is not None:
        return Problem("the error has data")
    data = body.get("data")
    primary = data.get("primary") if isinstance(data, dict) else None
    if "primary" in case.expect and primary != case.expect["primary"]:
        wanted = json.dumps(case.expect["primary"])
        hint = (
            f'an INVALID_ARGUMENT must have `data`: {{"primary": {wanted}, "secondary": []}}, which names the parameter'
        )
        return _form(f"its data.primary is {json.dumps(primary)[:100]}", f"{hint} (E-5)")
    return None


def _check_tasks(case: Case, body: Any) -> Problem | None:
    """A listing must have these tasks in this order; or, by a law that knows no more, none but these."""
    ids = _ids(body)
    if ids is None:
        return _form("the body is no list of tasks", _A_LISTING)
    exactly: list[str] | None = case.expect.get("tasks")
    if exactly is None:
        return _first_wrong(case, ids, case.expect["tasks_within"], ())
    wrong = _first_wrong(case, ids, exactly, exactly)
    if wrong is None and ids != exactly:
        hint = "the order must be the one in which they were loaded, whatever the filter and the grants are"
        wrong = Problem("the tasks are in another order", hint, "L-5")
    return wrong or _first_other_state(case, body["items"])


def ids_of(answer: Answer) -> list[str] | None:
    """The ids of a listing; None where it is none."""
    try:
        return _ids(parsed(answer.body))
    except ValueError:
        return None


def _ids(body: Any) -> list[str] | None:
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        return None
    ids = [item.get("task") if isinstance(item, dict) else None for item in items]
    return [each for each in ids if isinstance(each, str)] if all(isinstance(each, str) for each in ids) else None


def _first_wrong(case: Case, ids: list[str], allowed: Sequence[str], required: Sequence[str]) -> Problem | None:
    """The first task that is listed and must not be, is listed twice, or is missing."""
    seen: set[str] = set()
    all_allowed, listed = {*allowed}, {*ids}
    for task in ids:
        if task not in all_allowed:
            return Problem(f"it lists {shortened(task)}, which it must not", *_why_not(case, task))
        if task in seen:
            return Problem(
                f"it lists {shortened(task)} twice", "no task is listed twice, however many grants match it", "L-5"
            )
        seen.add(task)
    missing = [task for task in required if task not in listed]
    if missing:
        more = f", and {len(missing) - 1} more" if missing[1:] else ""
        return Problem(f"it lacks {shortened(missing[0])}{more}", *_why(case, missing[0]))
    return None


def _asked_for(case: Case) -> tuple[FilterSpec, Sequence[FilterSpec] | None] | None:
    """The filter, and the grants of who asked, or None for everything; None where it is not that clear."""
    if case.who is None:
        return None
    try:
        spec = FilterSpec() if "get" in case.request else FilterSpec.from_json(json.dumps(dict(case.filter)))
    except (Error, ValueError, LookupError):
        return None
    visibility = visibility_of(case.who)
    return spec, visibility.filters if isinstance(visibility, Grants) else None


def _why(case: Case, task: str) -> tuple[str | None, str | None]:
    """Why a task must be listed or got, and the clause that says so."""
    item, asked = case.population.by_id.get(task), _asked_for(case)
    if item is None or asked is None:
        return None, None
    spec, grants = asked
    does = f"{shortened(task)} {'is stored' if 'get' in case.request else 'matches the filter'}"
    does += "".join(f" (`{field}` has {len(members)} members)" for field, members in spec if len(members) > _MANY)
    if grants is None:
        fields = sum(1 for _, members in spec if members)
        clause = "G-1" if "get" in case.request else ("F-3", "F-2", "F-1")[min(fields, 2)]
        return f"{does}, and the caller sees everything", clause
    showing = [number for number, grant in enumerate(grants, 1) if grant.matches(item)]
    more = f", the first of {len(showing)} that do" if len(showing) > 1 else ""
    return f"{does}, and grant {showing[0] if showing else 0} of {len(grants)} shows it{more}", "A-4"


def _why_not(case: Case, task: str) -> tuple[str | None, str | None]:
    """Why a task must not be listed or got, and the clause that says so."""
    item, asked = case.population.by_id.get(task), _asked_for(case)
    if item is None or asked is None:
        return "there is no such task, or none that may be listed here", None
    spec, grants = asked
    if grants is not None and not any(grant.matches(item) for grant in grants):
        told = f"a leak: none of the caller's {len(grants)} grants shows {shortened(task)}"
        return told, "A-6" if "get" in case.request else "A-4"
    fields = sum(1 for _, members in spec if members)
    for field, members in spec:
        own = item.task if field == "tasks" else getattr(item.info, "status" if field == "status" else field[:-1])
        if members and own not in members:
            clause = "F-4" if own is None else "F-1" if fields > 1 else "F-2"
            has = "no user" if own is None else f"the {field} value {shortened(own)}"
            return f"{shortened(task)} has {has}, which is not a member of `{field}`", clause
    return None, None


def _first_other_state(case: Case, items: list[_Tree]) -> Problem | None:
    """The first listed task whose state is another one than was loaded."""
    by_id = {task["task"]: task for task in case.population.tasks}
    for item in items:
        own = by_id[item["task"]]
        if _text(item) != _text(own):
            told = f"{_text(item)[:_MAX_STATE]} and not {_text(own)[:_MAX_STATE]}"
            return Problem(
                f"the state of {shortened(item['task'])} is another one: {told}", _other_state(own, item), "U-1"
            )
    return None


def _check_info(case: Case, body: Any) -> Problem | None:
    (own,) = [task["info"] for task in case.population.tasks if task["task"] == case.expect["info_of"]]
    return None if _text(body) == _text(own) else Problem("it is another state", _other_state(own, body))


def _other_state(own: Any, given: Any, path: str = "") -> str:
    """Where a JSON value first differs from what was loaded."""
    if isinstance(own, dict) and isinstance(given, dict):
        keys = sorted({*own, *given})
        key = next(k for k in keys if k not in own or k not in given or _text(own[k]) != _text(given[k]))
        if key not in given or key not in own:
            return f"`{path}{key}` {'is missing' if key in own else 'was not loaded'}"
        return _other_state(own[key], given[key], f"{path}{key}.")
    return f"`{path.rstrip('.')}` is {_text(given)[:100]}, and {_text(own)[:100]} was loaded"


_CHECKS: Final[dict[str, Callable[[Case, Any], Problem | None]]] = {
    "errors": _check_errors,
    "tasks": _check_tasks,
    "tasks_within": _check_tasks,
    "info_of": _check_info,
}


def _text(tree: Any) -> str:
    """A JSON value as text in which only the order of keys does not count: 1, 1.0 and true differ (V-3)."""
    return json.dumps(tree, sort_keys=True)
