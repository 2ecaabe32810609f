"""The OpenAPI document: its structure is the official one but for listed differences, and every answer is in it (E-2)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from snaptasks import GET_ERRORS, LIST_ERRORS, ErrorType, FilterSpec, rest

OFFICIAL: dict[str, Any] = json.loads((Path(__file__).parent.parent / "data/openapi-tasks.json").read_bytes())
OURS = rest.openapi()

# Every difference between the two, by the beginning of its place, with its reason. A difference is a place that one
# document has and the other has not, or where they say something else.
REASONS = {
    "openapi": "3.1 has the schemas of JSON Schema itself, which the models generate",
    "info": "a title and texts of our own",
    "servers": "the embedder's host is not known, its prefix is",
    "components.securitySchemes": "how a caller proves who it is is the embedder's (A-1)",
    "paths.*.get.security": "the same",
    "paths.*.get.summary": "texts of our own",
    "paths.*.get.description": "the same",
    "paths.*.get.parameters.*.description": "the same",
    "paths.*.get.parameters.*.schema.maxItems": "MAX_MEMBERS, inclusive (Q-4)",
    "paths.*.get.parameters.*.schema.items.minLength": "no identifier is empty (V-9, Q-2)",
    "paths.*.get.parameters.status.schema.items": "an enumeration: an unknown status in a filter is refused (F-7)",
    "paths.*.get.parameters.task.schema.minLength": "the path without an id is another one (Q-5)",
    "paths.*.get.responses.*.description": "texts of our own",
    "paths.*.get.responses.400.headers": "Allow, with INVALID_REQUEST for a wrong method (W-3)",
    "paths.*.get.responses.401.headers": "WWW-Authenticate, from challenge (W-2)",
    "paths.*.get.responses.400": "INVALID_REQUEST and UNEXPECTED_INPUT, which the boundary adds (Q-2, Q-5, W-3)",
    "paths.*.get.responses.404": "OPERATION_NOT_FOUND, which the boundary adds (W-3)",
    "paths.*.get.responses.500": "INTERNAL_SERVER_ERROR, which the boundary adds (E-7)",
    "paths.*.get.responses.default": "any other error that a source raises (W-3)",
    "components.schemas.*.description": "texts of our own",
    "components.schemas.*.properties.*.minLength": "no task, service or operation is empty (V-9)",
    "components.schemas.*.properties.*.minimum": "the range of an int64, or no negative precision (V-1, V-5)",
    "components.schemas.*.properties.*.maximum": "the range of an int64 (V-5)",
    "components.schemas.Snapservice.Tasks.Info.properties.error": "an error is one here, too, and not any object (E-3)",
    "components.schemas.Snapservice.Tasks.Info.properties.result": "any value, with a text of our own",
    "components.schemas.Vapi.Std.Errors.Error.discriminator": "it maps ERROR to the schema itself, so that"
    " some generators know no other type",
    "components.schemas.Vapi.Std.Errors.Error.properties.data": "named, because generators drop errors that inherit it"
    " otherwise",
    "components.schemas.Vapi.Std.Errors.ErrorData": "the same",
    "components.schemas.Vapi.Std.Errors.Error.properties.challenge": "it is here, because generators drop it beside"
    " an allOf, and because the error of a task has one, too (A-2)",
    "components.schemas.Vapi.Std.Errors.Unauthenticated.properties": "the same",
    "components.schemas.Vapi.Std.Errors.Unauthorized.properties": "the same",
    "components.schemas.Snapservice.Tasks.FilterSpec": "it travels as parameters alone (Q-1)",
    "components.schemas.Snapservice.Tasks.CommonInfo": "no schema refers to it, there neither",
    "components.schemas.Vapi.Std.LocalizationParam.DateTimeFormat": "generators make a module of it that hides a model",
    "components.schemas.Vapi.Std.DateTimeFormat": "its name here",
    "components.schemas.Vapi.Std.Errors.Error.Type": "generators make a module of it that hides a model",
    "components.schemas.Vapi.Std.Errors.ErrorType": "its name here",
    "components.schemas.Vapi.Std.Errors.ArgumentLocations": "data is any object on the wire (E-3)",
    "components.schemas.Vapi.Std.Errors.FileLocations": "the same",
    "components.schemas.Vapi.Std.Errors.TransientIndication": "the same",
}


def places(node: Any, where: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every leaf of a document with its place; parameters by their name, a lone allOf as what it holds."""
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
    """Whether a place begins as a pattern says; * is any one step."""
    # The names of schemas have dots themselves, so that both sides are compared as text.
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
    theirs, ours = dict(places(OFFICIAL)), dict(places(OURS))
    return [where for where in theirs.keys() | ours.keys() if theirs.get(where) != ours.get(where)]


