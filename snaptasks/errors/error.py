"""The value of an error, and the exception that carries it (E).

Decides the fields of an error, and how an exception is made of them. Does not know tasks, filters or callers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self, TypeVar

from pydantic import model_validator

from .._text import has_control
from .._value.fields import Default, Maybe, PlainText, TupleOf
from .._value.model import Value, value_type
from .._value.violations import FieldViolation, InvalidValue
from ..messages import LocalizableMessage
from .names import ErrorTypeName
from .payloads import JsonObject, TransientIndication
from .retrying import Received, RetryAfter, may_retry
from .table import ACCESS_ERRORS, EXCEPTIONS, ErrorType

__all__ = ["Error", "ErrorValue"]

_V = TypeVar("_V", bound=Value)


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
    """The type of the error, one of 25 (E-1).

    A type that this version does not know is kept (V-6).
    """
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
        if error_type in EXCEPTIONS:
            raise TypeError(f"{error_type} must have one class only, and has {EXCEPTIONS[error_type].__name__}")
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

        Args:
            value: The value that the exception holds.
            received_status, retry_after: The metadata of the response, which never picks the class (E-4, E-8).
        """
        return _make(value.error_type.exception, value, Received(received_status, retry_after))

    @property
    def value(self) -> ErrorValue:
        """Return the value of the error."""
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


Error._stands_for(ErrorType.ERROR)
