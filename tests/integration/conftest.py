"""Says at the end of a run how much was checked against whom."""

import pytest

REPORTED = pytest.StashKey[list[str]]()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> list[str]:
    """Lines that the end of the run shows."""
    lines: list[str] = request.config.stash.setdefault(REPORTED, [])
    return lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(REPORTED, []):
        terminalreporter.write_line(line)
