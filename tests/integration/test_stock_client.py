"""The test double of the appliance, as a reader copies it: VMware's own client behind it, and no socket (J-1, J-5)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.servers import RECIPES
from tests.paths import ROOT, SAMPLE

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
    ids=["as it stands", "in a conftest.py"],
)
def test_the_double_answers_the_stock_client_without_a_socket(files: dict[str, str], tmp_path: Path) -> None:
    """A-3, L-2, A-1, L-9: visibility, the cap and errors, in the tests of the recipe."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    shutil.copy(SAMPLE, tmp_path / "tasks.json")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "4 passed" in done.stdout) == (0, True), done.stdout
