"""Start processes, each in a session of its own, and end them with their descendants.

Decides how a process is started and ended. Does not know what it does.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

__all__ = ["Process"]

# The environment variable that marks the descendants of a process, even in sessions of their own.
_MARK: Final = "SNAPTASKS_CONFORM"

# Seconds for a process to end by itself after the last request; past them it is killed.
_PATIENCE: Final = 2.0


class Process:
    """Run a process in a session of its own.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, command: Sequence[str], stdout: int | None) -> None:
        self._mark = f"{_MARK}={uuid4().hex}"
        name, _, value = self._mark.partition("=")
        self.popen: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - the user names it to run it
            command, stdin=subprocess.PIPE, stdout=stdout, start_new_session=True, env=os.environ | {name: value}
        )

    def kill(self) -> None:
        """Kill the process and its descendants.

        A descendant in a session of its own is found by its environment, if the system has /proc.
        """
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        mark = self._mark.encode()
        for environment in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in environment.read_bytes().split(b"\0"):
                    os.kill(int(environment.parent.name), signal.SIGKILL)
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            with suppress(OSError):  # the rest of the input cannot be written
                if pipe is not None:
                    pipe.close()

    def end(self) -> str:
        """Wait until the process ends, kill it after _PATIENCE seconds, and return a predicate about its end."""
        try:
            status = self.popen.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return "closed its output or its input, and was killed"
        finally:
            self.kill()
        return f"ended with status {status} without an answer"
