"""Test how `snaptasks conform` ends and leaves no process when a program is hostile (W-5)."""

import shlex
import sys
from pathlib import Path

import pytest

from tests.command.command_runs import run
from tests.command.conform_runs import ADAPTERS, F_2, conform, is_running

HELLO = "import sys, json; sys.stdin.readline(); print('{}', flush=True)\n"


def program(code: str) -> list[str]:
    return ["--", sys.executable, "-c", code]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "message"),
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
def test_conform_of_hostile_program_ends_with_its_cause(code: str, message: str) -> None:
    """W-5: Report the output that is not an answer."""
    done = conform(*program(HELLO + code))
    assert done.returncode == 1
    assert message in done.stdout.decode()
    assert done.stdout.count(b"\n") < (500 if "the status" in message else 200)


def test_conform_of_program_that_skips_counts_the_skips() -> None:
    """W-5: A program may skip a request with a reason."""
    code = "for line in sys.stdin: print('{}' if 'load' in line else '{\"skip\": \"not here\"}', flush=True)"
    done = conform(*program(HELLO + code))
    assert f"skipped {F_2}: not here" in done.stdout.decode()
    assert done.returncode == 1  # no case was asked


@pytest.mark.slow
def test_conform_of_program_with_children_leaves_no_process(tmp_path: Path) -> None:
    """W-5: End children and processes in other sessions, whether the program ends by itself or not."""
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


def test_conform_of_case_with_missing_program_is_wrong_usage() -> None:
    """W-5."""
    done = run("conform", "--case", "F-2/tasks-b", "--", "nothing-there")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"nothing-there cannot be started" in done.stderr


@pytest.mark.slow
def test_conform_of_wrong_program_prints_a_command_that_repeats_it(tmp_path: Path) -> None:
    """F-1, A-4: The printed command line finds the same wrong answer."""
    wrong = tmp_path / "it is wrong.py"
    wrong.write_text((ADAPTERS / "adapter.py").read_text().replace("for grant in sees)", "for grant in sees[:3])"))
    target = ["--", sys.executable, str(wrong)]
    done = run("conform", "--only", "F-1/law-listing", "--seed", "7", "--examples", "300", *target)
    assert done.returncode == 1
    (again, *_) = [line.partition("again: ")[2] for line in done.stdout.decode().splitlines() if "again: " in line]
    assert again.startswith("snaptasks conform --case '{")
    _, *arguments = shlex.split(again)
    repeated = run(*arguments)
    assert repeated.returncode == 1
    assert "grant" in repeated.stdout.decode()
    assert b" is not listed" in repeated.stdout
    arguments[-1] = str(ADAPTERS / "adapter.py")
    right = run(*arguments)
    assert (right.returncode, right.stdout) == (0, b"the answer is right\n")
