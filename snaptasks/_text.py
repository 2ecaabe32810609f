"""Write text for people: bounded, and safe to print (W-5).

Decides how much of a value, a path or a type a message repeats, and which characters are escaped.
Does not know rules, fields or values.
"""

from __future__ import annotations

import inspect
import re
import reprlib
from collections.abc import Iterable
from typing import Final

__all__ = [
    "MAX_EXCERPT",
    "escape",
    "format_path",
    "has_control",
    "is_visible",
    "safe_repr",
    "truncate",
    "type_name",
]

# Characters of an offending value, and of one step of a path, that a message repeats, inclusive. Longer text is cut
# and ends in an ellipsis. Every identifier of the real service fits in it, and so does one line of a terminal.
MAX_EXCERPT: Final = 100

_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"

# Characters that no font shows, as inclusive ranges: Default_Ignorable_Code_Point of Unicode 16.0
# (DerivedCoreProperties.txt), and U+2800, the empty pattern of Braille. Python calls some of them printable. A name
# with one of them looks like another name.
_INVISIBLE: Final = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_invisible: Final = re.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _INVISIBLE)}]")

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_bounded: Final = reprlib.Repr()
_bounded.maxstring = _bounded.maxother = _bounded.maxlong = MAX_EXCERPT


def truncate(text: str) -> str:
    """Cut a text to MAX_EXCERPT characters; a cut text ends in an ellipsis."""
    return text if len(text) <= MAX_EXCERPT else text[: MAX_EXCERPT - 1] + _ELLIPSIS


def is_visible(text: str) -> bool:
    """Return whether a text has no control, bidirectional or other invisible character (W-5)."""
    return text.isprintable() and (text.isascii() or _invisible.search(text) is None)


def escape(text: str) -> str:
    """Escape control, bidirectional and other invisible characters (W-5)."""
    return text if is_visible(text) else "".join(c if is_visible(c) else ascii(c)[1:-1] for c in text)


def has_control(text: str) -> bool:
    """Return whether a text has a control character, which could end the header that carries it."""
    return _CONTROL.search(text) is not None


def safe_repr(value: object) -> str:
    """Return a repr of at most MAX_EXCERPT characters that is safe to print (W-5)."""
    try:
        return truncate(escape(_bounded.repr(value)))
    except ValueError:  # an integer has more digits than the interpreter prints
        return f"<{type(value).__name__}>"


def format_path(location: Iterable[object]) -> str:
    """Join the steps of a location with dots. Bound and escape each step, because it can be any key."""
    # Escape only the start of a step: below one key of 4 MiB, 100 violations took 47 s in place of 0.1 s (V-13).
    return ".".join(
        truncate(escape(step[: MAX_EXCERPT + 1])) if isinstance(step, str) else safe_repr(step) for step in location
    )


def type_name(value: object) -> str:
    """Return the name of a value's type, because its contents may be secret. Close a coroutine: no one awaits it."""
    if inspect.iscoroutine(value):
        value.close()
        return "a coroutine (an async function cannot be used here)"
    return type(value).__name__
