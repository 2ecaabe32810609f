# Errors and tasks where other tools keep them: logs, frames, encoders, queues. Each part stands by itself.
import json
import logging
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

import msgspec
import orjson
import pandas as pd
import polars as pl
from kombu.utils.json import register_type
from snaptasks import Error, ErrorValue, FilterSpec, Info, ListItem, ListResult, LocalizableMessage, Value

def fields(error: Error) -> dict[str, Any]:
    """An error in a structured log: search for its type and not for its text."""
    return {
        "type": str(error.error_type),
        "status": error.received_status or error.http_status,
        "may_retry": error.may_retry,
        "text": str(error),
        "value": error.value.to_python(),
    }

class JsonFormatter(logging.Formatter):
    """For the standard library: logging.error("not listed", extra={"error": error})."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {"time": record.created, "level": record.levelname, "event": record.getMessage()}
        if isinstance(error := getattr(record, "error", None), Error):
            entry["error"] = fields(error)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)

def error_processor(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog, before its JSONRenderer: log.error("not listed", error=error)."""
    if isinstance(event.get("error"), Error):
        event["error"] = fields(event["error"])
    return event

TEXT, INTEGER, BOOLEAN = ("string", pl.String()), ("Int64", pl.Int64()), ("boolean", pl.Boolean())
TIME = ("datetime64[ms, UTC]", pl.Datetime("ms", "UTC"))  # a year of four digits does not fit into nanoseconds
COLUMNS: dict[str, tuple[tuple[str, pl.DataType], Callable[[ListItem], Any]]] = {  # what a task lacks is None
    "task": (TEXT, lambda item: item.task),
    "service": (TEXT, lambda item: item.info.service),
    "operation": (TEXT, lambda item: item.info.operation),
    "status": (TEXT, lambda item: str(item.info.status)),  # no category: a newer server has others
    "user": (TEXT, lambda item: item.info.user),
    "parent": (TEXT, lambda item: item.info.parent),
    "target": (TEXT, lambda item: item.info.target and item.info.target.id),
    "cancelable": (BOOLEAN, lambda item: item.info.cancelable),
    "start_time": (TIME, lambda item: item.info.start_time),
    "end_time": (TIME, lambda item: item.info.end_time),
    "completed": (INTEGER, lambda item: item.info.progress and item.info.progress.completed),
    "total": (INTEGER, lambda item: item.info.progress and item.info.progress.total),
    "description": (TEXT, lambda item: item.info.description.display()),
    "error_type": (TEXT, lambda item: item.info.error and str(item.info.error.error_type)),
    "error": (TEXT, lambda item: item.info.error and item.info.error.display()),
}

def pandas_frame(items: Iterable[ListItem]) -> pd.DataFrame:
    tasks = list(items)  # a column at a time: of rows, pandas makes integers floats where one is missing
    return pd.DataFrame({name: pd.Series([of(task) for task in tasks], dtype=kind)  # NaT and NA
                         for name, ((kind, _), of) in COLUMNS.items()})

def polars_frame(items: Iterable[ListItem]) -> pl.DataFrame:
    tasks = list(items)
    return pl.DataFrame({name: pl.Series([of(task) for task in tasks], dtype=kind)  # null
                         for name, ((_, kind), of) in COLUMNS.items()})

class Message(msgspec.Struct):
    """A value inside a struct. With a value's own type here, msgspec would set the fields and check no rule."""

    shard: int
    item: msgspec.Raw

def to_msgspec(shard: int, item: ListItem) -> bytes:
    return msgspec.json.encode(Message(shard, msgspec.Raw(item.to_json())))

def from_msgspec(data: bytes) -> tuple[int, ListItem]:
    message = msgspec.json.decode(data, type=Message)
    return message.shard, ListItem.from_json(bytes(message.item))

def to_orjson(tree: Any) -> bytes:
    """Encode anything with values in it; orjson itself would write null for what is unset."""
    return orjson.dumps(tree, default=fragment, option=orjson.OPT_PASSTHROUGH_DATACLASS)

def fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Value):
        return orjson.Fragment(value.to_json())
    raise TypeError(f"cannot encode {type(value).__name__}")

def from_orjson(data: bytes) -> ListItem:
    return ListItem.from_python(orjson.loads(data))  # which makes integers past 64 bits floats; from_json does not

def register_for_celery() -> None:
    """Let Celery send and return values; call it in clients and workers alike.

    An error that a task raises arrives with its class and messages, but without data and challenge: where these
    matter, return error.value, and raise Error.from_value(value) on the other side.
    """
    for kind in (ErrorValue, FilterSpec, Info, ListItem, ListResult, LocalizableMessage):
        # As text, because kombu looks into dicts, and a result may look like what it has marked itself.
        register_type(kind, f"snaptasks.{kind.__name__}", lambda value: value.to_json().decode(), kind.from_json)
