"""Run `snaptasks conform` on one rule, and check that the run ends in bounded time and output (W-5)."""

import time
from pathlib import Path
from subprocess import CompletedProcess

from snaptasks.testing import vectors
from tests.command.command_runs import run
from tests.paths import ROOT

ADAPTERS = ROOT / "tests" / "contract" / "adapters"

F_2 = sum(case.clause == "F-2" for case in vectors())


def conform(*arguments: str, seconds: float = 40) -> CompletedProcess[bytes]:
    """Run it on the vectors of F-2, where nothing else is named; it ends within so many seconds, and in few lines."""
    only = [] if "--only" in arguments or "--case" in arguments else ["--only", "F-2"]
    begun = time.monotonic()
    done = run("conform", "--examples", "0", *only, *arguments, PYTHONPATH=str(ROOT))
    assert time.monotonic() - begun < seconds
    assert done.stdout.count(b"\n") < 1000
    assert len(done.stdout) < 500_000
    return done


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in {"Z", "X"}
    except FileNotFoundError:
        return False
