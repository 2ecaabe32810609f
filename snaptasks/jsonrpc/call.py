"""Read a call: its envelope, its operation, and its security context (J-2, J-3).

Decides which requests are calls, and how any other is answered. Does not know arguments, callers or tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, final

from pydantic_core import from_json

from .._sealed import sealed
from .._text import safe_repr, type_name
from ..rest.http import Pairs, Request, header

__all__ = ["MAX_CALL_LENGTH", "Call", "Envelope", "NotACall", "read_call"]

# Bytes of a call, inclusive; past it nothing is read (J-2). The credentials are in the body, so any caller's is parsed:
# in 10 ms at this length, at worst in 0.2 s and 63 MiB. It leaves a filter of ASCII its 1 MiB, and a token as much.
MAX_CALL_LENGTH: Final = 2**21

_Id: TypeAlias = str | int | None


class NotACall(Exception):
    """Report a request that is not a call (J-2): the JSON-RPC code and text, and the id if it has one."""

    def __init__(self, code: int, text: str, id: _Id = None) -> None:
        super().__init__(text)
        self.code: int = code
        self.text: str = text
        self.id: _Id = id


@final
@sealed
@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """Represent a called operation with its credentials; its repr shows no security context or headers (J-3).

    `security` is the security context as received, empty if there is none. Its `schemeId` is
    `com.vmware.vapi.std.security.` followed by session_id (with the field `sessionId`), user_pass (`userName`,
    `password`), saml_bearer_token (`samlToken`) or oauth (`accessToken`).
    """

    service: str
    operation: str
    security: Mapping[str, Any]
    headers: Pairs

    def header(self, name: str) -> str | None:
        """Return the value of a header, or None; ignore the case of its name, and join several values with a comma."""
        return header(self.headers, name)

    def __repr__(self) -> str:
        return f"Call(service={safe_repr(self.service)}, operation={safe_repr(self.operation)})"


class Envelope(NamedTuple):
    """Hold a call, the id that its answer repeats, and its arguments as received."""

    call: Call
    id: _Id
    input: Any


def read_call(request: Request) -> Envelope:
    """Return the call of a request. Raises NotACall (J-2), and TypeError for a value that is not a Request."""
    if type(request) is not Request:
        raise TypeError(f"request must be a rest.Request, not {type_name(request)}")
    if request.method != "POST" or len(request.body) > MAX_CALL_LENGTH:
        raise NotACall(-32600, "Invalid Request.")
    try:
        tree = from_json(request.body, allow_inf_nan=False)
    except ValueError:
        raise NotACall(-32700, "Parse error.") from None
    if not isinstance(tree, dict) or tree.get("jsonrpc") != "2.0" or not isinstance(tree.get("method"), str):
        raise NotACall(-32600, "Invalid Request.")
    id = tree.get("id", ...)
    if type(id) not in {str, int, type(None)}:
        raise NotACall(-32600, "Invalid Request.")
    if tree["method"] != "invoke":
        raise NotACall(-32601, "Method not found.", id)
    params = tree.get("params")
    params = params if isinstance(params, dict) else {}
    service, operation, context = params.get("serviceId"), params.get("operationId"), params.get("ctx", {})
    security = context.get("securityCtx", {}) if isinstance(context, dict) else None
    if not isinstance(service, str) or not isinstance(operation, str) or not isinstance(security, dict):
        raise NotACall(-32602, "Invalid params.", id)
    for name, named in ("vapi-service", service), ("vapi-operation", operation):
        if request.header(name) not in {None, named}:  # a proxy that checks only headers would pass another operation
            raise NotACall(-31001, "The headers name another operation than the body.", id)
    return Envelope(Call(service, operation, security, request.headers), id, params.get("input"))
