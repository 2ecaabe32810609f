"""Test the recipes that move tasks and follow one, with a fake clock and as commands (E-8, V-6, V-10)."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeAlias

import httpx
import pytest

from examples import follow, moving_app
from snaptasks import ListItem, ListResult
from tests.command.command_runs import environment, item, on_terminal
from tests.integration.servers import COMMANDS, RECIPES, Server, serving

URL = "http://server"
RUNNING = item(1, status="RUNNING", progress=item()["info"]["progress"] | {"total": 100, "completed": 40})["info"]
del RUNNING["end_time"]
SUCCEEDED = item()["info"]
BUSY = {"error_type": "RESOURCE_BUSY", "messages": [{"id": "m", "default_message": "Busy", "args": []}]}

Handler: TypeAlias = Callable[[httpx.Request], httpx.Response]
Run: TypeAlias = Callable[..., tuple[int, list[str]]]


class Clock:
    """Represent a clock that advances in sleep only."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give both recipes a clock that stands where backup-1 begins, and random numbers with a fixed seed."""
    clock = Clock(moving_app.EVERY)
    for recipe in (follow, moving_app):
        monkeypatch.setattr(recipe, "time", clock)
    monkeypatch.setattr(moving_app, "STARTED", 0)
    monkeypatch.setattr(moving_app, "troubles", random.Random(1))
    monkeypatch.setattr(follow, "random", random.Random(1))
    return clock


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, clock: Clock, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that follows a task of a server, and returns the exit status and the printed lines."""
    client = httpx.Client

    def run(handler: Handler, task: str, *options: str) -> tuple[int, list[str]]:
        transport = httpx.MockTransport(handler)
        monkeypatch.setattr(httpx, "Client", lambda **settings: client(transport=transport, **settings))
        monkeypatch.setattr(sys, "argv", ["follow.py", URL, task, *options])
        return follow.main(), capsys.readouterr().out.split("\n")[:-1]

    return run


def in_turn(*responses: httpx.Response | Exception) -> Handler:
    """Return a server that gives these responses to gets, one after the other, and lists nothing."""
    left: Iterator[httpx.Response | Exception] = iter(responses)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/tasks"):
            return httpx.Response(200, json={"items": []})
        response = next(left)
        if isinstance(response, Exception):
            raise response
        return response

    return handle


def state(info: dict[str, Any], **changes: Any) -> httpx.Response:
    return httpx.Response(200, json=info | changes)


def busy(status: int = 500, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.Response(status, json=BUSY, headers=named)


def moving(request: httpx.Request) -> httpx.Response:
    """Return the response of the recipe's server, in this process."""

    async def main() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(moving_app.app)) as inner:
            return await inner.send(request)

    response = asyncio.run(main())
    return httpx.Response(response.status_code, headers=response.headers, content=response.content)


def test_moving_tasks_pass_through_their_statuses_in_order() -> None:
    """U-1, V-6: One of the statuses is unknown."""
    story = [moving_app.tasks_at(now / 4) for now in range(4 * 90)]
    for number, end in ((0, "SUCCEEDED"), (1, "FAILED"), (2, "SUCCEEDED")):
        seen = [item.info.status for tasks in story for item in tasks if item.task == f"backup-{number}"]
        assert [*dict.fromkeys(seen)] == ["PENDING", "QUIESCING", "RUNNING", end]
        assert seen == sorted(seen, key=["PENDING", "QUIESCING", "RUNNING", end].index)
    assert all(ListResult.from_json(ListResult(items=tasks).to_json()).items == tuple(tasks) for tasks in story)


def test_moving_tasks_have_one_child_whose_progress_falls_back_once() -> None:
    """V-10: The progress of all others may always follow the progress before."""
    for number in (0, 1):
        story = [moving_app.backup(number, moving_app.EVERY * number + now / 4) for now in range(120)]
        parent, *machines = zip(*story, strict=True)
        assert {at.info.parent for machine in machines for at in machine} == {parent[0].task}
        falls = [sum(map(falls_back, each, each[1:])) for each in (parent, *machines)]
        assert falls == [0, 1, *[0] * (len(machines) - 1)]
        failed = [machine[-1].info.error for machine in machines]
        assert [error is not None for error in failed] == [False] * (len(machines) - 1) + [number == 1]


def falls_back(earlier: ListItem, later: ListItem) -> bool:
    before, after = earlier.info.progress, later.info.progress
    return before is not None and (after is None or not after.may_follow(before))


def test_moving_tasks_depend_on_the_seed_and_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """L-5: Random changes repeat with their seed."""
    first = moving_app.tasks_at(1000)
    assert first == moving_app.tasks_at(1000)
    assert len([item for item in first if item.info.parent is None]) == moving_app.LISTED
    monkeypatch.setattr(moving_app, "SEED", "another")
    assert first != moving_app.tasks_at(1000)


