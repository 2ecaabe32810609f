"""Build the values that most tests start from: a plain task, its message, and functions that raise an error."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

from snaptasks import Info, ListItem, LocalizableMessage, Progress, Status

MESSAGE: Final = LocalizableMessage(id="m", default_message="A message")


def plain_item(task: str, **changes: Any) -> ListItem:
    """Build a short valid task: SUCCEEDED of service `s`, operation `o` and no user, unless changed.

    Args:
        task: The id of the task.
        changes: The fields of its Info that differ from the plain one; None unsets a field.
    """
    start = datetime(2025, 11, 4, 12, tzinfo=UTC)
    fields: dict[str, Any] = {
        "description": MESSAGE,
        "service": "s",
        "operation": "o",
        "status": Status.SUCCEEDED,
        "cancelable": False,
        "start_time": start,
        "end_time": start + timedelta(minutes=1),
        "progress": Progress(total=100, completed=100, message=MESSAGE),
    }
    return ListItem(task=task, info=Info(**(fields | changes)))


ITEM: Final = plain_item("t")


def ids(items: Any) -> list[str]:
    """Return the ids of tasks, in their order."""
    return [item.task for item in items]


def raise_error(error: BaseException) -> NoReturn:
    """Raise an error where only an expression can stand."""
    raise error


def broken(anything: object) -> NoReturn:
    """Raise a RuntimeError, as a hook with a bug does; its text must stay secret."""
    raise RuntimeError("secret")
