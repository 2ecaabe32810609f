"""Hold the tasks and the callers that the cases are asked about."""

from typing import Any

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
