"""Test VMware's own client with the recipe over loopback, and its server runtime (J-1 to J-5, F-2, E-1)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from snaptasks import (
    EVERYTHING,
    MAX_RESULTS,
    SYSTEM_READ,
    Caller,
    ErrorType,
    ErrorValue,
    FilterSpec,
    ListItem,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Status,
    jsonrpc,
    list_tasks,
)
from snaptasks.errors import ACCESS_ERRORS
from snaptasks.testing import strategies
from tests.integration import stock_client
from tests.integration.envelopes import DIFFERENCES, ENVELOPES, Envelope, get_call
from tests.integration.error_source import RAISE
from tests.integration.official_server import OfficialServer
from tests.integration.peers import is_writable_by_sdk
from tests.integration.servers import COMMANDS, RECIPES, Server, serving
from tests.integration.stock_client import (
    SECURITY,
    ProtocolError,
    StandardError,
    UnknownError,
    connected,
    data_as,
    tree_of,
)
from tests.paths import ROOT, SAMPLE

COMMAND = {"jsonrpc_app": COMMANDS["fastapi_app"]}
TASKS = list(ListResult.from_json(SAMPLE.read_bytes()))
OPS = "CORP\\ops-team"

# The errors that the client's stub declares for each operation (E-2).
DECLARED = {
    "list": {"ERROR", "INVALID_ARGUMENT", "RESOURCE_INACCESSIBLE", "SERVICE_UNAVAILABLE", *ACCESS_ERRORS},
    "get": {"ERROR", "NOT_FOUND", "RESOURCE_INACCESSIBLE", "SERVICE_UNAVAILABLE", *ACCESS_ERRORS},
}

# Each kind of data, and the class of the client that fits it, if any (E-3).
DATA: dict[str, tuple[dict[str, Any] | None, str | None]] = {
    "none": (None, None),
    "empty": ({}, None),
    "ArgumentLocations": ({"primary": "p", "secondary": ["q"]}, "ArgumentLocations"),
    "FileLocations": ({"primary": {"path": "p"}}, None),
    "TransientIndication": ({"is_transient": True}, "TransientIndication"),
    "DynamicID": ({"type": "T", "id": "x"}, None),
    "arbitrary": ({"": {"ü\n": [1, 2.5, None, True, {"k": "v"}]}, "big": 10**30, "OPTIONAL": {}, "STRUCTURE": 1}, None),
}


def generated() -> list[ListItem]:
    """Draw tasks with every field and with statuses that the client knows (U-3); each has its own id."""
    found: list[ListItem] = []

    @settings(max_examples=1_200, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategies.list_items(status=strategies.statuses()))
    def draw(item: ListItem) -> None:
        found.append(item.evolve(task=f"{item.task} {len(found)}"))

    draw()
    return found


class Served(NamedTuple):
    """Hold the server of the recipe, and the generated tasks that it has beside the sample."""

    server: Server
    generated: list[ListItem]

    @property
    def items(self) -> list[ListItem]:
        return [*TASKS, *self.generated]

    def connected(self, configuration: str = "new_std_configuration") -> AbstractContextManager[Any]:
        """Connect the client of a caller who sees every task."""
        return connected(f"{self.server.url}/snapservice", SECURITY["oauth"]("root"), configuration)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, more = tmp_path_factory.mktemp("jsonrpc"), generated()
    path = folder / "more.json"
    path.write_bytes(ListResult(items=more).to_json())
    app = "tests.integration.recipe_calls_app:app"
    with serving("jsonrpc_app", folder, app, COMMAND, MORE_TASKS=str(path)) as server:
        yield Served(server, more)


@pytest.fixture
def tasks(served: Served) -> Iterator[Any]:
    with served.connected() as tasks:
        yield tasks


@pytest.fixture(scope="module")
def decoded(served: Served) -> list[Any]:
    """Return every task as the client decodes it."""
    ids = [item.task for item in served.items]
    with served.connected() as tasks:
        return [
            item
            for at in range(0, len(ids), 500)
            for item in tasks.list(stock_client.FilterSpec(tasks=set(ids[at : at + 500]))).items
        ]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the unchanged recipe."""
    with serving("jsonrpc_app", tmp_path_factory.mktemp("recipe"), "examples.jsonrpc_app:app", COMMAND) as server:
        yield server


