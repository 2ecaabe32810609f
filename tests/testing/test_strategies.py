"""Test that strategies draw valid values, values that break one rule, and small examples (V, F, Q)."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings, strategies as st

import snaptasks
from snaptasks import (
    DateTimeFormat,
    Error,
    ErrorType,
    FilterSpec,
    Grants,
    InvalidValue,
    ListItem,
    Status,
    Value,
    format_filter,
    parse_filter,
)
from snaptasks.testing import strategies
from snaptasks.testing.strategies import Invalid

KINDS = [kind for kind in vars(snaptasks).values() if isinstance(kind, type) and issubclass(kind, Value)]
KINDS.remove(Value)
OTHERS = [Status, ErrorType, DateTimeFormat, Grants, Error]


@pytest.mark.parametrize("kind", [*KINDS, *OTHERS], ids=lambda kind: kind.__name__)
def test_from_type_of_every_public_type_draws_values(kind: Any) -> None:
    """V-1, V-12: A drawn value equals the value read from its JSON."""
    seen = []

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_type(kind))
    def drawn(value: Any) -> None:
        assert isinstance(value, kind)
        if isinstance(value, Value):
            assert type(value).from_json(value.to_json()) == value
        seen.append(value)

    drawn()
    assert len({repr(value) for value in seen}) > 1


@given(st.data(), strategies.statuses(unknown=True))
def test_list_items_with_given_id_and_status_have_them(data: st.DataObject, status: Status) -> None:
    """U-1, U-3."""
    item = data.draw(strategies.list_items(st.just("mine"), st.just(status)))
    assert (item.task, item.info.status) == ("mine", status)
    assert data.draw(strategies.common_infos(st.just(status))).status == status
    assert all(each.info.status == status for each in data.draw(strategies.populations(status=st.just(status))))


@given(st.data(), strategies.error_types())
def test_errors_with_given_type_have_it(data: st.DataObject, kind: ErrorType) -> None:
    """E-1, E-3: Draw error values and exceptions."""
    assert data.draw(strategies.error_values(st.just(kind))).error_type is kind
    assert type(data.draw(strategies.errors(st.just(kind)))) is kind.exception


@given(strategies.populations(min_size=1))
def test_populations_have_each_task_once(population: list[ListItem]) -> None:
    """L-5."""
    assert len({item.task for item in population}) == len(population)


@pytest.mark.slow
def test_filter_specs_of_a_population_match_its_tasks() -> None:
    """F-2: Draw also a filter that constrains every field, and grants that show a task."""
    population = [ListItem.from_json(text) for text in TASKS]

    def constrains_all(spec: FilterSpec) -> bool:
        return all(members for _, members in spec) and any(map(spec.matches, population))

    hit = find(strategies.filter_specs(population), constrains_all, settings=settings(max_examples=5000))
    assert [item.task for item in population if hit.matches(item)] in (["task-1"], ["task-2"], ["task-1", "task-2"])
    grants = find(strategies.grants(population), lambda drawn: any(map(drawn, population)))
    assert len(grants.filters) == 1


TASKS = [
    b'{"task":"task-1","info":{"description":{"id":"m","default_message":"A message","args":[]},"service":"backup",'
    b'"operation":"create","status":"PENDING","cancelable":true,"user":"ops"}}',
    b'{"task":"task-2","info":{"description":{"id":"m","default_message":"A message","args":[]},"service":"restore",'
    b'"operation":"start","status":"PENDING","cancelable":true,"user":"dev"}}',
]


@given(st.data(), strategies.filter_specs())
def test_query_strings_of_a_filter_parse_to_it(data: st.DataObject, spec: FilterSpec) -> None:
    """Q-1, Q-2, Q-3."""
    assert parse_filter(data.draw(strategies.query_strings(st.just(spec)))) == spec


def test_query_strings_of_a_filter_take_many_forms() -> None:
    """Q-2, Q-3: Repeat members, add empty pairs, escape less than usual, and write a space as a plus."""
    spec = FilterSpec(tasks={"a,b", " a"})
    queries = strategies.query_strings(st.just(spec))
    for piece in ("a,b", "+a", "%20a", "&&"):
        assert piece in find(queries, lambda query: piece in query)  # noqa: B023
    assert find(queries, lambda query: query == format_filter(spec))
    assert find(queries, lambda query: query.count("tasks=") > 2)


INVALID = {
    strategies.invalid_infos: ["U-1", "V-3", "V-4", "V-5", "V-8", "V-9", "V-13"],
    strategies.invalid_list_items: ["U-1", "V-3", "V-4", "V-5", "V-8", "V-9", "V-13"],
    strategies.invalid_filter_specs: ["F-7", "V-5", "V-7", "V-9"],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("invalid", "rule"), [(each, rule) for each, rules in INVALID.items() for rule in (*rules, None)]
)
def test_invalid_values_break_only_the_rule_that_they_name(invalid: Any, rule: str | None) -> None:
    """V-13."""
    broken = set()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(invalid(rule))
    def drawn(spoilt: Invalid) -> None:
        with pytest.raises(InvalidValue) as caught:
            spoilt.kind.from_json(spoilt.text)
        assert {violation.spec_id for violation in caught.value.violations} == {spoilt.rule}
        broken.add(spoilt.rule)

    drawn()
    assert broken == {rule} if rule else broken <= {*INVALID[invalid]}


def test_invalid_values_of_unknown_rule_raise_value_error() -> None:
    """V-13: A misspelt rule would check nothing."""
    with pytest.raises(ValueError, match=r"rule must be one of U-1, V-3, V-4, .* \(found U-9\)"):
        strategies.invalid_infos("U-9")
    with pytest.raises(ValueError, match=r"rule must be one of Q-2, F-7 \(found Q-9\)"):
        strategies.invalid_query_strings("Q-9")


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["Q-2", "F-7", None])
def test_invalid_query_strings_raise_the_error_that_they_name(rule: str | None) -> None:
    """Q-2, F-7, E-5: Other pairs around the violation do not change the error."""

    @settings(max_examples=60, deadline=None)
    @given(strategies.invalid_query_strings(rule))
    def drawn(spoilt: tuple[str, str, ErrorType]) -> None:
        query, its_rule, error_type = spoilt
        with pytest.raises(Error) as caught:
            parse_filter(query)
        assert caught.value.error_type == error_type
        assert f"[{its_rule}]" in str(caught.value)
        assert rule in {None, its_rule}

    drawn()


@pytest.mark.slow
def test_list_items_and_filter_specs_shrink_to_the_smallest() -> None:
    """V-2: A person can read the smallest task and the smallest filter that matches it."""
    item = find(strategies.list_items(status=st.just(Status.RUNNING)), lambda item: True)
    assert (item.task, item.info.service, item.info.user, item.info.parent) == ("a", "a", None, None)
    assert len(item.to_json()) < 320
    spec = find(strategies.filter_specs([item]), lambda spec: spec.matches(item) and not spec.is_empty)
    assert spec in (
        FilterSpec(tasks={"a"}),
        FilterSpec(operations={"a"}),
        FilterSpec(services={"a"}),
        FilterSpec(status={"RUNNING"}),
    )


def test_import_of_strategies_without_hypothesis_names_the_extra() -> None:
    """V-2: Only the import of the strategies needs the extra."""
    code = "import sys; sys.modules['hypothesis'] = None; import snaptasks.testing.strategies"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'snaptasks[testing]'" in done.stderr
