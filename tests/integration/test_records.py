"""Test the recipes that put errors and tasks into logs, frames, encoders and queues (V-2, V-12, V-14, W-1)."""

import io
import json
import logging
import subprocess
import sys
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

from examples import data_frames, encode_msgspec, encode_orjson, log_errors, send_celery
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
from tests.command.command_runs import environment
from tests.integration.servers import RECIPES
from tests.integration.test_frameworks import RESULT

TEXT: Final = LocalizableMessage(id="m", default_message="Gesperrt 🔒")
ERRORS: Final = [Error.from_value(item.info.error, received_status=503) for item in RESULT if item.info.error]
NOTHING: Final = ErrorValue(messages=(), error_type="ERROR")
LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)

# Values at the bounds of types: times in the first and last year, int64 bounds, and a larger integer in a result.
ODD: Final = [
    plain_item("a", start_time=LAST, end_time=datetime(1, 1, 1, tzinfo=UTC), result={"big": 10**40}),
    plain_item("b", progress=Progress(total=2**63 - 1, completed=-(2**63), message=TEXT), user=None),
    plain_item("c", start_time=None, end_time=None, progress=None, status="PENDING"),
    plain_item("d", result={"__type__": "datetime", "__value__": "no time"}, user="\u2028\x00 \"'"),
]
ITEMS: Final = [*RESULT, *ODD]


# The libraries of the recipes.
LIBRARIES: Final = {"pandas", "polars", "structlog", "msgspec", "orjson", "celery", "kombu"}


@pytest.mark.parametrize(
    ("recipe", "library"),
    [
        ("from data_frames import pandas_frame; pandas_frame([])", "pandas"),
        ("from data_frames import polars_frame; polars_frame([])", "polars"),
        ("import log_errors", ""),
        ("import encode_msgspec", "msgspec"),
        ("import encode_orjson", "orjson"),
        ("from send_celery import register_for_celery; register_for_celery()", "kombu"),
    ],
)
def test_recipe_needs_no_library_of_another_recipe(recipe: str, library: str) -> None:
    """V-14: A reader of one page installs only what this page names."""
    code = f"import sys; sys.modules.update(dict.fromkeys({sorted(LIBRARIES - {library})})); {recipe}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=RECIPES, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_records_have_the_sample_and_odd_tasks() -> None:
    """V-12: The sample has 400 tasks; some types cannot hold the odd ones."""
    assert (len(RESULT), len(ITEMS), len(ERRORS)) == (400, 404, 30)


def expected_fields(error: Error) -> dict[str, Any]:
    """Return the fields that a log must have for an error."""
    return {
        "type": error.value.error_type.value,
        "status": 503,
        "may_retry": error.may_retry,
        "text": error.value.display(),
        "value": json.loads(error.value.to_json()),
    }


