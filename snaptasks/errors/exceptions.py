"""Define the 24 subclasses of Error (A-2, E-2, E-5).

Decides which errors each operation declares, which fields are sent, and the errors for an unreadable request.
Does not know how a request is read.
"""

from __future__ import annotations

from typing import Any, Final

from .._sent import sent
from .._text import has_control
from .._value.violations import InvalidValue
from ..messages import LocalizableMessage
from .error import ACCESS_ERRORS, Error, ErrorType, ErrorValue
from .payloads import ArgumentLocations

__all__ = [
    "GET_ERRORS",
    "LIST_ERRORS",
    "AlreadyExists",
    "AlreadyInDesiredState",
    "Canceled",
    "ConcurrentChange",
    "FeatureInUse",
    "InternalServerError",
    "InvalidArgument",
    "InvalidElementConfiguration",
    "InvalidElementType",
    "InvalidRequest",
    "NotAllowedInCurrentState",
    "NotFound",
    "OperationNotFound",
    "ResourceBusy",
    "ResourceInUse",
    "ResourceInaccessible",
    "ServiceUnavailable",
    "TimedOut",
    "UnableToAllocateResource",
    "Unauthenticated",
    "Unauthorized",
    "UnexpectedInput",
    "Unsupported",
    "UnverifiedPeer",
    "http_status_candidates",
    "invalid_argument",
    "redacted",
    "unexpected_input",
]

# The errors that the two operations declare (E-2).
LIST_ERRORS: Final = frozenset(
    {
        ErrorType.INVALID_ARGUMENT,
        ErrorType.UNAUTHENTICATED,
        ErrorType.UNAUTHORIZED,
        ErrorType.ERROR,
        ErrorType.RESOURCE_INACCESSIBLE,
        ErrorType.SERVICE_UNAVAILABLE,
    }
)
GET_ERRORS: Final = (LIST_ERRORS - {ErrorType.INVALID_ARGUMENT}) | {ErrorType.NOT_FOUND}


def http_status_candidates(status: int) -> frozenset[ErrorType]:
    """Return the error types with an HTTP status. The status never decides between them (E-4)."""
    return frozenset(kind for kind in ErrorType if kind.http_status == status)


class AlreadyExists(Error, error_type=ErrorType.ALREADY_EXISTS): ...


class AlreadyInDesiredState(Error, error_type=ErrorType.ALREADY_IN_DESIRED_STATE): ...


class Canceled(Error, error_type=ErrorType.CANCELED): ...


class ConcurrentChange(Error, error_type=ErrorType.CONCURRENT_CHANGE): ...


class FeatureInUse(Error, error_type=ErrorType.FEATURE_IN_USE): ...


class InternalServerError(Error, error_type=ErrorType.INTERNAL_SERVER_ERROR): ...


class InvalidArgument(Error, error_type=ErrorType.INVALID_ARGUMENT): ...


class InvalidElementConfiguration(Error, error_type=ErrorType.INVALID_ELEMENT_CONFIGURATION): ...


class InvalidElementType(Error, error_type=ErrorType.INVALID_ELEMENT_TYPE): ...


class InvalidRequest(Error, error_type=ErrorType.INVALID_REQUEST): ...


class NotAllowedInCurrentState(Error, error_type=ErrorType.NOT_ALLOWED_IN_CURRENT_STATE): ...


class NotFound(Error, error_type=ErrorType.NOT_FOUND): ...


class OperationNotFound(Error, error_type=ErrorType.OPERATION_NOT_FOUND): ...


class ResourceBusy(Error, error_type=ErrorType.RESOURCE_BUSY): ...


class ResourceInUse(Error, error_type=ErrorType.RESOURCE_IN_USE): ...


class ResourceInaccessible(Error, error_type=ErrorType.RESOURCE_INACCESSIBLE): ...


class ServiceUnavailable(Error, error_type=ErrorType.SERVICE_UNAVAILABLE): ...


class TimedOut(Error, error_type=ErrorType.TIMED_OUT): ...


class UnableToAllocateResource(Error, error_type=ErrorType.UNABLE_TO_ALLOCATE_RESOURCE): ...


class Unauthenticated(Error, error_type=ErrorType.UNAUTHENTICATED): ...


class Unauthorized(Error, error_type=ErrorType.UNAUTHORIZED): ...


class UnexpectedInput(Error, error_type=ErrorType.UNEXPECTED_INPUT): ...


class Unsupported(Error, error_type=ErrorType.UNSUPPORTED): ...


class UnverifiedPeer(Error, error_type=ErrorType.UNVERIFIED_PEER): ...


def invalid_argument(invalid: InvalidValue) -> InvalidArgument:
    """Make the error for a request that cannot be read; its data locates the first violation and its clashes (E-5).

    The args of the message are the path, the found value (bounded), the rule, and the number of violations found.
    """
    return InvalidArgument(_message(invalid, ErrorType.INVALID_ARGUMENT), data=_locations(invalid))


def unexpected_input(invalid: InvalidValue) -> UnexpectedInput:
    """Make the error for a request whose first violation is an unknown parameter (Q-2), like `invalid_argument`."""
    return UnexpectedInput(_message(invalid, ErrorType.UNEXPECTED_INPUT), data=_locations(invalid))


def _message(invalid: InvalidValue, kind: ErrorType) -> LocalizableMessage:
    first = invalid.violations[0]
    args = (first.path, first.value, first.rule, str(len(invalid.violations)))
    return sent(kind.lower(), *args, text=str(first))


def _locations(invalid: InvalidValue) -> ArgumentLocations:
    first = invalid.violations[0]
    return ArgumentLocations(primary=first.path, secondary=first.clashes)


def redacted(value: ErrorValue) -> ErrorValue:
    """Return the value without the fields that can be read but must not be sent on (A-2)."""
    unset: dict[str, Any] = {}
    if value.data is not None and value.error_type in ACCESS_ERRORS:
        unset["data"] = None
    if value.challenge is not None and has_control(value.challenge):
        unset["challenge"] = None
    return value.evolve(**unset) if unset else value
