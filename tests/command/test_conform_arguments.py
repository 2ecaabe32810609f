"""Test how `snaptasks conform` reports wrong arguments and asks nothing (W-5)."""

import json
import sys
from typing import Any

import pytest

from tests.command.command_runs import run
from tests.command.conform_runs import ADAPTERS

SCHEMA = "--case: a case must follow the schema of the vectors"


def case_with(**parts: Any) -> str:
    """Return a case as JSON with some parts replaced."""
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
    ("arguments", "message"),
    [
        (["--skips", "/dev/zero"], "/dev/zero: "),
        (["--timeout", "1e300"], "must be more than 0 and at most 86400"),
        (["--timeout", "inf"], "must be more than 0 and at most 86400"),
        (["--examples", "-1"], "must be an integer from 0 to"),
        (["--examples", "9" * 5000], "must be an integer from 0 to"),
        (["--seed", "x"], "must be an integer from 0 to"),
        (["--case", "{"], "--case: "),
        (["--case", "[]"], "--case: "),
        (["--case", '{"id": 5}'], "--case: a case must follow the schema of the vectors"),
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
        (
            ["--case", "L-1/1000", "--json", "--seed", "5"],
            "--case asks one case, and must not be used with --json, --seed",
        ),
        (["--case", "F-1/law-listing"], "F-1/law-listing is a law; draw its questions"),
        (["--case", "F-99/unknown"], "--case: there is no vector, law or rule with the id F-99/unknown"),
    ],
)
def test_conform_with_wrong_arguments_exits_with_2(arguments: list[str], message: str) -> None:
    """W-5: Report them in bounded time and ask nothing."""
    done = run("conform", *arguments, "--", sys.executable, str(ADAPTERS / "adapter.py"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
