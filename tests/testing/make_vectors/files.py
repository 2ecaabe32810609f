"""Build the text of each file of vectors."""

import json
from typing import Any

from tests.testing.make_vectors.access import add_access_cases
from tests.testing.make_vectors.boundary import add_boundary_cases
from tests.testing.make_vectors.cases import cases
from tests.testing.make_vectors.filters import add_filter_cases
from tests.testing.make_vectors.listing import add_get_cases, add_listing_cases, add_value_cases
from tests.testing.make_vectors.populations import CALLERS, POPULATIONS
from tests.testing.make_vectors.queries import add_query_cases


def build_files() -> dict[str, str]:
    """Build the text of each file, by its name."""
    cases.clear()
    for part in (
        add_filter_cases,
        add_query_cases,
        add_access_cases,
        add_listing_cases,
        add_get_cases,
        add_value_cases,
        add_boundary_cases,
    ):
        part()
    files: dict[str, Any] = {"populations.json": {"populations": POPULATIONS, "callers": CALLERS}}
    for file, its in cases.items():
        files[f"{file}.json"] = {"count": len(its), "cases": its}
    return {name: format_tree(tree) for name, tree in files.items()}


def format_tree(tree: dict[str, Any]) -> str:
    """Format JSON with one case, task or caller a line, so that a diff shows a change."""

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
