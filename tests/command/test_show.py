"""Test `snaptasks show` as a user runs it."""

import json
from pathlib import Path
from typing import Any

import pytest

from snaptasks import Error, ErrorType, ErrorValue, ListResult
from snaptasks._command.text import width
from tests.building import plain_item
from tests.command.command_runs import TREE, body, item, run, run_on_terminal
from tests.paths import SAMPLE

PATH = str(SAMPLE)
TEXT = {"id": "m", "default_message": "Half", "args": []}


def show_lines(*items: dict[str, Any], task: str = "t", columns: int = 80) -> list[str]:
    """Return the lines that `show` prints on a terminal."""
    found = run_on_terminal("show", task, columns=columns, stdin=body(*items))
    assert found.returncode == 0
    return found.text.splitlines()


def test_show_of_failed_task_prints_every_field() -> None:
    """G-1, E-9: Print the status first, then the messages with their ids, causes and data, and the times."""
    messages = [
        {"id": "a", "default_message": "Gone", "args": [], "localized": "Weg"},
        {"id": "b", "default_message": "Moved" + " far" * 20, "args": []},
    ]
    task = item(
        status="FAILED",
        target={"type": "VirtualMachine", "id": "vm-1"},
        progress={"total": 8, "completed": 3, "message": TEXT},
        error={"error_type": "NOT_FOUND", "messages": messages, "data": {"id": "vm-1"}},
        start_time="2025-11-04T12:10:06.183Z",
        end_time="2025-11-04T13:10:06.684Z",
        vc_task="task-1",
        result=None,
        description=TEXT,
        service="s",
        operation="s.o",
        user="CORP\\ops",
    ) | {"task": "t"}
    assert show_lines(task) == [
        "task         t",
        "status       FAILED",
        "progress     3 of 8: Half (m)",
        "error        NOT_FOUND",
        "             Weg (a)",
        "             caused by: Moved far far far far far far far far far far far far",
        "             far far far far far far far far (b)",
        '             data: {"id": "vm-1"}',
        "description  Half (m)",
        "service      s",
        "operation    s.o",
        "target       VirtualMachine vm-1",
        "user         CORP\\ops",
        "start_time   2025-11-04T12:10:06.183Z",
        "end_time     2025-11-04T13:10:06.684Z",
        "             3,600.501 s after its start",
        "cancelable   false",
        "vc_task      task-1",
    ]


def test_show_of_pending_task_omits_unset_fields() -> None:
    """U-1: A PENDING task has neither times nor progress; print a result as JSON."""
    pending = next(each for each in TREE["items"] if each["info"]["status"] == "PENDING")
    names = {line.split()[0] for line in show_lines(pending, task=pending["task"])}
    assert names.isdisjoint({"progress", "error", "start_time", "end_time", "result", "children"})
    assert not any(line.startswith("target") for line in show_lines(item(target=None) | {"task": "t"}))
    assert 'result       {"a": ["\u958b", null]}' in show_lines(item(result={"a": ["\u958b", None]}) | {"task": "t"})


def test_show_of_task_with_relatives_names_parent_and_children() -> None:
    """V-1: Name at most 20 children."""
    child = item(1, parent="t", status="FROZEN", error=None) | {"task": "c"}
    assert "parent       t (SUCCEEDED)" in show_lines(child, item() | {"task": "t"}, task="c")
    assert "parent       t (not in this listing)" in show_lines(child, task="c")
    lines = show_lines(item() | {"task": "t"}, child, child | {"task": "d"})
    assert lines[-2:] == ["children     c (FROZEN)", "             d (FROZEN)"]
    lines = show_lines(item() | {"task": "t"}, *(child | {"task": f"c{number}"} for number in range(30)))
    assert lines[-2:] == ["             c19 (FROZEN)", "             and 10 more"]


def test_show_into_pipe_prints_info_as_json() -> None:
    """W-1: Print the answer of the API; `--format` selects the form, and a terminal gets escapes."""
    task = TREE["items"][3]
    done = run("show", task["task"], PATH)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == task["info"]
    assert run("show", task["task"], PATH, "--format", "text").stdout.decode().splitlines()[:2] == [
        f"task         {task['task']}",
        f"status       {task['info']['status']}",
    ]
    hostile = item(user="\x1b\u3164") | {"task": "t"}
    found = run_on_terminal("show", "t", "--format", "json", stdin=body(hostile))
    assert found.text.replace("\n", "").isprintable()
    assert json.loads(found.text) == hostile["info"]


@pytest.mark.slow
def test_show_of_unknown_task_prints_not_found() -> None:
    """G-1: Exit with 1 and the error; a terminal also gets the ids that contain the argument."""
    part, whole = "ba77a8dfa5c2", "snapservice:task:e5c81f76-b357-4872-a087-ba77a8dfa5c2"
    done = run("show", part, PATH)
    assert (done.returncode, done.stdout) == (1, b"")
    assert Error.from_value(ErrorValue.from_json(done.stderr)).error_type is ErrorType.NOT_FOUND
    found = run_on_terminal("show", part, PATH, columns=200)
    assert found == (
        1,
        f"snaptasks: NOT_FOUND: The task '{part}' was not found.\nsnaptasks: did you mean {whole}?\n",
    )
    assert run_on_terminal("show", "snapservice", PATH).text.count("did you mean") == 20
    for none in ("", "no such task"):
        assert "did you mean" not in run_on_terminal("show", none, PATH).text


@pytest.mark.slow
def test_show_of_unknown_task_truncates_similar_ids(tmp_path: Path) -> None:
    """W-5: Twenty ids of a hostile file would fill a terminal with megabytes."""
    path = tmp_path / "tasks.json"
    items = [plain_item("task" + str(number) * 100_000) for number in range(3)]
    path.write_bytes(ListResult(items=items).to_json())
    lines = run_on_terminal("show", "task", str(path), columns=200).text.splitlines()
    similar = [f"snaptasks: did you mean task{str(number) * 95}\N{HORIZONTAL ELLIPSIS}?" for number in range(3)]
    assert lines[1:] == similar


@pytest.mark.parametrize("columns", [1, 20, 33, 80])
def test_show_of_hostile_text_escapes_and_truncates_it(columns: int) -> None:
    """W-5: The output is short on a terminal of any width."""
    text = {"id": "\x1b[2J", "default_message": "\u202e\n" + "x\u0301\u0301 " * 100_000, "args": []}
    lines = show_lines(item(description=text, user="\u2800") | {"task": "t"}, columns=columns)
    assert all(line.isprintable() for line in lines)
    assert len("".join(lines)) < 20_000
    assert "\\u2800" in "".join(lines)
    assert max(map(width, lines)) <= max(columns, 13 + len(TREE["items"][0]["info"]["operation"]))  # names are not cut
