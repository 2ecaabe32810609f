"""Run the command as a user does: in its own process, with pipes or on a terminal."""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.paths import ROOT, SAMPLE

TREE: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
COMMAND = [sys.executable, "-m", "snaptasks"]


def body(*items: Any) -> bytes:
    """Build a response body from items."""
    return json.dumps({"items": items}).encode()


def item(at: int = 0, **info: Any) -> dict[str, Any]:
    """Copy a task of the sample and replace fields of its info."""
    task: dict[str, Any] = json.loads(json.dumps(TREE["items"][at]))
    task["info"] |= info
    return task


def environment(**extra: str) -> Mapping[str, str]:
    """Return the environment without the variables that change the output of Python and of the command."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHONIO", "PYTHONUNBUFFERED", "COLUMNS", "LINES"))
    } | {
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
        "TERM": "xterm",
        **extra,
    }


def install(folder: Path) -> Mapping[str, str]:
    """Install `snaptasks` and `python3` as commands of the interpreter of the tests; return the environment."""
    commands = folder / "bin"
    commands.mkdir()
    for name, arguments in {"snaptasks": "-m snaptasks ", "python3": ""}.items():
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        (commands / name).chmod(0o755)
    return environment(PATH=f"{commands}{os.pathsep}{os.environ['PATH']}", PYTHONPATH=str(ROOT))


def run(*arguments: str | bytes, stdin: bytes = b"", **extra: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command with pipes and check that it prints no traceback."""
    done = subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, check=False, env=environment(**extra), timeout=60
    )
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    return done


class OnTerminal(NamedTuple):
    """Hold the exit status of a command and the text that a terminal received."""

    returncode: int
    text: str


def run_on_terminal(*arguments: str, columns: int = 80, stdin: bytes | None = b"", **extra: str) -> OnTerminal:
    """Run the command on a terminal; its input is a pipe, or the terminal if `stdin` is None."""
    return on_terminal([*COMMAND, *arguments], columns, stdin, environment(**extra))


def on_terminal(
    command: Sequence[str], columns: int, stdin: bytes | None, env: Mapping[str, str], cwd: Path | None = None
) -> OnTerminal:
    """Run any command on a terminal; its input is a pipe, or the terminal if `stdin` is None."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        command,
        stdin=slave if stdin is None else subprocess.PIPE,
        stdout=slave,
        stderr=slave,
        env=env,
        cwd=cwd,
    )
    os.close(slave)
    if stdin is not None:
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
    received = b""
    while select.select([master], [], [], 60)[0]:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux reports a closed other side in this way
            break
        if not part:
            break
        received += part
    os.close(master)
    text = received.decode(env.get("PYTHONIOENCODING", "utf-8"))
    return OnTerminal(process.wait(60), text.replace("\r\n", "\n"))
