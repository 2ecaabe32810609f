"""Ask an implementation over HTTP, and load it with a command.

Decides how the server is asked, that each exchange ends at a deadline, and which refusals are limits of the server and
not of the implementation. Does not know what the implementation must answer.
"""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import socket
from typing import Any, Final
from urllib.parse import quote, urlsplit

from .. import ListItem
from ..rest import MAX_BODY_LENGTH, Response
from .processes import Process
from .programs import TIMEOUT
from .target import Asker, NoAnswer, OutOfBounds, TargetFailed
from .wording import count

__all__ = ["Server"]

# The longest target that every server reads, in bytes, inclusive; the smallest default of common servers is 4,094 bytes
# for the whole request line. For a longer target, no answer or one without an API error is a limit of the server.
_EVERY_SERVER_READS: Final = 2000

# Exchanges in a row without an answer, inclusive: then the run ends, because the server is gone.
_MOST_LOST: Final = 3

# Exchanges without an answer in one run, inclusive: then it ends, because each may take the whole timeout.
_MOST_LOST_IN_ALL: Final = 20

# The outcome of a long target without a response.
_SILENT: Final = "no response"

# The statuses with which servers refuse a long target.
_TOO_LONG: Final = frozenset({400, 413, 414, 431})


class Server:
    """Ask an implementation at a URL such as http://127.0.0.1:8000, and load it with a command.

    The command gets {"tasks": [...], "callers": {...}} on its input; when it ends, it has loaded the tasks. A caller
    sends `Authorization: Bearer NAME`, where NAME is its name with - for blanks. An unauthenticated caller sends no
    such header.
    """

    lacks: Mapping[str, str]

    def __init__(self, url: str, load: Sequence[str], timeout: float = TIMEOUT, *, routes: bool = False) -> None:
        try:
            parts = urlsplit(url)
            is_url = parts.scheme in {"http", "https"} and bool(parts.hostname)
            self._port = parts.port
        except ValueError:  # the port or the address is impossible
            is_url = False
        if not is_url or any(each.isspace() for each in url):
            raise TargetFailed(f"the URL must be an http or https URL (found {url})")
        if parts.query or parts.fragment or parts.username is not None:
            raise TargetFailed(f"the URL must have only a host, a port and a path (found {url})")
        if not load:
            raise TargetFailed("the load command must not be empty")
        patience = "" if timeout == TIMEOUT else f"--timeout {timeout:g} "
        named = f"--url {shlex.quote(url)} --load {shlex.quote(shlex.join(load))}"
        self.conform_arguments: str = f"{patience}{'--routes ' if routes else ''}{named}"
        self.lacks = {} if routes else {"routes": "the server may have another route there; --routes asks for it"}
        self._url, self._parts, self._load, self._timeout = url, parts, load, timeout
        self._prefix = parts.path.rstrip("/")
        self._callers: Mapping[str, Any] = {}
        self._lost, self._lost_in_all = 0, 0
        self._shortest: dict[str, int] = {}

    def meet(self, callers: Mapping[str, Any]) -> None:
        self._callers = callers

    def load(self, items: list[ListItem]) -> None:
        text = json.dumps({"tasks": [item.to_python() for item in items], "callers": self._callers})
        try:
            process = Process(self._load, stdout=2)  # its prints are for people, and not a part of a report
        except (OSError, ValueError) as error:
            raise TargetFailed(f"the load command failed: {self._load[0]}: {_reason(error)}") from error
        try:
            process.popen.communicate(text.encode(), self._timeout)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise TargetFailed(f"the load command did not end within {count(self._timeout, 'second')}") from error
        except BaseException:  # Ctrl-C does not reach it, because it has a session of its own
            process.kill()
            raise
        if process.popen.returncode:
            process.kill()
            raise TargetFailed(f"the load command ended with status {process.popen.returncode}")

    def list(self, query: str, caller: Asker | None) -> Response:
        return self.request("GET", f"/api/snapservice/tasks{'?' if query else ''}{query}", b"", caller)

    def get(self, task: str, caller: Asker | None) -> Response:
        return self.request("GET", f"/api/snapservice/tasks/{quote(task, safe='')}", b"", caller)

    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> Response:
        raw = self._prefix + quote(target, safe="/?&=%+,;:@!$'()*~[]")
        silent = self._shortest.get(_SILENT)
        if silent is not None and len(raw) >= silent:  # not asked, because each may take the whole timeout
            raise self._out_of_bounds(raw, _SILENT)
        try:
            response = self._exchange(method, raw, body, caller)
        except ConnectionRefusedError as error:
            raise TargetFailed(f"the server at {self._url} gave no answer: {_reason(error)}") from error
        except (OSError, HTTPException, ValueError) as error:
            if len(raw) > _EVERY_SERVER_READS:
                raise self._out_of_bounds(raw, _SILENT) from error
            self._lost, self._lost_in_all = self._lost + 1, self._lost_in_all + 1
            text = f"the server at {self._url} gave no answer: {_reason(error)}"
            if self._lost == _MOST_LOST:
                raise TargetFailed(f"{text}, {_MOST_LOST} times in a row") from error
            if self._lost_in_all == _MOST_LOST_IN_ALL:
                raise TargetFailed(f"{text}, {_MOST_LOST_IN_ALL} times in all") from error
            raise NoAnswer(text) from error
        self._lost = 0
        if len(response.body) > MAX_BODY_LENGTH:
            raise NoAnswer(f"the server answered with more than {MAX_BODY_LENGTH} bytes")
        if len(raw) > _EVERY_SERVER_READS and response.status in _TOO_LONG and b'"error_type"' not in response.body:
            raise self._out_of_bounds(raw, f"no answer of the API (status {response.status})")
        return response

    def _out_of_bounds(self, raw: str, outcome: str) -> OutOfBounds:
        """Return the exception for a long URL; it names the shortest URL with this outcome, and no bound."""
        shortest = self._shortest[outcome] = min(len(raw), self._shortest.get(outcome, len(raw)))
        return OutOfBounds(f"URLs of {_round_down(shortest):,} bytes and more got {outcome}")

    def _exchange(self, method: str, target: str, body: bytes, caller: Asker | None) -> Response:
        """Send a request and return the response, with one deadline for both."""
        until = time.monotonic() + self._timeout
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        connection = kind(self._parts.hostname or "", self._port, timeout=self._timeout)
        headers = {} if caller is None else {"Authorization": f"Bearer {caller.name.replace(' ', '-')}"}
        connection.connect()
        inner = connection.sock
        connection.sock = _Until(inner, lambda: until - time.monotonic())
        try:
            connection.request(method, target, body or None, headers)
            response = connection.getresponse()
            text = response.read(MAX_BODY_LENGTH + 1)
            return Response(response.status, tuple((n.lower(), v) for n, v in response.getheaders()), text)
        finally:
            inner.close()


def _round_down(length: int) -> int:
    """Return a length rounded down to two digits, so that a report counts similar lengths together."""
    step: int = 10 ** (len(str(length)) - 2)
    return length // step * step


def _reason(error: Exception) -> str:
    """Return the reason of an error in words: that of the system if it has one."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class _Until:
    """Wrap a socket so that each step has only the time that is left, even if a peer sends a byte a second."""

    def __init__(self, inner: socket, left: Callable[[], float]) -> None:
        self._inner, self._left = inner, left

    def _hurry(self) -> socket:
        left = self._left()
        if left <= 0:
            raise TimeoutError("timed out")
        self._inner.settimeout(left)
        return self._inner

    def sendall(self, data: Any) -> None:
        self._hurry().sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._hurry))

    def close(self) -> None:
        """Leave the socket open, because the body is read from it after the headers."""


class _Reading(io.RawIOBase):
    """Read from a socket within the time that is left."""

    def __init__(self, hurry: Callable[[], socket]) -> None:
        super().__init__()
        self._hurry = hurry

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._hurry().recv_into(buffer)
