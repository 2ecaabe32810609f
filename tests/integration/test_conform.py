"""Test the recipes with `snaptasks conform`, under the default limits of their servers (Q-1 to Q-5, W-2, W-3)."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.servers import DEFAULTS, free_port, serving
from tests.paths import ROOT

LOAD = ROOT / "examples" / "adapters" / "load.py"

# The report of vectors and drawn requests that the server itself refuses or does not answer.
BOUND = r"skipped \d+: URLs of [\d,]+ bytes and more got no (response|answer of the API \(status \d+\))"


@pytest.mark.parametrize("recipe", DEFAULTS)
def test_conform_with_unchanged_recipe_passes(recipe: str, tmp_path: Path, report: list[str]) -> None:
    """Q-1, A-3, W-3: Pass vectors and laws; skip requests past the bounds of the server, and report the skips."""
    load_port = str(free_port())
    with serving(recipe, tmp_path, "tests.integration.loadable_app:app", DEFAULTS, LOAD_PORT=load_port) as server:
        load = shlex.join([sys.executable, str(LOAD), f"http://127.0.0.1:{load_port}/load"])
        command = [
            sys.executable,
            "-m",
            "snaptasks",
            "conform",
            "--examples",
            "400",
            "--url",
            server.url,
            "--load",
            load,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr + server.log.read_text()[-3000:]
    assert "skipped 5: the server may have another route there; --routes asks for it" in done.stdout
    assert re.search(BOUND, done.stdout)
    report += [f"conform, {recipe}: {line}" for line in done.stdout.splitlines()[-2:]]
