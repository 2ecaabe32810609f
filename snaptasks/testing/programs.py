"""Implementations outside of this process: a program that speaks JSON lines, and an HTTP server.

Decided here: how they are asked, and that whatever they do ends in bounded time. Not known here: what they must answer.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import IO, Any, Final, cast
from urllib.parse import quote, urlsplit

from .. import ListItem
from ..rest import MAX_BODY_LENGTH, Response
from .cases import callers
from .contract import Asker, TargetFailed

__all__ = ["TIMEOUT", "Program", "Server"]

# Seconds until an answer counts as one that never comes; then the program is ended, and is asked nothing more.
TIMEOUT: Final = 10.0

# Bytes of one line of a program, inclusive: a listing, and what stands around it. Past it the line is no answer.
_MAX_LINE_LENGTH: Final = MAX_BODY_LENGTH + 2**16


class Program:
    """An implementation in any language: a request on a line of its input, the answer on a line of its output.

    Every request is a JSON object with `do`. `hello` is the first one, answered by {"lacks": {...}}; `load` brings
    `tasks`, and is answered by {}; `list` brings a `query`, or a `filter` where it lacks queries, `get` a `task`,
    `request` a `method`, `target` and `body`; these three have a `caller` and are answered by {"status": ..., "body":
    ...}, and `request` by `headers`, too.
    """

    def __init__(self, command: Sequence[str], timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._rest = b""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - running it is what it is named for
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        except OSError as error:
            raise TargetFailed(f"{command[0]} cannot be started: {error.strerror}") from error
        self._input = cast("IO[bytes]", self._process.stdin)
        self._output = cast("IO[bytes]", self._process.stdout)
        os.set_blocking(self._input.fileno(), False)
        os.set_blocking(self._output.fileno(), False)
        lacks = self._asked({"do": "hello"}).get("lacks", {})
        if not isinstance(lacks, dict):
            raise TargetFailed("its answer to hello has no object of what it lacks")
        self.lacks: Mapping[str, str] = lacks

    def load(self, items: list[ListItem]) -> None:
        self._asked({"do": "load", "tasks": [item.to_python() for item in items]})

    def list(self, query: Any, caller: Asker | None) -> Response:
        wanted = {"query": query} if isinstance(query, str) else {"filter": query.to_python()}
        return self._answer({"do": "list", **wanted}, caller)

    def get(self, task: str, caller: Asker | None) -> Response:
        return self._answer({"do": "get", "task": task}, caller)

    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> Response:
        return self._answer({"do": "request", "method": method, "target": target, "body": body.decode()}, caller)

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()
        self._input.close()
        self._output.close()

    def _answer(self, request: dict[str, Any], caller: Asker | None) -> Response:
        answer = self._asked(request | {"caller": None if caller is None else caller.tree})
        status, body, headers = answer.get("status"), answer.get("body", ""), answer.get("headers", {})
        if not isinstance(status, int) or not isinstance(headers, dict):
            raise TypeError(f"an answer must have a status, and headers in an object: {str(answer)[:200]}")
        text = body if isinstance(body, str) else json.dumps(body)
        return Response(
            status, tuple((str(name).lower(), str(value)) for name, value in headers.items()), text.encode()
        )

    def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        line = self._line(json.dumps(request).encode() + b"\n")
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TargetFailed(f"its answer is no JSON object on a line: {line[:200]!r}")
        return answer

    def _line(self, request: bytes) -> bytes:
        """The next line of the program, while the request is written; neither may take longer than the timeout."""
        until = time.monotonic() + self._timeout
        while b"\n" not in self._rest:
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
                raise TargetFailed(f"it has ended, with status {self._ended()}")
            self._rest += part or b""
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _ended(self) -> int:
        """The exit status of a program that has closed its output; it is ended where it goes on all the same."""
        try:
            return self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class Server:
    """An implementation behind HTTP: asked at a URL such as http://127.0.0.1:8000, loaded by a command.

    The command gets {"tasks": [...], "callers": {...}} on its input, and has loaded the tasks when it ends. The callers
    authenticate with `Authorization: Bearer NAME`, where NAME is theirs with - for blanks; nobody sends no such header.
    """

    lacks: Mapping[str, str] = {}

    def __init__(self, url: str, load: Sequence[str], timeout: float = TIMEOUT) -> None:
        try:
            parts = urlsplit(url)
            is_url = parts.scheme in {"http", "https"} and bool(parts.hostname)
            self._port = parts.port
        except ValueError:  # of a port or an address that there cannot be
            is_url = False
        if not is_url:
            raise TargetFailed(f"{url} is no http or https URL")
        self._parts, self._load, self._timeout = parts, load, timeout
        self._prefix = parts.path.rstrip("/")

    def load(self, items: list[ListItem]) -> None:
        text = json.dumps({"tasks": [item.to_python() for item in items], "callers": callers()})
        try:
            done = subprocess.run(  # noqa: S603 - as above
                self._load, input=text.encode(), timeout=self._timeout, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TargetFailed(f"the command that loads failed: {error}") from error
        if done.returncode:
            raise TargetFailed(f"the command that loads ended with status {done.returncode}")

    def list(self, query: str, caller: Asker | None) -> Response:
        return self.request("GET", f"/api/snapservice/tasks{'?' if query else ''}{query}", b"", caller)

    def get(self, task: str, caller: Asker | None) -> Response:
        return self.request("GET", f"/api/snapservice/tasks/{quote(task, safe='')}", b"", caller)

    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> Response:
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        connection = kind(self._parts.hostname or "", self._port, timeout=self._timeout)
        headers = {} if caller is None else {"Authorization": f"Bearer {caller.name.replace(' ', '-')}"}
        try:
            connection.request(method, self._prefix + quote(target, safe="/?&=%+,;:@!$'()*~[]"), body or None, headers)
            response = connection.getresponse()
            text = response.read(MAX_BODY_LENGTH + 1)
        except (OSError, HTTPException) as error:
            raise TargetFailed(f"the server gave no answer: {error!r}") from error
        finally:
            connection.close()
        if len(text) > MAX_BODY_LENGTH:
            raise TargetFailed(f"the server answered with more than {MAX_BODY_LENGTH} bytes")
        return Response(response.status, tuple((n.lower(), v) for n, v in response.getheaders()), text)
