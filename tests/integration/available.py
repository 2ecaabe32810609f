"""The peers of the integration tests that this machine lacks.

Decides which files of tests/integration are left out where a peer is missing, and what installs it.
Does not know what a test does with its peer.
"""

import os
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from tests.paths import ROOT

HERE: Final = Path(__file__).parent

PACKAGES: Final = "the group integration"  # of pyproject.toml, as one peer: one command installs it

# The peers that each file needs. A file that this table does not name raises KeyError.
NEEDS: Final[Mapping[str, Sequence[str]]] = {
    "test_adapters.py": ["node"],
    "test_conform.py": [PACKAGES],
    "test_databases.py": [PACKAGES, "postgresql"],
    "test_following.py": [PACKAGES],
    "test_frameworks.py": [PACKAGES],
    "test_generators.py": [PACKAGES, "node", "node_modules"],
    "test_jobs.py": [PACKAGES, "postgresql"],
    "test_jsonrpc.py": [PACKAGES],
    "test_messages.py": [PACKAGES],
    "test_peers.py": [PACKAGES],
    "test_recipe_safety.py": [PACKAGES],
    "test_recipes.py": [PACKAGES, "curl"],
    "test_records.py": [PACKAGES],
    "test_routes.py": [PACKAGES, "curl"],
    "test_stock_client.py": [PACKAGES],
}

INSTALL: Final = {
    PACKAGES: "pip install --editable . --group integration",
    "node": "apt-get install nodejs",
    "node_modules": "npm ci --prefix tests/integration/node --ignore-scripts",
    "postgresql": "apt-get install postgresql",
    "curl": "apt-get install curl",
}

# Set to "required", a missing peer is an error and not a file less; `nox -s integration` sets it.
MODE: Final = "INTEGRATION_PEERS"


def missing_packages() -> Iterator[str]:
    """Yield the distributions of the group integration that are not installed."""
    groups: Mapping[str, Iterable[Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    for requirement in groups["integration"]:
        if isinstance(requirement, str) and (name := re.match(r"[\w.-]+", requirement)):
            try:
                distribution(name[0])
            except PackageNotFoundError:
                yield name[0]


def has_postgresql() -> bool:
    """Return whether PostgreSQL is installed; Debian keeps it off the PATH."""
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb") is not None


def find_missing() -> dict[str, str]:
    """Return the missing peers, each with the command that installs it."""
    present = {
        PACKAGES: not any(missing_packages()),
        "node": shutil.which("node") is not None,
        "node_modules": (HERE / "node" / "node_modules").is_dir(),
        "postgresql": has_postgresql(),
        "curl": shutil.which("curl") is not None,
    }
    return {peer: INSTALL[peer] for peer in INSTALL if not present[peer]}


MISSING: Final = find_missing()
LEFT_OUT: Final = [path.name for path in sorted(HERE.glob("test_*.py")) if {*NEEDS[path.name]} & {*MISSING}]


def is_required() -> bool:
    """Return whether a missing peer is an error."""
    return os.environ.get(MODE) == "required"


def describe_left_out() -> list[str]:
    """Return the lines that say what is left out, because of which peer, and what installs it; none where all is there."""
    lines = [
        f"left out: tests/integration/{name}, which needs {', '.join(p for p in NEEDS[name] if p in MISSING)}"
        for name in LEFT_OUT
    ]
    return lines + [f"to run them: {command}" for command in MISSING.values()] if lines else []
