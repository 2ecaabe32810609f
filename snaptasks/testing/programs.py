"""Ask an implementation in a program of its own over JSON lines: in any language, or a class in Python.

Decides how the program is asked, and that every exchange ends in bounded time. Does not know what it must answer.
"""

from __future__ import annotations

import json
import os
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any, Final, Self, cast

from .. import ListItem
from ..rest import MAX_BODY_LENGTH, Response
from .parsing import parsed
from .processes import Process
from .target import Asker, NoAnswer, OutOfBounds, TargetFailed, check_lacks
from .wording import count

__all__ = ["TIMEOUT", "Program"]

# Seconds for one answer, inclusive; past them the program is killed, and the run ends.
TIMEOUT: Final = 10.0

# The longest line of a program, in bytes, inclusive: a listing and the members around it. A longer line ends the run.
_MAX_LINE_LENGTH: Final = MAX_BODY_LENGTH + 2**16

# The bytes of a wrong line that a message repeats, inclusive; the rest is cut.
_MAX_TEXT: Final = 200


class Program:
    """Ask a program in any language: it reads a request from a line of its input, and writes the answer to its output.

    Every request is a JSON object with `do`. The first one is `hello`, and its answer is {"lacks": {...}}.

    - `load` has `tasks` and `callers`, which maps the name of each caller to the caller. The answer is {}.
    - `list` has a `query`, or a `filter` if `lacks` has "queries". Empty fields of a filter do not constrain anything.
    - `get` has a `task`.
    - `request` has a `method`, a `target` and a `body`.

    The last three also have a `caller`. Their answer is {"status": ..., "body": ...}; that of `request` also has
    `headers`. The body of an error must have its `error_type`; that of INVALID_ARGUMENT must also have {"data":
    {"primary": the parameter, "secondary": []}}. Instead of an answer, {"raised": why} says that there is none,
    {"skip": why} that this cannot be asked, and {"failed": why} ends the run.
    """

    reads_json_filters = True

    def __init__(self, command: Sequence[str], timeout: float = TIMEOUT, arguments: str | None = None) -> None:
        patience = "" if timeout == TIMEOUT else f"--timeout {timeout:g} "
        self.conform_arguments: str = patience + (arguments or f"-- {shlex.join(command)}")
        self._timeout = timeout
        self._rest = b""
        self._callers: Mapping[str, Any] = {}
        try:
            self._process = Process(command, subprocess.PIPE)
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL
            raise TargetFailed(
                f"{command[0]} cannot be started: {getattr(error, 'strerror', None) or error}"
            ) from error
        self._input = cast("IO[bytes]", self._process.popen.stdin)
        self._output = cast("IO[bytes]", self._process.popen.stdout)
        os.set_blocking(self._input.fileno(), False)
        os.set_blocking(self._output.fileno(), False)
        try:
            self.lacks: Mapping[str, str] = check_lacks(self._ask({"do": "hello"}).get("lacks", {}))
        except BaseException as error:
            self.close()
            if isinstance(error, TypeError | ValueError):
                raise TargetFailed(f"the answer to hello: {error}") from error
            if isinstance(error, TargetFailed) and arguments is None:
                raise TargetFailed(f"{error}; asked: hello") from error
            raise

    @classmethod
    def of_class(cls, name: str, timeout: float = TIMEOUT) -> Self:
        """Run a class or function without arguments, MODULE:FACTORY, in a process of its own, which it cannot leave."""
        command = [sys.executable, "-m", "snaptasks.testing.bridge", name]
        return cls(command, timeout, f"--python {shlex.quote(name)}")

    def meet(self, callers: Mapping[str, Any]) -> None:
        self._callers = callers

    def load(self, items: list[ListItem]) -> None:
        tasks = [item.to_python() for item in items]
        answer = self._ask({"do": "load", "tasks": tasks, "callers": self._callers})
        if "raised" in answer:
            raise TargetFailed(f"the program cannot load tasks: {answer['raised']}")
        if "skip" in answer:
            raise OutOfBounds(str(answer["skip"]))

    def list(self, query: Any, caller: Asker | None) -> Response:
        return self._answer({"do": "list", "query" if isinstance(query, str) else "filter": query}, caller)

    def get(self, task: str, caller: Asker | None) -> Response:
        return self._answer({"do": "get", "task": task}, caller)

    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> Response:
        return self._answer({"do": "request", "method": method, "target": target, "body": body.decode()}, caller)

    def close(self) -> None:
        """End the program and its descendants."""
        self._input.close()
        self._output.close()
        self._process.end()

    def _answer(self, request: dict[str, Any], caller: Asker | None) -> Response:
        answer = self._ask(request | {"caller": None if caller is None else {"name": caller.name, **caller.tree}})
        if "raised" in answer:
            raise NoAnswer(str(answer["raised"]))
        if "skip" in answer:
            raise OutOfBounds(str(answer["skip"]))
        status, body, headers = answer.get("status"), answer.get("body", ""), answer.get("headers", {})
        if type(status) is not int or not isinstance(headers, dict):
            found = json.dumps(answer)[:_MAX_TEXT]
            raise NoAnswer(f"status must be an integer, and headers must be an object if they are set (found {found})")
        text = body if isinstance(body, str) else json.dumps(body)
        pairs = tuple((str(name).lower(), str(value)) for name, value in headers.items())
        return Response(status, pairs, text.encode(errors="surrogatepass"))

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        line = self._line(json.dumps(request).encode() + b"\n")
        try:
            answer = parsed(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TargetFailed(f"an answer must be a JSON object on one line (found {line[:_MAX_TEXT]!r})")
        if "failed" in answer:
            raise TargetFailed(str(answer["failed"]))
        return answer

    def _line(self, request: bytes) -> bytes:
        """Write a request, and return the next line of the program; both together may take the timeout."""
        until = time.monotonic() + self._timeout
        if b"\n" in self._rest:
            raise TargetFailed(f"the program printed a line without a request: {self._rest[:_MAX_TEXT]!r}")
        while request or b"\n" not in self._rest:
            left = until - time.monotonic()
            if left <= 0 or len(self._rest) > _MAX_LINE_LENGTH:
                self._process.kill()
                bound = (
                    f"within {count(self._timeout, 'second')}"
                    if left <= 0
                    else f"in a line of {_MAX_LINE_LENGTH} bytes"
                )
                raise TargetFailed(f"the program did not answer {bound}, and was killed")
            readable, writable, _ = select.select([self._output], [self._input] if request else [], [], left)
            try:
                if writable:
                    request = request[os.write(self._input.fileno(), request[:65536]) :]
                part = os.read(self._output.fileno(), 2**20) if readable else None
            except BrokenPipeError:
                part = b""
            if part == b"":
                raise TargetFailed(f"the program {self._process.end()}")
            self._rest += part or b""
        line, _, self._rest = self._rest.partition(b"\n")
        return line
