"""The strategies of the kit under the names that these tests use, and one plain task."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis.strategies import SearchStrategy

from snaptasks import FilterSpec, Info, ListItem, LocalizableMessage, Progress, Status
from snaptasks.testing import strategies

names = strategies.identifiers()
instants = strategies.instants()
doubles = strategies.doubles()
json_values = strategies.json_values()
statuses = strategies.statuses()
error_types = strategies.error_types(unknown=True)
error_values = strategies.error_values
progresses = strategies.progresses()
infos = strategies.infos
list_items = strategies.list_items()
list_results = strategies.list_results()
values = strategies.values()


def filters(members: SearchStrategy[str] = names) -> SearchStrategy[FilterSpec]:
    return strategies.filter_specs(names=members)


def plain_item(task: str, **changes: Any) -> ListItem:
    """A short valid task: SUCCEEDED of service `s`, operation `o` and no user, unless changed."""
    start = datetime(2025, 11, 4, 12, tzinfo=UTC)
    text = LocalizableMessage(id="m", default_message="A message")
    fields: dict[str, Any] = {
        "description": text,
        "service": "s",
        "operation": "o",
        "status": Status.SUCCEEDED,
        "cancelable": False,
        "start_time": start,
        "end_time": start + timedelta(minutes=1),
        "progress": Progress(total=100, completed=100, message=text),
    }
    return ListItem(task=task, info=Info(**(fields | changes)))
