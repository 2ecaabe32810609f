"""Print at the end of a run the counts that the tests report."""

from collections.abc import Iterator
from decimal import localcontext

import pytest

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
