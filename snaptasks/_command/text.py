"""What people read: text that is safe to print, and tables that fit (W-5).

Decided here: escaping, widths and columns. Not known here: tasks, files, streams.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import Final, NamedTuple

from .._text import escape

__all__ = ["MAX_CELL_WIDTH", "Column", "printable_json", "table", "width"]

# Columns of a terminal that one cell takes at most, inclusive, where there is no terminal whose width would tell;
# past it the cell is cut. Every cell of a column is as wide as its widest one, so that without a bound one hostile
# name would blow up every row. No identifier of the real service comes near.
MAX_CELL_WIDTH: Final = 200

# The vowels and finals of Hangul, which are drawn inside the syllable before them.
_JOINING_JAMO: Final = frozenset(map(chr, [*range(0x1160, 0x1200), *range(0xD7B0, 0xD800)]))

_GAP: Final = "  "
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"


def printable_json(text: str, is_unicode: bool) -> str:
    """A JSON text in which the same characters are escaped as JSON has it, so that its meaning stays (W-5).

    On a terminal of another encoding, everything that is not ASCII: it would take bytes of UTF-8 for what they are not.
    """
    return "".join(
        c if (c.isprintable() and (is_unicode or c.isascii())) or c == "\n" else json.dumps(c)[1:-1] for c in text
    )


def width(text: str) -> int:
    """How many columns of a terminal a printable text takes: none for a combining mark, two for a wide character."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character).startswith("M") or character in _JOINING_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


class Column(NamedTuple):
    """A column of a table: its title, and how its cells may be cut."""

    title: str
    can_shrink: bool = True
    keeps_end: bool = False  # the end of an identifier tells more than its beginning


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], at_most: int | None, encoding: str = "utf-8"
) -> list[str]:
    """The lines of a table with aligned columns, each at most so many columns of a terminal wide (None: as needed).

    Text is escaped, also what the encoding does not have. Where the lines are too wide, the widest columns that can
    shrink are cut first.
    """

    def shown(cell: str) -> str:
        return escape(cell).encode(encoding, "backslashreplace").decode(encoding)

    mark = _ELLIPSIS if shown(_ELLIPSIS) == _ELLIPSIS else "~"
    cells = [[column.title for column in columns], *([shown(cell) for cell in row] for row in rows)]
    natural = [min(MAX_CELL_WIDTH, max(map(width, column))) for column in zip(*cells, strict=True)]
    widths = natural if at_most is None else _fitted(columns, natural, at_most - len(_GAP) * (len(columns) - 1))
    lines = []
    for row in cells:
        fitted = (
            _padded(_cut(cell, fitting, column.keeps_end, mark), fitting)
            for cell, fitting, column in zip(row, widths, columns, strict=True)
        )
        line = _GAP.join(fitted).rstrip()
        lines.append(line if at_most is None else _cut(line, at_most, keeps_end=False, mark=mark))
    return lines


def _fitted(columns: Sequence[Column], natural: Sequence[int], room: int) -> list[int]:
    """The widths of columns that share the room: those that can shrink are cut to one and the same level."""

    def at(level: int) -> list[int]:
        return [min(own, level) if column.can_shrink else own for own, column in zip(natural, columns, strict=True)]

    level = MAX_CELL_WIDTH
    while level > 1 and sum(at(level)) > room:
        level -= 1
    return at(level)


def _padded(text: str, fitting: int) -> str:
    return text + " " * (fitting - width(text))


def _cut(text: str, fitting: int, keeps_end: bool, mark: str) -> str:
    """The text where it fits, else as much of its end or beginning as fits beside a mark one column wide."""
    if width(text) <= fitting:
        return text
    widths = accumulate(map(_character_width, reversed(text) if keeps_end else text))
    count = sum(1 for _ in takewhile(lambda so_far: so_far < fitting, widths))
    return mark + text[len(text) - count :] if keeps_end else text[:count] + mark
