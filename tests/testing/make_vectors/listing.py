"""Cases of the cap and the order of a listing (L), of getting a task (G), and of its values (U, V)."""

from urllib.parse import quote

from tests.testing.make_vectors.cases import case, error, query, tasks
from tests.testing.make_vectors.populations import CROSSED, NAMES, OF_EACH_STATUS


def listing_cases() -> None:
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


def get_cases() -> None:
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


def value_cases() -> None:
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
