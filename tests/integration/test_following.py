"""The recipes that move tasks and follow one: with a clock of their own, and as commands over loopback (E-8, V-6, V-10)."""

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

Answer: TypeAlias = Callable[[httpx.Request], httpx.Response]
Run: TypeAlias = Callable[..., tuple[int, list[str]]]


class Clock:
    """Time that passes in sleep only."""

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
    """The clock of both recipes, at the moment when backup-1 begins, and the chances of each from their beginning."""
    clock = Clock(moving_app.EVERY)
    for recipe in (follow, moving_app):
        monkeypatch.setattr(recipe, "time", clock)
    monkeypatch.setattr(moving_app, "STARTED", 0)
    monkeypatch.setattr(moving_app, "troubles", random.Random(1))
    monkeypatch.setattr(follow, "random", random.Random(1))
    return clock


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, clock: Clock, capsys: pytest.CaptureFixture[str]) -> Run:
    """Follow a task of a server that answers so: the exit status, and the lines."""
    client = httpx.Client

    def run(answer: Answer, task: str, *options: str) -> tuple[int, list[str]]:
        transport = httpx.MockTransport(answer)
        monkeypatch.setattr(httpx, "Client", lambda **settings: client(transport=transport, **settings))
        monkeypatch.setattr(sys, "argv", ["follow.py", URL, task, *options])
        return follow.main(), capsys.readouterr().out.split("\n")[:-1]

    return run


def in_turn(*answers: httpx.Response | Exception) -> Answer:
    """A server that answers a task so, one after the other, and lists nothing."""
    left: Iterator[httpx.Response | Exception] = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/tasks"):
            return httpx.Response(200, json={"items": []})
        given = next(left)
        if isinstance(given, Exception):
            raise given
        return given

    return answer


def state(info: dict[str, Any], **changes: Any) -> httpx.Response:
    return httpx.Response(200, json=info | changes)


