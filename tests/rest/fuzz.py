"""Send random hostile requests to services, and compare each response with a second implementation.

`python -m tests.rest.fuzz 1000000` sends a million requests and prints the number of responses of each kind. A seed
always draws the same requests.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple, NoReturn

from snaptasks import (
    SYSTEM_READ,
    Caller,
    Error,
    ErrorType,
    ErrorValue,
    FilterSpec,
    Grants,
    ListItem,
    LocalizableMessage,
    Status,
    TaskIndex,
    Visibility,
    rest,
)
from tests.building import plain_item
from tests.naive import LISTING, naive_answer

SECRET = "sEcReT"

ITEMS = [
    plain_item("a", user="u"),
    plain_item("b/c", user="u", service="t"),
    plain_item("%", user="u", operation="ä"),
    plain_item("+ ", service="t", operation="p&=", user="root"),
    plain_item("\U0001f600", status=Status.PENDING, start_time=None, end_time=None, progress=None, user="u"),
    plain_item(f"{SECRET}-task", service=f"{SECRET}-service", operation=f"{SECRET}-operation", user=f"{SECRET}-user"),
    plain_item("a,b", status=Status.FAILED, operation="ä", user="v"),
]
TREES = [item.to_python() for item in ITEMS]

PRIVILEGES: dict[str, set[str] | None] = {
    "Bearer root": {SYSTEM_READ},
    "Bearer u": {SYSTEM_READ, "Other"},
    "Bearer guest": {"system.read"},
    "": None,
    f"Bearer {SECRET}": None,
}
USERS = {credentials: credentials.removeprefix("Bearer ") for credentials in PRIVILEGES}

# The parts of a request: valid ones, invalid ones, and bytes that are hard for parsers.
PATHS = [LISTING] * 60 + [
    b"", b"/", b"*", b"/api", LISTING + b"/", LISTING + b"//", b"/" + LISTING, LISTING[4:], LISTING.upper(),
    b"http://h" + LISTING, b"HTTPS://u:p@h:1" + LISTING, b"http://", b"ftp://h" + LISTING, b"/api/snapservice/%74asks",
]  # fmt: skip
IDS = [
    b"a", b"%61", b"b%2Fc", b"b%2fc", b"b/c", b"%25", b"%", b"%zz", b"+%20", b"+ ", b"%F0%9F%98%80", b"\xf0\x9f\x98\x80",
    b"\xff", b"%ff", b"%c3", b"%ed%a0%80", b"%00", b"\x00", b"..", b".", b"a\\x41", b"a\\", b"a,b", b"a%", b"a%2",
    SECRET.encode() + b"-task",
]  # fmt: skip
FIELDS = [b"tasks", b"operations", b"services", b"status", b"users"]
NAMES = FIELDS * 12 + [
    b"statuz",
    b"",
    b"STATUS",
    b"status%00",
    b"%73tatus",
    b"%",
    b"%ff",
    b"tasks[]",
    b"?tasks",
    b"\xff",
]
VALUES = [
    *IDS, b"SUCCEEDED", b"PENDING", b"FAILED", b"FROZEN", b"failed", b"u", b"root", b"s", b"t", b"o", b"%C3%A4", b"p%26%3D",
    b"", b"a+b", b"a;b", b"a=b", b"x" * 300,
]  # fmt: skip
METHODS = ["GET"] * 50 + ["HEAD", "HEAD", "POST", "get", "", "OPTIONS", "GET\r\n", "\ud800"]
BODIES = [b""] * 60 + [
    b" \r\n",
    b"{}",
    b" { } ",
    b"{",
    b"[]",
    b"null",
    b"x=1",
    b'{"status":["FAILED"]}',
    b"\xff",
    b"\x00",
]
WILD = bytes(range(256))


class Case(NamedTuple):
    """Hold a request and the credentials that it carries."""

    request: rest.Request
    credentials: str


def requests(random: Random) -> Iterator[Case]:
    """Draw requests without end; most of them are nearly valid."""
    while True:
        path = random.choice(PATHS)
        if random.random() < 0.4:
            path += b"/" + random.choice(IDS)
        target = path
        if random.random() < 0.7:
            pairs = [
                random.choice(NAMES) + random.choice((b"=", b"=", b"=", b"=", b"==", b"")) + random.choice(VALUES)
                for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 6)))
            ]
            target += b"?" + random.choice((b"&", b"&", b"&&", b";")).join(pairs)
        if random.random() < 0.1 and target:  # replace a byte by zero to two others
            at = random.randrange(len(target))
            target = target[:at] + bytes(random.choices(WILD, k=random.randrange(3))) + target[at + 1 :]
        if random.random() < 0.00002:
            target += b"&tasks=a" * 20_001 if random.random() < 0.5 else b"&tasks=" + b"a" * 2**20
        credentials = random.choice([*PRIVILEGES, "Bearer root", "Bearer root", "Bearer u", "Bearer u"])
        headers = [("Authorization", credentials), (f"X-{SECRET}", SECRET)] if credentials else [("X-Other", SECRET)]
        yield Case(rest.Request(random.choice(METHODS), target, headers, random.choice(BODIES)), credentials)


def authenticate(request: rest.Request) -> Caller | None:
    credentials = request.header("authorization") or ""
    privileges = PRIVILEGES[credentials]
    return None if privileges is None else Caller(user=USERS[credentials], privileges=privileges)


def visibility(caller: Caller) -> Visibility:
    return Grants([FilterSpec(users={"u", "v"})]) if caller.user == "u" else lambda item: SECRET not in item.task


def may_see(credentials: str, tree: Any) -> bool:
    return tree["info"].get("user") in {"u", "v"} if credentials == "Bearer u" else SECRET not in tree["task"]


class Failing:
    """Represent a source that fails with an error which carries the secret, and note the response to expect."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.expected: tuple[int, str] = (0, "")

    def fail(self) -> NoReturn:
        kind = self.random.choice((*ErrorType, None, "row"))
        if kind is None:
            self.expected = 500, "INTERNAL_SERVER_ERROR"
            raise RuntimeError(SECRET)
        if kind == "row":
            self.expected = 500, "RESOURCE_INACCESSIBLE"
            ListItem.from_json(json.dumps({"task": SECRET, "info": {"status": SECRET}}))
        error_type = ErrorType(kind)
        self.expected = error_type.http_status, error_type
        text = LocalizableMessage(id="m", default_message="Failed")
        raise Error.from_value(ErrorValue(messages=[text], error_type=error_type)) from RuntimeError(SECRET)

    def select(self, *_: object) -> Any:
        self.fail()

    scan = select

    def find(self, task: str) -> Any:
        self.fail()


