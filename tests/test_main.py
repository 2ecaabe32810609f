"""The command line, as a user types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from snaptasks import ErrorType, ListResult

SAMPLE = Path(__file__).parent / "data" / "sample-tasks.json"
TREE = json.loads(SAMPLE.read_text(encoding="utf-8"))


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "snaptasks", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, env=os.environ | {"PYTHONUTF8": "1"})


def test_a_listing_is_again_a_response_body() -> None:
    """F-1, W-1: filters from options, each repeatable, and output that is read again."""
    done = run("list", str(SAMPLE), "--status", "FAILED", "--status", "BLOCKED", "--user", "CORP\\ops-team")
    assert (done.returncode, done.stderr) == (0, b"")
    expected = [
        item
        for item in TREE["items"]
        if item["info"]["status"] in {"FAILED", "BLOCKED"} and item["info"].get("user") == "CORP\\ops-team"
    ]
    assert expected
    assert json.loads(done.stdout) == {"items": expected}
    again = run("list", "-", stdin=done.stdout)
    assert again.stdout == done.stdout
    assert len(ListResult.from_json(done.stdout).items) == len(expected)


@pytest.mark.parametrize(
    ("option", "field"), [("--task", "task"), ("--operation", "operation"), ("--service", "service")]
)
def test_every_field_has_its_option(option: str, field: str) -> None:
    """F-2: the names of the API."""
    item = TREE["items"][7]
    value = item["task"] if field == "task" else item["info"][field]
    done = run("list", str(SAMPLE), option, value)
    own = [each for each in TREE["items"] if (each["task"] if field == "task" else each["info"][field]) == value]
    assert json.loads(done.stdout) == {"items": own}


def test_a_table_is_safe_to_read() -> None:
    """Columns are aligned, and what could move the cursor is shown escaped."""
    body = json.loads(json.dumps({"items": TREE["items"][:3]}))
    body["items"][0]["info"]["user"] = "\x1b[2J\u202euser\n"
    done = run("list", "-", "--format", "table", stdin=json.dumps(body).encode())
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 4
    assert lines[0].split() == ["TASK", "STATUS", "SERVICE", "OPERATION", "USER", "START"]
    column = lines[0].index("STATUS")
    assert all(line[column:].startswith("SUCCEEDED ") for line in lines[1:])
    assert r"\x1b[2J\u202euser\n" in lines[1]


@pytest.mark.parametrize(
    ("arguments", "stdin", "kind", "told"),
    [
        (["list", "-", "--status", "BROKEN"], b'{"items":[]}', ErrorType.INVALID_ARGUMENT, "status: must be one of"),
        (["list", "-", "--user", ""], b'{"items":[]}', ErrorType.INVALID_ARGUMENT, "users"),
        (["list", "-"], b"", ErrorType.INVALID_ARGUMENT, "Invalid JSON"),
        (["list", "-"], b"\xff", ErrorType.INVALID_ARGUMENT, "Invalid JSON"),
        (["list", "-"], b'{"items":[{"task":"t"}]}', ErrorType.INVALID_ARGUMENT, "items.0.info: must be set"),
        (
            ["list", "-"],
            b'{"items":[{"task":"t","info":{"user":"\x1b"}}]}',
            ErrorType.INVALID_ARGUMENT,
            "control character",
        ),
    ],
)
def test_what_cannot_be_read_is_told(arguments: list[str], stdin: bytes, kind: ErrorType, told: str) -> None:
    """E-5: exit status 1, the error's type, and where the mistake is."""
    done = run(*arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (1, b"")
    text = done.stderr.decode()
    assert text.startswith(f"snaptasks: {kind}: ")
    assert told in text
    assert "Traceback" not in text
    assert "\x1b" not in text


def test_more_than_the_cap_is_told() -> None:
    """L-2: nothing is printed but the error."""
    items = [item | {"task": f"{item['task']}{copy}"} for copy in range(3) for item in TREE["items"]]
    done = run("list", "-", stdin=json.dumps({"items": items}).encode())
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == "snaptasks: RESOURCE_INACCESSIBLE: More than 1000 tasks match. Narrow the filter.\n"


@pytest.mark.parametrize(
    "arguments",
    [[], ["list"], ["list", "no-such-file"], ["list", "."], ["list", "-", "--format", "xml"], ["frobnicate"]],
)
def test_wrong_usage(arguments: list[str]) -> None:
    """Exit status 2, and a line that says what is wrong."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr
