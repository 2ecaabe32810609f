"""Test the arguments of a call: structures and optionals around a filter or an id (J-4)."""

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


def never_called(*_: object) -> NoReturn:
    raise AssertionError


def with_input(input: Any, operation: str = "list") -> Any:
    call = call_of(operation)
    call["params"]["input"] = input
    return call


def primary_of(response: Any) -> str:
    """Return the argument that an error names as its cause."""
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
def test_list_with_unset_arguments_returns_all_tasks(arguments: Any) -> None:
    """J-4, F-3: Members that are missing, unset or empty constrain nothing, even those of an unknown name."""
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
def test_list_with_filter_returns_matching_tasks(fields: Any, tasks: list[str]) -> None:
    """J-4, F-2: Take each member literally: an escape, a plus or a comma has no meaning."""
    assert tasks_of(ask(arguments=filter_of(**fields))) == tasks


def test_list_with_other_name_of_input_returns_all_tasks() -> None:
    """J-4: The official runtime ignores the name, too."""
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
def test_input_of_wrong_shape_returns_invalid_argument(wrong: Any, operation: str) -> None:
    """J-4: The text states the right shape."""
    call = with_input(wrong, operation)
    if wrong is ...:
        del call["params"]["input"]
    response = send(call, source=never_called)
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
def test_filter_of_wrong_shape_returns_invalid_argument(filter: Any, primary: str, rule: str) -> None:
    """J-4, L-6: The error names the wrong argument, and no task is read."""
    response = ask(arguments={"filter": filter}, source=never_called)
    assert (error_of(response), primary_of(response)) == ("INVALID_ARGUMENT", primary)
    assert rule in text_of(response)


@pytest.mark.parametrize("value", [["a"], None, 5, {}, {"OPTIONAL": 5}, {"OPTIONAL": None, "x": 1}])
def test_filter_with_unknown_field_returns_unexpected_input(value: Any) -> None:
    """J-4: An unknown argument has the same error; a newer client may not wrap the value."""
    response = ask(arguments={"filter": {"OPTIONAL": structure({"zz": value}, FILTER)}}, source=never_called)
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
def test_filter_with_violations_returns_the_error_of_the_first(fields: Any, error: str, primary: str) -> None:
    """J-4, F-7, Q-2: The rules are those of a query, and the source is not called."""
    response = ask(arguments=filter_of(**fields), source=never_called)
    assert (error_of(response), primary_of(response)) == (error, primary)


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        (["a"] * (MAX_MEMBERS + 1), "at most 20000 members"),
        (["a" * (MAX_QUERY_LENGTH - 4)], "at most 1048576 characters"),
    ],
)
def test_filter_past_the_bounds_of_a_query_returns_invalid_argument(members: list[str], rule: str) -> None:
    """J-4, Q-4: The bounds are inclusive."""
    response = ask(arguments=filter_of(tasks=members), source=never_called)
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
def test_call_with_unknown_argument_returns_unexpected_input(operation: str, arguments: Any) -> None:
    """J-4: A misspelt argument must not be ignored."""
    response = ask(operation, arguments, source=never_called)
    assert (error_of(response), primary_of(response)) == ("UNEXPECTED_INPUT", "zz")
    assert f"the one argument is {'filter' if operation == 'list' else 'task'} [J-4]" in text_of(response)


@pytest.mark.parametrize("task", ["a", "b/c", "d+ä %"])
def test_get_with_bare_id_returns_info(task: str) -> None:
    """J-4: The id has no escapes."""
    assert f"{TASKS}.info" in output_of(ask("get", {"task": task}))["STRUCTURE"]
    assert f"{TASKS}.info" in output_of(ask("get", {"task": task, "zz": UNSET}))["STRUCTURE"]


@pytest.mark.parametrize("task", [..., None, 5, ["a"], {"OPTIONAL": "a"}, {"OPTIONAL": None}])
def test_get_with_id_that_is_not_text_returns_invalid_argument(task: Any) -> None:
    """J-4: A missing id has the same error."""
    response = ask("get", {} if task is ... else {"task": task}, source=never_called)
    assert (error_of(response), primary_of(response)) == ("INVALID_ARGUMENT", "task")
    assert "must be text [J-4]" in text_of(response)


def test_get_with_unknown_id_returns_not_found() -> None:
    """J-4, A-6: An empty id is unknown, and a hidden task has the same answer."""
    assert error_of(ask("get", {"task": ""})) == error_of(ask("get", {"task": "b%2Fc"})) == "NOT_FOUND"
    hidden, missing = (ask("get", {"task": task}, user="u") for task in ("hidden", "missin"))
    assert hidden.body.replace(b"hidden", b"missin") == missing.body
    assert hidden.headers == missing.headers


def test_error_of_a_huge_argument_is_short() -> None:
    """J-4, E-5: The message has a bounded length for any argument."""
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
