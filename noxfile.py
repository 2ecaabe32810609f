"""Every check of the project; `nox` runs them all, `nox -s tests` one of them. Each installs its own tools."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = True
nox.needs_version = ">=2025.5.1"

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = ["3.11", "3.12", "3.13"]
NEWER = ["python3.13t", "python3.14", "python3.14t", "python3.15", "python3.15t"]

# The first and the last release of each minor of pydantic that the project admits; a new minor goes here.
PYDANTICS = ["2.12.0", "2.12.*", "2.13.1", "2.13.*", "2.14.0", "2.14.*"]


def install(session: nox.Session, *groups: str) -> None:
    """Install the project as it stands, with dependency groups."""
    session.install("-e", ".", *nox.project.dependency_groups(PROJECT, *groups))


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """Formatting and lint rules, ruff."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session(python="3.11")
def types(session: nox.Session) -> None:
    """Types: mypy strict, a second checker on what a user sees, and no public name whose type is unknown."""
    install(session, "types")
    session.run("mypy")
    session.run("basedpyright")
    session.run("basedpyright", "--verifytypes", "snaptasks", "--ignoreexternal")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """All tests, a process a core; on the first Python with 100 % branch coverage of the package."""
    install(session, "test")
    pytest = ["pytest", "--numprocesses", "auto", *session.posargs]
    if session.python != PYTHONS[0]:
        session.run(*pytest)
        return
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", *pytest)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(python="3.11")
def property(session: nox.Session) -> None:
    """The laws again: random and thorough."""
    install(session, "test")
    session.run("pytest", "tests/property", *session.posargs, env={"HYPOTHESIS_PROFILE": "thorough"})


@nox.session(python="3.11")
def integration(session: nox.Session) -> None:
    """Against real peers: the official schema and SDK, real servers, clients and generators. Nothing may be skipped."""
    install(session, "integration")
    folder = "tests/integration/node"
    session.run("npm", "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", external=True)
    session.run("pytest", "tests/integration", "--numprocesses", "auto", "--dist", "loadfile", *session.posargs)


@nox.session(python="3.11")
def fuzz(session: nox.Session) -> None:
    """A million hostile requests and 100,000 calls, held against second implementations; or another number, and a seed."""
    install(session, "test")
    session.run("python", "-m", "tests.rest.fuzz", *(session.posargs or ["1000000"]))
    session.run("python", "-m", "tests.jsonrpc.fuzz", *(session.posargs or ["100000"]))


@nox.session(python=PYTHONS)
def interrupts(session: nox.Session) -> None:
    """Exceptions, signals, calls and forks in the middle of calls of a TaskIndex: 100,000 and more, some minutes."""
    install(session, "test")
    session.run("python", "-W", "ignore", "-m", "tests.index.interruptions", *session.posargs)


@nox.session(python="3.11")
def kit(session: nox.Session) -> None:
    """The conformance kit under 20 seeds: each fault that depends on data is found, and what is right passes. Takes an hour."""
    install(session, "test")
    session.run("python", "-m", "tests.contract.count_boundaries")
    session.run("python", "-m", "tests.contract.find_data_faults", *session.posargs)


@nox.session(python=False)
def newer(session: nox.Session) -> None:
    """The tests of TaskIndex on newer and free-threaded Pythons, where this machine has any; it says so where it has none."""
    found = {name: path for name in NEWER if (path := shutil.which(name))}
    for name, path in found.items():
        session.log(f"{name}: {path}")
        room = Path(session.create_tmp()).resolve() / name
        session.run(path, "-m", "venv", "--clear", str(room))
        python = str(room / "bin" / "python")
        session.run(python, "-m", "pip", "install", "-e", ".", *nox.project.dependency_groups(PROJECT, "test"))
        session.run(python, "-m", "pytest", "tests/index", "tests/test_listing.py")
        session.run(python, "-W", "ignore", "-m", "tests.index.interruptions", *(session.posargs or ["--injections", "20000"]))
    if not found:
        session.skip(f"none of {', '.join(NEWER)} is on this machine")


@nox.session(python="3.11")
def hostile(session: nox.Session) -> None:
    """schemathesis against the recipes under their servers."""
    install(session, "hostile")
    session.run("python", "-m", "tests.integration.run_schemathesis", *(session.posargs or ["--max-examples", "500"]))


@nox.session(python="3.11")
def mutation(session: nox.Session) -> None:
    """Mutants of the rooms that decide, and a sample of the others; fails where too many survive. Takes an hour or two."""
    install(session, "mutation")
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session(python="3.11")
def bench(session: nox.Session) -> None:
    """The benchmarks, peers side by side; for a quiet machine. Fails where a must is missed."""
    install(session, "bench")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """All tests on the lowest pydantic and SQLAlchemy that the project admits."""
    (sqlalchemy,) = PROJECT["project"]["optional-dependencies"]["sql"]
    install(session, "test")
    session.install(f"pydantic=={PYDANTICS[0]}", sqlalchemy.replace(">=", "=="))
    session.run("pytest", "--numprocesses", "auto", *session.posargs)


@nox.session(python="3.11")
@nox.parametrize("version", PYDANTICS)
def pydantic(session: nox.Session, version: str) -> None:
    """All tests on the first and the last release of each minor of pydantic."""
    install(session, "test")
    session.install(f"pydantic=={version}")
    session.run("pytest", "--numprocesses", "auto", *session.posargs)


@nox.session(python="3.11")
def wheel(session: nox.Session) -> None:
    """The built wheel alone in a bare environment: it runs, is typed, and carries the specification, not the tests; then
    with each of its extras alone, as an adopter has it."""
    out = Path(session.create_tmp()).resolve()
    session.install("build")
    session.run("python", "-m", "build", "--outdir", str(out / "dist"), silent=True)
    session.run("python", "-m", "venv", "--clear", str(out / "bare"))
    python = str(out / "bare" / "bin" / "python")
    (built,) = sorted((out / "dist").glob("*.whl"))[-1:]
    session.run(python, "-m", "pip", "install", "--quiet", str(built), external=True)
    data, wheel_check = Path("tests/data/sample-tasks.json").resolve(), Path("tests/check_installed_wheel.py").resolve()
    testing_check, sql_check = Path("tests/check_testing_extra.py").resolve(), Path("tests/check_sql_extra.py").resolve()
    with session.chdir(out):
        session.run(python, "-I", str(wheel_check), str(data), external=True, env={"PATH": os.defpath})
        session.run(python, "-m", "pip", "install", "--quiet", f"{built}[testing]", external=True)
        session.run(python, "-I", str(testing_check), external=True, env={"PATH": os.defpath})
        session.run(python, "-m", "pip", "install", "--quiet", f"{built}[completion]", external=True)
        session.run(python, "-I", "-m", "snaptasks", "completion", "bash", external=True, silent=True)
        session.run("python", "-m", "venv", "--clear", str(out / "sql"))
        python = str(out / "sql" / "bin" / "python")
        session.run(python, "-m", "pip", "install", "--quiet", f"{built}[sql]", "aiosqlite", external=True)
        session.run(python, "-I", str(sql_check), str(data), external=True, env={"PATH": os.defpath})
