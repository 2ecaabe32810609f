"""Filters: what an example shows (F)."""

from typing import Any

import pytest
from pydantic import ValidationError

from snaptasks import (
    EVERYTHING,
    ArgumentLocations,
    FilterSpec,
    InvalidArgument,
    InvalidValue,
    ListItem,
    Status,
    list_tasks,
)
from snaptasks.filters import covering, matcher
from tests.building import plain_item

ITEM = plain_item("t", service="s", operation="o", user="u")


@pytest.mark.parametrize(
    ("spec", "matches"),
    [
        (FilterSpec(tasks={"t"}), True),
        (FilterSpec(tasks={"t", "x"}), True),
        (FilterSpec(tasks={"x"}), False),
        (FilterSpec(operations={"o"}), True),
        (FilterSpec(operations={"s"}), False),
        (FilterSpec(services={"s"}), True),
        (FilterSpec(services={"o"}), False),
        (FilterSpec(status={Status.SUCCEEDED}), True),
        (FilterSpec(status={Status.FAILED}), False),
        (FilterSpec(users={"u"}), True),
        (FilterSpec(users={"x"}), False),
        (FilterSpec(tasks={"t"}, services={"s"}, operations={"o"}, status={"SUCCEEDED"}, users={"u"}), True),
        (FilterSpec(tasks={"t"}, services={"x"}), False),
    ],
)
def test_and_across_fields_or_inside_one(spec: FilterSpec, matches: bool) -> None:
    """F-1, F-2: each field against its own value of the task."""
    assert spec.matches(ITEM) is matches


def test_unset_and_empty_are_the_same() -> None:
    """F-3: a field without members constrains nothing, and no filter is the empty one."""
    empty = FilterSpec(tasks=(), operations=[], services=set(), status=None, users=frozenset())
    assert empty == FilterSpec() == FilterSpec.from_json("{}")
    assert hash(empty) == hash(FilterSpec())
    assert empty.to_json() == b"{}"
    assert empty.is_empty
    assert empty.matches(ITEM)
    assert not FilterSpec(users={"u"}).is_empty
    assert list_tasks([ITEM], visibility=EVERYTHING) == list_tasks([ITEM], None, visibility=EVERYTHING)


def test_a_task_of_the_system_has_no_user_to_match() -> None:
    """F-4: not even one that is called None."""
    system = plain_item("t")
    assert not FilterSpec(users={"u", "None", "null"}).matches(system)
    assert FilterSpec().matches(system)


@pytest.mark.parametrize(
    ("own", "asked"), [("a", "A"), ("a", " a"), ("a", "a "), ("\u00e4", "a\u0308"), ("ss", "\u00df"), ("a", "a\x00")]
)
def test_names_are_compared_code_point_by_code_point(own: str, asked: str) -> None:
    """F-5: no folding, no trimming, no normalisation."""
    for field in ("service", "operation", "user"):
        item = plain_item("t", **{field: own})
        filter_field = field + "s"
        same: dict[str, Any] = {filter_field: {own}}
        other: dict[str, Any] = {filter_field: {asked}}
        assert FilterSpec(**same).matches(item)
        assert not FilterSpec(**other).matches(item)


def test_a_filter_is_flat() -> None:
    """F-6: neither parents nor children come along, and unknown ids match nothing."""
    parent, child = plain_item("parent"), plain_item("child", parent="parent")

    def ids(*tasks: str) -> list[str]:
        found = list_tasks([parent, child], FilterSpec(tasks=tasks), visibility=EVERYTHING)
        return [item.task for item in found.items]

    assert ids("parent") == ["parent"]
    assert ids("child") == ["child"]
    assert ids("nobody") == []


def test_unknown_statuses_are_refused() -> None:
    """F-7: built or read, even as a member that was read from a newer server."""
    for unknown in ("FROZEN", "running", Status("FROZEN"), ""):
        with pytest.raises(ValidationError, match="F-7"):
            FilterSpec(status={unknown})  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="F-7"):
        FilterSpec.from_json('{"status":["FROZEN"]}')
    with pytest.raises(InvalidValue, match="F-7"):
        FilterSpec.from_json('{"status":[5]}')


@pytest.mark.parametrize("spec", [None, FilterSpec(), FilterSpec(operations={"o"}), FilterSpec(users={"u"})])
def test_strict_scope_is_asked_for(spec: FilterSpec | None) -> None:
    """F-8: opt in, and tasks or services must be named; without it every filter will do."""
    items: list[ListItem] = [ITEM]
    assert list_tasks(items, spec, visibility=EVERYTHING).items == (ITEM,)
    with pytest.raises(InvalidArgument) as caught:
        list_tasks(items, spec, visibility=EVERYTHING, require_scope=True)
    assert caught.value.data_as(ArgumentLocations) == ArgumentLocations(primary="tasks", secondary=["services"])
    scopes: list[dict[str, Any]] = [{"tasks": {"t"}}, {"services": {"s"}}]
    for scope in scopes:
        scoped = (spec or FilterSpec()).evolve(**scope)
        assert list_tasks(items, scoped, visibility=EVERYTHING, require_scope=True).items == (ITEM,)


def test_a_filter_has_no_subclasses() -> None:
    """A-4: an index looks tasks up by the five sets, and would never ask another `matches`."""
    with pytest.raises(TypeError, match="use a predicate"):
        type("Narrower", (FilterSpec,), {})


@pytest.mark.parametrize("count", [1, 2, 3, 64, 999])
def test_any_of_several_filters_is_enough(count: int) -> None:
    """F-1, A-9: each of them counts, the first and the last too, and none lends its fields to another."""
    filters = [FilterSpec(users={f"u{n}"}, services={f"s{n}", "s"}) for n in range(count)]
    matches = matcher(filters)
    for n in range(count):
        assert matches(plain_item("t", user=f"u{n}", service=f"s{n}"))
        assert matches(plain_item("t", user=f"u{n}", service="s"))
        assert not matches(plain_item("t", user=f"u{n}", service=f"s{n + 1}"))
    assert not matches(plain_item("t", service="s"))
    assert not matches(plain_item("t", user="other", service="s0"))
    with_all = matcher([*filters, FilterSpec(operations={"o"})])
    assert with_all(plain_item("t"))
    assert not with_all(plain_item("t", operation="p"))


def test_a_covering_filter_matches_what_any_does() -> None:
    """F-3, A-9: a field that one of them leaves open is open."""
    one, two = FilterSpec(users={"a"}, services={"s"}), FilterSpec(users={"b"}, tasks={"t"})
    assert covering([one, two]) == FilterSpec(users={"a", "b"})
    assert covering([one]) == covering([one, one]) == one
    assert covering([one, FilterSpec()]) == FilterSpec()
