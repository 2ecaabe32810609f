"""Read the JSON of an implementation, with the same result on every version of Python.

Decides how deep an answer may nest. Does not know what the answer must be.
"""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["NestedTooDeep", "parsed"]

# The deepest nesting of arrays and objects, inclusive: twice the depth of 32 nested messages (V-8). A deeper answer is
# not read, because the limits of Python versions lie between 300 and 50,000, and writing or comparing may fail earlier.
_MAX_DEPTH: Final = 200


class NestedTooDeep(ValueError):
    """Report a text that nests deeper than any requested value."""

    def __init__(self) -> None:
        super().__init__(f"arrays and objects must nest at most {_MAX_DEPTH} deep")


def parsed(text: str | bytes) -> Any:
    """Parse JSON in UTF-8.

    Raises:
        NestedTooDeep: it nests too deep.
        ValueError: it is not JSON in UTF-8.
    """
    try:
        tree = json.loads(text if isinstance(text, str) else text.decode())  # json.loads of bytes also accepts UTF-16
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
