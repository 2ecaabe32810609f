"""Test how `snaptasks conform` ends and reports the cause when a Python class is hostile (W-5)."""

import pytest

from tests.command.command_runs import run
from tests.command.conform_runs import F_2, conform
from tests.paths import ROOT

CLASSES = "tests.command.hostile_classes"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("Ends", 1, "list(...) raised SystemExit(0)"),
        ("EndsAtOnce", 1, "the run ended early: the program ended with status 0 without an answer; asked "),
        ("Cancels", 1, "list(...) raised CancelledError()"),
        ("Generates", 1, "list(...) raised GeneratorExit()"),
        ("RaisesTheUnspeakable", 1, "list(...) raised Unspeakable(...), whose repr raises"),
        ("Deep", 1, "the body is nested too deep to be read"),
        ("Sleeps", 1, "the run ended early: the program did not answer within 4 seconds, and was killed"),
        ("Prints", 0, f"{F_2} cases: {F_2} passed"),
        (
            "CannotLoad",
            1,
            "the run ended early: the program cannot load tasks: load(...) raised OSError('the disk is full')",
        ),
        ("Binary", 1, "the body is not JSON"),
        ("LacksAList", 2, "lacks must map features to reasons"),
        ("LacksNumbers", 2, "lacks must map features to reasons"),
        ("LacksTheUnknown", 2, "the features in lacks must be among get, request, queries, routes (found requests)"),
        ("Unasked", 1, "it returned ABCMeta; it must return a ListResult, an Info or a rest.Response"),
        ("Bounds", 1, f"skipped {F_2}: it does not fit"),
        ("Gone", 1, "the run ended early: it has gone"),
        ("RaisesAnError", 1, "the program cannot load tasks: load(...) raised the error {"),
        ("CannotHold", 1, f"skipped {F_2}: it holds no tasks"),
        ("OddHeaders", 1, "it returned type; it must return a ListResult, an Info or a rest.Response"),
        ("Utf16", 1, "the body is not JSON"),
        ("Floods", 1, "list(...) raised ValueError('xxx"),
        ("Forges", 1, "the run ended early: x\\n580 cases: 580 passed"),
        ("LacksSecretly", 2, "lacks of LacksSecretly raised SystemExit(0)"),
        ("ending", 2, "ending: SystemExit(0)"),
    ],
)
def test_conform_of_hostile_class_ends_with_its_cause(name: str, status: int, message: str) -> None:
    """W-5: A class that raises, exits, sleeps or lies neither passes nor prevents the end of the run."""
    done = conform("--python", f"{CLASSES}:{name}", "--timeout", "4")
    assert done.returncode == status, done.stdout + done.stderr
    assert message in (done.stdout + done.stderr).decode()


@pytest.mark.slow
def test_conform_of_class_without_answers_ends_early() -> None:
    """W-5: Print a few lines, not a page for each case."""
    done = conform("--python", f"{CLASSES}:Ends", "--only", "F-5")
    assert "the run ended early: the first 5 cases got no answer" in done.stdout.decode()
    assert done.stdout.decode().splitlines()[-1].endswith("5 violated, 0 skipped")
    assert done.stdout.count(b"\n") < 150


@pytest.mark.slow
def test_conform_of_class_with_meet_gives_the_callers_first() -> None:
    """A-3: Give each caller a name of its own, because an implementation may have to create accounts."""
    target = (
        "--python",
        f"{CLASSES}:OverAServer",
        "--only",
        "A-4",
        "--only",
        "F-1/law-listing",
        "--only",
        "A-4/law-granting",
    )
    done = run("conform", "--examples", "100", *target, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stdout[-3000:]
