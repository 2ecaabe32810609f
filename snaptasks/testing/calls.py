"""An implementation that speaks JSON-RPC, asked the same cases as any other (J-6).

Decides which call a case is, and which answer a response stands for. Knows nothing of what it must answer.
"""

from __future__ import annotations

import inspect
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from .. import MAX_QUERY_LENGTH, ErrorType, ListItem
from ..rest import Request, Response
from .asking import Asker, NoAnswer, OutOfBounds
from .parsing import parsed

__all__ = ["NO_QUERY", "JsonRpc"]

# Why a query is skipped.
NO_QUERY: Final = "a filter has no escapes, and another length than a query"

_SERVICE: Final = "com.vmware.snapservice.tasks"
_SESSION: Final = "com.vmware.vapi.std.security.session_id"
_BROKEN_ESCAPE: Final = re.compile("%(?![0-9A-Fa-f]{2})")

# Characters of an answer that a message repeats.
_MAX_SHOWN: Final = 200


class JsonRpc(ABC):
    """A JSON-RPC service for `run_contract`: a subclass says how tasks are loaded, and how a request is sent.

    A listing is a call of `list` with the filter that the query means, a get one of `get`; the caller's name is the session
    id, and no one has an empty security context. A response is read strictly (J-1, J-5): what is none of them is no answer.
    What only REST can say, broken escapes and whole requests, is skipped.
    """

    lacks: ClassVar[Mapping[str, str]] = {"request": "it is asked over JSON-RPC"}

    @abstractmethod
    def load(self, items: list[ListItem]) -> object:
        """Hold these tasks, in this order, and no others."""

    @abstractmethod
    def post(self, request: Request, caller: Asker | None) -> Response | Awaitable[Response]:
        """Send a request, and return the response; may be async."""

    async def list(self, query: str, caller: Asker | None) -> Response:
        """Ask for the listing of a query string."""
        return await self._called("list", {"filter": {"OPTIONAL": _filter(query)}}, caller)

    async def get(self, task: str, caller: Asker | None) -> Response:
        """Ask for the state of a task."""
        return await self._called("get", {"task": task}, caller)

    async def _called(self, operation: str, arguments: Mapping[str, Any], caller: Asker | None) -> Response:
        security = {} if caller is None else {"schemeId": _SESSION, "sessionId": caller.name}
        call = {
            "jsonrpc": "2.0",
            "method": "invoke",
            "id": "1",
            "params": {
                "serviceId": _SERVICE,
                "operationId": operation,
                "input": {"STRUCTURE": {"operation-input": arguments}},
                "ctx": {"appCtx": {}, "securityCtx": security},
            },
        }
        headers = {"content-type": "application/json", "vapi-service": _SERVICE, "vapi-operation": operation}
        response = self.post(Request("POST", "/", headers, json.dumps(call).encode()), caller)
        return _answer(await response if inspect.isawaitable(response) else response, call["id"])


def _filter(query: str) -> dict[str, Any]:
    """The filter that a query means. Raises OutOfBounds for a query that no filter can repeat."""
    fields: dict[str, list[str]] = {}
    try:
        for field, member in parse_qsl(query, keep_blank_values=True, errors="strict"):
            fields.setdefault(field, []).append(member)
    except UnicodeDecodeError:
        fields = {}
    is_empty = not query.strip("&")
    if _BROKEN_ESCAPE.search(query) or len(query) > MAX_QUERY_LENGTH or (not fields and not is_empty):
        raise OutOfBounds(NO_QUERY)
    return {"STRUCTURE": {f"{_SERVICE}.filter_spec": {field: {"OPTIONAL": each} for field, each in fields.items()}}}


def _answer(response: Response, id: object) -> Response:
    """What REST answers in the place of a response (J-6). Raises NoAnswer for what is no response to a call."""
    shown = response.body[:_MAX_SHOWN]
    try:
        tree = parsed(response.body)
        ((kind, value),) = tree["result"].items()
        is_answer = response.status == 200 and (tree["jsonrpc"], tree["id"]) == ("2.0", id)  # noqa: PLR2004 - J-1
        if not is_answer or (response.header("content-type") or "").partition(";")[0] != "application/json":
            raise NoAnswer(f"it is no response to the call: status 200, application/json, and its id (J-1): {shown!r}")
        body, status = _plain(value), 200
        if kind == "error":
            ((name, _),) = value["ERROR"].items()
            error_type = ErrorType(body["error_type"])
            if not name == response.header("vapi-error") == error_type.canonical_name:
                raise NoAnswer(f"an error must have its name in the body and in the header vapi-error (J-1): {shown!r}")
            status = error_type.http_status
        return Response(status, (("content-type", "application/json"),), json.dumps(body).encode())
    except (ValueError, LookupError, TypeError, AttributeError) as wrong:
        raise NoAnswer(f"it is no response to the call: {wrong!r} in {shown!r}") from wrong


def _plain(value: Any) -> Any:
    """A value without what the protocol wraps it in (J-5); an unset field is left out. Raises ValueError for another form."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    ((tag, inside),) = value.items()
    if tag == "OPTIONAL":
        return _plain(inside)
    if tag not in {"STRUCTURE", "ERROR"}:
        raise ValueError(f"{tag[:_MAX_SHOWN]!r}, which wraps nothing (J-5)")
    ((name, fields),) = inside.items()
    members = {field: _plain(its) for field, its in fields.items()}
    if not name:  # somebody's object, in which a null is one
        return members
    if "params" in members and members["params"] is not None:
        members["params"] = {entry["key"]: entry["value"] for entry in members["params"]}
    return {field: its for field, its in members.items() if its is not None}
