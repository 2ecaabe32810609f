"""The two operations as an OpenAPI document, made from the models.

Decided here: how the operations and their answers are described (E-2, W-3). Not known here: how anything is decided.

A schema says what is written, not what is read: nothing is null (W-1), and what is always written is required (E-3).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from .._value.model import Value
from ..errors import (
    ACCESS_ERRORS,
    GET_ERRORS,
    LIST_ERRORS,
    DynamicID,
    ErrorType,
    ErrorValue,
    http_status_candidates,
)
from ..filters import FilterSpec
from ..messages import LocalizableMessage, LocalizationParam, NestedLocalizableMessage
from ..query import MAX_MEMBERS
from ..tasks import Info, ListItem, ListResult, Progress
from .server import PATH
from .settings import PREFIX, checked_prefix

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


def openapi(*, prefix: str = PREFIX) -> dict[str, Any]:
    """An OpenAPI 3.1 document of both operations, as plain dicts and lists; `prefix` is that of `handle`.

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
        "parameters": [_query_parameter(*field) for field in FilterSpec.model_json_schema()["properties"].items()],
        "responses": _responses(ListResult, "The tasks that match and are visible.", LIST_ERRORS | _BOUNDARY_ERRORS),
    }


def _getting() -> dict[str, Any]:
    # A path below that of a task is no operation, and neither is that of a task without an id.
    errors = GET_ERRORS | _BOUNDARY_ERRORS | {ErrorType.OPERATION_NOT_FOUND}
    return {
        "operationId": "Snapservice.Tasks_get",
        "tags": ["Snapservice.Tasks"],
        "summary": "Get the state of one task.",
        "parameters": [{"name": "task", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}],
        "responses": _responses(Info, "The state of the task.", errors),
    }


def _query_parameter(field: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    members = next(each for each in schema["anyOf"] if each["type"] == "array")  # null is the empty set in Python alone
    return {
        "name": field,
        "in": "query",
        "required": False,
        "style": "form",
        "explode": True,  # Q-1, Q-3
        "schema": members | {"maxItems": MAX_MEMBERS},  # Q-4
    }


def _responses(kind: type[Value], meaning: str, errors: Iterable[ErrorType]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = defaultdict(list)
    for error in sorted(errors):
        by_status[error.http_status].append(_error_name(error))
    responses = {"200": _response(meaning, [_NAMES[kind]])}
    for status, names in sorted(by_status.items()):
        if len(names) < len(http_status_candidates(status)):  # a source may raise the others, too (W-3)
            names.append(_NAMES[ErrorValue])
        responses[str(status)] = _response(_MEANINGS[status], [*dict.fromkeys(names)])
    responses["400"]["headers"] = {
        "Allow": {"description": "With a wrong method: those that there are.", "schema": {"type": "string"}}  # W-3
    }
    responses["401"]["headers"] = {
        "WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}}  # W-2
    }
    return responses | {"default": _response("Any other of the errors.", [_NAMES[ErrorValue]])}


def _response(meaning: str, names: Sequence[str]) -> dict[str, Any]:
    references = [{"$ref": _REFERENCE.format(model=name)} for name in names]
    schema = references[0] if len(references) == 1 else {"anyOf": references}
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def _schemas() -> dict[str, Any]:
    """The schema of each model and of each of the 25 errors, by the API's name for it."""
    from pydantic.json_schema import models_json_schema  # noqa: PLC0415 - slow to import, for nothing else needs it

    models: Any = [(model, "serialization") for model in _NAMES]
    _, generated = models_json_schema(models, ref_template=_REFERENCE)
    schemas: dict[str, Any] = {
        name: _as_written(model, generated["$defs"][model.__name__]) for model, name in _NAMES.items()
    }
    text = json.dumps(schemas)
    for model, name in _NAMES.items():
        text = text.replace(f'"{_REFERENCE.format(model=model.__name__)}"', f'"{_REFERENCE.format(model=name)}"')
    schemas = json.loads(text)

    base = schemas[_NAMES[ErrorValue]]
    challenge = {"challenge": base["properties"].pop("challenge")}
    kinds = {kind: _error_name(kind) for kind in ErrorType}
    base["discriminator"] = {
        "propertyName": "error_type",
        "mapping": {kind: _REFERENCE.format(model=name) for kind, name in kinds.items()},
    }
    for kind, name in kinds.items():
        if kind is not ErrorType.ERROR:  # which is the base itself
            schemas[name] = {
                "description": kind.meaning,
                "type": "object",
                "allOf": [{"$ref": _REFERENCE.format(model=_NAMES[ErrorValue])}],
                "properties": {"error_type": {"const": kind}, **(challenge if kind in ACCESS_ERRORS else {})},
            }
    return schemas


def _as_written(model: type[Value], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what is written of a model: without null and defaults, which only reading and building know."""
    required = [name for name, field in model.__pydantic_fields__.items() if field.exclude_if is None]  # W-1, E-3
    return {
        "description": schema["description"].partition("\n\n")[0].replace("\n", " "),
        "type": "object",
        "properties": {name: _never_null(field) for name, field in schema["properties"].items()},
        **({"required": required} if required else {}),
    }


def _never_null(field: Mapping[str, Any]) -> dict[str, Any]:
    (kept,) = [each for each in field.get("anyOf", [field]) if each != {"type": "null"}]
    return {name: value for name, value in kept.items() if name not in {"default", "title"}}


def _error_name(kind: ErrorType) -> str:
    return f"Vapi.Std.Errors.{kind.exception.__name__}"
