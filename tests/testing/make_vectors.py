"""Writes the vectors of the kit: `python -m tests.testing.make_vectors`, or with --check tells whether they are written.

What a case expects is written out here, in the words of the specification, or decided by `tests/naive.py`, which shares
no code with the package. Nothing here runs the package.
"""

import itertools
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from tests.naive import naive_list, naive_query

VECTORS = Path(__file__).parent.parent.parent / "snaptasks" / "testing" / "vectors"
SPEC = VECTORS.parent.parent / "SPEC.md"

TEXT = {"id": "m", "default_message": "A message", "args": []}
PROGRESS = {"total": 100, "completed": 40, "message": TEXT}
START, END = "2025-11-04T12:00:00.000Z", "2025-11-04T12:01:00.500Z"
STATUSES = ("PENDING", "RUNNING", "BLOCKED", "SUCCEEDED", "FAILED")


def item(task: str, status: str = "SUCCEEDED", service: str = "s", operation: str = "o", **more: Any) -> dict[str, Any]:
    """A task as JSON, with what its status requires (U-1)."""
    info: dict[str, Any] = {"description": TEXT, "service": service, "operation": operation, "status": status}
    info["cancelable"] = False
    if status != "PENDING":
        info |= {"start_time": START, "progress": PROGRESS}
    if status in {"SUCCEEDED", "FAILED"}:
        info["end_time"] = END
    return {"task": task, "info": info | more}


# Identifiers that folding, trimming, normalising, splitting or decoding twice would take for one another (F-5, Q-3).
NAMES = [
    "a", "A", " a", "a ", "a\t", "\u00e4", "a\u0308", "\u0430", "\u00c4", "a,b", "a;b", "a b", "a+b", "a%62", "a&b", "a=b",
    "a/b", "ab", "\u202ea", "\U0001f600", "*", "%", "'", '"', "\\", "..", "1", "01", "null", "ſ", "s", "ß", "ss", "ﬁ", "fi",
]  # fmt: skip

CROSSED = [
    item("m", "SUCCEEDED", "s1", "o1", user="u1"),
    item("b", "FAILED", "s1", "o2", user="u1"),
    item("z", "RUNNING", "s2", "o1", user="u2"),
    item("a", "BLOCKED", "s2", "o2", user="u2"),
    item("k", "PENDING", "s1", "o1"),
    item("c", "SUCCEEDED", "s2", "o2"),
    item("y", "FAILED", "s3", "o1", user="u1", parent="m"),
    item("d", "RUNNING", "s1", "o1", user="u3", parent="z"),
    item("10", "BLOCKED", "s3", "o3", user="u2", parent="9"),
    item("9", "PENDING", "s3", "o2", user="u3"),
]

SHARED = [
    item("mine-1", user="u", service="backup"),
    item("theirs-1", user="v", service="backup"),
    item("mine-2", "FAILED", user="u", service="restore"),
    item("system", service="restore"),
    item("theirs-2", "RUNNING", user="v", service="restore"),
    item("mine-3", "RUNNING", user="u", service="backup", parent="theirs-1"),
    item("look", user="U", service="backup"),
]
MINE = [each for each in SHARED if each["info"].get("user") == "u"]

OF_EACH_STATUS = [
    *(item(status.lower(), status) for status in STATUSES),
    item("with result", result={"b": [1, 1.5, True, None, "x"], "a": {}}),
    item("failed with result", "FAILED", result="the reason"),
    item(
        "failed with error",
        "FAILED",
        error={"messages": [TEXT], "error_type": "NOT_FOUND", "data": {"type": "t", "id": "i"}},
    ),
    item("running with result", "RUNNING", result=0),
    item("newer", "FROZEN"),
    item("odd progress", "RUNNING", progress=PROGRESS | {"completed": 200}, parent="", user=""),
    item("with target", target={"type": "com.vmware.Datastore", "id": "d-1"}, vc_task="task-7"),
]

MANY = {"repeat": 1000, "item": item("task-{n}", user="u", service="many")}
ONE_MORE = item("one more", user="u", service="few")
HIDDEN = {"repeat": 1500, "item": item("hidden-{n}", user="v", service="many")}

