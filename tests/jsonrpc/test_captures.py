"""Captured calls of VMware's own client have the captured answers, which that client took (J-1 to J-5)."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from snaptasks import EVERYTHING, SYSTEM_READ, Caller, Error, ErrorValue, FilterSpec, ListItem, ListResult, jsonrpc
from tests.building import plain_item
from tests.jsonrpc.captures import CAPTURES, as_sent, captured, plain
from tests.paths import DATA

SAMPLE = ListResult.from_json((DATA / "sample-tasks.json").read_bytes()).items
CALLERS = {
    "SID-root": Caller(user="root", privileges={SYSTEM_READ}),
    "SID-ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}),
    "SID-guest": Caller(user="guest"),
}
OF_THE_SAMPLE = ["get", "get-not-found", "invalid-argument", "list-filter", "unauthenticated", "unauthorized"]
OTHERS = ["cap-1001", "error-unverified-peer", "list-odd"]


def answered(request: jsonrpc.Request, candidates: Sequence[ListItem] | Error) -> tuple[list[str], Any]:
    """The response of a service over these tasks, or over a store that raises this error."""

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
    return parts(as_sent(service.handle(request)))


def parts(response: bytes) -> tuple[list[str], Any]:
    """The head but for the length, and the body with each number as its text: escapes and the order of members are free."""
    head, _, body = response.partition(b"\r\n\r\n")
    lines = [line for line in head.decode().split("\r\n") if not line.startswith("content-length")]
    return lines, json.loads(body, parse_int=str, parse_float=str)


@pytest.mark.parametrize("name", OF_THE_SAMPLE)
def test_a_captured_call_over_the_sample_has_the_captured_answer(name: str) -> None:
    """J-1, J-4, J-5: with the headers."""
    request, response = captured(name)
    assert answered(request, SAMPLE) == parts(response)


def test_the_captured_call_past_the_cap_has_the_captured_answer() -> None:
    """L-2, J-5."""
    request, response = captured("cap-1001")
    assert answered(request, [plain_item(f"task-{number}") for number in range(1001)]) == parts(response)


def test_the_captured_odd_tasks_are_written_as_they_were() -> None:
    """J-5: results and parameters of every kind, read with the reader of these tests."""
    request, response = captured("list-odd")
    tree = plain(json.loads(response.partition(b"\r\n\r\n")[2])["result"]["output"])
    items = ListResult.from_python(tree).items
    assert len(items) > 50
    assert answered(request, items) == parts(response)


def test_the_captured_error_is_written_as_it_was() -> None:
    """J-5, E-3: parameters of every kind, and data of any shape."""
    request, response = captured("error-unverified-peer")
    tree = plain(json.loads(response.partition(b"\r\n\r\n")[2])["result"]["error"])
    error = Error.from_value(ErrorValue.from_python(tree))
    assert (error.error_type, len(error.value.messages)) == ("UNVERIFIED_PEER", 2)
    assert answered(request, error) == parts(response)


def test_every_capture_is_asked() -> None:
    """A capture that no test asks proves nothing."""
    assert {path.name.partition(".")[0] for path in CAPTURES.iterdir()} == {*OF_THE_SAMPLE, *OTHERS}
