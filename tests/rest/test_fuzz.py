"""Test that hostile requests get the responses of a second implementation (W-3, W-5)."""

import pytest

from snaptasks import ErrorType
from tests.rest import fuzz


@pytest.mark.slow
def test_service_with_hostile_requests_answers_as_second_implementation() -> None:
    """W-3, E-2, Q-2, Q-5, A-1, A-3, A-6: Raise nothing, and cover every error type."""
    counts = fuzz.run(20_000, seed=5)
    assert sum(counts.values()) == 20_000
    assert {error for _, error in counts} == {"", *ErrorType}
    assert all(status == ErrorType(error).http_status for status, error in counts if error)
    assert counts[200, ""] > 1000
