"""Provide a source over a few tasks."""

from typing import Any

from snaptasks import Wanted
from tests.building import plain_item

MINE, THEIRS = plain_item("mine", user="u"), plain_item("theirs", user="v")
ITEMS = [MINE, THEIRS]


class Stored:
    """A TaskSource that answers whatever it is made with, and remembers what it was asked."""

    def __init__(self, answer: Any = ITEMS, found: Any = None) -> None:
        self.answer, self.found = answer, found
        self.asked: list[str] = []

    def select(self, wanted: Wanted, at_most: int) -> Any:
        self.asked.append("select")
        return self.answer() if callable(self.answer) else self.answer

    def scan(self, wanted: Wanted) -> Any:
        self.asked.append("scan")
        return self.answer() if callable(self.answer) else self.answer

    def find(self, task: str) -> Any:
        self.asked.append("find")
        return self.found() if callable(self.found) else self.found
