"""Text for people: bounded, and safe to print (W-5).

Decides how much of a value, a path or a type a message repeats, and what is escaped in it.
Knows nothing of rules, fields and values.
"""

from __future__ import annotations

import inspect
import re
import reprlib
from collections.abc import Iterable
from typing import Final

__all__ = ["MAX_SHOWN", "escape", "format_path", "has_control", "safe_repr", "truncate", "type_name"]

# Characters of an offending value, and of one step of a path, that a message repeats, inclusive. Longer text is cut
# and ends in an ellipsis. Every identifier of the real service fits, and so does one line of a terminal.
MAX_SHOWN: Final = 100

_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_bounded: Final = reprlib.Repr()
_bounded.maxstring = _bounded.maxother = _bounded.maxlong = MAX_SHOWN


def truncate(text: str) -> str:
    """Cut a text to MAX_SHOWN characters; a cut one ends in an ellipsis."""
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + _ELLIPSIS


def escape(text: str) -> str:
    """Escape control, bidirectional and other invisible characters (W-5)."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def has_control(text: str) -> bool:
    """Find out whether a text has a control character, which could end the header that carries it."""
    return _CONTROL.search(text) is not None


def safe_repr(value: object) -> str:
    """Return a repr of at most MAX_SHOWN characters that is safe to print (W-5)."""
    try:
        return truncate(_bounded.repr(value))
    except ValueError:  # an integer of more digits than the interpreter is willing to print
        return f"<{type(value).__name__}>"


def format_path(location: Iterable[object]) -> str:
    """Join the steps of a location with dots; each step is bounded and safe to print, because it can be any key."""
    return ".".join(truncate(escape(step)) if isinstance(step, str) else safe_repr(step) for step in location)


def type_name(value: object) -> str:
    """Name the type of a value whose contents may be secret; close a coroutine, because no one will await it."""
    if inspect.iscoroutine(value):
        value.close()
        return "a coroutine (an async function cannot be used here)"
    return type(value).__name__
