"""Objects that are made once (V-2). Knows no value and no field."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

__all__ = ["sealed"]

_T = TypeVar("_T")


def sealed(kind: type[_T]) -> type[_T]:
    """Let a frozen, slotted class be filled once: another `__init__` or `__setstate__` raises TypeError (V-2)."""
    first = vars(kind)["__slots__"][0]

    def once(name: str, fill: Callable[..., None]) -> Callable[..., None]:
        @wraps(fill)
        def filling(self: object, *arguments: Any, **keywords: Any) -> None:
            if hasattr(self, first):
                raise TypeError(f"this {type(self).__name__} is finished and cannot change: {name} (V-2)")
            fill(self, *arguments, **keywords)

        return filling

    for name in ("__init__", "__setstate__"):
        if name in vars(kind):
            setattr(kind, name, once(name, vars(kind)[name]))
    return kind
