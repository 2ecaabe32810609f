"""Cases of filters (F)."""

import itertools
from random import Random
from urllib.parse import quote

from tests.testing.make_vectors.cases import FIELDS, case, error, matching, query, tasks, value_of
from tests.testing.make_vectors.populations import CROSSED, NAMES


def filter_cases() -> None:
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
