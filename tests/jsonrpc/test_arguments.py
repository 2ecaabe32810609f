"""The arguments of a call: structures and optionals around a filter or an id (J-4)."""

import json
from typing import Any, NoReturn

import pytest

from snaptasks import MAX_MEMBERS, MAX_QUERY_LENGTH
from tests.jsonrpc.example_service import (
    TASKS,
    UNSET,
    ask,
    call_of,
    error_of,
    fields_of,
    filter_of,
    output_of,
    send,
    structure,
    tasks_of,
    text_of,
)

ALL = ["a", "b/c", "d+ä %", "hidden"]
FILTER = f"{TASKS}.filter_spec"


def untouched(*_: object) -> NoReturn:
    raise AssertionError


def with_input(input: Any, operation: str = "list") -> Any:
    call = call_of(operation)
    call["params"]["input"] = input
    return call


def primary_of(response: Any) -> str:
    """The argument that an error names as the one at fault."""
    data = fields_of(response)["data"]["OPTIONAL"]["STRUCTURE"]["com.vmware.vapi.std.errors.argument_locations"]
    assert data["secondary"] == []
    primary: str = data["primary"]
    return primary


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"filter": UNSET},
        filter_of(),
        filter_of(tasks=None),
        filter_of(tasks=[], operations=[], services=[], status=[], users=[]),
        {"zz": UNSET},
        filter_of(zz=None),
    ],
)
def test_what_is_unset_constrains_nothing(arguments: Any) -> None:
    """J-4, F-3: whether it is missing, unset or empty, and also where it is unknown."""
    assert tasks_of(ask(arguments=arguments)) == ALL


@pytest.mark.parametrize(
    ("fields", "tasks"),
    [
        ({"tasks": ["hidden", "a", "a"]}, ["a", "hidden"]),
        ({"services": ["other"]}, ["b/c"]),
        ({"operations": ["o"]}, ALL),
        ({"status": ["PENDING"]}, ["d+ä %"]),
        ({"users": ["u", "none"], "status": None}, ["a", "b/c"]),
        ({"tasks": ["a%", "a,b", "d+ä %"]}, ["d+ä %"]),
    ],
)
def test_a_filter_is_that_of_a_query(fields: Any, tasks: list[str]) -> None:
    """J-4, F-2: members are taken as they stand; no escape, plus or comma means anything."""
    assert tasks_of(ask(arguments=filter_of(**fields))) == tasks


def test_the_name_of_the_input_is_passed_over() -> None:
    """J-4: as the official runtime does."""
    assert tasks_of(send(with_input(structure({}, "any other")))) == ALL


@pytest.mark.parametrize(
    "wrong",
    [
        ...,
        None,
        [],
        "x",
        {},
        {"filter": UNSET},
        {"STRUCTURE": None},
        {"STRUCTURE": {}},
        {"STRUCTURE": {"operation-input": None}},
        {"STRUCTURE": {"operation-input": {}, "b": {}}},
        {"STRUCTURE": {"operation-input": {}}, "OPTIONAL": None},
        {"STRUCT": {"operation-input": {}}},
    ],
)
@pytest.mark.parametrize("operation", ["list", "get"])
def test_an_input_of_another_shape_is_an_invalid_argument(wrong: Any, operation: str) -> None:
    """J-4: and what it must be is said."""
    call = with_input(wrong, operation)
    if wrong is ...:
        del call["params"]["input"]
    response = send(call, source=untouched)
    assert (error_of(response), primary_of(response)) == ("INVALID_ARGUMENT", "input")
    assert 'must be a structure: {"STRUCTURE": {name: {...}}} [J-4]' in text_of(response)


@pytest.mark.parametrize(
    ("filter", "primary", "rule"),
    [
        (None, "filter", "must be an optional"),
        ("x", "filter", "must be an optional"),
        (structure({}, FILTER), "filter", "must be an optional"),
        ({"OPTIONAL": None, "x": 1}, "filter", "must be an optional"),
        ({"OPTIONAL": "x"}, "filter", "must be a structure"),
        ({"OPTIONAL": {"tasks": ["a"]}}, "filter", "must be a structure"),
        ({"OPTIONAL": structure({}, "x")}, "filter", f"must be a {FILTER}"),
        (filter_of(tasks="a")["filter"], "tasks", "must be a list of texts"),
        (filter_of(tasks=["a", 1])["filter"], "tasks", "must be a list of texts"),
        (filter_of(users=[None])["filter"], "users", "must be a list of texts"),
        (filter_of(users={})["filter"], "users", "must be a list of texts"),
        ({"OPTIONAL": structure({"tasks": ["a"]}, FILTER)}, "tasks", "must be an optional"),
        ({"OPTIONAL": structure({"tasks": None}, FILTER)}, "tasks", "must be an optional"),
    ],
)
def test_a_filter_of_another_shape_is_an_invalid_argument(filter: Any, primary: str, rule: str) -> None:
    """J-4, L-6: it names what is wrong, and no task is looked at."""
    response = ask(arguments={"filter": filter}, source=untouched)
    assert (error_of(response), primary_of(response)) == ("INVALID_ARGUMENT", primary)
    assert rule in text_of(response)


