"""The kit of sources: right sources pass, and each faulty one breaks its law (A-9, G-1, L-5)."""

from collections.abc import Callable
from typing import Any

import pytest

from snaptasks import ListItem, OverLimit, TaskIndex
from snaptasks.testing import source_contract_tests
from tests.contract.example_sources import FAULTY_SOURCES, Async, Plain, ReadOnly, made_later, on_sql, over


def checks_of(make_source: Callable[[list[ListItem]], Any], examples: int) -> dict[str, Callable[[Any], None]]:
    made = source_contract_tests(make_source, examples=examples, seed=9)
    return {name: test for name, test in vars(made).items() if name.startswith("test_")}


@pytest.mark.parametrize("make_source", [Plain, Async, TaskIndex, on_sql, made_later])
def test_a_right_source_passes(make_source: Any) -> None:
    """A-9, L-5, G-1: vectors and laws, also while it changes."""
    tests = checks_of(make_source, 150)
    assert {"test_F_2", "test_A_4", "test_A_9_law_selecting", "test_L_5_law_changing", "test_F_1_law_listing"} <= {
        *tests
    }
    assert not {name for name in tests if name.startswith(("test_Q", "test_W", "test_A_1"))}
    for test in tests.values():
        test(None)


def test_a_source_without_changes_is_not_changed() -> None:
    """L-5: what it lacks is skipped, and told."""
    tests = checks_of(ReadOnly, 60)
    tests["test_A_9_law_selecting"](None)
    with pytest.raises(pytest.skip.Exception, match="the source does not have both put or put_all, and remove"):
        tests["test_L_5_law_changing"](None)


@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("name", FAULTY_SOURCES)
def test_a_faulty_source_is_found(name: str) -> None:
    """A-9, L-5, G-1: by the law that it breaks, with what was put and removed before."""
    make_source, law = FAULTY_SOURCES[name]
    with pytest.raises(pytest.fail.Exception) as failed:
        checks_of(make_source, 4000)[f"test_{law}"](None)
    assert "again: the test of " in str(failed.value)
    if law == "L_5_law_changing" and "raises" not in name:
        assert "done before it, with these tasks:" in str(failed.value)


def test_a_vector_that_a_source_breaks_is_told() -> None:
    """F-2: with the test that asks it again."""
    none = type("S", (Plain,), {"select": lambda s, w, n: []})
    with pytest.raises(pytest.fail.Exception, match=r"again: the test of F-2 in source_contract_tests\(make_source\)"):
        checks_of(none, 20)["test_F_2"](None)


def test_the_limit_is_said_by_over_limit_or_by_more() -> None:
    """L-1: one is as good as the other."""
    exact = type("S", (Plain,), {"select": lambda s, w, n: over(s.wanted(w), n + 1)})
    assert isinstance(exact([]).select(None, -1), OverLimit)
    checks_of(exact, 1500)["test_A_9_law_selecting"](None)


def test_a_source_is_not_asked_where_nothing_is_wanted() -> None:
    """A-9: of callers without grants, for one."""
    tests = checks_of(TaskIndex, 3000)
    assert [tests[name](None) for name in ("test_A_9_law_scanning", "test_A_9_law_selecting")] == [None, None]
