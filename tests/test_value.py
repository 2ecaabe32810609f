"""What holds for every value: building, reading, refusing, copying (V)."""

import copy
import dataclasses
import inspect
import json
import pickle
import subprocess
import sys
from collections import OrderedDict, defaultdict
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from importlib.metadata import version
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from snaptasks import (
    MAX_VIOLATIONS,
    ArgumentLocations,
    Caller,
    CommonInfo,
    DateTimeFormat,
    DateTimeFormatName,
    DynamicID,
    ErrorType,
    ErrorTypeName,
    ErrorValue,
    FilterSpec,
    Info,
    InvalidValue,
    ListItem,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Progress,
    Status,
    StatusName,
    Value,
    value_type,
)
from snaptasks._text import MAX_SHOWN
from snaptasks._value.frozen import MAX_INTEGER_LENGTH, MAX_RESULT_DEPTH
from tests.strategies import plain_item

ITEM = plain_item("t")
INFO = ITEM.info
PYDANTIC = tuple(map(int, version("pydantic").split(".")[:3]))
MESSAGE = LocalizableMessage(id="", default_message="")
BODY: dict[str, Any] = INFO.to_python()


def read(**changes: Any) -> Info:
    """An Info from the JSON of a valid one, with other fields."""
    return Info.from_json(json.dumps(BODY | changes))


def violations(call: Any) -> list[tuple[str, str]]:
    """Path and spec id of everything that reading refused."""
    with pytest.raises(InvalidValue) as caught:
        call()
    return [(violation.path, violation.spec_id) for violation in caught.value.violations]


def test_a_copy_with_changes_changes_nothing_else() -> None:
    """V-2: dataclasses.replace, copy.replace and pydantic's model_copy are evolve: validated, and the value stays."""
    before = ITEM.to_json()
    evolved = ITEM.evolve(task="other")
    assert dataclasses.replace(ITEM, task="other") == evolved != ITEM
    assert ITEM.__replace__(task="other") == evolved
    if sys.version_info >= (3, 13):
        assert copy.replace(ITEM, task="other") == evolved
    for change in (dataclasses.replace, type(ITEM).evolve, type(ITEM).__replace__):
        with pytest.raises(ValidationError):
            change(ITEM, task="")
    assert (ITEM.task, ITEM.to_json()) == ("t", before)
    spec = FilterSpec(users={"u"})
    assert spec.model_copy(update={"tasks": {"t"}}) == FilterSpec(users={"u"}, tasks={"t"})
    assert spec.model_copy() is spec.model_copy(deep=True) is spec
    with pytest.raises(ValidationError):
        spec.model_copy(update={"tasks": {""}})


def test_a_kept_text_is_no_part_of_a_task() -> None:
    """V-2: equality, hash, repr, pickle and copies know nothing of it, and every writer gives the same bytes."""
    written, fresh = plain_item("t", user="\u00e4"), plain_item("t", user="\u00e4")
    text = written.to_json()
    assert written.to_json() is text
    assert (written == fresh, hash(written) == hash(fresh), repr(written) == repr(fresh)) == (True, True, True)
    assert pickle.dumps(written) == pickle.dumps(fresh)
    assert written.evolve(task="u").to_json() == text.replace(b'"task":"t"', b'"task":"u"')
    for count in (0, 1, 3):
        result = ListResult(items=[written] * count)
        assert result.to_json() == TypeAdapter(ListResult).dump_json(result)
    assert text == TypeAdapter(ListItem).dump_json(fresh)


@value_type
class Page(ListResult):
    """A listing that tells one more thing."""

    next: str


@value_type
class Row(ListItem):
    """A task with a note of its own."""

    note: str = "secret"


def test_a_result_writes_the_fields_of_a_task_alone() -> None:
    """V-2, W-1: what a row has besides stays at home, whoever writes it."""
    row: ListItem = Row(task="t", info=INFO)
    for result in (ListResult(items=[row, ITEM]), ListResult(items=[row])):
        assert result.to_json() == TypeAdapter(ListResult).dump_json(result)
        assert b"secret" not in result.to_json()


@pytest.mark.parametrize("kind", [CommonInfo, Info])
def test_the_state_of_a_task_is_frozen(kind: type[CommonInfo]) -> None:
    """V-2: whichever of the two tells it."""
    state = kind(description=INFO.description, service="s", operation="o", status="PENDING", cancelable=False)
    with pytest.raises(ValidationError, match="frozen"):
        state.user = "u"  # type: ignore[misc]
    assert {state: 1}[state.evolve()] == 1


@value_type
class Param(LocalizationParam):
    """A parameter that tells one more thing."""

    more: int = 0


def test_the_rules_hold_for_values_with_more_fields() -> None:
    """V-13: what somebody adds to a value changes nothing about the rest."""
    assert Param.from_json('{"s":"x","more":1}') == Param(s="x", more=1)
    with pytest.raises(InvalidValue, match=r"i: must not stand beside s: exactly one of s, dt, i, d, l \[V-13\]"):
        Param.from_json('{"s":"x","i":1,"more":1}')
    for wrong in ({"more": 1}, {"s": "x", "i": 1}, {"s": "x", "more": "one"}, {"s": "x", "least": 1}):
        with pytest.raises(ValidationError):
            Param(**wrong)
    assert Param(s="x", more=2).evolve(s="y") == Param(s="y", more=2) != LocalizationParam(s="y")