def busy(status: int = 500, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.Response(status, json=BUSY, headers=named)


def moving(request: httpx.Request) -> httpx.Response:
    """The server of the recipe, in this process."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(moving_app.app)) as inner:
            return await inner.send(request)

    answer = asyncio.run(ask())
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def test_moving_tasks_wait_run_and_end() -> None:
    """U-1, V-6: each task goes through all its statuses in order, and one of them is unknown."""
    story = [moving_app.tasks_at(now / 4) for now in range(4 * 90)]
    for number, end in ((0, "SUCCEEDED"), (1, "FAILED"), (2, "SUCCEEDED")):
        seen = [item.info.status for tasks in story for item in tasks if item.task == f"backup-{number}"]
        assert [*dict.fromkeys(seen)] == ["PENDING", "QUIESCING", "RUNNING", end]
        assert seen == sorted(seen, key=["PENDING", "QUIESCING", "RUNNING", end].index)
    assert all(ListResult.from_json(ListResult(items=tasks).to_json()).items == tuple(tasks) for tasks in story)


def test_moving_tasks_have_children_one_of_which_falls_back_once() -> None:
    """V-10: the progress of the first machine may not follow what it was, once; that of the others always may."""
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


def test_a_seed_tells_its_own_story_and_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """L-5: what moves by chance moves the same way each time."""
    first = moving_app.tasks_at(1000)
    assert first == moving_app.tasks_at(1000)
    assert len([item for item in first if item.info.parent is None]) == moving_app.LISTED
    monkeypatch.setattr(moving_app, "SEED", "another")
    assert first != moving_app.tasks_at(1000)


def test_a_failing_task_is_followed_to_its_causes(run: Run, clock: Clock) -> None:
    """E-8, V-6: through unknown statuses and answers that fail, to its causes and its children."""
    status, lines = run(moving, "backup-1")
    assert status == 1, lines
    assert lines.count("the status QUIESCING is unknown to this program") == 1
    assert "RUNNING [##########.......... 50%] Committing: 1 of 2 virtual machines" in lines
    assert "The appliance restarts.; again in 1 s" in lines
    end = lines.index("backup-1 FAILED: Create snapshot of protection group 'group-1'")
    told = [line for line in lines[end + 1 :] if "restarts" not in line]
    assert told == [
        "  error: The snapshot of protection group 'group-1' failed.",
        "  because: Datastore 'vsan-01' has 22.1 GiB free, 141.39 GiB are needed.",
        "  backup-1.0 SUCCEEDED: Create snapshot of virtual machine 'vm-0'",
        "  backup-1.1 FAILED: Create snapshot of virtual machine 'vm-1'",
        "    error: Datastore 'vsan-01' has 22.1 GiB free, 141.39 GiB are needed.",
    ]
    assert {*clock.slept} == {follow.POLL}


def test_progress_that_falls_back_is_said(run: Run) -> None:
    """V-10: once, and the bar goes on from there."""
    status, lines = run(moving, "backup-1.0")
    said = [line for line in lines if line.startswith("the progress fell")]
    assert (status, len(said)) == (0, 1)
    assert lines.index(said[0]) < lines.index("SUCCEEDED [#################### 100%] 100.0 % completed")


@pytest.mark.parametrize(
    ("asked", "shortest", "longest"),
    [
        (timedelta(seconds=7), 7, 7),
        (timedelta(0), 1, 1),
        (datetime(2020, 1, 1, tzinfo=UTC), 1, 1),
        (datetime.max.replace(tzinfo=UTC), 1e9, 1e12),
    ],
)
def test_a_delay_is_what_the_server_asks_for(asked: timedelta | datetime, shortest: float, longest: float) -> None:
    """E-8: at least as long as between two looks."""
    assert shortest <= follow.delay(asked, 3) <= longest


def test_a_delay_grows_up_to_a_bound_where_the_server_asks_for_none() -> None:
    """E-8: however many tries there were."""
    assert [2 ** (tries + 1) / 2 <= follow.delay(None, tries) <= 2 ** (tries + 1) for tries in range(5)] == [True] * 5
    assert follow.LONGEST / 2 <= follow.delay(None, 10_000) <= follow.LONGEST


def test_a_date_is_waited_for(run: Run, clock: Clock) -> None:
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
def test_what_may_go_away_is_tried_again(failing: httpx.Response | Exception, run: Run, clock: Clock) -> None:
    """E-8: after longer waits each time."""
    status, lines = run(in_turn(failing, failing, failing, state(SUCCEEDED)), "t")
    assert (status, len(lines)) == (0, 5)
    first, second, third = clock.slept
    assert 1 <= first <= 2 <= second <= 4 <= third <= 8


@pytest.mark.parametrize(
    ("failing", "told"),
    [
        (httpx.Response(503, json=BUSY | {"data": {"is_transient": False}}), "ResourceBusy: Busy"),
        (busy(Retry_After="7200"), "ResourceBusy: Busy"),
        (httpx.Response(404, json=BUSY | {"error_type": "NOT_FOUND"}), "NotFound: Busy"),
        (httpx.UnsupportedProtocol("no http"), "UnsupportedProtocol: no http"),
    ],
    ids=str,
)
def test_what_does_not_go_away_in_time_ends_it(
    failing: httpx.Response | Exception, told: str, run: Run, clock: Clock
) -> None:
    """E-8: at once, and no one knows how the task ends."""
    assert run(in_turn(failing), "t") == (3, [told])
    assert clock.slept == []


def test_a_deadline_ends_it(run: Run, clock: Clock) -> None:
    """V-1: the last status is said."""
    status, lines = run(in_turn(*[state(RUNNING)] * 4), "t", "--deadline=3.5")
    assert (status, lines[1:], clock.slept) == (3, ["TimeoutError: t is still RUNNING"], [1, 1, 1])


def test_an_unknown_status_that_has_an_end_is_an_end(run: Run) -> None:
    """V-6, U-3: neither a success nor a failure."""
    status, lines = run(in_turn(state(RUNNING, status="FROZEN"), state(SUCCEEDED, status="FROZEN")), "t")
    assert (status, lines.count("the status FROZEN is unknown to this program")) == (3, 1)
    assert lines[-1].startswith("t FROZEN: ")


def test_a_failure_without_an_error_shows_its_result(run: Run) -> None:
    """U-2: there the reason is."""
    status, lines = run(in_turn(state(SUCCEEDED, status="FAILED", result={"wrong": "für"})), "t")
    assert (status, lines[-1]) == (1, '  result: {"wrong": "für"}')


@pytest.mark.parametrize(
    ("total", "completed", "bar"),
    [(0, 5, "[?]"), (-1, 5, "[?]"), (10, 25, f"[{'#' * 20} 250%]"), (10, -5, f"[{'.' * 20} -50%]"), (10, 4, "40%")],
)
def test_a_bar_is_drawn_of_any_progress(total: int, completed: int, bar: str, run: Run) -> None:
    """V-10, W-5: the API sets no range; what would steer a terminal is replaced."""
    odd = {"total": total, "completed": completed, "message": {"id": "m", "default_message": "\x1b[2J\nha"}}
    _, lines = run(in_turn(state(RUNNING, progress=odd), state(SUCCEEDED)), "t")
    assert bar in lines[0]
    assert lines[0].endswith("?[2J?ha")


def test_children_are_asked_for_by_service_where_there_are_too_many(run: Run) -> None:
    """L-2, F-6: no filter asks for a parent; what cannot be listed does not change how the task ended."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/tasks"):
            asked.append(request.url.query.decode())
            return httpx.Response(500, json=BUSY | {"error_type": "RESOURCE_INACCESSIBLE"})
        assert request.url.raw_path == b"/api/snapservice/tasks/%2E%2E%2Fa%20b"
        return state(SUCCEEDED)

    status, lines = run(answer, "../a b", "--service=one", "--service=two")
    assert (status, lines[-1], asked) == (0, "ResourceInaccessible: Busy", ["services=one&services=two"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The moving server as a stranger runs it: a file, and uvicorn. A minute of the story is six seconds."""
    folder = tmp_path_factory.mktemp("moving")
    (folder / "moving_app.py").write_bytes((RECIPES / "moving_app.py").read_bytes())
    commands = {"moving_app": COMMANDS["fastapi_app"]}
    with serving("moving_app", folder, "moving_app:app", commands, SPEED="10", TROUBLE="0.3") as server:
        yield server


def test_the_commands_work_together(server: Server) -> None:
    """E-8: over HTTP, where a third of the answers is 503 with Retry-After; the list of the children, too."""
    command = [sys.executable, str(RECIPES / "follow.py"), server.url, "backup-1", "--deadline=120"]
    done = subprocess.run(command, capture_output=True, check=False, env=environment(), timeout=180)
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (1, b"")
    assert "  because: Datastore 'vsan-01' has 22.1 GiB free, 141.39 GiB are needed.\n" in text
    assert "  backup-1.1 FAILED: Create snapshot of virtual machine 'vm-1'\n" in text
    refused = subprocess.run(command, capture_output=True, check=False, env=environment(TOKEN="x"), timeout=180)
    assert (refused.returncode, refused.stdout) == (3, b"Unauthenticated: The caller is not authenticated.\n")


def test_a_terminal_shows_one_line_that_changes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """V-10: each state in place of the one before; what stays is on lines of its own."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    status, lines = run(in_turn(state(RUNNING), state(RUNNING), state(SUCCEEDED)), "t")
    running, end, told = (
        f"\r\x1b[K\x1b[?7l{text}\x1b[?7h"
        for text in (
            f"RUNNING [{'#' * 8}{'.' * 12} 40%] Completed",
            f"SUCCEEDED [{'#' * 20} 100%] Completed",
            "t SUCCEEDED: Update the pairing with site 'frankfurt-dr'",
        )
    )
    assert (status, lines) == (0, [running * 2 + end + told])


def test_a_terminal_is_told_from_a_pipe(server: Server) -> None:
    """V-10: by the command itself."""
    command = [sys.executable, str(RECIPES / "follow.py"), server.url, "backup-1", "--deadline=120"]
    shown = on_terminal(command, 40, b"", environment())
    assert shown.returncode == 1
    assert shown.text.startswith("\r\x1b[K\x1b[?7l")
    assert shown.text.endswith("141.39 GiB are needed.\x1b[?7h\n")
