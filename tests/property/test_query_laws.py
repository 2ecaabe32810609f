"""The laws of query strings (Q), against a second implementation and the standard library."""

from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlencode

from hypothesis import given, strategies as st

from snaptasks import (
    ArgumentLocations,
    FilterSpec,
    InvalidArgument,
    UnexpectedInput,
    format_filter,
    parse_filter,
)
from snaptasks._text import escape, truncate
from tests.naive import FIELDS, naive_query
from tests.strategies import filters, names

anything = st.text(min_size=1, max_size=6)
specs = filters() | filters(anything)

# What a hostile query is made of: names, separators, whole and broken escapes, halves of characters.
NAMES = ["tasks", "users", "status", "FAILED", "RUNNING", "a", "\u00e4", "\0", " "]
MARKS = ["=", "&", "+", ",", ";", "\\", "\\x41", "%", "%4", "%zz"]
ESCAPES = ["%41", "%26", "%3D", "%3d", "%25", "%2B", "%5C", "%C3", "%A4", "%c3%a4", "%ff", "%73", "%00"]
pieces = st.sampled_from([*NAMES, *MARKS, *ESCAPES])
hostile = st.lists(pieces | anything, max_size=12).map("".join)
likely = st.lists(st.tuples(st.sampled_from(FIELDS), st.lists(pieces, max_size=4)), max_size=4).map(
    lambda pairs: "&".join(f"{name}={''.join(parts)}" for name, parts in pairs)
)


def shown(expected: dict[str, set[str]] | tuple[str, str]) -> dict[str, set[str]] | tuple[str, str]:
    """What is expected, with the name of a field as a message repeats it (W-5)."""
    return (expected[0], truncate(escape(expected[1]))) if isinstance(expected, tuple) else expected


def outcome(query: str | bytes) -> dict[str, set[str]] | tuple[str, str]:
    try:
        spec = parse_filter(query)
    except (InvalidArgument, UnexpectedInput) as error:
        locations = error.data_as(ArgumentLocations)
        assert locations is not None
        return error.error_type.value, locations.primary
    return {field: {*map(str, getattr(spec, field))} for field in FIELDS if getattr(spec, field)}


@given(hostile | likely)
def test_a_query_is_what_the_second_implementation_reads(query: str) -> None:
    """Q-1, Q-2, Q-3: the same members, or the same error about the same parameter; for text and for bytes."""
    assert outcome(query) == outcome(query.encode()) == shown(naive_query(query.encode()))


@given(st.binary(max_size=40) | st.lists(st.binary(max_size=4), max_size=4).map(b"&users=".join))
def test_any_bytes_have_an_answer(query: bytes) -> None:
    """Q-2: nothing but a filter or one of the two errors comes out of any bytes."""
    assert outcome(query) == shown(naive_query(query))


@given(specs)
def test_round_trip(spec: FilterSpec) -> None:
    """Q-1, V-12: what is formatted is parsed as an equal filter, and nothing in it needs another escape."""
    query = format_filter(spec)
    assert parse_filter(query) == parse_filter(query.encode()) == spec
    assert quote(query, safe="%&=") == query


@given(specs, st.randoms())
def test_order_and_repetition_change_nothing(spec: FilterSpec, random: Any) -> None:
    """Q-2: the pairs of a query are sets."""
    pairs = [pair for pair in format_filter(spec).split("&") if pair] * 2
    random.shuffle(pairs)
    assert parse_filter("&".join(pairs)) == spec


@given(specs)
def test_other_writers_are_read(spec: FilterSpec) -> None:
    """Q-1, Q-3: what the standard library writes, in both of its styles, and what it reads itself."""
    tree = {field: sorted(getattr(spec, field)) for field in FIELDS}
    pairs = [(field, str(member)) for field, members in tree.items() for member in members]
    for style in (quote, quote_plus):
        assert parse_filter(urlencode(pairs, quote_via=style)) == spec
    assert parse_filter(pairs) == spec
    assert parse_qs(format_filter(spec)) == {field: [*map(str, members)] for field, members in tree.items() if members}


@given(specs, names)
def test_a_comma_never_separates(spec: FilterSpec, name: str) -> None:
    """Q-3: a value with a comma or a semicolon is one member."""
    for mark in ",;":
        assert parse_filter(f"tasks={quote(name)}{mark}{quote(name)}").tasks == {f"{name}{mark}{name}"}
