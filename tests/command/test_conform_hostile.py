"""A target can do nothing to the kit: whatever it does ends in bounded time, with a result that says what it did (W-5)."""

import json
import os
import shlex
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import CompletedProcess
from threading import Thread
from typing import Any

import pytest

from snaptasks import ListResult, LocalizableMessage, NotFound, rest
from snaptasks.testing import OutOfBounds, TargetFailed, vectors
from tests.command.running import run
from tests.contract.implementations import Bounded, OverHttp

ROOT = Path(__file__).parent.parent.parent
ADAPTERS = ROOT / "tests" / "contract" / "adapters"
HERE = "tests.command.test_conform_hostile"
F_2 = sum(case.clause == "F-2" for case in vectors())


def conform(*arguments: str, seconds: float = 40) -> CompletedProcess[bytes]:
    """Run it on the vectors of F-2, where nothing else is named; it ends within so many seconds, and in few lines."""
    only = [] if "--only" in arguments or "--case" in arguments else ["--only", "F-2"]
    begun = time.monotonic()
    done = run("conform", "--examples", "0", *only, *arguments, PYTHONPATH=str(ROOT))
    assert time.monotonic() - begun < seconds
    assert done.stdout.count(b"\n") < 1000
    assert len(done.stdout) < 500_000
    return done


# A class in Python: what it raises, how it ends, what it prints, and what it waits for.


class Ends(Bounded):
    def request(self, *asked: Any) -> Any:
        sys.exit(0)


class EndsAtOnce(Bounded):
    def request(self, *asked: Any) -> Any:
        os._exit(0)


class Cancels(Bounded):
    def request(self, *asked: Any) -> Any:
        import asyncio  # noqa: PLC0415

        raise asyncio.CancelledError


class Generates(Bounded):
    def request(self, *asked: Any) -> Any:
        raise GeneratorExit


class Unspeakable(Exception):
    def __repr__(self) -> str:
        raise SystemExit(0)


class RaisesTheUnspeakable(Bounded):
    def request(self, *asked: Any) -> Any:
        raise Unspeakable


class Deep(Bounded):
    def request(self, *asked: Any) -> Any:
        return rest.Response(200, (), b'{"items":' + b"[" * 3000 + b"]" * 3000 + b"}")


class Sleeps(Bounded):
    def request(self, *asked: Any) -> Any:
        time.sleep(10_000)


class Prints(Bounded):
    def request(self, *asked: Any) -> Any:
        sys.stdout.write('{"status": 500}\n')
        os.write(1, b"rubbish\n")
        with suppress(EOFError):
            input()
        return super().request(*asked)


class CannotLoad(Bounded):
    def load(self, items: Any) -> None:
        raise OSError("the disk is full")


class Binary(Bounded):
    def request(self, *asked: Any) -> Any:
        return rest.Response(200, (), b"\xff\x00")


class LacksAList(Bounded):
    lacks: Any = ["request"]  # noqa: RUF012


class LacksNumbers(Bounded):
    lacks: Any = {"request": 5}  # noqa: RUF012


class LacksTheUnknown(Bounded):
    lacks: Any = {"requests": "a misspelt one"}  # noqa: RUF012


class Unasked(Bounded):
    """Gives what is no answer."""

    def list(self, query: Any, caller: Any) -> Any:
        return ListResult


class Bounds(Bounded):
    """Wraps a server that has bounds."""

    def request(self, *asked: Any) -> Any:
        raise OutOfBounds("it does not fit")


class Gone(Bounded):
    def request(self, *asked: Any) -> Any:
        raise TargetFailed("it has gone")


class RaisesAnError(Bounded):
    def load(self, items: Any) -> None:
        raise NotFound(LocalizableMessage(id="m", default_message="no store"))


class CannotHold(Bounded):
    def load(self, items: Any) -> None:
        raise OutOfBounds("it holds no tasks")


class OddHeaders(Bounded):
    def request(self, *asked: Any) -> Any:
        return type("Odd", (), {"status": 200})


class Utf16(Bounded):
    def request(self, *asked: Any) -> Any:
        right = super().request(*asked)
        return rest.Response(right.status, right.headers, right.body.decode().encode("utf-16"))


