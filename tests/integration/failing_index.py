"""A store with everything in it that a server must get right: odd ids, 1000 and 1001 tasks, hidden ones, and failures."""

from collections.abc import Callable, Iterable, Sequence
from threading import Thread
from typing import Final, NoReturn

from snaptasks import (
    ConcurrentChange,
    Error,
    ListItem,
    LocalizableMessage,
    OverLimit,
    ResourceBusy,
    ServiceUnavailable,
    Status,
    TaskIndex,
    TimedOut,
    Unsupported,
    Wanted,
)
from tests.building import plain_item

# The user whose tasks the callers of the recipes may see; nobody may see the others'.
OPS: Final = "CORP\\ops-team"
SECRET: Final = "sEcReT"

ODD_IDS: Final = ("b/c", "d+ä %", "..", ".", "\U0001f600", "a?b#c&d=e", "%2F")
MOVING: Final = 50

_TEXT: Final = LocalizableMessage(id="m", default_message="Failed")


def _row() -> ListItem:
    return ListItem.from_json(f'{{"task":"{SECRET}","info":{{}}}}')


def _unreachable() -> NoReturn:
    raise ServiceUnavailable(_TEXT) from ConnectionError(SECRET)


def _raising(error: Exception) -> Callable[[], NoReturn]:
    def fails() -> NoReturn:
        raise error

    return fails


# By the service of the filter, or the id.
FAILURES: Final[dict[str, Callable[[], object]]] = {
    "unreachable": _unreachable,
    "row": _row,
    "bug": _raising(RuntimeError(SECRET)),
    "error": _raising(Error(_TEXT)),
    "busy": _raising(ResourceBusy(_TEXT)),
    "unsupported": _raising(Unsupported(_TEXT)),
    "timed-out": _raising(TimedOut(_TEXT)),
    "conflict": _raising(ConcurrentChange(_TEXT)),
}


class FailingIndex:
    """A TaskSource over an index that fails where it is asked for a failure."""

    def __init__(self, items: Iterable[ListItem]) -> None:
        self.index = TaskIndex(items)
        for task in ODD_IDS:
            self.index.put(plain_item(task, service="odd", user=OPS))
            self.index.put(plain_item(f"hidden {task}", service="odd", user=SECRET))
        for service, number in (("thousand", 1000), ("too-many", 1001)):
            for at in range(number):
                self.index.put(plain_item(f"{service} {at}", service=service, user=OPS))
                self.index.put(plain_item(f"hidden {service} {at}", service=service, user=SECRET))

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        for each in wanted.filters:
            for name in (each.services | each.tasks) & FAILURES.keys():
                FAILURES[name]()
        return self.index.select(wanted, at_most)

    def scan(self, wanted: Wanted) -> Iterable[ListItem]:
        return self.index.scan(wanted)

    def find(self, task: str) -> ListItem | None:
        FAILURES.get(task, lambda: None)()
        return self.index.find(task)

    def write_for_ever(self) -> None:
        """Let tasks go from RUNNING to BLOCKED and back, each in one step, so that no reader may miss one."""
        Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        plain = plain_item("m", service="moving", user=OPS, end_time=None, status=Status.RUNNING)
        running, blocked = plain.info, plain.info.evolve(status=Status.BLOCKED)
        for at in range(MOVING):
            self.index.put(ListItem(task=f"moving {at}", info=running))
        while True:
            for info in (blocked, running):
                for at in range(MOVING):
                    self.index.put(ListItem(task=f"moving {at}", info=info))
