"""An implementation in a program of its own, which speaks JSON lines: in any language, or a class in Python.

Decides how it is asked, and that whatever it does ends in bounded time. Knows nothing of what it must answer.
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
from .asking import Asker, NoAnswer, OutOfBounds, TargetFailed, checked_lacks
from .parsing import parsed
from .processes import Process

__all__ = ["TIMEOUT", "Program"]

# Seconds until an answer counts as one that never comes; then the program is ended, and is asked nothing more.
TIMEOUT: Final = 10.0


# Bytes of one line of a program, inclusive: a listing, and what stands around it. Past it the line is no answer.
_MAX_LINE_LENGTH: Final = MAX_BODY_LENGTH + 2**16

# Bytes of a line that is no answer which a message repeats.
_MAX_SHOWN: Final = 200


class Program:
    """An implementation in any language: a request on a line of its input, the answer on a line of its output.

    Every request is a JSON object with `do`. `hello` is the first one, answered by {"lacks": {...}}. `load` brings `tasks`,
    and `callers`, all who will ask by name, and is answered by {}. `list` brings a `query`, or a `filter` where queries are lacked; `get` a `task`; `request` a
    `method`, `target` and `body`. These three have a `caller`, and are answered by {"status": ..., "body": ...}, and
    `request` by `headers`, too. A filter may have empty fields, which constrain nothing. The body of an error must have its
    `error_type`; that of INVALID_ARGUMENT also {"data": {"primary": the parameter, "secondary": []}}. {"raised": why} says
    that there is no answer to this request, {"skip": why} that it cannot be asked, and {"failed": why} ends the run.
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
            self.lacks: Mapping[str, str] = checked_lacks(self._asked({"do": "hello"}).get("lacks", {}))
        except (TypeError, ValueError) as error:
            self.close()
            raise TargetFailed(f"its answer to hello: {error}") from error
        except BaseException:
            self.close()
            raise

    @classmethod
    def of_class(cls, name: str, timeout: float = TIMEOUT) -> Self:
        """A class or function without arguments, MODULE:FACTORY, in a process of its own, which it cannot leave."""
        command = [sys.executable, "-m", "snaptasks.testing.bridge", name]
        return cls(command, timeout, f"--python {shlex.quote(name)}")

    def meet(self, callers: Mapping[str, Any]) -> None:
        self._callers = callers

    def load(self, items: list[ListItem]) -> None:
        tasks = [item.to_python() for item in items]
        answer = self._asked({"do": "load", "tasks": tasks, "callers": self._callers})
        if "raised" in answer:
            raise TargetFailed(f"it cannot load tasks: {answer['raised']}")
        if "skip" in answer:
            raise OutOfBounds(str(answer["skip"]))

    def list(self, query: Any, caller: Asker | None) -> Response:
        return self._answer({"do": "list", "query" if isinstance(query, str) else "filter": query}, caller)

    def get(self, task: str, caller: Asker | None) -> Response:
        return self._answer({"do": "get", "task": task}, caller)

    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> Response:
        return self._answer({"do": "request", "method": method, "target": target, "body": body.decode()}, caller)

    def close(self) -> None:
        """End the program, and all that it started."""
        self._input.close()
        self._output.close()
        self._process.end()

    def _answer(self, request: dict[str, Any], caller: Asker | None) -> Response:
        answer = self._asked(request | {"caller": None if caller is None else {"name": caller.name, **caller.tree}})
        if "raised" in answer:
            raise NoAnswer(str(answer["raised"]))
        if "skip" in answer:
            raise OutOfBounds(str(answer["skip"]))
        status, body, headers = answer.get("status"), answer.get("body", ""), answer.get("headers", {})
        if type(status) is not int or not isinstance(headers, dict):
            told = json.dumps(answer)[:_MAX_SHOWN]
            raise NoAnswer(f"an answer must have a status, an integer, and headers, if any, in an object: {told}")
        text = body if isinstance(body, str) else json.dumps(body)
        pairs = tuple((str(name).lower(), str(value)) for name, value in headers.items())
        return Response(status, pairs, text.encode(errors="surrogatepass"))

    def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        line = self._line(json.dumps(request).encode() + b"\n")
        try:
            answer = parsed(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TargetFailed(f"its answer is no JSON object on a line: {line[:_MAX_SHOWN]!r}")
        if "failed" in answer:
            raise TargetFailed(str(answer["failed"]))
        return answer

    def _line(self, request: bytes) -> bytes:
        """The next line of the program, while the request is written; neither may take longer than the timeout."""
        until = time.monotonic() + self._timeout
        if b"\n" in self._rest:
            raise TargetFailed(f"it printed a line that no one asked for: {self._rest[:_MAX_SHOWN]!r}")
        while request or b"\n" not in self._rest:
            left = until - time.monotonic()
            if left <= 0 or len(self._rest) > _MAX_LINE_LENGTH:
                self._process.kill()
                told = f"within {self._timeout:g} seconds" if left <= 0 else f"in a line of {_MAX_LINE_LENGTH} bytes"
                raise TargetFailed(f"it did not answer {told}, and was ended")
            readable, writable, _ = select.select([self._output], [self._input] if request else [], [], left)
            try:
                if writable:
                    request = request[os.write(self._input.fileno(), request[:65536]) :]
                part = os.read(self._output.fileno(), 2**20) if readable else None
            except BrokenPipeError:
                part = b""
            if part == b"":
                raise TargetFailed(self._process.end())
            self._rest += part or b""
        line, _, self._rest = self._rest.partition(b"\n")
        return line
