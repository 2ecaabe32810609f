"""Hostile programs: whatever a program prints or starts, the run ends and leaves nothing (W-5)."""

import shlex
import sys
from pathlib import Path

import pytest

from tests.command.command_runs import run
from tests.command.conform_runs import ADAPTERS, F_2, conform, is_running

HELLO = "import sys, json; sys.stdin.readline(); print('{}', flush=True)\n"


def program(code: str) -> list[str]:
    return ["--", sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("for line in sys.stdin: print('{}', flush=True)", "the first 5 cases got no answer"),
        ("for line in sys.stdin: print('<html>', flush=True)", "an answer must be a JSON object on one line (found b'<html>'"),
        ("for line in sys.stdin: print('[' * 100000, flush=True)", "an answer must be a JSON object on one line (found b'[[["),
        ("for line in sys.stdin: print('{\"status\": 200, \"body\": ' + '[' * 3000 + ']' * 3000 + '}', flush=True)", "ended early: an answer must be a JSON object"),
        ("for line in sys.stdin: print('{\"status\": 10, \"headers\": {\"a\": 5}}', flush=True)", "the status is 10"),
        ("for line in sys.stdin: print('{\"status\": true, \"headers\": []}', flush=True)", "status must be an integer"),
        ("for line in sys.stdin: print('{}\\n{}', flush=True)", "the program printed a line without a request: b'{}"),
        ("for line in sys.stdin: print('{\"skip\": \"no room\"}', flush=True)", f"skipped {F_2}: no room"),
        ("for line in sys.stdin: print('{\"failed\": \"no store\"}', flush=True)", "the run ended early: no store"),
        ("for line in sys.stdin: print('{\"raised\": \"no store\"}', flush=True)", "ended early: the program cannot load tasks: no store"),
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


def test_a_case_for_what_cannot_be_started_is_told() -> None:
    """W-5: in one line."""
    done = run("conform", "--case", "F-2/tasks-b", "--", "nothing-there")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"nothing-there cannot be started" in done.stderr


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
    assert b" is not listed" in told.stdout
    arguments[-1] = str(ADAPTERS / "adapter.py")
    right = run(*arguments)
    assert (right.returncode, right.stdout) == (0, b"the answer is right\n")
