"""Implement the listing a second time, on plain dicts as a JSON parser gives them. It shares no code with the package.

It is slow and explicit on purpose: it decides each rule by itself, in the words of the specification.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Task = Mapping[str, Any]

CAP = 1000


def naive_match(filter: Mapping[str, Sequence[str]], task: Task) -> bool:
    """Return whether each field of the filter that has members has the task's value among them."""
    own = {
        "tasks": task["task"],
        "operations": task["info"]["operation"],
        "services": task["info"]["service"],
        "status": task["info"]["status"],
        "users": task["info"].get("user"),
    }
    verdicts = []
    for field, members in filter.items():
        if len(members) == 0:
            verdicts.append(True)
        else:
            verdicts.append(any(own[field] == member for member in members))
    return all(verdicts)


def naive_list(
    tasks: Sequence[Task], filter: Mapping[str, Sequence[str]], may_see: Callable[[Task], bool]
) -> list[Task] | None:
    """Return the visible matches, or None past the cap."""
    answer: list[Task] = []
    for task in tasks:
        is_repeated = task["task"] in [other["task"] for other in answer]
        if not is_repeated and may_see(task) and naive_match(filter, task):
            answer.append(task)
    return answer if len(answer) <= CAP else None


def naive_get(tasks: Sequence[Task], task_id: str, may_see: Callable[[Task], bool]) -> Any:
    """Return the info of the first visible task of an id, or None."""
    for task in tasks:
        if task["task"] == task_id and may_see(task):
            return task["info"]
    return None


FIELDS = ("tasks", "operations", "services", "status", "users")
STATUSES = ("PENDING", "RUNNING", "BLOCKED", "SUCCEEDED", "FAILED")


def naive_query(query: bytes) -> dict[str, set[str]] | tuple[str, str]:
    """Return the members of each field of a query string, or the type and the field of its error."""
    members: dict[str, set[str]] = {}
    for pair in query.split(b"&"):
        if pair == b"":
            continue
        end = pair.index(b"=") if b"=" in pair else len(pair)
        name, value = naive_unquote(pair[:end]), naive_unquote(pair[end + 1 :])
        if name is None:
            return "INVALID_ARGUMENT", pair[:end].decode(errors="backslashreplace")
        if name not in FIELDS:
            return "UNEXPECTED_INPUT", name
        if value is None or value == "" or (name == "status" and value not in STATUSES):
            return "INVALID_ARGUMENT", name
        members.setdefault(name, set()).add(value)
    return members


def naive_unquote(raw: bytes, plus: str = " ") -> str | None:
    """Decode one name or value byte by byte; return None if an escape is broken or the bytes are not UTF-8."""
    out = bytearray()
    at = 0
    while at < len(raw):
        if raw[at] == ord("%"):
            digits = raw[at + 1 : at + 3].decode("latin-1")
            if len(digits) != 2 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
                return None
            out.append(int(digits, 16))
            at += 3
        else:
            out.append(ord(plus) if raw[at] == ord("+") else raw[at])
            at += 1
    try:
        return out.decode()
    except UnicodeDecodeError:
        return None


LISTING = b"/api/snapservice/tasks"


def naive_answer(
    method: str,
    target: bytes,
    body: bytes,
    privileges: set[str] | None,
    tasks: Sequence[Task],
    may_see: Callable[[Task], bool],
) -> tuple[int, Any]:
    """Return the HTTP status of the response to a request, and the error's type or the value.

    The decisions stand in the order of the specification.
    """
    path = target.split(b"?")[0]
    query = target[len(path) + 1 :]
    if path[:1] != b"/" and b"://" in path:
        path = path[path.index(b"://") + 3 :]
        path = path[len(path.split(b"/")[0]) :]
    if b"#" in target:
        return 404, "OPERATION_NOT_FOUND"
    task = None
    if path != LISTING:
        segments = path.split(b"/")
        if segments[:4] != LISTING.split(b"/") or len(segments) != 5 or segments[4] == b"":
            return 404, "OPERATION_NOT_FOUND"
        task = naive_unquote(segments[4], plus="+")
        if task is None:
            return 404, "NOT_FOUND"
    if method not in ("GET", "HEAD"):
        return 400, "INVALID_REQUEST"
    if privileges is None:
        return 401, "UNAUTHENTICATED"
    if "System.Read" not in privileges:
        return 403, "UNAUTHORIZED"
    if [byte for byte in body if byte not in b" \t\r\n"] not in ([], [*b"{}"]):
        return 400, "INVALID_REQUEST"
    if task is not None:
        if query.strip(b"&") != b"":
            return 400, "UNEXPECTED_INPUT"
        info = naive_get(tasks, task, may_see)
        return (404, "NOT_FOUND") if info is None else (200, info)
    if len(query) > 2**20 or sum(pair != b"" for pair in query.split(b"&")) > 20_000:
        return 400, "INVALID_ARGUMENT"
    filter = naive_query(query)
    if isinstance(filter, tuple):
        return 400, filter[0]
    found = naive_list(tasks, {field: sorted(members) for field, members in filter.items()}, may_see)
    return (500, "RESOURCE_INACCESSIBLE") if found is None else (200, {"items": found})
