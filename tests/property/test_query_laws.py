"""Test the laws of query strings (Q) against a second implementation and the standard library."""

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

# Parts of a hostile query: names, separators, whole and broken escapes, halves of characters.
NAMES = ["tasks", "users", "status", "FAILED", "RUNNING", "a", "\u00e4", "\0", " "]
MARKS = ["=", "&", "+", ",", ";", "\\", "\\x41", "%", "%4", "%zz"]
ESCAPES = ["%41", "%26", "%3D", "%3d", "%25", "%2B", "%5C", "%C3", "%A4", "%c3%a4", "%ff", "%73", "%00"]
pieces = st.sampled_from([*NAMES, *MARKS, *ESCAPES])
hostile = st.lists(pieces | anything, max_size=12).map("".join)
likely = st.lists(st.tuples(st.sampled_from(FIELDS), st.lists(pieces, max_size=4)), max_size=4).map(
    lambda pairs: "&".join(f"{name}={''.join(parts)}" for name, parts in pairs)
)


def as_reported(expected: dict[str, set[str]] | tuple[str, str]) -> dict[str, set[str]] | tuple[str, str]:
    """Return the expected outcome, with the name of a field as a message repeats it (W-5)."""
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
def test_parse_filter_agrees_with_the_second_implementation(query: str) -> None:
    """Q-1, Q-2, Q-3: Text and bytes give the same members, or the same error about the same parameter."""
    assert outcome(query) == outcome(query.encode()) == as_reported(naive_query(query.encode()))


@given(st.binary(max_size=40) | st.lists(st.binary(max_size=4), max_size=4).map(b"&users=".join))
def test_parse_filter_of_any_bytes_gives_a_filter_or_one_of_two_errors(query: bytes) -> None:
    """Q-2: Each query gives a filter, InvalidArgument or UnexpectedInput."""
    assert outcome(query) == as_reported(naive_query(query))


@given(specs)
def test_format_filter_is_parsed_back_as_an_equal_filter(spec: FilterSpec) -> None:
    """Q-1, V-12: No character of the query needs another escape."""
    query = format_filter(spec)
    assert parse_filter(query) == parse_filter(query.encode()) == spec
    assert quote(query, safe="%&=") == query


@given(specs, st.randoms())
def test_order_and_repetition_of_pairs_change_nothing(spec: FilterSpec, random: Any) -> None:
    """Q-2: The values of a parameter are a set."""
    pairs = [pair for pair in format_filter(spec).split("&") if pair] * 2
    random.shuffle(pairs)
    assert parse_filter("&".join(pairs)) == spec


@given(specs)
def test_parse_filter_reads_the_queries_of_the_standard_library(spec: FilterSpec) -> None:
    """Q-1, Q-3: It writes two styles; it also reads the queries of format_filter."""
    tree = {field: sorted(getattr(spec, field)) for field in FIELDS}
    pairs = [(field, str(member)) for field, members in tree.items() for member in members]
    for style in (quote, quote_plus):
        assert parse_filter(urlencode(pairs, quote_via=style)) == spec
    assert parse_filter(pairs) == spec
    assert parse_qs(format_filter(spec)) == {field: [*map(str, members)] for field, members in tree.items() if members}


@given(specs, names)
def test_comma_or_semicolon_in_a_value_never_separates(spec: FilterSpec, name: str) -> None:
    """Q-3: A value with a comma or a semicolon is one member."""
    for mark in ",;":
        assert parse_filter(f"tasks={quote(name)}{mark}{quote(name)}").tasks == {f"{name}{mark}{name}"}
