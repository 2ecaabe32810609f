"""The table of the 25 error types: status and meaning once (E-1), and what each operation declares (E-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

from .._value.enums import OpenEnum

if TYPE_CHECKING:
    from .exceptions import Error


class ErrorType(OpenEnum):
    """The kind of an error: its HTTP status (E-1) and its meaning stand here and nowhere else.

    A type that this version does not know is kept (V-6) and counts as ERROR.
    """

    ERROR = "ERROR", 500, "Something went wrong that no other type describes."
    ALREADY_EXISTS = "ALREADY_EXISTS", 400, "An entity of this identity exists already."
    ALREADY_IN_DESIRED_STATE = "ALREADY_IN_DESIRED_STATE", 400, "The state that was asked for is the present one."
    CANCELED = "CANCELED", 400, "The operation was canceled on request."
    CONCURRENT_CHANGE = "CONCURRENT_CHANGE", 409, "The data changed between reading and writing it."
    FEATURE_IN_USE = "FEATURE_IN_USE", 400, "The feature cannot be disabled or removed while it is used."
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR", 500, "The server failed in a way that it did not expect."
    INVALID_ARGUMENT = "INVALID_ARGUMENT", 400, "A value that was passed is not acceptable."
    INVALID_ELEMENT_CONFIGURATION = "INVALID_ELEMENT_CONFIGURATION", 400, "A configuration in a group is not valid."
    INVALID_ELEMENT_TYPE = "INVALID_ELEMENT_TYPE", 400, "A group cannot hold an element of this type."
    INVALID_REQUEST = "INVALID_REQUEST", 400, "The request is malformed."
    NOT_ALLOWED_IN_CURRENT_STATE = "NOT_ALLOWED_IN_CURRENT_STATE", 400, "The present state does not allow this."
    NOT_FOUND = "NOT_FOUND", 404, "There is no entity of this identity that the caller may see."
    OPERATION_NOT_FOUND = "OPERATION_NOT_FOUND", 404, "The service has no such operation."
    RESOURCE_BUSY = "RESOURCE_BUSY", 500, "A resource is occupied with something else."
    RESOURCE_IN_USE = "RESOURCE_IN_USE", 400, "A resource that is needed alone is used by others."
    RESOURCE_INACCESSIBLE = "RESOURCE_INACCESSIBLE", 500, "A state that is needed cannot be read."
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE", 503, "A service that is needed cannot be reached."
    TIMED_OUT = "TIMED_OUT", 504, "The operation did not end in the time that it had."
    UNABLE_TO_ALLOCATE_RESOURCE = "UNABLE_TO_ALLOCATE_RESOURCE", 500, "There is not enough of a resource."
    UNAUTHENTICATED = "UNAUTHENTICATED", 401, "The operation needs an authenticated caller."
    UNAUTHORIZED = "UNAUTHORIZED", 403, "The caller may not do this."
    UNEXPECTED_INPUT = "UNEXPECTED_INPUT", 400, "The request holds a parameter or field that nobody expects."
    UNSUPPORTED = "UNSUPPORTED", 400, "The operation is not supported."
    UNVERIFIED_PEER = "UNVERIFIED_PEER", 500, "The identity of the other side could not be verified."

    _value_: str
    http_status: int
    meaning: str

    # The defaults are for type checkers, which hold the look-up ErrorType("NOT_FOUND") against this signature.
    def __new__(cls, value: str, http_status: int = 0, meaning: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_, member.http_status, member.meaning = value, http_status, meaning
        return member

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        member = super()._missing_(value)
        if member is not None:  # E-3: an unknown type is an Error, and answers with its status
            object.__setattr__(member, "http_status", cls.ERROR.http_status)
            object.__setattr__(member, "meaning", cls.ERROR.meaning)
        return member

    @property
    def canonical_name(self) -> str:
        """The name of the type across all services (E-1)."""
        return f"com.vmware.vapi.std.errors.{self.lower()}"

    @property
    def exception(self) -> type[Error]:
        """The class of the exceptions of this type; Error where it is unknown (E-3)."""
        return EXCEPTIONS.get(self, EXCEPTIONS[ErrorType.ERROR])


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


def http_status_candidates(status: int) -> frozenset[ErrorType]:
    """The types that answer with an HTTP status; a status alone never decides for one of them (E-4)."""
    return frozenset(kind for kind in ErrorType if kind.http_status == status)


# What the two operations declare (E-2).
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

# Filled as the classes are made, so that a row without a class, or a class without a row, shows in a test.
EXCEPTIONS: Final[dict[ErrorType, type[Error]]] = {}
