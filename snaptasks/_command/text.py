"""Format text for people: safe to print, in tables that fit the terminal (W-5).

Decides escapes, widths and columns. Does not know tasks, files and streams.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import accumulate, takewhile
from typing import Final, NamedTuple

from .._text import escape, is_visible

__all__ = ["MAX_CELL_WIDTH", "MAX_MARKS", "Column", "color", "printable", "printable_json", "table", "width"]

# The widest cell, in columns of a terminal, inclusive; a wider cell is cut. All cells of a column are as wide as the
# widest one, so that without a limit one hostile name would widen every row. Identifiers of the real service are
# much shorter.
MAX_CELL_WIDTH: Final = 200

# The most combining marks on one character, inclusive: the tallest syllable of Tibetan has eight. Each further mark is
# escaped, so that it takes columns, and is cut like other text.
MAX_MARKS: Final = 8

# The most characters of a cell that are examined, inclusive: those of MAX_CELL_WIDTH columns, and of one more column,
# which shows that the cell is cut.
_MAX_CELL_LENGTH: Final = (MAX_CELL_WIDTH + 1) * (MAX_MARKS + 1)

# The vowels and final consonants of Hangul, which a terminal draws inside the syllable before them.
_JOINING_JAMO: Final = frozenset(map(chr, [*range(0x1160, 0x1200), *range(0xD7B0, 0xD800)]))

_GAP: Final = "  "
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"


def printable(text: str, encoding: str = "utf-8") -> str:
    """Escape invisible characters, marks past MAX_MARKS, and characters that the encoding lacks (W-5)."""
    text = escape(text)
    if text.isascii():
        return text
    characters, marks = [], 0
    for character in text:
        marks = 0 if _character_width(character) else marks + 1
        characters.append(character if marks <= MAX_MARKS else ascii(character)[1:-1])
    return "".join(characters).encode(encoding, "backslashreplace").decode(encoding)


def printable_json(text: str, is_unicode: bool) -> str:
    """Escape invisible characters of a JSON text as JSON does, so that its meaning stays the same (W-5).

    On a terminal of another encoding than UTF-8, escape all characters outside ASCII, because it would misread UTF-8.
    """
    return "".join(
        c if (is_visible(c) and (is_unicode or c.isascii())) or c == "\n" else json.dumps(c)[1:-1] for c in text
    )


def width(text: str) -> int:
    """Return the columns of a printable text: 0 for a combining mark, 2 for a wide character."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character).startswith("M") or character in _JOINING_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


class Column(NamedTuple):
    """Describe a column: its title, how its cells may be cut, and the colours (SGR parameters) by text of a cell."""

    title: str
    can_shrink: bool = True
    keeps_end: bool = False  # the end of an identifier is more specific than its start
    colors: Mapping[str, int] = {}


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    at_most: int | None,
    encoding: str = "utf-8",
    is_colored: bool = False,
) -> list[str]:
    """Return the lines of a table with aligned columns. Texts are escaped.

    If the lines are too wide, the widest columns that can shrink are cut first. A line that is still too wide is cut,
    and has no colours.

    Args:
        columns: the columns.
        rows: the cells of each row, in the order of the columns.
        at_most: the widest line, in columns of a terminal, inclusive; None for no limit.
        encoding: characters that it lacks are escaped.
        is_colored: whether cells have the colours of their column.
    """

    def looked_at(cell: str, column: Column) -> str:
        part = cell[-_MAX_CELL_LENGTH:] if column.keeps_end else cell[:_MAX_CELL_LENGTH]
        return printable(part, encoding)

    mark = _ELLIPSIS if printable(_ELLIPSIS, encoding) == _ELLIPSIS else "~"
    cells = [[column.title for column in columns], *([*map(looked_at, row, columns)] for row in rows)]
    natural = [min(MAX_CELL_WIDTH, max(map(width, column))) for column in zip(*cells, strict=True)]
    widths = natural if at_most is None else _fitted(columns, natural, at_most - len(_GAP) * (len(columns) - 1))
    lines = []
    for row in cells:
        fitted = [
            _padded(_cut(cell, fitting, column.keeps_end, mark), fitting)
            for cell, fitting, column in zip(row, widths, columns, strict=True)
        ]
        line = _GAP.join(fitted).rstrip()
        if at_most is not None and width(line) > at_most:
            line = _cut(line, at_most, keeps_end=False, mark=mark)
        elif is_colored:
            cells_of_line = zip(fitted, row, columns, strict=True)
            line = _GAP.join(color(part, cell, column.colors) for part, cell, column in cells_of_line).rstrip()
        lines.append(line)
    return lines


def color(text: str, cell: str, colors: Mapping[str, int]) -> str:
    """Return the text with the cell in it in its colour."""
    return text.replace(cell, f"\x1b[{colors[cell]}m{cell}\x1b[m", 1) if cell in colors else text


def _fitted(columns: Sequence[Column], natural: Sequence[int], room: int) -> list[int]:
    """Return the widths of columns that share the room: those that can shrink are cut to the same width."""

    def at(level: int) -> list[int]:
        return [min(own, level) if column.can_shrink else own for own, column in zip(natural, columns, strict=True)]

    level = MAX_CELL_WIDTH
    while level > 1 and sum(at(level)) > room:
        level -= 1
    return at(level)


def _padded(text: str, fitting: int) -> str:
    return text + " " * (fitting - width(text))


def _cut(text: str, fitting: int, keeps_end: bool, mark: str) -> str:
    """Return the text if it fits, else as much of its end or start as fits beside a mark of one column."""
    if width(text) <= fitting:
        return text
    widths = accumulate(map(_character_width, reversed(text) if keeps_end else text))
    count = sum(1 for _ in takewhile(lambda so_far: so_far < fitting, widths))
    return mark + text[len(text) - count :] if keeps_end else text[:count] + mark
