"""Check under many seeds that the kit finds each fault that depends on data and passes right implementations.

`python -m tests.contract.find_data_faults [SEEDS]` uses 20 seeds by default, and the default number of questions. It
exits with 1 if it misses a fault or if a right implementation fails.
"""

import shutil
import subprocess
import sys
import time
from contextlib import closing
from typing import Any, NoReturn

from snaptasks.testing import Case, run_contract
from snaptasks.testing.comparison import Problem
from snaptasks.testing.laws import LAWS
from snaptasks.testing.programs import Program
from snaptasks.testing.properties import Drawn
from snaptasks.testing.servers import Server
from tests.contract.data_faults import DATA_FAULTS
from tests.contract.faults import Reference
from tests.contract.implementations import RIGHT, OnSql
from tests.paths import ROOT

ADAPTERS = ROOT / "examples" / "adapters"
ALL = {law.id for law in LAWS}

# The faults that no drawn case can show, each with its reason.
UNSEEN = {"V-3 integers are doubles": "drawn tasks have only numbers that every JSON parser keeps, up to 2**53"}


class _WrongAnswer(BaseException):
    """Stop a run at the first wrong answer, before it is made smaller."""


def is_found(fault: type[Any], seed: int) -> bool:
    """Decide whether a law finds a fault."""
    broken = Drawn.broken

    def stop(self: Drawn, case: Case, wrong: Problem, got: str) -> NoReturn:
        raise _WrongAnswer

    Drawn.broken = stop  # type: ignore[method-assign]
    try:
        run_contract(fault(), only=ALL, seed=seed)
    except _WrongAnswer:
        return True
    finally:
        Drawn.broken = broken  # type: ignore[method-assign]
    return False


def main(seeds: int) -> int:
    wrong = 0
    for name, fault in DATA_FAULTS.items():
        missed = [seed for seed in range(seeds) if name not in UNSEEN and not is_found(fault, seed)]
        wrong += bool(missed)
        say(f"{name}: {UNSEEN.get(name) or (f'MISSED under the seeds {missed}' if missed else 'found')}")
    programs = [[sys.executable, str(ADAPTERS / "adapter.py")]]
    programs += [["node", str(ADAPTERS / "adapter.js")]] if shutil.which("node") else []
    for seed in range(seeds):
        for make in (*RIGHT, Reference, OnSql):
            wrong += not passes(make.__name__, make(), seed)
        for command in programs:
            with closing(Program(command)) as program:
                wrong += not passes(command[-1], program, seed)
        wrong += not server_passes(seed)
    return 1 if wrong else 0


def server_passes(seed: int) -> bool:
    """Decide whether the server of the adapters passes."""
    command = [sys.executable, str(ADAPTERS / "server.py")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    ) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        is_right = passes(url, Server(url, [sys.executable, str(ADAPTERS / "load.py"), f"{url}/load"]), seed)
        process.terminate()
    return is_right


def passes(name: str, implementation: Any, seed: int) -> bool:
    begun = time.monotonic()
    report = run_contract(implementation, seed=seed)
    say(f"{name} with the seed {seed}: {'right' if report.ok else 'WRONG'} in {time.monotonic() - begun:.0f} s")
    if not report.ok:
        say(str(report))
    return report.ok


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 20))
