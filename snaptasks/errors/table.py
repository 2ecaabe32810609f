"""The table of the 25 error types (E-1, E-4).

Decides the names, the HTTP statuses and the meanings of error types. Does not know the fields of an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from .._value.enums import OpenEnum
from .names import CANONICAL_PREFIX

if TYPE_CHECKING:
    from .error import Error

__all__ = ["ACCESS_ERRORS", "EXCEPTIONS", "ErrorType"]


class ErrorType(OpenEnum):
    """Name the type of an error (E-1).

    It has an HTTP status and a meaning. A type that this version does not know is kept, and counts as ERROR (V-6).
    """

    ERROR = "ERROR", 500, "Something went wrong that no other type describes."
    ALREADY_EXISTS = "ALREADY_EXISTS", 400, "An entity with this identity already exists."
    ALREADY_IN_DESIRED_STATE = "ALREADY_IN_DESIRED_STATE", 400, "The resource is already in the desired state."
    CANCELED = "CANCELED", 400, "The operation was canceled on request."
    CONCURRENT_CHANGE = "CONCURRENT_CHANGE", 409, "The data changed between reading and writing it."
    FEATURE_IN_USE = "FEATURE_IN_USE", 400, "The feature cannot be disabled or removed while it is in use."
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR", 500, "The server failed unexpectedly."
    INVALID_ARGUMENT = "INVALID_ARGUMENT", 400, "The value of an argument is not valid."
    INVALID_ELEMENT_CONFIGURATION = "INVALID_ELEMENT_CONFIGURATION", 400, "A configuration in a group is not valid."
    INVALID_ELEMENT_TYPE = "INVALID_ELEMENT_TYPE", 400, "A group cannot hold an element of this type."
    INVALID_REQUEST = "INVALID_REQUEST", 400, "The request is malformed."
    NOT_ALLOWED_IN_CURRENT_STATE = (
        "NOT_ALLOWED_IN_CURRENT_STATE",
        400,
        "The current state does not allow the operation.",
    )
    NOT_FOUND = "NOT_FOUND", 404, "No entity with this identity exists that the caller may see."
    OPERATION_NOT_FOUND = "OPERATION_NOT_FOUND", 404, "The service does not have this operation."
    RESOURCE_BUSY = "RESOURCE_BUSY", 500, "A resource is busy with another operation."
    RESOURCE_IN_USE = "RESOURCE_IN_USE", 400, "A resource is in use, but the operation needs exclusive use."
    RESOURCE_INACCESSIBLE = "RESOURCE_INACCESSIBLE", 500, "A required state cannot be read."
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE", 503, "A required service cannot be reached."
    TIMED_OUT = "TIMED_OUT", 504, "The operation did not finish in time."
    UNABLE_TO_ALLOCATE_RESOURCE = "UNABLE_TO_ALLOCATE_RESOURCE", 500, "A resource is exhausted."
    UNAUTHENTICATED = "UNAUTHENTICATED", 401, "The operation needs an authenticated caller."
    UNAUTHORIZED = "UNAUTHORIZED", 403, "The caller may not do this."
    UNEXPECTED_INPUT = "UNEXPECTED_INPUT", 400, "The request has an unknown parameter or field."
    UNSUPPORTED = "UNSUPPORTED", 400, "The operation is not supported."
    UNVERIFIED_PEER = "UNVERIFIED_PEER", 500, "The identity of the other side could not be verified."

    _value_: str
    http_status: int
    meaning: str

    # The defaults are for type checkers, which check the look-up ErrorType("NOT_FOUND") against this signature.
    def __new__(cls, value: str, http_status: int = 0, meaning: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_, member.http_status, member.meaning = value, http_status, meaning
        return member

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        member = super()._missing_(value)
        if member is not None:  # E-3: an unknown type counts as ERROR, and has its HTTP status
            object.__setattr__(member, "http_status", cls.ERROR.http_status)
            object.__setattr__(member, "meaning", cls.ERROR.meaning)
        return member

    @property
    def canonical_name(self) -> str:
        """Return the name of the type across all services (E-1)."""
        return CANONICAL_PREFIX + self.lower()

    @property
    def exception(self) -> type[Error]:
        """Return the exception class of this type; Error if the type is unknown (E-3)."""
        return EXCEPTIONS.get(self, EXCEPTIONS[ErrorType.ERROR])


# The two errors whose text must not give a reason. They have no data, and only they may have a challenge.
ACCESS_ERRORS: Final = frozenset({ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED})

# The class of each type; each class adds itself. A test finds a row without a class, and a class without a row.
EXCEPTIONS: Final[dict[ErrorType, type[Error]]] = {}
