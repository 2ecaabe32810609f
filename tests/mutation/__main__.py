"""Test the tests with mutants of cosmic-ray: `python -m tests.mutation`.

The command fails if a room stays below the gate, or if a test kills a mutant listed as equivalent. It tries every
mutant of the rooms that decide, and a seeded sample of the others. A mutant is killed if a test fails or runs ten times
as long. Kill a survivor with a new test. If no test can distinguish it from the original, list it in `equivalent.json`
with the reason. Mutants run in copies of the project, never in the checkout.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_and_test, mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

from tests.mutation.rooms import SAMPLED, WHOLE

PROJECT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.json")
GATE = 95.0
"""The least score, in per cent, inclusive, of each room in WHOLE; equivalent mutants do not count."""

PYTEST = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", "-m", ""]
EVERYTHING_ELSE = ["--ignore=tests/command", "--ignore=tests/test_documentation.py"]
"""The arguments for survivors of the tests of their room; the tests of the command and of the pages take too long."""

SLOWEST = 10
"""A mutant hangs if it takes this many times the unmutated run, and 30 seconds more."""
MEMORY = 6 << 30
"""Bytes of address space for a mutant; a mutant that takes more memory ends before the machine runs out of it."""


@dataclass(frozen=True)
class Mutant:
    """Represent a mutation of a room, with the commands of the tests that may kill it."""

    room: str
    spec: MutationSpec
    commands: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Outcome:
    """Hold the result of a mutant and the lines that it changes."""

    mutant: Mutant
    killed: bool
    hung: bool
    before: str
    after: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Return the key of the mutant in `equivalent.json`, which does not depend on the line number."""
        return str(self.mutant.spec.module_path), self.before, self.after


def is_noticeable(spec: MutationSpec, original: str) -> bool:
    """Decide whether the mutant compiles and changes more than annotations, which are never evaluated."""
    operator = get_operator(spec.operator_name)(**spec.operator_args)
    try:
        text = mutate_code(original, operator, spec.occurrence)
        return text is not None and _without_annotations(text) != _without_annotations(original)
    # cosmic-ray mutates the `*` of a signature, and fails at `except module.Error`.
    except (SyntaxError, AttributeError):
        return False


def _without_annotations(text: str) -> str:
    tree = ast.parse(text)
    for statement in tree.body:
        if isinstance(statement, ast.AnnAssign):
            statement.annotation = ast.Constant(None)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.Pass()]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            for inner in ast.walk(node):
                if isinstance(inner, ast.arg):
                    inner.annotation = None
                elif isinstance(inner, ast.AnnAssign):
                    inner.annotation = ast.Constant(None)
    return ast.dump(tree)


def specs(room: str, chosen: random.Random) -> Iterator[MutationSpec]:
    """Yield every noticeable mutation of a room in random order."""
    place = Path("snaptasks") / room
    modules = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    originals = {module: module.read_text() for module in modules}
    with use_db(":memory:", WorkDB.Mode.create) as database:
        init(modules, database, {})
        found = [spec for item in database.work_items for spec in item.mutations]
    chosen.shuffle(found)
    return (spec for spec in found if is_noticeable(spec, originals[spec.module_path]))


@cache
def command(*tests: str) -> tuple[str, float]:
    """Return the command that runs tests, and the seconds that a mutant may take."""
    arguments = [*PYTEST, *tests]
    start = time.monotonic()
    # The unmutated run must pass, because otherwise every mutant would be killed.
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    return shlex.join(arguments), SLOWEST * (time.monotonic() - start) + 30


def enter_copy(base: str) -> None:
    """Change to a new copy of the project and limit the memory."""
    copy = Path(tempfile.mkdtemp(dir=base)) / "copy"
    copy.mkdir()
    for name in ("snaptasks", "tests", "benchmarks", "docs", "examples", ".ci"):
        shutil.copytree(
            PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "_build", "node_modules")
        )
    for path in filter(Path.is_file, PROJECT.iterdir()):
        shutil.copy(path, copy)
    os.chdir(copy)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def try_mutant(mutant: Mutant) -> Outcome:
    """Run the tests on a mutant."""
    for command, seconds in mutant.commands:
        result = mutate_and_test([mutant.spec], command, seconds)
        if result.test_outcome is not TestOutcome.SURVIVED:
            break
    if result.test_outcome is TestOutcome.INCOMPETENT:
        raise RuntimeError(result.output)
    lines = (result.diff or "").splitlines()[3:]
    before, after = ("\n".join(filter(None, (line[1:].strip() for line in lines if line[:1] == sign))) for sign in "-+")
    killed = result.test_outcome is TestOutcome.KILLED
    return Outcome(mutant, killed, killed and result.output == "timeout", before, after)


def report(outcomes: list[Outcome], listed: dict[tuple[str, str, str], str]) -> bool:
    """Print the figures of each room and every survivor, and return whether the gate is passed."""
    passed = True
    survived = {outcome.key for outcome in outcomes if not outcome.killed}
    for room in [*WHOLE, *SAMPLED]:
        of_room = [outcome for outcome in outcomes if outcome.mutant.room == room]
        if not of_room:
            continue
        killed = sum(outcome.killed for outcome in of_room)
        equivalent = sum(not outcome.killed and outcome.key in listed for outcome in of_room)
        hung = sum(outcome.hung for outcome in of_room)
        score = 100 * killed / max(1, len(of_room) - equivalent)
        passed &= room not in WHOLE or score >= GATE
        print(
            f"{room:9} {'whole ' if room in WHOLE else 'sample'} {len(of_room):4} mutants, {killed:4} killed"
            f" ({hung} hung), {equivalent:3} equivalent, {len(of_room) - killed - equivalent:3} survive: {score:.1f} %"
        )
    for path, before, after in sorted(survived - set(listed)):
        print(f"\nsurvives in {path}:\n- {before}\n+ {after}")
    for path, before, after in sorted({outcome.key for outcome in outcomes if outcome.killed} & set(listed) - survived):
        passed = False
        print(f"\nlisted as equivalent, but killed, in {path}:\n- {before}\n+ {after}")
    return passed


def main() -> int:
    """Try the mutants of the chosen rooms and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--rooms", nargs="+", choices=[*WHOLE, *SAMPLED], default=[*WHOLE, *SAMPLED])
    parser.add_argument("--sample", type=int, default=25, help="mutants of each room that is not tried whole")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    os.chdir(PROJECT)
    mutants = []
    for room in options.rooms:
        commands = command(*(f"tests/{test}" for test in (WHOLE | SAMPLED)[room])), command(*EVERYTHING_ELSE)
        found = specs(room, random.Random(options.seed))
        mutants += [Mutant(room, spec, commands) for spec in islice(found, None if room in WHOLE else options.sample)]
    print(f"{len(mutants)} mutants", flush=True)
    listed = {
        (mutant["module"], mutant["before"], mutant["after"]): mutant["why"]
        for mutant in json.loads(EQUIVALENT.read_text())
    }
    outcomes = []
    with (
        tempfile.TemporaryDirectory() as base,
        ProcessPoolExecutor(options.jobs, initializer=enter_copy, initargs=(base,)) as pool,
    ):
        for done in as_completed([pool.submit(try_mutant, mutant) for mutant in mutants]):
            outcome = done.result()
            outcomes.append(outcome)
            if not outcome.killed and outcome.key not in listed:
                print(
                    f"{len(outcomes)}: survives in {outcome.key[0]}:\n- {outcome.before}\n+ {outcome.after}", flush=True
                )
    return 0 if report(outcomes, listed) else 1


if __name__ == "__main__":
    sys.exit(main())
