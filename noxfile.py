"""Run the checks of the project, each in an environment of its own.

Decides what a change needs: `nox` runs the sessions that `nox --list` marks with a star, in ten minutes.
`nox -s NAME` runs another one; .ci/run names those that a change needs before it lands.
Does not know where the Pythons and the programs of the integration tests come from.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = True
nox.needs_version = ">=2025.5.1"
nox.options.sessions = ["lint", "types", "fast", "docs", "wheel"]

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = ["3.11", "3.12", "3.13"]
NEWER = ["python3.13t", "python3.14", "python3.14t", "python3.15", "python3.15t"]

EVERYTHING = ("-m", "")  # of pytest: the slow tests, too
FULL = {"HYPOTHESIS_PROFILE": "full"}  # 60 examples for each property; tests/conftest.py has the profiles

# The first and the last release of each minor of pydantic that the project admits; add a new minor here.
PYDANTICS = ["2.12.0", "2.12.*", "2.13.1", "2.13.*", "2.14.0", "2.14.*"]


def install(session: nox.Session, *groups: str) -> None:
    """Install the project, editable, with dependency groups."""
    session.install("-e", ".", *nox.project.dependency_groups(PROJECT, *groups))


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """Check the format and the lint rules, with ruff."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session(python="3.11")
def types(session: nox.Session) -> None:
    """Check the types with mypy and basedpyright, and that each public name has a type that is known."""
    install(session, "types")
    session.run("mypy")
    session.run("basedpyright")
    session.run("basedpyright", "--verifytypes", "snaptasks", "--ignoreexternal")


@nox.session(python="3.11")
def fast(session: nox.Session) -> None:
    """Run the tests that are not slow, as `pytest --numprocesses auto` does."""
    install(session, "test")
    session.run("pytest", "--numprocesses", "auto", *session.posargs)


