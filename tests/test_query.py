"""Test query strings by example (Q-1 to Q-4)."""

import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from snaptasks import (
    MAX_MEMBERS,
    MAX_QUERY_LENGTH,
    MAX_VIOLATIONS,
    ArgumentLocations,
    Error,
    FilterSpec,
    InvalidArgument,
    InvalidValue,
    UnexpectedInput,
    format_filter,
    parse_filter,
)


def parse_error(query: Any) -> Error:
    """Parse a query that is in error, check the cause of the error, and return the error."""
    with pytest.raises((InvalidArgument, UnexpectedInput)) as caught:
        parse_filter(query)
    cause = caught.value.__cause__
    assert isinstance(cause, InvalidValue)
    assert str(caught.value) == str(cause.violations[0])
    assert pickle.loads(pickle.dumps(caught.value)) == caught.value
    return caught.value


def rules(error: Error) -> list[tuple[str, str]]:
    """Return the path and the spec id of each violation in the cause of an error."""
    assert isinstance(error.__cause__, InvalidValue)
    return [(violation.path, violation.spec_id) for violation in error.__cause__.violations]


@pytest.mark.parametrize(
    ("query", "spec"),
    [
        ("", FilterSpec()),
        ("status=FAILED&status=RUNNING", FilterSpec(status={"FAILED", "RUNNING"})),
        (
            "tasks=t&operations=o&services=s&status=PENDING&users=u",
            FilterSpec(tasks={"t"}, operations={"o"}, services={"s"}, status={"PENDING"}, users={"u"}),
        ),
        ("users=CORP%5Cops-team", FilterSpec(users={"CORP\\ops-team"})),
        ("users=CORP%5cops\\x41", FilterSpec(users={"CORP\\ops\\x41"})),
        ("users=%C3%A4&users=%F0%9F%A4%96", FilterSpec(users={"\u00e4", "\U0001f916"})),
        ("users=\u00e4", FilterSpec(users={"\u00e4"})),
        ("task%73=a&%74asks=b", FilterSpec(tasks={"a", "b"})),
        ("tasks=%00&tasks=%2500", FilterSpec(tasks={"\0", "%00"})),
    ],
)
def test_parse_filter_reads_repeated_parameters_named_as_fields(query: str, spec: FilterSpec) -> None:
    """Q-1: Names have no prefix; text and bytes of percent-encoded UTF-8 read the same; an escape may stand anywhere."""
    assert parse_filter(query) == parse_filter(query.encode()) == spec


@pytest.mark.parametrize(
    ("query", "spec"),
    [
        ("&&tasks=a&&tasks=b&", FilterSpec(tasks={"a", "b"})),
        ("&", FilterSpec()),
        ("tasks=a&tasks=a&tasks=%61", FilterSpec(tasks={"a"})),
    ],
)
def test_parse_filter_skips_empty_pairs_and_repeated_members(query: str, spec: FilterSpec) -> None:
    """Q-2: Neither changes the filter."""
    assert parse_filter(query) == spec


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ("tasks=a,b", "a,b"),
        ("tasks=a;tasks=b", "a;tasks=b"),
        ("tasks=a+b", "a b"),
        ("tasks=a%2Bb", "a+b"),
        ("tasks=a%20b", "a b"),
        ("tasks=a=b", "a=b"),
        ("tasks==", "="),
        ("tasks=a%3Db%26c", "a=b&c"),
        ("tasks=+", " "),
    ],
)
def test_parse_filter_reads_one_value_as_one_member(query: str, member: str) -> None:
    """Q-3: Only & and the first = separate; + is a space, as in forms."""
    assert parse_filter(query) == FilterSpec(tasks={member})


@pytest.mark.parametrize(
    "query", ["statuz=FAILED", "filter.status=FAILED", "Status=FAILED", "?status=FAILED", "=", "%0A"]
)
def test_parse_filter_with_unknown_parameter_raises_unexpected_input(query: str) -> None:
    """Q-2: A misspelt filter must not widen the response."""
    error = parse_error(query)
    name = query.partition("=")[0].replace("%0A", r"\n")  # the text is safe to print (W-5)
    assert type(error) is UnexpectedInput
    assert error.data_as(ArgumentLocations) == ArgumentLocations(primary=name)
    assert "must be a parameter, one of tasks, operations, services, status, users" in str(error)
    assert ("; leave the ? out [Q-2]" in str(error)) is query.startswith("?")
    assert error.value.messages[0].id == "com.vmware.snapservice.tasks.unexpected_input"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("filter.status=FAILED", "status"),
        ("Filter.Tasks=a", "tasks"),
        ("status!=FAILED", None),
        ("not.status=FAILED", None),
        ("status.ne=FAILED", None),
        ("-status=FAILED", None),
        ("sort[status]=asc", None),
        ("filter[users]=a", "users"),
        ("filter%5Boperations%5D%5B%5D=a", "operations"),
        ("filter[status][0]=FAILED", "status"),
        ("status[]=FAILED", "status"),
        ("status%5B0%5D=FAILED", "status"),
        ("Services=a", "services"),
        ("statuz=a", None),
        ("a.b[]=a", None),
        ("~" * 500_000 + "=a", None),
    ],
)
def test_parse_filter_with_a_name_of_another_dialect_gives_a_hint(query: str, parameter: str | None) -> None:
    """Q-2: The hint names the parameter, and says to repeat it."""
    error = parse_error(query)
    assert type(error) is UnexpectedInput
    assert ("; write " in str(error)) is (parameter is not None)
    if parameter:
        assert f"; write {parameter}=... and repeat it for each member [Q-2]" in str(error)


