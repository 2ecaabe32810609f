"""The documentation as data: its pages, their blocks, and the parts that are generated from the code.

`python -m tests.documentation` runs each console session, makes each generated table, and writes both into the pages.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import snaptasks
from snaptasks import ErrorType, jsonrpc, rest
from snaptasks._command.remedies import REMEDIES
from snaptasks._value.frozen import MAX_INTEGER_LENGTH, MAX_RESULT_DEPTH
from snaptasks.messages import MAX_NESTED_MESSAGES
from snaptasks.testing.laws import LAWS
from tests.command.command_runs import install, on_terminal
from tests.paths import ROOT, SAMPLE

PAGES: Final = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md") if (ROOT / name).exists()),
    *sorted((ROOT / "docs").rglob("*.md")),
]

# Columns of the terminal that shows the sessions: as many as a page has room for.
COLUMNS: Final = 80

_FENCE: Final = re.compile(r"^(?:<!-- ([^\n]*) -->\n)?```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GENERATED: Final = re.compile(r"(<!-- generated: ([a-z ]+) -->\n).*?(\n<!-- end -->)", re.DOTALL)
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
    rows = [(f"`{kind.exception.__name__}`", kind, kind.http_status, kind.meaning) for kind in ErrorType]
    return _table(("class", "error type", "HTTP", "meaning"), *rows)


def _limits() -> str:
    return _table(
        ("limit", "at most", "constant"),
        ("tasks of a listing", snaptasks.MAX_RESULTS, "`MAX_RESULTS`"),
        ("bytes of a query string", f"{snaptasks.MAX_QUERY_LENGTH:,}", "`MAX_QUERY_LENGTH`"),
        ("members of a query string", f"{snaptasks.MAX_MEMBERS:,}", "`MAX_MEMBERS`"),
        ("violations that an `InvalidValue` lists; reading ends there", snaptasks.MAX_VIOLATIONS, "`MAX_VIOLATIONS`"),
        ("levels of a `result`", MAX_RESULT_DEPTH, ""),
        ("digits of an integer in a `result`", f"{MAX_INTEGER_LENGTH:,}", ""),
        ("levels of a JSON text", 200, ""),
        ("messages inside one another", MAX_NESTED_MESSAGES, ""),
        (
            "bytes of a response, or of a file on the command line",
            f"{rest.MAX_BODY_LENGTH:,}",
            "`rest.MAX_BODY_LENGTH`",
        ),
        ("bytes of a response of another status than 200", f"{rest.MAX_ERROR_LENGTH:,}", "`rest.MAX_ERROR_LENGTH`"),
        ("bytes of a JSON-RPC call", f"{jsonrpc.MAX_CALL_LENGTH:,}", "`jsonrpc.MAX_CALL_LENGTH`"),
    )


def _laws() -> str:
    return _table(("law", "what must hold"), *((f"`{law.id}`", law.sentence) for law in LAWS))


def _remedies() -> str:
    return _table(("code", "what to do"), *((f"`{code}`", text) for code, text in sorted(REMEDIES.items())))


GENERATED: Final[dict[str, Callable[[], str]]] = {
    "errors": _errors,
    "laws": _laws,
    "limits": _limits,
    "remedies": _remedies,
}


def generated(page: Path) -> Iterator[tuple[str, str, str]]:
    """Find the generated parts of a page: the name of each, what stands there, and what the code gives."""
    for part in _GENERATED.finditer(page.read_text(encoding="utf-8")):
        name = part[2]
        stands = part[0][len(part[1]) : -len(part[3])]
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
    after = _GENERATED.sub(lambda part: part[1] + GENERATED[part[2]]() + part[3], after)
    page.write_text(after, encoding="utf-8")
    return after != before


if __name__ == "__main__":
    os.chdir(ROOT)
    for each in PAGES:
        if regenerate(each):
            print(f"wrote {name_of(each)}", file=sys.stderr)  # noqa: T201 - a command prints
