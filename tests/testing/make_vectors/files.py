"""Write out the text of each file of vectors."""

import json
from typing import Any

from tests.testing.make_vectors.access import access_cases
from tests.testing.make_vectors.boundary import boundary_cases
from tests.testing.make_vectors.cases import cases
from tests.testing.make_vectors.filters import filter_cases
from tests.testing.make_vectors.listing import get_cases, listing_cases, value_cases
from tests.testing.make_vectors.populations import CALLERS, POPULATIONS
from tests.testing.make_vectors.queries import query_cases


def written() -> dict[str, str]:
    """The text of each file."""
    cases.clear()
    for part in (filter_cases, query_cases, access_cases, listing_cases, get_cases, value_cases, boundary_cases):
        part()
    files: dict[str, Any] = {"populations.json": {"populations": POPULATIONS, "callers": CALLERS}}
    for file, its in cases.items():
        files[f"{file}.json"] = {"count": len(its), "cases": its}
    return {name: as_text(tree) for name, tree in files.items()}


def as_text(tree: dict[str, Any]) -> str:
    """JSON with a case, a task or a caller a line, so that a change shows."""

    def lines(node: Any, depth: int) -> str:
        if depth == 0 or not isinstance(node, dict | list) or not node:
            return json.dumps(node, ensure_ascii=False)
        inner = (
            [f"{json.dumps(name, ensure_ascii=False)}: {lines(member, depth - 1)}" for name, member in node.items()]
            if isinstance(node, dict)
            else [lines(member, depth - 1) for member in node]
        )
        opening, closing = "{}" if isinstance(node, dict) else "[]"
        return opening + "\n" + ",\n".join(inner) + "\n" + closing

    return lines(tree, 3 if "populations" in tree else 2) + "\n"
