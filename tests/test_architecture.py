"""Test which room imports which, and which modules an import of the package loads."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutation.rooms import SAMPLED, WHOLE

PACKAGE = Path(__file__).parent.parent / "snaptasks"

# From the bottom up: a room imports only from rooms before it.
ROOMS = [
    "_documentation",
    "_sealed",
    "_text",
    "_value",
    "messages",
    "_sent",
    "errors",
    "_union",
    "tasks",
    "filters",
    "query",
    "access",
    "visibility",
    "sources",
    "index",  # index, sql and listing are peers: index and sql do not import listing
    "sql",
    "_flow",
    "_scan",
    "listing",
    "_boundary",
    "rest",
    "jsonrpc",
    "__init__",
    "testing",
    "_command",
    "__main__",
]

# The packages that a room may import beside pydantic: those of its extra.
EXTRAS = {"sql": {"sqlalchemy"}, "testing": {"hypothesis", "pytest"}}
# The impure modules that a room may import. An index serves many threads and survives a fork. The kit reads its vectors, draws values,
# awaits asynchronous implementations, and calls programs and servers.
# A flow finds out which task was cancelled, after asyncio has raised a cancellation.
ALLOWED = {
    "_flow": {"asyncio"},
    "index": {"os", "threading"},
    "testing": {"pathlib", "asyncio", "io", "os", "random", "socket", "subprocess", "sys", "time"},
}

# The modules that a pure library does not import: clocks, files, sockets, threads, loggers, the environment, chance.
IMPURE = {"asyncio", "io", "logging", "os", "pathlib", "random", "socket", "subprocess", "sys", "threading", "time"}

PYDANTIC = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}


def room_of(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0].removesuffix(".py")


def imports_of(path: Path) -> tuple[set[str], set[str]]:
    """Return the rooms and the foreign packages that a module imports."""
    rooms, foreign = set(), set()
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            foreign |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            foreign.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            rooms |= {node.module.split(".")[0]} if node.module else {"__init__"}
    return rooms, foreign


MODULES = sorted(PACKAGE.rglob("*.py"))


def test_each_module_is_in_a_known_room() -> None:
    assert {room_of(path) for path in MODULES} == {*ROOMS}


def test_mutation_run_tries_each_room_with_tests_that_exist() -> None:
    """Only the doors that hold no decision are left out."""
    assert sorted([*WHOLE, *SAMPLED]) == sorted({*ROOMS} - {"__init__", "__main__"})
    tests = Path(__file__).parent
    assert [name for names in (WHOLE | SAMPLED).values() for name in names if not (tests / name).exists()] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_only_from_rooms_below(path: Path) -> None:
    rooms, foreign = imports_of(path)
    below = ROOMS[: ROOMS.index(room_of(path))]
    assert rooms <= {*below}, f"{path.name} imports from above or beside it"
    assert "snaptasks" not in foreign, "the package imports itself relatively"
    if room_of(path) not in {"_command", "__main__"}:
        assert not foreign & IMPURE - ALLOWED.get(room_of(path), set())
        assert foreign - PYDANTIC - EXTRAS.get(room_of(path), set()) <= sys.stdlib_module_names


def test_import_loads_only_pydantic_and_the_standard_library() -> None:
    """An import of the package loads no other installed package."""
    code = "import sys; before = {*sys.modules}; import snaptasks; print(*{*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "snaptasks" in loaded
    foreign = loaded - {"snaptasks"} - PYDANTIC - sys.stdlib_module_names
    assert {name for name in foreign if not name.startswith("_sysconfigdata")} == set()  # it is part of the interpreter
    assert "snaptasks.jsonrpc" not in done.stdout.split()


def test_room_of_json_rpc_is_small() -> None:
    """A reader can read all of it."""
    lines = [path.read_text(encoding="utf-8").count("\n") for path in (PACKAGE / "jsonrpc").glob("*.py")]
    assert len(lines) == 5
    assert sum(lines) < 450
    assert max(lines) < 200


def test_boundary_names_no_framework() -> None:
    """The embedding code chooses the framework; not even a comment prefers one."""
    named = {"fastapi", "starlette", "flask", "django", "uvicorn", "gunicorn", "wsgi", "asgi", "trio", "httpx"}
    paths = [path for room in ("rest", "jsonrpc", "_boundary") for path in (PACKAGE / room).glob("*.py")]
    assert len(paths) > 10
    for path in paths:
        assert named.isdisjoint(re.findall(r"\w+", path.read_text(encoding="utf-8").lower())), path.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_package_has_no_assert_statement(path: Path) -> None:
    """`python -O` removes assert statements."""
    assert not [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Assert)]


def test_package_has_no_type_ignore_comment() -> None:
    """Type checkers check the whole package strictly."""
    assert [path.name for path in MODULES if "type: ignore" in path.read_text(encoding="utf-8")] == []


def test_each_public_name_is_exported_once() -> None:
    import snaptasks  # noqa: PLC0415

    assert len(snaptasks.__all__) == len(set(snaptasks.__all__))
    assert sorted(snaptasks.__all__) == sorted(name for name in vars(snaptasks) if is_public(name))


def is_public(name: str) -> bool:
    return not name.startswith("_") and name not in ROOMS


def defined(path: Path) -> set[str]:
    """Return the names that a module defines itself at its top level."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_module_lists_its_public_names_in_all(path: Path) -> None:
    """Other names begin with an underscore; each name in `__all__` exists."""
    module = importlib.import_module(
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    )
    doors = getattr(module, "__all__", [])
    assert len(set(doors)) == len(doors)
    assert [name for name in doors if not hasattr(module, name)] == []
    assert {name for name in defined(path) if not name.startswith("_")} <= {*doors}


def test_imports_have_no_cycle() -> None:
    """This holds inside a room too, and for imports that only type checkers see."""
    imports = {path: {*imported_modules(path)} for path in MODULES}
    done: set[Path] = set()
    while ready := {path for path, needs in imports.items() if path not in done and needs <= done}:
        done |= ready
    assert {*imports} - done == set()


def imported_modules(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1]
            for step in (node.module or "").split("."):
                base /= step
            whole = base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
            parts = {base / f"{alias.name}.py" for alias in node.names} | {
                base / alias.name / "__init__.py" for alias in node.names
            }
            yield from {part for part in parts if part.exists()} or {whole}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_has_at_most_300_lines(path: Path) -> None:
    """A longer module has more than one subject."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
