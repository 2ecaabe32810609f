"""Test how a real shell uses `snaptasks completion`."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command.command_runs import environment, install, run

# Does the same as bash after the tab key; the arguments are the words before the cursor.
PRESS = """
eval "$(snaptasks completion bash)"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
function=$(complete -p snaptasks | sed 's/.*-F \\([^ ]*\\).*/\\1/')
$function snaptasks "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(name="folder", scope="module")
def make_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    install(folder)
    (folder / "tasks.json").touch()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("snaptasks ", {"list", "show", "check", "openapi", "conform", "completion"}),
        ("snaptasks ch", {"check"}),
        ("snaptasks list --sta", {"--status"}),
        ("snaptasks list --status ", {"PENDING", "RUNNING", "BLOCKED", "SUCCEEDED", "FAILED"}),
        ("snaptasks list --status FAILED --status P", {"PENDING"}),
        ("snaptasks list --format js", {"json", "jsonl"}),
        ("snaptasks list ta", {"tasks.json"}),
        ("snaptasks check --format ", {"text", "json", "github"}),
        ("snaptasks completion ", {"bash", "zsh"}),
    ],
)
def test_completion_in_bash_offers_the_next_words(words: str, offered: set[str], folder: Path) -> None:
    """W-5: Offer commands, options, their values and files."""
    env = environment(PATH=f"{folder / 'bin'}:{environment()['PATH']}", PYTHONPATH=":".join(sys.path))
    done = subprocess.run(
        ["bash", "--norc", "-c", PRESS, "bash", *words.split(" ")],
        capture_output=True,
        cwd=folder,
        env=env,
        check=True,
        text=True,
    )
    assert done.stderr == ""
    assert {*done.stdout.split()} >= offered
    assert {word for word in done.stdout.split() if not word.startswith("-")} <= offered | {""}


def test_completion_for_zsh_prints_a_zsh_script() -> None:
    """W-5."""
    done = run("completion", "zsh")
    assert done.returncode == 0
    assert done.stdout.startswith(b"#compdef snaptasks\n")


def test_completion_without_the_extra_names_it(tmp_path: Path) -> None:
    """W-5: Exit with 2 and report which extra to install."""
    (tmp_path / "shtab.py").write_text("raise ModuleNotFoundError('shtab')")
    done = run("completion", "bash", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"snaptasks: completion needs an extra: pip install 'snaptasks[completion]'\n"
