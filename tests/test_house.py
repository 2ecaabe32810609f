"""The pages for contributors say what the project has: rooms, sessions, rules, files and metadata."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.test_architecture import ROOMS
from tests.test_spec import RULES, ids_in

ROOT = Path(__file__).parent.parent
PAGES = ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
KINDS_OF_CHANGE = ["Security", "Added", "Changed", "Deprecated", "Removed", "Fixed"]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_contributing_page_lists_each_room_in_the_order_of_imports() -> None:
    """Compare the table of rooms with the list that the test of the imports uses."""
    (table,) = re.findall(
        r"^\| layer \| module \| decides \|\n(.*?)\n\n", page("CONTRIBUTING.md"), re.MULTILINE | re.DOTALL
    )
    assert re.findall(r"^\| [a-z]* ?\| `(\w+)` \|", table, re.MULTILINE) == ROOMS


def test_contributing_page_names_each_nox_session() -> None:
    """Find the sessions in the source of noxfile.py, because nox is not a dependency of the tests."""
    functions = [node for node in ast.parse(page("noxfile.py")).body if isinstance(node, ast.FunctionDef)]
    sessions = [each.name for each in functions if any("session" in ast.dump(mark) for mark in each.decorator_list)]
    assert len(sessions) > 5
    assert [name for name in sessions if f"`{name}`" not in page("CONTRIBUTING.md")] == []


@pytest.mark.parametrize("name", PAGES)
def test_page_names_rules_of_the_specification_only(name: str) -> None:
    """Refuse an id that SPEC.md does not have."""
    named = ids_in(page(name))
    assert named
    assert named <= {*RULES}


def test_changelog_groups_changes_by_kind_with_security_first() -> None:
    """Read each version's headings: known kinds, each once, in one order."""
    unreleased, *versions = re.split(r"^## ", page("CHANGELOG.md"), flags=re.MULTILINE)[1:]
    assert unreleased.startswith("[Unreleased]\n")
    for version in (unreleased, *versions):
        kinds = re.findall(r"^### (.*)$", version, re.MULTILINE)
        assert kinds
        assert kinds == [kind for kind in KINDS_OF_CHANGE if kind in kinds]


def test_citation_repeats_the_metadata_of_the_project() -> None:
    """Compare name, author and license with pyproject.toml."""
    project = tomllib.loads(page("pyproject.toml"))["project"]
    citation = page("CITATION.cff").splitlines()
    assert f"title: {project['name']}" in citation
    assert f"license: {project['license']}" in citation
    assert [f"  - name: {author['name']}" for author in project["authors"]] == [
        line for line in citation if line.startswith("  - name: ")
    ]
