"""Test that captured calls of VMware's own client get the captured responses (J-1 to J-5)."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from snaptasks import EVERYTHING, SYSTEM_READ, Caller, Error, ErrorValue, FilterSpec, ListItem, ListResult, jsonrpc
from tests.building import plain_item
from tests.jsonrpc.captures import CAPTURES, captured, plain, response_bytes
from tests.paths import DATA

SAMPLE = ListResult.from_json((DATA / "sample-tasks.json").read_bytes()).items
CALLERS = {
    "SID-root": Caller(user="root", privileges={SYSTEM_READ}),
    "SID-ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}),
    "SID-guest": Caller(user="guest"),
}
SAMPLE_CAPTURES = ["get", "get-not-found", "invalid-argument", "list-filter", "unauthenticated", "unauthorized"]
OTHER_CAPTURES = ["cap-1001", "error-unverified-peer", "list-odd"]


def answer(request: jsonrpc.Request, candidates: Sequence[ListItem] | Error) -> tuple[list[str], Any]:
    """Return the parts of a service's response over these tasks, or over a source that raises this error."""

    def source(filter: FilterSpec) -> Sequence[ListItem]:
        if isinstance(candidates, Error):
            raise candidates
        return candidates

    service = jsonrpc.Service(
        source,
        authenticate=lambda call: CALLERS.get(call.security.get("sessionId", "")),
        visibility=lambda caller: EVERYTHING,
        challenge="Bearer",
    )
    return parts(response_bytes(service.handle(request)))


def parts(response: bytes) -> tuple[list[str], Any]:
    """Return the head without the length, and the body with each number as its text.

    Escapes and the order of members do not matter.
    """
    head, _, body = response.partition(b"\r\n\r\n")
    lines = [line for line in head.decode().split("\r\n") if not line.startswith("content-length")]
    return lines, json.loads(body, parse_int=str, parse_float=str)


@pytest.mark.parametrize("name", SAMPLE_CAPTURES)
def test_service_over_the_sample_answers_as_captured(name: str) -> None:
    """J-1, J-4, J-5: The headers are the captured ones, too."""
    request, response = captured(name)
    assert answer(request, SAMPLE) == parts(response)


def test_service_past_the_cap_answers_as_captured() -> None:
    """L-2, J-5."""
    request, response = captured("cap-1001")
    assert answer(request, [plain_item(f"task-{number}") for number in range(1001)]) == parts(response)


def test_service_over_odd_tasks_answers_as_captured() -> None:
    """J-5: The tasks have results and parameters of every kind; the reader of these tests reads them."""
    request, response = captured("list-odd")
    tree = plain(json.loads(response.partition(b"\r\n\r\n")[2])["result"]["output"])
    items = ListResult.from_python(tree).items
    assert len(items) > 50
    assert answer(request, items) == parts(response)


def test_service_over_a_failing_source_answers_as_captured() -> None:
    """J-5, E-3: The error has parameters of every kind, and data of any shape."""
    request, response = captured("error-unverified-peer")
    tree = plain(json.loads(response.partition(b"\r\n\r\n")[2])["result"]["error"])
    error = Error.from_value(ErrorValue.from_python(tree))
    assert (error.error_type, len(error.value.messages)) == ("UNVERIFIED_PEER", 2)
    assert answer(request, error) == parts(response)


def test_every_capture_is_tested() -> None:
    """A capture without a test proves nothing."""
    assert {path.name.partition(".")[0] for path in CAPTURES.iterdir()} == {*SAMPLE_CAPTURES, *OTHER_CAPTURES}
