"""Test how `snaptasks conform` ends at its deadline when a server is hostile (W-4, W-5)."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from snaptasks import rest
from tests.command.command_runs import run
from tests.command.conform_runs import conform, is_running


@contextmanager
def run_server(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """Run a server on a free port; `answer` handles each connection. Yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    Thread(target=answer_one, args=(connection,), daemon=True).start()

        def answer_one(connection: socket.socket) -> None:
            with suppress(OSError), connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(65536)
                answer(connection, head)

        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def drip(connection: socket.socket, begin: bytes, again: bytes) -> None:
    connection.sendall(begin)
    while True:
        time.sleep(0.05 if len(again) < 1000 else 0)
        connection.sendall(again)


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (OK + b"Content-Length: 100000\r\n\r\n", b" "),
        (OK, b"a"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        (b"", b""),
    ],
    ids=["body", "headers", "trailers", "continue", "flood", "nothing"],
)
def test_conform_of_dripping_server_ends_at_the_deadline(begin: bytes, again: bytes) -> None:
    """W-5: The deadline limits the whole exchange, not each byte."""
    with run_server(lambda connection, head: drip(connection, begin, again)) as url:
        done = conform("--url", url, "--load", "true", "--timeout", "0.5")
    assert done.returncode == 1
    assert f"the run ended early: the server at {url} gave no answer: " in done.stdout.decode()
    assert "3 times in a row" in done.stdout.decode()


def test_conform_of_server_with_endless_body_stops_reading() -> None:
    """W-4: Read at most MAX_BODY_LENGTH bytes, as of any response."""
    with run_server(
        lambda connection, head: connection.sendall(OK + b"\r\n" + b" " * (rest.MAX_BODY_LENGTH + 2**20))
    ) as url:
        done = conform("--url", url, "--load", "true", "--only", "F-2/tasks-b")
    assert done.returncode == 1
    assert f"the server answered with more than {rest.MAX_BODY_LENGTH} bytes" in done.stdout.decode()


def json_answer(status: int, tree: Any) -> bytes:
    body = json.dumps(tree).encode()
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        status,
        len(body),
        body,
    )


def test_conform_after_one_lost_connection_fails_only_that_vector() -> None:
    """W-5."""
    asked = []

    def answer(connection: socket.socket, head: bytes) -> None:
        asked.append(head)
        if len(asked) != 3:
            connection.sendall(json_answer(401, {"error_type": "UNAUTHENTICATED", "messages": []}))

    with run_server(answer) as url:
        done = conform("--url", url, "--load", "true", "--only", "A-1", "--only", "F-2/tasks-b")
    assert len(asked) == 13
    assert done.stdout.decode().count("there is no answer") == 1
    assert f"got: the server at {url} gave no answer: Remote end closed connection" in done.stdout.decode()
    assert "ended early" not in done.stdout.decode()


@pytest.mark.slow
@pytest.mark.parametrize("status", [0, 400, 414, 431])
def test_conform_of_server_that_refuses_long_urls_skips_their_vectors(status: int) -> None:
    """W-5: Skip the vectors that need a longer URL, and name the bound as the reason."""

    def answer(connection: socket.socket, head: bytes) -> None:
        if len(head) < 3000:
            connection.sendall(json_answer(400, {"error_type": "UNEXPECTED_INPUT", "messages": []}))
        elif status:
            connection.sendall(json_answer(status, "too long"))

    with run_server(answer) as url:
        done = conform("--url", url, "--load", "true", "--only", "Q-4", "--only", "Q-2/unknown-statuz")
    outcome = f"no answer of the API (status {status})" if status else "no response"
    assert f"skipped 3: URLs of 160,000 bytes and more got {outcome}\n" in done.stdout.decode()
    assert done.stdout.decode().splitlines()[-1] == "4 cases: 1 passed, 0 violated, 3 skipped"


def test_conform_of_server_that_loses_every_second_connection_ends() -> None:
    """W-5: Stop after 20 losses, because each may take the whole timeout."""
    asked = []

    def answer(connection: socket.socket, head: bytes) -> None:
        asked.append(head)
        if len(asked) % 2:
            connection.sendall(json_answer(401, {"error_type": "UNAUTHENTICATED", "messages": []}))

    with run_server(answer) as url:
        done = conform("--url", url, "--load", "true", "--only", "F-5")
    assert len(asked) == 40
    assert ", 20 times in all" in done.stdout.decode()


def test_conform_after_unanswered_long_url_asks_no_url_of_that_length() -> None:
    """W-5: Do not ask a longer URL either."""
    asked = []

    def answer(connection: socket.socket, head: bytes) -> None:
        asked.append(len(head))
        if len(head) < 3000:
            connection.sendall(json_answer(400, {"error_type": "INVALID_ARGUMENT", "messages": []}))

    with run_server(answer) as url:
        done = conform("--url", url, "--load", "true", "--only", "Q-4")
    assert sum(length > 3000 for length in asked) < 3
    assert b"skipped 3: URLs of 160,000 bytes and more got no response\n" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "load", "message"),
    [
        ("http://a b/", "true", "the URL must be an http or https URL"),
        ("http://u:p@127.0.0.1", "true", "must have only a host, a port and a path"),
        ("http://127.0.0.1/?q", "true", "must have only a host, a port and a path"),
        ("http://127.0.0.1", " ", "the load command must not be empty"),
    ],
)
def test_conform_with_wrong_url_or_load_is_wrong_usage(url: str, load: str, message: str) -> None:
    """W-5."""
    done = run("conform", "--url", url, "--load", load)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "load", "message"),
    [
        ("http://127.0.0.1:1", "true", "the server at http://127.0.0.1:1 gave no answer: Connection refused; asked "),
        ("http://127.0.0.1:1", "false", "the load command ended with status 1; asked "),
        (
            "http://127.0.0.1:1",
            "nothing-there",
            "the load command failed: nothing-there: No such file or directory; asked ",
        ),
        ("http://127.0.0.1:1", "sleep 30", "the load command did not end within 2 seconds; asked "),
    ],
)
def test_conform_of_unreachable_server_reports_it_in_one_line(url: str, load: str, message: str) -> None:
    """W-5: Do not print a page for each vector or law."""
    done = run("conform", "--url", url, "--load", load, "--timeout", "2")
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert sum(message in line for line in lines) == 1
    assert f"the run ended early: {message}" in done.stdout.decode()
    assert len(lines) < 10


def test_output_of_load_command_is_not_in_the_report() -> None:
    """W-5: Write it to standard error."""
    done = conform("--url", "http://127.0.0.1:1", "--load", "echo rubbish", "--json")
    assert json.loads(done.stdout)["ended"].startswith("the server at http://127.0.0.1:1 gave no answer")
    assert b"rubbish" in done.stderr


@pytest.mark.slow
def test_conform_with_hanging_load_command_leaves_no_process(tmp_path: Path) -> None:
    """W-5: End also the processes that the command started."""
    pid = tmp_path / "pid"
    load = f"sh -c 'sleep 1000 & echo $! > {pid}; wait'"
    done = conform("--url", "http://127.0.0.1:1", "--load", load, "--timeout", "1")
    assert done.returncode == 1
    assert not is_running(int(pid.read_text()))
