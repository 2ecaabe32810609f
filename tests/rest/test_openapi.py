"""Test that the OpenAPI document has the official structure, except for listed differences (E-2)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from snaptasks import GET_ERRORS, LIST_ERRORS, ErrorType, FilterSpec, rest

OFFICIAL: dict[str, Any] = json.loads((Path(__file__).parent.parent / "data/openapi-tasks.json").read_bytes())
DOCUMENT = rest.openapi()

# The reason of every difference, by the beginning of its place. At a difference, only one document has the place, or
# the two have different values there. "As above" refers to the entry before.
REASONS = {
    "openapi": "the models generate JSON Schema, which version 3.1 accepts unchanged",
    "info": "this document has its own title and texts",
    "servers": "only the prefix of the service is known, not its host",
    "components.securitySchemes": "the embedder chooses how a caller authenticates (A-1)",
    "paths.*.get.security": "as above",
    "paths.*.get.summary": "this document has its own texts",
    "paths.*.get.description": "as above",
    "paths.*.get.parameters.*.description": "as above",
    "paths.*.get.parameters.*.schema.maxItems": "MAX_MEMBERS, inclusive (Q-4)",
    "paths.*.get.parameters.*.schema.items.minLength": "no identifier is empty (V-9, Q-2)",
    "paths.*.get.parameters.status.schema.items": "an enumeration, because a status must be known here (F-7)",
    "paths.*.get.parameters.task.schema.minLength": "the path without an id belongs to another operation (Q-5)",
    "paths.*.get.responses.*.description": "this document has its own texts",
    "paths.*.get.responses.400.headers": "Allow, with INVALID_REQUEST for a wrong method (W-3)",
    "paths.*.get.responses.401.headers": "WWW-Authenticate, from challenge (W-2)",
    "paths.*.get.responses.400": "INVALID_REQUEST and UNEXPECTED_INPUT, which the boundary adds (Q-2, Q-5, W-3)",
    "paths.*.get.responses.404": "OPERATION_NOT_FOUND, which the boundary adds (W-3)",
    "paths.*.get.responses.500": "INTERNAL_SERVER_ERROR, which the boundary adds (E-7)",
    "paths.*.get.responses.default": "any other error that a source raises (W-3)",
    "components.schemas.*.description": "this document has its own texts",
    "components.schemas.*.properties.*.minLength": "no task, service or operation is empty (V-9)",
    "components.schemas.*.properties.*.minimum": "the range of an int64; a precision is not negative (V-1, V-5)",
    "components.schemas.*.properties.*.maximum": "the range of an int64 (V-5)",
    "components.schemas.Snapservice.Tasks.Info.properties.error": "the schema of an error, not any object (E-3)",
    "components.schemas.Snapservice.Tasks.Info.properties.result": "any value, with a text of this document",
    "components.schemas.Vapi.Std.Errors.Error.discriminator": "the official one maps ERROR to the schema itself,"
    " so some generators ignore every other type",
    "components.schemas.Vapi.Std.Errors.Error.properties.data": "a schema of its own, because otherwise generators drop"
    " the errors that inherit it",
    "components.schemas.Vapi.Std.Errors.ErrorData": "as above",
    "components.schemas.Vapi.Std.Errors.Error.properties.challenge": "moved here, because generators drop it beside"
    " an allOf, and because the error of a task has one, too (A-2)",
    "components.schemas.Vapi.Std.Errors.Unauthenticated.properties": "as above",
    "components.schemas.Vapi.Std.Errors.Unauthorized.properties": "as above",
    "components.schemas.Snapservice.Tasks.FilterSpec": "a filter is sent as parameters only (Q-1)",
    "components.schemas.Snapservice.Tasks.CommonInfo": "no schema of either document refers to it",
    "components.schemas.Vapi.Std.LocalizationParam.DateTimeFormat": "renamed, because its generated module hides a model",
    "components.schemas.Vapi.Std.DateTimeFormat": "the new name",
    "components.schemas.Vapi.Std.Errors.Error.Type": "renamed, because its generated module hides a model",
    "components.schemas.Vapi.Std.Errors.ErrorType": "the new name",
    "components.schemas.Vapi.Std.Errors.ArgumentLocations": "data is any object on the wire (E-3)",
    "components.schemas.Vapi.Std.Errors.FileLocations": "as above",
    "components.schemas.Vapi.Std.Errors.TransientIndication": "as above",
}


def places(node: Any, where: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every leaf of a document with its place: parameters by name, an allOf of one schema as that schema."""
    if isinstance(node, dict) and len(node.get("allOf", ())) == 1 and "properties" not in node and len(node) == 1:
        yield from places(node["allOf"][0], where)
    elif isinstance(node, dict) and node:
        for name, member in node.items():
            yield from places(member, (*where, name))
    elif isinstance(node, list) and where[-1] == "parameters":
        for parameter in node:
            yield from places(parameter, (*where, parameter["name"]))
    elif isinstance(node, list) and where[-1] == "required":
        yield where, sorted(node)
    else:
        yield where, node


