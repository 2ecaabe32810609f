"""What the fields of a value are, for people: in help(), and in a JSON schema.

A field is documented once, by the text below it, where an editor finds it. Here it is read from the source, and only
when someone asks, because that takes a third of the time of importing the library.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from typing import Any


@cache
def descriptions(kind: type[Any]) -> dict[str, str]:
    """Find the sentence below each field of a class and of its bases; empty where there is no source."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        try:
            (definition,) = ast.parse(inspect.cleandoc(inspect.getsource(base))).body
        except (OSError, TypeError, SyntaxError):  # made at run time, or installed without its source
            continue
        for field, below in pairwise(getattr(definition, "body", ())):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = inspect.cleandoc(text)
    return found


class Documentation:
    """The documentation of a class, with its fields once someone asks for it."""

    def __init__(self, about: str) -> None:
        self.about = inspect.cleandoc(about)

    def __get__(self, value: object, kind: type[Any]) -> str:
        fields = [f"    {name}: {text}" for name, text in descriptions(kind).items() if name in kind.__pydantic_fields__]
        return "\n".join([self.about, "", "Fields:", *fields])
