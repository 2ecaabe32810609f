"""Represent cases: a request to an implementation and the expected answer. The vectors are cases in JSON.

Decides how a case is read and written. Does not know how an implementation is asked, or how an answer is checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

from .. import EVERYTHING, Grants, ListItem, Visibility, parse_filter
from .parsing import parsed

__all__ = [
    "OPTIONAL",
    "VECTORS",
    "Answer",
    "Case",
    "Population",
    "caller_name",
    "callers",
    "is_rule",
    "level",
    "population",
    "sentence",
    "vectors",
    "visibility_of",
]

VECTORS: Final = Path(__file__).parent / "vectors"
_SPEC: Final = Path(__file__).parent.parent / "SPEC.md"

# The level of a vector whose path may be another route of a server.
OPTIONAL: Final = "optional"

# The most tasks of a case, and the most repetitions of its query, inclusive; a case with more is refused. More than a
# thousand seldom find anything.
_MAX_REPEATED: Final = 100_000

# The parts of an expectation beside the status; each case has at least one.
_EXPECTED: Final = ("tasks", "tasks_within", "info_of", "errors", "no_body")

_Tree = Mapping[str, Any]


class Answer(NamedTuple):
    """Represent an answer of an implementation: an HTTP status, a body, and headers if it has any."""

    status: int
    body: bytes
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Population:
    """Represent the tasks of a store in order. An entry with `repeat` stands for this number of tasks, from number 0."""

    name: str
    entries: Sequence[_Tree]

    @cached_property
    def tasks(self) -> tuple[_Tree, ...]:
        """Return the tasks as parsed JSON."""
        found: list[_Tree] = []
        for entry in self.entries:
            if "repeat" in entry:
                pattern = entry["item"]
                found += [{**pattern, "task": pattern["task"].format(n=n)} for n in range(entry["repeat"])]
            else:
                found.append(entry)
        return tuple(found)

    @cached_property
    def items(self) -> tuple[ListItem, ...]:
        """Return the tasks as values."""
        return tuple(ListItem.from_json(json.dumps(task)) for task in self.tasks)

    @cached_property
    def by_id(self) -> Mapping[str, ListItem]:
        """Return the tasks as values, by id."""
        return {item.task: item for item in self.items}


@dataclass(frozen=True)
class Case:
    """Represent a request about a population, and the expected answer.

    `mistake` is a common mistake that the case catches. `who` is the caller: a user, its privileges, and what it sees:
    "everything", or the filters of its grants. None is an unauthenticated caller. If there is a twin, the answer about
    its tasks must be the same bytes.
    """

    id: str
    clause: str
    level: str
    mistake: str
    population: Population
    caller: str
    who: _Tree | None
    request: _Tree
    expect: _Tree
    twin: Population | None = None

    @classmethod
    def from_tree(cls, tree: _Tree) -> Case:
        """Read a case from parsed JSON. A population and a caller may be written out, or be a name of the vectors.

        Raises:
            ValueError: the tree is not a case.
        """
        try:
            known = {"id", "clause", "level", "mistake", "request", "expect"}
            name, who = _caller_of(tree["caller"])
            twin = tree.get("twin")
            return cls(
                **{key: tree[key] for key in known},
                caller=name,
                who=who,
                population=_population_of(tree["population"]),
                twin=None if twin is None else _population_of(twin),
            )
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"a case must follow the schema of the vectors: {error!r}") from error

    @classmethod
    def from_json(cls, text: str) -> Case:
        """Read a case as `to_json` writes it; raise ValueError if the text is not a case."""
        try:
            case = cls.from_tree(parsed(text))
            wrong = _wrong_part(case)
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"a case must follow the schema of the vectors: {error!r}") from error
        if wrong is not None:
            raise ValueError(f"a case must follow the schema of the vectors: its {wrong} is wrong")
        return case

    def to_json(self) -> str:
        """Write the case with its tasks and its caller, in one line."""
        tree = {key: getattr(self, key) for key in ("id", "clause", "level", "mistake", "request", "expect")}
        tree |= {"population": [*self.population.entries], "caller": self.who}
        return json.dumps(tree | ({"twin": [*self.twin.entries]} if self.twin else {}))

    @property
    def is_vector(self) -> bool:
        """Return whether the case is one of the vectors, so that its id is enough to ask it."""
        return self.id in _vector_ids()

    @property
    def callers(self) -> Mapping[str, _Tree | None]:
        """Return the callers that may ask about these tasks, by name: those of the vectors, or the drawn one."""
        shared = callers()
        return shared if shared.get(self.caller, ...) == self.who else {self.caller: self.who}

    @property
    def query(self) -> str:
        """Return the query string of a listing."""
        text: str = self.request["list"]
        times: int = self.request.get("times", 1)
        return text * times

    @property
    def filter(self) -> _Tree:
        """Return the filter of a listing as parsed JSON with its empty fields; raise Error if the query has none."""
        own: _Tree | None = self.request.get("filter")
        return parse_filter(self.query).to_python() if own is None else own


def _wrong_part(case: Case) -> str | None:
    """Return the name of the first part of a case that has a wrong type or value; None if there is none.

    Raises:
        ValueError: a task or a grant cannot be read.
    """
    request, expect, who = case.request, case.expect, case.who
    populations = [each for each in (case.population, case.twin) if each is not None]
    if any(sum(entry.get("repeat", 1) for entry in each.entries) > _MAX_REPEATED for each in populations):
        return "population"
    for each in populations:
        each.by_id  # noqa: B018 - reading the tasks raises here if one is wrong
    if who is not None:
        visibility_of(who)
    checks = {
        "id": type(case.id) is str,
        "clause": case.clause in _clauses(),
        "level": {type(case.level), type(case.mistake)} == {str},
        "request": isinstance(request, dict) and sum(name in request for name in ("list", "get", "http")) == 1,
        "times": type(request.get("times", 1)) is int and 1 <= request.get("times", 1) <= _MAX_REPEATED,
        "list": isinstance(request.get("list", ""), str) and isinstance(request.get("get", ""), str),
        "http": {type(part) for part in request.get("http", {}).values()} <= {str},
        "filter": all(type(each) is str for names in request.get("filter", {}).values() for each in names),
        "expect": type(expect["status"]) is int and any(name in expect for name in _EXPECTED),
        "caller": who is None or {type(each) for each in (who["user"], *who["privileges"])} == {str},
    }
    return next((name for name, is_right in checks.items() if not is_right), None)


def visibility_of(who: _Tree) -> Visibility:
    """Return the visibility of a caller: everything, or its grants."""
    return EVERYTHING if who["sees"] == "everything" else Grants.from_python(who["sees"])


def caller_name(who: _Tree | None) -> str:
    """Return a name that depends on the whole caller, so that two callers never share it."""
    return "nobody" if who is None else f"caller-{crc32(json.dumps(who, sort_keys=True).encode()):08x}"


def _caller_of(given: Any) -> tuple[str, _Tree | None]:
    if isinstance(given, str):
        return given, callers()[given]
    return caller_name(given), given


def _population_of(given: Any) -> Population:
    return population(given) if isinstance(given, str) else Population("as drawn", given)


@cache
def vectors() -> tuple[Case, ...]:
    """Return every vector; raise ValueError if a file holds another number of cases than its `count`."""
    found: list[Case] = []
    for path in sorted(VECTORS.glob("*.json")):
        tree = json.loads(path.read_text(encoding="utf-8"))
        if "cases" in tree:
            if len(tree["cases"]) != tree["count"]:
                raise ValueError(
                    f"{path.name}: count must be the number of cases, {len(tree['cases'])} (found {tree['count']})"
                )
            found += map(Case.from_tree, tree["cases"])
    return tuple(found)


@cache
def _vector_ids() -> frozenset[str]:
    return frozenset(case.id for case in vectors())


@cache
def _shared() -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((VECTORS / "populations.json").read_text(encoding="utf-8"))
    return tree


@cache
def population(name: str) -> Population:
    """Return a population of the vectors; raise KeyError if there is no such population."""
    return Population(name, _shared()["populations"][name])


def callers() -> dict[str, _Tree | None]:
    """Return all callers of the vectors, by name."""
    every: dict[str, _Tree | None] = _shared()["callers"]
    return every


@cache
def _clauses() -> dict[str, tuple[str, str]]:
    text = _SPEC.read_text(encoding="utf-8")
    found = re.findall(r"^- \*\*([A-Z]-\d+)([^*]*)\*\* (.*)$", text, re.MULTILINE)
    return {clause: ("ours" if "ours" in marked else "must", sentence) for clause, marked, sentence in found}


def is_rule(clause: str) -> bool:
    """Return whether the specification has this clause, with or without a case."""
    return clause in _clauses()


def sentence(clause: str) -> str:
    """Return the text of a clause of the specification."""
    return _clauses()[clause][1]


def level(clause: str) -> str:
    """Return the level of a clause: "ours" if this project decides the whole clause, else "must"."""
    return _clauses()[clause][0]
