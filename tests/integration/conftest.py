"""Report at the end of a run how much was checked against which peer, and leave out the files whose peers are missing.

Decides what a run collects here; tests/conftest.py reports the files that are left out.
Does not know which file needs which peer: tests/integration/available.py has the table.
"""

from collections.abc import Iterator
from decimal import localcontext

import pytest

from tests.integration.available import LEFT_OUT

collect_ignore = LEFT_OUT

REPORTED = pytest.StashKey[list[str]]()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> list[str]:
    """Lines that the end of the run shows."""
    lines: list[str] = request.config.stash.setdefault(REPORTED, [])
    return lines


@pytest.fixture(autouse=True)
def decimal_context() -> Iterator[None]:
    """A decimal context for each test, because the official SDK shortens the precision of the one that it finds."""
    with localcontext():
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(REPORTED, []):
        terminalreporter.write_line(line)
