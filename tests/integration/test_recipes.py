"""The recipes of the README under real servers, asked by real clients (Q-1 to Q-5, W-1 to W-4, L-8)."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.parse import quote

import httpx
import pytest
import trio
import trio.lowlevel
from openapi_schema_validator import OAS31Validator

from examples import httpx_client
from snaptasks import (
    EVERYTHING,
    SYSTEM_READ,
    Caller,
    Error,
    ErrorType,
    ErrorValue,
    FilterSpec,
    Grants,
    ListResult,
    LocalizableMessage,
    NotFound,
    ResourceInaccessible,
    Unauthenticated,
    Value,
    Visibility,
    format_filter,
    rest,
)
from tests.integration.failing_index import FAILURES, MOVING, ODD_IDS, OPS, SECRET, FailingIndex
from tests.integration.peers import schema_faults, sdk_again
from tests.integration.servers import COMMANDS, RECIPES, Server, serving
from tests.paths import ROOT, SAMPLE
from tests.rest.example_service import Asynchronous

README = (ROOT / "README.md").read_text(encoding="utf-8")
TASKS = "/api/snapservice/tasks"
CALLERS = {"Bearer ops": Caller(user=OPS, privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}
SOURCE = FailingIndex(ListResult.from_json(SAMPLE.read_bytes()).items)


class Question(NamedTuple):
    target: str
    method: str = "GET"
    who: str = "Bearer ops"
    body: bytes = b""
    is_chunked: bool = False


QUESTIONS = [
    *(Question(target, body=body, is_chunked=True) for target in (TASKS + "?services=odd", TASKS + "/b%2Fc") for body in (
        b" ", b"{}", b'{"status":["FAILED"]}', b"x" * 200_000,
    )),
    *(Question(f"http://user:password@host{path}") for path in (TASKS + "?services=odd", TASKS + "/b%2Fc", TASKS + "/")),
    *(Question(TASKS + query) for query in (
        "?services=odd", "?services=thousand", "?services=too-many", "", "?status=FAILED&status=RUNNING&services=odd",
        "?tasks=d%2B%C3%A4+%25", "?tasks=b/c&tasks=..", "?users=nobody", "?&&", "?statuz=FAILED", "?status=BROKEN",
        "?tasks=", "?tasks", "?users=%ff", "?users=%", "?%zz=1", "?services=odd,thousand", "?tasks=" + "a" * 4000,
        "?" + "&".join(f"tasks=thousand+{at}" for at in range(1000)),
    )),
    *(Question(f"{TASKS}?services={failure}") for failure in FAILURES),
    *(Question(f"{TASKS}/{failure}") for failure in FAILURES),
    *(Question(f"{TASKS}/{quote(task, safe='')}") for task in ODD_IDS),
    *(Question(f"{TASKS}/{quote('hidden ' + task, safe='')}") for task in ODD_IDS),
    *(Question(TASKS + path) for path in (
        "/missing", "/", "//", "/b/c", "/%ff", "/%zz", "/%", "/%00", "/a%0Ab", "/%0a", "/a?x=1", "/a?", "/%2e%2e", "/..%2F..",
    )),
    *(Question(f"/api/snapservice/{path}") for path in ("", "other", "TASKS", "tasks%2Fa", "%74asks")),
    *(Question(target, method) for target in (TASKS, TASKS + "/b%2Fc") for method in (
        "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD",
    )),
    *(Question(target, who=who) for target in (TASKS, TASKS + "/b%2Fc", TASKS + "?x") for who in (
        "", "Bearer guest", "Bearer other", "Basic ops",
    )),
    *(Question(target, body=body) for target in (TASKS + "?services=odd", TASKS + "/b%2Fc") for body in (
        b" ", b" " * 200_000, b"{" + b" " * 200_000 + b"}", b" " * 200_000 + b"x", b"{}" + b" " * 2000 + b"x", b"\x0b\x0c",
        b"{}", b" {\n} ", b'{"status":["FAILED"]}', b"x" * 200_000, b"[]",
    )),
]  # fmt: skip


def expected(question: Question) -> rest.Response:
    """What the boundary answers, without any server."""
    service = rest.Service(
        SOURCE,
        challenge="Bearer",
        authenticate=lambda asked: CALLERS.get(asked.header("authorization") or ""),
        visibility=lambda caller: Grants([FilterSpec(users={caller.user})]),
    )
    return service.handle(
        rest.Request(question.method, question.target, {"authorization": question.who}, question.body)
    )


@pytest.fixture(scope="module", params=sorted(COMMANDS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    recipe: str = request.param
    with serving(recipe, tmp_path_factory.mktemp(recipe)) as server:
        yield server


def curl(server: Server, question: Question) -> rest.Response:
    """What curl gets; it changes nothing of the target."""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "20", "--globoff", "--path-as-is"]
    command += ["--request-target", question.target]
    command += ["--head"] if question.method == "HEAD" else ["--request", question.method]
    command += ["--header", f"Authorization: {question.who}"] if question.who else []
    command += ["--header", "Transfer-Encoding: chunked"] if question.is_chunked else []
    command += ["--data-binary", "@-", "--header", "Content-Type: application/json"] if question.body else []
    done = subprocess.run([*command, server.url], input=question.body, capture_output=True, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple((name.lower(), value) for name, _, value in (line.partition(": ") for line in lines))
    return rest.Response(int(status_line.split()[1]), headers, body)


def what_matters(response: rest.Response) -> tuple[int, bytes, dict[str, str | None]]:
    names = ("content-type", "content-length", "cache-control", "www-authenticate", "allow")
    return response.status, response.body, {name: response.header(name) for name in names}


def test_every_answer_is_that_of_the_boundary(server: Server, report: list[str]) -> None:
    """W-3, Q-1, E-2: byte for byte, whatever stands between; each body passes the official schema and the SDK."""
    statuses = set()
    for question in QUESTIONS:
        response = curl(server, question)
        assert what_matters(response) == what_matters(expected(question)), question
        assert SECRET not in f"{response.headers}{response.body!r}" or SECRET in question.target
        statuses.add(response.status)
        if response.body:
            value = read(question, response)
            assert schema_faults(value) == []
            assert json.loads(sdk_again(type(value), response.body))
    assert statuses == {200, 400, 401, 403, 404, 409, 500, 503, 504}
    report.append(f"answers under a real server: {len(QUESTIONS)}, with {len(statuses)} statuses")


def read(question: Question, response: rest.Response) -> Value:
    """What the client's side makes of it."""
    reader: Callable[..., Value] = (
        rest.read_list if rest.Request("GET", question.target).path == TASKS.encode() else rest.read_info
    )
    if response.status == 200:
        return reader(response.status, response.headers, response.body)
    with pytest.raises(Error) as caught:
        reader(response.status, response.headers, response.body)
    error = caught.value
    assert error.received_status == error.http_status == response.status
    assert SECRET not in repr(error) or SECRET in question.target
    return error.value


