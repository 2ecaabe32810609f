"""Provide a source that raises the error that an id contains."""

from collections.abc import Iterable, Sequence
from typing import Final

from snaptasks import Error, ErrorValue, ListItem, OverLimit, TaskIndex, Wanted

# The prefix of such an id; the JSON of the error follows it.
RAISE: Final = "raise "


class Raising:
    """Represent a TaskSource over an index that raises the errors of ids with the prefix RAISE."""

    def __init__(self, index: TaskIndex) -> None:
        self.index = index

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        for each in wanted.filters:
            for task in each.tasks:
                _raise(task)
        return self.index.select(wanted, at_most)

    def scan(self, wanted: Wanted) -> Iterable[ListItem]:
        return self.index.scan(wanted)

    def find(self, task: str) -> ListItem | None:
        _raise(task)
        return self.index.find(task)


def _raise(task: str) -> None:
    if task.startswith(RAISE):
        raise Error.from_value(ErrorValue.from_json(task.removeprefix(RAISE)))