def test_every_difference_from_the_official_document_has_its_reason() -> None:
    """E-2, W-1: and no reason is without a difference."""
    found = differences()
    assert sorted(".".join(each) for each in found if not any(matches(pattern, each) for pattern in REASONS)) == []
    assert [pattern for pattern in REASONS if not any(matches(pattern, each) for each in found)] == []


def test_the_structure_is_compared_at_all() -> None:
    """A comparison that finds nothing the same would prove nothing."""
    theirs, ours = dict(places(OFFICIAL)), dict(places(OURS))
    same = [where for where in theirs if where in ours and theirs[where] == ours[where]]
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
def test_every_answer_is_declared(path: str, declared: frozenset[ErrorType], added: set[str]) -> None:
    """E-2, W-3: with the status of its type; the rest of the errors is the default."""
    responses = OURS["paths"][path]["get"]["responses"]
    errors = {status: each["x-errors"] for status, each in responses.items() if status not in {"200", "default"}}
    statuses = {f"Vapi.Std.Errors.{kind.exception.__name__}": str(kind.http_status) for kind in ErrorType}
    expected = {f"Vapi.Std.Errors.{name}" for name in {kind.exception.__name__ for kind in declared} | added}
    assert {name: status for status, names in errors.items() for name in names} == {
        name: statuses[name] for name in expected
    }
    for status, names in errors.items():
        assert schema_of(responses[status]) == (names[0] if len(names) == 1 else "Vapi.Std.Errors.Error")
    assert schema_of(responses["default"]) == "Vapi.Std.Errors.Error"


def test_every_reference_leads_somewhere() -> None:
    """E-1: to a schema; each schema has a reference, or a text names it, or it is one of the 25 errors."""
    schemas = {*OURS["components"]["schemas"]}
    texts = [value for where, value in places(OURS) if where[-1] == "description"]
    targets = {value.removeprefix("#/components/schemas/") for where, value in places(OURS) if where[-1] == "$ref"}
    named = {
        name for name in schemas if any(f"A value of {name}, or of a newer version of it." in text for text in texts)
    }
    assert named == {"Snapservice.Tasks.Status", "Vapi.Std.DateTimeFormat", "Vapi.Std.Errors.ErrorType"}
    assert targets | named | {f"Vapi.Std.Errors.{kind.exception.__name__}" for kind in ErrorType} == schemas


def test_all_that_a_client_sees_is_described() -> None:
    """E-2, W-3: each operation, parameter, answer, header, schema and field, in sentences without ids of rules."""
    operations = [path["get"] for path in OURS["paths"].values()]
    responses = [each for operation in operations for each in operation["responses"].values()]
    schemas = OURS["components"]["schemas"].values()
    described = [
        OURS["info"],
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


def test_it_is_of_the_embedders_prefix_and_fresh() -> None:
    """W-3: and nobody's change of it is another's."""
    document = rest.openapi(prefix="/v1")
    assert document["servers"] == [{"url": "/v1"}]
    assert rest.openapi(prefix="")["servers"] == [{"url": "/"}]
    with pytest.raises(ValueError, match="prefix must be empty"):
        rest.openapi(prefix="api/")
    document["paths"].clear()
    assert rest.openapi() == OURS
    parameters = [each["name"] for each in OURS["paths"]["/snapservice/tasks"]["get"]["parameters"]]
    assert parameters == [*FilterSpec.model_fields]