class Floods(Bounded):
    def request(self, *asked: Any) -> Any:
        raise ValueError("x" * 3_000_000)


class Forges(Bounded):
    def request(self, *asked: Any) -> Any:
        raise TargetFailed("x\n580 cases: 580 passed, 0 violated, 0 skipped")


class LacksSecretly(Bounded):
    def __getattribute__(self, name: str) -> Any:
        if name == "lacks":
            raise SystemExit(0)
        return super().__getattribute__(name)


def ending() -> object:
    sys.exit(0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("Ends", 1, "list(...) raised SystemExit(0)"),
        ("EndsAtOnce", 1, "the run has ended early: it has ended, with status 0"),
        ("Cancels", 1, "list(...) raised CancelledError()"),
        ("Generates", 1, "list(...) raised GeneratorExit()"),
        ("RaisesTheUnspeakable", 1, "list(...) raised Unspeakable(...), whose repr raises"),
        ("Deep", 1, "the body is nested too deep to be read"),
        ("Sleeps", 1, "the run has ended early: it did not answer within 4 seconds, and was ended"),
        ("Prints", 0, f"{F_2} cases: {F_2} passed"),
        (
            "CannotLoad",
            1,
            "the run has ended early: it cannot load tasks: load(...) raised OSError('the disk is full')",
        ),
        ("Binary", 1, "the body is no JSON"),
        ("LacksAList", 2, "lacks must map names to reasons"),
        ("LacksNumbers", 2, "lacks must map names to reasons"),
        ("LacksTheUnknown", 2, "lacks must name get, request, queries, routes, and not requests"),
        ("Unasked", 1, "it gave ABCMeta, which is no ListResult, Info or rest.Response"),
        ("Bounds", 1, f"skipped {F_2}: it does not fit"),
        ("Gone", 1, "the run has ended early: it has gone"),
        ("RaisesAnError", 1, "it cannot load tasks: load(...) raised the error {"),
        ("CannotHold", 1, f"skipped {F_2}: it holds no tasks"),
        ("OddHeaders", 1, "it gave type, which is no ListResult, Info or rest.Response"),
        ("Utf16", 1, "the body is no JSON"),
        ("Floods", 1, "list(...) raised ValueError('xxx"),
        ("Forges", 1, "the run has ended early: x\\n580 cases: 580 passed"),
        ("LacksSecretly", 2, "lacks of LacksSecretly raised SystemExit(0)"),
        ("ending", 2, "ending: SystemExit(0)"),
    ],
)
def test_a_class_can_do_nothing(name: str, status: int, told: str) -> None:
    """W-5: it raises, ends, sleeps, prints; never is that a green run, or one without an end."""
    done = conform("--python", f"{HERE}:{name}", "--timeout", "4")
    assert done.returncode == status, done.stdout + done.stderr
    assert told in (done.stdout + done.stderr).decode()


def test_what_is_silent_ends_the_run() -> None:
    """W-5: with a few lines, not with a page for each case."""
    done = conform("--python", f"{HERE}:Ends", "--only", "F-5")
    assert "the run has ended early: the first 5 cases got no answer at all" in done.stdout.decode()
    assert done.stdout.decode().splitlines()[-1].endswith("5 violated, 0 skipped")
    assert done.stdout.count(b"\n") < 150


# A program: its lines, and what it starts.

HELLO = "import sys, json; sys.stdin.readline(); print('{}', flush=True)\n"


