"""Test that the result of a task is any JSON value, frozen and bounded (V-3)."""

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
def test_from_json_with_integer_past_the_length_limit_is_refused(sign: str, before: str, after: str) -> None:
    """V-3: The limit is MAX_INTEGER_LENGTH characters with the sign, even if the parser of this pydantic takes more."""
    text = sign + "9" * (MAX_INTEGER_LENGTH - len(sign))
    whole = json.dumps(BODY | {"result": "here"})
    read = Info.from_json(whole.replace('"here"', before + text + after))
    assert f'"result":{before}{text}{after}'.encode() in read.to_json()
    with pytest.raises(InvalidValue):
        Info.from_json(whole.replace('"here"', f"{before}{text}9{after}"))


# JSON values


@pytest.mark.parametrize("given", [{"a": [1]}, MappingProxyType({"a": (1,)}), {"a": (1,)}])
def test_result_of_each_type_is_frozen(given: Any) -> None:
    """V-3: A result holds tuples and read-only mappings, and is equal to the value that it comes from."""
    result: Any = INFO.evolve(result=given).result
    assert result["a"] == (1,)
    assert result == {"a": (1,)}
    with pytest.raises(TypeError, match="evolve"):
        result["a"] = 2
    assert copy.copy(result) is copy.deepcopy(result) is result
    assert hash(pickle.loads(pickle.dumps(result))) == hash(result)


def test_result_takes_any_json_value() -> None:
    """V-3: Integers of any length within the limit, doubles, the last of a repeated key, keys without an order."""
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
def test_result_with_a_value_that_is_not_json_is_refused_at_its_path(result: Any, path: str, rule: str) -> None:
    """V-3, V-5: Refuse NaN, infinities, lone surrogates, foreign keys and objects, and integers too long to be read again."""
    with pytest.raises(ValidationError) as caught:
        INFO.evolve(result=result)
    (error,) = caught.value.errors()
    assert ".".join(map(str, error["loc"])).startswith(path)
    assert error["ctx"]["spec_id"] == rule


def test_result_with_several_violations_reports_each_up_to_the_bound() -> None:
    """V-13."""
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


def test_result_nested_past_100_levels_is_refused() -> None:
    """V-3: Take 100 levels, refuse 101; no depth makes the reader crash."""
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
def test_from_json_with_many_violations_in_a_result_stops_at_the_bound(count: int) -> None:
    """V-13, V-3: The violations of the other fields count too."""
    text = json.dumps(BODY | {"result": [float("nan")] * count, "user": 1})
    with pytest.raises(InvalidValue) as caught:
        Info.from_json(text)
    found = min(count + 1, MAX_VIOLATIONS)
    assert (len(caught.value.violations), caught.value.is_complete) == (found, count < MAX_VIOLATIONS)
