"""The two operations as an OpenAPI document, made from the models.

Decided here: how the operations and their answers are described (E-2, W-3). Not known here: how anything is decided.

A schema says what is written, not what is read: nothing is null (W-1), and what is always written is required (E-3).
Generators of clients read the document, each in its own way. A comment says where one of them decides the form.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .._value.enums import OpenEnum
from .._value.model import Value
from ..errors import GET_ERRORS, LIST_ERRORS, DynamicID, ErrorType, ErrorValue
from ..filters import FilterSpec
from ..messages import DateTimeFormat, LocalizableMessage, LocalizationParam, NestedLocalizableMessage
from ..query import MAX_MEMBERS
from ..tasks import Info, ListItem, ListResult, Progress, Status
from .server import PATH, PREFIX, checked_prefix

__all__ = ["openapi"]

_REFERENCE: Final = "#/components/schemas/{model}"

# The version of the API whose operations these are.
_VERSION: Final = "9.1.1.0"

# What the API calls each model.
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

# The enumerations, by the field that has one. The API calls two of them `Vapi.Std.LocalizationParam.DateTimeFormat` and
# `Vapi.Std.Errors.Error.Type`; of such a name datamodel-code-generator makes a module, which hides the model above it.
_ENUMERATIONS: Final[dict[str, tuple[str, type[OpenEnum]]]] = {
    "status": ("Snapservice.Tasks.Status", Status),
    "format": ("Vapi.Std.DateTimeFormat", DateTimeFormat),
    "error_type": ("Vapi.Std.Errors.ErrorType", ErrorType),
}

# It has a name, because openapi-python-client drops an error that inherits an object without one.
_DATA: Final = "Vapi.Std.Errors.ErrorData"

# What the boundary answers beside what the operations declare (W-3): a wrong request, and a failure.
_BOUNDARY_ERRORS: Final = frozenset(
    {ErrorType.INVALID_REQUEST, ErrorType.UNEXPECTED_INPUT, ErrorType.INTERNAL_SERVER_ERROR}
)

_MEANINGS: Final = {
    400: "The request is wrong; the error says where and why.",
    401: "No authenticated caller.",
    403: "The caller lacks the privilege System.Read.",
    404: "There is no such task that the caller may see, or no such path.",
    500: "More than 1000 tasks match, a state cannot be read, or the server failed.",
    503: "A service that is needed cannot be reached.",
}

# The ids of the specification, which mean nothing to a reader of the document.
_RULE_IDS: Final = re.compile(r" \([A-Z]-\d[^)]*\)")


def openapi(*, prefix: str = PREFIX) -> dict[str, Any]:
    """An OpenAPI 3.1 document of both operations, as plain dicts and lists; `prefix` is that of the Service.

    Every answer of `handle` is declared in it (E-2, W-3): what the operations and the boundary answer by name, and any
    other error that a source raises as an Error. How a caller authenticates is not: add your `security` to it. HEAD is
    answered like GET, without the body. Raises ValueError for what is no prefix.
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
            PATH: {"get": _listing()},
            f"{PATH}/{{task}}": {"get": _getting()},
        },
        "components": {"schemas": _schemas()},
    }


def _listing() -> dict[str, Any]:
    return {
        "operationId": "Snapservice.Tasks_list",
        "tags": ["Snapservice.Tasks"],
        "summary": "List the tasks that match every field of the filter, at most 1000.",
        "description": "A field matches the tasks of any of its values, and all tasks where it is not given. "
        "More than 1000 matches are an error: no list is cut.",
        "parameters": [_query_parameter(*field) for field in FilterSpec.model_json_schema()["properties"].items()],
        "responses": _responses(ListResult, "The tasks that match and are visible.", LIST_ERRORS | _BOUNDARY_ERRORS),
    }


