"""The client's side: a response in, a value or a typed error out (W-4).

Decided here: what of a response is read, and what an answer is that nobody can read. Not known here: how it was asked
for.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from .._sent import sent
from .._text import MAX_SHOWN, safe_repr
from .._value.model import Value
from .._value.violations import InvalidValue, Violation
from ..errors import Error, ErrorType, ErrorValue
from ..tasks import Info, ListResult
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

    Anything else raises the typed error that the body tells, with `received_status` (E-3, E-4), or an Error that says
    why the body cannot be read (W-4). Then, and where only messages or data cannot be read, its cause is the
    InvalidValue.
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
        raise _unreadable(status, too_long) from too_long
    try:
        if is_success:
            return kind.from_json(body)
        value, why = ErrorValue.from_json(body), None
    except InvalidValue as invalid:
        salvaged = None if is_success else _salvaged(body, invalid)
        if salvaged is None:
            raise _unreadable(status, invalid, body) from invalid
        value, why = salvaged, invalid
    raise Error.from_value(_challenged(value, pairs), received_status=status) from why


def _salvaged(body: bytes | str, invalid: InvalidValue) -> ErrorValue | None:
    """The error without messages or data that cannot be read; None where that does not help (E-3)."""
    try:
        tree = from_json(body)
    except (ValueError, TypeError):  # a TypeError for a str that is not Unicode
        return None
    if not isinstance(tree, dict) or not tree.keys() & {"error_type", "challenge"}:
        return None
    wrong = {violation.path.partition(".")[0] for violation in invalid.violations}
    left_out = wrong & {"data", "messages"} if invalid.is_complete else {"data", "messages"}
    with suppress(InvalidValue):
        return ErrorValue.from_python({name: tree[name] for name in tree if name not in left_out})
    return None


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


def _unreadable(status: int, invalid: InvalidValue, body: bytes | str = b"") -> Error:
    """An error that says why a body cannot be read, and of one that is no JSON how it begins."""
    first = invalid.violations[0]
    why = str(first)
    if first.code == "not_json":
        why += f"; it begins with {safe_repr(body[:MAX_SHOWN])}" if body.strip() else "; it is empty"
    message = sent("unreadable_response", str(status), invalid.kind, why)
    value = ErrorValue(messages=(message,), error_type=ErrorType.ERROR)
    return Error.from_value(value, received_status=status)