def program(code: str) -> list[str]:
    return ["--", sys.executable, "-c", code]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("for line in sys.stdin: print('{}', flush=True)", "the first 5 cases got no answer at all"),
        ("for line in sys.stdin: print('<html>', flush=True)", "its answer is no JSON object on a line: b'<html>'"),
        ("for line in sys.stdin: print('[' * 100000, flush=True)", "its answer is no JSON object on a line: b'[[["),
        ("for line in sys.stdin: print('{\"status\": 200, \"body\": ' + '[' * 3000 + ']' * 3000 + '}', flush=True)", "ended early: its answer is no JSON"),
        ("for line in sys.stdin: print('{\"status\": 10, \"headers\": {\"a\": 5}}', flush=True)", "the status is 10"),
        ("for line in sys.stdin: print('{\"status\": true, \"headers\": []}', flush=True)", "an answer must have a status"),
        ("for line in sys.stdin: print('{}\\n{}', flush=True)", "it printed a line that no one asked for: b'{}"),
        ("for line in sys.stdin: print('{\"skip\": \"no room\"}', flush=True)", f"skipped {F_2}: no room"),
        ("for line in sys.stdin: print('{\"failed\": \"no store\"}', flush=True)", "the run has ended early: no store"),
        ("for line in sys.stdin: print('{\"raised\": \"no store\"}', flush=True)", "ended early: it cannot load tasks: no store"),
    ],
)  # fmt: skip
def test_a_program_can_do_nothing(code: str, told: str) -> None:
    """W-5: rubbish ends the run with a line that says so."""
    done = conform(*program(HELLO + code))
    assert done.returncode == 1
    assert told in done.stdout.decode()
    assert done.stdout.count(b"\n") < (500 if "the status" in told else 200)


def test_what_a_program_skips_is_skipped() -> None:
    """W-5: it can say of a request that it cannot be asked."""
    code = "for line in sys.stdin: print('{}' if 'load' in line else '{\"skip\": \"not here\"}', flush=True)"
    done = conform(*program(HELLO + code))
    assert f"skipped {F_2}: not here" in done.stdout.decode()
    assert done.returncode == 1  # nothing was asked


@pytest.mark.slow
def test_a_program_leaves_no_descendants(tmp_path: Path) -> None:
    """W-5: neither children nor those that made a session of their own, whether it ends by itself or not."""
    pids = tmp_path / "pids"
    start = (
        "import subprocess; started = [subprocess.Popen(['sleep', '1000'], start_new_session=own) for own in (False, True)]\n"
        f"open({str(pids)!r}, 'w').write(' '.join(str(each.pid) for each in started))\n"
    )
    for end in ("", "import time; time.sleep(1000)\n"):
        done = conform("--timeout", "2", *program(HELLO + start + end))
        assert done.returncode == 1
        for pid in pids.read_text().split():
            assert not is_running(int(pid))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in {"Z", "X"}
    except FileNotFoundError:
        return False


# A server.


