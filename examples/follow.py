# Follow a task to its end: TOKEN=ops python follow.py http://127.0.0.1:8000 backup-1
import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar
from urllib.parse import quote

import httpx
from snaptasks import Error, FilterSpec, Info, ListItem, format_filter, rest

TASKS = "/api/snapservice/tasks"
POLL, LONGEST = 1.0, 60.0  # seconds between two requests, and the longest wait before a retry
UNANSWERED = (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError)
T = TypeVar("T")

def say(text: str, end: str = "\n") -> None:
    # Servers must not control terminals.
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    if sys.stdout.isatty():
        text = f"\r\x1b[K\x1b[?7l{text}\x1b[?7h"  # replace the line, and cut it at the edge
    print(text, end=end, flush=True)

def delay(asked: timedelta | datetime | None, tries: int) -> float:
    if asked is None:  # longer each time, and random, so that clients do not come back together
        return random.uniform(0.5, 1) * min(2 << tries, LONGEST)
    if isinstance(asked, datetime):
        asked -= datetime.now(UTC)
    return max(asked.total_seconds(), POLL)  # by this clock, the time may be over

def read(client: httpx.Client, target: str, reader: Callable[[int, httpx.Headers, bytearray], T],
         deadline: float) -> T:
    for tries in count():
        try:
            with client.stream("GET", target) as answer:
                body = bytearray()  # appending to bytes would copy all of them
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > rest.MAX_BODY_LENGTH or time.monotonic() > deadline:
                        break  # the reader raises the error
                return reader(answer.status_code, answer.headers, body)
        except (Error, *UNANSWERED) as error:
            seconds = delay(error.retry_after if isinstance(error, Error) else None, tries)
            is_final = isinstance(error, Error) and not error.may_retry
            if is_final or time.monotonic() + seconds > deadline:
                raise
            hint = " (is a server at this address?)" if isinstance(error, httpx.ConnectError) else ""
            say(f"{error}{hint}; again in {seconds:.0f} s")
            time.sleep(seconds)
    raise AssertionError("count() does not end")

def states(client: httpx.Client, task: str, deadline: float) -> Iterator[Info]:
    target = f"{TASKS}/{quote(task, safe='').replace('.', '%2E')}"  # . and .. would change the path
    while True:
        info = read(client, target, rest.read_info, deadline)
        yield info
        if info.status.is_terminal or info.end_time:  # an unknown status may be an end, too
            return
        if time.monotonic() + POLL > deadline:
            raise TimeoutError(f"{task} is still {info.status}")
        time.sleep(POLL)

def children(client: httpx.Client, task: str, services: list[str], deadline: float) -> list[ListItem]:
    # A filter has no field for the parent: list all tasks, and keep the children.
    # Past 1000 tasks, name services.
    target = f"{TASKS}?{format_filter(FilterSpec(services=services))}"
    listed = read(client, target, rest.read_list, deadline)
    return [item for item in listed if item.info.parent == task]

def show(info: Info, last: Info | None) -> None:
    """Print the state: on a terminal as one line that changes, else as a line for each change."""
    if not info.status.is_known and (last is None or info.status != last.status):
        say(f"the status {info.status} is unknown to this program")
    line = str(info.status)
    if info.progress:
        if last and last.progress and not info.progress.may_follow(last.progress):
            say(f"the progress fell from {last.progress.completed} to {info.progress.completed}")
        done = info.progress.fraction  # None without a total; the API sets no range
        bar = "?" if done is None else f"{'#' * round(20 * min(max(done, 0), 1)):.<20} {done:.0%}"
        line += f" [{bar}] {info.progress.message.display()}"
    if sys.stdout.isatty() or info != last:
        say(line, end="" if sys.stdout.isatty() else "\n")

def report(task: str, info: Info, indent: str = "") -> None:
    """Print the result of a task: its status, and its error or its result."""
    say(f"{indent}{task} {info.status}: {info.description.display()}")
    for at, message in enumerate(info.error.messages if info.error else ()):
        say(f"{indent}  {'because' if at else 'error'}: {message.display()}")
    if info.error is None and info.result is not None:  # a failed task may have its reason here
        say(f"{indent}  result: {json.dumps(info.to_python()['result'], ensure_ascii=False)}")

def main() -> int:
    parser = argparse.ArgumentParser(
        description="Follow a task to its end. TOKEN in the environment is the bearer token.",
        epilog="Exit status: 0 the task succeeded, 1 the task failed, 2 wrong usage, 3 the end is unknown.")
    parser.add_argument("url", help="such as http://127.0.0.1:8000")
    parser.add_argument("task")
    parser.add_argument("--deadline", type=float, default=3600, metavar="SECONDS",
                        help="the longest wait (3600)")
    parser.add_argument("--service", action="append", default=[],
                        help="look for children in this service only")
    asked, last = parser.parse_args(), None
    deadline, token = time.monotonic() + asked.deadline, os.environ.get("TOKEN", "ops").strip()
    # An error of httpx would show the token.
    if not (token.isascii() and token.isprintable() and all(asked.service)):
        parser.error("TOKEN must be printable ASCII, and a --service not empty")
    try:
        with httpx.Client(base_url=asked.url, headers={"Authorization": f"Bearer {token}"}) as client:
            for info in states(client, asked.task, deadline):
                show(info, last)
                last = info
            report(asked.task, info)
            for child in children(client, asked.task, asked.service, deadline):
                report(child.task, child.info, "  ")
    except (Error, httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        say(f"{type(error).__name__}: {error}")
    return {"SUCCEEDED": 0, "FAILED": 1}.get(str(last and last.status), 3)

if __name__ == "__main__":
    sys.exit(main())
