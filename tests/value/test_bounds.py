"""Test that reading a hostile text takes bounded memory and time, and that messages nest to a bounded depth (V-8, V-13)."""

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from snaptasks import (
    MAX_VIOLATIONS,
    ErrorValue,
    InvalidValue,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
)
from snaptasks._text import MAX_EXCERPT
from tests.value.samples import BODY, read

PYDANTIC = tuple(map(int, version("pydantic").split(".")[:3]))


@contextmanager
def profiled() -> Iterator[Iterator[int]]:
    """Count the calls and returns inside the context; the next number is how many there were."""
    events = itertools.count()
    sys.setprofile(lambda frame, event, argument: next(events) and None)
    try:
        yield events
    finally:
        sys.setprofile(None)


def test_violations_past_the_bound_are_cut_and_marked_incomplete() -> None:
    """V-13: The reader stops at the hundredth violation, and the error says so; each violation is short."""
    with pytest.raises(InvalidValue) as caught:
        ListResult.from_json(json.dumps({"items": [0] * 5000}))
    invalid = caught.value
    assert (len(invalid.violations), invalid.is_complete) == (MAX_VIOLATIONS, False)
    assert str(invalid).startswith("more than 100 violations in ListResult\n")
    with pytest.raises(InvalidValue) as caught:
        ListResult.from_json(json.dumps({"items": [0] * MAX_VIOLATIONS}))
    assert (len(caught.value.violations), caught.value.is_complete) == (MAX_VIOLATIONS, True)
    with pytest.raises(InvalidValue) as caught:
        read(user=["x" * 1_000_000], description={"params": {"k" * 1_000_000: 1}})
    for violation in caught.value.violations:
        assert len(violation.value) <= MAX_EXCERPT
        assert len(violation.path) <= MAX_EXCERPT + len("description.params.")


def test_violations_below_a_long_key_hold_only_its_start() -> None:
    """V-13, W-5: The time and the memory for a violation do not grow with the keys above it; its path is the same."""
    key = "\x01" * 50_000
    wrong = {str(number): {"i": "x"} for number in range(200)}
    message = {"id": "m", "default_message": "", "params": {key: {"l": {"id": "n", "params": wrong}}}}
    with pytest.raises(InvalidValue) as caught, profiled() as events:
        LocalizableMessage.from_python(message)
    shown = ("\\x01" * MAX_EXCERPT)[: MAX_EXCERPT - 1] + "\N{HORIZONTAL ELLIPSIS}"
    assert [each.path for each in caught.value.violations] == [f"params.{shown}.l.params.{n}.i" for n in range(100)]
    assert (
        next(events) < len(key) * 5
    )  # some 1,000 for each violation; at least one for each character if all were escaped


def test_errors_below_a_long_key_hold_only_its_start() -> None:
    """V-13, V-3: Each error of pydantic holds a copy of its location, so that a whole key would be copied 100 times."""
    key = "k" * 50_000
    with pytest.raises(ValidationError) as built:
        ErrorValue(messages=(), error_type="ERROR", data={key: [float("nan")] * 200})
    with pytest.raises(ValidationError) as read_from_text:
        TypeAdapter(ErrorValue).validate_json(f'{{"data":{{"{key}":[{"1e999," * 200}0]}}}}')
    for caught in (built, read_from_text):
        locations = [error["loc"] for error in caught.value.errors()]
        assert locations == [("data", key[: MAX_EXCERPT + 1], number) for number in range(MAX_VIOLATIONS)]


CHILD = """
import pathlib, re, sys
from snaptasks import FilterSpec, InvalidValue, ListResult, LocalizableMessage
def peak():  # of this process only; the figure of getrusage starts at the peak of the parent
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) * 1024
kind, before, each, after = sys.argv[1:]
MIB = 2**20
text = before + each * ((MIB - len(before) - len(after)) // len(each))
text = (text.rstrip(",") if after[0] in "]}" else text) + after
at_rest = peak()
try:
    globals()[kind].from_json(text)
except InvalidValue as invalid:
    print(len(invalid.violations), (peak() - at_rest) // MIB)
"""
DEEP = '"p":{"l":{"params":{' * 31 + "}}}" * 31  # each level lacks fields


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "before", "each", "after"),
    [
        ("ListResult", '{"items":[', "1,", "]}"),
        ("ListResult", '{"items":[', "{},", "]}"),
        ("ListResult", '{"items":[', '{"info":{}},', "]}"),
        ("ListResult", '{"items":[{"info":{"result":[', "[],", '"\\ud800"]}}]}'),
        ("ListResult", '{"items":[{"info":{"result":[', '{"":0},', "1e999]}}]}"),
        ("ListResult", '{"items":[{"info":{"result":[', "[" * 150 + "]" * 150 + ",", "0]}}]}"),
        ("ListResult", '{"items":[{"info":{"result":[', "NaN,", "0]}}]}"),
        ("ListResult", '{"items":[{"info":{"result":{"', "k", '":[' + "1e999," * 200 + "0]}}}]}"),
        ("LocalizableMessage", '{"id":"","default_message":"","args":[', "1,", "]}"),
        ("LocalizableMessage", '{"id":"","default_message":"","args":[', '"",', "1]}"),
        ("LocalizableMessage", '{"params":{', DEEP + ",", '"q":{}}}'),
        ("LocalizableMessage", '{"params":{' + '"p":{"l":{"params":{' * 31, '"":{"s":1},', "}}}" * 31 + "}}"),
        ("ListResult", '{"items":["', '\\"', "x"),
        ("ListResult", '{"items":["', "a", "x"),
        ("ListResult", '<html>"', "[", "x"),
        ("FilterSpec", "{", '"":1,', "}"),
        ("FilterSpec", '{"tasks":[', '"",', "]}"),
        ("FilterSpec", '{"tasks":[', '"a",', '""]}'),
        ("FilterSpec", '{"tasks":[', "[],", "]}"),
    ],
)
def test_from_json_with_hostile_text_takes_bounded_memory(kind: str, before: str, each: str, after: str) -> None:
    """V-13: A text of 1 MiB takes at most 120 times its length, with any content; its tree takes up to 40 times."""
    arguments = [sys.executable, "-c", CHILD, kind, before, each, after]
    done = subprocess.run(arguments, capture_output=True, check=True, text=True)
    count, times = map(int, done.stdout.split())
    assert 1 <= count <= MAX_VIOLATIONS
    # Before 2.14.2, the parser of pydantic took up to 200 times by itself.
    assert times <= (120 if PYDANTIC >= (2, 14, 2) else 240)