def _getting() -> dict[str, Any]:
    # A path below that of a task is no operation, and neither is that of a task without an id.
    errors = GET_ERRORS | _BOUNDARY_ERRORS | {ErrorType.OPERATION_NOT_FOUND}
    task = {
        "name": "task",
        "in": "path",
        "description": "The identifier of the task. A slash in it is written as %2F.",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }
    return {
        "operationId": "Snapservice.Tasks_get",
        "tags": ["Snapservice.Tasks"],
        "summary": "Get the state of one task.",
        "description": "A task that the caller may not see is answered as one that does not exist.",
        "parameters": [task],
        "responses": _responses(Info, "The state of the task.", errors),
    }


def _query_parameter(field: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    members = _without_null(schema)  # null is the empty set in Python alone
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
        # Several errors are an Error here: a generated client takes any body for the first member of a union.
        name = names[0] if len(names) == 1 else _NAMES[ErrorValue]
        responses[str(status)] = _response(_MEANINGS[status], name) | {"x-errors": names}
    responses["400"]["headers"] = {
        "Allow": {"description": "With a wrong method: those that there are.", "schema": {"type": "string"}}  # W-3
    }
    responses["401"]["headers"] = {
        "WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}}  # W-2
    }
    return responses | {"default": _response("Any other of the errors.", _NAMES[ErrorValue])}


def _response(meaning: str, name: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": _reference(name)}}}


def _schemas() -> dict[str, Any]:
    """The schema of each model, of each enumeration and of each of the 25 errors, by the API's name for it."""
    from pydantic.json_schema import models_json_schema  # noqa: PLC0415 - slow to import, for nothing else needs it

    models: Any = [(model, "serialization") for model in _NAMES]
    _, generated = models_json_schema(models, ref_template=_REFERENCE)
    schemas = {name: _as_written(model, generated["$defs"][model.__name__]) for model, name in _NAMES.items()}
    for name, kind in _ENUMERATIONS.values():
        schemas[name] = {"description": _prose(kind.__doc__), "type": "string", "enum": [*map(str, kind)]}

    fields = schemas[_NAMES[ErrorValue]]["properties"]
    schemas[_DATA] = fields["data"]
    fields["data"] = _reference(_DATA) | {"description": fields["data"]["description"]}
    for error in ErrorType:
        if error is not ErrorType.ERROR:  # which is the base itself
            schemas[_error_name(error)] = {
                "description": f"{error.meaning} Its error_type is {error}, its status {error.http_status}.",
                "type": "object",
                "allOf": [_reference(_NAMES[ErrorValue])],
            }

    text = json.dumps(schemas)
    for model, name in _NAMES.items():
        text = text.replace(f'"{_REFERENCE.format(model=model.__name__)}"', f'"{_REFERENCE.format(model=name)}"')
    named: dict[str, Any] = json.loads(text)
    return named


def _as_written(model: type[Value], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what is written of a model: without null and defaults, which only reading and building know."""
    required = [name for name, field in model.__pydantic_fields__.items() if field.exclude_if is None]  # W-1, E-3
    # `d` is last: openapi-python-client reads it into a variable `d`, out of which it reads every field.
    fields = sorted(schema["properties"].items(), key=lambda field: field[0] == "d")
    return {
        "description": _prose(schema["description"]),
        "type": "object",
        "properties": {name: _field(name, field) for name, field in fields},
        **({"required": required} if required else {}),
    }


def _field(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    prose = _prose(schema["description"])
    if name in _ENUMERATIONS:  # V-6: text, so that a generated client reads what a newer server answers
        prose += f" One of {_ENUMERATIONS[name][0]}, or of a newer version."
    return {"description": prose, **_without_null(schema)}


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    (kept,) = [each for each in schema.get("anyOf", [schema]) if each != {"type": "null"}]
    return {name: value for name, value in kept.items() if name not in {"default", "description", "title"}}


def _prose(docstring: str | None) -> str:
    """Return the first paragraph, without ids of rules; the other paragraphs are about Python."""
    paragraph = (docstring or "").partition("\n\n")[0]
    return _RULE_IDS.sub("", paragraph.replace("\n", " "))


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": _REFERENCE.format(model=name)}


def _error_name(kind: ErrorType) -> str:
    return f"Vapi.Std.Errors.{kind.exception.__name__}"
