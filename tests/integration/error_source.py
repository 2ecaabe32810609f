"""A store that raises the error that it is asked for."""

from collections.abc import Iterable, Sequence
from typing import Final

from snaptasks import Error, ErrorValue, ListItem, OverLimit, TaskIndex, Wanted

# What an id begins with that ends with the JSON of an error.
RAISE: Final = "raise "


class Raising:
    """A TaskSource over an index."""

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
