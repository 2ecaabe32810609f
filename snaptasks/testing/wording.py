"""Write requests, tasks and answers for people: bounded, and on one line each.

Decides how much of a name, a list or an answer a report shows. Does not know what is wrong with an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from .._text import safe_repr
from .cases import Answer, Case, Population
from .parsing import parsed

__all__ = [
    "count",
    "cut",
    "describe_answer",
    "describe_answers",
    "describe_end",
    "describe_expectation",
    "describe_request",
    "describe_task",
    "format_json",
    "truncate_name",
]

# The longest input or answer that a report shows, in characters, inclusive; a longer text is cut.
_MAX_TEXT: Final = 1500

# The longest name in JSON that a report shows whole, and each end of a longer name, in characters, inclusive.
_MAX_NAME: Final = 60
_END: Final = 24

# The most ids of a list that a report shows, inclusive; of a longer list it shows the number, and the two ends.
_MAX_IDS: Final = 24


def count(number: float, noun: str) -> str:
    """Return a number with its noun, which is plural except after 1."""
    text = str(number) if isinstance(number, int) else f"{number:g}"
    return f"{text} {noun}" if number == 1 else f"{text} {noun}s"


def cut(text: str) -> str:
    """Return a text of at most _MAX_TEXT characters; a cut text ends in the length of the whole text."""
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}... ({len(text)} characters)"


def format_json(tree: Any) -> str:
    """Return a JSON value for people: characters outside ASCII are escaped, each by its code point."""
    pairs = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab]..)\\u(d[c-f]..)")
    return pairs.sub(
        lambda f: f"{f[1]}\\U{0x10000 + (int(f[2], 16) - 0xD800) * 0x400 + int(f[3], 16) - 0xDC00:08x}",
        json.dumps(tree),
    )


def truncate_name(name: str) -> str:
    """Return a name in JSON for people; a long name is cut to its two ends and its length."""
    text = format_json(name)
    return text if len(text) <= _MAX_NAME else f"{text[:_END]}...{text[-_END:]} ({len(name)} characters)"


def _ids(ids: Sequence[Any]) -> str:
    """Return a list of ids in JSON; of a long list the number, and the two ends."""
    if len(ids) <= _MAX_IDS or not all(isinstance(each, str) for each in ids):
        return format_json(ids)
    return f"[{len(ids)} tasks: {truncate_name(ids[0])} ... {truncate_name(ids[-1])}]"


def describe_expectation(expect: Mapping[str, Any]) -> str:
    """Return an expectation in JSON, with long lists of tasks by their number and their ends."""
    parts = (
        f"{json.dumps(name)}: {_ids(value) if name.startswith('tasks') else format_json(value)}"
        for name, value in expect.items()
    )
    return cut(f"{{{', '.join(parts)}}}")


def describe_answer(answer: Answer) -> str:
    """Return a text of the status, and of the ids of a listing or the whole body."""
    try:
        ids = [item["task"] for item in parsed(answer.body)["items"]]
    except (ValueError, TypeError, LookupError):
        return f"{safe_repr(answer.status)} {cut(answer.body.decode(errors='backslashreplace'))}"
    return f"{safe_repr(answer.status)} with the tasks {cut(_ids(ids))}"


def describe_answers(answer: Answer, twin: Answer) -> str:
    """Return a text of the answer about all tasks, and of the answer about only the visible ones."""
    return f"{describe_answer(answer)}; if only the tasks that the caller may see are stored: {describe_answer(twin)}"


def describe_request(case: Case) -> list[str]:
    """Return the request of a case in words, in one or more lines."""
    request = case.request
    if "load" in request:
        return [f"a load of {count(request['load'], 'task')}"]
    if "get" in request:
        return [f"the task {truncate_name(request['get'])}"]
    if "http" in request:
        return [cut(json.dumps(request["http"]))]
    times = f" ({count(request['times'], 'time')})" if "times" in request else ""
    query = f"{json.dumps(request['list'])}{times}"
    found = [f"the tasks of the query {query}"]
    if "filter" in request:
        found = [f"the tasks of the filter {_filter(request['filter'])}", f"this filter as a query: {query}"]
    return [cut(line) for line in found] + ([f"through {request['through']}"] if "through" in request else [])


def describe_end(failure: Exception, id: str, last: Case | Population) -> str:
    """Return why a run ended, and which request got no answer.

    Args:
        failure: the reason.
        id: the vector or law that was asked.
        last: the last question, or the tasks of the last load.
    """
    lines = describe_request(last) if isinstance(last, Case) else [f"a load of {count(len(last.items), 'task')}"]
    return f"{failure}; asked {id}: {cut('; '.join(lines))}"


def _filter(filter: Mapping[str, Sequence[str]]) -> str:
    """Return a filter in JSON with long names cut."""
    fields = (f"{json.dumps(field)}: [{', '.join(map(truncate_name, members))}]" for field, members in filter.items())
    return f"{{{', '.join(fields)}}}"


def describe_task(entry: Mapping[str, Any]) -> str:
    """Return the fields of a task, or of many equal ones, that a filter reads; look-alikes are escaped."""
    task = entry.get("item", entry)
    info = task["info"]
    named = [f"{name} {truncate_name(info[name])}" for name in ("user", "parent") if name in info]
    service, operation = truncate_name(info["service"]), truncate_name(info["operation"])
    times = [f"{count(entry['repeat'], 'time')}, n from 0"] if "repeat" in entry else []
    parts = [
        *times,
        truncate_name(task["task"]),
        info["status"],
        f"service {service}",
        f"operation {operation}",
        *named,
    ]
    return cut(", ".join(parts))
