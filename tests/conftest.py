"""Hold what all tests share: the profiles of hypothesis.

Decides how many examples a property gets. HYPOTHESIS_PROFILE names the profile:
`quick` is the default: 20 examples, the same in each run, for the run after each change.
`full` has 60 examples, the same in each run; the sessions `tests`, `lowest` and `pydantic` of nox use it.
`thorough` has 2,000 examples, random ones; the session `property` uses it.
Does not know what the properties say.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.sql.checks")  # tests, under another name

for name, max_examples in {"quick": 20, "full": 60}.items():
    settings.register_profile(
        name,
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=max_examples,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.register_profile(
    "thorough", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
