"""Run the tests of a recipe or a page as a reader does, in a directory with only their files."""

import os
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT


def run_saved_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run pytest on a directory, and return its status and output."""
    return subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