def test_parse_filter_with_comma_in_status_gives_a_hint() -> None:
    """Q-2, Q-3: A comma does not separate members."""
    for query in ("status=FAILED,RUNNING", [("status", "FAILED,RUNNING")], "status=RUNNING&status=FAILED%2CX"):
        error = parse_error(query)
        assert type(error) is InvalidArgument
        assert "; repeat the parameter for each member [F-7]" in str(error)
    assert "repeat" not in str(parse_error("status=FALED"))


@pytest.mark.parametrize(
    ("query", "path", "rule"),
    [
        ("tasks=", "tasks", "must not be empty"),
        ("tasks", "tasks", "must not be empty"),
        ("status=", "status", "must not be empty"),
        ("tasks=%", "tasks", "broken escape"),
        ("tasks=%4", "tasks", "broken escape"),
        ("tasks=%zz", "tasks", "broken escape"),
        ("tasks=%\\x", "tasks", "broken escape"),
        ("tasks=%-1", "tasks", "broken escape"),
        ("tasks=%ff", "tasks", "must be valid UTF-8"),
        ("tasks=%C3&tasks=%A9", "tasks", "must be valid UTF-8"),
        ("tasks=%ED%A0%80", "tasks", "must be valid UTF-8"),
        ("tasks=%C0%AF", "tasks", "must be valid UTF-8"),
        ("tasks=\ud800", "tasks", "must be valid UTF-8"),
        ("%ff=a", "%ff", "must be valid UTF-8"),
        ("%=a", "%", "broken escape"),
        (b"tasks=\xff", "tasks", "must be valid UTF-8"),
        (b"tasks\xff=a", "tasks\\xff", "must be valid UTF-8"),
    ],
)
def test_parse_filter_with_unreadable_value_raises_invalid_argument(query: str | bytes, path: str, rule: str) -> None:
    """Q-2: The value is empty, has a broken escape, or is not UTF-8; the error names the parameter."""
    error = parse_error(query)
    assert type(error) is InvalidArgument
    assert rules(error) == [(path, "Q-2")] * len(rules(error))
    assert error.data_as(ArgumentLocations) == ArgumentLocations(primary=path)
    assert rule in str(error)


def test_parse_filter_with_unknown_status_raises_invalid_argument() -> None:
    """F-7, E-5: The args hold the field, the value, the rule and the number of violations."""
    error = parse_error("status=FAILED&status=failed&tasks=")
    assert type(error) is InvalidArgument
    rule = "must be one of PENDING, RUNNING, BLOCKED, SUCCEEDED, FAILED"
    assert error.value.messages[0].args == ("status", "'failed'", rule, "2")
    assert rules(error) == [("status", "F-7"), ("tasks", "Q-2")]


@pytest.mark.parametrize(
    ("query", "kind", "primary"),
    [
        ("tasks=&statuz=a", InvalidArgument, "tasks"),
        ("statuz=a&tasks=", UnexpectedInput, "statuz"),
        ("tasks=%ff&status=x&tasks=", InvalidArgument, "tasks"),
        ("status=x&tasks=%zz", InvalidArgument, "status"),
        ("statuz=%zz", UnexpectedInput, "statuz"),
        ("%zz=&statuz=a", InvalidArgument, "%zz"),
    ],
)
def test_parse_filter_with_several_violations_reports_the_first(query: str, kind: type[Error], primary: str) -> None:
    """Q-2: The first is the first in the query, in any field; the cause lists the others too."""
    error = parse_error(query)
    assert type(error) is kind
    assert error.data_as(ArgumentLocations) == ArgumentLocations(primary=primary)
    assert len(rules(error)) == sum(1 for pair in query.split("&") if pair)


