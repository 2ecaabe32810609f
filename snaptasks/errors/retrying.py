"""Decide whether and when a client may try again (E-8).

Decides whether the type, the data and the status of an error allow another attempt, and how Retry-After is read.
Does not know exceptions, messages or connections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from .names import ErrorTypeName

__all__ = ["Received", "RetryAfter", "may_retry", "read_retry_after"]

# The time to wait, or the instant of the next attempt.
RetryAfter: TypeAlias = timedelta | datetime

# The errors and the HTTP statuses after which another attempt may succeed, unless the data says otherwise (E-8).
_TYPES: Final[frozenset[ErrorTypeName]] = frozenset({"SERVICE_UNAVAILABLE", "TIMED_OUT", "RESOURCE_BUSY"})
_STATUSES: Final = frozenset({429, 502, 503, 504})

# Digits of the seconds in a Retry-After, inclusive: 31 years. A longer number is read as the largest of 9 digits,
# because no client waits longer.
_MAX_DIGITS: Final = 9

# Characters of a date in a Retry-After, inclusive; the longest date of HTTP has 33. A longer one is ignored.
_MAX_DATE_LENGTH: Final = 64


class Received(NamedTuple):
    """Hold the metadata that a client received together with an error."""

    status: int | None = None
    retry_after: RetryAfter | None = None


def may_retry(is_transient: bool | None, error_type: str, status: int | None) -> bool:
    """Decide whether another attempt may succeed: by the data, else by the type and the status (E-8).

    Args:
        is_transient: The flag in the data; None if the data has no such flag.
        error_type: The type of the error.
        status: The received HTTP status; None if there is none.
    """
    return is_transient if is_transient is not None else error_type in _TYPES or status in _STATUSES


def read_retry_after(values: Iterable[str]) -> RetryAfter | None:
    """Return the first Retry-After that is a number of seconds or a date of HTTP; None if there is none (E-8)."""
    return next((read for value in values if (read := _read(value.strip(" \t"))) is not None), None)


def _read(value: str) -> RetryAfter | None:
    if seconds := re.match("([0-9]+)[ \t]*(?:,|$)", value):  # the first of several, which a client library may join
        digits = seconds[1].lstrip("0") or "0"
        return timedelta(seconds=int(digits if len(digits) <= _MAX_DIGITS else "9" * _MAX_DIGITS))
    if len(value) > _MAX_DATE_LENGTH:
        return None
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow to import, and few responses need it

    try:
        read = parsedate_to_datetime(value)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser raises all of these for invalid dates
        return None