def test_from_json_with_deep_text_visits_each_parameter_once() -> None:
    """V-8, V-13: The parameters inside 32 nested messages are not visited again for each message."""
    inner = ",".join(f'"{number}":{{"s":""}}' for number in range(4000)) + ',"x":{"s":0}'
    for _ in range(30):
        inner = f'"p":{{"l":{{"id":"","params":{{{inner}}}}}}}'
    text = f'{{"id":"","default_message":"","args":[],"params":{{{inner}}}}}'
    with pytest.raises(InvalidValue) as caught, profiled() as events:
        LocalizableMessage.from_json(text)
    assert len(caught.value.violations) == 1
    assert (
        next(events) < 30 * 4000 * 40
    )  # about 25 for each parameter; 30 times as many if each level visits all levels inside it


# Nested messages


def chain(length: int) -> dict[str, Any]:
    """Return the tree of nested messages, one inside another."""
    message: dict[str, Any] = {"id": "n"}
    for _ in range(length - 1):
        message = {"id": "n", "params": {"p": {"l": message}}}
    return message


def test_from_json_with_33_nested_messages_reports_too_deep() -> None:
    """V-8: Reading takes 32 nested messages wherever they stand; it refuses the 33rd and any deeper text."""
    body = {"id": "", "default_message": "", "args": [], "params": {"p": {"l": chain(32)}}}
    error = {"messages": [body], "error_type": "ERROR"}
    whole = {"items": [{"task": "t", "info": BODY | {"status": "FAILED", "error": error}}]}
    assert ListResult.from_json(json.dumps(whole)).to_python() == whole
    for length in (33, 34, 60):
        with pytest.raises(InvalidValue) as caught:
            NestedLocalizableMessage.from_json(json.dumps(chain(length)))
        (violation,) = caught.value.violations
        assert (violation.spec_id, violation.code) == ("V-8", "too_deep")
        assert "nested too deep" in violation.rule
    for length in (70, 100_000):
        with pytest.raises(InvalidValue, match="nested too deep"):
            NestedLocalizableMessage.from_json('{"id":"n","params":{"p":{"l":' * length)


def test_building_33_nested_messages_is_refused() -> None:
    """V-8: The bound holds for messages built step by step, and for dicts of any depth, circular or shared."""
    message = NestedLocalizableMessage(id="n")
    for _ in range(31):
        message = NestedLocalizableMessage(
            id="n", params={"p": LocalizationParam(l=message), "q": LocalizationParam(i=1)}
        )
    assert LocalizableMessage(id="", default_message="", params={"p": LocalizationParam(l=message)}).params
    with pytest.raises(ValidationError, match="nested too deep"):
        NestedLocalizableMessage(id="n", params={"p": LocalizationParam(l=message)})
    circle = chain(2)
    circle["params"]["p"]["l"] = circle
    shared = chain(1)
    for _ in range(40):
        shared = {"id": "n", "params": {"p": {"l": shared}, "q": {"l": shared}}}
    for deep in (chain(33), chain(200), chain(100_000), circle, shared):
        with pytest.raises(ValidationError, match="nested too deep"):
            LocalizationParam(l=deep)  # type: ignore[arg-type]
        with pytest.raises(ValidationError, match="nested too deep"):
            NestedLocalizableMessage(id="n", params={"p": {"l": deep}})  # type: ignore[dict-item]
        with pytest.raises(InvalidValue, match="nested too deep"):
            NestedLocalizableMessage.from_python({"id": "n", "params": {"p": {"l": deep}}})
    assert LocalizationParam(l=chain(32)).l is not None  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="instance of NestedLocalizableMessage"):
        LocalizationParam(l=5)  # type: ignore[arg-type]
