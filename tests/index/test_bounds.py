"""Test that an index takes bounded time and memory for each request (A-4, L-7, L-8, Q-4)."""

from itertools import chain
from typing import Any

import pytest

import snaptasks.index.cells
from snaptasks import EVERYTHING, OVER_LIMIT, FilterSpec, Grants, TaskIndex, list_tasks
from tests.building import ITEM, ids, plain_item
from tests.index.filings import filing_of
from tests.source_calls import select


@pytest.mark.slow
def test_select_among_many_names_and_grants_visits_only_candidates() -> None:
    """L-7: Visit the matching tasks, and not all combinations of names, which would take minutes.

    There are 100,000 operations, 50,000 users, filters of 10,000 ids and of 20,000 users, and 1,000 grants.
    """
    one = plain_item("t")
    index = TaskIndex(
        one.evolve(task=f"t{n}", info=one.info.evolve(operation=f"o{n}", user=f"u{n % 50_000}")) for n in range(100_000)
    )
    assert ids(select(index, FilterSpec(operations={"o7"}), EVERYTHING, 10)) == ["t7"]
    assert ids(select(index, FilterSpec(operations={"o7"}, services={"s"}), EVERYTHING, 10)) == ["t7"]
    for number in range(1_000):
        index.put(plain_item("new", operation=f"new{number}"))  # so that the cells change
        user = FilterSpec(users={f"u{number}"}, status={"SUCCEEDED"})
        assert ids(select(index, user, EVERYTHING, 10)) == [f"t{number}", f"t{50_000 + number}"]
        assert select(index, FilterSpec(services={"s", f"x{number}"}), EVERYTHING, 1000) is OVER_LIMIT
    many = FilterSpec(tasks={f"t{n}" for n in range(5_000, 15_000)})
    assert ids(select(index, many, EVERYTHING, 10_000)) == [f"t{n}" for n in range(5_000, 15_000)]
    users = FilterSpec(users={f"u{n}" for n in range(20_000)}, services={"s"})
    assert ids(select(index, users, EVERYTHING, 40_000)) == [
        *(f"t{n}" for n in range(20_000)),
        *(f"t{n}" for n in range(50_000, 70_000)),
    ]
    for field, name, found in ("operations", "o", 1_000), ("users", "u", 2_000):
        each: list[dict[str, Any]] = [{field: {f"{name}{n}"}} for n in range(1_000)]
        grants = Grants([FilterSpec(services={"s"}, **names) for names in each])
        assert len(ids(select(index, FilterSpec(), grants, found))) == found
        assert select(index, FilterSpec(), grants, found - 1) is OVER_LIMIT


def test_select_with_hostile_filters_keeps_cached_plans_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Q-4: The memory for plans of filters is bounded, also where a filter is too long for a plan."""
    monkeypatch.setattr(snaptasks.index.cells, "_MAX_PLANNED", 100)
    index = TaskIndex(plain_item(f"t{n}", operation=f"o{n}") for n in range(20))
    for number in range(200):
        wanted = FilterSpec(operations={f"o{number % 20}", f"x{number}"})
        assert ids(select(index, wanted, EVERYTHING, 10)) == [f"t{number % 20}"]
        assert planned(index) <= 100
    select(index, FilterSpec(operations={f"x{number}" for number in range(200)}), EVERYTHING, 10)
    for number in range(200):
        wanted = FilterSpec(operations={f"o{number % n}" for n in range(1, 20)})
        expected = [f"t{n}" for n in range(20) if f"o{n}" in wanted.operations]
        assert ids(select(index, wanted, EVERYTHING, 20)) == expected
        assert planned(index) <= 100


def planned(index: TaskIndex) -> int:
    """Return the size of the cached plans: the characters of the names in filters, the cells and the results."""
    plans = filing_of(index)._cells.plans.items()
    return sum(sum(map(len, chain(*sets))) + len(plan.cells) + len(plan.found[1]) for sets, plan in plans)


def test_select_with_long_names_keeps_cached_plans_bounded() -> None:
    """Q-4: A name counts by its length."""
    index = TaskIndex([ITEM])
    for number in range(200):
        assert select(index, FilterSpec(services={f"{number}" + "x" * 10_000}), EVERYTHING, 10) == ()
        assert planned(index) <= 50_000


def test_list_tasks_with_unknown_names_does_not_look_them_up_per_grant() -> None:
    """A-4: 20,000 unknown names under 1,000 grants match nothing, in any field."""
    index = TaskIndex([plain_item("t", user="u")])
    grants = Grants([FilterSpec(services={"s", f"s{n}"}, operations={"o", f"o{n}"}) for n in range(1_000)])
    assert ids(select(index, FilterSpec(users={"u", "x"}, services={"s", "x"}), grants, 10)) == ["t"]
    assert ids(select(index, FilterSpec(tasks={"t", "x"}, users={"u"}), grants, 10)) == ["t"]
    assert select(index, FilterSpec(tasks={"t", "x"}, users={"u"}), grants, 0) is OVER_LIMIT
    unknown = {f"x{n}" for n in range(20_000)}
    for field in ("tasks", "operations", "services", "users"):
        assert [*list_tasks(index, FilterSpec.model_validate({field: unknown}), visibility=grants).items] == []
    assert [*list_tasks(index, FilterSpec(status={"FAILED"}), visibility=grants).items] == []


def test_remove_of_all_tasks_leaves_no_bucket_cell_or_user() -> None:
    """L-8: No bucket, cell or user outlives its tasks."""
    index = TaskIndex(plain_item(f"t{n}", operation=f"o{n % 3}", user=f"u{n % 2}") for n in range(200))
    for number in range(200):
        index.remove(f"t{number}")
    filing = filing_of(index)
    cells = filing._cells
    assert not any([index._tasks, filing._numbers, filing._users, cells.by_key, *cells.by_field, cells.plans])
    assert list(index) == []
