"""Call a TaskSource with a filter and a visibility, in tests that do not use list_tasks."""

from collections.abc import Sequence
from itertools import islice

from snaptasks import EVERYTHING, FilterSpec, ListItem, OverLimit, TaskSource, Visibility, Wanted
from snaptasks.visibility import is_predicate


def notes(error: BaseException | None) -> list[str]:
    """Return the notes of an exception, such as the row of a source."""
    return getattr(error, "__notes__", [])


def question(filter: FilterSpec | None, visibility: Visibility = EVERYTHING) -> Wanted:
    """Return the Wanted of a filter and a visibility; raise AssertionError if nothing is wanted."""
    wanted = Wanted.of(filter, visibility)
    assert wanted is not None
    return wanted


def select(
    source: TaskSource, filter: FilterSpec, visibility: Visibility, at_most: int
) -> Sequence[ListItem] | OverLimit:
    """Select the wanted tasks of a source; under a predicate, scan the source and return the tasks that it shows."""
    if is_predicate(visibility):
        return list(islice((item for item in source.scan(question(filter)) if visibility(item)), at_most + 1))
    wanted = Wanted.of(filter, visibility)
    return () if wanted is None else source.select(wanted, at_most)
