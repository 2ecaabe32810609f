"""Draw calls for the JSON-RPC boundary: right ones, nearly right ones, and bodies that are not calls (J).

Decides what a faulty or hostile client may send. Does not know the answers.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any, Final

from hypothesis import strategies as st

from ...jsonrpc.wire import TASKS
from ...rest import Request
from ..choices import Choose, chooser
from .values import Strategy

__all__ = ["hostile_call", "hostile_calls"]

_SECURITY: Final = "com.vmware.vapi.std.security"
_SCHEMES: Final = (("user_pass", "userName"), ("oauth", "accessToken"), ("saml_bearer_token", "samlToken"))

# The names in arguments; some are names of no task, or unknown statuses.
_NAMES: Final = ("a", "b/c", "u", "s", "o", "\U0001f600", "", "x" * 300, "%61", "a\x00")
_STATUSES: Final = ("SUCCEEDED", "PENDING", "FAILED", "RUNNING", "BLOCKED", "FROZEN", "failed")
_FIELDS: Final = ("tasks", "operations", "services", "status", "users")

# A depth of nesting that every reader refuses.
_DEEP: Final = 5000

# Replacements for any value: JSON values, wrappers of the protocol with too little or too much in them, and numbers
# that readers treat differently.
_ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 7, 1.5, 2**63, 10**400, "", "x", "2.0", "invoke", "list", "get", [], {}, ["a"], ["a", 1], [None],
    {"OPTIONAL": None}, {"OPTIONAL": []}, {"OPTIONAL": "a"}, {"OPTIONAL": None, "STRUCTURE": {}}, {"STRUCTURE": {}},
    {"STRUCTURE": {"x": {}}}, {"STRUCTURE": {"x": {}, "y": {}}}, {"STRUCTURE": {"x": []}}, {"STRUCTURE": None},
    {"OPTIONAL": {"OPTIONAL": ["a"]}}, {"ERROR": {"x": {}}}, {"SECRET": "a"}, "\ud800", float("nan"), float("inf"),
)  # fmt: skip

# Bodies that are not calls.
_BODIES: Final = (
    b"", b" ", b"{", b"{}", b"[]", b"null", b"0", b'"x"', b"\xff", b"\x00", b"\xef\xbb\xbf{}", b"[{}]", b"{}{}", b"<soap/>",
    b'{"jsonrpc":"2.0"}', b'{"jsonrpc":"2.0","method":"invoke","id":1,}', b"[" * _DEEP + b"]" * _DEEP, b'{"a":' * _DEEP,
    b'{"jsonrpc":"2.0","method":"invoke","id":' + b"9" * 5000 + b"}", "{}".encode("utf-16"),
)  # fmt: skip


def hostile_calls() -> Strategy[Request]:
    """Draw requests that carry right and broken calls (J).

    Members are lost, doubled or of another type; the JSON is broken; headers contradict the call. The security context
    names the caller in `sessionId`, `userName`, `accessToken` or `samlToken`: root, u, guest or stranger; or it names no
    caller.
    """

    @st.composite
    def drawn(draw: st.DrawFn) -> Request:
        return hostile_call(chooser(draw))

    return drawn()


def hostile_call(choose: Choose) -> Request:
    """Return one request of `hostile_calls`, made with these choices."""
    operation = choose.of(("list", "get"))
    tree = _call(choose, operation)
    for _ in range(choose.of((0, 0, 1, 1, 1, 2))):
        _spoil(choose, tree)
    body = json.dumps(tree, ensure_ascii=not choose.seldom(4)).encode(errors="surrogatepass")
    if choose.seldom(8):
        body = choose.of((_torn, _doubled, _other))(choose, body)
    headers = [("Content-Type", "application/json")]
    if choose.seldom(2):
        headers += [("VAPI-Service", TASKS), ("vapi-operation", operation)]
    if choose.seldom(16):
        headers.append((choose.of(("vapi-service", "vapi-operation")), choose.of(("list", "get", "", TASKS, "x"))))
    method = choose.of(("GET", "PUT", "post", "")) if choose.seldom(40) else "POST"
    return Request(method, choose.of(("/api", "/", "*", "")), headers, body)


def _call(choose: Choose, operation: str) -> dict[str, Any]:
    """Return a call in the right form; its arguments may be wrong."""
    argument = {"filter": _filter(choose)} if operation == "list" else {"task": choose.of(_NAMES)}
    params: dict[str, Any] = {
        "serviceId": TASKS,
        "operationId": operation,
        "input": {"STRUCTURE": {"operation-input": {} if choose.seldom(12) else argument}},
    }
    if not choose.seldom(10):
        params["ctx"] = {"appCtx": {"opId": "1"}, "securityCtx": _security(choose)}
    ids = ("1", 1, None, "", "\u00e4\u2028", -(2**70))
    return {"jsonrpc": "2.0", "method": "invoke", "params": params, "id": choose.of(ids)}


def _security(choose: Choose) -> dict[str, Any]:
    session = choose.of(("root", "u", "u", "root", "guest", "stranger"))
    scheme, field = ("session_id", "sessionId") if not choose.seldom(4) else choose.of(_SCHEMES)
    return {"schemeId": f"{_SECURITY}.{scheme}", field: session}


def _filter(choose: Choose) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for field in choose.some(_FIELDS):
        members = choose.some(_STATUSES if field == "status" else _NAMES)
        fields[field] = {"OPTIONAL": choose.of((members, members, None))}
    if choose.seldom(1000):
        fields["tasks"] = {"OPTIONAL": choose.of((["a"] * 20_001, ["a" * 2**20], ["a" * 2**21]))}
    return {"OPTIONAL": None if choose.seldom(6) else {"STRUCTURE": {f"{TASKS}.filter_spec": fields}}}


def _spoil(choose: Choose, tree: Any) -> None:
    """Change one value somewhere in a call: delete it, replace it, or add one."""
    keys: list[Any] = [*tree] if isinstance(tree, dict) else [*range(len(tree))]
    inner = [key for key in keys if isinstance(tree[key], dict | list)]
    if inner and not choose.seldom(4):
        _spoil(choose, tree[choose.of(inner)])
        return
    odd = deepcopy(choose.of(_ODD))
    change = choose.of(("other", "lose", "add")) if keys else "add"
    if change == "lose":
        del tree[choose.of(keys)]
    elif change == "other":
        tree[choose.of(keys)] = odd
    elif isinstance(tree, dict):
        tree[choose.of(("zz", "", "filter", "task"))] = odd
    else:
        tree.append(odd)


def _torn(choose: Choose, body: bytes) -> bytes:
    """Return a body with one byte deleted or replaced, or cut after it."""
    at = choose.index(len(body))
    return choose.of((body[:at], body[:at] + body[at + 1 :], body[:at] + bytes([choose.index(256)]) + body[at + 1 :]))


def _doubled(choose: Choose, body: bytes) -> bytes:
    """Return a body in which a member is repeated with another value; readers keep the last one."""
    name = choose.of(("jsonrpc", "method", "id", "params"))
    return body[:-1] + f',"{name}":{json.dumps(choose.of(_ODD))}}}'.encode()


def _other(choose: Choose, body: bytes) -> bytes:
    return choose.of(_BODIES)
