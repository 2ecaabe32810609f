"""Test the recipe of an appliance double for VMware's own client, which opens no socket (J-1, J-5)."""

import shutil
from pathlib import Path

import pytest

from tests.integration.saved_tests import run_saved_tests
from tests.integration.servers import RECIPES
from tests.paths import SAMPLE

RECIPE = (RECIPES / "test_stock_client.py").read_text(encoding="utf-8")
IMPORTS, DOUBLE, TESTS = (
    RECIPE.partition("\n# For conftest.py")[0],
    *RECIPE.rpartition("\n# A script and its tests.\n")[::2],
)

NO_SOCKET = """
import socket

import pytest


@pytest.fixture(autouse=True)
def no_socket(monkeypatch):
    def connect(*args):
        raise AssertionError("a socket is connected")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
"""


@pytest.mark.parametrize(
    "files",
    [
        {"conftest.py": NO_SOCKET, "test_stock_client.py": RECIPE},
        {"conftest.py": DOUBLE + NO_SOCKET, "test_script.py": IMPORTS + TESTS},
    ],
    ids=["one file", "conftest.py"],
)
def test_stock_client_double_answers_without_a_socket(files: dict[str, str], tmp_path: Path) -> None:
    """A-3, L-2, A-1, L-9: Run the recipe's own tests: visibility, the cap and errors."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    shutil.copy(SAMPLE, tmp_path / "tasks.json")
    done = run_saved_tests(tmp_path)
    assert (done.returncode, "4 passed" in done.stdout) == (0, True), done.stdout