def test_a_result_with_more_fields_writes_them() -> None:
    """W-1: joining the items is for what has nothing else."""
    page = Page(items=(ITEM,), next="p2")
    assert json.loads(page.to_json()) == {"items": [ITEM.to_python()], "next": "p2"}
    assert page.to_json() == TypeAdapter(Page).dump_json(page)


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


# Names and enumerations


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Status, "PENDING RUNNING BLOCKED SUCCEEDED FAILED"),
        (
            DateTimeFormat,
            "SHORT_DATE MED_DATE LONG_DATE FULL_DATE SHORT_TIME MED_TIME LONG_TIME FULL_TIME "
            "SHORT_DATE_TIME MED_DATE_TIME LONG_DATE_TIME FULL_DATE_TIME",
        ),
    ],
)
def test_enumerations_have_the_names_of_the_api(kind: type[Status], names: str) -> None:
    """V-1: these names, and 25 error types."""
    assert [member.value for member in kind] == names.split()
    assert len(ErrorType) == 25


@pytest.mark.parametrize(
    ("kind", "names"), [(Status, StatusName), (ErrorType, ErrorTypeName), (DateTimeFormat, DateTimeFormatName)]
)
def test_the_names_that_a_checker_knows_are_all(kind: type[Status], names: Any) -> None:
    """V-1: a checker finds a misspelt name, and knows each right one."""
    assert list(get_args(names)) == [member.value for member in kind]


def test_an_unset_format_stays_unset() -> None:
    """V-1: SHORT_DATE_TIME is what unset means, not what it becomes."""
    param = LocalizationParam(dt=datetime(2025, 1, 1, tzinfo=UTC))
    assert param.format is None
    assert b"format" not in param.to_json()


@pytest.mark.parametrize("kind", [Status, ErrorType, DateTimeFormat])
def test_an_unknown_name_is_kept(kind: type[Status]) -> None:
    """V-6: it is equal to itself, says that it is unknown, prints and travels."""
    new = kind("FROZEN")
    assert new == kind("FROZEN") == "FROZEN"
    assert hash(new) == hash(kind("FROZEN"))
    assert new != kind("frozen")
    assert not new.is_known
    assert all(member.is_known for member in kind)
    assert repr(new) == f"{kind.__name__}('FROZEN')"
    assert repr(next(iter(kind))).startswith(f"{kind.__name__}.")
    assert str(new) == new.name == new.value == "FROZEN"
    assert pickle.loads(pickle.dumps(new)) == new
    assert len(kind) == len(list(kind))  # it did not become a member


@pytest.mark.parametrize("wrong", [5, None, b"RUNNING", "\ud800"])
def test_what_cannot_be_a_name(wrong: Any) -> None:
    """V-5, V-6: only text that can be written is kept."""
    with pytest.raises(ValueError, match="is not a valid Status"):
        Status(wrong)


def test_unknown_enumerations_are_written_back_unchanged() -> None:
    """V-6: status, error type and format of a newer server survive."""
    error = {"messages": [], "error_type": "NEW"}
    text = {"id": "", "default_message": "", "args": [], "params": {"p": {"dt": BODY["start_time"], "format": "NEW"}}}
    info = read(status="FROZEN", error=error, description=text)
    assert not info.status.is_known
    assert info.to_python() == BODY | {"status": "FROZEN", "error": error, "description": text}


def test_str_of_an_enumeration_is_its_name() -> None:
    """V-11: also inside a text."""
    assert str(Status.RUNNING) == f"{Status.RUNNING}" == "RUNNING"


# Building


def test_building_takes_lists_tuples_sets_and_names() -> None:
    """V-11: what is not ambiguous is taken as it comes."""
    assert LocalizableMessage(id="i", default_message="d", args=["a"]).args == ("a",)
    assert LocalizableMessage(id="i", default_message="d").args == ()
    assert ArgumentLocations(primary="p").secondary == ()
    assert ListResult(items=[ITEM]).items == (ITEM,)
    expected = FilterSpec(tasks={"a"}, status={Status.FAILED})
    kinds: list[Any] = [set, frozenset, list, tuple]
    for collection in kinds:
        assert FilterSpec(tasks=collection(["a"]), status=collection(["FAILED"])) == expected
    assert FilterSpec(tasks=None) == FilterSpec()
    assert INFO.evolve(status="SUCCEEDED") == INFO
    assert Caller(user="u", privileges=["b", "a"]).privileges == {"a", "b"}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (FilterSpec, {"tasks": "abc"}),
        (FilterSpec, {"tasks": {"a": 1}}),
        (FilterSpec, {"tasks": iter(["a"])}),
        (FilterSpec, {"tasks": [["a"]]}),
        (FilterSpec, {"tasks": [b"a"]}),
        (FilterSpec, {"task": ["a"]}),
        (ListResult, {"items": {ITEM}}),
        (ListResult, {"items": iter([ITEM])}),
        (ListResult, {}),
        (LocalizableMessage, {"id": "i", "default_message": "d", "args": "abc"}),
        (LocalizableMessage, {"id": "i", "default_message": "d", "args": {"a"}}),
        (Progress, {"total": 1.0, "completed": 1, "message": INFO.description}),
        (Progress, {"total": True, "completed": 1, "message": INFO.description}),
        (Progress, {"total": "1", "completed": 1, "message": INFO.description}),
        (LocalizationParam, {"d": "1.0"}),
        (LocalizationParam, {"d": True}),
        (LocalizationParam, {"s": 1}),
        (LocalizationParam, {"dt": "2025-11-04 12:10:06.183Z"}),
        (LocalizationParam, {}),
        (LocalizationParam, {"dt": 0}),
    ],
)
def test_building_coerces_nothing(kind: type[Value], arguments: dict[str, Any]) -> None:
    """V-5, V-7, V-11: a bare str is no set, a generator is nothing, numbers and text stay apart, no unknown field."""
    with pytest.raises(ValidationError):
        kind(**arguments)


