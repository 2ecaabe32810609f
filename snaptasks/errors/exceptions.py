"""The 25 exceptions: each holds a frozen value, and one question on it tells what a caller may do next (E)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeVar

from .._value.model import Value
from .._value.violations import InvalidValue
from ..messages import LocalizableMessage
from .kinds import EXCEPTIONS, ErrorType
from .values import ArgumentLocations, ErrorValue, TransientIndication

V = TypeVar("V", bound=Value)

# What this library says itself has message ids below this prefix.
MESSAGE_PREFIX: Final = "com.vmware.snapservice.tasks"


# What an error is, beside its properties and methods; everything else is anybody's, as with any exception.
_SEALED: Final = frozenset({"__class__", "_received_status", "_value", "args"})


class Error(Exception):
    """An exception that holds a frozen ErrorValue."""

    _type: ClassVar[ErrorType]
    _value: ErrorValue
    _received_status: int | None

    def __init_subclass__(cls, *, error_type: ErrorType | None = None) -> None:
        super().__init_subclass__()
        if error_type is not None:
            cls._stands_for(error_type)

    @classmethod
    def _stands_for(cls, error_type: ErrorType) -> None:
        if error_type in EXCEPTIONS:
            raise TypeError(f"{error_type} has its class already: {EXCEPTIONS[error_type].__name__}")
        cls._type = error_type
        cls.__doc__ = f"{error_type}, HTTP {error_type.http_status}: {error_type.meaning} (E-1)"
        EXCEPTIONS[error_type] = cls

    def __init__(
        self,
        message: LocalizableMessage,
        *causes: LocalizableMessage,
        data: Value | Mapping[str, Any] | None = None,
        challenge: str | None = None,
    ) -> None:
        if "_value" in self.__dict__:
            raise TypeError(f"this {type(self).__name__} is finished and cannot change (V-2)")
        self._hold(ErrorValue(messages=(message, *causes), data=data, error_type=self._type, challenge=challenge), None)

    def _hold(self, value: ErrorValue, received_status: int | None) -> None:
        super().__init__(*value.messages)
        object.__setattr__(self, "_value", value)
        object.__setattr__(self, "_received_status", received_status)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse what the error says; an exception's own attributes and those of others' code are free (V-2, E-6)."""
        self._refuse_change(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._refuse_change(name)
        super().__delattr__(name)

    def _refuse_change(self, name: str) -> None:
        if name in _SEALED or (hasattr(Error, name) and not name.startswith("__")):
            raise AttributeError(f"an error cannot change: {name} (V-2)")

    @classmethod
    def from_value(cls, value: ErrorValue, *, received_status: int | None = None) -> Error:
        """Make the exception of a value, of the class that its type names; Error where it is unknown (E-3).

        `received_status` is the HTTP status that the value came with; it decides nothing (E-4).
        """
        error = Error.__new__(value.error_type.exception)
        error._hold(value, received_status)
        return error

    @property
    def value(self) -> ErrorValue:
        """What the error says."""
        return self._value

    @property
    def error_type(self) -> ErrorType:
        """The kind of error; an unknown one is kept (E-3)."""
        return self._value.error_type

    @property
    def http_status(self) -> int:
        """The HTTP status of the table, whatever was received (E-4)."""
        return self.error_type.http_status

    @property
    def received_status(self) -> int | None:
        """The HTTP status that it was read with; None where it was not read from a response (E-4)."""
        return self._received_status

    @property
    def is_transient(self) -> bool:
        """Whether its data says that trying again may help (E-8)."""
        indication = self.data_as(TransientIndication)
        return indication is not None and indication.is_transient

    def data_as(self, kind: type[V]) -> V | None:
        """The data as a value of this kind; None where it has another shape, or there is none (E-3)."""
        if self._value.data is None:
            return None
        try:
            return kind.from_python(self._value.data)
        except InvalidValue:
            return None

    def __str__(self) -> str:
        """Its messages as they are displayed, the top one first; where it has none, its type, and the HTTP status that
        it was received with (V-11)."""
        received = "" if self._received_status is None else f", received with the HTTP status {self._received_status}"
        return self._value.display() or f"{self.error_type}{received}"

    def __repr__(self) -> str:
        received = "" if self._received_status is None else f", received_status={self._received_status!r}"
        return f"{type(self).__name__}.from_value({self._value!r}{received})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Error) or type(self) is not type(other):
            return NotImplemented
        return self._value == other._value and self._received_status == other._received_status

    def __hash__(self) -> int:
        return hash((type(self), self._value, self._received_status))

    def __reduce__(self) -> tuple[Any, ...]:
        # E-6: without it, pickle and copy would call __init__ with args alone
        others = {name: value for name, value in self.__dict__.items() if name not in _SEALED}  # such as __notes__
        return _rebuilt, (type(self), self._value, self._received_status), others or None


def _rebuilt(cls: type[Error], value: ErrorValue, received_status: int | None) -> Error:
    error = cls.__new__(cls)
    error._hold(value, received_status)
    return error


Error._stands_for(ErrorType.ERROR)


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
    """Make the answer to a request that could not be read: where its first violation is, and what it clashes with (E-5).

    The message's args are the field, the offending value (bounded), the rule, and how many violations were found.
    """
    return InvalidArgument(_message(invalid, ErrorType.INVALID_ARGUMENT), data=_locations(invalid))


def unexpected_input(invalid: InvalidValue) -> UnexpectedInput:
    """The same for a request of which the first violation is that nobody expects this field (Q-2)."""
    return UnexpectedInput(_message(invalid, ErrorType.UNEXPECTED_INPUT), data=_locations(invalid))


def _message(invalid: InvalidValue, kind: ErrorType) -> LocalizableMessage:
    first = invalid.violations[0]
    args = (first.path, first.value, first.rule, str(len(invalid.violations)))
    return LocalizableMessage(id=f"{MESSAGE_PREFIX}.{kind.lower()}", default_message=str(first), args=args)


def _locations(invalid: InvalidValue) -> ArgumentLocations:
    first = invalid.violations[0]
    return ArgumentLocations(primary=first.path, secondary=first.clashes)
