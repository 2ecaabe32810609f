"""List names that faulty implementations confuse.

Decides which names are drawn together. Does not know tasks and filters.
"""

from __future__ import annotations

from typing import Final

__all__ = ["FAMILIES", "LONG", "NEVER_STORED", "PLAIN", "USERS"]

PLAIN: Final = ("a", "b", "c", "0")

# Each family has several pairs of names that one kind of mistake confuses; names of two families differ, too. All
# families are drawn equally often, so that a mistake with few pairs has a family of its own.
FAMILIES: Final = (
    ("A", "B", "aB", "AB", "ab", "Ab"),  # folding of ASCII
    ("\u00e4", "\u00c4", "\u00df", "\u1e9e", "ss", "SS", "a\u00df", "ass", "\u00dfb", "ssb"),  # folding of others
    ("i", "I", "\u0130", "\u0131", "i\u0307"),  # folding with the rules of a language
    ("k", "K", "\u212a", "\u03c3", "\u03c2", "\u03a3", "s", "\u017f"),  # characters that fold to one
    ("\u00e4", "a\u0308", "\u00c5", "\u212b", "A\u030a", "\uac00", "\u1100\u1161"),  # normal forms
    ("\ufb01", "fi", "\uff41", "\u00b2", "2", "\u2126", "\u03a9"),  # compatibility
    ("e", "\u00e9", "\u00e8", "\u00ea", "o", "\u00f8", "\u00f6"),  # accents that a collation passes over
    (" a", "  a", "\ta", "a\t", "\u00a0a", "a\u3000", "a\u00a0"),  # trimming
    ("a ", "a  ", "b ", "b  ", "c ", "0 "),  # padding
    ("a\n", "a\r\n", "a\r", "b\r\n", "b\n", "b\r", "\n", "\r\n"),  # ends of lines
    ("a\u200b", "\u200ba", "a\u00ad", "\ufeffa", "a\u200d", "a\ufe0f", "\u202ea", "a\u0301"),  # invisible characters
    ("\u0430", "\u03b1", "\uff41", "\u0251", "\u0435", "e"),  # other alphabets
    ("\U0001f600", "\uf600", "\U0001f601", "\uf601", "\U00010061", "\U00020061"),  # 16 bits of a character
    (
        "\U0001f600",
        "\U0001f601",
        "\U0001f64f",
        "a\U0001f602",
        "a\U0001f603",
        "\U0001f602b",
        "\U0001f603b",
    ),  # one half of a pair
    ("\U0001f600", "\U0001f64f", "?", "\ufffd", "\U0001f600\U0001f600", "??"),  # characters that a store replaces
    ("\u0161", "\u0261", "\u0162", "\U00010161"),  # 8 bits of a character
    ("\ue000", "\uffff", "\U00010000", "\U0010ffff", "\ud7ff"),  # ends of the planes
    ("a_b", "axb", "a%b", "a__b", "a_", "_", "%"),  # wildcards of SQL
    ("a*b", "a.b", "a?b", "[a]b", ".*", "*", "a+", "aa", "a|b", "^a$"),  # patterns
    ("1", "01", "1.0", "+1", "1e0", "0x1", "1_0", "10", "1.00"),  # numbers as text
    ("1", "\u0661", "\uff11", "2", "\u0662", "\uff12", "12", "\u0661\u0662", "\u00b2"),  # digits of other scripts
    (
        "9007199254740993",
        "9007199254740992",
        "9007199254740993.0",
        "18446744073709551617",
        "18446744073709551616",
    ),  # large numbers
    ("1e16", "10000000000000000", "9007199254740994", "9007199254740995", "9007199254740996"),  # other large numbers
    ("null", "None", "undefined", "true", "True", "nan", "NaN", "-0", "00"),  # words of languages
    ("a,b", "a;b", "a b", "a+b", "a|c", "a\tb"),  # separators
    ("'", '"', "a'b", 'a"b', "\\", "a\\b", "' OR '1'='1", "`a`", "a''b"),  # quotes
    ("a/b", "a//b", "a/", "/a", "a\\/b", "a:b", "a#b", "a?b"),  # paths
    ("a%62", "%", "%25", "%61", "a&b", "a=b", "&amp;", "&", "\\u0061"),  # escapes
    ("aa", "aaa", "aaaa", "ab", "ba", "abc", "bc"),  # beginnings, ends and parts
)

# Users with domains, and users that seem to be special.
USERS: Final = (
    "CORP\\ops", "ops", "corp\\ops", "Corp\\ops", "OTHER\\ops", "CORP\\OPS", "CORP/ops", "ops@corp", "ops@CORP", "ops@Corp", "ops@other",
    "system", "root", "everyone",
)  # fmt: skip

# Names that differ only at the end, only at the start, or only in length: cutting names confuses them.
LONG: Final = tuple(
    (f"{'x' * length}a", f"{'x' * length}b", "x" * length, f"y{'x' * (length - 1)}a")
    for length in (256, 300, 255, 128, 64)
)

# Names that only filters have, because not every store can hold them.
NEVER_STORED: Final = ("a\u0000", "a\u0000b", "\u0000", "b\u0000c")