def run(count: int, seed: int, inspect: Callable[[rest.Response], object] = id) -> Counter[tuple[int, str]]:
    """Send random requests and check each response.

    Args:
        count: The number of requests.
        seed: The seed of the requests.
        inspect: A function that also receives each response.

    Returns:
        The number of responses of each status and error type; the type of a success is empty.

    Raises:
        AssertionError: A response differs from the second implementation, or shows the secret.
    """
    random = Random(seed)
    failing = Failing(random)
    sources: list[Any] = [ITEMS, TaskIndex(ITEMS), lambda spec: ITEMS, lambda spec: iter(ITEMS), failing]
    counts: Counter[tuple[int, str]] = Counter()
    for _, (request, credentials) in zip(range(count), requests(random), strict=False):
        source = random.choice(sources)
        privileges = PRIVILEGES[credentials]
        reported: list[Exception] = []
        failing.expected = (0, "")
        options: dict[str, Any] = {"authenticate": authenticate, "visibility": visibility, "on_error": reported.append}
        service = rest.Service(source, **options)
        response = service.handle(request) if random.random() < 0.8 else drive_to_end(service.handle_async(request))
        expected = naive_answer(
            request.method,
            request.target,
            request.body,
            privileges,
            TREES,
            lambda tree: may_see(credentials, tree),  # noqa: B023
        )
        if failing.expected != (0, ""):
            expected = failing.expected
        context = (request.method, request.target, request.body, credentials, response.status, response.body)
        check(response, expected, is_head=request.method == "HEAD", context=context)
        sent = f"{request!r}{response!r}{response.headers}{response.body!r}"
        if SECRET in sent and SECRET.encode() not in request.target:  # a response may repeat the request's own target
            raise AssertionError("the response shows a secret", context)
        if reported and response.status < 500:
            raise AssertionError("on_error received a client's mistake", context)
        inspect(response)
        counts[response.status, str(expected[1]) if response.status != 200 else ""] += 1
    return counts


def drive_to_end(coroutine: Any) -> rest.Response:
    """Return the response of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        response: rest.Response = done.value
        return response
    raise AssertionError("the coroutine waits")


def check(response: rest.Response, expected: tuple[int, Any], *, is_head: bool, context: Any) -> None:
    status, value = expected
    headers = dict(response.headers)
    if (
        len(headers) != len(response.headers)
        or not f"{headers}".isascii()
        or not all(map(str.isprintable, headers.values()))
    ):
        raise AssertionError("no server can send these headers", context)
    if response.status != status:
        raise AssertionError("the status differs", expected, context)
    if is_head:
        if response.body or int(headers["content-length"]) == 0:
            raise AssertionError("the response to HEAD has a body", context)
        return
    if int(headers["content-length"]) != len(response.body):
        raise AssertionError("content-length differs from the length of the body", context)
    tree = json.loads(response.body)
    if (tree if status == 200 else tree["error_type"]) != value:
        raise AssertionError("the body differs", expected, context)


if __name__ == "__main__":
    total = int(sys.argv[1])
    start = int(sys.argv[2]) if len(sys.argv) > 2 else Random().randrange(2**32)
    print(f"seed {start}", flush=True)
    for (status, error), number in sorted(run(total, start).items()):
        print(f"{number:>9} {status} {error}")
    print(f"{total:>9} requests, each with the expected response")
