"""Provide the fixtures of the tests of the kit."""

import pytest


@pytest.fixture
def unshrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wrong answer will do."""
    monkeypatch.setattr("snaptasks.testing.properties.SHRINKING_SECONDS", 0.0)
    monkeypatch.setattr("snaptasks.testing.findings.LEAVING_OUT_SECONDS", 0.0)