def exact(tree: Any) -> str:
    """Return a tree as text, in which true, 1 and 1.0 differ."""
    return json.dumps(tree, sort_keys=True)


@pytest.mark.parametrize("path", ["/snapservice", "/api"])
@pytest.mark.parametrize(("scheme", "secret"), [("session", "session-1"), ("oauth", "ops"), ("saml", "ops")])
def test_recipe_lists_the_visible_tasks_over_json_rpc_as_over_rest(
    recipe: Server, path: str, scheme: str, secret: str
) -> None:
    """J-3, J-6, A-3: Use each security scheme, and the path of each version."""
    with connected(f"{recipe.url}{path}", SECURITY[scheme](secret)) as tasks:
        listed = [tree_of(item) for item in tasks.list().items]
    over_rest = httpx.get(f"{recipe.url}/api/snapservice/tasks", headers={"Authorization": "Bearer ops"})
    assert listed == over_rest.json()["items"]
    assert listed == [item.to_python() for item in TASKS if item.info.user == OPS]


@pytest.mark.parametrize(
    ("scheme", "secrets", "name"),
    [
        ("session", ["session-2"], "Unauthenticated"),
        ("session", ["ops"], "Unauthenticated"),
        ("oauth", ["session-1"], "Unauthenticated"),
        ("password", ["ops", "ops"], "Unauthenticated"),
        (None, [], "Unauthenticated"),
        ("saml", ["guest"], "Unauthorized"),
    ],
)
def test_recipe_with_wrong_credentials_raises_access_error(
    recipe: Server, scheme: str | None, secrets: list[str], name: str
) -> None:
    """A-1, A-2, J-3: The challenge goes only to a caller who can still authenticate."""
    security = SECURITY[scheme](*secrets) if scheme else None
    with connected(f"{recipe.url}/snapservice", security) as tasks, pytest.raises(StandardError) as raised:
        tasks.get("a task")
    assert type(raised.value).__name__ == name
    assert tree_of(raised.value).get("challenge") == {"Unauthenticated": "Bearer"}.get(name)


