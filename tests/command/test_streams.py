"""Test the command with files, pipes and terminals that the system limits or refuses (W-4, W-5)."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from snaptasks._command import main
from snaptasks._command.text import width
from snaptasks.rest import MAX_BODY_LENGTH
from tests.command.command_runs import COMMAND, body, environment, item, run, run_on_terminal
from tests.paths import SAMPLE

PATH = str(SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["list", "check"])
@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("no-such-file", "No such file or directory"),
        (".", "Is a directory"),
        ("x" * 5000, "File name too long"),
        (b"\x1b\xff", "No such file or directory"),
    ],
)
def test_command_with_unreadable_file_exits_with_2(command: str, file: str | bytes, reason: str) -> None:
    """W-5: Print one line with the escaped name of the file and the reason."""
    done = run(command, file)
    assert (done.returncode, done.stdout) == (2, b"")
    line = done.stderr.decode()
    assert line.startswith("snaptasks: ")
    assert line.endswith(f": {reason}\n")
    assert line.rstrip("\n").isprintable()


def test_list_of_refused_file_prints_the_reason_of_the_system(tmp_path: Path) -> None:
    """W-5: Use a link to itself, because root may read a file without permission."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    done = run("list", str(tmp_path / "loop"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"symbolic links" in done.stderr


def test_command_with_file_past_the_size_limit_reports_it(tmp_path: Path) -> None:
    """W-4: Read a file of MAX_BODY_LENGTH bytes, and look at nothing of a longer one."""
    file = tmp_path / "large.json"
    text = body(item())
    with file.open("wb") as stream:
        stream.write(text + b" " * (MAX_BODY_LENGTH - len(text)))
    assert run("check", str(file)).stdout == b"1 task: 1 SUCCEEDED\n"
    with file.open("ab") as stream:
        stream.write(b" ")
    done = run("list", str(file))
    assert (done.returncode, done.stdout) == (1, b"")
    assert f"a file must have at most {MAX_BODY_LENGTH} bytes [W-4]".encode() in done.stderr
    done = run("check", str(file))
    assert done.returncode == 1
    assert done.stdout.decode().splitlines() == [
        f"a file must have at most {MAX_BODY_LENGTH} bytes [W-4] (found at least {MAX_BODY_LENGTH + 1})",
        "  to do: request fewer tasks with a filter, or split the items into several files",
    ]


def test_command_with_endless_input_stops_reading() -> None:
    """W-4: Read a device or an open pipe up to the limit."""
    done = run("check", stdin=b" " * (MAX_BODY_LENGTH + 1_000_000))
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"a file must have at most" in done.stdout
    done = run("list", "/dev/zero")
    assert done.returncode == 1
    assert b"a file must have at most" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["list", PATH], ["check", PATH], ["--help"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_command_with_closed_pipe_ends_quietly(arguments: list[str], unbuffered: str) -> None:
    """W-5: Print nothing, as every tool whose reader stops."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment(PYTHONUNBUFFERED=unbuffered),
        check=False,
    )
    os.close(writer)
    assert done.stderr == b""
    # With unbuffered output, argparse of later Pythons does not report that no one has read its help.
    assert done.returncode in ({0, 141} if unbuffered and arguments == ["--help"] else {141})


@pytest.mark.slow
def test_list_into_pipe_writes_the_whole_body() -> None:
    """W-1: Write it also if the interpreter is unbuffered and the pipe takes a part at a time."""
    for unbuffered in ("", "1"):
        done = run("list", PATH, PYTHONUNBUFFERED=unbuffered)
        assert len(done.stdout) > 300_000
        assert run("check", stdin=done.stdout).stdout.startswith(b"400 tasks: ")


@pytest.mark.parametrize("arguments", [["list", PATH], ["list", PATH, "--format", "table"], ["check", PATH]])
def test_command_with_full_disk_exits_with_2(arguments: list[str]) -> None:
    """W-5: Print the reason of the system."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert (done.returncode, done.stderr) == (2, b"snaptasks: cannot write: No space left on device\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("redirection", "status", "stderr"),
    [
        (f"list {PATH} >&-", 2, b"snaptasks: standard output is closed\n"),
        (f"check {PATH} >&-", 2, b"snaptasks: standard output is closed\n"),
        (f"list {PATH} --format table >&-", 2, b"snaptasks: standard output is closed\n"),
        ("list - <&-", 2, b"snaptasks: standard input is closed\n"),
        ("check <&-", 2, b"snaptasks: standard input is closed\n"),
        (f"list {PATH} --status BROKEN 2>&-", 1, b""),
        ("list no-such-file 2>&-", 2, b""),
        (f"list {PATH} --status BROKEN 2>/dev/full", 1, b""),
        ("list no-such-file 2>/dev/full", 2, b""),
        ("list --no-such-option 2>/dev/full", 2, b""),
    ],
)
def test_command_with_closed_or_full_stream_exits_without_traceback(
    redirection: str, status: int, stderr: bytes
) -> None:
    """W-5."""
    script = f'exec "$@" {redirection}'
    done = subprocess.run(["sh", "-c", script, "sh", *COMMAND], capture_output=True, env=environment(), check=False)
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", stderr)


