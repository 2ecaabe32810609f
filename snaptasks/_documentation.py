"""Document the fields of a value: in help(), and in a JSON schema.

Decides how the text below a field becomes its documentation. Does not know any field.

A field is documented once, by the text below it, where an editor finds it. This module reads that text from the source.
It reads only at the first use, because reading takes a third of the import time of the library.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic import GetJsonSchemaHandler

__all__ = ["Documentation", "describe"]


class Documentation:
    """Hold the documentation of a class. At its first use, add the documentation of the fields."""

    def __init__(self, about: str) -> None:
        self.about = inspect.cleandoc(about)
        self._fields: dict[str, str] | None = None

    def __get__(self, value: object, kind: type[Any]) -> str:
        return "\n".join(
            [self.about, "", "Fields:", *(f"    {name}: {text}" for name, text in self.fields(kind).items())]
        )

    def fields(self, kind: type[Any]) -> dict[str, str]:
        """Return the text below each field of the class and of its bases; empty if the source is missing."""
        if self._fields is None:
            found = {name: text for base in reversed(kind.__mro__) for name, text in _field_texts(base)}
            self._fields = {name: found[name] for name in kind.__pydantic_fields__ if name in found}
        return self._fields


def _field_texts(kind: type[Any]) -> Iterator[tuple[str, str]]:
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    except (OSError, TypeError, SyntaxError):  # the class is made at run time, or installed without its source
        return
    for field, below in pairwise(getattr(definition, "body", ())):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)


def describe(kind: type[Any], schema: dict[str, Any], handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """Complete the JSON schema of a value: add the text of each field, and the list of required fields."""
    inside = handler.resolve_ref_schema(schema)
    about: Documentation = vars(kind)["__doc__"]
    inside["description"] = about.about
    for name, text in about.fields(kind).items():
        inside["properties"][name]["description"] = text
    required = [name for name, field in kind.__pydantic_fields__.items() if field.is_required()]
    for name in required:
        inside["properties"][name].pop("default", None)
    inside |= {"required": required} if required else {}
    return schema