@pytest.mark.parametrize("kind", [*ErrorType, ErrorType("BRAND_NEW")])
def test_every_error_of_a_source_is_in_the_document(kind: ErrorType) -> None:
    """W-3, E-2: the answer passes the schema of its status, or that of all the others."""
    document = rest.openapi()
    text = LocalizableMessage(id="m", default_message="Failed")
    error = Error.from_value(ErrorValue(messages=[text], error_type=kind))

    def failing(filter: FilterSpec) -> NoReturn:
        raise error

    for path, target in (("/snapservice/tasks", TASKS), ("/snapservice/tasks/{task}", TASKS + "/a")):
        service = rest.Service(
            failing, authenticate=lambda asked: CALLERS["Bearer ops"], visibility=lambda caller: EVERYTHING
        )
        response = service.handle(rest.Request("GET", target))
        declared = document["paths"][path]["get"]["responses"]
        schema = declared.get(str(response.status), declared["default"])["content"]["application/json"]["schema"]
        validator = OAS31Validator(schema | {"components": document["components"]})
        assert [*validator.iter_errors(json.loads(response.body))] == []


def test_the_embedder_hears_of_what_the_client_does_not(server: Server) -> None:
    """E-7, L-4: in its log, with a traceback."""
    for failure in ("bug", "row", "unreachable"):
        assert curl(server, Question(f"{TASKS}?services={failure}")).status >= 500
    log = server.log.read_text()
    assert "Traceback" in log
    for told in (f"RuntimeError: {SECRET}", "InvalidValue: ", f"ConnectionError: {SECRET}"):
        assert told in log


