# Make data frames of tasks with pandas or polars. Each function needs only its own library.
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from snaptasks import ListItem

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

TEXT, INTEGER, BOOLEAN, TIME = "text", "integer", "boolean", "time"
COLUMNS: dict[str, tuple[str, Callable[[ListItem], Any]]] = {  # a missing field is None
    "task": (TEXT, lambda item: item.task),
    "service": (TEXT, lambda item: item.info.service),
    "operation": (TEXT, lambda item: item.info.operation),
    "status": (TEXT, lambda item: str(item.info.status)),  # a text, because newer servers have other names
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

def pandas_frame(items: Iterable[ListItem]) -> "pd.DataFrame":
    import pandas as pd
    # Milliseconds, because nanoseconds reach only from 1677 to 2262.
    types = {TEXT: "string", INTEGER: "Int64", BOOLEAN: "boolean", TIME: "datetime64[ms, UTC]"}
    tasks = list(items)  # built by column, because pandas turns integers of incomplete rows into floats
    return pd.DataFrame({name: pd.Series([of(task) for task in tasks], dtype=types[kind])
                         for name, (kind, of) in COLUMNS.items()})

def polars_frame(items: Iterable[ListItem]) -> "pl.DataFrame":
    import polars as pl
    types = {TEXT: pl.String(), INTEGER: pl.Int64(), BOOLEAN: pl.Boolean(), TIME: pl.Datetime("ms", "UTC")}
    tasks = list(items)
    return pl.DataFrame({name: pl.Series([of(task) for task in tasks], dtype=types[kind])
                         for name, (kind, of) in COLUMNS.items()})
