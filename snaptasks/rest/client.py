"""Read responses: a response in, a value or a typed error out (W-4).

Decides how much of a response is read, and which error reports an unreadable one. Does not know the request.
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

# The statuses that HTTP can carry: any three digits, because some servers use all of them.
_STATUSES: Final = range(1000)

# Bytes of a body of status 200, inclusive; past it nothing of the body is read (W-4). It holds eighteen full listings
# of 1000 tasks of the real service. To refuse the worst body of this length takes about 12 s, or 2.2 GB.
MAX_BODY_LENGTH: Final = 2**24

# Bytes of a body of any other status, inclusive; past it nothing of the body is read (W-4). An error is a few messages.
MAX_ERROR_LENGTH: Final = 2**20


def read_list(status: int, headers: Headers, body: bytes | bytearray | str) -> ListResult:
    """Return the listing that a response carries: only for status 200 and a body within MAX_BODY_LENGTH bytes (W-4).

    Args:
        status: The HTTP status.
        headers: Pairs or a mapping, of text or bytes.
        body: The body, of at most MAX_BODY_LENGTH bytes; of at most MAX_ERROR_LENGTH bytes if the status is not 200.

    Raises:
        Error: The typed error of the body, in today's form or an older one (E-3, E-10). If the body cannot be read, an
            Error that says why. If all or a part of it cannot be read, the cause is the InvalidValue. The error has the
            `received_status` and the `retry_after` of the response (E-4, E-8).
        TypeError: The status is not an int, a header is not a pair of texts, or the body is not bytes, a bytearray or str.
        ValueError: The status is outside 0 to 999.
    """
    return _read(ListResult, status, headers, body)


def read_info(status: int, headers: Headers, body: bytes | bytearray | str) -> Info:
    """Return the state of a task that a response carries; the arguments and errors are those of read_list (W-4)."""
    return _read(Info, status, headers, body)


def _read(kind: type[_V], status: int, headers: Headers, body: bytes | bytearray | str) -> _V:
    if not isinstance(status, int):
        raise TypeError(f"status must be an int, not {type(status).__name__}")
    if status not in _STATUSES:
        raise ValueError(f"status must be between 0 and 999, not {safe_repr(status)}")
    pairs = header_pairs(headers)
    if not isinstance(body, bytes | bytearray | str):
        raise TypeError(f"body must be bytes or str, not {type(body).__name__}")
    is_success = status == 200  # noqa: PLR2004 - W-4: exactly
    at_most = MAX_BODY_LENGTH if is_success else MAX_ERROR_LENGTH
    if _length(body, at_most) > at_most:
        rule = f"a body of status {status} must have at most {at_most} bytes"
        too_long = InvalidValue(kind.__name__, [Violation("", "", rule, "too_long", "W-4")])
        raise _received(_unreadable(status, too_long), status, pairs) from too_long
    if isinstance(body, bytearray):
        body = bytes(body)  # so that an error quotes it like bytes
    try:
        if is_success:
            return kind.from_json(body)
        value, why = read_error(body)
    except InvalidValue as invalid:
        raise _received(_unreadable(status, invalid, body), status, pairs) from invalid
    raise _received(_challenged(value, pairs), status, pairs) from why


def _length(body: bytes | bytearray | str, at_most: int) -> int:
    """Return the length in bytes; of a text with more than at_most characters their number, which is enough."""
    if isinstance(body, str) and len(body) <= at_most:
        return len(body.encode(errors="surrogatepass"))
    return len(body)


def _challenged(error: ErrorValue, headers: Pairs) -> ErrorValue:
    """Return the error, with the challenge of the headers if its body has none and its type can have one (W-2)."""
    challenge = header(headers, "www-authenticate")
    if challenge is None or error.challenge is not None:
        return error
    try:
        return error.evolve(challenge=challenge)
    except ValidationError:  # another type of error, or a control character
        return error


def _unreadable(status: int, invalid: InvalidValue, body: bytes | str = b"") -> ErrorValue:
    """Return an error with the reason for an unreadable body, and with its beginning if it is not an error's (W-4)."""
    first = invalid.violations[0]
    why = str(first)
    if first.code in {"not_json", NOT_AN_ERROR}:
        why += f"; it begins with {safe_repr(body[:MAX_EXCERPT])}" if body.strip() else "; it is empty"
    message = sent("unreadable_response", str(status), invalid.kind, why)
    return ErrorValue(messages=(message,), error_type=ErrorType.ERROR)


def _received(value: ErrorValue, status: int, headers: Pairs) -> Error:
    """Return the exception of an error, with the received status and Retry-After (E-4, E-8)."""
    retry_after = read_retry_after(field for name, field in headers if name == "retry-after")
    return Error.from_value(value, received_status=status, retry_after=retry_after)
