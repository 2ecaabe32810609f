"""Read a file or standard input, up to a limit.

Decides the limit, and the text of an error of the system. Does not know the content of a file.
"""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from .._value.violations import InvalidValue, Violation
from ..rest import MAX_BODY_LENGTH

__all__ = ["Unreadable", "read"]


class Unreadable(Exception):
    """Report a file, stream or option that cannot be used. The text says why."""


def read(file: str | None) -> bytes:
    """Return the content of a file; of standard input for `-`, and for None if it is not a terminal.

    Raises:
        Unreadable: the system refuses the file, or there is no input.
        InvalidValue: it has more than MAX_BODY_LENGTH bytes (W-4).
    """
    if file is None and sys.stdin is not None and sys.stdin.isatty():
        raise Unreadable("name a FILE, or pipe a response body into standard input")
    name = "standard input" if file in {None, "-"} else file
    try:
        text = _read_at_most(MAX_BODY_LENGTH + 1, None if file == "-" else file)
    except (OSError, ValueError) as error:  # ValueError: no system can have this path
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
        except BlockingIOError:  # another process has made the pipe non-blocking
            select.select([sys.stdin], [], [])
            continue
        if not part:
            break
        text += part
    return bytes(text)
