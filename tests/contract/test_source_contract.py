"""Test that the kit of sources passes right sources and finds each faulty one (A-9, G-1, L-5)."""

from collections.abc import Callable
from typing import Any

import pytest

from snaptasks import ListItem, OverLimit, TaskIndex
from snaptasks.testing import source_contract_tests
from tests.contract.example_sources import FAULTY_SOURCES, Async, Plain, ReadOnly, made_later, on_sql, over


def checks_of(make_source: Callable[[list[ListItem]], Any], examples: int) -> dict[str, Callable[[Any], None]]:
    made = source_contract_tests(make_source, examples=examples, seed=9)
    return {name: test for name, test in vars(made).items() if name.startswith("test_")}


@pytest.mark.slow
@pytest.mark.parametrize("make_source", [Plain, Async, TaskIndex, on_sql, made_later])
def test_source_contract_tests_of_right_source_pass(make_source: Any) -> None:
    """A-9, L-5, G-1: Ask vectors and laws, also while the source changes."""
    tests = checks_of(make_source, 150)
    assert {"test_F_2", "test_A_4", "test_A_9_law_selecting", "test_L_5_law_changing", "test_F_1_law_listing"} <= {
        *tests
    }
    assert not {name for name in tests if name.startswith(("test_Q", "test_W", "test_A_1"))}
    for test in tests.values():
        test(None)


def test_source_contract_tests_of_read_only_source_skip_the_changes() -> None:
    """L-5: Report the missing methods as the reason."""
    tests = checks_of(ReadOnly, 60)
    tests["test_A_9_law_selecting"](None)
    with pytest.raises(pytest.skip.Exception, match="the source does not have both put or put_all, and remove"):
        tests["test_L_5_law_changing"](None)


@pytest.mark.slow
@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("name", FAULTY_SOURCES)
def test_source_contract_tests_of_faulty_source_fail_at_its_law(name: str) -> None:
    """A-9, L-5, G-1: Report the calls of put and remove before the violation."""
    make_source, law = FAULTY_SOURCES[name]
    with pytest.raises(pytest.fail.Exception) as failed:
        checks_of(make_source, 4000)[f"test_{law}"](None)
    assert "again: the test of " in str(failed.value)
    if law == "L_5_law_changing" and "raises" not in name:
        assert "done before it, with these tasks:" in str(failed.value)


def test_source_contract_tests_of_source_that_breaks_a_vector_names_it() -> None:
    """F-2: Name the test that asks it again."""
    empty = type("S", (Plain,), {"select": lambda s, w, n: []})
    with pytest.raises(pytest.fail.Exception, match=r"again: the test of F-2 in source_contract_tests\(make_source\)"):
        checks_of(empty, 20)["test_F_2"](None)


def test_source_that_returns_over_limit_passes() -> None:
    """L-1: A source may return OVER_LIMIT or more than at_most tasks."""
    exact = type("S", (Plain,), {"select": lambda s, w, n: over(s.wanted(w), n + 1)})
    assert isinstance(exact([]).select(None, -1), OverLimit)
    checks_of(exact, 1500)["test_A_9_law_selecting"](None)


@pytest.mark.slow
def test_laws_of_sources_with_callers_without_grants_pass() -> None:
    """A-9: Do not ask a source if nothing is wanted."""
    tests = checks_of(TaskIndex, 3000)
    assert [tests[name](None) for name in ("test_A_9_law_scanning", "test_A_9_law_selecting")] == [None, None]
