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
