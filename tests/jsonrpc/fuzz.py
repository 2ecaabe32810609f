"""Send random hostile calls, and compare each response with a second implementation of every decision.

`python -m tests.jsonrpc.fuzz 100000` sends 100,000 calls and prints how they were answered.
One seed gives the same calls.
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
from tests.rest.fuzz import Failing, drive_to_end

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
    """Choose without hypothesis, which takes many times as long."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def index(self, size: int) -> int:
        return self.random.randrange(size)


def session_of(security: Mapping[str, Any]) -> str:
    named = [security.get(field) for field in ("sessionId", "userName", "accessToken", "samlToken")]
    return next((name for name in named if isinstance(name, str)), "")


def may_see(session: str, tree: Any) -> bool:
    return tree["info"].get("user") in {"u", "v"} if session == "u" else SECRET not in tree["task"]


class CountingSource:
    """Provide the tasks and the visibility of a service, and count how often either is read."""

    def __init__(self) -> None:
        self.reads = 0

    def visibility(self, caller: Caller) -> Visibility:
        self.reads += 1
        return Grants([FilterSpec(users={"u", "v"})]) if caller.user == "u" else lambda item: SECRET not in item.task

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem]:
        self.reads += 1
        return [item for item in ITEMS if wanted.matches(item)][:at_most]

    def scan(self, wanted: Wanted) -> Iterator[ListItem]:
        self.reads += 1
        return (item for item in ITEMS if wanted.matches(item))

    def find(self, task: str) -> ListItem | None:
        self.reads += 1
        return next((item for item in ITEMS if item.task == task), None)


class CountingFailing(Failing):
    """Represent a source that fails, and count how often it is read."""

    reads = 0

    def fail(self) -> Any:
        self.reads += 1
        super().fail()


def send_and_check(request: rest.Request, random: Random) -> tuple[str, Any]:
    """Send a request to a service and check the response.

    Args:
        request: A hostile request.
        random: Decides which source the service has, and whether it is awaited.

    Returns:
        The kind of the response, and its code or its error type. An output is returned as None.

    Raises:
        AssertionError: The second implementation decides otherwise, or the service reads or reveals too much.
    """
    request = rest.Request(request.method, request.target, [*request.headers, (f"x-{SECRET}", SECRET)], request.body)
    counting, failing = CountingSource(), CountingFailing(random)
    source: Any = failing if random.random() < 0.1 else counting
    reported: list[Exception] = []
    calls: list[jsonrpc.Call] = []
    sessions: list[str] = []

    def authenticate(call: jsonrpc.Call) -> Caller | None:
        calls.append(call)
        session = session_of(call.security)
        return Caller(user=session, privileges=PRIVILEGES[session]) if session in PRIVILEGES else None

    def privileges_of(security: Mapping[str, Any]) -> set[str] | None:
        sessions.append(session_of(security))
        return PRIVILEGES.get(sessions[0])

    service = jsonrpc.Service(
        source, authenticate=authenticate, visibility=counting.visibility, on_error=reported.append
    )
    response = service.handle(request) if random.random() < 0.8 else drive_to_end(service.handle_async(request))
    kind, value, id = naive_call(
        request.method, request.headers, request.body, privileges_of, TREES, lambda tree: may_see(sessions[0], tree)
    )
    if failing.reads:
        kind, value = "type", str(failing.expected[1])
    context = (request.method, request.headers, request.body[:5000], response.body[:5000], kind, value)
    check_response(response, kind, value, id, context)
    if len(calls) != len(sessions):
        raise AssertionError("authenticate ran too often or too rarely", context)
    is_read = counting.reads + failing.reads > 0
    if is_read and not (sessions and "System.Read" in PRIVILEGES.get(sessions[0], set())):
        raise AssertionError("the source or the visibility was read before the caller was authorized", context)
    if counting.reads and not failing.reads and value in ("INVALID_ARGUMENT", "UNEXPECTED_INPUT"):
        raise AssertionError("the source or the visibility was read before the arguments", context)
    if SECRET in f"{request!r}{response!r}{response.headers}{response.body!r}{calls!r}{service!r}":
        raise AssertionError("a secret is revealed", context)
    if reported and ErrorType(str(value)).http_status < 500:
        raise AssertionError("an error of the client was reported to the embedder", context)
    return kind, None if kind == "output" else value


def run(count: int, seed: int) -> Counter[tuple[str, Any]]:
    """Send hostile requests and return how often each answer came.

    Args:
        count: The number of requests.
        seed: The seed of the requests and of the services.
    """
    random = Random(seed)
    choose = Chance(random)
    return Counter(send_and_check(hostile_call(choose), random) for _ in range(count))


def check_response(response: rest.Response, kind: str, value: Any, id: Any, context: Any) -> None:
    """Raise AssertionError unless a response is the one that J-1 gives to a decision of the second implementation.

    Args:
        response: The response of the service.
        kind: "output", "type" or "error".
        value: The output, the error type, or the code.
        id: The id of the call, or None.
        context: Shown with the error.
    """
    headers = dict(response.headers)
    if response.status != 200 or headers["content-type"] != "application/json":
        raise AssertionError("wrong status or content type", context)
    if headers["content-length"] != str(len(response.body)) or len(headers) != len(response.headers):
        raise AssertionError("wrong headers", context)
    tree = json.loads(response.body)
    if type(tree["id"]) is not type(id):
        raise AssertionError("wrong type of id", context)
    if kind == "error":
        if tree["error"].pop("message") == "" or tree != {"jsonrpc": "2.0", "id": id, "error": {"code": value}}:
            raise AssertionError("wrong protocol error", context)
    elif kind == "output":
        if tree != {"jsonrpc": "2.0", "id": id, "result": {"output": value}}:
            raise AssertionError("wrong output", context)
    else:
        (error,) = tree["result"]["error"]["ERROR"].values()
        whole = {"jsonrpc": "2.0", "id": id, "result": {"error": {"ERROR": {naive_name(value): error}}}}
        if tree != whole or error["error_type"] != {"OPTIONAL": value}:
            raise AssertionError("wrong error type", context)
    if headers.get("vapi-error") != (naive_name(value) if kind == "type" else None):
        raise AssertionError("wrong vapi-error header", context)


if __name__ == "__main__":
    total = int(sys.argv[1])
    start = int(sys.argv[2]) if len(sys.argv) > 2 else Random().randrange(2**32)
    print(f"seed {start}", flush=True)
    for (kind, value), number in sorted(run(total, start).items(), key=str):
        print(f"{number:>9} {kind} {'' if value is None else value}")
    print(f"{total:>9} calls, each answered correctly; nothing was read before the caller was known")
