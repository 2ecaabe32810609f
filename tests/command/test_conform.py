"""Test `snaptasks conform` with implementations in any language, also with those that do not answer (W-5)."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from snaptasks.testing import vectors
from tests.command.command_runs import environment, run as run_command, run_on_terminal
from tests.paths import ROOT

ADAPTERS = ROOT / "examples" / "adapters"
TOTAL = len(vectors())


def run(command: str, *arguments: str, **more: Any) -> CompletedProcess[bytes]:
    """Run the command on the vectors, without drawn questions."""
    return run_command(command, "--examples", "0", *arguments, **more)


def program(code: str) -> list[str]:
    return ["--", sys.executable, "-c", code]


HELLO = "import sys; sys.stdin.readline(); print('{}', flush=True); "

# Closes its input before it says hello, so that the next line cannot be written.
DEAF = "import os, sys, time; sys.stdin.readline(); os.close(0); print('{}', flush=True); time.sleep(30)"


@pytest.mark.slow
def test_conform_of_right_program_passes() -> None:
    """F-1, A-3, L-1: Ask over JSON lines and report the missing features."""
    done = run("conform", "--", sys.executable, str(ADAPTERS / "adapter.py"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[-1] == f"{TOTAL} cases: 471 passed, 0 violated, 109 skipped"
    assert b"skipped 61: it knows no HTTP" in done.stdout


@pytest.mark.slow
def test_conform_of_python_class_reports_passes_and_violations() -> None:
    """F-1, L-1: Import the class by its name; a violation has the rule, the expectation and the answer."""
    done = run("conform", "--python", "tests.contract.implementations:Bounded", PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stdout
    assert done.stdout.decode().splitlines()[-1] == f"{TOTAL} cases: {TOTAL} passed, 0 violated, 0 skipped"
    wrong = run("conform", "--python", "tests.command.test_conform:capped", "--only", "L-1", PYTHONPATH=str(ROOT))
    assert wrong.returncode == 1
    for part in (
        b"L-1/1000: the status is 500",
        b"At most 1000 visible matching tasks",
        b"expected:",
        b"got:",
        b"a cap of 999",
    ):
        assert part in wrong.stdout


def failing() -> object:
    return 1 // 0


def capped() -> object:
    from tests.contract.faults import FAULTS  # noqa: PLC0415

    return FAULTS["L-1 a cap of 999"]()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.there:Mine", b"No module named"),
        ("tests.contract.implementations:Nobody", b"has no attribute"),
        ("tests.contract.implementations", b"must be MODULE:FACTORY"),
        ("tests.contract.implementations:RIGHT", b"must be MODULE:FACTORY"),
        (":x", b":x: "),
        ("tests.command.test_conform:failing", b"failing: ZeroDivisionError("),
    ],
)
def test_conform_of_class_that_cannot_be_made_is_wrong_usage(name: str, message: bytes) -> None:
    """W-5: Report the reason in one line."""
    done = run("conform", "--python", name, PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.fixture
def server() -> Iterator[str]:
    command = [sys.executable, str(ADAPTERS / "server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(PYTHONPATH=str(ROOT)), text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


@pytest.mark.slow
def test_conform_of_right_server_passes(server: str) -> None:
    """Q-1, W-2, W-3: Ask over HTTP, and load with a command."""
    load = shlex.join([sys.executable, str(ADAPTERS / "load.py"), f"{server}/load"])
    done = run("conform", "--url", server, "--load", load)
    assert done.returncode == 0, done.stdout[-3000:]
    assert done.stdout.decode().splitlines()[-1] == f"{TOTAL} cases: {TOTAL - 8} passed, 0 violated, 8 skipped"
    # Python's own server reads no request line of more than 64 KiB.
    assert b"skipped 3: URLs of 160,000 bytes and more got no answer of the API (status 414)" in done.stdout
    assert b"skipped 5: the server may have another route there; --routes asks for it" in done.stdout
    all_routes = run("conform", "--url", server, "--load", load, "--routes", "--only", "W-3")
    assert all_routes.stdout.decode().splitlines()[-1] == "26 cases: 26 passed, 0 violated, 0 skipped"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "load", "message"),
    [
        ("ftp://127.0.0.1", "true", "the URL must be an http or https URL"),
        ("http://", "true", "the URL must be an http or https URL"),
        ("http://127.0.0.1:99999", "true", "the URL must be an http or https URL"),
        ("http://127.0.0.1:1", "true", "the server at http://127.0.0.1:1 gave no answer: Connection refused"),
        ("https://127.0.0.1:1", "true", "the server at https://127.0.0.1:1 gave no answer: Connection refused"),
        ("http://127.0.0.1:1", "false", "the load command ended with status 1"),
        ("http://127.0.0.1:1", "nothing-there", "the load command failed: nothing-there: No such file"),
        ("http://127.0.0.1:1", "sleep 30", "the load command did not end within 2 seconds"),
    ],
)
def test_conform_of_server_without_answer_ends_the_run(url: str, load: str, message: str) -> None:
    """W-5: Report the reason in bounded time."""
    done = run("conform", "--url", url, "--load", load, "--timeout", "2", "--only", "F-2")
    assert done.returncode == (2 if "URL" in message else 1)
    assert message in (done.stdout + done.stderr).decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "status", "message"),
    [
        (["--", "false"], 2, "the program ended with status 1 without an answer; asked: hello"),
        (["--", "nothing-there"], 2, "nothing-there cannot be started: No such file or directory"),
        (program("import time; time.sleep(30)"), 2, "the program did not answer within 4 seconds, and was killed"),
        (
            program("import os, time; os.close(1); time.sleep(30)"),
            2,
            "the program closed its output or its input, and was killed",
        ),
        (
            program("print('rubbish', flush=True); input()"),
            2,
            "an answer must be a JSON object on one line (found b'rubbish'",
        ),
        (program("print('[]', flush=True); input()"), 2, "an answer must be a JSON object on one line (found b'[]'"),
        (program("print('{\"lacks\":5}', flush=True); input()"), 2, "lacks must map features to reasons"),
        (
            program(HELLO + "import time; time.sleep(30)"),
            1,
            "the program did not answer within 4 seconds, and was killed",
        ),
        (program(HELLO + "sys.stdin.readline()"), 1, "the program ended with status 0 without an answer; asked F-3/"),
        (program(DEAF), 1, "the program closed its output or its input, and was killed"),
        (program(HELLO + "sys.stdin.readline(); print('<html>', flush=True); sys.stdin.read()"), 1, "b'<html>'"),
        (program(HELLO + "[print('{}', flush=True) for line in sys.stdin]"), 1, "status must be an integer"),
        (
            program("import sys\nwhile True: sys.stdout.write('x' * 1000000)"),
            2,
            "the program did not answer in a line of",
        ),
    ],
)
def test_conform_of_program_without_answer_ends_the_run(target: list[str], status: int, message: str) -> None:
    """W-5: Report in bounded time a program that hangs, ends or prints something else."""
    timeout = "4" if "within" in message else "30"  # long enough for a program to start on a busy machine
    done = run("conform", "--only", "F-3", "--timeout", timeout, *target)
    assert done.returncode == status
    assert message in (done.stdout + done.stderr).decode()
    if status == 1 and "status" not in message:
        assert "not asked, because the run ended: 9" in done.stdout.decode()


def test_conform_of_program_with_headers_checks_them() -> None:
    """W-2: Send a method, a target and a body to a program that knows HTTP."""
    answer = json.dumps(
        {"status": 400, "headers": {"Content-Type": "text/html"}, "body": '{"error_type":"UNEXPECTED_INPUT"}'}
    )
    code = HELLO + f"[print({answer!r} if 'target' in line else '{{}}', flush=True) for line in sys.stdin]"
    done = run("conform", "--only", "W-2/json-error", *program(code))
    assert done.returncode == 1
    assert "W-2/json-error: the header content-type is 'text/html'" in done.stdout.decode()
    missing = run("conform", "--only", "W-2/json-error", *program(code.replace("Content-Type", "Content")))
    assert "W-2/json-error: the header content-type is missing" in missing.stdout.decode()


@pytest.mark.slow
def test_conform_with_only_and_skips_leaves_cases_out() -> None:
    """F-1: Skip the ids of a file with their reasons, and warn of unknown ids."""
    skips = b"# known\nL-1/1000 the store is small\n\nL-2 later\nL-9/unknown why\n  L-9 never\n"
    target = ("--python", "tests.contract.implementations:Bounded")
    done = run("conform", *target, "--only", "L-1", "--only", "L-2", "--skips", "-", stdin=skips, PYTHONPATH=str(ROOT))
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[-1] == "5 cases: 1 passed, 0 violated, 4 skipped"
    assert b"skipped 1: the store is small" in done.stdout
    assert b"skipped 3: later" in done.stdout
    assert done.stderr == (
        b"snaptasks: -: line 5: there is no vector, law or rule with the id L-9/unknown\n"
        b"snaptasks: -: line 6: no case asks the rule L-9\n"
    )
    unknown = run("conform", *target, "--only", "L-99", "--only", "L-8", PYTHONPATH=str(ROOT))
    assert (unknown.returncode, unknown.stderr) == (
        2,
        b"snaptasks: --only: no case asks the rule L-8; there is no vector, law or rule with the id L-99\n",
    )


def test_skips_of_ids_with_blanks_skip_these_cases(tmp_path: Path) -> None:
    """W-5: The longest known id that a line begins with is skipped; a tab may separate the reason."""
    skips = tmp_path / "skips.txt"
    skips.write_text("A-3/list-u in backup known: tracker 12\nA-3/list-u or restore\tlater\nA-3/list-u in the end\n")
    only = [f"--only={id}" for id in ("A-3/list-u", "A-3/list-u in backup", "A-3/list-u or restore")]
    done = run("conform", *only, "--skips", str(skips), "--json", "--", sys.executable, str(ADAPTERS / "adapter.py"))
    assert {each["id"]: each["reason"] for each in json.loads(done.stdout)["skipped"]} == {
        "A-3/list-u": "in the end",
        "A-3/list-u in backup": "known: tracker 12",
        "A-3/list-u or restore": "later",
    }
    assert done.stderr == b""


@pytest.mark.parametrize("line", ["L-2", "A-3/list-u in backup ", "L-99"])
def test_skips_without_reason_are_wrong_usage(line: str) -> None:
    """W-5: Name the line, and ask nothing."""
    done = run("conform", "--skips", "-", "--", "cat", stdin=f"# all\n{line}\n".encode())
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"snaptasks: -: line 2: a reason must follow the id {line.strip()}\n"


def test_reports_of_run_that_ends_early_name_the_question_and_count_the_others(tmp_path: Path) -> None:
    """W-5: Name it in each form; no rule of the specification is blamed in JUnit."""
    junit = tmp_path / "report.xml"
    done = run("conform", "--only", "F-3", "--json", "--junit", str(junit), *program(HELLO + "sys.stdin.readline()"))
    ended = "the program ended with status 0 without an answer; asked F-3/no-filter: a load of 10 tasks"
    assert json.loads(done.stdout)["ended"] == ended
    (case,) = ET.fromstring(junit.read_bytes()).findall("testcase")
    assert case.attrib == {"classname": "conform", "name": "conform/the-run-ended-early"}
    assert [each.get("message") for each in case] == [f"{ended}; not asked: 9 cases"]


@pytest.mark.slow
def test_conform_with_json_and_junit_writes_both_reports(tmp_path: Path) -> None:
    """W-5, W-1: Write JSON to standard output and JUnit XML to a file."""
    junit = tmp_path / "report.xml"
    target = ("--python", "tests.command.test_conform:capped", "--only", "L-1", "--only", "W-3", "--only", "F-5")
    skips = "F-5 later\n"
    done = run(
        "conform", *target, "--json", "--junit", str(junit), "--skips", "-", stdin=skips.encode(), PYTHONPATH=str(ROOT)
    )
    assert done.returncode == 1
    tree = json.loads(done.stdout)
    assert tree["ok"] is False
    assert [each["id"] for each in tree["violations"]] == ["L-1/1000", "L-1/1000-of-1001"]
    assert tree["violations"][0]["rule"].startswith("At most 1000 visible matching tasks")
    assert {each["reason"] for each in tree["skipped"]} == {"later"}
    suite = ET.fromstring(junit.read_bytes())
    assert suite.get("failures") == "2"
    assert suite.get("tests") == str(len(tree["passed"]) + 2 + len(tree["skipped"]))
    assert len(suite.findall("testcase/failure")) == 2
    assert len(suite.findall("testcase/skipped")) == len(tree["skipped"])
    unwritable = run("conform", *target, "--junit", "/nothing/there.xml", PYTHONPATH=str(ROOT))
    assert (unwritable.returncode, unwritable.stderr) == (
        2,
        b"snaptasks: /nothing/there.xml: No such file or directory\n",
    )


def test_reports_after_crash_of_a_check_have_a_fault_of_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    """E-7: Do not blame the implementation."""
    from snaptasks._command import conform  # noqa: PLC0415
    from snaptasks.testing import run_contract  # noqa: PLC0415
    from tests.contract.faults import Reference  # noqa: PLC0415

    monkeypatch.setattr("snaptasks.testing.contract.find_problem", lambda case, answer: 1 // 0)
    report = run_contract(Reference(), only={"F-3"}, examples=0)
    assert len(conform.as_json(report)["faults"]) == 9
    assert ET.fromstring(conform.as_junit(report)).get("errors") == "9"


def test_conform_of_program_with_control_characters_escapes_them() -> None:
    """W-5."""
    answer = json.dumps({"status": 200, "body": "\x1b[2J\u202e"})
    hostile = program(HELLO + f"[print({answer!r}, flush=True) for line in sys.stdin]")
    done = run("conform", "--only", "F-3", *hostile)
    assert done.returncode == 1
    assert all(line.isprintable() for line in done.stdout.decode().splitlines())
    assert r"\x1b[2J\u202e" in done.stdout.decode()


@pytest.mark.slow
def test_conform_on_terminal_shows_progress_and_removes_it() -> None:
    """W-5."""
    output = run_on_terminal(
        "conform",
        "--examples",
        "0",
        "--python",
        "tests.contract.implementations:Bounded",
        "--only",
        "F-3",
        PYTHONPATH=str(ROOT),
    )
    assert output.returncode == 0
    assert "0 of 9" in output.text
    assert "8 of 9\r\033[K" in output.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], b"name one implementation"),
        (["--python", "a:b", "--", "cat"], b"name one implementation"),
        (["--url", "http://127.0.0.1"], b"--url and --load must be used together"),
        (["--python", "a:b", "--load", "true"], b"--url and --load must be used together"),
        (["--url", "http://127.0.0.1", "--load", "'"], b"--load: No closing quotation"),
        (["--timeout", "0", "--", "cat"], b"--timeout"),
        (["--timeout", "nan", "--", "cat"], b"--timeout"),
        (["--skips", "/nothing/there", "--", "cat"], b"No such file"),
    ],
)
def test_conform_with_wrong_usage_exits_with_2(arguments: list[str], message: bytes) -> None:
    """W-5: Ask nothing."""
    done = run("conform", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr
