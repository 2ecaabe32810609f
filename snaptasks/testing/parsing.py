"""Reads the JSON that an implementation wrote, with the same verdict on every Python.

Decides how deep an answer may nest. Knows nothing of what it must be.
"""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["NestedTooDeep", "parsed"]

# Arrays and objects inside one another, inclusive: twice what 32 nested messages need (V-8). Past it an answer is not read,
# because Pythons end at 300 to 50,000, and what reads such a tree need not be able to write or to compare it.
_MAX_DEPTH: Final = 200


class NestedTooDeep(ValueError):
    """A text nests deeper than anything that is asked for."""

    def __init__(self) -> None:
        super().__init__(f"must not nest more than {_MAX_DEPTH} arrays and objects")


def parsed(text: str | bytes) -> Any:
    """Parse JSON in UTF-8. Raises NestedTooDeep, and ValueError where it is not JSON."""
    try:
        tree = json.loads(text if isinstance(text, str) else text.decode())  # json.loads of bytes takes UTF-16 too
    except RecursionError:
        raise NestedTooDeep from None
    level = [tree]
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for each in level
            if isinstance(each, (list, dict))
            for child in (each if isinstance(each, list) else each.values())
        ]
        if not level:
            return tree
    raise NestedTooDeep