def test_readers_see_whole_lists_while_others_write(server: Server, report: list[str]) -> None:
    """L-8: every list has every moving task once, in the same order."""
    query = format_filter(FilterSpec(services={"moving"}, status={"RUNNING", "BLOCKED"}))
    target = f"{server.url}{TASKS}?{query}"

    def reader(_: int) -> list[tuple[str, ...]]:
        with httpx.Client(headers={"Authorization": "Bearer ops"}) as client:
            answers = [client.get(target) for _ in range(100)]
        lists = [rest.read_list(answer.status_code, answer.headers, answer.content) for answer in answers]
        whole = [f"moving {at}" for at in range(MOVING)]
        assert all([item.task for item in each.items] == whole for each in lists)
        return [tuple(item.info.status for item in each.items) for each in lists]

    with ThreadPoolExecutor(4) as pool:
        seen = [statuses for each in pool.map(reader, range(4)) for statuses in each]
    assert len(seen) == 400
    assert len({*seen}) > 1, "nobody has written"
    report.append(f"lists read by 4 clients while one writes: {len(seen)}, of {len({*seen})} different states")


def test_a_client_of_httpx(server: Server) -> None:
    """W-4: typed values and typed errors out of any response."""
    with httpx.Client(base_url=server.url, headers={"Authorization": "Bearer ops"}) as client:

        def get(target: str) -> tuple[int, httpx.Headers, bytes]:
            answer = client.get(target)
            return answer.status_code, answer.headers, answer.content

        spec = FilterSpec(services={"odd"}, tasks={*ODD_IDS, "a&b"})
        assert [item.task for item in rest.read_list(*get(f"{TASKS}?{format_filter(spec)}")).items] == [*ODD_IDS]
        assert len(rest.read_list(*get(f"{TASKS}?services=thousand")).items) == 1000
        with pytest.raises(ResourceInaccessible, match="Narrow the filter"):
            rest.read_list(*get(f"{TASKS}?services=too-many"))
        assert rest.read_info(*get(f"{TASKS}/{quote('b/c', safe='')}")).user == OPS
        with pytest.raises(NotFound, match="'hidden b/c' was not found"):
            rest.read_info(*get(f"{TASKS}/{quote('hidden b/c', safe='')}"))
        client.headers.clear()
        with pytest.raises(Unauthenticated) as caught:
            rest.read_list(*get(TASKS))
        assert (caught.value.value.challenge, caught.value.received_status) == ("Bearer", 401)


def test_an_asynchronous_client_of_httpx(server: Server) -> None:
    """W-4: the same in an event loop, whichever."""

    async def main() -> int:
        async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": "Bearer ops"}) as client:
            answer = await client.get(TASKS, params={"services": "thousand"})
            return len(rest.read_list(answer.status_code, answer.headers, answer.content).items)

    assert asyncio.run(main()) == trio.run(main) == 1000


def test_the_boundary_awaits_under_trio() -> None:
    """W-3: what sleeps in one event loop sleeps in another."""

    async def authenticate(request: rest.Request) -> Caller | None:
        await trio.lowlevel.checkpoint()
        return CALLERS.get(request.header("authorization") or "")

    async def visibility(caller: Caller) -> Visibility:
        await trio.lowlevel.checkpoint()
        return Grants([FilterSpec(users={caller.user})])

    async def main(question: Question) -> rest.Response:
        request = rest.Request(question.method, question.target, {"authorization": question.who}, question.body)
        with trio.fail_after(20):
            service = rest.Service(
                Asynchronous(SOURCE.index, trio.lowlevel.checkpoint),
                challenge="Bearer",
                authenticate=authenticate,
                visibility=visibility,
            )
            return await service.handle_async(request)

    asked = [question for question in QUESTIONS if not any(failure in question.target for failure in FAILURES)]
    assert len(asked) > 70
    for question in asked:
        assert trio.run(main, question) == expected(question)


