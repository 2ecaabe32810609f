"""Where the command line writes to: standard output and standard error, as the system gives or refuses them.

Decides bytes, encodings, and what a terminal gets. Knows nothing of what is written.
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
    """Whether a stream is there, and is a terminal."""
    return stream is not None and stream.isatty()


def terminal_width() -> int | None:
    """The columns of the terminal that gets the output; None where it is none."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None


def has_colors() -> bool:
    """Whether the output has colours: on a terminal that can, unless the user asks for none.

    Nothing forces them elsewhere, because what goes into a pipe is for programs.
    """
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def encoding() -> str:
    """The encoding of standard output."""
    return sys.stdout.encoding if sys.stdout is not None else "utf-8"


def write(stream: TextIO | None, data: bytes) -> None:
    """Write all of it. Raises Unreadable where the stream is closed, OSError where the system refuses."""
    if stream is None:
        raise Unreadable("standard output is closed")
    # A writer of its own: one that is unbuffered may write a part alone, and call it a day.
    with os.fdopen(stream.fileno(), "wb", closefd=False) as writer:
        writer.write(data)


def write_lines(lines: Iterable[str]) -> None:
    """Write lines, which are safe to print, in the encoding of standard output."""
    write(sys.stdout, "".join(f"{line}\n" for line in lines).encode(encoding(), "backslashreplace"))


def write_json(text: bytes) -> None:
    """Write a JSON text: as it is, and so that it is safe to read on a terminal (W-5)."""
    if is_terminal(sys.stdout):
        text = printable_json(text.decode(), encoding().lower() == "utf-8").encode()
    write(sys.stdout, text)


def say(text: str) -> None:
    """A line on standard error, where there is one."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"snaptasks: {escape(text)}", file=sys.stderr, flush=True)


def discard(stream: TextIO) -> None:
    """Send the rest of a stream nowhere, so that the end of the process does not try to write it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
