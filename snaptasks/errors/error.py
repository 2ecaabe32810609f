"""Define the table of error types, the value of an error, and the exception that carries the value (E).

Decides types, HTTP statuses and the fields of an error. Does not know tasks, filters or callers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self, TypeVar

from pydantic import model_validator

from .._text import has_control
from .._value.enums import OpenEnum
from .._value.fields import Default, Maybe, PlainText, TupleOf
from .._value.model import Value, value_type
from .._value.violations import FieldViolation, InvalidValue
from ..messages import LocalizableMessage
from .names import CANONICAL_PREFIX, ErrorTypeName
from .payloads import JsonObject, TransientIndication
from .retrying import Received, RetryAfter, may_retry

__all__ = ["ACCESS_ERRORS", "Error", "ErrorType", "ErrorValue"]

_V = TypeVar("_V", bound=Value)


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
    http_status: int  #: The HTTP status of the type; 500 if the type is unknown (E-1, E-3).
    meaning: str  #: The meaning of the type, as a sentence; that of ERROR if the type is unknown (E-3).

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
        return _EXCEPTIONS.get(self, Error)


# The two errors whose text must not give a reason. They have no data, and only they may have a challenge.
ACCESS_ERRORS: Final = frozenset({ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED})


@value_type
class ErrorValue(Value):
    """Represent an error as a value: messages, data and type.

    Reading is lenient: a missing error_type is ERROR, and missing messages are an empty tuple (E-3).
    """

    messages: Annotated[TupleOf[LocalizableMessage], Default((), only_read=True)]
    """The messages, from the top down: each one is the cause of the one before it."""
    data: Maybe[JsonObject] = None
    """A JSON object with details; its shape depends on the error (E-3). The two access errors have none (A-2)."""
    error_type: Annotated[ErrorType, Default(ErrorType.ERROR, only_read=True)]
    """The type of the error, one of 25 (E-1)."""
    challenge: Maybe[PlainText] = None
    """The way to authenticate; only for UNAUTHENTICATED and UNAUTHORIZED (A-2)."""

    _compared_as_json = ("data",)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            messages: list[LocalizableMessage] | tuple[LocalizableMessage, ...],
            data: Value | Mapping[str, Any] | None = None,
            error_type: ErrorType | ErrorTypeName,
            challenge: str | None = None,
        ) -> None: ...

        def evolve(
            self,
            *,
            messages: list[LocalizableMessage] | tuple[LocalizableMessage, ...] = ...,
            data: Value | Mapping[str, Any] | None = ...,
            error_type: ErrorType | ErrorTypeName = ...,
            challenge: str | None = ...,
        ) -> Self: ...

    def display(self) -> str:
        """Return the displayed messages, from the top one to the last cause; empty without messages (E-9)."""
        return "; caused by: ".join(message.display() for message in self.messages)

    @model_validator(mode="after")
    def _ignore_challenge(self) -> Self:
        if self.challenge is not None and self.error_type not in ACCESS_ERRORS:
            object.__setattr__(self, "challenge", None)  # V-7: for the other types, challenge is an unknown field
        return self

    @staticmethod
    def _violations_when_built(fields: Any, given: Collection[str]) -> Iterator[FieldViolation]:
        kind, challenge = fields.error_type, fields.challenge
        is_access = isinstance(kind, str) and kind in ACCESS_ERRORS
        clashes = {"data": is_access and fields.data is not None, "challenge": challenge is not None and not is_access}
        for field, is_clash in clashes.items():
            if is_clash and ("error_type" in given or field in given):
                rule = f"must not be set: {kind} excludes {field}"
                yield FieldViolation(field, rule, "not_allowed", "A-2", ("error_type",))
        if "challenge" in given and isinstance(challenge, str) and has_control(challenge):
            yield FieldViolation("challenge", "must have no control character", "control_character", "A-2")


# The attributes that cannot change, beside properties and methods. All others are free, as with any exception.
_SEALED: Final = frozenset({"__class__", "_received", "_value", "args"})


class Error(Exception):
    """Raise an error of the API: an exception that holds a frozen ErrorValue."""

    _type: ClassVar[ErrorType]
    _value: ErrorValue
    _received: Received

    def __init_subclass__(cls, *, error_type: ErrorType | None = None) -> None:
        super().__init_subclass__()
        if error_type is not None:
            cls._stands_for(error_type)

    @classmethod
    def _stands_for(cls, error_type: ErrorType) -> None:
        if error_type in _EXCEPTIONS:
            raise TypeError(f"{error_type} must have one class only, and has {_EXCEPTIONS[error_type].__name__}")
        cls._type = error_type
        cls.__doc__ = f"{error_type}, HTTP {error_type.http_status}: {error_type.meaning} (E-1)"
        _EXCEPTIONS[error_type] = cls

    def __init__(
        self,
        message: LocalizableMessage,
        *causes: LocalizableMessage,
        data: Value | Mapping[str, Any] | None = None,
        challenge: str | None = None,
    ) -> None:
        if "_value" in self.__dict__:
            raise TypeError(f"a finished {type(self).__name__} must not be changed (V-2)")
        value = ErrorValue(messages=(message, *causes), data=data, error_type=self._type, challenge=challenge)
        self._hold(value, Received())

    def _hold(self, value: ErrorValue, received: Received) -> None:
        super().__init__(*value.messages)
        object.__setattr__(self, "_value", value)
        object.__setattr__(self, "_received", received)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse to change the value of the error; other attributes of the exception are free (V-2, E-6)."""
        self._refuse_change(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._refuse_change(name)
        super().__delattr__(name)

    def _refuse_change(self, name: str) -> None:
        if name in _SEALED or (hasattr(Error, name) and not name.startswith("__")):
            raise AttributeError(f"an error must not be changed: {name} (V-2)")

    @classmethod
    def from_value(
        cls, value: ErrorValue, *, received_status: int | None = None, retry_after: RetryAfter | None = None
    ) -> Error:
        """Make the exception of a value. The type of the value picks the class: Error for an unknown type (E-3).

        The HTTP status and the Retry-After of the response never pick the class (E-4, E-8).
        """
        return _make(value.error_type.exception, value, Received(received_status, retry_after))

    @property
    def value(self) -> ErrorValue:
        """Return the immutable value of this exception, which a response carries."""
        return self._value

    @property
    def error_type(self) -> ErrorType:
        """Return the type of the error; an unknown type is kept (E-3)."""
        return self._value.error_type

    @property
    def http_status(self) -> int:
        """Return the HTTP status of the table, which can differ from the received one (E-4)."""
        return self.error_type.http_status

    @property
    def received_status(self) -> int | None:
        """Return the HTTP status of the response; None if the error was not read from a response (E-4)."""
        return self._received.status

    @property
    def retry_after(self) -> RetryAfter | None:
        """Return the time to wait, or the instant of the next attempt; None without a Retry-After (E-8)."""
        return self._received.retry_after

    @property
    def is_transient(self) -> bool | None:
        """Return whether the data says that another attempt may succeed; None if the data does not say (E-8)."""
        indication = self.data_as(TransientIndication)
        return None if indication is None else indication.is_transient

    @property
    def may_retry(self) -> bool:
        """Return whether another attempt may succeed: by the data, else by the type and the received status (E-8)."""
        return may_retry(self.is_transient, self.error_type, self.received_status)

    def data_as(self, kind: type[_V]) -> _V | None:
        """Return the data as a value of a class; None without data, or if it cannot be read as this class (E-3)."""
        if self._value.data is None:
            return None
        try:
            return kind.from_python(self._value.data)
        except InvalidValue:
            return None

    def __str__(self) -> str:
        """Return the displayed messages; without messages, the type and the received HTTP status (V-11)."""
        received = "" if self.received_status is None else f", received with the HTTP status {self.received_status}"
        return self._value.display() or f"{self.error_type}{received}"

    def __repr__(self) -> str:
        names = zip(("received_status", "retry_after"), self._received, strict=True)
        received = "".join(f", {name}={value!r}" for name, value in names if value is not None)
        return f"{type(self).__name__}.from_value({self._value!r}{received})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Error) or type(self) is not type(other):
            return NotImplemented
        return self._value == other._value and self._received == other._received

    def __hash__(self) -> int:
        return hash((type(self), self._value, self._received))

    def __reduce__(self) -> tuple[Any, ...]:
        # E-6: without this method, pickle and copy would call __init__ with only args
        others = {name: value for name, value in self.__dict__.items() if name not in _SEALED}  # such as __notes__
        return _make, (type(self), self._value, self._received), others or None


def _make(kind: type[Error], value: ErrorValue, received: Received) -> Error:
    error = kind.__new__(kind)
    error._hold(value, received)
    return error


# The class of each type; each class adds itself. A test finds a row without a class, and a class without a row.
_EXCEPTIONS: Final[dict[ErrorType, type[Error]]] = {}

Error._stands_for(ErrorType.ERROR)
