"""The README: its examples run, and its tables are the code's."""

import re
from pathlib import Path

import pytest

from snaptasks import ErrorType

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def error_table() -> str:
    """The table of the errors, made from the rows of ErrorType."""
    rows = [f"| `{kind.exception.__name__}` | {kind} | {kind.http_status} | {kind.meaning} |" for kind in ErrorType]
    return "\n".join(["| class | error type | HTTP | meaning |", "|---|---|---|---|", *rows])


def test_the_error_table_is_generated() -> None:
    """E-1: on a failure, paste what error_table() gives between the two marks."""
    (table,) = re.findall(r"<!-- errors -->\n(.*?)\n<!-- end -->", README, re.DOTALL)
    assert table == error_table()


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_run(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert printed
    for promised in re.findall(r"# the first: (.*)", example):
        assert printed.startswith(promised + "\n")


def test_there_are_examples() -> None:
    """A pattern that finds nothing would prove nothing."""
    assert len(EXAMPLES) == 2