@pytest.mark.parametrize("name", ["succeeded", "SUCEEDED", "", 1, None, DateTimeFormat.LONG_DATE])
def test_building_takes_exact_names_only(name: Any) -> None:
    """V-11: a misspelt status is refused; one that this version does not know is given as Status(...)."""
    with pytest.raises(ValidationError):
        INFO.evolve(status=name)
    assert not INFO.evolve(status=Status("FROZEN")).status.is_known


class Text(str):
    __slots__ = ()


class Named(StrEnum):
    A = "a"


class Numbered(IntEnum):
    ONE = 1


def test_subclasses_become_plain() -> None:
    """V-2: equal values print the same, so that a subclass of a built-in type is not kept."""
    info = INFO.evolve(user=Text("a"), vc_task=Named.A, result={Text("k"): [Named.A, Numbered.ONE, Text("b")]})
    plain = INFO.evolve(user="a", vc_task="a", result={"k": ["a", 1, "b"]})
    assert info == plain
    assert repr(info) == repr(plain)
    assert info.to_json() == plain.to_json()


def test_evolve_validates_and_keeps() -> None:
    """V-2: a changed copy obeys the rules; None unsets; what does not change is kept as it came."""
    assert INFO.evolve(user="u").evolve(user=None) == INFO
    with pytest.raises(ValidationError, match="U-1"):
        INFO.evolve(status=Status.RUNNING)
    with pytest.raises(ValidationError, match="usr"):
        INFO.evolve(usr="u")  # type: ignore[call-arg]
    odd = read(parent="", user="")
    assert odd.evolve(vc_task="v").parent == ""
    assert odd.evolve(vc_task="v").to_python() == BODY | {"parent": "", "user": "", "vc_task": "v"}
    with pytest.raises(ValidationError, match="V-9"):
        odd.evolve(parent="")
    assert FilterSpec(tasks={"a"}).evolve(users={"u"}).model_fields_set == {"tasks", "users"}


def test_values_of_two_types_differ() -> None:
    """V-2: the same fields in another type are another value."""
    assert DynamicID(type="a", id="b") != ("a", "b")
    assert ArgumentLocations(primary="p") != DynamicID(type="p", id="")


def test_repr_tells_what_is_set() -> None:
    """V-2: and nothing else, sets in order."""
    spec = FilterSpec(services={"b", "a"}, status={Status.FAILED})
    assert repr(spec) == "FilterSpec(services={'a', 'b'}, status={Status.FAILED})"
    assert repr(ListResult(items=())) == "ListResult(items=())"


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


# Times


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2025-11-04T12:10:06Z", "2025-11-04T12:10:06.000Z"),
        ("2025-11-04T12:10:06.1Z", "2025-11-04T12:10:06.100Z"),
        ("2025-11-04T12:10:06.1839999999999999999999Z", "2025-11-04T12:10:06.183Z"),
        ("2025-11-04T12:10:06.9999Z", "2025-11-04T12:10:06.999Z"),
        ("2025-11-04T23:30:00+23:59", "2025-11-03T23:31:00.000Z"),
        ("2025-11-04T00:30:00.5-01:00", "2025-11-04T01:30:00.500Z"),
        ("2025-11-04T12:10:06-00:00", "2025-11-04T12:10:06.000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_times_are_read_and_written(text: str, written: str) -> None:
    """V-4: any number of digits and any offset in, UTC at milliseconds held, three digits and Z out."""
    info = read(start_time=text)
    assert info.to_python()["start_time"] == written
    assert info.start_time is not None
    assert info.start_time.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-04T12:10:06",
        "2025-11-04t12:10:06Z",
        "2025-11-04T12:10:06z",
        "2025-11-04 12:10:06Z",
        "2025-11-04T24:00:00Z",
        "2025-11-04T23:59:60Z",
        "2025-11-04T12:10:06+24:00",
        "2025-11-04T12:10:06+0100",
        "2025-11-04T12:10:06+01",
        "2025-11-04T12:10:06,5Z",
        "2025-11-04T12:10:06.Z",
        "2025-11-04T12:10Z",
        "2025-11-04",
        "2025-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "20251104T121006Z",
        "2025-W45-2T12:10:06Z",
        "\u0662\u0660\u0662\u0665-11-04T12:10:06Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2025-11-04T12:10:06Z\n",
        "",
        "9" * 100_000,
        0,
        1762258206.5,
        True,
    ],
)
def test_times_that_are_refused(text: Any) -> None:
    """V-4: no offset, lower case, 24:00, :60, an offset of a day, an instant outside UTC, and no other format."""
    (violation,) = violations(lambda: read(start_time=text))
    assert violation in {("start_time", "V-4"), ("start_time", "V-5")}


def test_times_are_built_from_aware_datetimes() -> None:
    """V-4: of any zone and any precision; what UTC cannot hold is refused, and so is a naive one."""
    zone = timezone(timedelta(hours=5, minutes=30))
    info = INFO.evolve(start_time=datetime(2025, 11, 4, 17, 40, 6, 183_999, tzinfo=zone, fold=1))
    assert info.start_time == datetime(2025, 11, 4, 12, 10, 6, 183_000, tzinfo=UTC)
    assert "fold" not in repr(info)
    for wrong in (datetime(2025, 1, 1), datetime(1, 1, 1, tzinfo=zone)):  # noqa: DTZ001
        with pytest.raises(ValidationError, match="V-4"):
            INFO.evolve(start_time=wrong)


