"""The recipes that put errors and tasks into logs, frames, encoders and queues (V-2, V-12, V-14, W-1)."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import celery
import msgspec
import orjson
import pandas as pd
import polars as pl
import pytest
import structlog
from celery.contrib.testing.worker import start_worker

from examples import records
from snaptasks import (
    Error,
    ErrorValue,
    FilterSpec,
    InvalidValue,
    ListItem,
    ListResult,
    LocalizableMessage,
    NotFound,
    Progress,
    TransientIndication,
    Value,
)
from tests.building import plain_item
from tests.integration.test_frameworks import RESULT

TEXT: Final = LocalizableMessage(id="m", default_message="Gesperrt 🔒")
ERRORS: Final = [Error.from_value(item.info.error, received_status=503) for item in RESULT if item.info.error]
NOTHING: Final = ErrorValue(messages=(), error_type="ERROR")
LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)

# At the bounds of the types: times of the first and the last year, the largest integers, and a huge one in a result.
ODD: Final = [
    plain_item("a", start_time=LAST, end_time=datetime(1, 1, 1, tzinfo=UTC), result={"big": 10**40}),
    plain_item("b", progress=Progress(total=2**63 - 1, completed=-(2**63), message=TEXT), user=None),
    plain_item("c", start_time=None, end_time=None, progress=None, status="PENDING"),
    plain_item("d", result={"__type__": "datetime", "__value__": "no time"}, user="\u2028\x00 \"'"),
]
ITEMS: Final = [*RESULT, *ODD]


def test_there_is_something_to_keep() -> None:
    """V-12: 400 tasks of the sample, and what some types do not hold."""
    assert (len(RESULT), len(ITEMS), len(ERRORS)) == (400, 404, 30)


def told(error: Error) -> dict[str, Any]:
    """What stands in a log of an error, by hand."""
    return {
        "type": error.value.error_type.value,
        "status": 503,
        "may_retry": error.may_retry,
        "text": error.value.display(),
        "value": json.loads(error.value.to_json()),
    }


def test_an_error_goes_into_the_log_of_the_standard_library() -> None:
    """E-3, V-12: a JSON object a line, from which the error can be made again."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(records.JsonFormatter())
    log = logging.getLogger("snaptasks.tests.records")
    log.propagate = False
    log.addHandler(handler)
    for error in ERRORS:
        log.error("not listed: %s", "x", extra={"error": error})
    log.error("not found", exc_info=NotFound(TEXT))
    log.removeHandler(handler)
    *lines, last = map(json.loads, stream.getvalue().splitlines())
    assert [line["event"] for line in lines] == ["not listed: x"] * len(ERRORS)
    assert [line["error"] for line in lines] == [told(error) for error in ERRORS]
    again = [Error.from_value(ErrorValue.from_python(line["error"]["value"]), received_status=503) for line in lines]
    assert again == ERRORS
    assert last["level"] == "ERROR"
    assert "error" not in last
    assert last["exception"].endswith("NotFound: Gesperrt 🔒")


def test_an_error_goes_into_the_log_of_structlog() -> None:
    """E-3: as the same fields; other events pass."""
    stream = io.StringIO()
    log = structlog.wrap_logger(
        structlog.PrintLogger(stream), [records.error_processor, structlog.processors.JSONRenderer()]
    )
    for error in ERRORS:
        log.error("not listed", error=error)
    log.info("listed", error="none")
    *lines, last = map(json.loads, stream.getvalue().splitlines())
    assert lines == [{"event": "not listed", "error": told(error)} for error in ERRORS]
    assert last == {"event": "listed", "error": "none"}


def test_the_log_says_what_a_client_may_do() -> None:
    """E-8: an error that was not received has the status of the table."""
    busy = NotFound(TEXT, data=TransientIndication(is_transient=True))
    assert records.fields(busy) | {"value": 0} == {
        "type": "NOT_FOUND",
        "status": 404,
        "may_retry": True,
        "text": "Gesperrt 🔒",
        "value": 0,
    }
    assert records.fields(Error.from_value(NOTHING))["text"] == "ERROR"


def rows() -> list[dict[str, Any]]:
    """The fields of the tasks by name, out of their JSON."""
    trees = [item.to_python() for item in ITEMS]
    return [
        {
            "task": tree["task"],
            **{name: tree["info"].get(name) for name in ("service", "operation", "status", "user", "parent")},
            "target": tree["info"].get("target", {}).get("id"),
            "cancelable": tree["info"]["cancelable"],
            "start_time": item.info.start_time,
            "end_time": item.info.end_time,
            "completed": tree["info"].get("progress", {}).get("completed"),
            "total": tree["info"].get("progress", {}).get("total"),
            "description": item.info.description.display(),
            "error_type": tree["info"].get("error", {}).get("error_type"),
            "error": item.info.error and item.info.error.display(),
        }
        for tree, item in zip(trees, ITEMS, strict=True)
    ]


