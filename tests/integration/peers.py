"""Check values against the two official peers: the published schema, and the decoder of the published SDK.

Decides which name each kind of value has there. Does not show snaptasks to the peers: they receive only JSON.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from snaptasks import (
    ArgumentLocations,
    CommonInfo,
    DynamicID,
    ErrorType,
    ErrorValue,
    FileLocations,
    FilterSpec,
    Info,
    ListItem,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Progress,
    TransientIndication,
    Value,
)

with warnings.catch_warnings():  # of the SDK, about the Python version
    warnings.simplefilter("ignore")
    from com.vmware import snapservice_client
    from com.vmware.snapservice import tasks_client
    from com.vmware.vapi import std_client
    from com.vmware.vapi.std import errors_client
    from vmware.vapi.bindings.common import NameToTypeResolver
    from vmware.vapi.bindings.converter import RestConverter, TypeConverter
    from vmware.vapi.data.serializers.cleanjson import DataValueConverter
    from vmware.vapi.exception import BindingsException

SdkError: type[Exception] = BindingsException

_DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data" / "openapi-tasks.json").read_text(encoding="utf-8")
)
_SCHEMAS: dict[str, Any] = _DOCUMENT["components"]["schemas"]
_ERROR = "Vapi.Std.Errors.Error"
_ERROR_SCHEMAS: dict[str, str] = {
    kind: reference.rpartition("/")[2] for kind, reference in _SCHEMAS[_ERROR]["discriminator"]["mapping"].items()
}


def _closed(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that admits only its own fields; errors stay open, because they extend one another."""
    return schema if name.startswith("Vapi.Std.Errors.") else schema | {"additionalProperties": False}


_REGISTRY: Registry[Any] = Registry().with_resource(
    "urn:official",
    Resource.from_contents(
        {"components": {"schemas": {name: _closed(name, schema) for name, schema in _SCHEMAS.items()}}},
        default_specification=DRAFT4,
    ),
)


# The official name of each kind of value, in the schema and in the SDK.
NAMES: dict[type[Value], str] = {
    ListResult: "Snapservice.Tasks.ListResult",
    ListItem: "Snapservice.Tasks.ListItem",
    Info: "Snapservice.Tasks.Info",
    CommonInfo: "Snapservice.Tasks.CommonInfo",
    Progress: "Snapservice.Tasks.Progress",
    FilterSpec: "Snapservice.Tasks.FilterSpec",
    LocalizableMessage: "Vapi.Std.LocalizableMessage",
    NestedLocalizableMessage: "Vapi.Std.NestedLocalizableMessage",
    LocalizationParam: "Vapi.Std.LocalizationParam",
    DynamicID: "Vapi.Std.DynamicID",
    ErrorValue: _ERROR,
    ArgumentLocations: "Vapi.Std.Errors.ArgumentLocations",
    FileLocations: "Vapi.Std.Errors.FileLocations",
    TransientIndication: "Vapi.Std.Errors.TransientIndication",
}


def schema_violations(value: Value) -> list[str]:
    """Return the violations that the official schema reports for the body of a value.

    The schema leaves the error of a task open, so each error is also checked with the schema of its own type.
    """
    tree = json.loads(value.to_json())
    violations = _violations(NAMES[type(value)], tree)
    items = [item["info"] for item in tree["items"]] if "items" in tree else [tree.get("info", tree)]
    errors = [tree] if isinstance(value, ErrorValue) else [info["error"] for info in items if "error" in info]
    for error in errors:
        violations += _violations(_ERROR, error) + _violations(_ERROR_SCHEMAS.get(error["error_type"], _ERROR), error)
    return violations


def _violations(name: str, tree: Any) -> list[str]:
    validator = OAS30Validator(
        {"$ref": f"urn:official#/components/schemas/{name}"}, registry=_REGISTRY, format_checker=oas30_format_checker
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(tree)]


_SDK_CLASSES: dict[type[Value], Any] = {
    ListResult: snapservice_client.Tasks.ListResult,
    ListItem: snapservice_client.Tasks.ListItem,
    FilterSpec: snapservice_client.Tasks.FilterSpec,
    Info: tasks_client.Info,
    CommonInfo: tasks_client.CommonInfo,
    Progress: tasks_client.Progress,
    LocalizableMessage: std_client.LocalizableMessage,
    NestedLocalizableMessage: std_client.NestedLocalizableMessage,
    LocalizationParam: std_client.LocalizationParam,
    DynamicID: std_client.DynamicID,
    ArgumentLocations: errors_client.ArgumentLocations,
    FileLocations: errors_client.FileLocations,
    TransientIndication: errors_client.TransientIndication,
}


def sdk_round_trip(kind: type[Value], text: bytes) -> str:
    """Read a body with the SDK, union validators included, and return the JSON that the SDK writes.

    Raises:
        SdkError: The SDK does not accept the body.
    """
    binding = _sdk_class(kind, text).get_binding_type()
    read = TypeConverter.convert_to_python(
        DataValueConverter.convert_to_data_value(text.decode()),
        binding,
        NameToTypeResolver({}),
        RestConverter.SWAGGER_REST,
    )
    vapi_value = TypeConverter.convert_to_vapi(read, binding, RestConverter.SWAGGER_REST)
    written: str = DataValueConverter.convert_to_json(vapi_value)
    return written


def _sdk_class(kind: type[Value], text: bytes) -> Any:
    if kind is ErrorValue:
        return getattr(errors_client, ErrorType(json.loads(text)["error_type"]).exception.__name__)
    return _SDK_CLASSES[kind]


def without_nulls(tree: Any) -> Any:
    """Return a tree without its null members, because the SDK takes null for unset, also in a result."""
    if isinstance(tree, dict):
        return {name: without_nulls(member) for name, member in tree.items() if member is not None}
    return [*map(without_nulls, tree)] if isinstance(tree, list) else tree


def is_writable_by_sdk(tree: Any) -> bool:
    """Return whether no name in a tree needs an escape, because the SDK escapes no names."""
    if isinstance(tree, dict):
        return all(json.dumps(name, ensure_ascii=False) == f'"{name}"' for name in tree) and all(
            map(is_writable_by_sdk, tree.values())
        )
    return all(map(is_writable_by_sdk, tree)) if isinstance(tree, list) else True
