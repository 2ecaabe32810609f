"""`snaptasks openapi`: the OpenAPI document on standard output."""

import json

from snaptasks import rest
from tests.command.command_runs import run


def test_it_prints_the_document() -> None:
    """W-3, E-2: what a client's generator or a gateway reads."""
    done = run("openapi")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == rest.openapi()


def test_it_takes_no_file() -> None:
    """W-5: wrong usage is told, and nothing is printed."""
    done = run("openapi", "tasks.json")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"tasks.json" in done.stderr
