"""Describe the two operations as an OpenAPI document, made from the models.

Decides how the operations and their answers are described (E-2, W-3). Does not know how they are decided.

A schema describes the JSON that is written, not all JSON that is read: nothing is null (W-1), and a field that is
always written is required (E-3). Each generator of clients reads the document in its own way; comments name the
generators that decide the form.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .._value.enums import OpenEnum
from .._value.fields import is_optional
from .._value.model import Value
from ..errors import GET_ERRORS, LIST_ERRORS, DynamicID, ErrorType, ErrorValue
from ..filters import FilterSpec
from ..messages import DateTimeFormat, LocalizableMessage, LocalizationParam, NestedLocalizableMessage
from ..query import MAX_MEMBERS
from ..tasks import Info, ListItem, ListResult, Progress, Status
from .server import PATH, PREFIX, checked_prefix

__all__ = ["openapi"]

_REFERENCE: Final = "#/components/schemas/{model}"

# The version of the API that has these operations.
_VERSION: Final = "9.1.1.0"

# The API's name of each model.
_NAMES: Final[dict[type[Value], str]] = {
    ListResult: "Snapservice.Tasks.ListResult",
    ListItem: "Snapservice.Tasks.ListItem",
    Info: "Snapservice.Tasks.Info",
    Progress: "Snapservice.Tasks.Progress",
    LocalizableMessage: "Vapi.Std.LocalizableMessage",
    NestedLocalizableMessage: "Vapi.Std.NestedLocalizableMessage",
    LocalizationParam: "Vapi.Std.LocalizationParam",
    DynamicID: "Vapi.Std.DynamicID",
    ErrorValue: "Vapi.Std.Errors.Error",
}

# The enumeration of each field that has one. The API calls two of them `Vapi.Std.LocalizationParam.DateTimeFormat` and
# `Vapi.Std.Errors.Error.Type`. datamodel-code-generator makes a module of such a name, which hides the model above it.
_ENUMERATIONS: Final[dict[str, tuple[str, type[OpenEnum]]]] = {
    "status": ("Snapservice.Tasks.Status", Status),
    "format": ("Vapi.Std.DateTimeFormat", DateTimeFormat),
    "error_type": ("Vapi.Std.Errors.ErrorType", ErrorType),
}

# The schema of an error's data has a name, because openapi-python-client drops an error with a nameless object.
_DATA: Final = "Vapi.Std.Errors.ErrorData"

# The errors of the boundary itself, beside those that the operations declare (W-3): a wrong request, and a failure.
_BOUNDARY_ERRORS: Final = frozenset(
    {ErrorType.INVALID_REQUEST, ErrorType.UNEXPECTED_INPUT, ErrorType.INTERNAL_SERVER_ERROR}
)

_MEANINGS: Final = {
    400: "The request is invalid. The error says where and why.",
    401: "The caller is not authenticated.",
    403: "The caller does not have the privilege System.Read.",
    404: "The caller can see no task of this identifier, or the path is unknown.",
    500: "More than 1000 tasks match, a state cannot be read, or the server failed.",
    503: "A service that the operation needs cannot be reached.",
}

# The ids of the specification, which a reader of the document does not know.
_RULE_IDS: Final = re.compile(r" \([A-Z]-\d[^)]*\)")


def openapi(*, prefix: str = PREFIX) -> dict[str, Any]:
    """Return an OpenAPI 3.1 document of both operations, as plain dicts and lists.

    It declares every answer of `handle` (E-2, W-3): the errors of the operations and of the boundary by name, and any
    other error of a source as an Error. It does not declare authentication: add your `security`. HEAD is answered as
    GET, without the body.

    Args:
        prefix: The prefix of the Service.

    Raises TypeError for a prefix that is not text, and ValueError for a text that is not a prefix.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Snapservice Tasks",
            "version": _VERSION,
            "description": "The tasks of the vSAN Data Protection snapservice that the caller may see.",
        },
        "servers": [{"url": checked_prefix(prefix) or "/"}],
        "paths": {
            PATH: {"get": _list_operation()},
            f"{PATH}/{{task}}": {"get": _get_operation()},
        },
        "components": {"schemas": _schemas()},
    }


def _list_operation() -> dict[str, Any]:
    return {
        "operationId": "Snapservice.Tasks_list",
        "tags": ["Snapservice.Tasks"],
        "summary": "List the tasks that match every field of the filter, at most 1000.",
        "description": "A field matches a task that has any of its values. A field that is not given matches every "
        "task. More than 1000 matching tasks are an error, never a shorter list.",
        "parameters": [_query_parameter(*field) for field in FilterSpec.model_json_schema()["properties"].items()],
        "responses": _responses(ListResult, "The visible tasks that match.", LIST_ERRORS | _BOUNDARY_ERRORS),
    }