# Numbers and text


def test_int64_is_checked() -> None:
    """V-5: both ends are in range, and no other kind of number or text is one."""
    text = INFO.description.to_python()
    for number in (-(2**63), 2**63 - 1):
        assert Progress.from_json(json.dumps({"total": number, "completed": 0, "message": text})).total == number
    for wrong in (2**63, -(2**63) - 1, 10**4000, 1.0, 1e2, True, "1", None):
        body = json.dumps({"total": wrong, "completed": 0, "message": text})
        assert [path for path, _ in violations(lambda body=body: Progress.from_json(body))] == ["total"]


def test_doubles_are_checked() -> None:
    """V-5: an integer is a JSON number too; NaN, infinities and what overflows are refused."""
    assert LocalizationParam.from_json('{"d":1}').to_json() == LocalizationParam(d=1).to_json() == b'{"d":1.0}'
    for wrong in ("NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400, "true", '"1"'):
        assert violations(lambda wrong=wrong: LocalizationParam.from_json(f'{{"d":{wrong}}}')) == [("d", "V-5")]


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\udfff\\ud800"', '"\ud800"', '{"\\ud800":1}', '"\\ud83d"'])
def test_lone_surrogates_are_refused_when_read(text: str) -> None:
    """V-5: as an escape or as such, in a field, a result or a key."""
    for field in ("user", "result", "vc_task"):
        with pytest.raises(InvalidValue) as caught:
            Info.from_json(json.dumps(BODY)[:-1] + f',"{field}":{text}}}')
        (violation,) = caught.value.violations
        assert violation.spec_id == "V-5"
        assert violation.code == ("wrong_type" if field != "result" and text.startswith("{") else "surrogate")
        assert violation.path == field


def test_lone_surrogates_are_refused_when_built() -> None:
    """V-5: in every kind of text field, and in keys."""
    for build in (
        lambda: INFO.evolve(user="\ud800"),
        lambda: INFO.evolve(service="\ud800"),
        lambda: FilterSpec(users={"\ud800"}),
        lambda: LocalizableMessage(id="", default_message="", params={"\ud800": LocalizationParam(i=1)}),
        lambda: LocalizableMessage(id="", default_message="", args=("\ud800",)),
        lambda: NestedLocalizableMessage(id="\ud800"),
    ):
        with pytest.raises(ValidationError, match="unicode"):
            build()


def test_every_other_character_is_text() -> None:
    """V-5, V-12: NUL, controls and the last code point travel."""
    odd = "\x00\x1f\x7f\u202e\ufeff\uffff\U0010ffff\N{SNOWMAN}"
    assert Info.from_json(INFO.evolve(user=odd).to_json()).user == odd


# Empty identifiers


@pytest.mark.parametrize("kind", [Info, CommonInfo])
@pytest.mark.parametrize("field", ["service", "operation", "parent", "user"])
def test_empty_identifiers_are_refused_when_built(field: str, kind: type[CommonInfo]) -> None:
    """V-9: whichever of the two tells the state, built or evolved."""
    built = {name: getattr(INFO, name) for name in kind.__pydantic_fields__}
    empty: dict[str, Any] = {field: ""}
    with pytest.raises(ValidationError, match=field):
        kind(**(built | empty))
    with pytest.raises(ValidationError, match=field):
        kind(**built).evolve(**empty)


@pytest.mark.parametrize("field", list(FilterSpec.model_fields))
def test_empty_members_are_refused(field: str) -> None:
    """V-9: built or read; the path is the field, for the place in a set means nothing (V-13)."""
    with pytest.raises(ValidationError):
        FilterSpec(**{field: {""}})  # type: ignore[arg-type]
    ((path, rule),) = violations(lambda: FilterSpec.from_json(json.dumps({field: ["RUNNING", ""]})))
    assert (path, rule) == (field, "F-7" if field == "status" else "V-9")


def test_empty_identifiers_when_read() -> None:
    """V-9: task, service and operation must not be empty; parent and user are kept as they came."""
    info = read(parent="", user="")
    assert (info.parent, info.user) == ("", "")
    assert Info.from_json(info.to_json()) == info == pickle.loads(pickle.dumps(info))
    assert violations(lambda: read(service="", operation="")) == [("service", "V-9"), ("operation", "V-9")]
    assert violations(lambda: ListItem.from_json(json.dumps({"task": "", "info": BODY}))) == [("task", "V-9")]
    with pytest.raises(ValidationError):
        ListItem(task="", info=INFO)


# Reading


def test_null_is_unset_and_unknown_fields_are_passed_over() -> None:
    """V-7, W-1: null means unset, unset is not written, and what a newer server adds does not break a reader."""
    info = read(target=None, user=None, new_field={"deep": [1]}, description=BODY["description"] | {"new": 1})
    assert info == INFO
    assert b"null" not in info.to_json()


def test_unknown_fields_of_a_filter_are_refused() -> None:
    """V-7: a misspelt field would widen the answer."""
    assert violations(lambda: FilterSpec.from_json('{"task":["a"]}')) == [("task", "V-7")]
    assert FilterSpec.from_json('{"tasks":null,"users":[]}') == FilterSpec()


def test_every_violation_is_told_in_document_order() -> None:
    """V-13, U-4: fields and the rules between them, where they stand; what is missing comes after what is there."""
    body = {
        "status": "RUNNING",
        "end_time": BODY["end_time"],
        "user": 5,
        "progress": {"total": "x"},
        "description": {"id": "", "default_message": "", "args": [1, "a", 2]},
        "operation": "",
        "cancelable": False,
        "start_time": None,
    }
    with pytest.raises(InvalidValue) as caught:
        ListResult.from_json(json.dumps({"items": [{"info": body, "task": 7}]}))
    told = [(violation.path, violation.spec_id) for violation in caught.value.violations]
    assert told == [
        ("items.0.info.end_time", "U-1"),
        ("items.0.info.user", "V-5"),
        ("items.0.info.progress.total", "V-5"),
        ("items.0.info.progress.completed", "V-13"),
        ("items.0.info.progress.message", "V-13"),
        ("items.0.info.description.args.0", "V-5"),
        ("items.0.info.description.args.2", "V-5"),
        ("items.0.info.operation", "V-9"),
        ("items.0.info.start_time", "U-1"),
        ("items.0.info.service", "V-13"),
        ("items.0.task", "V-5"),
    ]
    end_time = caught.value.violations[0]
    assert end_time.clashes == ("items.0.info.status",)
    assert BODY["end_time"] in end_time.value
    assert (end_time.rule, end_time.code) == ("must not be set: RUNNING excludes end_time", "forbidden_by_status")
    assert caught.value.is_complete
    assert str(caught.value).startswith("11 violations in ListResult\n")
    assert str(caught.value).count("\n") == 11
    assert isinstance(caught.value, ValueError)


def test_violations_are_bounded() -> None:
    """V-13: looking ends at the hundredth, and the error says so; each violation is short."""
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
        assert len(violation.value) <= MAX_SHOWN
        assert len(violation.path) <= MAX_SHOWN + len("description.params.")


def test_every_element_of_every_collection_is_told() -> None:
    """V-13: behind the first bad element the others are read too, in the order of the document, however deep."""
    param = {"l": {"id": 1, "params": {"p": {"s": 1}, "a": {"i": "x"}, "c": {"s": ""}, "u": {"new": 1}}}}
    text = {"id": "", "default_message": "", "args": [1, "a", None]}
    items = [{"task": "t", "info": BODY | {"description": text | {"params": {"z": param, "b": {}}}}}, 5, {"task": ""}]
    assert violations(lambda: ListResult.from_json(json.dumps({"items": items}))) == [
        ("items.0.info.description.args.0", "V-5"),
        ("items.0.info.description.args.2", "V-13"),
        ("items.0.info.description.params.z.l.id", "V-5"),
        ("items.0.info.description.params.z.l.params.p.s", "V-5"),
        ("items.0.info.description.params.z.l.params.a.i", "V-5"),
        ("items.1", "V-13"),
        ("items.2.task", "V-9"),
        ("items.2.info", "V-13"),
    ]
    assert violations(lambda: FilterSpec.from_json('{"status":["NEW","FAILED",5],"tasks":["",""],"x":1}')) == [
        ("status", "F-7"),
        ("status", "F-7"),
        ("tasks", "V-9"),
        ("tasks", "V-9"),
        ("x", "V-7"),
    ]


CHILD = """
import pathlib, re, sys
from snaptasks import FilterSpec, InvalidValue, ListResult, LocalizableMessage
def peak():  # of this process alone; what getrusage tells begins with the peak of its parent
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
DEEP = '"p":{"l":{"params":{' * 31 + "}}}" * 31  # fields missing on every level


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
def test_a_hostile_text_takes_little_memory(kind: str, before: str, each: str, after: str) -> None:
    """V-13: a text of 1 MiB takes at most so many times its length, whatever it holds; its tree takes up to 40 times."""
    arguments = [sys.executable, "-c", CHILD, kind, before, each, after]
    done = subprocess.run(arguments, capture_output=True, check=True, text=True)
    count, times = map(int, done.stdout.split())
    assert 1 <= count <= MAX_VIOLATIONS
    # The parser of pydantic alone took up to 200 times before 2.14.2.
    assert times <= (120 if PYDANTIC >= (2, 14, 2) else 240)


@pytest.mark.parametrize(
    ("kind", "text", "stands"),
    [
        (NestedLocalizableMessage, '{"id":"","params":{"p":5,"p":{"s":""}}}', '{"id":"","params":{"p":{"s":""}}}'),
        (NestedLocalizableMessage, '{"id":5,"id":""}', '{"id":""}'),
        (FilterSpec, '{"tasks":[""],"tasks":["t"]}', '{"tasks":["t"]}'),
    ],
)
def test_of_a_repeated_key_the_last_stands(kind: type[Value], text: str, stands: str) -> None:
    """V-3, V-13: for fields and parameters as for results; an earlier one that is wrong does no harm, or is no excuse."""
    assert kind.from_json(text) == kind.from_json(stands)
    broken = '{"id":"","params":{"p":{"s":""},"q":{"s":1},"p":5}}'
    assert violations(lambda: NestedLocalizableMessage.from_json(broken)) == [
        ("params.p", "V-13"),
        ("params.q.s", "V-5"),
    ]


@pytest.mark.parametrize("count", [1, MAX_VIOLATIONS - 1, MAX_VIOLATIONS, 5000])
def test_the_violations_of_a_result_are_bounded(count: int) -> None:
    """V-13, V-3: also beside others."""
    text = json.dumps(BODY | {"result": [float("nan")] * count, "user": 1})
    with pytest.raises(InvalidValue) as caught:
        Info.from_json(text)
    found = min(count + 1, MAX_VIOLATIONS)
    assert (len(caught.value.violations), caught.value.is_complete) == (found, count < MAX_VIOLATIONS)


def test_a_deep_text_is_read_once() -> None:
    """V-8, V-13: many parameters inside 32 messages inside one another are not looked at again for each of them."""
    inner = ",".join(f'"{number}":{{"s":""}}' for number in range(4000)) + ',"x":{"s":0}'
    for _ in range(30):
        inner = f'"p":{{"l":{{"id":"","params":{{{inner}}}}}}}'
    text = f'{{"id":"","default_message":"","args":[],"params":{{{inner}}}}}'
    calls = 0

    def count(frame: Any, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        with pytest.raises(InvalidValue) as caught:
            LocalizableMessage.from_json(text)
    finally:
        sys.setprofile(None)
    assert len(caught.value.violations) == 1
    assert (
        calls < 30 * 4000 * 40
    )  # some 25 for each parameter; 30 times as many where each level looks at all inside it


def test_a_violation_is_safe_to_print() -> None:
    """V-13: what came from outside is shown escaped, in the value as well as in a huge number."""
    (violation,) = violation_of(lambda: read(cancelable="\x1b[31m\u202e"))
    assert "\x1b" not in str(violation)
    assert "\u202e" not in str(violation)
    (violation,) = violation_of(lambda: read(user=10**4299))
    assert len(violation.value) <= MAX_SHOWN


def violation_of(call: Any) -> tuple[Any, ...]:
    with pytest.raises(InvalidValue) as caught:
        call()
    return caught.value.violations


def test_a_number_too_long_to_print_is_told_by_its_type() -> None:
    """V-13: the interpreter may refuse to print a number; the violation is told all the same."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        text = json.dumps(BODY)[:-1] + ',"user":' + "1" * 4000 + "}"
        (violation,) = violation_of(lambda: Info.from_json(text))
    finally:
        sys.set_int_max_str_digits(before)
    assert "int" in violation.value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        "",
        b"\xff",
        "{",
        "nonsense",
        '{"items":[',
        "[]",
        "5",
        "null",
        b"\xef\xbb\xbf{}",
        "<html>",
        '"\\x"',
        '{"a":1}{',
    ],
)
def test_what_is_no_value_at_all(text: bytes | str) -> None:
    """V-13: every text is read or refused with an InvalidValue, never with a decoder's own error."""
    for kind in (ListResult, Info, LocalizableMessage):
        with pytest.raises(InvalidValue) as caught:
            kind.from_json(text)
        assert caught.value.kind == kind.__name__
        assert caught.value.__context__ is None


