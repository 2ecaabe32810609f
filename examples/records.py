# Put errors and tasks into logs, data frames, encoders and queues. Each part works without the others.
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
    """Return an error as the fields of a structured log. Search for its type, not for its text."""
    return {
        "type": str(error.error_type),
        "status": error.received_status or error.http_status,
        "may_retry": error.may_retry,
        "text": str(error),
        "value": error.value.to_python(),
    }

class JsonFormatter(logging.Formatter):
    """Write JSON with the standard library: logging.error("not listed", extra={"error": error})."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {"time": record.created, "level": record.levelname, "event": record.getMessage()}
        if isinstance(error := getattr(record, "error", None), Error):
            entry["error"] = fields(error)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)

def error_processor(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Convert errors for structlog, before its JSONRenderer: log.error("not listed", error=error)."""
    if isinstance(event.get("error"), Error):
        event["error"] = fields(event["error"])
    return event

TEXT, INTEGER, BOOLEAN = ("string", pl.String()), ("Int64", pl.Int64()), ("boolean", pl.Boolean())
TIME = ("datetime64[ms, UTC]", pl.Datetime("ms", "UTC"))  # nanoseconds cannot hold all years of four digits
COLUMNS: dict[str, tuple[tuple[str, pl.DataType], Callable[[ListItem], Any]]] = {  # a missing field is None
    "task": (TEXT, lambda item: item.task),
    "service": (TEXT, lambda item: item.info.service),
    "operation": (TEXT, lambda item: item.info.operation),
    "status": (TEXT, lambda item: str(item.info.status)),  # not a category, because a newer server has other names
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
    tasks = list(items)  # built by column, because pandas turns integers of incomplete rows into floats
    return pd.DataFrame({name: pd.Series([of(task) for task in tasks], dtype=kind)  # None becomes NaT or NA
                         for name, ((kind, _), of) in COLUMNS.items()})

def polars_frame(items: Iterable[ListItem]) -> pl.DataFrame:
    tasks = list(items)
    return pl.DataFrame({name: pl.Series([of(task) for task in tasks], dtype=kind)  # None becomes null
                         for name, ((_, kind), of) in COLUMNS.items()})

class Message(msgspec.Struct):
    """Carry a value as raw JSON, because msgspec would fill the fields of a ListItem without checking a rule."""

    shard: int
    item: msgspec.Raw

def to_msgspec(shard: int, item: ListItem) -> bytes:
    return msgspec.json.encode(Message(shard, msgspec.Raw(item.to_json())))

def from_msgspec(data: bytes) -> tuple[int, ListItem]:
    message = msgspec.json.decode(data, type=Message)
    return message.shard, ListItem.from_json(bytes(message.item))

def to_orjson(tree: Any) -> bytes:
    """Encode a tree with values in it. Without the default function, orjson writes unset fields as null."""
    return orjson.dumps(tree, default=fragment, option=orjson.OPT_PASSTHROUGH_DATACLASS)

def fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Value):
        return orjson.Fragment(value.to_json())
    raise TypeError(f"cannot encode {type(value).__name__}")

def from_orjson(data: bytes) -> ListItem:
    return ListItem.from_python(orjson.loads(data))  # unlike from_json, orjson makes integers past 64 bits floats

def register_for_celery() -> None:
    """Let Celery send and return values. Call it in clients and in workers.

    An exception arrives with its class and messages, but without data and challenge. If these matter, return
    error.value, and raise Error.from_value(value) on the other side.
    """
    for kind in (ErrorValue, FilterSpec, Info, ListItem, ListResult, LocalizableMessage):
        # As text, because kombu reads dicts, and a result may look like its own marks.
        register_type(kind, f"snaptasks.{kind.__name__}", lambda value: value.to_json().decode(), kind.from_json)
