"""The vectors: what an implementation is asked, and what it must answer, as language-neutral JSON.

Decided here: how they are read, and whether an answer is the expected one. Not known here: how an implementation is
asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

__all__ = ["VECTORS", "Answer", "Case", "caller", "callers", "population", "problem", "sentence", "vectors"]

VECTORS: Final = Path(__file__).parent / "vectors"
_SPEC: Final = Path(__file__).parent.parent / "SPEC.md"


class Answer(NamedTuple):
    """What an implementation answered: an HTTP status and a body; headers where it has any."""

    status: int
    body: bytes
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Case:
    """One vector: a request to a population, and what is expected; `mistake` is what it catches."""

    id: str
    clause: str
    level: str
    mistake: str
    population: str
    caller: str
    request: Mapping[str, Any]
    expect: Mapping[str, Any]
    twin: str | None = None

    @property
    def query(self) -> str:
        """The query string of a listing."""
        text: str = self.request["list"]
        times: int = self.request.get("times", 1)
        return text * times


@cache
def vectors() -> tuple[Case, ...]:
    """Every vector. Raises ValueError where a file holds another number of them than it says."""
    found: list[Case] = []
    for path in sorted(VECTORS.glob("*.json")):
        tree = json.loads(path.read_text(encoding="utf-8"))
        if "cases" in tree:
            if len(tree["cases"]) != tree["count"]:
                raise ValueError(
                    f"{path.name} says that it holds {tree['count']} cases, and holds {len(tree['cases'])}"
                )
            found += [Case(**each) for each in tree["cases"]]
    return tuple(found)


@cache
def _shared() -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((VECTORS / "populations.json").read_text(encoding="utf-8"))
    return tree


@cache
def population(name: str) -> tuple[dict[str, Any], ...]:
    """The tasks of a population as JSON has them, in their order."""
    items: list[dict[str, Any]] = []
    for each in _shared()["populations"][name]:
        if "repeat" in each:
            pattern = each["item"]
            items += [pattern | {"task": pattern["task"].format(n=n)} for n in range(each["repeat"])]
        else:
            items.append(each)
    return tuple(items)


def caller(name: str) -> dict[str, Any] | None:
    """Who asks: user, privileges, and what it sees: "everything", or the filters of its grants; None is nobody."""
    who: dict[str, Any] | None = _shared()["callers"][name]
    return who


def callers() -> dict[str, Any]:
    """All of them, by name."""
    every: dict[str, Any] = _shared()["callers"]
    return every


@cache
def _sentences() -> dict[str, str]:
    text = _SPEC.read_text(encoding="utf-8")
    return dict(re.findall(r"^- \*\*([A-Z]-\d+)[^*]*\*\* (.*)$", text, re.MULTILINE))


def sentence(clause: str) -> str:
    """What the specification says."""
    return _sentences()[clause]


def problem(case: Case, answer: Answer) -> str | None:
    """What is wrong with an answer, as a half sentence; None where nothing is."""
    expect = case.expect
    if answer.status != expect["status"]:
        return f"the status is {answer.status}"
    if expect.get("no_body"):
        return f"it has a body of {len(answer.body)} bytes" if answer.body else None
    if "header" in expect and answer.headers is not None:
        name, value = expect["header"]
        if answer.headers.get(name, "").partition(";")[0] != value:
            return f"the header {name} is {answer.headers.get(name)!r}"
    try:
        body = json.loads(answer.body)
    except ValueError:
        return "the body is no JSON"
    check = next(check for key, check in _CHECKS.items() if key in expect)
    return check(case, body)


def _check_errors(case: Case, body: Any) -> str | None:
    if not isinstance(body, dict) or body.get("error_type") not in case.expect["errors"]:
        return "it is no such error"
    if case.expect.get("no_data") and body.get("data") is not None:
        return "the error has data"
    data = body.get("data")
    primary = data.get("primary") if isinstance(data, dict) else None
    if "primary" in case.expect and primary != case.expect["primary"]:
        return f"its data names {primary!r}"
    return None


def _check_tasks(case: Case, body: Any) -> str | None:
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return "the body is no list of tasks"
    ids = [item.get("task") for item in items]
    expected: list[str] = case.expect["tasks"]
    if ids != expected:
        return "the tasks are in another order" if sorted(map(str, ids)) == sorted(expected) else "it lists other tasks"
    by_id = {item["task"]: item for item in population(case.population)}
    for item in items:
        if _text(item) != _text(by_id[item["task"]]):
            return f"the state of {item['task']!r} is another one: {_text(item)} and not {_text(by_id[item['task']])}"
    return None


def _check_info(case: Case, body: Any) -> str | None:
    (info,) = [item["info"] for item in population(case.population) if item["task"] == case.expect["info_of"]]
    return None if _text(body) == _text(info) else "it is another state"


_CHECKS: Final[dict[str, Callable[[Case, Any], str | None]]] = {
    "errors": _check_errors,
    "tasks": _check_tasks,
    "info_of": _check_info,
}


def _text(tree: Any) -> str:
    """A JSON value as text in which only the order of keys does not count: 1, 1.0 and true differ (V-3)."""
    return json.dumps(tree, sort_keys=True)
