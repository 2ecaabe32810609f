"""Test `snaptasks openapi`."""

import json

from snaptasks import rest
from tests.command.command_runs import run


def test_openapi_prints_the_document() -> None:
    """W-3, E-2: A generator of clients or a gateway reads it."""
    done = run("openapi")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == rest.openapi()


def test_openapi_with_a_file_is_wrong_usage() -> None:
    """W-5: Print no document."""
    done = run("openapi", "tasks.json")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"tasks.json" in done.stderr