def test_the_client_of_the_readme(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """W-4, Q-1: a list without an event loop, and one task with it."""
    monkeypatch.setattr(httpx_client, "URL", server.url + TASKS)
    listed = httpx_client.list_tasks(FilterSpec(services={"odd"}))
    assert [item.task for item in listed] == [*ODD_IDS]
    for task, status in (*((task, "SUCCEEDED") for task in ODD_IDS), ("missing", None)):
        assert asyncio.run(httpx_client.status_of(task)) == status
    with pytest.raises(ResourceInaccessible):
        httpx_client.list_tasks(FilterSpec(services={"too-many"}))


def test_the_session_of_the_readme(tmp_path: Path) -> None:
    """Q-1, Q-2, A-1: what the README shows of a server is what comes back. On a failure, paste what is shown."""
    (session,) = re.findall(r"^<!-- served -->\n```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    (tmp_path / "fastapi_app.py").write_bytes((RECIPES / "fastapi_app.py").read_bytes())
    command = tmp_path / "snaptasks"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m snaptasks "$@"\n')
    command.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    shown = ""
    with serving("fastapi_app", tmp_path, app="fastapi_app:app") as server:
        for line in re.findall(r"^\$ (.*)$", session, re.MULTILINE):
            asked = line.replace("http://127.0.0.1:8000", server.url)
            done = subprocess.run(["sh", "-c", asked], env=env, capture_output=True, check=False)
            shown += f"$ {line}\n{done.stdout.decode()}".replace("\r", "")
    assert shown == session


def test_the_recipes_are_short() -> None:
    """Q-1: twenty lines and no more, but for blank ones."""
    for recipe in COMMANDS:
        lines = (RECIPES / f"{recipe}.py").read_text().splitlines()
        assert len([line for line in lines if line.strip()]) <= 20


def test_a_stranger_runs_a_recipe_as_the_readme_says(tmp_path: Path) -> None:
    """Q-2, A-1: as a file of one's own, and the mistakes that one makes."""
    for recipe in COMMANDS:
        folder = tmp_path / recipe
        folder.mkdir()
        (folder / f"{recipe}.py").write_bytes((RECIPES / f"{recipe}.py").read_bytes())
        with serving(recipe, folder, app=f"{recipe}:app") as server:
            listed = curl(server, Question(f"{TASKS}?status=FAILED&status=RUNNING"))
            tasks = rest.read_list(listed.status, listed.headers, listed.body).items
            assert {str(item.info.status) for item in tasks} == {"FAILED", "RUNNING"}
            assert {item.info.user for item in tasks} == {OPS}
            sample = json.loads(SAMPLE.read_bytes())["items"]
            mine = [each for each in sample if each["info"].get("user") == OPS]
            assert [item.task for item in tasks] == [
                each["task"] for each in mine if each["info"]["status"] in {"FAILED", "RUNNING"}
            ]
            for target, status, error in (
                ("?statuz=FAILED", 400, "UNEXPECTED_INPUT"),
                ("?status=BROKEN", 400, "INVALID_ARGUMENT"),
                ("?tasks=", 400, "INVALID_ARGUMENT"),
                ("?users=%ff", 400, "INVALID_ARGUMENT"),
            ):
                answer = curl(server, Question(TASKS + target))
                assert (answer.status, json.loads(answer.body)["error_type"]) == (status, error)
            nobody = curl(server, Question(TASKS, who=""))
            assert (nobody.status, nobody.header("www-authenticate")) == (401, "Bearer")
