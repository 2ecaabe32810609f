"""The documentation as data: its pages, their blocks, and the parts that are generated from the code.

`python -m tests.documentation` runs each console session, makes each generated table, and writes both into the pages.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import snaptasks
from snaptasks import ErrorType, _sent, jsonrpc, rest, sql
from snaptasks._command.remedies import REMEDIES
from snaptasks._value.frozen import MAX_INTEGER_LENGTH, MAX_RESULT_DEPTH
from snaptasks._value.reading import _MAX_TEXT_DEPTH
from snaptasks.messages import MAX_NESTED_MESSAGES
from snaptasks.testing import vectors
from snaptasks.testing.laws import LAWS
from tests.command.command_runs import install, on_terminal
from tests.contract.unseen import UNSEEN
from tests.paths import ROOT, SAMPLE
from tests.test_architecture import ROOMS

PAGES: Final = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]

# Columns of the terminal that shows the sessions: as many as a page has room for.
COLUMNS: Final = 80

_FENCE: Final = re.compile(r"^(?:<!-- ([^\n]*) -->\n)?```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GENERATED: Final = re.compile(r"(<!-- generated: ([a-z ]+) -->)(?:(?!<!-- end -->).)*(\n<!-- end -->)", re.DOTALL)
_TYPED: Final = re.compile(r"^\$ (.*(?:\n> .*)*)", re.MULTILINE)
# What a terminal has shown and removed, such as a progress.
_REMOVED: Final = re.compile(r"[^\n]*\r\x1b\[K")
_DURATION: Final = re.compile(r"\bin \d+\.\d\ds")


class Block(NamedTuple):
    """A fenced block of a page, with the mark above it: `<!-- mark -->`."""

    mark: str
    language: str
    text: str


def name_of(page: Path) -> str:
    """Name a page as a reader finds it."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """Find the fenced blocks of a page, in order."""
    return [Block(mark or "", *rest) for mark, *rest in _FENCE.findall(page.read_text(encoding="utf-8"))]


def marked(mark: str) -> str:
    """Return the text of the one block that has this mark."""
    (found,) = (block.text for page in PAGES for block in blocks(page) if block.mark == mark)
    return found


class Reader:
    """A reader of one page, who saves its files, runs its Python and types its sessions in one directory."""

    def __init__(self, folder: Path) -> None:
        (folder / "tests").symlink_to(ROOT / "tests")
        (folder / "examples").symlink_to(ROOT / "examples")
        shutil.copy(SAMPLE, folder / "tasks.json")
        self._folder = folder
        self._environment = install(folder)
        self.namespace: dict[str, object] = {"__name__": "__page__"}

    def save(self, block: Block) -> None:
        """Save a block as the file that its mark names: `<!-- save: NAME -->`."""
        (self._folder / block.mark.removeprefix("save: ")).write_text(block.text, encoding="utf-8")

    def type(self, session: str) -> str:
        """Type the lines of a session that begin with `$`, or go on with `>`; return what the terminal shows then."""
        shows = ""
        for typed in _TYPED.findall(session):
            line = typed.replace("\n> ", "\n")
            done = on_terminal(["sh", "-c", line], COLUMNS, b"", self._environment, self._folder)
            shows += f"$ {typed}\n{_DURATION.sub('in 0.05s', _REMOVED.sub('', done.text))}"
        return shows


def _table(*rows: tuple[object, ...]) -> str:
    head, *body = ("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def _errors() -> str:
    rows = [(f"{{py:exc}}`~snaptasks.{kind.exception.__name__}`", kind.http_status, kind.meaning) for kind in ErrorType]
    return _table(("class", "HTTP", "meaning"), *rows)


def _limits() -> str:
    rows: list[tuple[str, str | int, str, str]] = [
        (
            "`MAX_RESULTS`: tasks of a listing, after visibility",
            f"{snaptasks.MAX_RESULTS:,}",
            "RESOURCE_INACCESSIBLE (L-2)",
            "The API sets it. A shorter list would look complete.",
        ),
        (
            "`MAX_QUERY_LENGTH`: bytes of a query string",
            f"{snaptasks.MAX_QUERY_LENGTH:,}",
            "INVALID_ARGUMENT (Q-4)",
            "It leaves 52 bytes for each member, and is more than common servers take in a request line.",
        ),
        (
            "`MAX_MEMBERS`: members of a query string, over all fields",
            f"{snaptasks.MAX_MEMBERS:,}",
            "INVALID_ARGUMENT (Q-4)",
            "It is twenty times what a listing can return.",
        ),
        (
            "`MAX_VIOLATIONS`: violations that an `InvalidValue` lists",
            f"{snaptasks.MAX_VIOLATIONS:,}",
            "the search ends; `is_complete` is False (V-13)",
            "A hostile text can hold millions of violations. No one repairs more than a screenful.",
        ),
        (
            "arrays and objects inside one another in a `result`",
            f"{MAX_RESULT_DEPTH:,}",
            "`too_deep` (V-3)",
            "Python's own stack ends at ten times as many.",
        ),
        (
            "characters of an integer in a `result`",
            f"{MAX_INTEGER_LENGTH:,}",
            "`out_of_range` (V-3)",
            "The JSON parser takes no longer one.",
        ),
        (
            "arrays and objects inside one another in a JSON text",
            f"{_MAX_TEXT_DEPTH:,}",
            "`too_deep` (V-8)",
            "The JSON parser takes no more.",
        ),
        (
            "messages inside one another",
            f"{MAX_NESTED_MESSAGES:,}",
            "`too_deep` (V-8)",
            "It keeps each walk over a message far from the end of the stack.",
        ),
        (
            "`rest.MAX_BODY_LENGTH`: bytes of a response, or of a file on the command line",
            f"{rest.MAX_BODY_LENGTH:,}",
            "`Error` whose cause says `too_long` (W-4)",
            "It is eighteen full listings of the real service.",
        ),
        (
            "`rest.MAX_ERROR_LENGTH`: bytes of a response of another status than 200",
            f"{rest.MAX_ERROR_LENGTH:,}",
            "`Error` whose cause says `too_long` (W-4)",
            "An error is a few messages.",
        ),
        (
            "`jsonrpc.MAX_CALL_LENGTH`: bytes of a JSON-RPC call",
            f"{jsonrpc.MAX_CALL_LENGTH:,}",
            "the protocol's error -32600 (J-2)",
            "The caller stands in the body, so a call is parsed before its caller is known.",
        ),
        (
            "`sql.MAX_FILTERS`: different filters of one SQL statement",
            f"{sql.MAX_FILTERS:,}",
            "the source reads more rows, and looks at each",
            "They have some 10,000 parameters, and databases bound these.",
        ),
    ]
    return _table(
        ("limit", "at most", "past it, and why"),
        *((limit, number, f"{past}<br>{reason}") for limit, number, past, reason in rows),
    )


# The codes of violations and their meanings; a test finds each code in the source.
CODES: Final = {
    "control_character": "The challenge of an error has a control character.",
    "empty": "An identifier, or a member of a filter, is the empty text.",
    "empty_grant": "A grant constrains nothing, or has a field that is given as an empty set.",
    "forbidden_by_status": "The status of the task excludes this field; `clashes` names `status`.",
    "missing": "A required field is missing or null.",
    "not_a_time": "The text is not a date and time of RFC 3339, or UTC cannot hold the instant.",
    "not_allowed": "An error of this type carries no data, or no challenge.",
    "not_alone": "A parameter of a message has two values, or a format without its value.",
    "not_an_error": "The body of a response is JSON without any member of an error.",
    "not_decodable": "A query string has a broken escape, or is not UTF-8.",
    "not_finite": "A number is NaN or infinite.",
    "not_json": "The text is not JSON.",
    "out_of_range": "A number is outside its range, such as int64.",
    "required_by_status": "The status of the task requires this field; `clashes` names `status`.",
    "surrogate": "A text has a lone surrogate.",
    "too_deep": "The nesting is deeper than its [limit](limits.md).",
    "too_long": "A text, a query or a body is longer than its [limit](limits.md).",
    "unknown_field": "A filter has a field that is not one of the five.",
    "unknown_name": "A filter has a status that is not one of the five; or a built value has an unknown member.",
    "unknown_parameter": "A request has a parameter that the operation does not have.",
    "wrong_type": "The JSON type is another than the rule names.",
}


# Codes whose rules stand elsewhere in the source: behind a variable, or a constant.
_RULES_ELSEWHERE: Final = {
    "empty": {"Q-2"},
    "not_an_error": {"W-4"},
    "not_decodable": {"Q-2"},
    "unknown_name": {"F-7", "V-11"},
}


def rules_by_code() -> dict[str, set[str]]:
    """Find the codes of violations in the source, with their rules: text that stands before the id of a rule."""
    found = {code: {*rules} for code, rules in _RULES_ELSEWHERE.items()}
    for path in sorted((ROOT / "snaptasks").rglob("*.py")):
        if path.relative_to(ROOT / "snaptasks").parts[0] in {"_command", "testing"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
            for code, rule in pairwise(parts):
                match code, rule:
                    case ast.Constant(value=str(name)), ast.Constant(value=str(id)) if re.fullmatch(r"[A-Z]-\d+", id):
                        found.setdefault(name, set()).add(id)
    return found


def _codes() -> str:
    rules = rules_by_code()
    rows = [(f"`{code}`", meaning, ", ".join(sorted(rules.get(code, ())))) for code, meaning in CODES.items()]
    return _table(("code", "meaning", "rules"), *rows)


def _messages() -> str:
    rows, prefixes = [], set()
    for row in sorted(_sent.MESSAGES.values()):
        prefix, _, name = row.id.rpartition(".")
        prefixes.add(prefix)
        text = (row.text or "the text of the first violation").replace("{{", "{").replace("}}", "}")
        args = [f"`{{{at}}}`: {arg}" for at, arg in enumerate(row.args)]
        rows.append((f"`{name}`", text, "<br>".join([row.when, *args])))
    (prefix,) = prefixes
    table = _table(("id", "text", "sent when, with which args"), *rows)
    return f"Each id begins with `{prefix}.`, which this table leaves out.\n\n{table}"


def _rooms() -> str:
    rows = []
    for floor, room in enumerate(ROOMS, 1):
        path = ROOT / "snaptasks" / f"{room}.py"
        text = (path if path.exists() else path.with_suffix("") / "__init__.py").read_text(encoding="utf-8")
        about = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0].replace("\n", " ")
        rows.append((floor, f"`{room}`" if path.exists() else f"`{room}/`", about))
    return _table(("level", "module", "its subject"), *rows)


def _laws() -> str:
    return _table(("law", "what must hold"), *((f"`{law.id}`", law.sentence) for law in LAWS))


def _asked_rules() -> str:
    by_rule = Counter(case.clause for case in vectors())
    laws: dict[str, list[str]] = {}
    for law in LAWS:
        laws.setdefault(law.clause, []).append(f"`{law.id.partition('/')[2]}`")
    rows = [(rule, by_rule[rule], ", ".join(laws.get(rule, []))) for rule in sorted({*by_rule, *laws}, key=_in_order)]
    asked = f"Of the {len(rows) + len(UNSEEN)} rules, {len(rows)} have cases:"
    return f"{asked}\n\n{_table(('rule', 'vectors', 'laws'), *rows)}"


def _unasked_rules() -> str:
    by_reason: dict[str, list[str]] = {}
    for rule in sorted(UNSEEN, key=_in_order):
        by_reason.setdefault(UNSEEN[rule], []).append(rule)
    rows = [(", ".join(rules), reason) for reason, rules in by_reason.items()]
    return f"No case asks the other {len(UNSEEN)}:\n\n{_table(('rules', 'because each'), *rows)}"


def _in_order(rule: str) -> tuple[str, int]:
    letter, _, number = rule.partition("-")
    return letter, int(number)


def _remedies() -> str:
    return _table(("code", "what to do"), *((f"`{code}`", text) for code, text in sorted(REMEDIES.items())))


GENERATED: Final[dict[str, Callable[[], str]]] = {
    "asked rules": _asked_rules,
    "codes": _codes,
    "errors": _errors,
    "laws": _laws,
    "limits": _limits,
    "messages": _messages,
    "remedies": _remedies,
    "rooms": _rooms,
    "unasked rules": _unasked_rules,
}


def generated(page: Path) -> Iterator[tuple[str, str, str]]:
    """Find the generated parts of a page: the name of each, what stands there, and what the code gives."""
    for part in _GENERATED.finditer(page.read_text(encoding="utf-8")):
        name = part[2]
        stands = part[0][len(part[1]) : -len(part[3])].removeprefix("\n")
        yield name, stands, GENERATED[name]()


def regenerate(page: Path) -> bool:
    """Write what the code and a terminal give into a page; return whether that changed it."""
    before = page.read_text(encoding="utf-8")
    with TemporaryDirectory() as folder:
        reader = Reader(Path(folder))

        def shown(found: re.Match[str]) -> str:
            block = Block(found[1] or "", found[2], found[3])
            if block.mark.startswith("save: "):
                reader.save(block)
            if block.language != "console" or block.mark:
                return found[0]
            return found[0].replace(block.text, reader.type(block.text))

        after = _FENCE.sub(shown, before)
    after = _GENERATED.sub(lambda part: f"{part[1]}\n{GENERATED[part[2]]()}{part[3]}", after)
    page.write_text(after, encoding="utf-8")
    return after != before


if __name__ == "__main__":
    os.chdir(ROOT)
    for each in PAGES:
        if regenerate(each):
            print(f"wrote {name_of(each)}", file=sys.stderr)  # noqa: T201 - a command prints