def test_parse_filter_with_many_violations_lists_at_most_max_violations() -> None:
    """V-13, Q-4: Long names and values are cut."""
    error = parse_error("&".join([f"x{'y' * 1000}=1", *(["tasks="] * 500)]))
    assert isinstance(error.__cause__, InvalidValue)
    assert (len(rules(error)), error.__cause__.is_complete) == (MAX_VIOLATIONS, False)
    assert error.value.messages[0].args[3] == "100"
    assert len(str(error)) < 300
    assert len(str(parse_error("status=" + "y" * 100_000))) < 300


@pytest.mark.parametrize("unit", ["a", "\u00e4", "&"])
def test_parse_filter_past_the_length_limit_raises_invalid_argument(unit: str) -> None:
    """Q-4: MAX_QUERY_LENGTH bytes are read; one byte more is refused, without a check of the rest."""
    size = len(unit.encode())
    longest = "tasks=aa" + unit * ((MAX_QUERY_LENGTH - 8) // size)
    assert len(longest.encode()) == MAX_QUERY_LENGTH
    assert len(parse_filter(longest).tasks) == 1
    for query in (longest + "a", (longest + "a").encode(), "statuz" + longest):
        error = parse_error(query)
        assert type(error) is InvalidArgument
        assert rules(error) == [("", "Q-4")]
        assert "must be a query of at most 1048576 bytes" in str(error)


def test_parse_filter_past_the_member_limit_raises_invalid_argument() -> None:
    """Q-4: MAX_MEMBERS are read, one more is refused; empty pairs do not count, repeated ones do."""
    pairs = [("tasks", f"{number:05}") for number in range(MAX_MEMBERS)]
    query = "&&".join(f"{name}={value}" for name, value in pairs)
    assert len(parse_filter(query).tasks) == len(parse_filter(pairs).tasks) == MAX_MEMBERS
    for more in (query + "&users=u", [*pairs, ("users", "u")], query + "&statuz=u", query + "&tasks=00000"):
        error = parse_error(more)
        assert type(error) is InvalidArgument
        assert rules(error) == [("", "Q-4")]
        assert "must be a query of at most 20000 members" in str(error)


def test_parse_filter_takes_decoded_pairs_unchanged() -> None:
    """Q-1, Q-2: A framework gives names and values that are decoded already."""
    assert parse_filter([("tasks", "a%26"), ("status", "FAILED"), ("tasks", "+")]) == FilterSpec(
        tasks={"a%26", "+"}, status={"FAILED"}
    )
    assert parse_filter(iter(())) == FilterSpec()
    for pairs, kind, primary, rule in (
        ([("tasks", "")], InvalidArgument, "tasks", "Q-2"),
        ([("tasks", "\ud800")], InvalidArgument, "tasks", "V-5"),
        ([("task\ud800", "a")], UnexpectedInput, "task\\ud800", "Q-2"),
        ([("status", "x"), ("statuz", "x")], InvalidArgument, "status", "F-7"),
    ):
        error = parse_error(pairs)
        assert type(error) is kind
        assert error.data_as(ArgumentLocations) == ArgumentLocations(primary=primary)
        assert rules(error)[0] == (primary, rule)


def test_parse_filter_of_pairs_has_the_same_limits() -> None:
    """Q-4: An endless iterable is read up to one pair past the limit."""
    count = 0

    def endless() -> Iterator[tuple[str, str]]:
        nonlocal count
        while True:
            count += 1
            yield "tasks", "a"

    assert rules(parse_error(endless())) == [("", "Q-4")]
    assert count == MAX_MEMBERS + 1
    assert len(parse_filter([("tasks", "a" * (MAX_QUERY_LENGTH - 5))]).tasks) == 1
    assert rules(parse_error([("tasks", "a" * (MAX_QUERY_LENGTH - 4))])) == [("", "Q-4")]


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        5,
        {"tasks": "a"},
        ["tasks=a"],
        [("tasks", "a", "b")],
        [("tasks", None)],
        [("tasks", ["a"])],
        [b"ab"],
        ["ab"],
    ],
)
def test_parse_filter_of_another_type_raises_type_error(wrong: Any) -> None:
    """Q-1: The TypeError names the valid types of a query; a text of two letters is not a pair."""
    with pytest.raises(TypeError, match=r"query must be"):
        parse_filter(wrong)


def test_format_filter_writes_sorted_escaped_pairs() -> None:
    """Q-1, V-2: Fields and members have a fixed order; each special character is escaped."""
    spec = FilterSpec(
        users={"CORP\\ops-team", "\u00e4 &=+%"}, status={"RUNNING", "FAILED"}, tasks=["snapservice:task:1", "a,b;c"]
    )
    text = (
        "tasks=a%2Cb%3Bc&tasks=snapservice%3Atask%3A1&status=FAILED&status=RUNNING"
        "&users=CORP%5Cops-team&users=%C3%A4%20%26%3D%2B%25"
    )
    assert format_filter(spec) == text
    assert parse_filter(text) == spec
    assert format_filter(FilterSpec()) == ""
