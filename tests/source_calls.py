"""What a TaskSource answers to a filter and a visibility, for tests that ask it without the listing."""

from collections.abc import Sequence
from itertools import islice

from snaptasks import EVERYTHING, FilterSpec, ListItem, OverLimit, TaskSource, Visibility, Wanted
from snaptasks.visibility import is_predicate


def notes(error: BaseException | None) -> list[str]:
    """What an exception says beside its text, such as at which row it came up."""
    return getattr(error, "__notes__", [])


def question(filter: FilterSpec | None, visibility: Visibility = EVERYTHING) -> Wanted:
    """Their question, which must not be for nothing."""
    wanted = Wanted.of(filter, visibility)
    assert wanted is not None
    return wanted


def select(
    source: TaskSource, filter: FilterSpec, visibility: Visibility, at_most: int
) -> Sequence[ListItem] | OverLimit:
    """What is selected; of a predicate, what it shows of what is scanned."""
    if is_predicate(visibility):
        return list(islice((item for item in source.scan(question(filter)) if visibility(item)), at_most + 1))
    wanted = Wanted.of(filter, visibility)
    return () if wanted is None else source.select(wanted, at_most)
