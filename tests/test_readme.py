"""The README: its examples run and show what it says, and its tables are the code's."""

import os
import re
import stat
import sys
from pathlib import Path

import pytest

import snaptasks
from snaptasks import ErrorType
from snaptasks._value.frozen import MAX_INTEGER_LENGTH, MAX_RESULT_DEPTH
from snaptasks.jsonrpc import MAX_CALL_LENGTH
from snaptasks.messages import MAX_NESTED_MESSAGES
from snaptasks.rest import MAX_BODY_LENGTH
from snaptasks.testing import vectors
from snaptasks.testing.laws import LAWS
from tests.command.command_runs import environment, on_terminal

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
# A block behind a comment is a file, or needs a server: the integration tests run those.
EXAMPLES = re.findall(r"(?<!-->\n)^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SESSIONS = re.findall(r"(?<!-->\n)^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
FILES = re.findall(r"^<!-- file: ([^\n]*) -->\n```\w+\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COLUMNS = 118  # as wide as a line of the README may be


def error_table() -> str:
    """The table of the errors, made from the rows of ErrorType."""
    rows = [f"| `{kind.exception.__name__}` | {kind} | {kind.http_status} | {kind.meaning} |" for kind in ErrorType]
    return "\n".join(["| class | error type | HTTP | meaning |", "|---|---|---|---|", *rows])


def test_the_error_table_is_generated() -> None:
    """E-1: on a failure, paste what error_table() gives between the two marks."""
    (table,) = re.findall(r"<!-- errors -->\n(.*?)\n<!-- end -->", README, re.DOTALL)
    assert table == error_table()


def test_the_limits_are_those_of_the_code() -> None:
    """Q-4, L-1, V-3, V-8, V-13, W-4: each number of the table, and every public bound stands in it."""
    (table,) = re.findall(r"^\| what \| at most \| constant \|\n.*?\n\n", README, re.MULTILINE | re.DOTALL)
    for name in (name for name in snaptasks.__all__ if name.startswith("MAX_")):
        assert f"| {getattr(snaptasks, name):,} | `{name}` |".replace("1,000 ", "1000 ") in table
    assert f"| {MAX_RESULT_DEPTH}; {MAX_INTEGER_LENGTH} |" in table
    assert f"| {MAX_NESTED_MESSAGES} |" in table
    assert f"| {MAX_BODY_LENGTH:,} | `rest.MAX_BODY_LENGTH` |" in table
    assert f"| {MAX_CALL_LENGTH:,} | `jsonrpc.MAX_CALL_LENGTH` |" in table


@pytest.mark.parametrize(("file", "block"), FILES, ids=[file for file, _ in FILES])
def test_a_file_stands_in_it_as_it_is(file: str, block: str) -> None:
    """On a failure, paste the file."""
    assert block == (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_run(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a comment behind a print, or a line that is nothing but a comment, promises is what is printed."""
    exec(compile(example, "<an example>", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    promised = re.findall(r"^# (.*)|print\(.*\)  # (.*)", example, re.MULTILINE)
    assert printed
    if promised:
        assert printed == ["".join(each) for each in promised]


def test_the_sessions_show_what_a_terminal_shows(tmp_path: Path) -> None:
    """One after the other, in one directory: a line that begins with $ is typed, the others are what comes back.

    On a failure, paste what is shown.
    """
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    command = tmp_path / "bin" / "snaptasks"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m snaptasks "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    env = environment(PATH=f"{command.parent}{os.pathsep}{os.environ['PATH']}", PYTHONPATH=str(ROOT))
    for session in SESSIONS:
        shown = ""
        for line in re.findall(r"^\$ (.*)$", session, re.MULTILINE):
            done = on_terminal(["sh", "-c", line], COLUMNS, b"", env, tmp_path)
            shown += f"$ {line}\n{done.text}"
        assert shown == session


def test_there_are_examples() -> None:
    """A pattern that finds nothing would prove nothing."""
    assert (len(EXAMPLES), len(SESSIONS), len(FILES)) == (18, 2, 11)
    assert f"against {len(vectors())} vectors" in README
    assert [f"`{law.id}`" for law in LAWS if f"`{law.id}`" not in README] == []
    assert len(LAWS) == 10, "the README says ten"
    assert max(map(len, README.splitlines())) < 200
