"""Test that recipes, which users copy, stay safe with a hostile server or client (W-4, W-5, J-2)."""

import re
import runpy
import sys
from types import SimpleNamespace

import httpx
import pytest

from snaptasks import ListResult
from tests.building import plain_item
from tests.paths import ROOT

RECIPES = sorted((ROOT / "examples").rglob("*.py"))
HOSTILE = "t\x1b[2J\u202e\x9b\n"

# Texts of a recipe that are safe: they are escaped, filtered, written as JSON with escapes, or a number of its own.
SAFE_PRINT = re.compile(r"![ra]}|isprintable\(\)|json\.dumps\(\w+\)|server_port|print\(text, end=end")


def test_script_of_failed_tasks_prints_hostile_names_escaped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """W-5: A server must not control the terminal of an operator."""
    body = ListResult(items=[plain_item(HOSTILE)]).to_json()
    answer = SimpleNamespace(status_code=200, headers={}, content=body)
    monkeypatch.setattr(httpx, "get", lambda *_, **__: answer)
    monkeypatch.setattr(sys, "argv", ["failed_tasks.py", "http://h/api", "session"])
    runpy.run_path(str(ROOT / "examples" / "failed_tasks.py"), run_name="__main__")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.isprintable()
    assert repr(HOSTILE) in line


def test_recipes_print_only_escaped_texts() -> None:
    """W-5: This holds for each recipe, also for a new one."""
    lines = [(path.name, line) for path in RECIPES for line in path.read_text().splitlines() if "print(" in line]
    assert len(lines) > 3
    assert [each for each in lines if not SAFE_PRINT.search(each[1])] == []


def test_recipes_collect_bodies_without_copying_them() -> None:
    """J-2, W-4: Bytes copy all that is there with each part, so that a body of tiny parts would take quadratic time.

    A body of which only three bytes are kept may stay bytes.
    """
    for path in RECIPES:
        text = path.read_text()
        grows = re.findall(r"^ *body \+= part(?!\.translate).*", text, re.MULTILINE)
        assert not grows or re.search(r"^ *body = bytearray\(\)", text, re.MULTILINE), path.name
    assert sum("body = bytearray()" in path.read_text() for path in RECIPES) == 2