def _get_operation() -> dict[str, Any]:
    # A path below that of a task, or with an empty id, is not an operation.
    errors = GET_ERRORS | _BOUNDARY_ERRORS | {ErrorType.OPERATION_NOT_FOUND}
    task = {
        "name": "task",
        "in": "path",
        "description": "The identifier of the task. Write a slash in it as %2F.",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }
    return {
        "operationId": "Snapservice.Tasks_get",
        "tags": ["Snapservice.Tasks"],
        "summary": "Get the state of one task.",
        "description": "A task that the caller may not see has the same answer as a task that does not exist.",
        "parameters": [task],
        "responses": _responses(Info, "The state of the task.", errors),
    }


def _query_parameter(field: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    members = _without_null(schema)  # null is the empty set only in Python
    if field in _ENUMERATIONS:
        members["items"] = _reference(_ENUMERATIONS[field][0])  # F-7: closed
    return {
        "name": field,
        "in": "query",
        "description": _prose(schema["description"]),
        "required": False,
        "style": "form",
        "explode": True,  # Q-1, Q-3
        "schema": members | {"maxItems": MAX_MEMBERS},  # Q-4
    }


def _responses(kind: type[Value], meaning: str, errors: Iterable[ErrorType]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = defaultdict(list)
    for error in sorted(errors):
        by_status[error.http_status].append(_error_name(error))
    responses = {"200": _response(meaning, _NAMES[kind])}
    for status, names in sorted(by_status.items()):
        # Several errors share the schema of Error, because generated clients read any body as a union's first member.
        name = names[0] if len(names) == 1 else _NAMES[ErrorValue]
        responses[str(status)] = _response(_MEANINGS[status], name) | {"x-errors": names}
    responses["400"]["headers"] = {
        "Allow": {"description": "The allowed methods, if the method is wrong.", "schema": {"type": "string"}}  # W-3
    }
    responses["401"]["headers"] = {
        "WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}}  # W-2
    }
    return responses | {"default": _response("Any other error.", _NAMES[ErrorValue])}


def _response(meaning: str, name: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": _reference(name)}}}


def _schemas() -> dict[str, Any]:
    """Return the schema of each model, each enumeration and each of the 25 errors, by the API's name."""
    from pydantic.json_schema import models_json_schema  # noqa: PLC0415 - slow to import, and needed only here

    models: Any = [(model, "serialization") for model in _NAMES]
    _, generated = models_json_schema(models, ref_template=_REFERENCE)
    definitions = _with_api_names(generated["$defs"])
    schemas = {name: _written_schema(model, definitions[model.__name__]) for model, name in _NAMES.items()}
    for name, kind in _ENUMERATIONS.values():
        schemas[name] = {"description": _prose(kind.__doc__), "type": "string", "enum": [*map(str, kind)]}

    fields = schemas[_NAMES[ErrorValue]]["properties"]
    schemas[_DATA] = fields["data"]
    fields["data"] = _reference(_DATA) | {"description": fields["data"]["description"]}
    for error in ErrorType:
        if error is not ErrorType.ERROR:  # Error is the base itself
            schemas[_error_name(error)] = {
                "description": f"{error.meaning} Its error_type is {error}, its status {error.http_status}.",
                "type": "object",
                "allOf": [_reference(_NAMES[ErrorValue])],
            }

    return schemas


def _with_api_names(schema: Any) -> Any:
    """Return a schema in which each reference names a model as the API does."""
    if isinstance(schema, dict):
        return {key: _API_REFERENCES[at] if key == "$ref" else _with_api_names(at) for key, at in schema.items()}
    return [_with_api_names(part) for part in schema] if isinstance(schema, list) else schema


def _written_schema(model: type[Value], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a model's written JSON: without null and defaults, which only reading and building allow."""
    required = [name for name, field in model.__pydantic_fields__.items() if not is_optional(field)]  # W-1, E-3
    # `d` is last, because openapi-python-client reads it into a variable `d`, from which it then reads other fields.
    fields = sorted(schema["properties"].items(), key=lambda field: field[0] == "d")
    return {
        "description": _prose(schema["description"]),
        "type": "object",
        "properties": {name: _field(name, field) for name, field in fields},
        **({"required": required} if required else {}),
    }


def _field(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    prose = _prose(schema["description"])
    if name in _ENUMERATIONS:  # V-6: text, so that a generated client can read the values of a newer server
        prose += f" A value of {_ENUMERATIONS[name][0]}, or of a newer version of it."
    return {"description": prose, **_without_null(schema)}


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    (kept,) = [each for each in schema.get("anyOf", [schema]) if each != {"type": "null"}]
    return {name: value for name, value in kept.items() if name not in {"default", "description", "title"}}


def _prose(docstring: str | None) -> str:
    """Return the first paragraph of a docstring without ids of rules; the other paragraphs are about Python."""
    paragraph = (docstring or "").partition("\n\n")[0]
    return _RULE_IDS.sub("", paragraph.replace("\n", " "))


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": _REFERENCE.format(model=name)}


_API_REFERENCES: Final = {
    _REFERENCE.format(model=model.__name__): _REFERENCE.format(model=name) for model, name in _NAMES.items()
}


def _error_name(kind: ErrorType) -> str:
    return f"Vapi.Std.Errors.{kind.exception.__name__}"