POPULATIONS: dict[str, list[Any]] = {
    "empty": [],
    "crossed": CROSSED,
    "crossed backwards": CROSSED[::-1],
    "names": [item(name, service=name, operation=name, user=name) for name in NAMES],
    "shared": SHARED,
    "mine": MINE,
    "of each status": OF_EACH_STATUS,
    "1000": [MANY],
    "1001": [MANY, ONE_MORE],
    "1000 and hidden": [HIDDEN, MANY],
    "1001 and hidden": [MANY, HIDDEN, ONE_MORE],
}

READ = ["System.Read"]
CALLERS: dict[str, Any] = {
    "root": {"user": "root", "privileges": READ, "sees": "everything"},
    "u": {"user": "u", "privileges": READ, "sees": [{"users": ["u"]}]},
    "u in backup": {"user": "u", "privileges": READ, "sees": [{"users": ["u"], "services": ["backup"]}]},
    "u or restore": {"user": "u", "privileges": READ, "sees": [{"users": ["u"]}, {"services": ["restore"]}]},
    "blind": {"user": "blind", "privileges": READ, "sees": []},
    "guest": {"user": "guest", "privileges": [], "sees": "everything"},
    "almost": {"user": "almost", "privileges": ["system.read", "System.Read ", "System.View"], "sees": "everything"},
    "nobody": None,
}

cases: dict[str, list[dict[str, Any]]] = {}


def level_of(clause: str, level: str | None) -> str:
    """The level that the specification marks; where it has both, the one that a case names."""
    (line,) = [
        line
        for line in SPEC.read_text(encoding="utf-8").splitlines()
        if line.startswith((f"- **{clause} ", f"- **{clause}**"))
    ]
    marked = line.split("**")[1].split()[1:]
    return level or (marked[0].rstrip(",") if marked else "must")


def case(
    file: str, clause: str, name: str, mistake: str, request: Any, expect: Any, *, population: str = "crossed",
    caller: str = "root", level: str | None = None, **more: Any
) -> None:  # fmt: skip
    cases.setdefault(file, []).append(
        {"id": f"{clause}/{name}", "clause": clause, "level": level_of(clause, level), "mistake": mistake}
        | {"population": population, "caller": caller, "request": request, "expect": expect}
        | more
    )


