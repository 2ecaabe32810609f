"""Find the lines of paths in a JSON text.

Decides where the value at a path begins. Does not know the values, or why their lines are needed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from .._text import format_path

__all__ = ["lines_of"]

# It skips values without a wanted path. Numbers stay text, because a long one would be slow, or be refused.
_decoder: Final = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)


def lines_of(text: bytes, paths: Collection[str]) -> dict[str, int]:
    """Return the line of each path, from 1: where its value begins, or else where the nearest existing parent begins.

    In a text that is not JSON, each path has the line of the syntax error.
    """
    document = text.decode(errors="surrogateescape")
    wanted: dict[str, Any] = {}
    for path in paths:
        node = wanted
        for step in path.split(".") if path else ():
            node = node.setdefault(step, {})
    starts = {"": 0}
    try:
        if wanted:
            _walk(document, _past_gap(document, 0), wanted, "", starts)
        else:
            _decoder.decode(document)
    except json.JSONDecodeError as error:
        return dict.fromkeys(paths, error.lineno)
    except RecursionError:  # nested too deep
        return dict.fromkeys(paths, 1)
    return {path: 1 + document.count("\n", 0, _nearest(path, starts)) for path in paths}


def _nearest(path: str, starts: Mapping[str, int]) -> int:
    while path not in starts:
        path = path.rpartition(".")[0]
    return starts[path]


def _walk(document: str, at: int, wanted: Mapping[str, Any], path: str, starts: dict[str, int]) -> int:
    """Record the start of the value at `at`, and of the wanted values inside it; return its end."""
    starts[path] = at
    if not wanted or document[at] not in "{[":
        return _decoder.raw_decode(document, at)[1]
    is_object = document[at] == "{"
    count = 0
    at = _past_gap(document, at + 1)
    while document[at] not in "}]":
        name = str(count)
        if is_object:
            key, at = _decoder.raw_decode(document, at)
            name, at = format_path([key]), _past_gap(document, at)
        if name in wanted:
            at = _walk(document, at, wanted[name], f"{path}.{name}" if path else name, starts)
        else:
            at = _decoder.raw_decode(document, at)[1]
        at = _past_gap(document, at)
        count += 1
    return at + 1


def _past_gap(document: str, at: int) -> int:
    while document[at] in " \t\n\r,:":
        at += 1
    return at
