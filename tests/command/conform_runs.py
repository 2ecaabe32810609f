"""Run `snaptasks conform` on one rule and check that its time and its output are bounded (W-5)."""

import time
from pathlib import Path
from subprocess import CompletedProcess

from snaptasks.testing import vectors
from tests.command.command_runs import run
from tests.paths import ROOT

ADAPTERS = ROOT / "examples" / "adapters"

F_2 = sum(case.clause == "F-2" for case in vectors())


def conform(*arguments: str, seconds: float = 40) -> CompletedProcess[bytes]:
    """Run `conform` on the vectors of F-2 by default.

    The run must take less than `seconds`, print fewer than 1000 lines and less than 500,000 bytes.
    """
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
