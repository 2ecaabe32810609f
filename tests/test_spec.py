"""Every rule of the specification stands in the code and in a test."""

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
    """The ids in the docstrings of test functions that check something."""
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                checks = any(isinstance(each, ast.Assert) for each in ast.walk(node)) or "raises" in ast.dump(node)
                assert checks, f"{path.name}: {node.name} checks nothing"
                found |= ids_in(ast.get_docstring(node) or "")
    return found


def ids_enforced() -> set[str]:
    sources = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    return set().union(*map(ids_in, sources))


PROVED, ENFORCED = ids_proved(), ids_enforced()


def test_the_specification_is_there() -> None:
    assert len(RULES) == len(set(RULES)) == 72


@pytest.mark.parametrize("rule", RULES)
def test_rule_stands_in_code_and_tests(rule: str) -> None:
    assert rule in ENFORCED, f"{rule} stands nowhere in the package"
    assert rule in PROVED, f"{rule} is proved by no test"


def test_no_unknown_rule_is_named() -> None:
    """A wrong id would send a reader to a rule that does not exist."""
    assert {*RULES} >= PROVED | ENFORCED
