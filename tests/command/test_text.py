"""Test the widths, cuts and escapes of text for people (W-5)."""

import sys

import regex
import wcwidth
from hypothesis import given, strategies as st

from snaptasks._command.text import MAX_CELL_WIDTH, MAX_MARKS, Column, printable, printable_json, table, width
from snaptasks._text import escape, is_visible, safe_repr

# Characters whose width Unicode has changed since the version of the oldest supported Python, and placeholders:
# trigrams and counting rods, halves of flags, fillers, and two tone marks.
DISPUTED = {
    *range(0x2630, 0x2638), *range(0x268A, 0x2690), *range(0x4DC0, 0x4E00), *range(0x1D300, 0x1D377),
    *range(0x1F1E6, 0x1F200), 0x3164, 0xFFA0,
}  # fmt: skip


def test_width_of_every_printable_character_matches_wcwidth() -> None:
    """W-5: Compare every character that this Python can print, except the disputed ones."""
    differing = [
        hex(ord(character))
        for character in map(chr, range(sys.maxunicode + 1))
        if character.isprintable() and ord(character) not in DISPUTED and width(character) != wcwidth.wcwidth(character)
    ]
    assert differing == []


def test_escape_replaces_every_ignorable_character() -> None:
    """W-5: Escape each Default_Ignorable_Code_Point of the regex library, and the empty pattern of Braille."""
    ignorable = {*regex.findall(r"\p{Default_Ignorable_Code_Point}", "".join(map(chr, range(sys.maxunicode + 1))))}
    assert len(ignorable) > 4000
    unseen = {c for c in map(chr, range(sys.maxunicode + 1)) if c.isprintable() and not is_visible(c)}
    assert unseen == {c for c in ignorable if c.isprintable()} | {"\u2800"}
    assert not any(map(is_visible, ignorable))
    assert escape("a\u3164\u115f\u2800\ufe0f\U000e0100") == r"a\u3164\u115f\u2800\ufe0f\U000e0100"
    assert safe_repr("\u3164\xad") == r"'\u3164\xad'"


@given(st.text())
def test_escape_of_any_text_returns_printable_text(text: str) -> None:
    """W-5: Escape every character that moves the cursor or turns the direction, and keep printable text."""
    assert escape(text).isprintable()
    assert (text == escape(text)) is is_visible(text)
    assert escape(escape(text)) == escape(text)


cells = st.text(st.characters(codec="utf-8") | st.sampled_from("\u958b\u0308\x1bab"), max_size=30)
COLUMNS = (Column("A", keeps_end=True), Column("FIXED", can_shrink=False), Column("C"))


@given(st.lists(st.tuples(cells, st.sampled_from(["", "12345"]), cells), max_size=4), st.integers(1, 100))
def test_table_of_any_rows_is_never_wider_than_the_terminal(rows: list[tuple[str, ...]], columns: int) -> None:
    """W-5: Do not cut a table that fits."""
    natural = table(COLUMNS, rows, None)
    fitted = table(COLUMNS, rows, columns)
    assert len(natural) == len(fitted) == len(rows) + 1
    assert all(width(line) <= columns for line in fitted)
    assert all(line.isprintable() for line in fitted)
    if all(width(line) <= columns for line in natural):
        assert fitted == natural


def test_table_cuts_identifiers_at_the_beginning_and_texts_at_the_end() -> None:
    """W-5: Cut the widest column first, and never half of a wide character."""
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


def test_table_with_cell_past_the_maximum_width_cuts_it() -> None:
    """W-5: Show MAX_CELL_WIDTH columns."""
    for size, expected in ((MAX_CELL_WIDTH, "x" * MAX_CELL_WIDTH), (MAX_CELL_WIDTH + 1, "x" * 199 + "\u2026")):
        assert table((Column("C"),), [("x" * size,)], None)[1] == expected


def test_printable_with_many_combining_marks_escapes_the_rest() -> None:
    """W-5: Keep MAX_MARKS marks on one character; each further mark is escaped, takes columns and may be cut."""
    assert printable("e" + "\u0301" * MAX_MARKS + "e") == "e" + "\u0301" * MAX_MARKS + "e"
    assert printable("e" + "\u0301" * (MAX_MARKS + 2)) == "e" + "\u0301" * MAX_MARKS + r"\u0301\u0301"
    assert printable("\u1161" * (MAX_MARKS + 1)).endswith(r"\u1161")
    for keeps_end in (False, True):
        for text in ("e" + "\u0301" * 1_000_000, "e\u0301" * 1_000_000, "\u0301" * 1_000_000):
            (_, cell) = table((Column("C", keeps_end=keeps_end),), [(text,)], None)
            assert width(cell) == MAX_CELL_WIDTH
            assert len(cell) <= MAX_CELL_WIDTH * (MAX_MARKS + 1)
            assert "\u2026" in {cell[0], cell[-1]}


def test_table_with_colours_keeps_its_columns() -> None:
    """W-5: Colour only a whole cell in a line that fits."""
    columns = (Column("A"), Column("STATUS", can_shrink=False, colors={"FAILED": 31}), Column("C"))
    rows = [("a", "FAILED", "c"), ("FAILED", "OK", "d")]
    plain = table(columns, rows, None)
    assert table(columns, rows, None, is_colored=True) == [plain[0], "a       \x1b[31mFAILED\x1b[m  c", plain[2]]
    assert table(columns, rows, 8, is_colored=True) == table(columns, rows, 8)


def test_printable_json_keeps_the_value() -> None:
    """W-5: Use the escapes of JSON, also for characters beyond 16 bits."""
    text = '"a\x9b\u202e\u3164\U000e0041\u00e4"\n'
    assert printable_json(text, is_unicode=True) == '"a\\u009b\\u202e\\u3164\\udb40\\udc41\u00e4"\n'
    assert printable_json(text, is_unicode=False) == '"a\\u009b\\u202e\\u3164\\udb40\\udc41\\u00e4"\n'
