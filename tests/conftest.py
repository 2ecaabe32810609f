"""Hold the profiles of hypothesis, and the report of what a run of the integration tests leaves out.

Decides how many examples a property gets. HYPOTHESIS_PROFILE names the profile:
`quick` is the default: 20 examples, the same in each run, for the run after each change.
`full` has 60 examples, the same in each run; the sessions `tests`, `integration`, `newer` and `pydantic` of nox use it.
`thorough` has 2,000 examples, random ones; the session `property` uses it.
Decides that a run without peers of tests/integration reports what it leaves out, or is an error if INTEGRATION_PEERS=required.
Does not know what the properties say, or which peers there are.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.integration import available

pytest.register_assert_rewrite("tests.sql.checks", "tests.sql.tables")  # they check, under other names

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


def asks_integration(config: pytest.Config) -> bool:
    """Return whether this run was asked for tests of tests/integration."""
    asked = (Path(config.invocation_params.dir, each.partition("::")[0]).resolve() for each in config.args)
    return any(available.HERE.is_relative_to(path) or path.is_relative_to(available.HERE) for path in asked)


def pytest_configure(config: pytest.Config) -> None:
    """Raise UsageError if a peer is missing where all are required."""
    if available.is_required() and asks_integration(config) and available.MISSING:
        raise pytest.UsageError(*(f"{peer} is missing: {command}" for peer, command in available.MISSING.items()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Report which files of tests/integration are left out, and what installs their peers."""
    if asks_integration(config):
        for line in available.describe_left_out():
            terminalreporter.write_line(line)
