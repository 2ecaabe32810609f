"""Test how `snaptasks check` recognizes other kinds of files and says how to make a listing of them."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from snaptasks._command import recognize
from snaptasks._command.recognize import KINDS, recognize_file
from tests.command.command_runs import TREE, body, environment, install, item, run, run_on_terminal
from tests.paths import ROOT

TASK = TREE["items"][0]
LISTING = body(TASK, TREE["items"][1])
ERROR = {"error_type": "NOT_FOUND", "messages": [{"id": "a", "default_message": "Gone", "args": []}]}
OLD_ERROR = {"type": "com.vmware.vapi.std.errors.not_found", "value": {"messages": []}}


def encoded(encoding: str) -> bytes:
    return LISTING.decode().encode(encoding)


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [
        (b"", "empty_file", ""),
        (b" \n\t\n", "empty_file", ""),
        (json.dumps(TASK["info"]).encode(), "one_info", ""),
        (json.dumps(TASK).encode(), "one_item", ""),
        (json.dumps([TASK]).encode(), "bare_array", ""),
        (b"[]", "bare_array", ""),
        (json.dumps({"value": [TASK]}).encode(), "wrapped", ""),
        (json.dumps(ERROR).encode(), "error_body", "'NOT_FOUND: Gone'"),
        (json.dumps(OLD_ERROR).encode(), "error_body", "'NOT_FOUND'"),
        (b'{"error_type":"NOT_FOUND","messages":1}', "error_body", "'NOT_FOUND'"),
        (b'{"value":{"messages":[{"id":"m","default_message":"Gone"}]}}', "error_body", "'ERROR: Gone'"),
        (b'{"error_type":"\\u001b[2J"}', "error_body", "'\\x1b[2J'"),
        (b'{"tasks":[],"next":1}', "other_object", "['tasks', 'next']"),
        (b'{"detail":"Not Found"}', "other_object", "['detail']"),
        (b'{"value":1,"\\u001b[2J":2}', "other_object", "['value', '\\x1b[2J']"),
        (json.dumps(dict.fromkeys("abcdefgh")).encode(), "other_object", "['a', 'b', 'c', 'd', 'e', 'f', ...]"),
        (b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + LISTING, "http_response", ""),
        (b"items:\n- task: x\n", "other_text", "'items:\\n- task: x'"),
        (b"- task: x\n", "other_text", "'- task: x'"),
        (b"task,status\n", "other_text", "'task,status'"),
        (b"\xed\xa0\x80", "other_text", "'\ufffd\ufffd\ufffd'"),
        (b'{"a":1}\n{"b":2}\n', "json_lines", ""),
        (b'\n{"a":1}\r\n{"b":2}\r\n{"c":', "json_lines", ""),
        (b"\n <!DOCTYPE html>\n<title>503", "markup", "'<!DOCTYPE html>\\n<title>503'"),
        (gzip.compress(LISTING, mtime=0), "compressed", "inside: possibly a listing"),
        (gzip.compress(b"[]", mtime=0), "compressed", "inside: an array"),
        (gzip.compress(gzip.compress(b"", mtime=0), mtime=0), "compressed", "inside: compressed with gzip"),
        (gzip.compress(b"<html>", mtime=0), "markup", "compressed with gzip: '<html>'"),
        (gzip.compress(LISTING, mtime=0)[:9], "empty_file", "compressed with gzip"),
        (b"\x1f\x8b\x08\xff\xff\xff\xff", "compressed", "damaged"),
        (encoded("utf-8-sig"), "byte_order_mark", ""),
        (encoded("utf-16"), "other_encoding", "UTF-16"),
        (encoded("utf-16-le"), "other_encoding", "UTF-16LE"),
        (encoded("utf-16-be"), "other_encoding", "UTF-16BE"),
        (encoded("utf-32"), "other_encoding", "UTF-32"),
    ],
)
def test_recognize_file_with_file_of_another_kind_names_the_kind(text: bytes, code: str, found: str) -> None:
    """W-4, V-13, E-3, W-5: Return one violation with the kind and a detail of the file."""
    violation = recognize_file(text)
    assert violation is not None
    assert (violation.code, violation.value) == (code, found)
    assert violation.rule == f'must be a listing, {{"items":[...]}}, and this is {KINDS[code]}'


@pytest.mark.parametrize(
    "text",
    [
        LISTING,
        b'{"items":3}',
        b"{}",
        b'"text"',
        b"{",
        b"true",
        b"-1",
        b'{"a":1}\n2\n',
        b'{"a":1}\nx',
        b"[" * 100_000,
    ],
)
def test_recognize_file_with_unknown_kind_returns_none(text: bytes) -> None:
    """V-13: The ordinary checks find the violations."""
    assert recognize_file(text) is None


def test_recognize_file_with_gzip_bomb_stops_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """W-4: Unpack at most the number of bytes that a plain file may have."""
    bomb = gzip.compress(b" " * 100_000_000, mtime=0)
    violation = recognize_file(bomb)
    assert violation is not None
    assert violation.value == "more than 16777216 bytes inside"
    monkeypatch.setattr(recognize, "_MAX_UNPACKED", len(LISTING))
    for text, name in ((LISTING, "inside: possibly a listing"), (LISTING + b" ", "more than ")):
        violation = recognize_file(gzip.compress(text, mtime=0))
        assert violation is not None
        assert violation.value.startswith(name)


REPAIRED = {
    "info.json": json.dumps(TASK["info"]).encode(),
    "item.json": json.dumps(TASK).encode(),
    "array.json": json.dumps([TASK]).encode(),
    "it's wrapped.json": json.dumps({"value": {"items": [TASK]}}).encode(),
    "response.http": b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + body(TASK),
    "lines.jsonl": json.dumps(TASK).encode() + b"\n" + json.dumps(item(1)).encode() + b"\n",
    "listing.json.gz": gzip.compress(LISTING, mtime=0),
    "bom.json": encoded("utf-8-sig"),
    "utf16.json": encoded("utf-16"),
    "utf16le.json": encoded("utf-16-le"),
    "utf32be.json": encoded("utf-32-be"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REPAIRED)
def test_remedy_pasted_into_a_shell_makes_a_listing(name: str, tmp_path: Path) -> None:
    """V-13."""
    (tmp_path / name).write_bytes(REPAIRED[name])
    done = subprocess.run(
        [sys.executable, "-m", "snaptasks", "check", name],
        capture_output=True,
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(ROOT)),
        check=False,
    )
    assert done.returncode == 1
    _, remedy = done.stdout.decode().splitlines()
    command = remedy.partition("run: ")[2]
    again = subprocess.run(["sh", "-c", command], capture_output=True, cwd=tmp_path, env=install(tmp_path), check=False)
    assert (again.returncode, again.stderr) == (0, b"")
    assert again.stdout in {b"1 task: 1 SUCCEEDED\n", b"2 tasks: 2 SUCCEEDED\n"}


def test_list_and_show_of_file_of_another_kind_name_the_kind() -> None:
    """E-5: On a terminal the error also names the command that helps."""
    text = json.dumps(TASK).encode()
    for command in (["list"], ["show", "t"]):
        output = run_on_terminal(*command, columns=200, stdin=text)
        rule = 'must be a listing, {"items":[...]}, and this is one task of a listing [V-13]'
        assert output == (1, f"snaptasks: INVALID_ARGUMENT: {rule}\nsnaptasks: to do: run: snaptasks check\n")
        done = run(*command, "-", stdin=text)
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"one task of a listing" in done.stderr


def test_remedy_with_hostile_file_name_escapes_it(tmp_path: Path) -> None:
    """W-5."""
    file = os.fsencode(tmp_path) + b"/\x1b[2J\xff"
    Path(os.fsdecode(file)).write_bytes(b"[]")
    done = run("check", file)
    assert done.returncode == 1
    assert done.stdout.decode().replace("\n", "").isprintable()
