"""Hostile requests: each is answered as a second implementation answers it, and nothing is raised (W-3, W-5)."""

from snaptasks import ErrorType
from tests.rest import fuzz


def test_hostile_requests_are_answered_as_the_specification_says() -> None:
    """W-3, E-2, Q-2, Q-5, A-1, A-3, A-6: every answer there is comes up."""
    answered = fuzz.run(5000, seed=5)
    assert sum(answered.values()) == 5000
    assert {error for _, error in answered} == {"", *ErrorType}
    assert all(status == ErrorType(error).http_status for status, error in answered if error)
    assert answered[200, ""] > 250