def test_stock_client_script_with_recipe_over_a_socket_finds_failed_tasks(recipe: Server) -> None:
    """J-1: Call it as its page says."""
    script = (
        f"from test_stock_client import failed_tasks; print(len(failed_tasks('{recipe.url}/snapservice', 'session-1')))"
    )
    command = [sys.executable, "-c", script]
    env = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{RECIPES}"}
    done = subprocess.run(command, cwd=recipe.log.parent, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"


@pytest.mark.parametrize(
    ("session", "expected"), [("session-1", (0, 3, "")), ("session-2", (1, 0, "the session has ended\n"))]
)
def test_script_moved_from_the_sdk_prints_the_same(
    recipe: Server, session: str, expected: tuple[int, int, str]
) -> None:
    """J-6, A-1: The script with snaptasks sends the session as a header of the REST form."""
    runs = [
        subprocess.run(
            [sys.executable, str(RECIPES / script), recipe.url + path, session],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        for script, path in (("failed_tasks_sdk.py", "/snapservice"), ("failed_tasks.py", "/api"))
    ]
    assert [(run.returncode, len(run.stdout.splitlines()), run.stderr) for run in runs] == [expected] * 2
    assert runs[0].stdout == runs[1].stdout


def test_recipe_with_call_past_the_bound_raises_protocol_error(recipe: Server) -> None:
    """J-2: It does not read a filter of two million characters."""
    with connected(f"{recipe.url}/snapservice", SECURITY["oauth"]("ops")) as tasks, pytest.raises(ProtocolError):
        tasks.list(stock_client.FilterSpec(tasks={"t" * jsonrpc.MAX_CALL_LENGTH}))


ATTRIBUTES = {"operations": "operation", "services": "service", "status": "status", "users": "user"}


def value_of(item: ListItem, field: str) -> str | None:
    """Return the value of a task that a field of the filter compares."""
    value: str | None = item.task if field == "tasks" else getattr(item.info, ATTRIBUTES[field])
    return value


@pytest.mark.parametrize("field", ["tasks", *ATTRIBUTES])
def test_client_filters_by_each_field_as_list_tasks(served: Served, tasks: Any, field: str) -> None:
    """F-2, J-4: Give no value, one, two, and one that no task has; an id set bounds the answer."""
    members = sorted({value for item in TASKS if (value := value_of(item, field)) is not None})
    unknown = [] if field == "status" else [["no such name"]]
    sample = {item.task for item in TASKS}
    found = 0
    for some in [[], members[:1], members[1:3], [members[-1]], *unknown]:
        fields: dict[str, Any] = {"tasks": sample} | ({field: set(some)} if some else {})
        expected = list_tasks(served.items, FilterSpec(**fields), visibility=EVERYTHING)
        listed = tasks.list(stock_client.FilterSpec(**fields)).items
        assert [tree_of(item) for item in listed] == [item.to_python() for item in expected]
        found += 0 < len(listed) < len(sample)
    assert found >= 3


def test_client_filters_by_all_fields_together(tasks: Any) -> None:
    """F-2, J-4: Take each field of one task."""
    item = next(item for item in TASKS if item.info.user == OPS)
    fields = {field: {value_of(item, field)} for field in ("tasks", *ATTRIBUTES)}
    assert [found.task for found in tasks.list(stock_client.FilterSpec(**fields)).items] == [item.task]


def test_client_decodes_every_field_of_every_task(
    served: Served, tasks: Any, decoded: list[Any], report: list[str]
) -> None:
    """J-5, U-1: List and get sample and generated tasks; an error within a task has its own class."""
    for item, decoded_item in zip(served.items, decoded, strict=True):
        assert exact(tree_of(decoded_item)) == exact(item.to_python())
        info = tasks.get(item.task)
        assert exact(tree_of(info)) == exact(item.info.to_python())
        if item.info.error is not None:
            assert type(info.error).__name__ == item.info.error.error_type.exception.__name__
    report.append(
        f"tasks that VMware's client decoded field by field: {len(TASKS)} of the sample, {len(served.generated)}"
    )
    assert len(TASKS) == 400
    assert len(served.generated) >= 1_000
    assert {item.info.status for item in served.generated} == {*Status}
    assert len({item.info.to_json() for item in served.generated}) >= 1_000


def test_client_past_the_cap_raises_resource_inaccessible(served: Served, tasks: Any) -> None:
    """L-1, L-2: It lists 1000 tasks."""
    ids = [item.task for item in served.generated]
    assert len(tasks.list(stock_client.FilterSpec(tasks=set(ids[:MAX_RESULTS]))).items) == MAX_RESULTS
    for spec in (stock_client.FilterSpec(tasks=set(ids[: MAX_RESULTS + 1])), None):
        with pytest.raises(StandardError) as raised:
            tasks.list(spec)
        assert type(raised.value).__name__ == "ResourceInaccessible"


def raised_by(tasks: Any, operation: str, error: ErrorValue) -> Any:
    """Return the error that the client raises when the source raises an error."""
    task = f"{RAISE}{error.to_json().decode()}"
    with pytest.raises(StandardError) as raised:
        tasks.get(task) if operation == "get" else tasks.list(stock_client.FilterSpec(tasks={task}))
    return raised.value


TEXT = LocalizableMessage(
    id="m",
    default_message="It failed: 'x'.",
    args=["x"],
    params={
        "s": LocalizationParam(s="x"),
        "d": LocalizationParam(d=2.5, precision=1),
        "l": LocalizationParam(l=NestedLocalizableMessage(id="n", params={"i": LocalizationParam(i=7)})),
    },
    localized="Kaputt",
)


@pytest.mark.parametrize("operation", DECLARED)
@pytest.mark.parametrize("kind", list(ErrorType))
def test_client_raises_each_error_as_its_own_class(tasks: Any, kind: ErrorType, operation: str) -> None:
    """E-1, E-3, J-5: Send each kind of data, and access errors with a challenge."""
    errors = [
        ErrorValue(error_type=kind, messages=[TEXT, TEXT], data=data)
        for data, _ in DATA.values()
        if data is None or kind not in ACCESS_ERRORS
    ]
    if kind in ACCESS_ERRORS:
        errors += [ErrorValue(error_type=kind, messages=[], challenge=challenge) for challenge in ("Bearer", 'a="ü"')]
    for error in errors:
        raised = raised_by(tasks, operation, error)
        assert type(raised).__name__ == kind.exception.__name__
        assert exact(tree_of(raised)) == exact(error.to_python())
    assert len(errors) == (3 if kind in ACCESS_ERRORS else len(DATA))


@pytest.mark.parametrize("name", DATA)
def test_client_converts_data_to_its_own_class(tasks: Any, name: str) -> None:
    """E-3, J-5: The shape of the data decides the class."""
    data, client_class = DATA[name]
    raised = raised_by(tasks, "get", ErrorValue(error_type="ERROR", messages=[], data=data))
    assert (raised.data is None) == (data is None)
    if client_class:
        assert data_as(raised, client_class) == data


def test_client_raises_error_of_a_newer_server_as_base_class(tasks: Any) -> None:
    """E-3, J-5: Keep its type."""
    raised = raised_by(tasks, "get", ErrorValue.from_python({"error_type": "NEWER", "messages": []}))
    assert (type(raised).__name__, str(raised.error_type)) == ("Error", "NEWER")


@pytest.mark.parametrize("operation", DECLARED)
@pytest.mark.parametrize(
    ("configuration", "more"),
    [
        ("new_configuration", set()),
        ("new_runtime_configuration", {"INTERNAL_SERVER_ERROR", "INVALID_ARGUMENT", "OPERATION_NOT_FOUND"}),
    ],
)
def test_client_without_standard_errors_resolves_those_of_the_operation(
    served: Served, operation: str, configuration: str, more: set[str]
) -> None:
    """E-2: It also resolves the errors of its runtime, if configured; any other error is unknown to it."""
    with served.connected(configuration) as tasks:
        raised = {
            kind: type(raised_by(tasks, operation, ErrorValue(error_type=kind, messages=[]))) for kind in ErrorType
        }
    resolved = {kind for kind, error in raised.items() if error is not UnknownError}
    assert resolved == DECLARED[operation] | more
    assert {raised[kind].__name__ for kind in resolved} == {kind.exception.__name__ for kind in resolved}


def service_of(items: list[ListItem]) -> "jsonrpc.Service[Any]":
    """Build a service in this process, whose caller sees all tasks."""
    return jsonrpc.Service(
        items,
        authenticate=lambda call: Caller(user="u", privileges={SYSTEM_READ}),
        visibility=lambda caller: EVERYTHING,
    )


def answer_of(service: "jsonrpc.Service[Any]", envelope: Envelope) -> bytes:
    return service.handle(jsonrpc.Request("POST", "/", envelope.headers, envelope.body)).body


def outcome(answer: bytes) -> tuple[Any, ...]:
    """Return the kind of an answer (an output, one of the 25 errors or a protocol error) and its id, without texts."""
    tree = json.loads(answer)
    if "error" in tree:
        return tree["error"]["code"], tree["id"]
    ((member, content),) = tree["result"].items()
    return (*content["ERROR"], tree["id"]) if member == "error" else (member, tree["id"])


def outcome_of_official_server(envelope: Envelope) -> tuple[Any, ...]:
    try:
        return outcome(OfficialServer([]).answer(envelope.body, envelope.headers))
    except ProtocolError:
        return ("nothing",)


def test_official_server_answers_each_envelope_alike_except_for_reasons(report: list[str]) -> None:
    """J-2 to J-4: Each difference has a reason, and each reason a difference."""
    service = service_of([])
    different = {
        name
        for name, envelope in ENVELOPES.items()
        if outcome(answer_of(service, envelope)) != outcome_of_official_server(envelope)
    }
    assert different == DIFFERENCES.keys()
    assert len(ENVELOPES) >= 78
    report.append(
        f"envelopes that the official server runtime answers alike: {len(ENVELOPES) - len(different)} of "
        f"{len(ENVELOPES)}, the others differ for a reason"
    )


def test_official_server_writes_the_same_json_of_each_task(
    served: Served, decoded: list[Any], report: list[str]
) -> None:
    """J-5: Compare only tasks whose names need no escape, because the runtime escapes none."""
    items = served.items
    official, service = OfficialServer(decoded), service_of(items)
    tasks = [item.task for item in items if is_writable_by_sdk(item.to_python())]
    different = []
    for task in tasks:
        call = get_call(task)
        ours, theirs = answer_of(service, call), official.answer(call.body, call.headers)
        different += [] if exact(json.loads(ours)) == exact(json.loads(theirs)) else [(ours, theirs)]
    assert different[:1] == []
    assert len(tasks) >= 1_400
    report.append(f"tasks that the official server runtime writes as the same JSON: {len(tasks)} of {len(items)}")
