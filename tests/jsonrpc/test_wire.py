"""Test how values are written: every kind, and every optional (J-5)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from snaptasks import (
    ArgumentLocations,
    DateTimeFormat,
    DynamicID,
    Error,
    ErrorType,
    ErrorValue,
    FileLocations,
    Info,
    ListItem,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Progress,
    Status,
    TransientIndication,
    value_type,
)
from snaptasks.testing import strategies
from tests.building import MESSAGE, plain_item
from tests.jsonrpc.example_service import TASKS, UNSET, ask, error_of, fields_of, output_of, tasks_of
from tests.jsonrpc.naive import naive_any, naive_name, naive_value

STD = "com.vmware.vapi.std"
INSTANT = datetime(2025, 1, 2, 3, 4, 5, 678000, UTC)


def raising(error: Error) -> Any:
    def source(filter: object) -> list[ListItem]:
        raise error

    return source


@given(strategies.populations(max_size=4))
def test_tasks_are_written_as_by_the_second_implementation(items: list[ListItem]) -> None:
    """J-5: Fields of each kind are set or unset; results are of every kind, and statuses may be unknown."""
    trees = [item.to_python() for item in items]
    assert output_of(ask(source=items)) == naive_value("result", {"items": trees})
    for item, tree in zip(items, trees, strict=True):
        assert output_of(ask("get", {"task": item.task}, source=items)) == naive_value("info", tree["info"])


@given(strategies.error_values(strategies.error_types(unknown=True)))
def test_errors_are_written_as_by_the_second_implementation(value: ErrorValue) -> None:
    """J-5: Write messages, data and challenge; an error of an unknown type is an Error that keeps its type."""
    response = ask(source=raising(Error.from_value(value)))
    fields = naive_value("error", value.to_python())["ERROR"][naive_name(value.error_type)]
    assert fields_of(response) == fields
    assert response.header("vapi-error") == naive_name(value.error_type)


@pytest.mark.parametrize("kind", [*ErrorType, ErrorType("NEW")])
def test_error_is_written_with_the_name_of_its_type(kind: ErrorType) -> None:
    """J-1, J-5, E-1: The name is in the body and in the header."""
    response = ask(source=raising(Error.from_value(ErrorValue(messages=[MESSAGE], error_type=kind))))
    assert error_of(response) == kind
    name = kind.lower() if kind.is_known else "error"
    assert response.header("vapi-error") == f"{STD}.errors.{name}"
    has_challenge = kind in {"UNAUTHENTICATED", "UNAUTHORIZED"}
    assert [*fields_of(response)] == ["messages", "data", "error_type"] + ["challenge"] * has_challenge


def test_task_with_every_optional_is_written_field_by_field() -> None:
    """J-5: The expected tree is written out by hand."""
    param = LocalizationParam(dt=INSTANT, format="LONG_DATE")
    text = LocalizableMessage(
        id="m",
        default_message='It\n"broke"',
        args=["x"],
        params={"b": LocalizationParam(i=1), "a": param},
        localized="ä",
    )
    info = plain_item(
        "t",
        description=text,
        parent="p",
        target=DynamicID(type="T", id="i"),
        status=Status.FAILED,
        error=ErrorValue(messages=[], error_type="UNAUTHORIZED", challenge="Bearer"),
        user="u",
        result=[None, {"k": None, "": True}, 1.5, []],
        vc_task="v",
    ).info
    unset = dict.fromkeys(("s", "dt", "i", "d", "l", "format", "precision"), UNSET)

    def entry(key: str, **fields: Any) -> Any:
        value = unset | {field: {"OPTIONAL": inner} for field, inner in fields.items()}
        return {"STRUCTURE": {"map-entry": {"key": key, "value": {"STRUCTURE": {f"{STD}.localization_param": value}}}}}

    assert output_of(ask("get", {"task": "t"}, source=[ListItem(task="t", info=info)])) == {
        "STRUCTURE": {
            f"{TASKS}.info": {
                "description": {
                    "STRUCTURE": {
                        f"{STD}.localizable_message": {
                            "id": "m",
                            "default_message": 'It\n"broke"',
                            "args": ["x"],
                            "params": {
                                "OPTIONAL": [
                                    entry("a", dt="2025-01-02T03:04:05.678Z", format="LONG_DATE"),
                                    entry("b", i=1),
                                ]
                            },
                            "localized": {"OPTIONAL": "ä"},
                        }
                    }
                },
                "service": "s",
                "operation": "o",
                "parent": {"OPTIONAL": "p"},
                "target": {"OPTIONAL": {"STRUCTURE": {f"{STD}.dynamic_ID": {"type": "T", "id": "i"}}}},
                "status": "FAILED",
                "cancelable": False,
                "error": {
                    "OPTIONAL": {
                        "ERROR": {
                            f"{STD}.errors.unauthorized": {
                                "messages": [],
                                "data": UNSET,
                                "error_type": {"OPTIONAL": "UNAUTHORIZED"},
                                "challenge": {"OPTIONAL": "Bearer"},
                            }
                        }
                    }
                },
                "start_time": {"OPTIONAL": "2025-11-04T12:00:00.000Z"},
                "end_time": {"OPTIONAL": "2025-11-04T12:01:00.000Z"},
                "user": {"OPTIONAL": "u"},
                "progress": {
                    "OPTIONAL": {
                        "STRUCTURE": {
                            f"{TASKS}.progress": {
                                "total": 100,
                                "completed": 100,
                                "message": naive_value("message", MESSAGE.to_python()),
                            }
                        }
                    }
                },
                "result": {"OPTIONAL": [UNSET, {"STRUCTURE": {"": {"k": UNSET, "": True}}}, 1.5, []]},
                "vc_task": {"OPTIONAL": "v"},
            }
        }
    }


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (ArgumentLocations(primary="p", secondary=["s"]), "argument_locations"),
        ({"primary": "p", "secondary": []}, "argument_locations"),
        ({"primary": "p", "secondary": None}, ""),  # with the name it would not read back equal
        ({"primary": "p", "secondary": [5]}, ""),
        ({"primary": None, "secondary": []}, ""),
        ({"primary": "p"}, ""),
        ({"primary": "p", "secondary": [], "more": 1}, ""),
        (TransientIndication(is_transient=False), "transient_indication"),
        ({"is_transient": 1}, ""),
        (FileLocations(primary="p"), "argument_locations"),  # it has the same fields
        ({}, ""),
    ],
)
def test_object_of_known_shape_is_written_with_its_name(data: Any, name: str) -> None:
    """J-5: Any other object has the empty name; a named object has every required field."""
    value = ErrorValue(messages=[], data=data, error_type="INVALID_ARGUMENT")
    written = fields_of(ask(source=raising(Error.from_value(value))))["data"]["OPTIONAL"]
    assert [*written["STRUCTURE"]] == [f"{STD}.errors.{name}" if name else ""]
    assert written == naive_any(value.to_python()["data"])
    item = plain_item("t", result=data)
    (info,) = output_of(ask("get", {"task": "t"}, source=[item]))["STRUCTURE"].values()
    assert info["result"] == {"OPTIONAL": written}


def test_map_without_entries_is_written_as_empty_list() -> None:
    """J-5: A map is not a structure; an empty object of a result is one."""
    item = plain_item("t", description=MESSAGE.evolve(params={}), result={"params": {}})
    (info,) = output_of(ask("get", {"task": "t"}, source=[item]))["STRUCTURE"].values()
    (description,) = info["description"]["STRUCTURE"].values()
    assert description["params"] == {"OPTIONAL": []}
    assert info["result"] == {"OPTIONAL": {"STRUCTURE": {"": {"params": {"STRUCTURE": {"": {}}}}}}}


def test_deep_values_are_written() -> None:
    """J-5, V-3, V-8: Write 100 levels of a result and 32 nested messages, under a stack of 400 calls."""
    nested = NestedLocalizableMessage(id="m")
    for _ in range(31):
        nested = NestedLocalizableMessage(id="m", params={"p": LocalizationParam(l=nested)})
    result: Any = 1
    for level in range(100):
        result = [result] if level % 2 else {"k": result}
    text = MESSAGE.evolve(params={"p": LocalizationParam(l=nested)})
    items = [plain_item("t", description=text, result=result)]
    tree = items[0].to_python()

    def called(depth: int) -> Any:
        return called(depth - 1) if depth else ask(source=items)

    assert output_of(called(400)) == naive_value("result", {"items": [tree]})


@pytest.mark.parametrize(
    "result",
    [
        10**4299,
        -(2**63),
        2**53 + 1,
        1.5,
        1e300,
        5e-324,
        -0.0,
        1e16,
        True,
        "",
        '\u2028\x00\x7f\U0001f600\\"',
        "</script>",
    ],
)
def test_numbers_and_texts_are_written_exactly(result: Any) -> None:
    """J-5: Any JSON parser reads them back equal."""
    (info,) = output_of(ask("get", {"task": "t"}, source=[plain_item("t", result=result)]))["STRUCTURE"].values()
    assert repr(info["result"]["OPTIONAL"]) == repr(result)


def test_unknown_names_are_written_unchanged() -> None:
    """J-5, V-6: They are a status, a format and an error type."""
    param = LocalizationParam(dt=INSTANT, format=DateTimeFormat("NEW"))
    error = ErrorValue(messages=[MESSAGE.evolve(params={"p": param})], error_type=ErrorType("NEWER"))
    item = plain_item("t", status=Status("NEWEST"), error=error)
    (info,) = output_of(ask("get", {"task": "t"}, source=[item]))["STRUCTURE"].values()
    assert info["status"] == "NEWEST"
    ((name, fields),) = info["error"]["OPTIONAL"]["ERROR"].items()
    assert (name, fields["error_type"]) == (f"{STD}.errors.error", {"OPTIONAL": "NEWER"})
    assert '{"OPTIONAL": "NEW"}' in json.dumps(fields)


@value_type
class Row(ListItem):
    secret: str


@value_type
class DetailedInfo(Info):
    secret: str


@value_type
class DetailedProgress(Progress):
    secret: str


@value_type
class DetailedMessage(LocalizableMessage):
    secret: str


@value_type
class DetailedError(ErrorValue):
    secret: str


def test_subclass_is_written_without_its_own_fields() -> None:
    """J-5, V-2: This holds at every depth, as in REST."""
    plain = plain_item("t", status=Status.FAILED, error=ErrorValue(messages=[MESSAGE], error_type="NOT_FOUND"))
    tree = plain.to_python()
    message = DetailedMessage(id="m", default_message="A message", secret="secret")
    info = DetailedInfo.from_python(tree["info"] | {"secret": "secret"}).evolve(
        description=message,
        progress=DetailedProgress(total=100, completed=100, message=message, secret="secret"),
        error=DetailedError(messages=(message,), error_type=ErrorType.NOT_FOUND, secret="secret"),
    )
    row = Row(task="t", info=info, secret="secret")
    assert tasks_of(ask(source=[row])) == ["t"]
    assert ask(source=[row]) == ask(source=[plain])
    assert ask("get", {"task": "t"}, source=[row]) == ask("get", {"task": "t"}, source=[plain])
    assert info.error is not None
    assert ask(source=raising(Error.from_value(info.error))) == ask(source=raising(Error.from_value(plain.info.error)))  # type: ignore[arg-type]


def test_equal_tasks_are_written_as_equal_bytes() -> None:
    """J-5, V-2: The order of their maps does not matter."""
    one = plain_item("t", result={"b": 1, "a": {"d": 1, "c": 2}})
    other = ListItem.from_python(json.loads(json.dumps(one.to_python(), sort_keys=True)))
    assert one == other
    assert ask(source=[one]).body == ask(source=[other]).body
