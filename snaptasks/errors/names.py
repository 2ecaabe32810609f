"""List the names of the 25 error types, for type checkers, which find a misspelt name before it runs (E-1)."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

__all__ = ["CANONICAL_PREFIX", "ErrorTypeName"]

# The prefix of the name of a type, in lower case, across all services (E-1).
CANONICAL_PREFIX: Final = "com.vmware.vapi.std.errors."

ErrorTypeName: TypeAlias = Literal[
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
