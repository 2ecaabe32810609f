"""Test the adapter in JavaScript under Node.js (F-1)."""

import subprocess
import sys
from pathlib import Path

from snaptasks.testing import vectors
from tests.paths import ROOT

ADAPTER = ROOT / "examples" / "adapters" / "adapter.js"


def test_javascript_adapter_passes_every_vector_it_supports(report: list[str]) -> None:
    """F-1, A-3, L-1."""
    command = [sys.executable, "-m", "snaptasks", "conform", "--", "node"]
    done = subprocess.run([*command, str(ADAPTER)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == f"{len(vectors())} cases: 471 passed, 0 violated, 109 skipped"
    report.append(
        f"vectors passed by the adapter in JavaScript: 471 of {len(vectors())}; it does not support the others"
    )


def test_javascript_adapter_with_wrong_cap_is_violated(tmp_path: Path) -> None:
    """L-1: A cap of 999 is a violation."""
    wrong = tmp_path / "wrong.js"
    wrong.write_text(ADAPTER.read_text().replace("> 1000", "> 999"))
    command = [sys.executable, "-m", "snaptasks", "conform", "--only", "L-1", "--", "node", str(wrong)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "L-1/1000: the status is 500" in done.stdout
