"""Says at the end of a run how much was checked against whom."""

from collections.abc import Iterator
from decimal import localcontext

import pytest

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
