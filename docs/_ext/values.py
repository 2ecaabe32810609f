"""Show a value in the API pages: its fields as a table, with their types as a caller writes them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from enum import Enum
from typing import Any

from sphinx.application import Sphinx


def _types(kind: type[Any]) -> dict[str, tuple[str, str]]:
    """Find the type and the default of each field: those of the signature that type checkers see."""
    found: dict[str, tuple[str, str]] = {}
    for base in reversed(kind.__mro__):
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                found |= {
                    argument.arg: (ast.unparse(argument.annotation), ast.unparse(default) if default else "")
                    for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
                    if argument.annotation
                }
    return found


def _fields(kind: type[Any]) -> list[str]:
    """Write the fields of a value as a definition list, in their order."""
    types = _types(kind)
    lines = []
    for name, text in vars(kind)["__doc__"].fields(kind).items():
        type_, default = types.get(name, ("", ""))
        first, *rest = text.split("\n")
        about = f"``{name}``: ``{type_}``" + (f" = ``{default}``" if default else "")
        lines += [about, *(f"    {line}" for line in (first, *rest)), ""]
    return [".. rubric:: Fields", "", *lines] if lines else []


def _document(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    if what == "class" and "Fields:" in lines and hasattr(value, "__pydantic_fields__"):
        lines[lines.index("Fields:") :] = _fields(value)


def _skip(app: Sphinx, what: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    """Leave out what the table of fields says already, and what pydantic and Enum add."""
    if name in {"__init__", "__new__", "model_config"}:
        return True
    of_a_class = inspect.isroutine(member) or isinstance(member, property | Enum)
    return True if what == "class" and not of_a_class else None


def _sign(app: Sphinx, what: str, name: str, value: Any, *_: object) -> tuple[str, str] | None:
    """Leave out the signature of a value: the table of its fields says more."""
    return ("", "") if what == "class" and hasattr(value, "__pydantic_fields__") else None


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", _document)
    app.connect("autodoc-process-signature", _sign)
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True}