def test_json_formatter_writes_an_error_that_can_be_read_back() -> None:
    """E-3, V-12: Write a JSON object a line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log_errors.JsonFormatter())
    log = logging.getLogger("snaptasks.tests.records")
    log.propagate = False
    log.addHandler(handler)
    for error in ERRORS:
        log.error("not listed: %s", "x", extra={"error": error})
    log.error("not found", exc_info=NotFound(TEXT))
    log.removeHandler(handler)
    *lines, last = map(json.loads, stream.getvalue().splitlines())
    assert [line["event"] for line in lines] == ["not listed: x"] * len(ERRORS)
    assert [line["error"] for line in lines] == [expected_fields(error) for error in ERRORS]
    again = [Error.from_value(ErrorValue.from_python(line["error"]["value"]), received_status=503) for line in lines]
    assert again == ERRORS
    assert last["level"] == "ERROR"
    assert "error" not in last
    assert last["exception"].endswith("NotFound: Gesperrt 🔒")


def test_structlog_processor_writes_the_fields_of_an_error() -> None:
    """E-3: Leave other events unchanged."""
    stream = io.StringIO()
    log = structlog.wrap_logger(
        structlog.PrintLogger(stream), [log_errors.error_processor, structlog.processors.JSONRenderer()]
    )
    for error in ERRORS:
        log.error("not listed", error=error)
    log.info("listed", error="none")
    *lines, last = map(json.loads, stream.getvalue().splitlines())
    assert lines == [{"event": "not listed", "error": expected_fields(error)} for error in ERRORS]
    assert last == {"event": "listed", "error": "none"}


def test_error_fields_have_status_and_may_retry() -> None:
    """E-8: An error that was not received has the status of the table."""
    busy = NotFound(TEXT, data=TransientIndication(is_transient=True))
    assert log_errors.fields(busy) | {"value": 0} == {
        "type": "NOT_FOUND",
        "status": 404,
        "may_retry": True,
        "text": "Gesperrt 🔒",
        "value": 0,
    }
    assert log_errors.fields(Error.from_value(NOTHING))["text"] == "ERROR"


def expected_rows() -> list[dict[str, Any]]:
    """Return the rows that a frame must have, from the JSON of the tasks."""
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


def test_pandas_frame_holds_the_fields_of_tasks() -> None:
    """V-4, V-5: Hold times at milliseconds, integers as integers, and unset fields as NaT and NA."""
    frame = data_frames.pandas_frame(ITEMS)
    assert [*map(str, frame.dtypes[["task", "cancelable", "start_time", "end_time", "total"]])] == [
        *("string", "boolean", "datetime64[ms, UTC]", "datetime64[ms, UTC]", "Int64"),
    ]
    held = [
        {name: None if pd.isna(value) else value for name, value in each.items()} for each in frame.to_dict("records")
    ]
    assert held == expected_rows()
    assert frame["end_time"].isna().sum() == sum(item.info.end_time is None for item in ITEMS) == 53
    assert frame["start_time"][1] < frame["end_time"][1]


def test_polars_frame_holds_the_fields_of_tasks() -> None:
    """V-4, V-5: Hold times at milliseconds, integers as integers, and unset fields as null."""
    frame = data_frames.polars_frame(ITEMS)
    assert frame.schema["start_time"] == frame.schema["end_time"] == pl.Datetime("ms", "UTC")
    assert [frame.schema[name] for name in ("task", "total", "cancelable")] == [pl.String(), pl.Int64(), pl.Boolean()]
    assert frame.to_dicts() == expected_rows()
    assert frame["end_time"].null_count() == 53
    failed = frame.filter(pl.col("status") == "FAILED").group_by("error_type").len()
    assert failed["len"].sum() == 36


def test_frames_without_tasks_have_the_same_columns_and_types() -> None:
    """V-4."""
    assert [*data_frames.pandas_frame([]).dtypes] == [*data_frames.pandas_frame(ITEMS).dtypes]
    assert data_frames.polars_frame([]).schema == data_frames.polars_frame(ITEMS).schema


def test_msgspec_recipe_carries_the_canonical_text() -> None:
    """V-12, W-1: Reading checks all rules, which msgspec by itself does not do."""
    for shard, item in enumerate(ITEMS):
        data = encode_msgspec.to_msgspec(shard, item)
        assert data == b'{"shard":%d,"item":%b}' % (shard, item.to_json())
        assert encode_msgspec.from_msgspec(data) == (shard, item)
    broken = ITEMS[0].to_json().replace(b'"status":"SUCCEEDED"', b'"status":"PENDING"')
    with pytest.raises(InvalidValue):
        encode_msgspec.from_msgspec(b'{"shard":1,"item":%b}' % broken)
    assert msgspec.json.decode(broken, type=ListItem) != ITEMS[0], "msgspec accepts it, as the recipe warns"


def test_orjson_recipe_writes_the_canonical_text() -> None:
    """V-12, W-1: Write values inside any structure, and refuse other unknown types."""
    for item in RESULT:
        assert encode_orjson.to_orjson(item) == item.to_json()
        assert encode_orjson.from_orjson(encode_orjson.to_orjson(item)) == item
    assert encode_orjson.to_orjson({"all": RESULT, "filter": FilterSpec(users={"b", "a"})}) == (
        b'{"all":%b,"filter":{"users":["a","b"]}}' % RESULT.to_json()
    )
    assert all(ListItem.from_json(encode_orjson.to_orjson(item)) == item for item in ODD)
    with pytest.raises(orjson.JSONEncodeError):
        encode_orjson.to_orjson(object())


def test_orjson_reads_longer_integers_as_floats_unlike_from_json() -> None:
    """V-3: orjson holds 64 bits, so the recipe names from_json."""
    assert encode_orjson.from_orjson(ODD[0].to_json()).info.result == {"big": 1e40}
    assert ListItem.from_json(ODD[0].to_json()).info.result == {"big": 10**40}


def return_value(value: object) -> object:
    return value


def count_matches(items: ListResult, filter: FilterSpec) -> int:
    assert (type(items), type(filter)) == (ListResult, FilterSpec)
    return sum(map(filter.matches, items))


def raise_value(value: ErrorValue) -> None:
    raise Error.from_value(value)


app: Final = celery.Celery("records", broker="memory://", backend="cache+memory://")
app.conf.update(worker_hijack_root_logger=False, broker_transport_options={"polling_interval": 0.01})
echo: Final = app.task(return_value)
count: Final = app.task(count_matches)
refuse: Final = app.task(raise_value, throws=(Error,))


@pytest.fixture(scope="module")
def worker() -> Iterator[None]:
    """Run a worker in this process; arguments and results still travel as text."""
    send_celery.register_for_celery()
    with start_worker(app, pool="solo", perform_ping_check=False):
        yield


@pytest.mark.usefixtures("worker")
def test_celery_sends_and_returns_values_of_each_kind() -> None:
    """V-12, V-14: Send them on their own and inside other structures."""
    values: list[Value] = [RESULT, *ODD, ITEMS[0].info, FilterSpec(users={"ops"}), TEXT, NOTHING]
    assert echo.delay(values).get(timeout=60, interval=0.01) == values
    assert [*map(type, echo.delay(values).get(timeout=60, interval=0.01))] == [*map(type, values)]
    assert echo.delay({"item": ITEMS[1]}).get(timeout=60, interval=0.01) == {"item": ITEMS[1]}
    assert count.delay(RESULT, FilterSpec(status={"FAILED"})).get(timeout=60, interval=0.01) == 36


@pytest.mark.usefixtures("worker")
def test_celery_raises_an_error_with_its_class_and_messages() -> None:
    """E-6: Data and challenge are lost, unless the value is sent."""
    for error in ERRORS:
        with pytest.raises(Error) as caught:
            refuse.delay(error.value).get(timeout=60, interval=0.01)
        assert type(caught.value) is type(error)
        assert caught.value.value == error.value.evolve(data=None, challenge=None)
    values = [error.value for error in ERRORS]
    assert echo.delay(values).get(timeout=60, interval=0.01) == values