def query(*pairs: tuple[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)


def tasks(*ids: str) -> dict[str, Any]:
    return {"status": 200, "tasks": [*ids]}


def error(status: int, *types: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "errors": [*types], **more}


FIELDS = {"tasks": "task", "operations": "operation", "services": "service", "status": "status", "users": "user"}


def value_of(task: dict[str, Any], field: str) -> str | None:
    value: str | None = task["task"] if field == "tasks" else task["info"].get(FIELDS[field])
    return value


def matching(population: Sequence[dict[str, Any]], members: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """What the second implementation lists to whoever sees everything."""
    found = naive_list(population, {field: sorted(names) for field, names in members.items()}, lambda task: True)
    assert found is not None
    return tasks(*(task["task"] for task in found))


def filters() -> None:
    known = {field: sorted({value for task in CROSSED if (value := value_of(task, field))}) for field in FIELDS}
    case(
        "filter",
        "F-3",
        "no-filter",
        "no filter matches nothing",
        {"list": ""},
        tasks(*(each["task"] for each in CROSSED)),
    )
    case("filter", "F-3", "no-filter-of-none", "an empty store is an error", {"list": ""}, tasks(), population="empty")
    for name, query_text, tree in (
        ("tasks", "", {"tasks": []}), ("operations", "", {"operations": []}), ("services", "", {"services": []}), ("status", "", {"status": []}),
        ("users", "", {"users": []}), ("all", "", {field: [] for field in FIELDS}),
        ("others", "status=FAILED", {"tasks": [], "operations": [], "services": [], "status": ["FAILED"], "users": []}),
    ):  # fmt: skip
        case(
            "filter", "F-3", f"empty-{name}", "an empty field matches nothing; by a query string it cannot be said",
            {"list": query_text, "filter": tree}, matching(CROSSED, tree),
        )  # fmt: skip
    for field, values in known.items():
        for value in values:
            case(
                "filter", "F-2", f"{field}-{value}", "the field is ignored, or another one is compared",
                {"list": query((field, value))},
                tasks(*(each["task"] for each in CROSSED if value_of(each, field) == value)),
            )  # fmt: skip
        case(
            "filter", "F-2", f"{field}-or", "AND inside a field, or the last member wins",
            {"list": query(*((field, value) for value in values[:2]))},
            tasks(*(each["task"] for each in CROSSED if value_of(each, field) in values[:2])),
        )  # fmt: skip
    for one, other in itertools.combinations(FIELDS, 2):
        for number, (mine, its) in enumerate(zip(known[one], known[other], strict=False)):
            case(
                "filter", "F-1", f"{one}-and-{other}-{number}", "OR across fields",
                {"list": query((one, mine), (other, its))},
                tasks(*(e["task"] for e in CROSSED if value_of(e, one) == mine and value_of(e, other) == its)),
            )  # fmt: skip
    random = Random(20251104)
    for number in range(40):
        chosen = {
            field: random.sample(values, random.randint(1, 3))
            for field, values in known.items()
            if random.random() < 0.5
        }
        case(
            "filter", "F-1", f"random-{number}", "any of the rules of a filter",
            {"list": query(*((field, value) for field, values in chosen.items() for value in values))},
            matching(CROSSED, chosen),
        )  # fmt: skip
    for user in ("u1", "", "None", "null", "system"):
        if user:
            case(
                "filter", "F-4", f"no-user-is-not-{user}", "a task of the system matches a filter for users",
                {"list": query(("users", user))}, matching(CROSSED, {"users": [user]}),
            )  # fmt: skip
    for name in NAMES:
        for field in ("tasks", "services", "operations", "users"):
            case(
                "filter", "F-5", f"{field}-{NAMES.index(name)}", "folding, trimming, normalising, splitting or decoding twice",
                {"list": query((field, name))}, tasks(name), population="names",
            )  # fmt: skip
    for missing in ("aa", "a\u0000", "á", "Ａ", "a  b", "A,B", "a%"):
        case(
            "filter", "F-5", f"like-none-{quote(missing, safe='')}", "an identifier that is only alike matches",
            {"list": query(("tasks", missing))}, tasks(), population="names",
        )  # fmt: skip
    for parent in ("m", "z", "9"):
        case(
            "filter",
            "F-6",
            f"children-of-{parent}",
            "a parent brings its children",
            {"list": query(("tasks", parent))},
            tasks(parent),
        )
    for child in ("y", "d", "10"):
        case(
            "filter",
            "F-6",
            f"parent-of-{child}",
            "a child brings its parent",
            {"list": query(("tasks", child))},
            tasks(child),
        )
    case("filter", "F-6", "unknown", "an unknown identifier is an error", {"list": "tasks=unknown&tasks=b"}, tasks("b"))
    for wrong in ("failed", "FAILED ", "CANCELED", "Failed", "0", "FAILED,RUNNING", "FROZEN", "*"):
        case(
            "filter", "F-7", f"status-{quote(wrong, safe='')}", "an unknown status matches nothing, or is ignored",
            {"list": query(("status", wrong))}, error(400, "INVALID_ARGUMENT", primary="status"), population="of each status",
        )  # fmt: skip


def queries() -> None:
    everything = [each["task"] for each in CROSSED]
    for name, text in (
        ("statuz", "statuz=FAILED"), ("upper-case", "STATUS=FAILED"), ("with-prefix", "filter.status=FAILED"), ("singular", "task=m"),
        ("brackets", "tasks[]=m"), ("page", "page=2"), ("limit", "limit=10"), ("fields", "fields=task"), ("with-blank", "tasks%20=m"),
        ("without-value", "foo"), ("empty-name", "=m"), ("after-a-right-one", "tasks=m&foo=1"), ("question-mark", "?tasks=m"),
    ):  # fmt: skip
        case(
            "query",
            "Q-2",
            f"unknown-{name}",
            "an unknown parameter is ignored",
            {"list": text},
            error(400, "UNEXPECTED_INPUT"),
        )
    for name, text, primary in (
        ("equals", "tasks=", "tasks"), ("bare", "tasks", "tasks"), ("status", "status=", "status"), ("second", "tasks=m&users=", "users"),
    ):  # fmt: skip
        case(
            "query",
            "Q-2",
            f"empty-{name}",
            "an empty value is no constraint",
            {"list": text},
            error(400, "INVALID_ARGUMENT", primary=primary),
        )
    for name, text in (
        ("percent", "tasks=%"), ("one-digit", "tasks=%6"), ("no-digits", "tasks=%zz"), ("sign", "tasks=%+1"),
        ("not-utf-8", "users=%ff"), ("cut-short", "users=%c3"), ("surrogate", "users=%ed%a0%80"),
        ("overlong", "users=%c0%af"), ("name", "%ff=a"), ("percent-u", "tasks=%u0061"),
    ):  # fmt: skip
        case(
            "query",
            "Q-2",
            f"broken-{name}",
            "what cannot be decoded is taken as it stands",
            {"list": text},
            error(400, "INVALID_ARGUMENT"),
        )
    case(
        "query",
        "Q-2",
        "first-of-two-1",
        "the last mistake is answered, or none",
        {"list": "foo=1&status=BROKEN"},
        error(400, "UNEXPECTED_INPUT"),
    )
    case(
        "query",
        "Q-2",
        "first-of-two-2",
        "unknown names are answered first, or no mistake is",
        {"list": "status=BROKEN&foo=1"},
        error(400, "INVALID_ARGUMENT"),
    )
    for name, text in (("double", "&&tasks=m&&"), ("lone", "tasks=m&"), ("first", "&tasks=m")):
        case("query", "Q-2", f"empty-pair-{name}", "an empty pair is a mistake", {"list": text}, tasks("m"))
    case("query", "Q-2", "empty-pairs-alone", "an empty pair is a constraint", {"list": "&&"}, tasks(*everything))
    case(
        "query",
        "Q-2",
        "repeated",
        "a repeated member counts twice",
        {"list": "tasks=m&tasks=m&tasks=b&tasks=m"},
        tasks("m", "b"),
    )
    for name, text, ids in (
        ("comma", "tasks=a,b", ["a,b"]), ("comma-escaped", "tasks=a%2Cb", ["a,b"]), ("semicolon", "tasks=a;b", ["a;b"]),
        ("plus", "tasks=a+b", ["a b"]), ("plus-escaped", "tasks=a%2Bb", ["a+b"]), ("blank-escaped", "tasks=a%20b", ["a b"]),
        ("equals", "tasks=a=b", ["a=b"]), ("ampersand-escaped", "tasks=a%26b", ["a&b"]), ("slash", "tasks=a/b", ["a/b"]),
        ("leading-plus", "tasks=+a", [" a"]), ("trailing-plus", "tasks=a+", ["a "]),
    ):  # fmt: skip
        case(
            "query",
            "Q-3",
            name,
            "a separator that is none, or a plus that stays",
            {"list": text},
            tasks(*ids),
            population="names",
        )
    for name, text, ids in (
        ("lower-case-digits", "tasks=%c3%a4", ["\u00e4"]), ("upper-case-digits", "tasks=%C3%A4", ["\u00e4"]), ("needless", "tasks=%61", ["a"]),
        ("twice", "tasks=a%2562", ["a%62"]), ("name-escaped", "t%61sks=ab", ["ab"]), ("four-bytes", "tasks=%F0%9F%98%80", ["\U0001f600"]),
        ("two-fields-mixed", "tasks=a&services=a&tasks=ab", ["a"]), ("order", "tasks=ab&tasks=a", ["a", "ab"]),
    ):  # fmt: skip
        case(
            "query",
            "Q-1",
            name,
            "escapes decoded wrongly, or not, or twice",
            {"list": text},
            tasks(*ids),
            population="names",
        )
    case(
        "query",
        "Q-4",
        "too-many-members",
        "members without end are read",
        {"list": "tasks=a&", "times": 20_001},
        error(400, "INVALID_ARGUMENT"),
    )
    case(
        "query",
        "Q-4",
        "members-within-bounds",
        "long filters are refused",
        {"list": "tasks=b&", "times": 20_000},
        tasks("b"),
    )
    case(
        "query",
        "Q-4",
        "too-long",
        "a query without end is read",
        {"list": "tasks=aaaaaaa&" + "a" * 1024, "times": 1024},
        error(400, "INVALID_ARGUMENT"),
    )
    for number, text in enumerate(("tasks=m&status=BROKEN", "users=&foo", "foo&users=", "tasks=%&foo")):
        refused = naive_query(text.encode())
        assert isinstance(refused, tuple)
        case(
            "query",
            "Q-2",
            f"first-mistake-{number}",
            "another mistake than the first is told",
            {"list": text},
            error(400, refused[0]),
        )


def access() -> None:
    for name, request in (
        ("list", {"list": ""}), ("list-wrong", {"list": "statuz=1"}), ("get", {"get": "m"}), ("get-unknown", {"get": "unknown"}),
    ):  # fmt: skip
        late = "arguments or tasks are looked at first"
        case(
            "access",
            "A-1",
            f"nobody-{name}",
            late,
            request,
            error(401, "UNAUTHENTICATED"),
            caller="nobody",
            level="must",
        )
        case("access", "A-1", f"guest-{name}", late, request, error(403, "UNAUTHORIZED"), caller="guest", level="must")
        case(
            "access",
            "A-1",
            f"almost-{name}",
            "privileges are compared loosely",
            request,
            error(403, "UNAUTHORIZED"),
            caller="almost",
            level="must",
        )
    for caller in ("nobody", "guest"):
        status, kind = (401, "UNAUTHENTICATED") if caller == "nobody" else (403, "UNAUTHORIZED")
        case(
            "access",
            "A-2",
            f"no-data-{caller}",
            "the refusal tells why",
            {"list": ""},
            error(status, kind, no_data=True),
            caller=caller,
        )
    visible = {
        "root": [each["task"] for each in SHARED],
        "u": ["mine-1", "mine-2", "mine-3"],
        "u in backup": ["mine-1", "mine-3"],
        "u or restore": ["mine-1", "mine-2", "system", "theirs-2", "mine-3"],
        "blind": [],
    }
    by_id = {each["task"]: each for each in SHARED}
    for caller, ids in visible.items():
        grant = "grants are ignored, ANDed with one another, or ORed inside"
        case(
            "access",
            "A-3",
            f"list-{caller}",
            "hidden tasks are listed",
            {"list": ""},
            tasks(*ids),
            population="shared",
            caller=caller,
        )
        for text in (
            "status=RUNNING",
            "services=backup",
            "users=v",
            "users=u",
            "tasks=theirs-1&tasks=mine-2",
            "services=restore&status=FAILED",
        ):
            members = naive_query(text.encode())
            assert isinstance(members, dict)
            expect = matching([by_id[task] for task in ids], {**members})
            case("access", "A-4", f"{caller}-{text}", grant, {"list": text}, expect, population="shared", caller=caller)
        for task in by_id:
            expect = {"status": 200, "info_of": task} if task in ids else error(404, "NOT_FOUND")
            case(
                "access",
                "A-6",
                f"get-{caller}-{task}",
                "a hidden task can be got, or a visible one cannot",
                {"get": task},
                expect,
                population="shared",
                caller=caller,
            )
    for name, request in (
        ("list", {"list": ""}), ("list-users", {"list": "users=v"}), ("list-hidden-id", {"list": "tasks=theirs-1"}),
        ("list-parent", {"list": "tasks=mine-3"}), ("get-hidden", {"get": "theirs-1"}), ("get-mine", {"get": "mine-3"}),
        ("get-system", {"get": "system"}), ("list-wrong", {"list": "status=BROKEN"}),
    ):  # fmt: skip
        expect = {
            "list": tasks("mine-1", "mine-2", "mine-3"), "list-users": tasks(), "list-hidden-id": tasks(), "list-parent": tasks("mine-3"),
            "get-hidden": error(404, "NOT_FOUND"), "get-mine": {"status": 200, "info_of": "mine-3"},
            "get-system": error(404, "NOT_FOUND"), "list-wrong": error(400, "INVALID_ARGUMENT"),
        }[name]  # fmt: skip
        case(
            "access",
            "A-5",
            f"hidden-or-not-there-{name}",
            "a hidden task shows in the answer",
            request,
            expect,
            population="shared",
            caller="u",
            twin="mine",
        )


def listing() -> None:
    thousand = [f"task-{number}" for number in range(1000)]
    case("listing", "L-1", "1000", "a cap of 999", {"list": ""}, tasks(*thousand), population="1000")
    case(
        "listing",
        "L-1",
        "1000-of-1001",
        "the cap counts before the filter",
        {"list": "services=many"},
        tasks(*thousand),
        population="1001",
    )
    case(
        "listing",
        "L-2",
        "1001",
        "a truncated list, or no cap",
        {"list": ""},
        error(500, "RESOURCE_INACCESSIBLE"),
        population="1001",
        level="must",
    )
    case(
        "listing",
        "L-2",
        "1001-filtered",
        "no cap with a filter",
        {"list": "users=u"},
        error(500, "RESOURCE_INACCESSIBLE"),
        population="1001",
        level="must",
    )
    case(
        "listing",
        "L-2",
        "1001-narrow",
        "a narrow filter is refused",
        {"list": "services=few"},
        tasks("one more"),
        population="1001",
        level="must",
    )
    case(
        "listing",
        "L-3",
        "hidden-do-not-count",
        "the cap before visibility",
        {"list": ""},
        tasks(*thousand),
        population="1000 and hidden",
        caller="u",
        twin="1000",
    )
    case(
        "listing",
        "L-3",
        "hidden-do-not-help",
        "hidden tasks replace visible ones",
        {"list": ""},
        error(500, "RESOURCE_INACCESSIBLE"),
        population="1001 and hidden",
        caller="u",
        twin="1001",
    )
    case(
        "listing",
        "L-3",
        "root-sees-all",
        "the cap counts less than is visible",
        {"list": "services=many"},
        error(500, "RESOURCE_INACCESSIBLE"),
        population="1000 and hidden",
    )
    backwards = [each["task"] for each in CROSSED[::-1]]
    for name, text, population, ids in (
        ("all", "", "crossed", [each["task"] for each in CROSSED]), ("all-backwards", "", "crossed backwards", backwards),
        ("ids", "tasks=9&tasks=10&tasks=z&tasks=b", "crossed", ["b", "z", "10", "9"]),
        ("ids-backwards", "tasks=9&tasks=10&tasks=z&tasks=b", "crossed backwards", ["9", "10", "z", "b"]),
        ("statuses", "status=RUNNING&status=FAILED", "crossed", ["b", "z", "y", "d"]),
        ("services", "services=s3&services=s1", "crossed", ["m", "b", "k", "y", "d", "10", "9"]),
        ("users", "users=u3&users=u1", "crossed backwards", ["9", "d", "y", "b", "m"]),
    ):  # fmt: skip
        case(
            "listing",
            "L-5",
            f"order-{name}",
            "sorted, or in the order of the filter",
            {"list": text},
            tasks(*ids),
            population=population,
        )
    case(
        "listing",
        "L-6",
        "wrong-filter-of-many",
        "the cap is looked at before the filter",
        {"list": "status=BROKEN"},
        error(400, "INVALID_ARGUMENT"),
        population="1001",
    )


def getting() -> None:
    for each in CROSSED:
        case(
            "getting",
            "G-1",
            f"get-{each['task']}",
            "another task's state",
            {"get": each["task"]},
            {"status": 200, "info_of": each["task"]},
            level="must",
        )
    for name in NAMES:
        odd = {"get": name}
        case(
            "getting",
            "G-1",
            f"odd-{NAMES.index(name)}",
            "the id is folded, trimmed, split or decoded twice",
            odd,
            {"status": 200, "info_of": name},
            population="names",
            level="must",
        )
    for missing in ("unknown", "M", "m ", "m/", "tasks", "0"):
        case(
            "getting",
            "G-1",
            f"unknown-{quote(missing, safe='')}",
            "an unknown task is no error",
            {"get": missing},
            error(404, "NOT_FOUND"),
            level="must",
        )


def values() -> None:
    clauses = {"newer": "V-6", "odd progress": "V-10", "failed with result": "U-2", "with result": "V-3"}
    for each in OF_EACH_STATUS:
        task, clause = each["task"], clauses.get(each["task"], "U-1")
        name = quote(task, safe="")
        level = "must" if clause == "V-10" else None
        case(
            "values",
            clause,
            f"get-{name}",
            "a state is changed, refused or lost",
            {"get": task},
            {"status": 200, "info_of": task},
            population="of each status",
            level=level,
        )
        case(
            "values",
            clause,
            f"list-{name}",
            "a state is changed, refused or lost",
            {"list": query(("tasks", task))},
            tasks(task),
            population="of each status",
            level=level,
        )


def boundary() -> None:
    base = "/api/snapservice/tasks"

    def http(
        clause: str,
        name: str,
        mistake: str,
        expect: Any,
        target: str = base,
        method: str = "GET",
        body: str = "",
        **more: Any,
    ) -> None:
        case(
            "boundary",
            clause,
            name,
            mistake,
            {"http": {"method": method, "target": target, "body": body}},
            expect,
            **more,
        )

    for name, path in (
        ("slash", "/"), ("below", "/m/x"), ("below-slash", "/m/"), ("doubled", "//m"), ("none", "x"),
    ):  # fmt: skip
        http(
            "Q-5" if name == "slash" else "W-3",
            f"path-{name}",
            "a trailing slash or a longer path is the same",
            error(404, "OPERATION_NOT_FOUND"),
            base + path,
        )
    for path in ("/api/snapservice/task", "/api/snapservice", "/snapservice/tasks", "/api/snapservice/Tasks", "/"):
        http(
            "W-3",
            f"path{path.replace('/', '-')}",
            "another path is answered",
            error(404, "OPERATION_NOT_FOUND"),
            path,
            level="optional",
        )
    http(
        "W-3",
        "path-before-caller",
        "the caller is asked first",
        error(404, "OPERATION_NOT_FOUND"),
        base + "/",
        caller="nobody",
    )
    for name, raw in (("percent", "%"), ("digits", "%zz"), ("not-utf-8", "%ff"), ("surrogate", "%ed%a0%80")):
        http("W-3", f"id-{name}", "an id that is no text is a bad request", error(404, "NOT_FOUND"), f"{base}/{raw}")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for where, target in (("list", base), ("get", base + "/m")):
            http(
                "W-3",
                f"method-{method}-{where}",
                "405, or it is answered",
                error(400, "INVALID_REQUEST", header=["allow", "GET, HEAD"]),
                target,
                method,
            )
    http(
        "W-3",
        "method-before-caller",
        "the caller is asked first",
        error(400, "INVALID_REQUEST"),
        base,
        "POST",
        caller="nobody",
    )
    http(
        "W-3",
        "caller-before-body",
        "the body is looked at first",
        error(401, "UNAUTHENTICATED"),
        base,
        body="x",
        caller="nobody",
    )
    http(
        "W-3",
        "privilege-before-body",
        "the body is looked at first",
        error(403, "UNAUTHORIZED"),
        base,
        body="x",
        caller="guest",
    )
    http(
        "W-3",
        "body-before-arguments",
        "the query is looked at first",
        error(400, "INVALID_REQUEST"),
        base + "?statuz=1",
        body="x",
    )
    for name, body in (
        ("filter", '{"status":["FAILED"]}'),
        ("text", "status=FAILED"),
        ("null", "null"),
        ("list", "[]"),
        ("half", "{"),
    ):
        for where, target in (("list", base), ("get", base + "/m")):
            http(
                "Q-5",
                f"body-{name}-{where}",
                "a filter in the body is ignored in silence",
                error(400, "INVALID_REQUEST"),
                target,
                body=body,
            )
    for name, body in (("none", ""), ("blank", " \r\n"), ("object", "{}"), ("object-blank", " { } ")):
        http("Q-5", f"body-{name}", "an empty body is refused", tasks("m"), base + "?tasks=m", body=body)
    for name, text in (("known", "status=FAILED"), ("unknown", "x=1"), ("bare", "x")):
        http(
            "Q-5",
            f"query-on-get-{name}",
            "a query on get is ignored",
            error(400, "UNEXPECTED_INPUT"),
            f"{base}/m?{text}",
        )
    for name, text in (("none", "?"), ("empty-pairs", "?&&")):
        http(
            "Q-5",
            f"query-on-get-{name}",
            "no parameter is a parameter",
            {"status": 200, "info_of": "m"},
            f"{base}/m{text}",
        )
    for name, raw, task in (
        ("slash", "a%2Fb", "a/b"), ("slash-lower", "a%2fb", "a/b"), ("plus", "a+b", "a+b"), ("plus-escaped", "a%2Bb", "a+b"), ("blank", "a%20b", "a b"),
        ("percent", "a%2562", "a%62"), ("umlaut", "%C3%A4", "\u00e4"), ("comma", "a,b", "a,b"), ("emoji", "%F0%9F%98%80", "\U0001f600"),
    ):  # fmt: skip
        http(
            "Q-1",
            f"path-{name}",
            "the id is decoded wrongly, or not, or twice",
            {"status": 200, "info_of": task},
            f"{base}/{raw}",
            population="names",
        )
    for name, target, expect in (
        ("list", base, {"status": 200}), ("get", base + "/m", {"status": 200}), ("unknown", base + "/unknown", {"status": 404}), ("wrong", base + "?x", {"status": 400}),
    ):  # fmt: skip
        http("Q-5", f"head-{name}", "HEAD is refused, or has a body", expect | {"no_body": True}, target, "HEAD")
    http(
        "W-2",
        "json",
        "another content type",
        tasks("m") | {"header": ["content-type", "application/json"]},
        base + "?tasks=m",
    )
    http(
        "W-2",
        "json-error",
        "another content type of errors",
        error(400, "UNEXPECTED_INPUT", header=["content-type", "application/json"]),
        base + "?x",
    )


def written() -> dict[str, str]:
    """The text of each file."""
    cases.clear()
    for part in (filters, queries, access, listing, getting, values, boundary):
        part()
    files: dict[str, Any] = {"populations.json": {"populations": POPULATIONS, "callers": CALLERS}}
    for file, its in cases.items():
        files[f"{file}.json"] = {"count": len(its), "cases": its}
    return {name: as_text(tree) for name, tree in files.items()}


def as_text(tree: dict[str, Any]) -> str:
    """JSON with a case, a task or a caller a line, so that a change shows."""

    def lines(node: Any, depth: int) -> str:
        if depth == 0 or not isinstance(node, dict | list) or not node:
            return json.dumps(node, ensure_ascii=False)
        inner = (
            [f"{json.dumps(name, ensure_ascii=False)}: {lines(member, depth - 1)}" for name, member in node.items()]
            if isinstance(node, dict)
            else [lines(member, depth - 1) for member in node]
        )
        opening, closing = "{}" if isinstance(node, dict) else "[]"
        return opening + "\n" + ",\n".join(inner) + "\n" + closing

    return lines(tree, 3 if "populations" in tree else 2) + "\n"


if __name__ == "__main__":
    for file, content in written().items():
        if "--check" in sys.argv and (VECTORS / file).read_text(encoding="utf-8") != content:
            sys.exit(f"{file} is not what this script writes")
        (VECTORS / file).write_text(content, encoding="utf-8")
