"""Compare an answer with the expected one, and explain the difference.

Decides which parts of an answer are compared, and how a difference is explained: why a task must be listed, or must not
be listed. Does not know how an implementation is asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from .. import MAX_RESULTS, Error, FilterSpec, Grants
from .._text import safe_repr
from .cases import Answer, Case, visibility_of
from .parsing import NestedTooDeep, parsed
from .wording import count, truncate_name

__all__ = ["Problem", "find_problem", "find_twin_problem", "ids_of"]

_Tree = Mapping[str, Any]

# The longest state of a task that a problem repeats, in characters, inclusive; a longer state is cut.
_MAX_STATE: Final = 600

# Fields with more members than this are named with their number in a hint, because the number may be the problem.
_MANY: Final = 4

_A_LISTING: Final = 'the body of a listing must be {"items": [{"task": ..., "info": ...}]} (W-1)'


class Problem(NamedTuple):
    """Describe a wrong answer: the problem, a hint, and the violated clause, if they are known.

    `is_form` says that the form of the answer is wrong, so that the mistake of the vector is not the cause.
    """

    text: str
    hint: str | None = None
    clause: str | None = None
    is_form: bool = False


def find_problem(case: Case, answer: Answer) -> Problem | None:
    """Return the problem of an answer; None if the answer is right."""
    expect = case.expect
    try:
        if answer.status != expect["status"]:
            return _wrong_status(case, answer)
        if expect.get("no_body"):
            return (
                Problem(f"the body has {count(len(answer.body), 'byte')}, and must be empty") if answer.body else None
            )
        if "header" in expect and answer.headers is not None:
            name, value = expect["header"]
            given = answer.headers.get(name)
            if given is None:
                return _form(f"the header {name} is missing", f"{name} must be {value!r}")
            if given.partition(";")[0] != value:
                return _form(f"the header {name} is {safe_repr(given)}", f"{name} must be {value!r}")
        body = parsed(answer.body)  # only UTF-8 (W-1)
        check = next(check for key, check in _CHECKS.items() if key in expect)
        return check(case, body)
    except NestedTooDeep:
        return _form("the body is nested too deep to be read", "a body must be the requested value (W-1)")
    except ValueError:
        return _form("the body is not JSON", "a body must be one JSON value in UTF-8 (W-1)")


def find_twin_problem(case: Case, answer: Answer, twin: Answer) -> Problem | None:
    """Return the problem of an answer that differs from the answer about only the visible tasks (A-5, A-6)."""
    if (answer.status, answer.body) == (twin.status, twin.body):
        return None
    hint = "tasks that the caller may not see must not change a byte: an answer must not count or name them"
    clause = "A-6" if "get" in case.request else "A-5"
    return Problem("tasks that the caller may not see change the answer", hint, clause)


def _form(text: str, hint: str) -> Problem:
    return Problem(text, hint, is_form=True)


def _wrong_status(case: Case, answer: Answer) -> Problem:
    """Return a problem with a hint from the two statuses; without a hint, the mistake of the vector is the cause."""
    text, expected = f"the status is {safe_repr(answer.status)}", case.expect["status"]
    if answer.status == HTTPStatus.UNAUTHORIZED and case.who is not None:
        return _form(text, "the implementation does not know this caller")
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR > expected and not _is_near_the_cap(case):
        return _form(text, "the implementation failed; its log may say why")
    if expected in {HTTPStatus.OK, HTTPStatus.NOT_FOUND} and "get" in case.request:
        task = case.request["get"]
        return Problem(text, *(_why_required(case, task) if expected == HTTPStatus.OK else _why_forbidden(case, task)))
    return Problem(text, *_number_hint(case))


def _number_hint(case: Case) -> tuple[str | None, str | None]:
    """Return how many tasks match, and the clause about the number; None where the number does not decide."""
    asked = _filter_and_grants(case) if _is_near_the_cap(case) else None
    if asked is None:
        return None, None
    spec, grants = asked
    matching = [item for item in case.population.items if spec.matches(item)]
    seen = sum(grants is None or any(grant.matches(item) for grant in grants) for item in matching)
    text = f"the caller may see {seen} of {count(len(matching), 'matching task')}; "
    text += f"more than {MAX_RESULTS} are an error" if seen > MAX_RESULTS else f"up to {MAX_RESULTS} are listed"
    return text, "L-2" if seen > MAX_RESULTS else "L-1" if seen == len(matching) else "L-3"


def _is_near_the_cap(case: Case) -> bool:
    return len(case.population.tasks) > MAX_RESULTS // 10


def _check_errors(case: Case, body: Any) -> Problem | None:
    wanted = " or ".join(case.expect["errors"])
    if not isinstance(body, dict) or body.get("error_type") not in case.expect["errors"]:
        found = body.get("error_type") if isinstance(body, dict) else body
        return _form(
            f"the error_type is {json.dumps(found)[:100]}",
            f"the body of an error must have `error_type`, here {wanted}, and `messages` (E-3, W-1)",
        )
    if case.expect.get("no_data") and body.get("data") is not None:
        return Problem("the error has data, and must have none")
    data = body.get("data")
    primary = data.get("primary") if isinstance(data, dict) else None
    if "primary" in case.expect and primary != case.expect["primary"]:
        wanted = json.dumps(case.expect["primary"])
        hint = (
            f'an INVALID_ARGUMENT must have `data`: {{"primary": {wanted}, "secondary": []}}, which names the parameter'
        )
        return _form(f"the data.primary is {json.dumps(primary)[:100]}", f"{hint} (E-5)")
    return None


def _check_tasks(case: Case, body: Any) -> Problem | None:
    """Check that a listing has exactly these tasks in this order; or only these tasks, if the law knows no more."""
    ids = _ids(body)
    if ids is None:
        return _form("the body is not a list of tasks", _A_LISTING)
    exactly: list[str] | None = case.expect.get("tasks")
    if exactly is None:
        return _first_wrong_task(case, ids, case.expect["tasks_within"], ())
    wrong = _first_wrong_task(case, ids, exactly, exactly)
    if wrong is None and ids != exactly:
        hint = "tasks must be listed in the order in which they were loaded, with any filter and any grants"
        wrong = Problem("the tasks are in another order", hint, "L-5")
    return wrong or _first_wrong_state(case, body["items"])


def ids_of(answer: Answer) -> list[str] | None:
    """Return the ids of a listing; None if the answer is not a listing."""
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


def _first_wrong_task(case: Case, ids: list[str], allowed: Sequence[str], required: Sequence[str]) -> Problem | None:
    """Return a problem for the first task that must not be listed, is listed twice, or is missing; else None."""
    seen: set[str] = set()
    all_allowed, listed = {*allowed}, {*ids}
    for task in ids:
        if task not in all_allowed:
            return Problem(f"{truncate_name(task)} is listed, and must not be", *_why_forbidden(case, task))
        if task in seen:
            hint = "a task must be listed once, even if several grants match it"
            return Problem(f"{truncate_name(task)} is listed twice", hint, "L-5")
        seen.add(task)
    missing = [task for task in required if task not in listed]
    if missing:
        more = f", nor {'are' if missing[2:] else 'is'} {len(missing) - 1} more" if missing[1:] else ""
        return Problem(f"{truncate_name(missing[0])} is not listed{more}", *_why_required(case, missing[0]))
    return None


def _filter_and_grants(case: Case) -> tuple[FilterSpec, Sequence[FilterSpec] | None] | None:
    """Return the filter and the grants of the caller, None for everything; None if there is no filter or no caller."""
    if case.who is None:
        return None
    try:
        spec = FilterSpec() if "get" in case.request else FilterSpec.from_json(json.dumps(dict(case.filter)))
    except (Error, ValueError, LookupError):
        return None
    visibility = visibility_of(case.who)
    return spec, visibility.filters if isinstance(visibility, Grants) else None


def _why_required(case: Case, task: str) -> tuple[str | None, str | None]:
    """Return why a task must be returned, and the clause that requires it; None for both if this is unknown."""
    item, asked = case.population.by_id.get(task), _filter_and_grants(case)
    if item is None or asked is None:
        return None, None
    spec, grants = asked
    does = f"{truncate_name(task)} {'is stored' if 'get' in case.request else 'matches the filter'}"
    does += "".join(f" (`{field}` has {len(members)} members)" for field, members in spec if len(members) > _MANY)
    if grants is None:
        fields = sum(1 for _, members in spec if members)
        clause = "G-1" if "get" in case.request else ("F-3", "F-2", "F-1")[min(fields, 2)]
        return f"{does}, and the caller sees everything", clause
    showing = [number for number, grant in enumerate(grants, 1) if grant.matches(item)]
    more = f", the first of {len(showing)} that show it" if len(showing) > 1 else ""
    return f"{does}, and grant {showing[0] if showing else 0} of {len(grants)} shows it{more}", "A-4"


def _why_forbidden(case: Case, task: str) -> tuple[str | None, str | None]:
    """Return why a task must not be returned, and the clause that forbids it; None for both if this is unknown."""
    item, asked = case.population.by_id.get(task), _filter_and_grants(case)
    if item is None or asked is None:
        return "this task is not stored, or must not be listed for this request", None
    spec, grants = asked
    if grants is not None and not any(grant.matches(item) for grant in grants):
        text = f"a leak: the caller has {count(len(grants), 'grant')}, and none shows {truncate_name(task)}"
        return text, "A-6" if "get" in case.request else "A-4"
    fields = sum(1 for _, members in spec if members)
    for field, members in spec:
        own = item.task if field == "tasks" else getattr(item.info, "status" if field == "status" else field[:-1])
        if members and own not in members:
            clause = "F-4" if own is None else "F-1" if fields > 1 else "F-2"
            if own is None:
                return f"{truncate_name(task)} has no user, and `{field}` is not empty", clause
            return (
                f"{truncate_name(task)} has the {field} value {truncate_name(own)}, which is not in `{field}`",
                clause,
            )
    return None, None


def _first_wrong_state(case: Case, items: list[_Tree]) -> Problem | None:
    """Return a problem for the first listed task whose state differs from the loaded state; None if there is none."""
    by_id = {task["task"]: task for task in case.population.tasks}
    for item in items:
        own = by_id[item["task"]]
        if _canonical(item) != _canonical(own):
            text = f"{_canonical(item)[:_MAX_STATE]} and not {_canonical(own)[:_MAX_STATE]}"
            return Problem(
                f"the state of {truncate_name(item['task'])} is wrong: {text}", _first_difference(own, item), "U-1"
            )
    return None


def _check_info(case: Case, body: Any) -> Problem | None:
    (own,) = [task["info"] for task in case.population.tasks if task["task"] == case.expect["info_of"]]
    return None if _canonical(body) == _canonical(own) else Problem("the state is wrong", _first_difference(own, body))


def _first_difference(own: Any, given: Any, path: str = "") -> str:
    """Return where a JSON value first differs from the loaded one."""
    if isinstance(own, dict) and isinstance(given, dict):
        keys = sorted({*own, *given})
        key = next(k for k in keys if k not in own or k not in given or _canonical(own[k]) != _canonical(given[k]))
        if key not in given or key not in own:
            return f"`{path}{key}` {'is missing' if key in own else 'was not loaded'}"
        return _first_difference(own[key], given[key], f"{path}{key}.")
    return f"`{path.rstrip('.')}` is {_canonical(given)[:100]}, and {_canonical(own)[:100]} was loaded"


_CHECKS: Final[dict[str, Callable[[Case, Any], Problem | None]]] = {
    "errors": _check_errors,
    "tasks": _check_tasks,
    "tasks_within": _check_tasks,
    "info_of": _check_info,
}


def _canonical(tree: Any) -> str:
    """Return a JSON value as text with sorted keys, so that 1, 1.0 and true differ (V-3)."""
    return json.dumps(tree, sort_keys=True)
