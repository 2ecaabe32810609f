"""Reads what the boundary writes, apart from it: an answer as the tree that REST has for it, and what was captured."""

import json
from typing import Any

from snaptasks import jsonrpc
from tests.paths import DATA

CAPTURES = DATA / "jsonrpc"


def result_of(response: jsonrpc.Response) -> tuple[str, Any]:
    """Which member the result has, output or error, and its plain tree."""
    ((member, tree),) = json.loads(response.body)["result"].items()
    return member, plain(tree)


def plain(tree: Any) -> Any:
    """The tree without structures, optionals and lists of entries; in a structure with a name, null is unset."""
    match tree:
        case {"OPTIONAL": inside}:
            return plain(inside)
        case {"STRUCTURE": named} | {"ERROR": named}:
            ((name, fields),) = named.items()
            if not name:
                return {field: plain(value) for field, value in fields.items()}
            found = {field: _params(value) if field == "params" else plain(value) for field, value in fields.items()}
            return {field: value for field, value in found.items() if value is not None}
        case list(elements):
            return [plain(element) for element in elements]
        case dict():
            raise AssertionError(f"no object stands for itself: {tree}")
    return tree


def _params(optional: Any) -> Any:
    entries = plain(optional)
    return None if entries is None else {entry["key"]: entry["value"] for entry in entries}


def captured(name: str) -> tuple[jsonrpc.Request, bytes]:
    """A request of VMware's own client, and the whole response that it got and took."""
    head, _, body = (CAPTURES / f"{name}.request.http").read_bytes().partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.split()
    headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
    return jsonrpc.Request(method.decode(), target, headers, body), (CAPTURES / f"{name}.response.http").read_bytes()


def as_sent(response: jsonrpc.Response) -> bytes:
    """The response as the server of the captures sent it."""
    lines = [f"HTTP/1.1 {response.status} OK", *(f"{name}: {value}" for name, value in response.headers), "", ""]
    return "\r\n".join(lines).encode() + response.body
