"""Build calls of every shape, and list why the official runtime answers some of them differently (J-2 to J-4)."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

_SERVICE: Final = "com.vmware.snapservice.tasks"
_SECURITY: Final = {"schemeId": "com.vmware.vapi.std.security.session_id", "sessionId": "s"}
_APPLICATION: Final = {"opId": "o"}
_UNSET: Final = {"OPTIONAL": None}
_LEFT_OUT: Final = object()


class Envelope(NamedTuple):
    """Hold the body and the headers of a call."""

    body: bytes
    headers: Mapping[str, str] = {}


def _call(params: Mapping[str, Any] | None = None, /, **changes: Any) -> Envelope:
    """Build a call of list without a filter, then change or drop some members.

    Args:
        params: Members of `params` that differ.
        changes: Members of the call that differ; _LEFT_OUT drops one.
    """
    whole: dict[str, Any] = {
        "serviceId": _SERVICE,
        "operationId": "list",
        "input": _input(filter=_UNSET),
        "ctx": {"appCtx": _APPLICATION, "securityCtx": _SECURITY},
    }
    members = {"jsonrpc": "2.0", "method": "invoke", "params": _without(whole | dict(params or {})), "id": "0"}
    return Envelope(json.dumps(_without(members | changes)).encode())


def _without(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not _LEFT_OUT}


def _input(**fields: Any) -> Any:
    return {"STRUCTURE": {"operation-input": fields}}


def _list(**fields: Any) -> Envelope:
    return _call({"input": _input(**fields)})


def _get(**fields: Any) -> Envelope:
    return _call({"operationId": "get", "input": _input(**fields)})


def get_call(task: str) -> Envelope:
    """Build a call of get."""
    return _get(task=task)


def _spec(**fields: Any) -> Envelope:
    return _list(filter={"OPTIONAL": {"STRUCTURE": {f"{_SERVICE}.filter_spec": fields}}})


def _context(context: Any) -> Envelope:
    return _call({"ctx": context})


_PLAIN: Final = _call().body

ENVELOPES: Final[dict[str, Envelope]] = {
    "plain": Envelope(_PLAIN),
    "get": _get(task="t"),
    "empty body": Envelope(b""),
    "no JSON": Envelope(b"{x"),
    "not UTF-8": Envelope(b'{"id":"\xff"}'),
    "byte order mark": Envelope(b"\xef\xbb\xbf" + _PLAIN),
    "batch": Envelope(b"[%b]" % _PLAIN),
    "empty batch": Envelope(b"[]"),
    "number": Envelope(b"1"),
    "null": Envelope(b"null"),
    "string": Envelope(b'"x"'),
    "empty object": Envelope(b"{}"),
    "no jsonrpc": _call(jsonrpc=_LEFT_OUT),
    "jsonrpc 1.0": _call(jsonrpc="1.0"),
    "jsonrpc a number": _call(jsonrpc=2.0),
    "no method": _call(method=_LEFT_OUT),
    "another method": _call(method="list"),
    "method a number": _call(method=1),
    "no id": _call(id=_LEFT_OUT),
    "id null": _call(id=None),
    "id a number": _call(id=7),
    "id a fraction": _call(id=1.5),
    "id an array": _call(id=[1]),
    "id an object": _call(id={}),
    "id true": _call(id=True),
    "id a long text": _call(id="x" * 50),
    "id a lone surrogate": _call(id="\ud800"),
    "no params": _call(params=_LEFT_OUT),
    "params an array": _call(params=[]),
    "params null": _call(params=None),
    "unknown member": _call(other=1),
    "unknown param": _call({"other": 1}),
    "no service": _call({"serviceId": _LEFT_OUT}),
    "service a number": _call({"serviceId": 1}),
    "unknown service": _call({"serviceId": "com.example.other"}),
    "unknown operation": _call({"operationId": "update"}),
    "operation in capitals": _call({"operationId": "LIST"}),
    "no input": _call({"input": _LEFT_OUT}),
    "input null": _call({"input": None}),
    "input a plain object": _call({"input": {}}),
    "input another structure": _call({"input": {"STRUCTURE": {"other": {}}}}),
    "input of two structures": _call({"input": {"STRUCTURE": {"operation-input": {}, "other": {}}}}),
    "input of two tags": _call({"input": {"STRUCTURE": {"operation-input": {}}, "OPTIONAL": 1}}),
    "input of an unknown tag": _call({"input": {"STRUCT": {}}}),
    "no context": _context(_LEFT_OUT),
    "context null": _context(None),
    "context empty": _context({}),
    "context an array": _context([]),
    "no application context": _context({"securityCtx": _SECURITY}),
    "application context of a number": _context({"appCtx": {"opId": 1}, "securityCtx": _SECURITY}),
    "security without a scheme": _context({"appCtx": _APPLICATION, "securityCtx": {"sessionId": "s"}}),
    "security a text": _context({"appCtx": _APPLICATION, "securityCtx": "s"}),
    "security null": _context({"appCtx": _APPLICATION, "securityCtx": None}),
    "no argument": _list(),
    "filter null": _list(filter=None),
    "filter no optional": _list(filter={"STRUCTURE": {f"{_SERVICE}.filter_spec": {}}}),
    "filter another structure": _list(filter={"OPTIONAL": {"STRUCTURE": {"other": {}}}}),
    "filter a text": _list(filter={"OPTIONAL": "x"}),
    "unknown argument": _list(filter=_UNSET, other={"OPTIONAL": "x"}),
    "unknown argument unset": _list(filter=_UNSET, other=_UNSET),
    "filter of nothing": _spec(),
    "filter of a task": _spec(tasks={"OPTIONAL": ["a"]}),
    "filter of a task twice": _spec(tasks={"OPTIONAL": ["a", "a"]}),
    "filter of an unknown field": _spec(other={"OPTIONAL": ["a"]}),
    "filter of an unknown field unset": _spec(other=_UNSET),
    "filter of an unknown status": _spec(status={"OPTIONAL": ["OTHER"]}),
    "filter of a text": _spec(tasks={"OPTIONAL": "a"}),
    "filter of no optional": _spec(tasks=["a"]),
    "filter of a number": _spec(tasks={"OPTIONAL": [1]}),
    "filter of an empty text": _spec(tasks={"OPTIONAL": [""]}),
    "filter of null": _spec(tasks={"OPTIONAL": [None]}),
    "get nothing": _get(),
    "get a number": _get(task=1),
    "get an optional": _get(task={"OPTIONAL": "t"}),
    "get an empty text": _get(task=""),
    "get with another argument": _get(task="t", other={"OPTIONAL": "x"}),
    "id twice": Envelope(_PLAIN.replace(b'"id": "0"', b'"id": "1", "id": "2"')),
    "not a number": Envelope(_PLAIN.replace(b'"id": "0"', b'"id": NaN')),
    "too deep": Envelope(_PLAIN.replace(b'"id": "0"', b'"id": "0", "other": %b' % (b"[" * 100_000 + b"]" * 100_000))),
    "headers of another service": Envelope(_PLAIN, {"vapi-service": "other", "vapi-operation": "list"}),
    "header of the service only": Envelope(_PLAIN, {"vapi-service": _SERVICE}),
    "headers of the call": Envelope(_PLAIN, {"vapi-service": _SERVICE, "vapi-operation": "list"}),
    "header of a session": Envelope(_PLAIN, {"vmware-api-session-id": "s"}),
}

_MISTAKE_OF_THE_CALLER: Final = "it fails inside, although the mistake is the caller's (J-4)"
_ARGUMENT: Final = "it does not accept the call; snaptasks reports the wrong argument, after authentication (J-3)"
_CONTEXT: Final = "snaptasks reads only the credentials in the context (J-2)"

# Why the official runtime ("it") answers each of these calls differently.
DIFFERENCES: Final[dict[str, str]] = {
    "no id": "it raises; snaptasks answers that this is not a call (J-2)",
    "id an object": "an id is text, an integer or null (J-1)",
    "id true": "an id is text, an integer or null (J-1)",
    "id a lone surrogate": "lone surrogates are refused everywhere (V-5)",
    "no service": "it takes a missing name for an empty one (J-2)",
    "service a number": "it takes a number for its text (J-2)",
    "input a plain object": _ARGUMENT,
    "input of two structures": _ARGUMENT,
    "input of two tags": _ARGUMENT,
    "input of an unknown tag": _ARGUMENT,
    "no context": _CONTEXT,
    "context empty": _CONTEXT,
    "no application context": _CONTEXT,
    "application context of a number": _CONTEXT,
    "security null": "it takes null for unset; snaptasks reports a member of the wrong type (J-2)",
    "filter null": _MISTAKE_OF_THE_CALLER,
    "filter no optional": _MISTAKE_OF_THE_CALLER,
    "filter a text": _MISTAKE_OF_THE_CALLER,
    "filter of a task twice": "a repeated member counts once, as in a query (Q-2)",
    "filter of an unknown status": "its enumerations are open; a filter must have known statuses (F-7)",
    "filter of a text": _MISTAKE_OF_THE_CALLER,
    "filter of no optional": _MISTAKE_OF_THE_CALLER,
    "filter of a number": _MISTAKE_OF_THE_CALLER,
    "filter of an empty text": "a member must not be empty, as in a query (Q-2)",
    "filter of null": _MISTAKE_OF_THE_CALLER,
    "not a number": "NaN is not JSON; the runtime reads it as an id of the wrong type (J-2)",
    "header of the service only": "it compares both headers or none; snaptasks compares each that exists (J-2)",
}
