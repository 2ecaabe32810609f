"""A case: what an implementation is asked, and what it must answer; and the vectors, which are cases in JSON.

Decides how a case is read and written. Knows nothing of how an implementation is asked, and of what is wrong with an answer.
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
    "in_json",
    "level",
    "population",
    "sentence",
    "shortened",
    "vectors",
    "visibility_of",
]

VECTORS: Final = Path(__file__).parent / "vectors"
_SPEC: Final = Path(__file__).parent.parent / "SPEC.md"

# The level of a vector that asks for a path where a server may have another route.
OPTIONAL: Final = "optional"

# Tasks that a case may have, and how often a query may stand in it, inclusive; more than a thousand are seldom of use.
_MAX_REPEATED: Final = 100_000

# What a case may expect beside a status.
_EXPECTED: Final = ("tasks", "tasks_within", "info_of", "errors", "no_body")

# Characters of a name in JSON that a report shows whole, inclusive; and of each end of a longer one.
_MAX_NAME: Final = 60
_END: Final = 24

_Tree = Mapping[str, Any]


class Answer(NamedTuple):
    """What an implementation answered: an HTTP status and a body; headers where it has any."""

    status: int
    body: bytes
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Population:
    """The tasks of a store in their order; an entry with `repeat` stands for that many tasks, numbered from 0."""

    name: str
    entries: Sequence[_Tree]

    @cached_property
    def tasks(self) -> tuple[_Tree, ...]:
        """The tasks as JSON has them."""
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
        """The tasks as values."""
        return tuple(ListItem.from_json(json.dumps(task)) for task in self.tasks)

    @cached_property
    def by_id(self) -> Mapping[str, ListItem]:
        """The tasks as values, by their ids."""
        return {item.task: item for item in self.items}


@dataclass(frozen=True)
class Case:
    """A request to a population, and what is expected; `mistake` is a common one that it catches.

    `who` asks: a user, its privileges, and what it sees: "everything", or the filters of its grants; None is nobody. Where
    there is a twin, the answer about its tasks must be the same bytes.
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
        """Read a case from parsed JSON; a population and a caller may be a name of the vectors, or written out.

        Raises ValueError for what is no case.
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
            raise ValueError(f"a case must have what the schema of the vectors says: {error!r}") from error

    @classmethod
    def from_json(cls, text: str) -> Case:
        """Read a case as `to_json` writes it. Raises ValueError for what is none."""
        try:
            case = cls.from_tree(parsed(text))
            wrong = _wrong_part(case)
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"a case must have what the schema of the vectors says: {error!r}") from error
        if wrong is not None:
            raise ValueError(f"a case must have what the schema of the vectors says: its {wrong} is wrong")
        return case

    def to_json(self) -> str:
        """Write the case with its tasks and its caller, in one line."""
        tree = {key: getattr(self, key) for key in ("id", "clause", "level", "mistake", "request", "expect")}
        tree |= {"population": [*self.population.entries], "caller": self.who}
        return json.dumps(tree | ({"twin": [*self.twin.entries]} if self.twin else {}))

    @property
    def is_vector(self) -> bool:
        """Whether it is known by its id."""
        return self.id in _vector_ids()

    @property
    def callers(self) -> Mapping[str, _Tree | None]:
        """Who may ask about these tasks, by name: all callers of the vectors, or the one that was drawn."""
        shared = callers()
        return shared if shared.get(self.caller, ...) == self.who else {self.caller: self.who}

    @property
    def query(self) -> str:
        """The query string of a listing."""
        text: str = self.request["list"]
        times: int = self.request.get("times", 1)
        return text * times

    @property
    def filter(self) -> _Tree:
        """The filter of a listing as JSON has it, empty fields included. Raises one of the 25 errors for a query that is none."""
        own: _Tree | None = self.request.get("filter")
        return parse_filter(self.query).to_python() if own is None else own


def _wrong_part(case: Case) -> str | None:
    """The name of a part of a case that is of another kind than it must be; None where none is. Raises ValueError for a task
    or a grant that cannot be read."""
    request, expect, who = case.request, case.expect, case.who
    populations = [each for each in (case.population, case.twin) if each is not None]
    if any(sum(entry.get("repeat", 1) for entry in each.entries) > _MAX_REPEATED for each in populations):
        return "population"
    for each in populations:
        each.by_id  # noqa: B018 - read, to be refused here
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
    """What a caller sees: everything, or what its grants show."""
    return EVERYTHING if who["sees"] == "everything" else Grants.from_python(who["sees"])


def caller_name(who: _Tree | None) -> str:
    """Name a caller by all that it is, so that a name never stands for two."""
    return "nobody" if who is None else f"caller-{crc32(json.dumps(who, sort_keys=True).encode()):08x}"


def _caller_of(given: Any) -> tuple[str, _Tree | None]:
    if isinstance(given, str):
        return given, callers()[given]
    return caller_name(given), given


def _population_of(given: Any) -> Population:
    return population(given) if isinstance(given, str) else Population("as drawn", given)


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
    """A population of the vectors. Raises KeyError for a name that there is not."""
    return Population(name, _shared()["populations"][name])


def callers() -> dict[str, _Tree | None]:
    """All callers of the vectors, by name."""
    every: dict[str, _Tree | None] = _shared()["callers"]
    return every


@cache
def _clauses() -> dict[str, tuple[str, str]]:
    text = _SPEC.read_text(encoding="utf-8")
    found = re.findall(r"^- \*\*([A-Z]-\d+)([^*]*)\*\* (.*)$", text, re.MULTILINE)
    return {clause: ("ours" if "ours" in marked else "must", sentence) for clause, marked, sentence in found}


def sentence(clause: str) -> str:
    """What the specification says."""
    return _clauses()[clause][1]


def level(clause: str) -> str:
    """The level that the specification marks: must, or ours where this project decides; must where a rule has parts of both."""
    return _clauses()[clause][0]


def in_json(tree: Any) -> str:
    """A JSON value for people: look-alikes are escaped, and each by its code point."""
    pairs = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab]..)\\u(d[c-f]..)")
    return pairs.sub(
        lambda f: f"{f[1]}\\U{0x10000 + (int(f[2], 16) - 0xD800) * 0x400 + int(f[3], 16) - 0xDC00:08x}",
        json.dumps(tree),
    )


def shortened(name: str) -> str:
    """A name in JSON for people; of a long one its ends and its length."""
    text = in_json(name)
    return text if len(text) <= _MAX_NAME else f"{text[:_END]}...{text[-_END:]} ({len(name)} characters)"