def matches(pattern: str, where: tuple[str, ...]) -> bool:
    """Return whether a place begins with a pattern, in which * stands for any text."""
    # Compare both as text, because the names of schemas contain dots.
    parts, text = pattern.split("*"), ".".join(where)
    if len(parts) == 1:
        return text == pattern or text.startswith(pattern + ".")
    at = 0
    for number, part in enumerate(parts):
        found = text.find(part, at)
        if found < 0 or (number == 0 and found):
            return False
        at = found + len(part)
    return at == len(text) or text[at] == "."


def differences() -> list[tuple[str, ...]]:
    official, own = dict(places(OFFICIAL)), dict(places(DOCUMENT))
    return [where for where in official.keys() | own.keys() if official.get(where) != own.get(where)]


def test_openapi_differs_from_official_document_only_for_listed_reasons() -> None:
    """E-2, W-1: Each reason has a difference, too."""
    found = differences()
    assert sorted(".".join(each) for each in found if not any(matches(pattern, each) for pattern in REASONS)) == []
    assert [pattern for pattern in REASONS if not any(matches(pattern, each) for each in found)] == []


def test_openapi_shares_most_places_with_official_document() -> None:
    """Without common places the comparison would prove nothing."""
    official, own = dict(places(OFFICIAL)), dict(places(DOCUMENT))
    same = [where for where in official if where in own and official[where] == own[where]]
    assert len(same) > 150


def schema_of(response: dict[str, Any]) -> str:
    reference: str = response["content"]["application/json"]["schema"]["$ref"]
    return reference.removeprefix("#/components/schemas/")


@pytest.mark.parametrize(
    ("path", "declared", "added"),
    [
        ("/snapservice/tasks", LIST_ERRORS, {"InvalidRequest", "UnexpectedInput", "InternalServerError"}),
        (
            "/snapservice/tasks/{task}",
            GET_ERRORS,
            {"InvalidRequest", "UnexpectedInput", "InternalServerError", "OperationNotFound"},
        ),
    ],
)
def test_openapi_declares_every_error_under_its_status(
    path: str, declared: frozenset[ErrorType], added: set[str]
) -> None:
    """E-2, W-3: The default response covers all other errors."""
    responses = DOCUMENT["paths"][path]["get"]["responses"]
    errors = {status: each["x-errors"] for status, each in responses.items() if status not in {"200", "default"}}
    statuses = {f"Vapi.Std.Errors.{kind.exception.__name__}": str(kind.http_status) for kind in ErrorType}
    expected = {f"Vapi.Std.Errors.{name}" for name in {kind.exception.__name__ for kind in declared} | added}
    assert {name: status for status, names in errors.items() for name in names} == {
        name: statuses[name] for name in expected
    }
    for status, names in errors.items():
        assert schema_of(responses[status]) == (names[0] if len(names) == 1 else "Vapi.Std.Errors.Error")
    assert schema_of(responses["default"]) == "Vapi.Std.Errors.Error"


def test_openapi_references_lead_to_schemas_and_use_each_of_them() -> None:
    """E-1: A reference, a text or the list of the 25 errors uses each schema."""
    schemas = {*DOCUMENT["components"]["schemas"]}
    texts = [value for where, value in places(DOCUMENT) if where[-1] == "description"]
    targets = {value.removeprefix("#/components/schemas/") for where, value in places(DOCUMENT) if where[-1] == "$ref"}
    named = {
        name for name in schemas if any(f"A value of {name}, or of a newer version of it." in text for text in texts)
    }
    assert named == {"Snapservice.Tasks.Status", "Vapi.Std.DateTimeFormat", "Vapi.Std.Errors.ErrorType"}
    assert targets | named | {f"Vapi.Std.Errors.{kind.exception.__name__}" for kind in ErrorType} == schemas


def test_openapi_describes_all_parts_in_sentences_without_rule_ids() -> None:
    """E-2, W-3: Describe each operation, parameter, response, header, schema and field."""
    operations = [path["get"] for path in DOCUMENT["paths"].values()]
    responses = [each for operation in operations for each in operation["responses"].values()]
    schemas = DOCUMENT["components"]["schemas"].values()
    described = [
        DOCUMENT["info"],
        *operations,
        *(each for operation in operations for each in operation["parameters"]),
        *responses,
        *(each for response in responses for each in response.get("headers", {}).values()),
        *schemas,
        *(each for schema in schemas for each in schema.get("properties", {}).values()),
    ]
    texts = [each["description"] for each in described]
    assert len(texts) > 100
    assert [text for text in texts if not text.endswith(".") or re.search(r"\b[A-Z]-\d|MAX_|  |\n", text)] == []
    assert all(operation["summary"].endswith(".") for operation in operations)


def test_openapi_with_prefix_returns_a_new_document_for_it() -> None:
    """W-3: A change of one document does not change another."""
    document = rest.openapi(prefix="/v1")
    assert document["servers"] == [{"url": "/v1"}]
    assert rest.openapi(prefix="")["servers"] == [{"url": "/"}]
    with pytest.raises(ValueError, match="prefix must be empty"):
        rest.openapi(prefix="api/")
    document["paths"].clear()
    assert rest.openapi() == DOCUMENT
    parameters = [each["name"] for each in DOCUMENT["paths"]["/snapservice/tasks"]["get"]["parameters"]]
    assert parameters == [*FilterSpec.model_fields]
