"""Link each id of a rule, such as F-1, to its clause in the specification."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

SPECIFICATION = "reference/specification"
_ID = re.compile(r"\b([A-Z]-\d+)\b")
_ELSEWHERE = (nodes.literal, nodes.literal_block, nodes.reference, nodes.title, nodes.raw)


def _anchor(rule: str) -> str:
    return f"rule-{rule.lower()}"


def _mark(app: Sphinx, document: nodes.document) -> None:
    """Give each clause of the specification an anchor: a list item that begins with the id in bold."""
    if app.env.current_document.docname != SPECIFICATION:
        return
    rules: set[str] = set()
    for item in document.findall(nodes.list_item):
        begins = item.next_node(nodes.strong)
        found = _ID.match(begins.astext()) if begins else None
        if found and begins and begins.parent.parent is item:
            item["ids"].append(_anchor(found[1]))
            rules.add(found[1])
    app.env.snaptasks_rules = rules


def _link(app: Sphinx, document: nodes.document, page: str) -> None:
    """Replace each id in a text by a link to its clause."""
    known: set[str] = getattr(app.env, "snaptasks_rules", set())
    for text in [*document.findall(nodes.Text)]:
        parent: Any = text.parent
        while parent and not isinstance(parent, _ELSEWHERE):
            parent = parent.parent
        parts = [] if parent else _ID.split(text.astext())
        if not known.intersection(parts[1::2]):
            continue
        new: list[nodes.Node] = []
        for at, part in enumerate(parts):
            plain = nodes.Text(part)
            if at % 2 and part in known:
                link = make_refnode(app.builder, page, SPECIFICATION, _anchor(part), plain)
                link["classes"].append("rule")
                new.append(link)
            else:
                new.append(plain)
        text.parent.replace(text, new)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register both steps: anchors when a page is read, links when it is written."""
    app.connect("doctree-read", _mark)
    app.connect("doctree-resolved", _link)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
