"""Cases of callers and what they see (A)."""

from tests.naive import naive_query
from tests.testing.make_vectors.cases import case, error, matching, tasks
from tests.testing.make_vectors.populations import SHARED


def access_cases() -> None:
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