@pytest.mark.parametrize("held", [["a"], None, 5, {}, {"OPTIONAL": 5}, {"OPTIONAL": None, "x": 1}])
def test_an_unknown_field_is_refused_by_its_name_whatever_it_holds(held: Any) -> None:
    """J-4: as an unknown argument is, also where a newer client does not wrap it."""
    response = ask(arguments={"filter": {"OPTIONAL": structure({"zz": held}, FILTER)}}, source=untouched)
    assert (error_of(response), primary_of(response)) == ("UNEXPECTED_INPUT", "zz")


@pytest.mark.parametrize(
    ("fields", "error", "primary"),
    [
        ({"zz": ["a"]}, "UNEXPECTED_INPUT", "zz"),
        ({"zz": 5}, "UNEXPECTED_INPUT", "zz"),
        ({"Tasks": ["a"]}, "UNEXPECTED_INPUT", "Tasks"),
        ({"status": ["FALED"]}, "INVALID_ARGUMENT", "status"),
        ({"status": ["succeeded"]}, "INVALID_ARGUMENT", "status"),
        ({"tasks": ["a", ""]}, "INVALID_ARGUMENT", "tasks"),
        ({"users": [""], "zz": ["a"]}, "INVALID_ARGUMENT", "users"),
        ({"zz": ["a"], "users": [""]}, "UNEXPECTED_INPUT", "zz"),
    ],
)
def test_a_wrong_filter_is_refused_as_that_of_a_query(fields: Any, error: str, primary: str) -> None:
    """J-4, F-7, Q-2: the first mistake is answered, before the source is asked."""
    response = ask(arguments=filter_of(**fields), source=untouched)
    assert (error_of(response), primary_of(response)) == (error, primary)


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        (["a"] * (MAX_MEMBERS + 1), "at most 20000 members"),
        (["a" * (MAX_QUERY_LENGTH - 4)], "at most 1048576 characters"),
    ],
)
def test_a_filter_has_the_bounds_of_a_query(members: list[str], rule: str) -> None:
    """J-4, Q-4: and up to them it is answered."""
    response = ask(arguments=filter_of(tasks=members), source=untouched)
    assert error_of(response) == "INVALID_ARGUMENT"
    assert rule in text_of(response)
    fitting = members[:MAX_MEMBERS] if members[1:] else [members[0][:-1]]
    assert tasks_of(ask(arguments=filter_of(tasks=fitting))) in (["a"], [])


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("list", {"zz": {"OPTIONAL": 5}}),
        ("list", {"zz": 5}),
        ("get", {"zz": None, "task": "a"}),
        ("list", {"zz": UNSET | {"x": 1}}),
    ],
)
def test_an_unknown_argument_that_is_set_is_unexpected_input(operation: str, arguments: Any) -> None:
    """J-4: a misspelt one must not count for nothing."""
    response = ask(operation, arguments, source=untouched)
    assert (error_of(response), primary_of(response)) == ("UNEXPECTED_INPUT", "zz")
    assert f"the one argument is {'filter' if operation == 'list' else 'task'} [J-4]" in text_of(response)


@pytest.mark.parametrize("task", ["a", "b/c", "d+ä %"])
def test_a_get_has_a_bare_id(task: str) -> None:
    """J-4: nothing in it is an escape."""
    assert f"{TASKS}.info" in output_of(ask("get", {"task": task}))["STRUCTURE"]
    assert f"{TASKS}.info" in output_of(ask("get", {"task": task, "zz": UNSET}))["STRUCTURE"]


@pytest.mark.parametrize("task", [..., None, 5, ["a"], {"OPTIONAL": "a"}, {"OPTIONAL": None}])
def test_an_id_that_is_no_text_is_an_invalid_argument(task: Any) -> None:
    """J-4: also one that is missing."""
    response = ask("get", {} if task is ... else {"task": task}, source=untouched)
    assert (error_of(response), primary_of(response)) == ("INVALID_ARGUMENT", "task")
    assert "must be text [J-4]" in text_of(response)


def test_an_unknown_id_is_not_found() -> None:
    """J-4, A-6: an empty one, too; a hidden one has the same answer."""
    assert error_of(ask("get", {"task": ""})) == error_of(ask("get", {"task": "b%2Fc"})) == "NOT_FOUND"
    hidden, missing = (ask("get", {"task": task}, who="u") for task in ("hidden", "missin"))
    assert hidden.body.replace(b"hidden", b"missin") == missing.body
    assert hidden.headers == missing.headers


def test_what_is_shown_of_an_argument_is_bounded() -> None:
    """J-4, E-5: in the message, whatever was sent."""
    deep: Any = "x"
    for _ in range(90):
        deep = {"STRUCTURE": {"x" * 1000: deep}}
    for arguments in (
        {"filter": deep},
        filter_of(tasks=deep),
        {"x" * 10_000: 5},
        {"filter": {"OPTIONAL": structure({}, "x" * 10_000)}},
    ):
        response = ask(arguments=arguments)
        assert error_of(response) in {"INVALID_ARGUMENT", "UNEXPECTED_INPUT"}
        assert len(json.dumps(fields_of(response))) < 2000