def test_command_without_file_on_terminal_does_not_wait() -> None:
    """W-5: Report that the file is missing; only - reads from a terminal."""
    for command in ("list", "check"):
        output = run_on_terminal(command, stdin=None)
        assert output == (2, "snaptasks: name a FILE, or pipe a response body into standard input\n")


def test_check_of_non_blocking_pipe_waits_for_its_end(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """W-5: Another process may have made the pipe non-blocking; read also the parts that come while the command waits."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    text = body(item(), item(1))
    parts = [text[:100], text[100:]]

    def select_later(*streams: Any) -> Any:
        os.write(writer, parts.pop(0))
        if not parts:
            os.close(writer)
        return wait(*streams)

    wait = select.select
    monkeypatch.setattr("select.select", select_later)
    with os.fdopen(reader) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert main(["check"]) == 0
    assert capfd.readouterr().out == "2 tasks: 2 SUCCEEDED\n"


def test_list_of_unreadable_standard_input_exits_with_2(tmp_path: Path) -> None:
    """W-5: Name standard input in the error."""
    script = f'exec "$@" list 0>{tmp_path / "out"}'
    done = subprocess.run(["sh", "-c", script, "sh", *COMMAND], capture_output=True, env=environment(), check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"snaptasks: standard input: Bad file descriptor\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_table_on_terminal_of_another_encoding_fits(encoding: str) -> None:
    """W-5: Escapes are wider than their characters; the mark of a cut cell takes one column in each encoding."""
    output = run_on_terminal("list", PATH, "--status", "FAILED", columns=100, PYTHONIOENCODING=encoding)
    assert max(map(width, output.text.splitlines())) <= 100


def test_check_after_interrupt_ends_quietly() -> None:
    """W-5: Exit with 130; set the signal handler again, because the runner of the tests may ignore the signal."""
    start = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    run_it = "runpy.run_module('snaptasks', run_name='__main__', alter_sys=True)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{start}; {run_it}", "check"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin is not None
    process.stdin.write(b" " * 300_000)  # more than a pipe holds: after this write, the command is reading
    process.stdin.flush()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr) == (130, b"", b"")


def test_json_on_terminal_in_latin_1_escapes_letters() -> None:
    """W-5: The second byte of a letter in UTF-8 may be a control character in Latin-1."""
    output = run_on_terminal("list", "--format", "json", stdin=body(item(user="\u00db31m")), PYTHONIOENCODING="latin-1")
    assert "\\u00db31m" in output.text


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_list_with_another_encoding_escapes_text_but_not_json(encoding: str) -> None:
    """W-5: Escape characters that the encoding lacks; JSON is always UTF-8."""
    done = run("list", "-", "--format", "table", stdin=body(item(user="\u958b")), PYTHONIOENCODING=encoding)
    expected = "\u958b" if encoding == "utf-8" else "\\u958b"
    assert expected in done.stdout.decode(encoding)
    done = run("list", "-", "--status", "\u958b", PYTHONIOENCODING=encoding)
    assert "\u958b" in done.stderr.decode()
    done = run("list", "-", stdin=body(item(user="\u958b")), PYTHONIOENCODING=encoding)
    assert "\u958b" in done.stdout.decode()