def test_a_frame_of_pandas_holds_what_the_tasks_say() -> None:
    """V-4, V-5: times as times at milliseconds, integers as integers, and nothing as NaT and NA."""
    frame = records.pandas_frame(ITEMS)
    assert [*map(str, frame.dtypes[["task", "cancelable", "start_time", "end_time", "total"]])] == [
        *("string", "boolean", "datetime64[ms, UTC]", "datetime64[ms, UTC]", "Int64"),
    ]
    held = [
        {name: None if pd.isna(value) else value for name, value in each.items()} for each in frame.to_dict("records")
    ]
    assert held == rows()
    assert frame["end_time"].isna().sum() == sum(item.info.end_time is None for item in ITEMS) == 53
    assert frame["start_time"][1] < frame["end_time"][1]


def test_a_frame_of_polars_holds_what_the_tasks_say() -> None:
    """V-4, V-5: times as times at milliseconds, integers as integers, and nothing as null."""
    frame = records.polars_frame(ITEMS)
    assert frame.schema["start_time"] == frame.schema["end_time"] == pl.Datetime("ms", "UTC")
    assert [frame.schema[name] for name in ("task", "total", "cancelable")] == [pl.String(), pl.Int64(), pl.Boolean()]
    assert frame.to_dicts() == rows()
    assert frame["end_time"].null_count() == 53
    failed = frame.filter(pl.col("status") == "FAILED").group_by("error_type").len()
    assert failed["len"].sum() == 36


def test_a_frame_of_no_tasks_has_the_same_columns() -> None:
    """V-4: and the same types."""
    assert [*records.pandas_frame([]).dtypes] == [*records.pandas_frame(ITEMS).dtypes]
    assert records.polars_frame([]).schema == records.polars_frame(ITEMS).schema


def test_msgspec_carries_the_canonical_text() -> None:
    """V-12, W-1: and reading it checks all rules, which msgspec by itself does not."""
    for shard, item in enumerate(ITEMS):
        data = records.to_msgspec(shard, item)
        assert data == b'{"shard":%d,"item":%b}' % (shard, item.to_json())
        assert records.from_msgspec(data) == (shard, item)
    broken = ITEMS[0].to_json().replace(b'"status":"SUCCEEDED"', b'"status":"PENDING"')
    with pytest.raises(InvalidValue):
        records.from_msgspec(b'{"shard":1,"item":%b}' % broken)
    assert msgspec.json.decode(broken, type=ListItem) != ITEMS[0], "msgspec takes it: the recipe warns of that"


def test_orjson_writes_the_canonical_text() -> None:
    """V-12, W-1: of values wherever they stand, and nothing else that it does not know."""
    for item in RESULT:
        assert records.to_orjson(item) == item.to_json()
        assert records.from_orjson(records.to_orjson(item)) == item
    assert records.to_orjson({"all": RESULT, "filter": FilterSpec(users={"b", "a"})}) == (
        b'{"all":%b,"filter":{"users":["a","b"]}}' % RESULT.to_json()
    )
    assert all(ListItem.from_json(records.to_orjson(item)) == item for item in ODD)
    with pytest.raises(orjson.JSONEncodeError):
        records.to_orjson(object())


def test_orjson_reads_integers_of_64_bits() -> None:
    """V-3: a longer one becomes a float there, so that the recipe names from_json."""
    assert records.from_orjson(ODD[0].to_json()).info.result == {"big": 1e40}
    assert ListItem.from_json(ODD[0].to_json()).info.result == {"big": 10**40}


def same(value: object) -> object:
    return value


def matching(items: ListResult, filter: FilterSpec) -> int:
    assert (type(items), type(filter)) == (ListResult, FilterSpec)
    return sum(map(filter.matches, items))


def raised(value: ErrorValue) -> None:
    raise Error.from_value(value)


app: Final = celery.Celery("records", broker="memory://", backend="cache+memory://")
app.conf.update(worker_hijack_root_logger=False, broker_transport_options={"polling_interval": 0.01})
echo: Final = app.task(same)
count: Final = app.task(matching)
refuse: Final = app.task(raised, throws=(Error,))


@pytest.fixture(scope="module")
def worker() -> Iterator[None]:
    """A worker in this process; what it gets and gives has been text in between."""
    records.register_for_celery()
    with start_worker(app, pool="solo", perform_ping_check=False):
        yield


@pytest.mark.usefixtures("worker")
def test_celery_sends_and_returns_values() -> None:
    """V-12, V-14: of each kind, alone and inside others' structures."""
    values: list[Value] = [RESULT, *ODD, ITEMS[0].info, FilterSpec(users={"ops"}), TEXT, NOTHING]
    assert echo.delay(values).get(timeout=60, interval=0.01) == values
    assert [*map(type, echo.delay(values).get(timeout=60, interval=0.01))] == [*map(type, values)]
    assert echo.delay({"item": ITEMS[1]}).get(timeout=60, interval=0.01) == {"item": ITEMS[1]}
    assert count.delay(RESULT, FilterSpec(status={"FAILED"})).get(timeout=60, interval=0.01) == 36


@pytest.mark.usefixtures("worker")
def test_an_error_of_a_celery_task_arrives_as_itself() -> None:
    """E-6: with its class and messages; data and challenge go with its value only."""
    for error in ERRORS:
        with pytest.raises(Error) as caught:
            refuse.delay(error.value).get(timeout=60, interval=0.01)
        assert type(caught.value) is type(error)
        assert caught.value.value == error.value.evolve(data=None, challenge=None)
    values = [error.value for error in ERRORS]
    assert echo.delay(values).get(timeout=60, interval=0.01) == values
