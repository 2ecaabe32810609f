"""Hold a source over two tasks that records its calls."""

from typing import Any

from snaptasks import Wanted
from tests.building import plain_item

MINE, THEIRS = plain_item("mine", user="u"), plain_item("theirs", user="v")
ITEMS = [MINE, THEIRS]


class Stored:
    """Represent a TaskSource that gives a fixed answer and records the names of the methods called.

    Args:
        answer: The result of select and scan, or a function that returns it.
        found: The result of find, or a function that returns it.
    """

    def __init__(self, answer: Any = ITEMS, found: Any = None) -> None:
        self.answer, self.found = answer, found
        self.called: list[str] = []

    def select(self, wanted: Wanted, at_most: int) -> Any:
        self.called.append("select")
        return self.answer() if callable(self.answer) else self.answer

    def scan(self, wanted: Wanted) -> Any:
        self.called.append("scan")
        return self.answer() if callable(self.answer) else self.answer

    def find(self, task: str) -> Any:
        self.called.append("find")
        return self.found() if callable(self.found) else self.found
