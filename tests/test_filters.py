"""Test filters by example (F)."""

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
def test_matches_joins_fields_by_and_and_members_by_or(spec: FilterSpec, matches: bool) -> None:
    """F-1, F-2: Each field is compared with its own value of the task."""
    assert spec.matches(ITEM) is matches


def test_filter_with_empty_fields_equals_the_unset_filter() -> None:
    """F-3: A field without members constrains nothing; None as a filter is the empty filter."""
    empty = FilterSpec(tasks=(), operations=[], services=set(), status=None, users=frozenset())
    assert empty == FilterSpec() == FilterSpec.from_json("{}")
    assert hash(empty) == hash(FilterSpec())
    assert empty.to_json() == b"{}"
    assert empty.is_empty
    assert empty.matches(ITEM)
    assert not FilterSpec(users={"u"}).is_empty
    assert list_tasks([ITEM], visibility=EVERYTHING) == list_tasks([ITEM], None, visibility=EVERYTHING)


def test_users_never_match_a_task_without_a_user() -> None:
    """F-4: A user named None does not match either."""
    system = plain_item("t")
    assert not FilterSpec(users={"u", "None", "null"}).matches(system)
    assert FilterSpec().matches(system)


@pytest.mark.parametrize(
    ("own", "other_name"),
    [("a", "A"), ("a", " a"), ("a", "a "), ("\u00e4", "a\u0308"), ("ss", "\u00df"), ("a", "a\x00")],
)
def test_matches_compares_names_code_point_by_code_point(own: str, other_name: str) -> None:
    """F-5: Names are not folded, trimmed or normalised."""
    for field in ("service", "operation", "user"):
        item = plain_item("t", **{field: own})
        filter_field = field + "s"
        same: dict[str, Any] = {filter_field: {own}}
        other: dict[str, Any] = {filter_field: {other_name}}
        assert FilterSpec(**same).matches(item)
        assert not FilterSpec(**other).matches(item)


def test_filter_by_id_matches_neither_parents_nor_children() -> None:
    """F-6: An unknown id matches nothing."""
    parent, child = plain_item("parent"), plain_item("child", parent="parent")

    def ids(*tasks: str) -> list[str]:
        found = list_tasks([parent, child], FilterSpec(tasks=tasks), visibility=EVERYTHING)
        return [item.task for item in found.items]

    assert ids("parent") == ["parent"]
    assert ids("child") == ["child"]
    assert ids("nobody") == []


def test_filter_with_unknown_status_is_refused() -> None:
    """F-7: This holds built or read, and for a Status that was read from a newer server."""
    for unknown in ("FROZEN", "running", Status("FROZEN"), ""):
        with pytest.raises(ValidationError, match="F-7"):
            FilterSpec(status={unknown})  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="F-7"):
        FilterSpec.from_json('{"status":["FROZEN"]}')
    with pytest.raises(InvalidValue, match="F-7"):
        FilterSpec.from_json('{"status":[5]}')


@pytest.mark.parametrize("spec", [None, FilterSpec(), FilterSpec(operations={"o"}), FilterSpec(users={"u"})])
def test_list_tasks_with_require_scope_needs_tasks_or_services(spec: FilterSpec | None) -> None:
    """F-8: The scope is optional; without require_scope every filter is valid."""
    items: list[ListItem] = [ITEM]
    assert list_tasks(items, spec, visibility=EVERYTHING).items == (ITEM,)
    with pytest.raises(InvalidArgument) as caught:
        list_tasks(items, spec, visibility=EVERYTHING, require_scope=True)
    assert caught.value.data_as(ArgumentLocations) == ArgumentLocations(primary="tasks", secondary=["services"])
    scopes: list[dict[str, Any]] = [{"tasks": {"t"}}, {"services": {"s"}}]
    for scope in scopes:
        scoped = (spec or FilterSpec()).evolve(**scope)
        assert list_tasks(items, scoped, visibility=EVERYTHING, require_scope=True).items == (ITEM,)


def test_subclass_of_filter_spec_raises_type_error() -> None:
    """A-4: An index looks tasks up by the five sets, and would never call another `matches`."""
    with pytest.raises(TypeError, match="use a predicate"):
        type("Narrower", (FilterSpec,), {})


@pytest.mark.parametrize("count", [1, 2, 3, 64, 999])
def test_matcher_of_several_filters_matches_if_any_does(count: int) -> None:
    """F-1, A-9: Each filter counts, the first and the last too; fields of two filters are never combined."""
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


def test_covering_filter_opens_each_field_that_any_filter_leaves_open() -> None:
    """F-3, A-9: The covering filter matches each task that any of the filters matches."""
    one, two = FilterSpec(users={"a"}, services={"s"}), FilterSpec(users={"b"}, tasks={"t"})
    assert covering([one, two]) == FilterSpec(users={"a", "b"})
    assert covering([one]) == covering([one, one]) == one
    assert covering([one, FilterSpec()]) == FilterSpec()
