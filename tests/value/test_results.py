"""The result of a task: any JSON value, frozen and bounded (V-3)."""

import copy
import json
import pickle
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import ValidationError

from snaptasks import MAX_VIOLATIONS, DynamicID, Info, InvalidValue, ListResult
from snaptasks._value.frozen import MAX_INTEGER_LENGTH, MAX_RESULT_DEPTH
from tests.value.samples import BODY, INFO, read


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(("before", "after"), [("", ""), ("[", "]"), ('{"n":', "}"), ('{"n":[', "]}")])
def test_integers_of_a_result_have_a_greatest_length_when_read(sign: str, before: str, after: str) -> None:
    """V-3: MAX_INTEGER_LENGTH characters with the sign, whatever the parser of this pydantic takes."""
    text = sign + "9" * (MAX_INTEGER_LENGTH - len(sign))
    whole = json.dumps(BODY | {"result": "here"})
    read = Info.from_json(whole.replace('"here"', before + text + after))
    assert f'"result":{before}{text}{after}'.encode() in read.to_json()
    with pytest.raises(InvalidValue):
        Info.from_json(whole.replace('"here"', f"{before}{text}9{after}"))


# JSON values


@pytest.mark.parametrize("given", [{"a": [1]}, MappingProxyType({"a": (1,)}), {"a": (1,)}])
def test_results_are_frozen(given: Any) -> None:
    """V-3: tuples and read-only mappings, whatever they were given as; they are equal to what they were made from."""
    result: Any = INFO.evolve(result=given).result
    assert result["a"] == (1,)
    assert result == {"a": (1,)}
    with pytest.raises(TypeError, match="evolve"):
        result["a"] = 2
    assert copy.copy(result) is copy.deepcopy(result) is result
    assert hash(pickle.loads(pickle.dumps(result))) == hash(result)


def test_a_result_is_any_json_value() -> None:
    """V-3: integers of any size that the parser takes, doubles, a repeated key keeps the last, keys in no order."""
    text = json.dumps(BODY)[:-1] + ',"result":%s}'
    for result in (
        "0",
        "-0.0",
        "false",
        '""',
        "[]",
        "{}",
        "1" * MAX_INTEGER_LENGTH,
        "-" + "1" * (MAX_INTEGER_LENGTH - 1),
        "1e300",
    ):
        info = Info.from_json(text % result)
        assert json.loads(info.to_json())["result"] == json.loads(result)
        assert Info.from_json(info.to_json()) == info
    assert Info.from_json(text % '{"b":1,"a":2,"b":3}') == Info.from_json(text % '{"a":2,"b":3}')
    assert Info.from_json(text % "null").result is None
    assert INFO.evolve(result=DynamicID(type="t", id="i")).result == {"id": "i", "type": "t"}


@pytest.mark.parametrize(
    ("result", "path", "rule"),
    [
        (float("nan"), "result", "V-5"),
        ([0.0, float("inf")], "result.1", "V-5"),
        ({"a": ["\ud800"]}, "result.a.0", "V-5"),
        ({"\udfff": 1}, "result", "V-5"),
        ({1: 1}, "result", "V-3"),
        ({"a": object()}, "result.a", "V-3"),
        ({"a": {1, 2}}, "result.a", "V-3"),
        (b"a", "result", "V-3"),
        (10**MAX_INTEGER_LENGTH, "result", "V-3"),
        (-(10 ** (MAX_INTEGER_LENGTH - 1)), "result", "V-3"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_json_is_refused_where_it_stands(result: Any, path: str, rule: str) -> None:
    """V-3, V-5: NaN, infinities, lone surrogates, foreign keys and objects, and what could not be read again."""
    with pytest.raises(ValidationError) as caught:
        INFO.evolve(result=result)
    (error,) = caught.value.errors()
    assert ".".join(map(str, error["loc"])).startswith(path)
    assert error["ctx"]["spec_id"] == rule


def test_every_fault_of_a_result_is_told() -> None:
    """V-13: not the first alone, up to the bound."""
    with pytest.raises(ValidationError) as caught:
        INFO.evolve(result=[float("nan"), 1, "\ud800"])
    assert [error["loc"] for error in caught.value.errors()] == [("result", 0), ("result", 2)]
    with pytest.raises(ValidationError) as caught:
        INFO.evolve(result=[float("nan")] * 1000)
    assert caught.value.error_count() == MAX_VIOLATIONS


def nested_list(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def test_nesting_of_results_is_bounded() -> None:
    """V-3: 100 levels are taken, 101 are not; however deep, there is an answer and no crash."""
    deepest = nested_list(MAX_RESULT_DEPTH)
    assert read(result=deepest) == INFO.evolve(result=deepest)
    assert ListResult.from_json(json.dumps({"items": [{"task": "t", "info": BODY | {"result": deepest}}]})).items
    hundred = ',"result":' + '{"o":' * 99 + "{}" + "}" * 99 + "}"
    assert hundred[:-1].encode() in Info.from_json(json.dumps(BODY)[:-1] + hundred).to_json()
    for depth in (MAX_RESULT_DEPTH + 1, 500, 100_000):
        with pytest.raises(ValidationError, match="nested too deep"):
            INFO.evolve(result=nested_list(depth))
    objects = '{"o":' * 100 + "{}" + "}" * 100
    for text in (json.dumps(nested_list(101)), objects, "[" * 190 + "]" * 190, "[" * 100_000):
        with pytest.raises(InvalidValue, match="nested too deep"):
            Info.from_json(json.dumps(BODY)[:-1] + f',"result":{text}}}')
    circle: list[Any] = []
    circle += [circle, circle]
    with pytest.raises(ValidationError, match="nested too deep"):
        INFO.evolve(result=circle)


@pytest.mark.parametrize("count", [1, MAX_VIOLATIONS - 1, MAX_VIOLATIONS, 5000])
def test_the_violations_of_a_result_are_bounded(count: int) -> None:
    """V-13, V-3: also beside others."""
    text = json.dumps(BODY | {"result": [float("nan")] * count, "user": 1})
    with pytest.raises(InvalidValue) as caught:
        Info.from_json(text)
    found = min(count + 1, MAX_VIOLATIONS)
    assert (len(caught.value.violations), caught.value.is_complete) == (found, count < MAX_VIOLATIONS)
