"""Text for people: widths, cuts and escapes (W-5)."""

import sys

import regex
import wcwidth
from hypothesis import given, strategies as st

from snaptasks._command.text import MAX_CELL_WIDTH, MAX_MARKS, Column, printable, printable_json, table, width
from snaptasks._text import escape, is_visible, safe_repr

# Where Unicode itself has changed its mind since the version that the oldest supported Python knows, and characters
# that stand for others or for nothing: trigrams and counting rods, halves of flags, fillers, and two tone marks.
DISPUTED = {
    *range(0x2630, 0x2638), *range(0x268A, 0x2690), *range(0x4DC0, 0x4E00), *range(0x1D300, 0x1D377),
    *range(0x1F1E6, 0x1F200), 0x3164, 0xFFA0,
}  # fmt: skip


def test_widths_are_those_of_a_well_kept_library() -> None:
    """W-5: one character at a time, for every character that this Python can print and that library knows."""
    differing = [
        hex(ord(character))
        for character in map(chr, range(sys.maxunicode + 1))
        if character.isprintable() and ord(character) not in DISPUTED and width(character) != wcwidth.wcwidth(character)
    ]
    assert differing == []


def test_what_unicode_lets_a_font_ignore_is_escaped() -> None:
    """W-5: the Default_Ignorable_Code_Point of a library that knows the properties, and the empty pattern of Braille."""
    ignorable = {*regex.findall(r"\p{Default_Ignorable_Code_Point}", "".join(map(chr, range(sys.maxunicode + 1))))}
    assert len(ignorable) > 4000
    unseen = {c for c in map(chr, range(sys.maxunicode + 1)) if c.isprintable() and not is_visible(c)}
    assert unseen == {c for c in ignorable if c.isprintable()} | {"\u2800"}
    assert not any(map(is_visible, ignorable))
    assert escape("a\u3164\u115f\u2800\ufe0f\U000e0100") == r"a\u3164\u115f\u2800\ufe0f\U000e0100"
    assert safe_repr("\u3164\xad") == r"'\u3164\xad'"


@given(st.text())
def test_printable_text_is_printable(text: str) -> None:
    """W-5: nothing that moves a cursor or turns the direction is left, and what was printable stays."""
    assert escape(text).isprintable()
    assert (text == escape(text)) is is_visible(text)
    assert escape(escape(text)) == escape(text)


cells = st.text(st.characters(codec="utf-8") | st.sampled_from("\u958b\u0308\x1bab"), max_size=30)
COLUMNS = (Column("A", keeps_end=True), Column("FIXED", can_shrink=False), Column("C"))


@given(st.lists(st.tuples(cells, st.sampled_from(["", "12345"]), cells), max_size=4), st.integers(1, 100))
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, ...]], columns: int) -> None:
    """W-5: whatever is in it, and however narrow it is; what fits is not cut."""
    natural = table(COLUMNS, rows, None)
    fitted = table(COLUMNS, rows, columns)
    assert len(natural) == len(fitted) == len(rows) + 1
    assert all(width(line) <= columns for line in fitted)
    assert all(line.isprintable() for line in fitted)
    if all(width(line) <= columns for line in natural):
        assert fitted == natural


def test_cells_are_cut_where_they_tell_least() -> None:
    """W-5: the beginning of an identifier, the end of a text; the widest first, wide characters whole."""
    rows = [("com.example.tasks.list", "1", "\u958b\u767a\u958b\u767a\u958b"), ("short", "2", "x")]
    assert table(COLUMNS, rows, None) == [
        "A                       FIXED  C",
        "com.example.tasks.list  1      \u958b\u767a\u958b\u767a\u958b",
        "short                   2      x",
    ]
    assert table(COLUMNS, rows, 23) == [
        "A        FIXED  C",
        "\u2026s.list  1      \u958b\u767a\u958b\u2026",
        "short    2      x",
    ]
    assert table(COLUMNS, rows, 12) == ["A  FIXED  C", "\u2026  1      \u2026", "\u2026  2      x"]


def test_a_cell_has_a_greatest_width() -> None:
    """W-5: MAX_CELL_WIDTH columns are shown, one more is cut."""
    for size, shown in ((MAX_CELL_WIDTH, "x" * MAX_CELL_WIDTH), (MAX_CELL_WIDTH + 1, "x" * 199 + "\u2026")):
        assert table((Column("C"),), [("x" * size,)], None)[1] == shown


def test_a_tower_of_marks_is_cut() -> None:
    """W-5: MAX_MARKS marks stand on one character; each one more is escaped, takes columns, and is cut with the rest."""
    assert printable("e" + "\u0301" * MAX_MARKS + "e") == "e" + "\u0301" * MAX_MARKS + "e"
    assert printable("e" + "\u0301" * (MAX_MARKS + 2)) == "e" + "\u0301" * MAX_MARKS + r"\u0301\u0301"
    assert printable("\u1161" * (MAX_MARKS + 1)).endswith(r"\u1161")
    for keeps_end in (False, True):
        for text in ("e" + "\u0301" * 1_000_000, "e\u0301" * 1_000_000, "\u0301" * 1_000_000):
            (_, cell) = table((Column("C", keeps_end=keeps_end),), [(text,)], None)
            assert width(cell) == MAX_CELL_WIDTH
            assert len(cell) <= MAX_CELL_WIDTH * (MAX_MARKS + 1)
            assert "\u2026" in {cell[0], cell[-1]}


def test_a_colour_changes_no_column() -> None:
    """W-5: it stands around a whole cell, and in a line that fits."""
    columns = (Column("A"), Column("STATUS", can_shrink=False, colors={"FAILED": 31}), Column("C"))
    rows = [("a", "FAILED", "c"), ("FAILED", "OK", "d")]
    plain = table(columns, rows, None)
    assert table(columns, rows, None, is_colored=True) == [plain[0], "a       \x1b[31mFAILED\x1b[m  c", plain[2]]
    assert table(columns, rows, 8, is_colored=True) == table(columns, rows, 8)


def test_json_stays_the_same_json() -> None:
    """W-5: escapes as JSON has them, for characters beyond 16 bits too."""
    text = '"a\x9b\u202e\u3164\U000e0041\u00e4"\n'
    assert printable_json(text, is_unicode=True) == '"a\\u009b\\u202e\\u3164\\udb40\\udc41\u00e4"\n'
    assert printable_json(text, is_unicode=False) == '"a\\u009b\\u202e\\u3164\\udb40\\udc41\\u00e4"\n'
