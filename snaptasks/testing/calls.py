"""Ask an implementation that speaks JSON-RPC the same cases as any other (J-6).

Decides which call stands for a case, and which REST answer a response stands for. Does not know what the implementation
must answer.
"""

from __future__ import annotations

import inspect
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from .. import MAX_QUERY_LENGTH, Error, ErrorValue, FilterSpec, Info, ListItem, ListResult, Value, parse_filter
from ..jsonrpc.wire import TASKS, error_name, write
from ..rest import Request, Response
from .parsing import parsed
from .target import Asker, NoAnswer, OutOfBounds

__all__ = ["NO_QUERY", "JsonRpc"]

# The reason for skipping a query.
NO_QUERY: Final = "JSON-RPC has filters, not queries: no escapes, and another limit of the length"

_SESSION: Final = "com.vmware.vapi.std.security.session_id"
_BROKEN_ESCAPE: Final = re.compile("%(?![0-9A-Fa-f]{2})")

# The bytes of a response, and the characters of a tag, that a message repeats, inclusive; the rest is cut.
_MAX_TEXT: Final = 200


class JsonRpc(ABC):
    """Adapt a JSON-RPC service to `run_contract`. A subclass loads the tasks and sends the requests.

    A listing becomes a call of `list` with the filter that the query means, and a get becomes a call of `get`. The name
    of the caller is the session id; an unauthenticated caller has an empty security context. Responses are read
    strictly (J-1, J-5): a response of any other form counts as no answer. Broken escapes and whole requests exist only
    in REST, and are skipped.
    """

    lacks: ClassVar[Mapping[str, str]] = {"request": "it is asked over JSON-RPC"}

    @abstractmethod
    def load(self, items: list[ListItem]) -> object:
        """Hold these tasks, in this order, and no other tasks."""

    @abstractmethod
    def post(self, request: Request, caller: Asker | None) -> Response | Awaitable[Response]:
        """Send a request, and return the response. The method may be async."""

    async def list(self, query: str, caller: Asker | None) -> Response:
        """Ask for the listing of a query string."""
        return await self._call("list", {"filter": {"OPTIONAL": _filter(query)}}, ListResult, caller)

    async def get(self, task: str, caller: Asker | None) -> Response:
        """Ask for the state of a task."""
        return await self._call("get", {"task": task}, Info, caller)

    async def _call(
        self, operation: str, arguments: Mapping[str, Any], kind: type[Value], caller: Asker | None
    ) -> Response:
        security = {} if caller is None else {"schemeId": _SESSION, "sessionId": caller.name}
        call = {
            "jsonrpc": "2.0",
            "method": "invoke",
            "id": f"{operation} {len(str(arguments))}",
            "params": {
                "serviceId": TASKS,
                "operationId": operation,
                "input": {"STRUCTURE": {"operation-input": arguments}},
                "ctx": {"appCtx": {"opId": "conformance"}, "securityCtx": security},
            },
        }
        headers = {"content-type": "application/json", "vapi-service": TASKS, "vapi-operation": operation}
        response = self.post(Request("POST", "/", headers, json.dumps(call).encode()), caller)
        return _answer(await response if inspect.isawaitable(response) else response, call["id"], kind)


def _filter(query: str) -> dict[str, Any] | None:
    """Return the filter that a query means, as the official client writes it; None for an empty query.

    Raises:
        OutOfBounds: no filter has the same meaning.
    """
    if not query.strip("&"):
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        pairs = []
    fields: dict[str, list[str]] = {}
    for field, member in pairs:
        fields.setdefault(field, []).append(member)
    in_order = [(field, member) for field, members in fields.items() for member in members]
    if (
        not pairs
        or (pairs != in_order and _is_refused(query))
        or _BROKEN_ESCAPE.search(query)
        or len(query) > MAX_QUERY_LENGTH
    ):
        raise OutOfBounds(NO_QUERY)
    given = dict.fromkeys(FilterSpec.model_fields) | fields
    names = sorted(given, key=[*fields, *given].index)  # the first violation must stay the first
    return {"STRUCTURE": {f"{TASKS}.filter_spec": {field: {"OPTIONAL": given[field]} for field in names}}}


