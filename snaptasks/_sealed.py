"""Seal objects: they are initialized once (V-2).

Decides how a second initialization is refused. Does not know values or fields.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

__all__ = ["sealed"]

_T = TypeVar("_T")


def sealed(kind: type[_T]) -> type[_T]:
    """Make a frozen, slotted class refuse a second `__init__` or `__setstate__` with TypeError (V-2)."""
    first_slot = vars(kind)["__slots__"][0]

    def once(name: str, fill: Callable[..., None]) -> Callable[..., None]:
        @wraps(fill)
        def fill_once(self: object, *arguments: Any, **keywords: Any) -> None:
            if hasattr(self, first_slot):
                raise TypeError(f"a finished {type(self).__name__} must not be changed: {name} (V-2)")
            fill(self, *arguments, **keywords)

        return fill_once

    for name in ("__init__", "__setstate__"):
        if name in vars(kind):
            setattr(kind, name, once(name, vars(kind)[name]))
    return kind