def test_what_is_no_text_is_a_mistake_of_the_caller() -> None:
    """V-13: only text is read."""
    with pytest.raises(TypeError, match="bytes or str, not dict"):
        Info.from_json({})  # type: ignore[arg-type]


def test_violations_travel() -> None:
    """V-13: an InvalidValue survives pickling."""
    with pytest.raises(InvalidValue) as caught:
        read(user=5)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.violations == caught.value.violations
    assert str(again) == str(caught.value)


def test_arguments_that_are_missing_or_null_are_none() -> None:
    """V-11: built, or read from a server that leaves an empty list out; a field without a default must be set."""
    for body in ({"id": "", "default_message": ""}, {"id": "", "default_message": "", "args": None}):
        assert LocalizableMessage.from_json(json.dumps(body)) == LocalizableMessage(**body) == MESSAGE
    for body in ({"id": ""}, {"id": "", "default_message": None}):
        with pytest.raises(InvalidValue, match=r"default_message: must be set \[V-13\]"):
            LocalizableMessage.from_json(json.dumps(body))
    assert ArgumentLocations.from_json('{"primary":"p"}') == ArgumentLocations(primary="p")
    assert ArgumentLocations.from_json('{"primary":"p","secondary":null}') == ArgumentLocations(primary="p")


def test_a_tree_may_hold_values_and_odd_dicts() -> None:
    """V-14: an instance is taken as it is, and looked at no more; a dict of any kind is read, and stays as it is."""
    assert ListItem.from_python(OrderedDict(info=INFO, task="t")).info is INFO
    assert Info.from_python(defaultdict(list, BODY)) == INFO
    assert violations(lambda: ListItem.from_python({"task": 5, "info": INFO})) == [("task", "V-5")]
    assert INFO.from_python(INFO) is INFO
    with pytest.raises(InvalidValue, match="must be an object"):
        Info.from_python(ITEM)
    result = {"a": [1, {"b": []}]}
    assert Info.from_python(BODY | {"result": result}).result == {"a": (1, {"b": ()})}
    assert result == {"a": [1, {"b": []}]}