def test_follow_with_failing_task_prints_its_causes_and_children(run: Run, clock: Clock) -> None:
    """E-8, V-6: Unknown statuses and failing responses do not end it."""
    status, lines = run(moving, "backup-1")
    assert status == 1, lines
    assert lines.count("the status QUIESCING is unknown to this program") == 1
    assert "RUNNING [##########.......... 50%] Committing: 1 of 2 virtual machines" in lines
    assert "The appliance restarts.; again in 1 s" in lines
    end = lines.index("backup-1 FAILED: Create snapshot of protection group 'group-1'")
    details = [line for line in lines[end + 1 :] if "restarts" not in line]
    assert details == [
        "  error: The snapshot of protection group 'group-1' failed.",
        "  because: Datastore 'vsan-01' has 22.1 GiB free, 141.39 GiB are needed.",
        "  backup-1.0 SUCCEEDED: Create snapshot of virtual machine 'vm-0'",
        "  backup-1.1 FAILED: Create snapshot of virtual machine 'vm-1'",
        "    error: Datastore 'vsan-01' has 22.1 GiB free, 141.39 GiB are needed.",
    ]
    assert {*clock.slept} == {follow.POLL}


def test_follow_with_progress_that_falls_back_says_so_once(run: Run) -> None:
    """V-10: The bar continues from the new progress."""
    status, lines = run(moving, "backup-1.0")
    notices = [line for line in lines if line.startswith("the progress fell")]
    assert (status, len(notices)) == (0, 1)
    assert lines.index(notices[0]) < lines.index("SUCCEEDED [#################### 100%] 100.0 % completed")


@pytest.mark.parametrize(
    ("retry_after", "shortest", "longest"),
    [
        (timedelta(seconds=7), 7, 7),
        (timedelta(0), 1, 1),
        (datetime(2020, 1, 1, tzinfo=UTC), 1, 1),
        (datetime.max.replace(tzinfo=UTC), 1e9, 1e12),
    ],
)
def test_follow_delay_with_retry_after_follows_it(
    retry_after: timedelta | datetime, shortest: float, longest: float
) -> None:
    """E-8: Wait at least as long as between two polls."""
    assert shortest <= follow.delay(retry_after, 3) <= longest


def test_follow_delay_without_retry_after_grows_up_to_a_bound() -> None:
    """E-8: The bound holds after any number of tries."""
    assert [2 ** (tries + 1) / 2 <= follow.delay(None, tries) <= 2 ** (tries + 1) for tries in range(5)] == [True] * 5
    assert follow.LONGEST / 2 <= follow.delay(None, 10_000) <= follow.LONGEST


def test_follow_with_retry_after_date_waits_for_it(run: Run, clock: Clock) -> None:
    """E-8: Retry-After is a number of seconds or a date."""
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    status, lines = run(
        in_turn(busy(503, Retry_After=date), busy(Retry_After="30"), state(SUCCEEDED)), "t", "--deadline=9999"
    )
    assert (status, len(lines)) == (0, 4)
    assert [round(seconds, -2) for seconds in clock.slept] == [3600, 0]
    assert clock.slept[1] == 30


@pytest.mark.parametrize(
    "failing",
    [
        busy(),
        busy(429),
        httpx.Response(502, html="<h1>Bad Gateway</h1>"),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("too late"),
        httpx.RemoteProtocolError("closed"),
    ],
    ids=str,
)
def test_follow_with_transient_failure_retries_with_longer_waits(
    failing: httpx.Response | Exception, run: Run, clock: Clock
) -> None:
    """E-8."""
    status, lines = run(in_turn(failing, failing, failing, state(SUCCEEDED)), "t")
    assert (status, len(lines)) == (0, 5)
    first, second, third = clock.slept
    assert 1 <= first <= 2 <= second <= 4 <= third <= 8


@pytest.mark.parametrize(
    ("failing", "text"),
    [
        (httpx.Response(503, json=BUSY | {"data": {"is_transient": False}}), "ResourceBusy: Busy"),
        (busy(Retry_After="7200"), "ResourceBusy: Busy"),
        (httpx.Response(404, json=BUSY | {"error_type": "NOT_FOUND"}), "NotFound: Busy"),
        (httpx.UnsupportedProtocol("no http"), "UnsupportedProtocol: no http"),
    ],
    ids=str,
)
def test_follow_with_lasting_failure_exits_immediately_with_status_3(
    failing: httpx.Response | Exception, text: str, run: Run, clock: Clock
) -> None:
    """E-8: Status 3 means that the end of the task is unknown."""
    assert run(in_turn(failing), "t") == (3, [text])
    assert clock.slept == []


