"""The command as a user types it: in a process of its own, with pipes or on a terminal."""

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
    """A response body of these items."""
    return json.dumps({"items": items}).encode()


def item(at: int = 0, **info: Any) -> dict[str, Any]:
    """A task of the sample, with other fields in its info."""
    task: dict[str, Any] = json.loads(json.dumps(TREE["items"][at]))
    task["info"] |= info
    return task


def environment(**extra: str) -> Mapping[str, str]:
    """The environment of the tests, without what changes how Python and the command write."""
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
    """An environment in which `snaptasks` is a command, and `python3` the interpreter that runs the tests."""
    commands = folder / "bin"
    commands.mkdir()
    for name, arguments in {"snaptasks": "-m snaptasks ", "python3": ""}.items():
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        (commands / name).chmod(0o755)
    return environment(PATH=f"{commands}{os.pathsep}{os.environ['PATH']}", PYTHONPATH=str(ROOT))


def run(*arguments: str | bytes, stdin: bytes = b"", **extra: str) -> subprocess.CompletedProcess[bytes]:
    """Run it with pipes; it never ends in a traceback."""
    done = subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, check=False, env=environment(**extra), timeout=60
    )
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    return done


class OnTerminal(NamedTuple):
    """What a terminal got, and how it ended."""

    returncode: int
    text: str


def run_on_terminal(*arguments: str, columns: int = 80, stdin: bytes | None = b"", **extra: str) -> OnTerminal:
    """Run it on a terminal of so many columns; its input is piped in, or the terminal too (None)."""
    return on_terminal([*COMMAND, *arguments], columns, stdin, environment(**extra))


def on_terminal(
    command: Sequence[str], columns: int, stdin: bytes | None, env: Mapping[str, str], cwd: Path | None = None
) -> OnTerminal:
    """Run a command on a terminal of so many columns."""
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
        except OSError:  # how Linux says that the other side is closed
            break
        if not part:
            break
        received += part
    os.close(master)
    text = received.decode(env.get("PYTHONIOENCODING", "utf-8"))
    return OnTerminal(process.wait(60), text.replace("\r\n", "\n"))