@pytest.mark.parametrize(
    ("kind", "tree", "path"),
    [
        (DynamicID, {"type": "t", "id": "i", 5: 1}, "5"),
        (ListItem, {"task": "t", "info": BODY, ("a", 1): None}, "('a', 1)"),
        (LocalizableMessage, {"id": "", "default_message": "", "params": {5: {"s": ""}}}, "params"),
        (LocalizableMessage, {"id": "", "default_message": "", "params": {"\ud800": {"s": ""}}}, "params"),
        (LocalizationParam, {"dt": INFO.start_time, "format": "\ud800"}, "format"),
        (LocalizationParam, {"dt": 5}, "dt"),
        (FilterSpec, {5: 1}, "5"),
        (ListItem, MappingProxyType({"task": "t", "info": INFO}), ""),
    ],
)
def test_what_is_no_parsed_json_is_refused_where_it_stands(kind: type[Value], tree: Any, path: str) -> None:
    """V-13, V-14: keys that are no text, lone surrogates that no parser lets through; never another error."""
    with pytest.raises(InvalidValue) as caught:
        kind.from_python(tree)
    assert caught.value.violations[0].path == path


@value_type
class Even(ListItem):
    """A task with a number of which only pydantic knows the rule."""

    number: Annotated[int, Field(multiple_of=2)]


