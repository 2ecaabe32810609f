"""The adapter in JavaScript, under Node.js (F-1)."""

import subprocess
import sys
from pathlib import Path

from snaptasks.testing import vectors

ADAPTER = Path(__file__).parent.parent / "contract" / "adapters" / "adapter.js"


def test_the_adapter_in_javascript(report: list[str]) -> None:
    """F-1, A-3, L-1: it passes all that it does not lack, and a mistake in it is caught."""
    command = [sys.executable, "-m", "snaptasks", "conform", "--", "node"]
    done = subprocess.run([*command, str(ADAPTER)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == f"{len(vectors())} cases: 471 passed, 0 violated, 109 skipped"
    report.append(f"vectors that the adapter in JavaScript passed: 471 of {len(vectors())}; it lacks the others")


def test_a_mistake_in_it_is_caught(tmp_path: Path) -> None:
    """L-1: of a cap of 999, for one."""
    wrong = tmp_path / "wrong.js"
    wrong.write_text(ADAPTER.read_text().replace("> 1000", "> 999"))
    command = [sys.executable, "-m", "snaptasks", "conform", "--only", "L-1", "--", "node", str(wrong)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "L-1/1000: the status is 500" in done.stdout
