"""Where the command line reads from: a file or standard input, up to a bound."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from .._value.violations import InvalidValue, Violation
from ..rest import MAX_BODY_LENGTH

__all__ = ["Unreadable", "read"]


class Unreadable(Exception):
    """A file or stream that the system refuses; its text says why."""


def read(file: str | None) -> bytes:
    """What a file holds; standard input for `-`, and for None where something is piped into it.

    Raises Unreadable where the system does not give it, InvalidValue where it is larger than MAX_BODY_LENGTH (W-4).
    """
    if file is None and sys.stdin is not None and sys.stdin.isatty():
        raise Unreadable("name a FILE, or pipe a response body in")
    name = "standard input" if file in {None, "-"} else file
    try:
        text = _read_at_most(MAX_BODY_LENGTH + 1, None if file == "-" else file)
    except (OSError, ValueError) as error:  # ValueError: a path that no system can have
        raise Unreadable(f"{name}: {getattr(error, 'strerror', None) or error}") from error
    if len(text) > MAX_BODY_LENGTH:
        rule = f"a file must have at most {MAX_BODY_LENGTH} bytes"
        raise InvalidValue("file", [Violation("", f"at least {len(text)}", rule, "too_long", "W-4")])
    return text


def _read_at_most(size: int, file: str | None) -> bytes:
    if file is not None:
        with Path(file).open("rb") as stream:
            return stream.read(size)
    if sys.stdin is None:
        raise Unreadable("standard input is closed")
    text = bytearray()
    while len(text) < size:
        try:
            part = os.read(sys.stdin.fileno(), size - len(text))
        except BlockingIOError:  # somebody else has made the pipe so: wait, as if it were not
            select.select([sys.stdin], [], [])
            continue
        if not part:
            break
        text += part
    return bytes(text)
