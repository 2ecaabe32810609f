"""Measure reading, writing, query strings, responses and importing, beside other libraries."""

from __future__ import annotations

import compileall
import json
import random
import subprocess
import sys
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from snaptasks import (
    EVERYTHING,
    SYSTEM_READ,
    Caller,
    FilterSpec,
    ListResult,
    TaskIndex,
    format_filter,
    list_tasks,
    parse_filter,
    rest,
)

from . import bare
from .measuring import Row, at_least, at_most, first_time, medians, times
from .workload import SERVICES, population


def official_sdk() -> tuple[Callable[[str], Any], Callable[[Any], str]]:
    """Return the functions of the official SDK that read and write the body of a listing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tasks = import_module("com.vmware.snapservice_client").Tasks
        converter = import_module("vmware.vapi.bindings.converter")
        resolver = import_module("vmware.vapi.bindings.common").NameToTypeResolver({})
        values = import_module("vmware.vapi.data.serializers.cleanjson").DataValueConverter
    kind, mode = tasks.ListResult.get_binding_type(), converter.RestConverter.SWAGGER_REST

    def read(text: str) -> Any:
        return converter.TypeConverter.convert_to_python(values.convert_to_data_value(text), kind, resolver, mode)

    def write(result: Any) -> str:
        text: str = values.convert_to_json(converter.TypeConverter.convert_to_vapi(result, kind, mode))
        return text

    return read, write


def bodies_of(count: int) -> Iterator[bytes]:
    """Yield listings of `count` tasks in all, at most 1,000 each: the tasks of the sample with new ids."""
    sample = Path(__file__).parent.parent / "tests" / "data" / "sample-tasks.json"
    items = json.loads(sample.read_bytes())["items"]
    for first in range(0, count, 1000):
        numbers = range(first, min(first + 1000, count))
        many = [items[number % len(items)] | {"task": f"snapservice:task:{number:036}"} for number in numbers]
        yield ListResult.from_python({"items": many}).to_json()


def bodies() -> Iterator[Row]:
    """Yield the rows of reading and writing a listing of 1,000 tasks."""
    (text,) = bodies_of(1000)
    result = ListResult.from_json(text)
    if result.to_json() != text:
        sys.exit("the written text must be the text that was read")
    plain = ListResult(items=population(1000)).to_json()
    try:
        read, write = official_sdk()
    except ModuleNotFoundError as error:
        for work, must, goal in (("read", 5.5, 8), ("write, first", 10, 20), ("write, again", 200, 400)):
            yield Row(f"{work} 1,000 tasks, against the official SDK", f"{must}x", f"{goal}x", f"no SDK: {error}", None)
    else:
        theirs = read(text.decode())
        if json.loads(write(theirs)) != json.loads(text):
            sys.exit("the official SDK writes another text than snaptasks")
        taken = medians({"mine": lambda: ListResult.from_json(text), "sdk": lambda: read(text.decode())})
        yield at_least("read 1,000 tasks, against the official SDK", taken["sdk"] / taken["mine"], 5.5, 8)
        fields = TypeAdapter(bare.ListResult).validate_json
        taken = medians({"mine": lambda: ListResult.from_json(text), "fields": lambda: fields(text)}, rounds=15)
        work = "read 1,000 tasks, against the same fields slotted without a rule"
        yield at_most(work, taken["mine"] / taken["fields"], 1.5, 1.2, "x")
        tree = json.loads(text)
        taken = medians({"tree": lambda: ListResult.from_python(tree), "text": lambda: ListResult.from_json(text)})
        yield Row(
            "read the tree of json.loads, against reading the text",
            "-",
            "-",
            times(taken["text"] / taken["tree"]),
            None,
        )
        taken = medians({"mine": lambda: ListResult.from_json(plain), "sdk": lambda: read(plain.decode())}, rounds=5)
        work = "read tasks without params, results and errors, against the official SDK"
        yield Row(work, "-", "-", times(taken["sdk"] / taken["mine"]), None)
        first = first_time(lambda: ListResult.from_json(text).to_json)
        taken = medians({"again": result.to_json, "sdk": lambda: write(theirs)}, rounds=5)
        yield at_least("write them, first, against the official SDK", taken["sdk"] / first, 10, 20)
        yield at_least("write them, again, against the official SDK", taken["sdk"] / taken["again"], 200, 400)
    try:
        dumps = import_module("orjson").dumps
    except ModuleNotFoundError as error:
        yield Row("write again, against orjson on dicts", "1x", "1.5x", f"no orjson: {error}", None)
    else:
        tree = json.loads(text)
        taken = medians({"again": result.to_json, "orjson": lambda: dumps(tree)})
        yield at_least("write again, against orjson on dicts", taken["orjson"] / taken["again"], 1.0, 1.5)
    try:
        struct = import_module("msgspec")
    except ModuleNotFoundError as error:
        yield Row("read, against msgspec on dicts", "-", "-", f"no msgspec: {error}", None)
    else:
        taken = medians({"mine": lambda: ListResult.from_json(text), "msgspec": lambda: struct.json.decode(text)})
        yield Row("read, against msgspec on dicts", "-", "-", times(taken["msgspec"] / taken["mine"]), None)


def responses() -> Iterator[Row]:
    """Yield the rows from a filter to the bytes of a response: some 800 of 20,000 tasks."""
    items = population(20_000)
    index = TaskIndex(items)
    spec = FilterSpec(services={SERVICES[1]}, status={"FAILED", "RUNNING"})
    wanted = list_tasks(index, spec, visibility=EVERYTHING)

    def scanned() -> bytes:
        found = [item for item in items if spec.matches(item)]
        return TypeAdapter(ListResult).dump_json(ListResult(items=found))

    def indexed() -> bytes:
        return list_tasks(index, spec, visibility=EVERYTHING).to_json()

    if indexed() != scanned():
        sys.exit("the response must be that of the plain scan")
    taken = medians({"indexed": indexed, "scanned": scanned})
    work = f"{len(wanted.items)} of 20k tasks to response bytes"
    yield at_most(work, taken["indexed"] * 1e3, 0.5, 0.3, "ms")
    yield at_least(f"{work}, against a plain scan and dump", taken["scanned"] / taken["indexed"], 30, 60)
    service = rest.Service(
        index,
        authenticate=lambda request: Caller(user="u", privileges={SYSTEM_READ}),
        visibility=lambda caller: EVERYTHING,
    )
    request = rest.Request("GET", f"/api/snapservice/tasks?{format_filter(spec)}")
    if service.handle(request).body != indexed():
        sys.exit("a Service must answer with the bytes of list_tasks")
    handled = medians({"handle": lambda: service.handle(request)})
    yield at_most(f"{work}, through a Service", handled["handle"] * 1e3, 0.6, 0.35, "ms")


def queries() -> Iterator[Row]:
    """Yield the rows of parsing query strings of percent-encoded ids."""
    chance = random.Random(10)
    ids = [f"snapservice:task:{uuid.UUID(int=chance.getrandbits(128))}" for _ in range(1000)]
    short, long = ("&".join(f"tasks={quote(task, safe='')}" for task in some) for some in (ids[:5], ids))
    taken = medians({"short": lambda: parse_filter(short), "long": lambda: parse_filter(long)})
    yield at_most("parse a query of 5 ids", taken["short"] * 1e6, 8, 4, "us")
    yield at_most("parse a query of 1,000 ids", taken["long"] * 1e6, 500, 300, "us")


def importing() -> Iterator[Row]:
    """Measure the start of an interpreter that imports snaptasks, beside one that defines a pydantic model.

    Both packages are compiled, as after an installation, even if PYTHONDONTWRITEBYTECODE is set.
    """
    for package in ("snaptasks", "pydantic"):
        compileall.compile_dir(Path(import_module(package).__path__[0]), quiet=1)
    model = "import pydantic\nclass Model(pydantic.BaseModel):\n    number: int\n"
    taken: dict[str, list[float]] = {"import snaptasks": [], model: []}
    for _ in range(15):
        for code, each in taken.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            each.append(time.perf_counter() - start)
    mine, theirs = (sorted(each)[len(each) // 2] for each in taken.values())
    yield at_most("import snaptasks, against pydantic with one model", mine / theirs, 1.4, 1.2, "x")