@contextmanager
def serving(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """A server on a free port that answers each connection so."""
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
def test_a_server_that_drips_ends_at_the_deadline(begin: bytes, again: bytes) -> None:
    """W-5: for the whole exchange, not for each byte."""
    with serving(lambda connection, head: drip(connection, begin, again)) as url:
        done = conform("--url", url, "--load", "true", "--timeout", "0.5")
    assert done.returncode == 1
    assert "the run has ended early: the server gave no answer: " in done.stdout.decode()
    assert "3 times in a row" in done.stdout.decode()


def test_a_server_that_does_not_end() -> None:
    """W-4: no more is read of its answer than of any response."""
    with serving(
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


@pytest.mark.slow
def test_one_lost_connection_costs_that_vector() -> None:
    """W-5: and no other one."""
    asked = []

    def answer(connection: socket.socket, head: bytes) -> None:
        asked.append(head)
        if len(asked) != 3:
            connection.sendall(json_answer(401, {"error_type": "UNAUTHENTICATED", "messages": []}))

    with serving(answer) as url:
        done = conform("--url", url, "--load", "true", "--only", "A-1", "--only", "F-2/tasks-b")
    assert len(asked) == 13
    assert done.stdout.decode().count("there is no answer") == 1
    assert "RemoteDisconnected" in done.stdout.decode()
    assert "ended early" not in done.stdout.decode()


@pytest.mark.slow
@pytest.mark.parametrize("status", [0, 400, 414, 431])
def test_a_bound_of_the_server_is_named(status: int) -> None:
    """W-5: a URL that the server refuses costs the vectors that need it, which say so."""

    def answer(connection: socket.socket, head: bytes) -> None:
        if len(head) < 3000:
            connection.sendall(json_answer(400, {"error_type": "UNEXPECTED_INPUT", "messages": []}))
        elif status:
            connection.sendall(json_answer(status, "too long"))

    with serving(answer) as url:
        done = conform("--url", url, "--load", "true", "--only", "Q-4", "--only", "Q-2/unknown-statuz")
    refuses = f"refuses URLs of some 128000 bytes and more, with status {status}"
    told = refuses if status else "does not answer URLs of some 128000 bytes and more"
    assert f"skipped 3: the server {told}" in done.stdout.decode()
    assert done.stdout.decode().splitlines()[-1] == "4 cases: 1 passed, 0 violated, 3 skipped"


def test_a_server_that_loses_every_second_one_ends_the_run() -> None:
    """W-5: each may take as long as the timeout."""
    asked = []

    def answer(connection: socket.socket, head: bytes) -> None:
        asked.append(head)
        if len(asked) % 2:
            connection.sendall(json_answer(401, {"error_type": "UNAUTHENTICATED", "messages": []}))

    with serving(answer) as url:
        done = conform("--url", url, "--load", "true", "--only", "F-5")
    assert len(asked) == 40
    assert ", 20 times in all" in done.stdout.decode()


def test_a_long_url_that_got_no_answer_is_not_asked_again() -> None:
    """W-5: nor a longer one."""
    asked = []

    def answer(connection: socket.socket, head: bytes) -> None:
        asked.append(len(head))
        if len(head) < 3000:
            connection.sendall(json_answer(400, {"error_type": "INVALID_ARGUMENT", "messages": []}))

    with serving(answer) as url:
        done = conform("--url", url, "--load", "true", "--only", "Q-4")
    assert sum(length > 3000 for length in asked) < 3
    assert b"skipped 3: the server does not answer URLs of some 128000 bytes and more" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "load", "told"),
    [
        ("http://a b/", "true", "is no http or https URL"),
        ("http://u:p@127.0.0.1", "true", "must have a host, a port and a path only"),
        ("http://127.0.0.1/?q", "true", "must have a host, a port and a path only"),
        ("http://127.0.0.1", " ", "the command that loads is empty"),
    ],
)
def test_a_url_that_is_none_is_told(url: str, load: str, told: str) -> None:
    """W-5: as wrong usage."""
    done = run("conform", "--url", url, "--load", load)
    assert (done.returncode, done.stdout) == (2, b"")
    assert told in done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "load", "told"),
    [
        ("http://127.0.0.1:1", "true", "the server gave no answer: ConnectionRefusedError"),
        ("http://127.0.0.1:1", "false", "the command that loads ended with status 1"),
        ("http://127.0.0.1:1", "nothing-there", "the command that loads failed"),
        ("http://127.0.0.1:1", "sleep 30", "the command that loads did not end within 2 seconds"),
    ],
)
def test_what_cannot_be_asked_at_all_is_one_line(url: str, load: str, told: str) -> None:
    """W-5: not a page for each vector, nor for each law."""
    done = run("conform", "--url", url, "--load", load, "--timeout", "2")
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert sum(told in line for line in lines) == 1
    assert f"the run has ended early: {told}" in done.stdout.decode()
    assert len(lines) < 10


def test_what_a_load_command_prints_is_no_part_of_the_report() -> None:
    """W-5: it is for people."""
    done = conform("--url", "http://127.0.0.1:1", "--load", "echo rubbish", "--json")
    assert json.loads(done.stdout)["ended"].startswith("the server gave no answer")
    assert b"rubbish" in done.stderr


@pytest.mark.slow
def test_a_load_command_that_hangs_leaves_nothing(tmp_path: Path) -> None:
    """W-5: nor what it started."""
    pid = tmp_path / "pid"
    load = f"sh -c 'sleep 1000 & echo $! > {pid}; wait'"
    done = conform("--url", "http://127.0.0.1:1", "--load", load, "--timeout", "1")
    assert done.returncode == 1
    assert not is_running(int(pid.read_text()))


# The command line itself.

SCHEMA = "--case: a case must have what the schema of the vectors says"