def test_follow_past_the_deadline_prints_the_last_status(run: Run, clock: Clock) -> None:
    """V-1."""
    status, lines = run(in_turn(*[state(RUNNING)] * 4), "t", "--deadline=3.5")
    assert (status, lines[1:], clock.slept) == (3, ["TimeoutError: t is still RUNNING"], [1, 1, 1])


def test_follow_with_ended_task_of_unknown_status_exits_with_status_3(run: Run) -> None:
    """V-6, U-3: It is neither a success nor a failure."""
    status, lines = run(in_turn(state(RUNNING, status="FROZEN"), state(SUCCEEDED, status="FROZEN")), "t")
    assert (status, lines.count("the status FROZEN is unknown to this program")) == (3, 1)
    assert lines[-1].startswith("t FROZEN: ")


def test_follow_with_failed_task_without_error_prints_its_result(run: Run) -> None:
    """U-2: The result has the reason."""
    status, lines = run(in_turn(state(SUCCEEDED, status="FAILED", result={"wrong": "für"})), "t")
    assert (status, lines[-1]) == (1, '  result: {"wrong": "für"}')


@pytest.mark.parametrize(
    ("total", "completed", "bar"),
    [(0, 5, "[?]"), (-1, 5, "[?]"), (10, 25, f"[{'#' * 20} 250%]"), (10, -5, f"[{'.' * 20} -50%]"), (10, 4, "40%")],
)
def test_follow_draws_a_bar_of_any_progress(total: int, completed: int, bar: str, run: Run) -> None:
    """V-10, W-5: The API sets no range; replace characters that control a terminal."""
    odd = {"total": total, "completed": completed, "message": {"id": "m", "default_message": "\x1b[2J\nha"}}
    _, lines = run(in_turn(state(RUNNING, progress=odd), state(SUCCEEDED)), "t")
    assert bar in lines[0]
    assert lines[0].endswith("?[2J?ha")


def test_follow_with_too_many_children_lists_by_service_and_keeps_status(run: Run) -> None:
    """L-2, F-6: No filter has a parent; a failing list does not change the exit status."""
    queries: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/tasks"):
            queries.append(request.url.query.decode())
            return httpx.Response(500, json=BUSY | {"error_type": "RESOURCE_INACCESSIBLE"})
        assert request.url.raw_path == b"/api/snapservice/tasks/%2E%2E%2Fa%20b"
        return state(SUCCEEDED)

    status, lines = run(handle, "../a b", "--service=one", "--service=two")
    assert (status, lines[-1], queries) == (0, "ResourceInaccessible: Busy", ["services=one&services=two"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the moving server from its file only, under uvicorn, at ten times the speed."""
    folder = tmp_path_factory.mktemp("moving")
    (folder / "moving_app.py").write_bytes((RECIPES / "moving_app.py").read_bytes())
    commands = {"moving_app": COMMANDS["fastapi_app"]}
    with serving("moving_app", folder, "moving_app:app", commands, SPEED="10", TROUBLE="0.3") as server:
        yield server


def test_follow_command_with_moving_server_works_over_http(server: Server) -> None:
    """E-8: A third of the responses, lists of children included, is 503 with Retry-After."""
    command = [sys.executable, str(RECIPES / "follow.py"), server.url, "backup-1", "--deadline=120"]
    done = subprocess.run(command, capture_output=True, check=False, env=environment(), timeout=180)
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (1, b"")
    assert "  because: Datastore 'vsan-01' has 22.1 GiB free, 141.39 GiB are needed.\n" in text
    assert "  backup-1.1 FAILED: Create snapshot of virtual machine 'vm-1'\n" in text
    refused = subprocess.run(command, capture_output=True, check=False, env=environment(TOKEN="x"), timeout=180)
    assert (refused.returncode, refused.stdout) == (3, b"Unauthenticated: The caller is not authenticated.\n")


def test_follow_on_a_terminal_rewrites_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """V-10: Each state replaces the one before; final texts have their own lines."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    status, lines = run(in_turn(state(RUNNING), state(RUNNING), state(SUCCEEDED)), "t")
    running, succeeded, last = (
        f"\r\x1b[K\x1b[?7l{text}\x1b[?7h"
        for text in (
            f"RUNNING [{'#' * 8}{'.' * 12} 40%] Completed",
            f"SUCCEEDED [{'#' * 20} 100%] Completed",
            "t SUCCEEDED: Update the pairing with site 'frankfurt-dr'",
        )
    )
    assert (status, lines) == (0, [running * 2 + succeeded + last])


def test_follow_command_recognizes_a_terminal(server: Server) -> None:
    """V-10."""
    command = [sys.executable, str(RECIPES / "follow.py"), server.url, "backup-1", "--deadline=120"]
    done = on_terminal(command, 40, b"", environment())
    assert done.returncode == 1
    assert done.text.startswith("\r\x1b[K\x1b[?7l")
    assert done.text.endswith("141.39 GiB are needed.\x1b[?7h\n")
