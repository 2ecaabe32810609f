"""Test that REST and JSON-RPC give the same answer to the same question (J-6)."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from snaptasks import (
    EVERYTHING,
    MAX_MEMBERS,
    MAX_QUERY_LENGTH,
    MAX_RESULTS,
    NOTHING,
    SYSTEM_READ,
    Caller,
    Error,
    ErrorType,
    ErrorValue,
    FilterSpec,
    Grants,
    ListItem,
    LocalizableMessage,
    LocalizationParam,
    Status,
    TaskIndex,
    Visibility,
    jsonrpc,
    rest,
)
from tests.building import plain_item
from tests.jsonrpc.captures import result_of

QUESTIONS = 2_000

# The errors that can answer a question (E-2, Q-2).
ERRORS = [
    *(ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED, ErrorType.UNEXPECTED_INPUT, ErrorType.INVALID_ARGUMENT),
    *(ErrorType.NOT_FOUND, ErrorType.RESOURCE_INACCESSIBLE),
]

# Names that look alike, and names with characters that a URL or a JSON text must escape.
NAMES = [
    *("ops", "OPS", "ops ", " ops", "\uff4fps", "\u043eps", "\u00f3ps", "o\u0301ps", "ops\0", "ops\n", "\ufeffops"),
    *("a/b", "a%2Fb", "a+b", "a b", "a,b", "a;b", "a&b=c", "a\\b", 'a"b', "..", "\U0001f600", "x" * 300),
]
FULL, TOO_FULL = "full", "too-full"  # services with 1000 and 1001 visible tasks, and a hidden one each

READ = {SYSTEM_READ}
VISIBLE: dict[str, Visibility] = {
    "all": EVERYTHING,
    "none": NOTHING,
    "grants": Grants([FilterSpec(users={"ops"}), FilterSpec(services={"a/b"}, status={"RUNNING", "FAILED"})]),
    "no grants": Grants([]),
    "function": lambda item: item.info.user in {"ops", "a b"},
    "guest": EVERYTHING,
}
CALLERS = {name: Caller(user=name, privileges=READ if name != "guest" else {"Other.Read"}) for name in VISIBLE}


class Question(NamedTuple):
    """Hold a question: its caller, and a task id or the members of each field in order."""

    user: str
    task: str | None
    fields: dict[str, list[str]]
    is_oversized: bool = False

    def over_rest(self) -> rest.Request:
        target = "/api/snapservice/tasks"
        if self.task is not None:
            target += f"/{quote(self.task, safe='')}"
        elif self.fields:
            pairs = [f"{name}={quote(member, safe='')}" for name, members in self.fields.items() for member in members]
            target += f"?{'&'.join(pairs)}"
        return rest.Request("GET", target, {"Authorization": self.user})

    def over_jsonrpc(self) -> jsonrpc.Request:
        operation, argument = "list", dict[str, Any](filter={"OPTIONAL": None})
        if self.task is not None:
            operation, argument = "get", {"task": self.task}
        elif self.fields:
            fields = {name: {"OPTIONAL": members} for name, members in self.fields.items()}
            structure = {"STRUCTURE": {"com.vmware.snapservice.tasks.filter_spec": fields}}
            argument = {"filter": {"OPTIONAL": structure}}
        call = {
            "jsonrpc": "2.0",
            "id": "1",
            "method": "invoke",
            "params": {
                "serviceId": "com.vmware.snapservice.tasks",
                "operationId": operation,
                "input": {"STRUCTURE": {"operation-input": argument}},
                "ctx": {"securityCtx": {"schemeId": "com.vmware.vapi.std.security.oauth", "accessToken": self.user}},
            },
        }
        return jsonrpc.Request("POST", "/", (), json.dumps(call).encode())


class Both:
    """Build both boundaries over one source, and hold the errors that each reports to the embedder."""

    def __init__(self, source: Any, *, require_scope: bool = False) -> None:
        self.reported: dict[str, list[str]] = {"rest": [], "jsonrpc": []}
        self.rest = rest.Service(
            source,
            authenticate=lambda request: CALLERS.get(request.header("authorization") or ""),
            visibility=lambda caller: VISIBLE[caller.user],
            require_scope=require_scope,
            challenge="Bearer",
            on_error=lambda error: self.reported["rest"].append(repr(error)),
        )
        self.jsonrpc = jsonrpc.Service(
            source,
            authenticate=lambda call: CALLERS.get(call.security["accessToken"]),
            visibility=lambda caller: VISIBLE[caller.user],
            require_scope=require_scope,
            challenge="Bearer",
            on_error=lambda error: self.reported["jsonrpc"].append(repr(error)),
        )

    def answers(self, question: Question) -> tuple[Any, Any]:
        """Return the answers of REST and of JSON-RPC, as trees of one form."""
        response = self.rest.handle(question.over_rest())
        over_rest = ("output" if response.status == 200 else "error", json.loads(response.body))
        over_jsonrpc = result_of(self.jsonrpc.handle(question.over_jsonrpc()))
        if question.is_oversized:  # the texts differ, because REST counts bytes and JSON-RPC characters
            for _, tree in over_rest, over_jsonrpc:
                tree.pop("messages", None)
        return over_rest, over_jsonrpc


def population() -> list[ListItem]:
    random = Random(6)
    full = [(FULL, MAX_RESULTS), (TOO_FULL, MAX_RESULTS + 1)]
    return [
        *(_any_item(random, f"{name} {number}") for name in NAMES for number in range(4)),
        *(_any_item(random, name) for name in NAMES),
        *(plain_item(f"{name} {at}", service=name, user="ops") for name, number in full for at in range(number)),
        *(plain_item(f"hidden {name}", service=name, user="hidden") for name, _ in full),
    ]


def _any_item(random: Random, task: str) -> ListItem:
    changes: dict[str, Any] = {"status": random.choice(["FAILED", "SUCCEEDED"])}
    if random.random() < 0.5:
        changes = {"status": random.choice(["RUNNING", "BLOCKED"]), "end_time": None}
    user = random.choice([None, *NAMES])
    return plain_item(task, user=user, service=random.choice(NAMES), operation=random.choice(NAMES), **changes)


def draw_question(random: Random, items: Sequence[ListItem]) -> Question:
    """Draw a question; about one in ten has a violation."""
    user = random.choice([*VISIBLE, "all", "grants", "function", "stranger"])
    if random.random() < 0.3:
        return Question(user, random.choice([*NAMES, *(item.task for item in items), "x" * 70_000]), {})
    own = random.choice(items)
    columns: dict[str, list[str]] = {
        "tasks": [own.task, *NAMES],
        "operations": [own.info.operation, *NAMES],
        "services": [own.info.service, *NAMES, FULL, TOO_FULL],
        "status": [*Status],
        "users": [own.info.user or "ops", *NAMES],
    }
    fields = {
        name: [str(random.choice(columns[name])) for _ in range(random.choice([0, 1, 2, 5, 40]))]
        for name in random.sample([*columns], random.choice([0, 1, 1, 2, 5]))
    }
    chance = random.random()
    if chance < 0.04:
        return Question(user, None, fields | {random.choice(["statuz", "filter.status", "", "?status"]): ["FAILED"]})
    if chance < 0.08:
        return Question(user, None, fields | {random.choice([*columns]): ["ops", "", "FALED"]})
    if chance < 0.1:
        return Question(user, None, fields | {"status": ["FAILED", random.choice(["FALED", "failed", "FAILED "])]})
    if chance < 0.11:
        too_many, too_long = ["t"] * (MAX_MEMBERS + 1), ["t" * (MAX_QUERY_LENGTH + 1)]
        return Question(user, None, fields | {"tasks": random.choice([too_many, too_long])}, is_oversized=True)
    return Question(user, None, fields)


@pytest.mark.slow
def test_jsonrpc_service_answers_random_questions_as_rest() -> None:
    """J-6, A-5, A-6: The source does not matter, and a hidden task does not change a byte of an answer."""
    items = population()
    sources: list[Any] = [items, lambda spec: items, TaskIndex(items)]
    services = [Both(source) for source in sources]
    without_hidden = {
        name: Both([item for item in items if visible(item)]).jsonrpc for name, visible in VISIBLE.items()
    }
    without_hidden["stranger"] = Both([]).jsonrpc
    random, outcomes = Random(19), Counter[str]()
    for number in range(QUESTIONS):
        question, both = draw_question(random, items), services[number % len(services)]
        over_rest, over_jsonrpc = both.answers(question)
        assert over_jsonrpc == over_rest, f"question {number}: {question}"[:2_000]
        call = question.over_jsonrpc()
        assert without_hidden[question.user].handle(call) == both.jsonrpc.handle(call), f"question {number}"
        outcomes[_outcome(*over_jsonrpc)] += 1
    assert outcomes.keys() >= {"tasks", "no task", "a task", *map(str, ERRORS)}
    assert min(outcomes.values()) >= 5, outcomes


def _outcome(member: str, tree: Any) -> str:
    if member == "error":
        return str(tree["error_type"])
    return "a task" if "items" not in tree else "tasks" if tree["items"] else "no task"


def test_jsonrpc_service_without_required_scope_answers_as_rest() -> None:
    """J-6, F-8."""
    over_rest, over_jsonrpc = Both([], require_scope=True).answers(Question("all", None, {"status": ["FAILED"]}))
    assert over_jsonrpc == over_rest
    assert over_jsonrpc[1]["data"] == {"primary": "tasks", "secondary": ["services"]}


def _failing(failure: Exception) -> Callable[[FilterSpec], Any]:
    def source(filter: FilterSpec) -> Any:
        raise failure from OSError("secret")

    return source


TEXT = LocalizableMessage(id="m", default_message="It failed.", params={"p": LocalizationParam(s="x")})
FAILURES = [
    *(Error.from_value(ErrorValue(messages=[TEXT], error_type=kind)) for kind in ErrorType),
    Error(TEXT, data={"any": [1, None, {"deep": {}}]}),
    Error.from_value(ErrorValue.from_python({"messages": [], "error_type": "NEWER"})),
    Error.from_value(ErrorValue.from_python({"error_type": "UNAUTHENTICATED", "challenge": "a\r\nb", "data": {}})),
    RuntimeError("secret"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
@pytest.mark.parametrize("task", [None, "ops"])
def test_jsonrpc_service_answers_and_reports_failures_as_rest(failure: Exception, task: str | None) -> None:
    """J-6, E-7: The client gets the same error, and the embedder gets the same exception."""
    both = Both(_failing(failure))
    over_rest, over_jsonrpc = both.answers(Question("all", task, {}))
    assert over_jsonrpc == over_rest
    assert over_jsonrpc[0] == "error"
    assert "secret" not in repr(over_jsonrpc)
    assert both.reported["jsonrpc"] == both.reported["rest"]
    is_reported = ErrorType(over_rest[1]["error_type"]).http_status >= 500
    assert len(both.reported["rest"]) == is_reported
