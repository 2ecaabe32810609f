"""A second implementation of the listing, on plain dicts as a JSON parser gives them. It shares no code with the first.

Slow and written out on purpose: it decides each rule by itself, in the words of the specification.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Task = Mapping[str, Any]

CAP = 1000


def naive_match(filter: Mapping[str, Sequence[str]], task: Task) -> bool:
    """Whether each given field of the filter has the task's value among its members."""
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
    """The visible matches; None past the cap."""
    answer: list[Task] = []
    for task in tasks:
        is_repeated = task["task"] in [other["task"] for other in answer]
        if not is_repeated and may_see(task) and naive_match(filter, task):
            answer.append(task)
    return answer if len(answer) <= CAP else None


def naive_get(tasks: Sequence[Task], task_id: str, may_see: Callable[[Task], bool]) -> Any:
    """The info of the first visible task of this id, or None."""
    for task in tasks:
        if task["task"] == task_id and may_see(task):
            return task["info"]
    return None


FIELDS = ("tasks", "operations", "services", "status", "users")
STATUSES = ("PENDING", "RUNNING", "BLOCKED", "SUCCEEDED", "FAILED")


def naive_query(query: bytes) -> dict[str, set[str]] | tuple[str, str]:
    """The members of each field of a query string; or the error type that answers it, and the field it names."""
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


def naive_unquote(raw: bytes) -> str | None:
    """One name or value, byte by byte; None where an escape is broken or the bytes are not UTF-8."""
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
            out.append(ord(" ") if raw[at] == ord("+") else raw[at])
            at += 1
    try:
        return out.decode()
    except UnicodeDecodeError:
        return None