@nox.session(python="3.11")
def docs(session: nox.Session) -> None:
    """Build the documentation into docs/_build; a warning, such as a link that leads nowhere, is an error."""
    install(session, "docs")
    session.run("sphinx-build", "--fail-on-warning", "--keep-going", "--quiet", "docs", "docs/_build", *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run all tests on the oldest and the newest Python, on the oldest with 100 % branch coverage; else the fast ones."""
    install(session, "test")
    oldest, *_, newest = PYTHONS
    slow = EVERYTHING if session.python in {oldest, newest} else ()  # a difference shows at one of the two ends
    pytest = ["pytest", "--numprocesses", "auto", *slow, *session.posargs]
    if session.python != oldest:
        session.run(*pytest, env=FULL)
        return
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", *pytest, env=FULL)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(python="3.11")
def property(session: nox.Session) -> None:
    """Run the laws of tests/property with 2,000 random examples each. Takes long."""
    install(session, "test")
    session.run("pytest", "tests/property", *EVERYTHING, *session.posargs, env={"HYPOTHESIS_PROFILE": "thorough"})


@nox.session(python="3.11")
def integration(session: nox.Session) -> None:
    """Run tests/integration against the official SDK, servers, clients, generators and databases; all of them must be there."""
    install(session, "integration")
    folder = "tests/integration/node"
    session.run("npm", "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", external=True)
    pytest = ["pytest", "tests/integration", "--numprocesses", "auto", "--dist", "loadfile", *EVERYTHING]
    session.run(*pytest, *session.posargs, env={**FULL, "INTEGRATION_PEERS": "required"})


@nox.session(python="3.11")
def fuzz(session: nox.Session) -> None:
    """Compare the answers to 1,000,000 hostile requests and 100,000 calls with second implementations; or NUMBER [SEED]."""
    install(session, "test")
    session.run("python", "-m", "tests.rest.fuzz", *(session.posargs or ["1000000"]))
    session.run("python", "-m", "tests.jsonrpc.fuzz", *(session.posargs or ["100000"]))


@nox.session(python=PYTHONS)
def interrupts(session: nox.Session) -> None:
    """Interrupt calls of a TaskIndex 100,000 times: by exceptions, signals, calls and forks. Takes minutes."""
    install(session, "test")
    session.run("python", "-W", "ignore", "-m", "tests.index.interruptions", *session.posargs)


@nox.session(python="3.11")
def kit(session: nox.Session) -> None:
    """Run the conformance kit under 20 seeds: it finds each faulty implementation and passes each right one. Takes an hour."""
    install(session, "test")
    session.run("python", "-m", "tests.contract.count_boundaries")
    session.run("python", "-m", "tests.contract.find_data_faults", *session.posargs)


@nox.session(python=False)
def newer(session: nox.Session) -> None:
    """Run the tests of TaskIndex on the newer and free-threaded Pythons of this machine; skip if it has none."""
    found = {name: path for name in NEWER if (path := shutil.which(name))}
    for name, path in found.items():
        session.log(f"{name}: {path}")
        room = Path(session.create_tmp()).resolve() / name
        session.run(path, "-m", "venv", "--clear", str(room))
        python = str(room / "bin" / "python")
        session.run(python, "-m", "pip", "install", "-e", ".", *nox.project.dependency_groups(PROJECT, "test"))
        session.run(python, "-m", "pytest", *EVERYTHING, "tests/index", "tests/test_listing.py", env=FULL)
        injections = session.posargs or ["--injections", "20000"]
        session.run(python, "-W", "ignore", "-m", "tests.index.interruptions", *injections)
    if not found:
        session.skip(f"none of {', '.join(NEWER)} is on this machine")


@nox.session(python="3.11")
def hostile(session: nox.Session) -> None:
    """Send what schemathesis draws to the recipes under their servers."""
    install(session, "hostile")
    session.run("python", "-m", "tests.integration.run_schemathesis", *(session.posargs or ["--max-examples", "500"]))


@nox.session(python="3.11")
def mutation(session: nox.Session) -> None:
    """Test mutants of the rooms that decide, and a sample of the others; fail if too many survive. Takes two hours."""
    install(session, "mutation")
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session(python="3.11")
def bench(session: nox.Session) -> None:
    """Run the benchmarks beside their peers, on a quiet machine; fail if a required figure is missed."""
    install(session, "bench")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """Run the tests that are not slow on the lowest pydantic and SQLAlchemy that the project admits."""
    (sqlalchemy,) = PROJECT["project"]["optional-dependencies"]["sql"]
    install(session, "test")
    session.install(f"pydantic=={PYDANTICS[0]}", sqlalchemy.replace(">=", "=="))
    session.run("pytest", "--numprocesses", "auto", *session.posargs)


@nox.session(python="3.11")
@nox.parametrize("version", PYDANTICS)
def pydantic(session: nox.Session, version: str) -> None:
    """Run all tests on the first and the last release of each minor of pydantic. Takes half an hour."""
    install(session, "test")
    session.install(f"pydantic=={version}")
    session.run("pytest", "--numprocesses", "auto", *EVERYTHING, *session.posargs, env=FULL)


@nox.session(python="3.11")
def wheel(session: nox.Session) -> None:
    """Build the wheel and check it in bare environments: without extras, and with each extra.

    It runs, is typed, and has the specification and not the tests.
    """
    out = Path(session.create_tmp()).resolve()
    session.install(*nox.project.dependency_groups(PROJECT, "wheel"))
    shutil.rmtree(out / "dist", ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(out / "dist"), silent=True)
    session.run("python", "-m", "venv", "--clear", str(out / "bare"))
    python = str(out / "bare" / "bin" / "python")
    (built,), (archive,) = (out / "dist").glob("*.whl"), (out / "dist").glob("*.tar.gz")
    session.run("twine", "check", "--strict", str(built), str(archive))
    session.run("check-wheel-contents", str(built))
    session.run("pyroma", "--min=10", "--skip-tests=AuthorEmail,Url", str(archive))  # the owner adds both
    session.run(python, "-m", "pip", "install", "--quiet", str(built), external=True)
    data, wheel_check = Path("tests/data/sample-tasks.json").resolve(), Path("tests/check_installed_wheel.py").resolve()
    testing_check, sql_check = (
        Path("tests/check_testing_extra.py").resolve(),
        Path("tests/check_sql_extra.py").resolve(),
    )
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
