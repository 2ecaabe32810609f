"""Test the help of the command line and its reports of wrong usage."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from snaptasks import Status
from tests.command.command_runs import install, run, run_on_terminal
from tests.paths import ROOT, SAMPLE

COMMANDS = ["list", "show", "check", "openapi", "conform", "completion"]
EXIT_STATUSES = {"0": "done", "1": "an error", "2": "wrong usage"}


def read_help(*command: str) -> str:
    """Return the help of a command, 80 columns wide."""
    done = run(*command, "--help", COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def test_help_without_command_names_every_command() -> None:
    """W-5."""
    text = read_help()
    assert re.findall(r"^    (\w+)", text, re.MULTILINE) == COMMANDS
    assert "NO_COLOR" in text


@pytest.mark.slow
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_the_exit_statuses(command: str) -> None:
    """W-5: Use at most 80 columns."""
    text = read_help(*command.split())
    for number, meaning in EXIT_STATUSES.items():
        assert f"\n  {number}    {meaning}" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("usage: ")) <= 80


def test_help_of_list_has_the_task_statuses() -> None:
    """V-1."""
    assert ", ".join(Status) in " ".join(read_help("list").split())


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_examples_of_help_run_in_a_shell(command: str, tmp_path: Path) -> None:
    """W-5: Paste all examples of a command into a shell, beside a file of tasks."""
    shutil.copy(SAMPLE, tmp_path / "tasks.json")
    shutil.copy(ROOT / "examples" / "adapters" / "adapter.py", tmp_path)
    (examples,) = re.findall(r"^examples:\n((?:  .+\n)+)\n", read_help(command), re.MULTILINE)
    done = subprocess.run(
        ["bash", "-e"], input=examples.encode(), capture_output=True, cwd=tmp_path, env=install(tmp_path), check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    silent = {"completion"} | {path.stem for path in tmp_path.glob("openapi.json")}
    assert bool(done.stdout) is (command not in silent)


def test_each_example_of_list_finds_tasks(tmp_path: Path) -> None:
    """F-1, A-4."""
    shutil.copy(SAMPLE, tmp_path / "tasks.json")
    env = install(tmp_path)
    examples = re.findall(r"^  (snaptasks list .+)$", read_help("list"), re.MULTILINE)
    assert len(examples) == 3
    for example in examples:
        done = subprocess.run(["bash", "-c", example], capture_output=True, cwd=tmp_path, env=env, check=True)
        assert b"snapservice:task:" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "usage", "message"),
    [
        (["lst"], "snaptasks [-h]", "must be one of list, show, check, openapi, conform, completion (found 'lst'); did you mean list?"),
        (["xyz"], "snaptasks [-h]", "must be one of list, show, check, openapi, conform, completion (found 'xyz')"),
        (["list", "-", "--stat", "FAILED"], "snaptasks list", "unrecognized arguments: --stat; did you mean --status?"),
        (["list", "-", "--zzz"], "snaptasks list", "unrecognized arguments: --zzz"),
        (["list", "-", "more"], "snaptasks list", "unrecognized arguments: more"),
        (["list", "--format", "jason"], "snaptasks list", "must be one of table, wide, name, json, jsonl (found 'jason'); did you mean json?"),
        (["check", "--stirct"], "snaptasks check", "unrecognized arguments: --stirct; did you mean --strict?"),
        (["show"], "snaptasks show", "the following arguments are required: TASK"),
        (["conform", "--sed", "1"], "snaptasks conform", "unrecognized arguments: --sed; did you mean --seed?"),
        (["completion", "bsh"], "snaptasks completion", "must be one of bash, zsh (found 'bsh'); did you mean bash?"),
        (["list", "--limit", "3", "tasks.json"], "snaptasks list", "unrecognized arguments: --limit"),
        (["list", "-", "--status", "FAILED", "BLOCKED"], "snaptasks list", "unrecognized arguments: BLOCKED; repeat an option for each of its values"),
        (["list", "--status", "FAILED,BLOCKED"], "snaptasks list", "write --status FAILED --status BLOCKED"),
        (["a b.json"], "snaptasks [-h]", "(found 'a b.json'); to list a file: snaptasks list 'a b.json'"),
        (["--versoin"], "snaptasks [-h]", "unrecognized arguments: --versoin; did you mean --version?"),
    ],
)  # fmt: skip
def test_command_with_wrong_usage_prints_its_usage_and_a_guess(arguments: list[str], usage: str, message: str) -> None:
    """W-5: Exit with 2 and offer the most similar name."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    error = done.stderr.decode()
    assert error.startswith(f"usage: {usage}")
    assert error.endswith(f"{message}\n")


def test_snaptasks_without_command_prints_the_help() -> None:
    """W-5: Exit with 2, because nothing was done."""
    done = run()
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (2, "", run("--help").stdout.decode())


def test_help_of_list_and_show_says_that_errors_are_json() -> None:
    """E-5: Only their errors are errors of the API."""
    assert ["a line of JSON elsewhere" in read_help(command) for command in ("list", "show", "check")] == [
        True,
        True,
        False,
    ]


def test_list_with_huge_misspelt_format_prints_a_short_error() -> None:
    """W-5: Do not compare a huge name with the known ones, and truncate it."""
    done = run("list", "--format", "x" * 100_000)
    assert done.returncode == 2
    assert len(done.stderr) < 1000


def test_commands_in_sequence_explain_a_failed_task_and_a_wrong_file(tmp_path: Path) -> None:
    """W-5, F-1, G-1: List the failed tasks of a user, show the reason of one, and check a file of another kind."""
    shutil.copy(SAMPLE, tmp_path / "tasks.json")
    file = str(tmp_path / "tasks.json")
    listed = run_on_terminal("list", file, "--status", "FAILED", "--user", "CORP\\ops-team")
    ids = re.findall(r"^(snapservice:task:\S{36})  FAILED", listed.text, re.MULTILINE)
    assert len(ids) == 3
    output = run_on_terminal("show", ids[0], file)
    assert re.search(r"^error        [A-Z_]+\n             \w.+\n", output.text, re.MULTILINE)
    (tmp_path / "page.html").write_text("<html>")
    checked = run_on_terminal("check", str(tmp_path / "page.html"), columns=200)
    assert "and this is HTML or XML" in checked.text