def number_is_lucky(number: int) -> int:
    if number == 13:
        raise PydanticCustomError("unlucky", "{number} brings no luck", {"number": number, "rule": "none"})
    return number


@value_type
class Booked(ListItem):
    """A task with fields of types that only pydantic knows."""

    when: datetime
    tags: tuple[str, ...]
    children: list[ListItem]
    note: str | None
    number: Annotated[int, AfterValidator(number_is_lucky)] = 0


BOOKED: dict[str, Any] = {
    **ITEM.to_python(),
    "when": "2025-11-04T12:00:00Z",
    "tags": ["a"],
    "children": [ITEM.to_python()],
    "note": None,
}


def test_added_fields_are_read_alike_from_a_text_and_from_its_tree() -> None:
    """V-14: and a refusal blames no field that is right."""
    booked = Booked.from_python(BOOKED)
    assert booked == Booked.from_json(json.dumps(BOOKED)) == Booked(**BOOKED)
    assert Booked.from_python(booked.to_python()) == Booked.from_json(booked.to_json()) == booked
    for read in (Booked.from_python, lambda tree: Booked.from_json(json.dumps(tree))):
        assert violations(lambda read=read: read(BOOKED | {"task": ""})) == [("task", "V-9")]
        (violation,) = violation_of(lambda read=read: read(BOOKED | {"number": 13}))
        assert (violation.path, violation.code, violation.rule) == ("number", "unlucky", "13 brings no luck")
    with pytest.raises(ValidationError, match="13 brings no luck"):
        dataclasses.replace(booked, number=13)
    with pytest.raises(ValidationError, match=r"note\n  Field required"):
        Booked(**{name: value for name, value in BOOKED.items() if name != "note"})
    assert TypeAdapter(Booked).json_schema()["required"] == [
        "task",
        "info",
        "when",
        "tags",
        "children",
        "note",
    ]


@value_type
class Either(ListItem):
    """A task with a field of one of two kinds."""

    either: Progress | LocalizableMessage
    number: int


def test_a_field_of_two_kinds_is_looked_at_by_pydantic_alone() -> None:
    """V-13: a refusal of another field blames neither kind."""
    tree = ITEM.to_python() | {"either": MESSAGE.to_python(), "number": 1}
    assert Either.from_python(tree).either == Either.from_json(json.dumps(tree)).either == MESSAGE
    assert [path for path, _ in violations(lambda: Either.from_python(tree | {"number": []}))] == ["number"]


def test_a_kind_of_value_has_no_constructor_of_its_own() -> None:
    """V-14: a reader would not call it."""
    with pytest.raises(TypeError, match="__init__ of its own"):
        value_type(type("Own", (ListItem,), {"__init__": lambda self: None, "__annotations__": {}}))


def test_values_become_dicts_as_dataclasses_do() -> None:
    """V-2: with every map and result in them."""
    text = MESSAGE.evolve(params={"p": LocalizationParam(i=1)})
    info = INFO.evolve(result={"a": {"b": [1]}}, description=text)
    tree = dataclasses.asdict(info)
    assert (tree["result"], tree["description"]["params"]["p"]["i"]) == ({"a": {"b": (1,)}}, 1)
    assert Info(**tree) == info
    with pytest.raises(TypeError, match="cannot change"):
        info.result.__class__ = dict


def test_a_builder_is_told_which_rule_asks_for_a_field() -> None:
    """U-4: a field that only the status asks for is not simply missing; one that is always asked for is."""
    with pytest.raises(ValidationError) as caught:
        Info(description=MESSAGE, service="s", status="RUNNING", cancelable=False)  # type: ignore[call-arg]
    assert [(error["loc"], error["type"]) for error in caught.value.errors()] == [(("operation",), "missing")]
    with pytest.raises(ValidationError) as caught:
        Info(description=MESSAGE, service="s", operation="o", status="RUNNING", cancelable=False, parent="")
    assert {(error["loc"][0], error["type"]) for error in caught.value.errors()} == {
        ("start_time", "required_by_status"),
        ("progress", "required_by_status"),
        ("parent", "empty"),
    }


class Odd:
    """A key that cannot be printed."""

    def __repr__(self) -> str:
        raise RuntimeError


class Unhashable(str):
    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("kind", "tree"),
    [(FilterSpec, {10**5000: 1}), (FilterSpec, {Odd(): 1}), (DynamicID, {Odd(): 1}), (Info, BODY | {"status": []})],
    ids=["long", "odd", "odd in a value", "list"],
)
def test_what_cannot_be_shown_is_refused_all_the_same(kind: type[Value], tree: Any) -> None:
    """V-13: with the error of every other refusal."""
    with pytest.raises(InvalidValue) as caught:
        kind.from_python(tree)
    assert str(caught.value)


