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
    """Return the list of lines that the end of the run prints."""
    lines: list[str] = request.config.stash.setdefault(REPORTED, [])
    return lines


@pytest.fixture(autouse=True)
def decimal_context() -> Iterator[None]:
    """Give each test its own decimal context, because the official SDK lowers the precision of the current one."""
    with localcontext():
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(REPORTED, []):
        terminalreporter.write_line(line)
