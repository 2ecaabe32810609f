"""The frozen base that every value stands on.

Decided here: what immutable, equal, canonical, built and read mean (V-2 to V-13), and how a refusal is told.
Not known here: any field, status or rule of the API.
"""

from .enums import Closed, OpenEnum
from .fields import (
    BeforeBuilding,
    DefaultWhen,
    Double,
    Identifier,
    Int64,
    Map,
    Maybe,
    Members,
    Sequence,
    Text,
    Timestamp,
)
from .frozen import MAX_INTEGER_LENGTH, MAX_RESULT_DEPTH, NESTED_TOO_DEEP, Json, JsonObject
from .model import RuledValue, Value, canonical_json
from .reading import unknown_fields
from .violations import (
    MAX_SHOWN,
    MAX_VIOLATIONS,
    BrokenRule,
    InvalidValue,
    Violation,
    dotted,
    refusal,
    refuse_all,
    shortened,
    shown,
    violation,
)

__all__ = [
    "MAX_INTEGER_LENGTH",
    "MAX_RESULT_DEPTH",
    "MAX_SHOWN",
    "MAX_VIOLATIONS",
    "NESTED_TOO_DEEP",
    "BeforeBuilding",
    "BrokenRule",
    "Closed",
    "DefaultWhen",
    "Double",
    "Identifier",
    "Int64",
    "InvalidValue",
    "Json",
    "JsonObject",
    "Map",
    "Maybe",
    "Members",
    "OpenEnum",
    "RuledValue",
    "Sequence",
    "Text",
    "Timestamp",
    "Value",
    "Violation",
    "canonical_json",
    "dotted",
    "refusal",
    "refuse_all",
    "shortened",
    "shown",
    "unknown_fields",
    "violation",
]
