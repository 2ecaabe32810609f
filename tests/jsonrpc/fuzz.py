"""Random hostile calls, held against a second implementation of every decision; the same ones for the same seed.

`python -m tests.jsonrpc.fuzz 100000` sends so many and prints how they were answered.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from snaptasks import Caller, ErrorType, FilterSpec, Grants, ListItem, Status, Visibility, Wanted, jsonrpc, rest
from snaptasks.testing.choices import Choose
from snaptasks.testing.strategies.calls import hostile_call
from tests.building import plain_item
from tests.jsonrpc.naive import naive_call, naive_name
from tests.rest.fuzz import Failing, at_once

SECRET = "sEcReT"

ITEMS = [
    plain_item("a", user="u"),
    plain_item("b/c", user="u", service="x" * 300),
    plain_item("\U0001f600", status=Status.PENDING, start_time=None, end_time=None, progress=None, user="u"),
    plain_item(f"{SECRET}-task", user=f"{SECRET}-user"),
    plain_item("%61", status=Status.FAILED, user="v", result={"primary": "p", "secondary": [None, {"": 1.5}]}),
]
TREES = [item.to_python() for item in ITEMS]

PRIVILEGES = {"root": {"System.Read"}, "u": {"System.Read", "Other"}, "guest": {"system.read"}}


class Chance(Choose):
    """Chooses without hypothesis, which takes many times as long."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def index(self, size: int) -> int:
        return self.random.randrange(size)


def session_of(security: Mapping[str, Any]) -> str:
    named = [security.get(field) for field in ("sessionId", "userName", "accessToken", "samlToken")]
    return next((name for name in named if isinstance(name, str)), "")


def may_see(session: str, tree: Any) -> bool:
    return tree["info"].get("user") in {"u", "v"} if session == "u" else SECRET not in tree["task"]


class Looking:
    """What a service asks about tasks, and counts that it does."""

    def __init__(self) -> None:
        self.looks = 0

    def visibility(self, caller: Caller) -> Visibility:
        self.looks += 1
        return Grants([FilterSpec(users={"u", "v"})]) if caller.user == "u" else lambda item: SECRET not in item.task

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem]:
        self.looks += 1
        return [item for item in ITEMS if wanted.matches(item)][:at_most]

    def scan(self, wanted: Wanted) -> Iterator[ListItem]:
        self.looks += 1
        return (item for item in ITEMS if wanted.matches(item))

    def find(self, task: str) -> ListItem | None:
        self.looks += 1
        return next((item for item in ITEMS if item.task == task), None)


class FailingToo(Failing):
    """A source that fails, and counts that it was asked."""

    looks = 0

    def fail(self) -> Any:
        self.looks += 1
        super().fail()


def answer(request: rest.Request, random: Random) -> tuple[str, Any]:
    """Send a request to a service, and give what answers it. Raises AssertionError where that is not what must."""
    request = rest.Request(request.method, request.target, [*request.headers, (f"x-{SECRET}", SECRET)], request.body)
    looking, failing = Looking(), FailingToo(random)
    source: Any = failing if random.random() < 0.1 else looking
    told: list[Exception] = []
    asked: list[jsonrpc.Call] = []
    sessions: list[str] = []

    def authenticate(call: jsonrpc.Call) -> Caller | None:
        asked.append(call)
        session = session_of(call.security)
        return Caller(user=session, privileges=PRIVILEGES[session]) if session in PRIVILEGES else None

    def privileges_of(security: Mapping[str, Any]) -> set[str] | None:
        sessions.append(session_of(security))
        return PRIVILEGES.get(sessions[0])

    service = jsonrpc.Service(source, authenticate=authenticate, visibility=looking.visibility, on_error=told.append)
    response = service.handle(request) if random.random() < 0.8 else at_once(service.handle_async(request))
    kind, value, id = naive_call(
        request.method, request.headers, request.body, privileges_of, TREES, lambda tree: may_see(sessions[0], tree)
    )
    if failing.looks:
        kind, value = "type", str(failing.expected[1])
    context = (request.method, request.headers, request.body[:5000], response.body[:5000], kind, value)
    check(response, kind, value, id, context)
    if len(asked) != len(sessions):
        raise AssertionError("it is asked who calls, or not", context)
    is_looked_at = looking.looks + failing.looks > 0
    if is_looked_at and not (sessions and "System.Read" in PRIVILEGES.get(sessions[0], set())):
        raise AssertionError("something is looked at for no one", context)
    if looking.looks and not failing.looks and value in ("INVALID_ARGUMENT", "UNEXPECTED_INPUT"):
        raise AssertionError("something is looked at before the arguments", context)
    if SECRET in f"{request!r}{response!r}{response.headers}{response.body!r}{asked!r}{service!r}":
        raise AssertionError("a secret shows", context)
    if told and ErrorType(str(value)).http_status < 500:
        raise AssertionError("the embedder hears of a client's mistake", context)
    return kind, None if kind == "output" else value


def run(count: int, seed: int) -> Counter[tuple[str, Any]]:
    """Send that many hostile requests; gives how often which answer came."""
    random = Random(seed)
    choose = Chance(random)
    return Counter(answer(hostile_call(choose), random) for _ in range(count))


def check(response: rest.Response, kind: str, value: Any, id: Any, context: Any) -> None:
    """The one answer that J-1 has for what the second implementation decided."""
    headers = dict(response.headers)
    if response.status != 200 or headers["content-type"] != "application/json":
        raise AssertionError("another status or type", context)
    if headers["content-length"] != str(len(response.body)) or len(headers) != len(response.headers):
        raise AssertionError("other headers", context)
    tree = json.loads(response.body)
    if type(tree["id"]) is not type(id):
        raise AssertionError("an id of another type", context)
    if kind == "error":
        if tree["error"].pop("message") == "" or tree != {"jsonrpc": "2.0", "id": id, "error": {"code": value}}:
            raise AssertionError("another error", context)
    elif kind == "output":
        if tree != {"jsonrpc": "2.0", "id": id, "result": {"output": value}}:
            raise AssertionError("another output", context)
    else:
        (error,) = tree["result"]["error"]["ERROR"].values()
        whole = {"jsonrpc": "2.0", "id": id, "result": {"error": {"ERROR": {naive_name(value): error}}}}
        if tree != whole or error["error_type"] != {"OPTIONAL": value}:
            raise AssertionError("another type of error", context)
    if headers.get("vapi-error") != (naive_name(value) if kind == "type" else None):
        raise AssertionError("another header", context)


if __name__ == "__main__":
    total = int(sys.argv[1])
    start = int(sys.argv[2]) if len(sys.argv) > 2 else Random().randrange(2**32)
    print(f"seed {start}", flush=True)
    for (kind, value), number in sorted(run(total, start).items(), key=str):
        print(f"{number:>9} {kind} {'' if value is None else value}")
    print(f"{total:>9} calls, each answered as it must be; nothing was looked at before a caller was known")