def test_a_text_of_an_odd_kind_is_a_text() -> None:
    """V-14: the plain text is what counts."""
    assert FilterSpec.from_python({"status": [Unhashable("FAILED")]}) == FilterSpec(status={"FAILED"})
    assert Info.from_python(BODY | {"status": Unhashable("SUCCEEDED"), "user": Unhashable("u")}) == INFO.evolve(
        user="u"
    )
    with pytest.raises(InvalidValue, match="RUNNING excludes end_time"):
        Info.from_python(BODY | {"status": Unhashable("RUNNING")})


def test_the_rules_of_added_fields_are_told_as_pydantic_has_them() -> None:
    """V-13: their codes are pydantic's own."""
    with pytest.raises(InvalidValue) as caught:
        Even.from_python(ITEM.to_python() | {"number": 3})
    (violation,) = caught.value.violations
    assert (violation.path, violation.code) == ("number", "multiple_of")
    assert Even.from_python(ITEM.to_python() | {"number": 4}).number == 4


def test_every_violation_has_a_stable_code() -> None:
    """V-13: programs look at codes; these are those that reading tells."""
    long = {"total": 2**63, "completed": -(2**63) - 1, "message": {"id": 1, "default_message": ""}}
    body = BODY | {"status": "RUNNING", "user": "\ud800", "service": "", "cancelable": 1, "progress": long}
    body |= {"start_time": "now", "result": float("nan"), "target": {"type": "t"}, "description": []}
    assert {v.path: v.code for v in violation_of(lambda: Info.from_python(body))} == {
        "description": "wrong_type",
        "service": "empty",
        "cancelable": "wrong_type",
        "start_time": "not_a_time",
        "end_time": "forbidden_by_status",
        "user": "surrogate",
        "progress.total": "out_of_range",
        "progress.completed": "out_of_range",
        "progress.message.id": "wrong_type",
        "result": "not_finite",
        "target.id": "missing",
    }
    assert {v.code for v in violation_of(lambda: FilterSpec.from_python({"status": ["NEW"], "x": 1}))} == {
        "unknown_name",
        "unknown_field",
    }
    assert {v.code for v in violation_of(lambda: Info.from_json("{"))} == {"not_json"}
    assert {v.code for v in violation_of(lambda: LocalizationParam.from_json('{"s":"","i":1}'))} == {"not_alone"}


# Frameworks


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_schemas_can_be_made(mode: Literal["validation", "serialization"]) -> None:
    """W-1, V-4: a framework can describe every value, built or written."""
    for kind in (ListResult, FilterSpec, ErrorValue, Caller, Info):
        assert TypeAdapter(kind).json_schema(mode=mode)["type"] == "object"
    start = TypeAdapter(Info).json_schema(mode=mode)["properties"]["start_time"]
    assert start["anyOf"] == [{"type": "string", "format": "date-time"}, {"type": "null"}]
    data = TypeAdapter(ErrorValue).json_schema(mode=mode)["properties"]["data"]
    assert data["anyOf"][0] == {"type": "object", "additionalProperties": True}  # any names


def test_a_framework_that_writes_a_model_of_its_own_keeps_the_form() -> None:
    """V-2, W-1: unset is left out and times have three digits, wherever a value stands."""

    class Page(BaseModel):
        result: ListResult

    written = Page(result=ListResult(items=[ITEM])).model_dump_json()
    assert json.loads(written) == {"result": {"items": [ITEM.to_python()]}}


# Nested messages


def chain(length: int) -> dict[str, Any]:
    """The JSON of a chain of nested messages."""
    message: dict[str, Any] = {"id": "n"}
    for _ in range(length - 1):
        message = {"id": "n", "params": {"p": {"l": message}}}
    return message


def test_nested_messages_are_bounded_when_read() -> None:
    """V-8: 32 inside one another are read wherever they may stand, the 33rd is not, nor any deeper text."""
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


def test_nested_messages_are_bounded_when_built() -> None:
    """V-8: step by step, or from any depth of plain dicts, in a circle or with shared parts."""
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


@pytest.mark.parametrize(
    ("text", "told"), [('{"s":1}', "1 violation in "), ('{"s":1,"precision":"x"}', "3 violations in ")]
)
def test_violations_are_counted_in_words(text: str, told: str) -> None:
    """V-13: one is one."""
    with pytest.raises(InvalidValue) as raised:
        LocalizationParam.from_json(text)
    assert str(raised.value).startswith(told)


@pytest.mark.parametrize("kind", [FilterSpec, Caller])
def test_a_signature_names_the_fields_and_makes_no_parameters(kind: type[Any]) -> None:
    """F-3, A-1: a framework that makes parameters of a signature would take sets for a body, and drop the query."""
    parameters = inspect.signature(kind).parameters
    assert [*parameters] == [*kind.model_fields]
    assert {each.kind for each in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert [name for name, each in parameters.items() if each.default is each.empty] == (
        ["user"] if kind is Caller else []
    )
    for parameter in parameters.values():
        with pytest.raises(TypeError, match="would drop the query"):
            TypeAdapter(parameter.annotation)


def test_a_subclass_that_is_completed_later_makes_no_parameters_either() -> None:
    """A-1: pydantic makes a signature again once it knows what a field names."""

    class Known(Caller, frozen=True):
        deputy: "Deputy | None" = None

    class Deputy(Caller, frozen=True):
        pass

    Known.model_rebuild(_types_namespace={"Deputy": Deputy})
    assert Known(user="u", deputy=Deputy(user="d")).deputy == Deputy(user="d")
    parameters = inspect.signature(Known).parameters
    assert [*parameters] == ["user", "privileges", "deputy"]
    for parameter in parameters.values():
        with pytest.raises(TypeError, match="would drop the query"):
            TypeAdapter(parameter.annotation)
