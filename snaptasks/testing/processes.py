"""Processes that a check starts: each in a session of its own, and ended with all that it started.

Decides how they are started and ended. Knows nothing of what they do.
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

# The variable that marks all that a process starts, whatever sessions they make of their own.
_MARK: Final = "SNAPTASKS_CONFORM"

# Seconds that a process has to end by itself, once nothing more is asked of it.
_PATIENCE: Final = 2.0


class Process:
    """A process in a session of its own. Raises OSError where it cannot be started."""

    def __init__(self, command: Sequence[str], stdout: int | None) -> None:
        self._mark = f"{_MARK}={uuid4().hex}"
        name, _, value = self._mark.partition("=")
        self.popen: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - running it is what it is named for
            command, stdin=subprocess.PIPE, stdout=stdout, start_new_session=True, env=os.environ | {name: value}
        )

    def kill(self) -> None:
        """End it and all that it started; who made a session of its own is found by what it inherited, where a system tells."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        mark = self._mark.encode()
        for environment in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in environment.read_bytes().split(b"\0"):
                    os.kill(int(environment.parent.name), signal.SIGKILL)
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            with suppress(OSError):  # what was not written any more
                if pipe is not None:
                    pipe.close()

    def end(self) -> str:
        """Wait a moment until it has ended by itself, end it otherwise, and say how it ended."""
        try:
            status = self.popen.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return "it has closed its output or its input, and was ended"
        finally:
            self.kill()
        return f"it has ended, with status {status}"