def _is_refused(query: str) -> bool:
    try:
        parse_filter(query)
    except Error:
        return True
    return False


def _answer(response: Response, id: object, kind: type[Value]) -> Response:
    """Return the REST response that a JSON-RPC response stands for (J-6).

    Args:
        response: the response to the call.
        id: the id of the call.
        kind: the type of a successful result.

    Raises:
        NoAnswer: it is not a response to this call.
    """
    found = response.body[:_MAX_TEXT]
    try:
        tree = parsed(response.body)
        ((outcome, value),) = tree["result"].items()
        is_answer = response.status == 200 and (tree["jsonrpc"], tree["id"]) == ("2.0", id)  # noqa: PLR2004 - J-1
        is_one = outcome in {"output", "error"} and tree.get("error") is None
        if (
            not is_answer
            or not is_one
            or (response.header("content-type") or "").partition(";")[0] != "application/json"
        ):
            raise NoAnswer(
                "a response must have status 200, application/json, jsonrpc 2.0, the id of the call, and one output or "
                f"error (J-1): {found!r}"
            )
        body = _unwrap(value)
        error = ErrorValue.from_python(body) if outcome == "error" else None
        name = None if error is None else error_name(error.error_type)
        if response.header("vapi-error") != name:
            raise NoAnswer(f"the header vapi-error must be {name or 'left out'} (J-1): {found!r}")
        if not _has_form(value, parsed(write(error or kind.from_python(body)))):
            raise NoAnswer(f"names, optional fields and map entries must have the form of J-5: {found!r}")
        status = 200 if error is None else error.error_type.http_status
        return Response(status, (("content-type", "application/json"),), json.dumps(body).encode())
    except (ValueError, LookupError, TypeError, AttributeError) as wrong:
        raise NoAnswer(f"it is not a response to the call: {wrong!r} in {found!r}") from wrong


def _has_form(given: Any, expected: Any) -> bool:
    """Return whether structures have their names, optional fields are present and wrapped, and maps are lists (J-5)."""
    if isinstance(expected, list):
        return isinstance(given, list) and len(given) == len(expected) and all(map(_has_form, given, expected))
    if not isinstance(expected, dict):
        return (given is None) is (expected is None) and not isinstance(given, dict | list)
    if not isinstance(given, dict):
        return False
    for name, its in expected.items():
        if name not in given:
            return False
        if name in {"data", "result"}:  # any object: its name is free
            if given[name].keys() != {"OPTIONAL"}:
                return False
        elif name == "params" and isinstance(entries := given[name].get("OPTIONAL"), list):
            entries = sorted(entries, key=lambda entry: str(entry["STRUCTURE"]["map-entry"]["key"]))
            if not _has_form({"OPTIONAL": entries}, its):
                return False
        elif not _has_form(given[name], its):
            return False
    return True


def _unwrap(value: Any) -> Any:
    """Return a value without the wrappers of the protocol (J-5); an unset field is left out.

    Raises:
        ValueError: a wrapper is unknown.
    """
    if isinstance(value, list):
        return [_unwrap(each) for each in value]
    if not isinstance(value, dict):
        return value
    ((tag, inside),) = value.items()
    if tag == "OPTIONAL":
        return _unwrap(inside)
    if tag not in {"STRUCTURE", "ERROR"}:
        raise ValueError(f"{tag[:_MAX_TEXT]!r} is not a wrapper (J-5)")
    ((name, fields),) = inside.items()
    members = {field: _unwrap(its) for field, its in fields.items()}
    if not name:  # any object, in which null is a value
        return members
    if "params" in members and members["params"] is not None:
        members["params"] = {entry["key"]: entry["value"] for entry in members["params"]}
    return {field: its for field, its in members.items() if its is not None}
