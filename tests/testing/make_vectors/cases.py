"""Build a case: its request, its clause and what it expects."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.naive import naive_list

VECTORS = Path(__file__).parents[3] / "snaptasks" / "testing" / "vectors"
SPEC = VECTORS.parent.parent / "SPEC.md"

cases: dict[str, list[dict[str, Any]]] = {}


def level_of(clause: str, level: str | None) -> str:
    """The level that the specification marks; where it has both, the one that a case names."""
    (line,) = [
        line
        for line in SPEC.read_text(encoding="utf-8").splitlines()
        if line.startswith((f"- **{clause} ", f"- **{clause}**"))
    ]
    marked = line.split("**")[1].split()[1:]
    return level or (marked[0].rstrip(",") if marked else "must")


def case(
    file: str, clause: str, name: str, mistake: str, request: Any, expect: Any, *, population: str = "crossed",
    caller: str = "root", level: str | None = None, **more: Any
) -> None:  # fmt: skip
    cases.setdefault(file, []).append(
        {"id": f"{clause}/{name}", "clause": clause, "level": level_of(clause, level), "mistake": mistake}
        | {"population": population, "caller": caller, "request": request, "expect": expect}
        | more
    )


def query(*pairs: tuple[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)


def tasks(*ids: str) -> dict[str, Any]:
    return {"status": 200, "tasks": [*ids]}


def error(status: int, *types: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "errors": [*types], **more}


FIELDS = {"tasks": "task", "operations": "operation", "services": "service", "status": "status", "users": "user"}


def value_of(task: dict[str, Any], field: str) -> str | None:
    value: str | None = task["task"] if field == "tasks" else task["info"].get(FIELDS[field])
    return value


def matching(population: Sequence[dict[str, Any]], members: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """What the second implementation lists to whoever sees everything."""
    found = naive_list(population, {field: sorted(names) for field, names in members.items()}, lambda task: True)
    assert found is not None
    return tasks(*(task["task"] for task in found))