def case_with(**parts: Any) -> str:
    """A case in JSON with other parts."""
    case: dict[str, Any] = {
        "id": "x",
        "clause": "F-1",
        "level": "must",
        "mistake": "",
        "population": [],
        "caller": None,
    }
    return json.dumps(
        {**case, "request": {"list": ""}, "expect": {"status": 401, "errors": ["UNAUTHENTICATED"]}, **parts}
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--skips", "/dev/zero"], "/dev/zero: "),
        (["--timeout", "1e300"], "must be more than 0 and at most 86400"),
        (["--timeout", "inf"], "must be more than 0 and at most 86400"),
        (["--examples", "-1"], "must be an integer from 0 to"),
        (["--examples", "9" * 5000], "must be an integer from 0 to"),
        (["--seed", "x"], "must be an integer from 0 to"),
        (["--case", "{"], "--case: "),
        (["--case", "[]"], "--case: "),
        (["--case", '{"id": 5}'], "--case: a case must have what the schema of the vectors says"),
        (["--case", "F-2/tasks-b", "--python", "nothing:there"], "name one implementation"),
        (["--case", '{"a":' * 20000 + "1" + "}" * 20000], "--case: "),
        (["--case", case_with(request=5)], SCHEMA),
        (["--case", case_with(request={"list": 5})], "its list is wrong"),
        (["--case", case_with(clause="ZZ")], "its clause is wrong"),
        (["--case", case_with(id=["a"])], "its id is wrong"),
        (["--case", case_with(expect=5)], SCHEMA),
        (["--case", case_with(population=[{"repeat": 10**9, "item": {}}])], "its population is wrong"),
        (["--case", case_with(request={"list": "", "times": 10**10})], "its times is wrong"),
        (["--case", case_with(population=[{"task": "a"}])], "--case: "),
        (["--case", case_with(caller={"user": "u", "privileges": [], "sees": [{}]})], "--case: "),
        (["--case", "L-1/1000", "--json", "--seed", "5"], "--case asks one case, and takes no --json, --seed"),
        (["--case", "F-1/law-listing"], "F-1/law-listing is a law, whose questions are drawn"),
        (["--case", "F-99/unknown"], "--case: there is no vector, no law and no rule F-99/unknown"),
    ],
)
def test_wrong_arguments_are_told(arguments: list[str], told: str) -> None:
    """W-5: in bounded time, and nothing is asked."""
    done = run("conform", *arguments, "--", sys.executable, str(ADAPTERS / "adapter.py"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert told in done.stderr.decode()


def test_a_case_for_what_cannot_be_started_is_told() -> None:
    """W-5: in one line."""
    done = run("conform", "--case", "F-2/tasks-b", "--", "nothing-there")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"nothing-there cannot be started" in done.stderr


@pytest.mark.slow
def test_a_wrong_answer_is_asked_again_by_what_is_printed(tmp_path: Path) -> None:
    """F-1, A-4: a program, in the terms of its own command line; the line that is printed finds the same answer."""
    wrong = tmp_path / "it is wrong.py"
    wrong.write_text((ADAPTERS / "adapter.py").read_text().replace("for grant in sees)", "for grant in sees[:3])"))
    target = ["--", sys.executable, str(wrong)]
    done = run("conform", "--only", "F-1/law-listing", "--seed", "7", "--examples", "300", *target)
    assert done.returncode == 1
    (again, *_) = [line.partition("again: ")[2] for line in done.stdout.decode().splitlines() if "again: " in line]
    assert again.startswith("snaptasks conform --case '{")
    _, *arguments = shlex.split(again)
    told = run(*arguments)
    assert told.returncode == 1
    assert "grant" in told.stdout.decode()
    assert b"it lacks " in told.stdout
    arguments[-1] = str(ADAPTERS / "adapter.py")
    right = run(*arguments)
    assert (right.returncode, right.stdout) == (0, b"the answer is right\n")


class OverAServer(OverHttp):
    """A class that wraps something of its own, and is told who will ask."""

    def meet(self, callers: Any) -> None:
        self.callers = callers

    def load(self, items: Any) -> None:
        self.held = Bounded()
        self.held.load(items)

    def request(self, method: str, target: str, body: bytes, caller: Any) -> rest.Response:
        assert caller is None or self.callers[caller.name]["user"] == caller.user
        return self.held.request(method, target, body, caller)


@pytest.mark.slow
def test_who_asks_is_told_before() -> None:
    """A-3: by names that never stand for two; for who has to make accounts."""
    target = (
        "--python",
        f"{HERE}:OverAServer",
        "--only",
        "A-4",
        "--only",
        "F-1/law-listing",
        "--only",
        "A-4/law-granting",
    )
    done = run("conform", "--examples", "100", *target, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stdout[-3000:]
