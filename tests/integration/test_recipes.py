"""Test the recipes under real servers with real clients (Q-1 to Q-5, W-1 to W-4, L-8)."""

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
from tests.documentation import marked
from tests.integration.failing_index import FAILURES, MOVING, ODD_IDS, OPS, SECRET, FailingIndex
from tests.integration.peers import schema_violations, sdk_round_trip
from tests.integration.saved_tests import run_saved_tests
from tests.integration.servers import COMMANDS, RECIPES, Server, serving
from tests.paths import ROOT, SAMPLE
from tests.rest.example_service import Asynchronous

TASKS = "/api/snapservice/tasks"
CALLERS = {"Bearer ops": Caller(user=OPS, privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}
SOURCE = FailingIndex(ListResult.from_json(SAMPLE.read_bytes()).items)


class Example(NamedTuple):
    """Hold an example of a request to a server."""

    target: str
    method: str = "GET"
    authorization: str = "Bearer ops"
    body: bytes = b""
    is_chunked: bool = False


EXAMPLES = [
    *(Example(target, body=body, is_chunked=True) for target in (TASKS + "?services=odd", TASKS + "/b%2Fc") for body in (
        b" ", b"{}", b'{"status":["FAILED"]}', b"x" * 200_000,
    )),
    *(Example(f"http://user:password@host{path}") for path in (TASKS + "?services=odd", TASKS + "/b%2Fc", TASKS + "/")),
    *(Example(TASKS + query) for query in (
        "?services=odd", "?services=thousand", "?services=too-many", "", "?status=FAILED&status=RUNNING&services=odd",
        "?tasks=d%2B%C3%A4+%25", "?tasks=b/c&tasks=..", "?users=unknown", "?&&", "?statuz=FAILED", "?status=BROKEN",
        "?tasks=", "?tasks", "?users=%ff", "?users=%", "?%zz=1", "?services=odd,thousand", "?tasks=" + "a" * 4000,
        "?" + "&".join(f"tasks=thousand+{at}" for at in range(1000)),
    )),
    *(Example(f"{TASKS}?services={failure}") for failure in FAILURES),
    *(Example(f"{TASKS}/{failure}") for failure in FAILURES),
    *(Example(f"{TASKS}/{quote(task, safe='')}") for task in ODD_IDS),
    *(Example(f"{TASKS}/{quote('hidden ' + task, safe='')}") for task in ODD_IDS),
    *(Example(TASKS + path) for path in (
        "/missing", "/", "//", "/b/c", "/%ff", "/%zz", "/%", "/%00", "/a%0Ab", "/%0a", "/a?x=1", "/a?", "/%2e%2e", "/..%2F..",
    )),
    *(Example(f"/api/snapservice/{path}") for path in ("", "other", "TASKS", "tasks%2Fa", "%74asks")),
    *(Example(target, method) for target in (TASKS, TASKS + "/b%2Fc") for method in (
        "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD",
    )),
    *(Example(target, authorization=text) for target in (TASKS, TASKS + "/b%2Fc", TASKS + "?x") for text in (
        "", "Bearer guest", "Bearer other", "Basic ops",
    )),
    *(Example(target, body=body) for target in (TASKS + "?services=odd", TASKS + "/b%2Fc") for body in (
        b" ", b" " * 200_000, b"{" + b" " * 200_000 + b"}", b" " * 200_000 + b"x", b"{}" + b" " * 2000 + b"x", b"\x0b\x0c",
        b"{}", b" {\n} ", b'{"status":["FAILED"]}', b"x" * 200_000, b"[]",
    )),
]  # fmt: skip


def expected(example: Example) -> rest.Response:
    """Return the response of the boundary, without a server."""
    service = rest.Service(
        SOURCE,
        challenge="Bearer",
        authenticate=lambda request: CALLERS.get(request.header("authorization") or ""),
        visibility=lambda caller: Grants([FilterSpec(users={caller.user})]),
    )
    return service.handle(
        rest.Request(example.method, example.target, {"authorization": example.authorization}, example.body)
    )


@pytest.fixture(scope="module", params=sorted(COMMANDS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    recipe: str = request.param
    with serving(recipe, tmp_path_factory.mktemp(recipe)) as server:
        yield server


def curl(server: Server, example: Example) -> rest.Response:
    """Return the response that curl receives; curl does not change the target."""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "20", "--globoff", "--path-as-is"]
    command += ["--request-target", example.target]
    command += ["--head"] if example.method == "HEAD" else ["--request", example.method]
    command += ["--header", f"Authorization: {example.authorization}"] if example.authorization else []
    command += ["--header", "Transfer-Encoding: chunked"] if example.is_chunked else []
    command += ["--data-binary", "@-", "--header", "Content-Type: application/json"] if example.body else []
    done = subprocess.run([*command, server.url], input=example.body, capture_output=True, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple((name.lower(), value) for name, _, value in (line.partition(": ") for line in lines))
    return rest.Response(int(status_line.split()[1]), headers, body)


def relevant_parts(response: rest.Response) -> tuple[int, bytes, dict[str, str | None]]:
    names = ("content-type", "content-length", "cache-control", "www-authenticate", "allow")
    return response.status, response.body, {name: response.header(name) for name in names}


def test_recipe_under_a_real_server_answers_as_the_boundary(server: Server, report: list[str]) -> None:
    """W-3, Q-1, E-2: Compare byte for byte; each body passes the official schema and the SDK."""
    statuses = set()
    for example in EXAMPLES:
        response = curl(server, example)
        assert relevant_parts(response) == relevant_parts(expected(example)), example
        assert SECRET not in f"{response.headers}{response.body!r}" or SECRET in example.target
        statuses.add(response.status)
        if response.body:
            value = read_value(example, response)
            assert schema_violations(value) == []
            assert json.loads(sdk_round_trip(type(value), response.body))
    assert statuses == {200, 400, 401, 403, 404, 409, 500, 503, 504}
    report.append(f"answers under a real server: {len(EXAMPLES)}, with {len(statuses)} statuses")


def read_value(example: Example, response: rest.Response) -> Value:
    """Return the value that a read function returns or raises for a response."""
    reader: Callable[..., Value] = (
        rest.read_list if rest.Request("GET", example.target).path == TASKS.encode() else rest.read_info
    )
    if response.status == 200:
        return reader(response.status, response.headers, response.body)
    with pytest.raises(Error) as caught:
        reader(response.status, response.headers, response.body)
    error = caught.value
    assert error.received_status == error.http_status == response.status
    assert SECRET not in repr(error) or SECRET in example.target
    return error.value


@pytest.mark.parametrize("kind", [*ErrorType, ErrorType("BRAND_NEW")])
def test_response_to_any_error_of_a_source_matches_the_document(kind: ErrorType) -> None:
    """W-3, E-2: It passes the schema of its status, or the default one."""
    document = rest.openapi()
    text = LocalizableMessage(id="m", default_message="Failed")
    error = Error.from_value(ErrorValue(messages=[text], error_type=kind))

    def failing(filter: FilterSpec) -> NoReturn:
        raise error

    for path, target in (("/snapservice/tasks", TASKS), ("/snapservice/tasks/{task}", TASKS + "/a")):
        service = rest.Service(
            failing, authenticate=lambda request: CALLERS["Bearer ops"], visibility=lambda caller: EVERYTHING
        )
        response = service.handle(rest.Request("GET", target))
        declared = document["paths"][path]["get"]["responses"]
        schema = declared.get(str(response.status), declared["default"])["content"]["application/json"]["schema"]
        validator = OAS31Validator(schema | {"components": document["components"]})
        assert [*validator.iter_errors(json.loads(response.body))] == []


def test_recipe_with_failing_source_logs_the_traceback(server: Server) -> None:
    """E-7, L-4: The client does not receive it."""
    for failure in ("bug", "row", "unreachable"):
        assert curl(server, Example(f"{TASKS}?services={failure}")).status >= 500
    log = server.log.read_text()
    assert "Traceback" in log
    for text in (f"RuntimeError: {SECRET}", "InvalidValue: ", f"ConnectionError: {SECRET}"):
        assert text in log


def test_recipe_with_a_concurrent_writer_returns_whole_lists(server: Server, report: list[str]) -> None:
    """L-8: Every list has every moving task once, in the same order."""
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
    assert len({*seen}) > 1, "the writer has not written"
    report.append(f"lists read by 4 clients while one writes: {len(seen)}, of {len({*seen})} different states")


def test_read_functions_with_httpx_return_values_and_raise_errors(server: Server) -> None:
    """W-4."""
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


def test_read_list_with_asynchronous_httpx_returns_values(server: Server) -> None:
    """W-4: This works under asyncio and trio."""

    async def main() -> int:
        async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": "Bearer ops"}) as client:
            answer = await client.get(TASKS, params={"services": "thousand"})
            return len(rest.read_list(answer.status_code, answer.headers, answer.content).items)

    assert asyncio.run(main()) == trio.run(main) == 1000


def test_handle_async_under_trio_answers_as_handle() -> None:
    """W-3: The boundary depends on no event loop."""

    async def authenticate(request: rest.Request) -> Caller | None:
        await trio.lowlevel.checkpoint()
        return CALLERS.get(request.header("authorization") or "")

    async def visibility(caller: Caller) -> Visibility:
        await trio.lowlevel.checkpoint()
        return Grants([FilterSpec(users={caller.user})])

    async def main(example: Example) -> rest.Response:
        request = rest.Request(example.method, example.target, {"authorization": example.authorization}, example.body)
        with trio.fail_after(20):
            service = rest.Service(
                Asynchronous(SOURCE.index, trio.lowlevel.checkpoint),
                challenge="Bearer",
                authenticate=authenticate,
                visibility=visibility,
            )
            return await service.handle_async(request)

    answered = [example for example in EXAMPLES if not any(failure in example.target for failure in FAILURES)]
    assert len(answered) > 70
    for example in answered:
        assert trio.run(main, example) == expected(example)


def test_httpx_client_recipe_lists_tasks_and_gets_statuses(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """W-4, Q-1: It lists without an event loop, and gets a task with one."""
    monkeypatch.setattr(httpx_client, "URL", server.url + TASKS)
    listed = httpx_client.list_tasks(FilterSpec(services={"odd"}))
    assert [item.task for item in listed] == [*ODD_IDS]
    for task, status in (*((task, "SUCCEEDED") for task in ODD_IDS), ("missing", None)):
        assert asyncio.run(httpx_client.status_of(task)) == status
    with pytest.raises(ResourceInaccessible):
        httpx_client.list_tasks(FilterSpec(services={"too-many"}))


def test_page_with_mock_transport_tests_a_client(tmp_path: Path) -> None:
    """W-4: Run the tests that a reader saves from the page about test data."""
    (tmp_path / "test_failed_tasks.py").write_text(marked("save: test_failed_tasks.py"), encoding="utf-8")
    done = run_saved_tests(tmp_path)
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout


def test_fastapi_page_session_shows_the_real_output(tmp_path: Path) -> None:
    """Q-1, Q-2, A-1: On a failure, paste the printed output into the page."""
    session = marked("served")
    (tmp_path / "fastapi_app.py").write_bytes((RECIPES / "fastapi_app.py").read_bytes())
    command = tmp_path / "snaptasks"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m snaptasks "$@"\n')
    command.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    shown = ""
    with serving("fastapi_app", tmp_path, app="fastapi_app:app") as server:
        for line in re.findall(r"^\$ (.*)$", session, re.MULTILINE):
            command_line = line.replace("http://127.0.0.1:8000", server.url)
            done = subprocess.run(["sh", "-c", command_line], env=env, capture_output=True, check=False)
            shown += f"$ {line}\n{done.stdout.decode()}".replace("\r", "")
    assert shown == session


def test_recipes_have_at_most_twenty_lines() -> None:
    """Q-1: Blank lines do not count."""
    for recipe in COMMANDS:
        lines = (RECIPES / f"{recipe}.py").read_text().splitlines()
        assert len([line for line in lines if line.strip()]) <= 20


def test_recipe_in_a_folder_of_its_own_answers_lists_and_mistakes(tmp_path: Path) -> None:
    """Q-2, A-1."""
    for recipe in COMMANDS:
        folder = tmp_path / recipe
        folder.mkdir()
        (folder / f"{recipe}.py").write_bytes((RECIPES / f"{recipe}.py").read_bytes())
        with serving(recipe, folder, app=f"{recipe}:app") as server:
            listed = curl(server, Example(f"{TASKS}?status=FAILED&status=RUNNING"))
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
                answer = curl(server, Example(TASKS + target))
                assert (answer.status, json.loads(answer.body)["error_type"]) == (status, error)
            response = curl(server, Example(TASKS, authorization=""))
            assert (response.status, response.header("www-authenticate")) == (401, "Bearer")
