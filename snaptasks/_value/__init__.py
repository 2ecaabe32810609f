"""What every value stands on.

Decides what immutable, equal, canonical, built and read mean (V-2 to V-14), and how a refusal is told.
Does not know any field, status or rule of the API.
"""

from .enums import Closed, OpenEnum
from .fields import Default, Double, Identifier, Int64, MapOf, Maybe, PlainText, SetOf, Timestamp, TupleOf
from .frozen import MAX_INTEGER_LENGTH, MAX_RESULT_DEPTH, Json, JsonObject, canonical_json
from .model import AskedValue, Value, complete, value_type
from .reading import Readable, walk
from .violations import (
    MAX_VIOLATIONS,
    NESTED_TOO_DEEP,
    BrokenRule,
    InvalidValue,
    Location,
    Violation,
    describe,
    field_error,
    refuse,
    violation_of,
)

__all__ = [
    "MAX_INTEGER_LENGTH",
    "MAX_RESULT_DEPTH",
    "MAX_VIOLATIONS",
    "NESTED_TOO_DEEP",
    "AskedValue",
    "BrokenRule",
    "Closed",
    "Default",
    "Double",
    "Identifier",
    "Int64",
    "InvalidValue",
    "Json",
    "JsonObject",
    "Location",
    "MapOf",
    "Maybe",
    "OpenEnum",
    "PlainText",
    "Readable",
    "SetOf",
    "Timestamp",
    "TupleOf",
    "Value",
    "Violation",
    "canonical_json",
    "complete",
    "describe",
    "field_error",
    "refuse",
    "value_type",
    "violation_of",
    "walk",
]
