"""Test that each rule of the specification stands in the code and in a test."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "snaptasks"
TESTS = Path(__file__).parent
SPEC = (PACKAGE / "SPEC.md").read_text(encoding="utf-8")
RULES = re.findall(r"^- \*\*([A-Z]-\d+)", SPEC, re.MULTILINE)


def ids_in(text: str) -> set[str]:
    return set(re.findall(r"\b[A-Z]-\d+\b", text))


def ids_proved() -> set[str]:
    """Return the ids in the docstrings of test functions; raise AssertionError for one that checks nothing."""
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                checks = [n for n in ast.walk(node) if isinstance(n, ast.Assert) or "raises" in ast.dump(n)]
                assert checks, f"{path.name}: {node.name} checks nothing"
                found |= ids_in(ast.get_docstring(node) or "")
    return found


def ids_enforced() -> set[str]:
    sources = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    return set().union(*map(ids_in, sources))


PROVED, ENFORCED = ids_proved(), ids_enforced()


def test_specification_has_72_distinct_rules() -> None:
    assert len(RULES) == len(set(RULES)) == 72


@pytest.mark.parametrize("rule", RULES)
def test_rule_stands_in_code_and_tests(rule: str) -> None:
    assert rule in ENFORCED, f"{rule} stands nowhere in the package"
    assert rule in PROVED, f"{rule} is proved by no test"


def test_code_and_tests_name_only_known_rules() -> None:
    """A wrong id would send a reader to a rule that does not exist."""
    assert {*RULES} >= PROVED | ENFORCED
