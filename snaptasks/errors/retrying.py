"""Whether and when a client may try again (E-8).

Decides what the type, the data and the status of an error say of another attempt, and how Retry-After is read.
Does not know exceptions, messages and connections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from .names import ErrorTypeName

__all__ = ["Received", "RetryAfter", "may_retry", "read_retry_after"]

# How long to wait, or until when.
RetryAfter: TypeAlias = timedelta | datetime

# Where the data says nothing, another attempt may succeed after these errors, and after these HTTP statuses (E-8).
_TYPES: Final[frozenset[ErrorTypeName]] = frozenset({"SERVICE_UNAVAILABLE", "TIMED_OUT", "RESOURCE_BUSY"})
_STATUSES: Final = frozenset({429, 502, 503, 504})

# Digits of the seconds in a Retry-After, inclusive: 31 years. More are read as that, because no client waits longer.
_MAX_DIGITS: Final = 9

# Characters of a date in a Retry-After, inclusive; the longest of HTTP has 33. A longer one is not read.
_MAX_DATE_LENGTH: Final = 64


class Received(NamedTuple):
    """What came with an error beside its value."""

    status: int | None = None
    retry_after: RetryAfter | None = None


def may_retry(is_transient: bool | None, error_type: str, status: int | None) -> bool:
    """Decide whether another attempt may succeed: by what the data says, else by the type and the status (E-8)."""
    return is_transient if is_transient is not None else error_type in _TYPES or status in _STATUSES


def read_retry_after(values: Iterable[str]) -> RetryAfter | None:
    """Read the first Retry-After that is a number of seconds or a date of HTTP; None where there is none (E-8)."""
    return next((read for value in values if (read := _read(value.strip(" \t"))) is not None), None)


def _read(value: str) -> RetryAfter | None:
    if seconds := re.match("([0-9]+)[ \t]*(?:,|$)", value):  # of several that a client library has joined the first
        digits = seconds[1].lstrip("0") or "0"
        return timedelta(seconds=int(digits if len(digits) <= _MAX_DIGITS else "9" * _MAX_DIGITS))
    if len(value) > _MAX_DATE_LENGTH:
        return None
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow to import, and few responses need it

    try:
        read = parsedate_to_datetime(value)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # what the parser raises for what is not a date
        return None
