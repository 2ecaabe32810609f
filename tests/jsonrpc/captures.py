"""Read JSON-RPC responses as the trees that REST writes, without the library's code, and load captured calls."""

import json
from typing import Any

from snaptasks import jsonrpc
from tests.paths import DATA

CAPTURES = DATA / "jsonrpc"


def result_of(response: jsonrpc.Response) -> tuple[str, Any]:
    """Return the member that holds the result, output or error, and its plain tree."""
    ((member, tree),) = json.loads(response.body)["result"].items()
    return member, plain(tree)


def plain(tree: Any) -> Any:
    """Return a tree without structures, optionals and lists of entries; drop the null fields of a named structure."""
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
            raise AssertionError(f"an object must be an optional, a structure or an error: {tree}")
    return tree


def _params(optional: Any) -> Any:
    entries = plain(optional)
    return None if entries is None else {entry["key"]: entry["value"] for entry in entries}


def captured(name: str) -> tuple[jsonrpc.Request, bytes]:
    """Return a captured request of VMware's own client, and the whole response that the client accepted."""
    head, _, body = (CAPTURES / f"{name}.request.http").read_bytes().partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.split()
    headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
    return jsonrpc.Request(method.decode(), target, headers, body), (CAPTURES / f"{name}.response.http").read_bytes()


def response_bytes(response: jsonrpc.Response) -> bytes:
    """Return a response as the server of the captures wrote it."""
    lines = [f"HTTP/1.1 {response.status} OK", *(f"{name}: {value}" for name, value in response.headers), "", ""]
    return "\r\n".join(lines).encode() + response.body
