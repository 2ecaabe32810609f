"""The client's side: a response in, a value or a typed error out (W-4).

Decided here: what of a response is read, and what an answer is that nobody can read. Not known here: how it was asked
for.
"""

from __future__ import annotations

from typing import Final, TypeVar

from pydantic import ValidationError

from .._sent import sent
from .._text import MAX_EXCERPT, safe_repr
from .._value.model import Value
from .._value.violations import InvalidValue, Violation
from ..errors import Error, ErrorType, ErrorValue, read_retry_after
from ..tasks import Info, ListResult
from .error_body import NOT_AN_ERROR, read_error
from .http import Headers, Pairs, header, header_pairs

__all__ = ["MAX_BODY_LENGTH", "MAX_ERROR_LENGTH", "read_info", "read_list"]

_V = TypeVar("_V", bound=Value)

# The statuses that HTTP can carry: three digits, of which some servers use them all.
_STATUSES: Final = range(1000)

# Bytes of a body, inclusive; past it nothing of it is read (W-4). It is eighteen full listings of 1000 tasks of the
# real service. One that is nothing but mistakes is told in a minute and a half, and in little memory.
MAX_BODY_LENGTH: Final = 2**24

# The same of a body that is no success: an error is a few messages.
MAX_ERROR_LENGTH: Final = 2**20


def read_list(status: int, headers: Headers, body: bytes | str) -> ListResult:
    """The listing that a response carries: exactly the status 200, and a body of at most MAX_BODY_LENGTH bytes; that of
    another status at most MAX_ERROR_LENGTH.

    Anything else raises the typed error that the body tells, in the form of today or an older one (E-3, E-10), or an
    Error that says why the body cannot be read (W-4). Then, and where only a part of it cannot be read, its cause is the
    InvalidValue. It has the `received_status` and the `retry_after` of the response (E-4, E-8).
    """
    return _read(ListResult, status, headers, body)


def read_info(status: int, headers: Headers, body: bytes | str) -> Info:
    """The state of a task that a response carries; raises as read_list does."""
    return _read(Info, status, headers, body)


def _read(kind: type[_V], status: int, headers: Headers, body: bytes | str) -> _V:
    if not isinstance(status, int):
        raise TypeError(f"status must be a number, not {type(status).__name__}")
    if status not in _STATUSES:
        raise ValueError("status must be a number of at most three digits")
    pairs = header_pairs(headers)
    is_success = status == 200  # noqa: PLR2004 - W-4: exactly
    at_most = MAX_BODY_LENGTH if is_success else MAX_ERROR_LENGTH
    if _length(body, at_most) > at_most:
        rule = f"a body of status {status} must have at most {at_most} bytes"
        too_long = InvalidValue(kind.__name__, [Violation("", "", rule, "too_long", "W-4")])
        raise _received(_unreadable(status, too_long), status, pairs) from too_long
    try:
        if is_success:
            return kind.from_json(body)
        value, why = read_error(body)
    except InvalidValue as invalid:
        raise _received(_unreadable(status, invalid, body), status, pairs) from invalid
    raise _received(_challenged(value, pairs), status, pairs) from why


def _length(body: bytes | str, at_most: int) -> int:
    """The bytes of a body; of a longer text its characters, which are too many already."""
    if isinstance(body, str) and len(body) <= at_most:
        return len(body.encode(errors="surrogatepass"))
    return len(body)


def _challenged(error: ErrorValue, headers: Pairs) -> ErrorValue:
    """The error with the challenge of the headers, where it can have one and its body tells none (W-2)."""
    challenge = header(headers, "www-authenticate")
    if challenge is None or error.challenge is not None:
        return error
    try:
        return error.evolve(challenge=challenge)
    except ValidationError:  # another type of error, or a control character
        return error


def _unreadable(status: int, invalid: InvalidValue, body: bytes | str = b"") -> ErrorValue:
    """An error that says why a body cannot be read, and how one begins that is not JSON or JSON of a stranger (W-4)."""
    first = invalid.violations[0]
    why = str(first)
    if first.code in {"not_json", NOT_AN_ERROR}:
        why += f"; it begins with {safe_repr(body[:MAX_EXCERPT])}" if body.strip() else "; it is empty"
    message = sent("unreadable_response", str(status), invalid.kind, why)
    return ErrorValue(messages=(message,), error_type=ErrorType.ERROR)


def _received(value: ErrorValue, status: int, headers: Pairs) -> Error:
    """The exception of an error, with what came beside its body (E-4, E-8)."""
    retry_after = read_retry_after(field for name, field in headers if name == "retry-after")
    return Error.from_value(value, received_status=status, retry_after=retry_after)
