"""Implement the JSON-RPC boundary a second time, on plain JSON, without code of the library.

It is slow and written out on purpose: it decides each rule separately, in the words of the specification.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.naive import FIELDS, STATUSES, Task, naive_get, naive_list

TASKS = "com.vmware.snapservice.tasks"
STD = "com.vmware.vapi.std"
FILTER = "com.vmware.snapservice.tasks.filter_spec"

# J-5: the name and the fields of each structure. Before a kind, ? marks an optional and [ a list.
STRUCTURES: dict[str, tuple[str, dict[str, str]]] = {
    "result": (f"{TASKS}.list_result", {"items": "[item"}),
    "item": (f"{TASKS}.list_item", {"task": "plain", "info": "info"}),
    "info": (
        f"{TASKS}.info",
        {
            "description": "message",
            "service": "plain",
            "operation": "plain",
            "parent": "?plain",
            "target": "?dynamic",
            "status": "plain",
            "cancelable": "plain",
            "error": "?error",
            "start_time": "?plain",
            "end_time": "?plain",
            "user": "?plain",
            "progress": "?progress",
            "result": "?any",
            "vc_task": "?plain",
        },
    ),
    "progress": (f"{TASKS}.progress", {"total": "plain", "completed": "plain", "message": "message"}),
    "message": (
        f"{STD}.localizable_message",
        {
            "id": "plain",
            "default_message": "plain",
            "args": "plain",
            "params": "?params",
            "localized": "?plain",
        },
    ),
    "nested": (f"{STD}.nested_localizable_message", {"id": "plain", "params": "?params"}),
    "param": (
        f"{STD}.localization_param",
        {
            "s": "?plain",
            "dt": "?plain",
            "i": "?plain",
            "d": "?plain",
            "l": "?nested",
            "format": "?plain",
            "precision": "?plain",
        },
    ),
    "dynamic": (f"{STD}.dynamic_ID", {"type": "plain", "id": "plain"}),
}

ERROR_TYPES = [
    "ERROR",
    "ALREADY_EXISTS",
    "ALREADY_IN_DESIRED_STATE",
    "CANCELED",
    "CONCURRENT_CHANGE",
    "FEATURE_IN_USE",
    "INTERNAL_SERVER_ERROR",
    "INVALID_ARGUMENT",
    "INVALID_ELEMENT_CONFIGURATION",
    "INVALID_ELEMENT_TYPE",
    "INVALID_REQUEST",
    "NOT_ALLOWED_IN_CURRENT_STATE",
    "NOT_FOUND",
    "OPERATION_NOT_FOUND",
    "RESOURCE_BUSY",
    "RESOURCE_IN_USE",
    "RESOURCE_INACCESSIBLE",
    "SERVICE_UNAVAILABLE",
    "TIMED_OUT",
    "UNABLE_TO_ALLOCATE_RESOURCE",
    "UNAUTHENTICATED",
    "UNAUTHORIZED",
    "UNEXPECTED_INPUT",
    "UNSUPPORTED",
    "UNVERIFIED_PEER",
]


def naive_name(error_type: str) -> str:
    """Return the canonical name of an error type; a type that is not one of the 25 has the name of ERROR."""
    return f"{STD}.errors.{error_type.lower() if error_type in ERROR_TYPES else 'error'}"


def naive_value(kind: str, value: Any) -> Any:
    """Return a value as JSON-RPC writes it, from the JSON that REST writes."""
    if kind.startswith("?"):
        return {"OPTIONAL": None if value is None else naive_value(kind[1:], value)}
    if kind.startswith("["):
        return [naive_value(kind[1:], element) for element in value]
    if kind == "plain":
        return value
    if kind == "params":
        entries = [{"key": key, "value": naive_value("param", value[key])} for key in sorted(value)]
        return [{"STRUCTURE": {"map-entry": entry}} for entry in entries]
    if kind == "any":
        return naive_any(value)
    if kind == "error":
        fields = {
            "messages": naive_value("[message", value["messages"]),
            "data": naive_value("?any", value.get("data")),
            "error_type": {"OPTIONAL": value["error_type"]},
        }
        if value["error_type"] in ("UNAUTHENTICATED", "UNAUTHORIZED"):
            fields["challenge"] = {"OPTIONAL": value.get("challenge")}
        return {"ERROR": {naive_name(value["error_type"]): fields}}
    name, kinds = STRUCTURES[kind]
    return {"STRUCTURE": {name: {field: naive_value(inner, value.get(field)) for field, inner in kinds.items()}}}


def naive_any(value: Any) -> Any:
    """Return a JSON value as JSON-RPC writes it; name an object that has the shape of one of two known structures."""
    if value is None:
        return {"OPTIONAL": None}
    if isinstance(value, list):
        return [naive_any(element) for element in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"is_transient"} and isinstance(value["is_transient"], bool):
        return {"STRUCTURE": {f"{STD}.errors.transient_indication": value}}
    if set(value) == {"primary", "secondary"} and isinstance(value["primary"], str):
        secondary = value["secondary"]
        if isinstance(secondary, list) and all(isinstance(each, str) for each in secondary):
            fields = {"primary": value["primary"], "secondary": secondary}
            return {"STRUCTURE": {f"{STD}.errors.argument_locations": fields}}
    return {"STRUCTURE": {"": {key: naive_any(element) for key, element in value.items()}}}


class NaiveError(Exception):
    """Report that a call fails; the argument is the error type."""


def naive_call(
    method: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    privileges_of: Callable[[Mapping[str, Any]], set[str] | None],
    tasks: Sequence[Task],
    may_see: Callable[[Task], bool],
) -> tuple[str, Any, Any]:
    """Return "error" and a code, "type" and an error type, or "output" and the value; and the id of the call."""
    if method != "POST" or len(body) > 2 * 1024 * 1024:
        return "error", -32600, None
    try:
        call = naive_json(body)
    except (ValueError, RecursionError):
        return "error", -32700, None
    is_call = isinstance(call, dict) and call.get("jsonrpc") == "2.0" and isinstance(call.get("method"), str)
    if not is_call or "id" not in call:
        return "error", -32600, None
    id = call["id"]
    if not (id is None or isinstance(id, str) or (isinstance(id, int) and not isinstance(id, bool))):
        return "error", -32600, None
    if call["method"] != "invoke":
        return "error", -32601, id
    params = call.get("params")
    if not isinstance(params, dict):
        return "error", -32602, id
    service, operation = params.get("serviceId"), params.get("operationId")
    context = params.get("ctx", {})
    if not isinstance(service, str) or not isinstance(operation, str) or not isinstance(context, dict):
        return "error", -32602, id
    security = context.get("securityCtx", {})
    if not isinstance(security, dict):
        return "error", -32602, id
    for header, named in (("vapi-service", service), ("vapi-operation", operation)):
        if any(value != named for name, value in headers if name.lower() == header):
            return "error", -31001, id
        if sum(name.lower() == header for name, _ in headers) > 1:
            return "error", -31001, id
    if (service, operation) not in ((TASKS, "list"), (TASKS, "get")):
        return "type", "OPERATION_NOT_FOUND", id
    privileges = privileges_of(security)
    if privileges is None:
        return "type", "UNAUTHENTICATED", id
    if "System.Read" not in privileges:
        return "type", "UNAUTHORIZED", id
    try:
        if operation == "get":
            info = naive_get(tasks, naive_task(params.get("input")), may_see)
            return ("type", "NOT_FOUND", id) if info is None else ("output", naive_value("info", info), id)
        found = naive_list(tasks, naive_filter(params.get("input")), may_see)
    except NaiveError as error:
        return "type", error.args[0], id
    if found is None:
        return "type", "RESOURCE_INACCESSIBLE", id
    return "output", naive_value("result", {"items": found}), id


def naive_json(body: bytes) -> Any:
    """Return the JSON of a body.

    Raises:
        ValueError: The body is not JSON in UTF-8, holds a lone surrogate, or has more than 200 levels.
        RecursionError: The body is too deep to parse.
    """

    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for text in [key for key, _ in pairs] + [value for _, value in pairs]:
            naive_check_text(text)
        return dict(pairs)

    def reject_constant(constant: str) -> None:
        raise ValueError(constant)

    tree = json.loads(body.decode(), object_pairs_hook=checked, parse_constant=reject_constant)
    naive_check_text(tree)
    level, depth = [tree], 0
    while level:
        level = [inner for each in level for inner in naive_inside(each)]
        depth += 1
    if depth > 200:
        raise ValueError("too deep")
    return tree


def naive_inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def naive_check_text(value: Any) -> None:
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, list):
        for element in value:
            naive_check_text(element)


def naive_fields(value: Any) -> tuple[str, dict[str, Any]]:
    """Return the name and the fields of a structure."""
    if isinstance(value, dict) and list(value) == ["STRUCTURE"]:
        named = value["STRUCTURE"]
        if isinstance(named, dict) and len(named) == 1:
            (name,) = named
            if isinstance(named[name], dict):
                return name, named[name]
    raise NaiveError("INVALID_ARGUMENT")


def naive_argument(input: Any, argument: str) -> Any:
    _, fields = naive_fields(input)
    for name, value in fields.items():
        if name != argument and not (isinstance(value, dict) and list(value.items()) == [("OPTIONAL", None)]):
            raise NaiveError("UNEXPECTED_INPUT")
    return fields.get(argument)


def naive_task(input: Any) -> str:
    task = naive_argument(input, "task")
    if not isinstance(task, str):
        raise NaiveError("INVALID_ARGUMENT")
    return task


def naive_inner(value: Any) -> Any:
    """Return the value in an optional."""
    if isinstance(value, dict) and list(value) == ["OPTIONAL"]:
        return value["OPTIONAL"]
    raise NaiveError("INVALID_ARGUMENT")


def naive_filter(input: Any) -> dict[str, list[str]]:
    """Return the members of each field. Check every shape first, then every member in order of appearance."""
    _, arguments = naive_fields(input)
    argument = naive_argument(input, "filter")
    if "filter" not in arguments:
        return {}
    structure = naive_inner(argument)
    if structure is None:
        return {}
    name, fields = naive_fields(structure)
    if name != FILTER:
        raise NaiveError("INVALID_ARGUMENT")
    given: list[tuple[str, Any]] = []
    for field, optional in fields.items():
        if field not in FIELDS:
            if not (isinstance(optional, dict) and list(optional.items()) == [("OPTIONAL", None)]):
                given.append((field, []))
            continue
        members = naive_inner(optional)
        if members is not None:
            if not (isinstance(members, list) and all(isinstance(member, str) for member in members)):
                raise NaiveError("INVALID_ARGUMENT")
            given.append((field, members))
    count = sum(len(members) if field in FIELDS else 1 for field, members in given)
    characters = sum(len(field) + len(member) for field, members in given if field in FIELDS for member in members)
    characters += sum(len(field) for field, _ in given if field not in FIELDS)
    if count > 20_000 or characters > 1024 * 1024:
        raise NaiveError("INVALID_ARGUMENT")
    for field, members in given:
        if field not in FIELDS:
            raise NaiveError("UNEXPECTED_INPUT")
        for member in members:
            if member == "" or (field == "status" and member not in STATUSES):
                raise NaiveError("INVALID_ARGUMENT")
    return dict(given)
