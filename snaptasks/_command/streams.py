"""Write to standard output and standard error.

Decides bytes, encodings, and the output for a terminal. Does not know the texts.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

from .._text import escape
from .files import Unreadable
from .text import printable_json

__all__ = [
    "discard",
    "encoding",
    "has_colors",
    "is_terminal",
    "say",
    "terminal_width",
    "write",
    "write_json",
    "write_lines",
]


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream exists and is a terminal."""
    return stream is not None and stream.isatty()


def terminal_width() -> int | None:
    """Return the columns of the terminal of standard output; None if it is not a terminal."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None


def has_colors() -> bool:
    """Return whether the output has colours: on a terminal that supports them, unless NO_COLOR is set.

    No option forces colours elsewhere, because a pipe is for programs.
    """
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def encoding() -> str:
    """Return the encoding of standard output."""
    return sys.stdout.encoding if sys.stdout is not None else "utf-8"


def write(stream: TextIO | None, data: bytes) -> None:
    """Write all data to a stream.

    Raises:
        Unreadable: the stream is closed.
        OSError: the system refuses to write.
    """
    if stream is None:
        raise Unreadable("standard output is closed")
    # A new writer is buffered and writes everything. The stream's own one may be unbuffered, and write only a part.
    with os.fdopen(stream.fileno(), "wb", closefd=False) as writer:
        writer.write(data)


def write_lines(lines: Iterable[str]) -> None:
    """Write lines, which are safe to print, in the encoding of standard output."""
    write(sys.stdout, "".join(f"{line}\n" for line in lines).encode(encoding(), "backslashreplace"))


def write_json(text: bytes) -> None:
    """Write a JSON text as it is; on a terminal with unsafe characters escaped (W-5)."""
    if is_terminal(sys.stdout):
        text = printable_json(text.decode(), encoding().lower() == "utf-8").encode()
    write(sys.stdout, text)


def say(text: str) -> None:
    """Print a line to standard error, if it is open."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"snaptasks: {escape(text)}", file=sys.stderr, flush=True)


def discard(stream: TextIO) -> None:
    """Redirect a stream to the null device, so that the end of the process does not write its rest again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
