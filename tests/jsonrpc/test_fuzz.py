"""Test that hostile calls are answered as a second implementation answers them, and raise nothing (J)."""

from random import Random

import pytest
from hypothesis import given

from snaptasks import ErrorType, rest
from snaptasks.testing import strategies
from tests.jsonrpc import fuzz


@pytest.mark.slow
def test_service_answers_hostile_calls_as_the_second_implementation() -> None:
    """J-1, J-2, J-3, J-4, J-5, A-1: Every kind of answer occurs; nothing is read before the caller is known."""
    answered = fuzz.run(8000, seed=5)
    assert sum(answered.values()) == 8000
    assert {value for kind, value in answered if kind == "error"} == {-32700, -32600, -32601, -32602, -31001}
    assert {value for kind, value in answered if kind == "type"} == {*ErrorType}
    assert answered["output", None] > 800


@given(strategies.hostile_calls())
def test_hostile_calls_strategy_draws_calls_that_are_answered(request: rest.Request) -> None:
    """J-1, J-2: hypothesis can shrink a call that it draws."""
    kind, value = fuzz.send_and_check(request, Random(0))
    assert kind in {"output", "type", "error"}
    assert (value is None) == (kind == "output")
