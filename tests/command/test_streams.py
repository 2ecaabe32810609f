"""Files, pipes and terminals, as the system gives or refuses them (W-4, W-5)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from snaptasks._command.text import width
from snaptasks.rest import MAX_BODY_LENGTH
from tests.command.command_runs import COMMAND, body, environment, item, run, run_on_terminal
from tests.paths import SAMPLE

PATH = str(SAMPLE)


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
def test_a_file_that_cannot_be_read(command: str, file: str | bytes, reason: str) -> None:
    """W-5: exit status 2, and one line of text that names the file, escaped, and the reason."""
    done = run(command, file)
    assert (done.returncode, done.stdout) == (2, b"")
    line = done.stderr.decode()
    assert line.startswith("snaptasks: ")
    assert line.endswith(f": {reason}\n")
    assert line.rstrip("\n").isprintable()


def test_a_file_without_permission(tmp_path: Path) -> None:
    """W-5: the system's own reason; a link to itself stands for it, for root may read everything."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    done = run("list", str(tmp_path / "loop"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"symbolic links" in done.stderr


def test_a_file_has_a_greatest_size(tmp_path: Path) -> None:
    """W-4: MAX_BODY_LENGTH bytes are read, of a longer one nothing is looked at."""
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


def test_an_endless_input_ends() -> None:
    """W-4: a device, or a pipe that never closes, is read up to the bound."""
    done = run("check", stdin=b" " * (MAX_BODY_LENGTH + 1_000_000))
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"a file must have at most" in done.stdout
    done = run("list", "/dev/zero")
    assert done.returncode == 1
    assert b"a file must have at most" in done.stderr


@pytest.mark.parametrize("arguments", [["list", PATH], ["check", PATH], ["--help"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_is_no_error(arguments: list[str], unbuffered: str) -> None:
    """W-5: as with every tool whose reader has seen enough; nothing is said about it."""
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
    # Where its output is unbuffered, argparse of later Pythons keeps to itself that nobody has read its help.
    assert done.returncode in ({0, 141} if unbuffered and arguments == ["--help"] else {141})


def test_a_pipe_gets_everything() -> None:
    """W-1: also where the interpreter writes unbuffered, and the pipe takes a part at a time."""
    for unbuffered in ("", "1"):
        done = run("list", PATH, PYTHONUNBUFFERED=unbuffered)
        assert len(done.stdout) > 300_000
        assert run("check", stdin=done.stdout).stdout.startswith(b"400 tasks: ")


@pytest.mark.parametrize("arguments", [["list", PATH], ["list", PATH, "--format", "table"], ["check", PATH]])
def test_a_full_disk_is_told(arguments: list[str]) -> None:
    """W-5: exit status 2 and the system's reason."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert (done.returncode, done.stderr) == (2, b"snaptasks: cannot write: No space left on device\n")


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
def test_closed_and_full_streams(redirection: str, status: int, stderr: bytes) -> None:
    """W-5: a stream that is not there, or takes nothing, is no reason to crash."""
    script = f'exec "$@" {redirection}'
    done = subprocess.run(["sh", "-c", script, "sh", *COMMAND], capture_output=True, env=environment(), check=False)
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", stderr)


def test_without_a_file_a_terminal_is_not_waited_for() -> None:
    """W-5: whoever forgets the file is told so; - says that the terminal is meant."""
    for command in ("list", "check"):
        shown = run_on_terminal(command, stdin=None)
        assert shown == (2, "snaptasks: name a FILE, or pipe a response body into standard input\n")


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    """W-5: another process may have made it so; what comes later belongs to it all the same."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    process = subprocess.Popen([*COMMAND, "check"], stdin=reader, stdout=subprocess.PIPE, env=environment())
    os.close(reader)
    text = body(item(), item(1))
    for part in (text[:100], text[100:]):
        time.sleep(0.7)
        os.write(writer, part)
    os.close(writer)
    assert process.communicate(timeout=60)[0] == b"2 tasks: 2 SUCCEEDED\n"


def test_standard_input_that_cannot_be_read(tmp_path: Path) -> None:
    """W-5: exit status 2, and it is called by its name."""
    script = f'exec "$@" list 0>{tmp_path / "out"}'
    done = subprocess.run(["sh", "-c", script, "sh", *COMMAND], capture_output=True, env=environment(), check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"snaptasks: standard input: Bad file descriptor\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_table_fits_a_terminal_of_another_encoding(encoding: str) -> None:
    """W-5: escapes are wider than what they stand for, and the mark of a cut cell is one column in each."""
    shown = run_on_terminal("list", PATH, "--status", "FAILED", columns=100, PYTHONIOENCODING=encoding)
    assert max(map(width, shown.text.splitlines())) <= 100


def test_an_interrupt_is_quiet() -> None:
    """W-5: Ctrl-C ends it as shells report it; the signal may be ignored where the tests run, so it is set again."""
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
    process.stdin.write(b" " * 300_000)  # more than a pipe holds: when it is taken, the command is reading
    process.stdin.flush()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr) == (130, b"", b"")


def test_json_on_a_terminal_of_another_encoding() -> None:
    """W-5: the second byte of a letter in UTF-8 may be a control character in Latin-1."""
    shown = run_on_terminal("list", "--format", "json", stdin=body(item(user="\u00db31m")), PYTHONIOENCODING="latin-1")
    assert "\\u00db31m" in shown.text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_of_another_encoding(encoding: str) -> None:
    """W-5: what it cannot show is escaped; JSON is UTF-8 always."""
    done = run("list", "-", "--format", "table", stdin=body(item(user="\u958b")), PYTHONIOENCODING=encoding)
    expected = "\u958b" if encoding == "utf-8" else "\\u958b"
    assert expected in done.stdout.decode(encoding)
    done = run("list", "-", "--status", "\u958b", PYTHONIOENCODING=encoding)
    assert "\u958b" in done.stderr.decode()
    done = run("list", "-", stdin=body(item(user="\u958b")), PYTHONIOENCODING=encoding)
    assert "\u958b" in done.stdout.decode()
