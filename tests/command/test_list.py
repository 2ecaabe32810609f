"""`snaptasks list`, as a user types it."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from snaptasks import ArgumentLocations, Error, ErrorType, ErrorValue, ListItem, ListResult
from snaptasks._command.text import width
from tests.command.command_runs import TREE, body, item, run, run_on_terminal
from tests.paths import SAMPLE

PATH = str(SAMPLE)


def matching(**wanted: set[str | None]) -> list[dict[str, Any]]:
    """The tasks of the sample of which these fields of info have one of these values."""
    found = [
        each for each in TREE["items"] if all(each["info"].get(field) in values for field, values in wanted.items())
    ]
    assert found
    return found


def told(error: bytes) -> Error:
    """The error that standard error holds as JSON."""
    return Error.from_value(ErrorValue.from_json(error))


# Filters


def test_a_listing_is_again_a_response_body() -> None:
    """F-1, W-1: filters from options, each repeatable, and output that is read again."""
    done = run("list", PATH, "--status", "FAILED", "--status", "BLOCKED", "--user", "CORP\\ops-team")
    assert (done.returncode, done.stderr) == (0, b"")
    expected = matching(status={"FAILED", "BLOCKED"}, user={"CORP\\ops-team"})
    assert json.loads(done.stdout) == {"items": expected}
    again = run("list", "-", stdin=done.stdout)
    assert again.stdout == done.stdout == run("list", stdin=done.stdout).stdout
    assert len(ListResult.from_json(done.stdout).items) == len(expected)


@pytest.mark.parametrize(
    ("option", "field"), [("--task", "task"), ("--operation", "operation"), ("--service", "service")]
)
def test_every_field_has_its_option(option: str, field: str) -> None:
    """F-2: the names of the API."""
    task = TREE["items"][7]
    value = task["task"] if field == "task" else task["info"][field]
    done = run("list", PATH, option, value)
    own = [each for each in TREE["items"] if (each["task"] if field == "task" else each["info"][field]) == value]
    assert json.loads(done.stdout) == {"items": own}


def test_a_grant_is_what_may_be_seen() -> None:
    """A-4: filters as query strings, visible what any of them matches; without one everything in the file."""
    one, two = "com.vmware.snapservice.sites", "CORP\\ops-team"
    done = run("list", PATH, "--grant", f"services={one}&status=FAILED", "--grant", "users=CORP%5Cops-team")
    seen = [
        each
        for each in TREE["items"]
        if (each["info"]["service"] == one and each["info"]["status"] == "FAILED") or each["info"].get("user") == two
    ]
    assert json.loads(done.stdout) == {"items": seen}
    done = run("list", PATH, "--status", "FAILED", "--grant", "users=CORP%5Cops-team")
    assert json.loads(done.stdout) == {"items": matching(status={"FAILED"}, user={two})}
    assert json.loads(run("list", PATH, "--grant", "users=nobody").stdout) == {"items": []}
    assert json.loads(run("list", PATH).stdout) == TREE


@pytest.mark.parametrize("grant", ["", "&"])
def test_a_grant_of_nothing_in_particular_is_wrong_usage(grant: str) -> None:
    """A-4: it must not open everything."""
    done = run("list", PATH, "--grant", grant)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"argument --grant: must constrain something" in done.stderr


def test_strict_scope_is_an_option() -> None:
    """F-8: with it a filter names tasks or services."""
    done = run("list", PATH, "--require-scope", "--status", "FAILED")
    assert (done.returncode, done.stdout) == (1, b"")
    assert told(done.stderr).data_as(ArgumentLocations) == ArgumentLocations(primary="tasks", secondary=["services"])
    service = TREE["items"][0]["info"]["service"]
    done = run("list", PATH, "--require-scope", "--service", service, "--status", "FAILED")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"items": matching(service={service}, status={"FAILED"})}


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "stdin", "kind", "primary", "text"),
    [
        (["--status", "BROKEN"], body(), "INVALID_ARGUMENT", "status", "must be one of"),
        (["--user", "", "--status", "BROKEN"], body(), "INVALID_ARGUMENT", "users", "must not be empty"),
        (["--status", "x", "--user", ""], b"", "INVALID_ARGUMENT", "status", "must be one of"),
        (["--task", b"\xff"], body(), "INVALID_ARGUMENT", "tasks", "lone surrogates"),
        (["--grant", "statuz=a"], body(), "UNEXPECTED_INPUT", "statuz", "must be a parameter"),
        (["--grant", "status=a"], body(), "INVALID_ARGUMENT", "status", "must be one of"),
        (["--grant", "users=%ff"], body(), "INVALID_ARGUMENT", "users", "must be valid UTF-8"),
        ([], b"", "INVALID_ARGUMENT", "", "and this is empty"),
        ([], b"<html>", "INVALID_ARGUMENT", "", "and this is HTML"),
        ([], b"\xff", "INVALID_ARGUMENT", "", "not JSON from the first character on"),
        ([], b"[" * 100_000, "INVALID_ARGUMENT", "", "nested too deep"),
        ([], b"[]", "INVALID_ARGUMENT", "", "[V-13]"),
        ([], body({"task": "t"}), "INVALID_ARGUMENT", "items.0.info", "must be set"),
        ([], body(item(status="RUNNING", end_time=None, progress=None)), "INVALID_ARGUMENT", "items.0.info.progress", "U-1"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(
    arguments: list[str | bytes], stdin: bytes, kind: str, primary: str, text: str
) -> None:
    """E-5: exit status 1, nothing on standard output, and the error's JSON: its type, where, and why."""
    done = run("list", "-", *arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (1, b"")
    error = told(done.stderr)
    assert error.error_type == kind
    locations = error.data_as(ArgumentLocations)
    assert locations is not None
    assert locations.primary == primary
    assert text in str(error)


def test_the_filter_is_refused_before_the_file_is_opened() -> None:
    """L-6: arguments first."""
    for arguments in (["--status", "BROKEN"], ["--require-scope"]):
        done = run("list", "no-such-file", *arguments)
        assert done.returncode == 1
        assert told(done.stderr).error_type is ErrorType.INVALID_ARGUMENT


def test_more_than_the_cap_is_told() -> None:
    """L-2: nothing is printed but the error."""
    items = [each | {"task": f"{each['task']}{copy}"} for copy in range(3) for each in TREE["items"]]
    done = run("list", "-", stdin=body(*items))
    assert (done.returncode, done.stdout) == (1, b"")
    assert told(done.stderr).error_type is ErrorType.RESOURCE_INACCESSIBLE
    shown = run_on_terminal("list", "-", stdin=body(*items))
    assert shown == (1, "snaptasks: RESOURCE_INACCESSIBLE: More than 1000 tasks match. Narrow the filter.\n")


def test_on_a_terminal_an_error_is_text() -> None:
    """E-5: type, place and rule in one line, and on the next what may help."""
    shown = run_on_terminal("list", PATH, "--status", "FALED", columns=200)
    rule = "must be one of PENDING, RUNNING, BLOCKED, SUCCEEDED, FAILED"
    error = f"snaptasks: INVALID_ARGUMENT: status: {rule} [F-7] (found 'FALED')\n"
    assert shown == (1, f"{error}snaptasks: did you mean FAILED?\n")
    shown = run_on_terminal("list", PATH, "--status", "failed", columns=200)
    assert shown.text.splitlines()[1:] == ["snaptasks: did you mean FAILED?"]
    shown = run_on_terminal("list", PATH, "--grant", "statuz=FAILED", columns=200)
    assert shown.text.splitlines()[1:] == ["snaptasks: did you mean status?"]
    shown = run_on_terminal("list", PATH, "--grant", "status=FALED", columns=200)
    assert shown.text.splitlines()[1:] == ["snaptasks: did you mean FAILED?"]
    shown = run_on_terminal("list", "-", columns=200, stdin=body({"task": ""}, {"task": ""}))
    assert shown.returncode == 1
    assert shown.text.startswith("snaptasks: INVALID_ARGUMENT: items.0.task: ")
    assert shown.text.endswith("\nsnaptasks: to do: run: snaptasks check -\n")


def test_what_to_do_names_the_file(tmp_path: Path) -> None:
    """W-5: as a shell takes it."""
    file = tmp_path / "a b.json"
    file.write_bytes(b"{}")
    shown = run_on_terminal("list", str(file), columns=500)
    assert shown.text.endswith(f"\nsnaptasks: to do: run: snaptasks check '{file}'\n")


@pytest.mark.parametrize("column", ["SUCCEEDED\x1b[2J", "\u202e", "\x9b31m"])
def test_an_error_is_safe_to_read(column: str) -> None:
    """W-5: what came from outside is shown escaped."""
    shown = run_on_terminal("list", "-", "--status", column, columns=500)
    assert ascii(column)[1:-1] in shown.text
    assert shown.text.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["list", "-", "--format", "xml"],
        ["list", "-", "--stat", "FAILED"],
        ["list", "-", "-"],
        ["frobnicate"],
        ["list", "-", "\x1b[2J"],
        ["list", "-", "--format", "\x1b"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    """W-5: exit status 2, and a line that says what is wrong, escaped."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"usage: snaptasks")
    assert done.stderr.decode().replace("\n", "").isprintable()


# The table


def test_a_table_is_aligned_whatever_is_in_it() -> None:
    """W-5: columns are aligned, wide and combining characters counted right, and nothing moves the cursor."""
    first = item(user="\x1b[2J\u202euser\n", start_time="0025-11-04T12:10:06.999Z")
    wide = item(1, user="\u958b\u767a\u0308", service="s")
    done = run("list", "-", "--format", "table", stdin=body(first, wide, item(2, user="u")))
    lines = done.stdout.decode().splitlines()
    titles = ["TASK", "STATUS", "PROGRESS", "START", "USER", "MESSAGE"]
    assert lines[0].split() == titles
    starts = [lines[0].index(title) for title in titles]
    user, message = starts[4:]
    assert lines[1].split()[-4:] == ["100%", "0025-11-04T12:10:06Z", r"\x1b[2J\u202euser\n", "Completed"]
    assert lines[2][user : message - 1] == "\u958b\u767a\u0308".ljust(message - user - 1)  # 2 + 2 + 0 columns for 3
    assert lines[2][message - 1 :] == "Completed"
    assert lines[3][user:message].rstrip() == "u"
    assert all(line.isprintable() for line in lines)


def progress(total: int, completed: int) -> dict[str, Any]:
    return {"total": total, "completed": completed, "message": {"id": "m", "default_message": "Half", "args": []}}


@pytest.mark.parametrize(
    ("info", "shown"),
    [
        ({"progress": progress(8, 3)}, "37%  Half"),
        ({"progress": progress(0, 3)}, "3/0  Half"),
        ({"progress": progress(-1, -1)}, "-1/-1  Half"),
        ({"progress": progress(2**63 - 1, -(2**63))}, "-101%  Half"),
        ({"progress": progress(1, 2**63 - 1)}, "922337203685477580700%  Half"),
        (
            {
                "status": "FAILED",
                "progress": progress(10, 5),
                "error": {
                    "error_type": "NOT_FOUND",
                    "messages": [
                        {"id": "a", "default_message": "Gone", "args": [], "localized": "Weg"},
                        {"id": "b", "default_message": "Moved", "args": []},
                    ],
                },
            },
            "50%  Weg; caused by: Moved",
        ),
    ],
)
def test_progress_in_per_cent_and_the_message_that_tells_most(info: dict[str, Any], shown: str) -> None:
    """V-10, E-9: rounded down, whatever numbers come; why it failed, else how far it is."""
    done = run("list", "-", "--format", "table", stdin=body(item(**info)))
    line = done.stdout.decode().splitlines()[1]
    percent, _, message = shown.partition("  ")
    assert line.split()[2] == percent
    assert line.endswith(f"  {message}")


def test_a_task_that_has_not_started_shows_what_it_will_do() -> None:
    """U-1: PENDING has neither start nor progress."""
    (pending,) = matching(status={"PENDING"})[:1]
    done = run("list", "-", "--format", "table", stdin=body(pending))
    line = done.stdout.decode().splitlines()[1]
    assert line.endswith(pending["info"]["description"]["default_message"])
    assert "%" not in line


@pytest.mark.parametrize("columns", [200, 160, 118, 80, 60, 20, 1])
def test_a_terminal_gets_a_table_of_its_width(columns: int) -> None:
    """W-5: the default there; an identifier is whole where it fits, and a message that does not fit stands below it."""
    blocked = matching(status={"BLOCKED"})
    shown = run_on_terminal("list", PATH, "--status", "BLOCKED", columns=columns)
    lines = shown.text.splitlines()
    assert shown.returncode == 0
    assert len(lines) == (1 if columns >= 160 else 2) * (1 + len(blocked))
    assert all(width(line) <= columns for line in lines)
    rows = lines if columns >= 160 else lines[::2]
    if columns >= 80:
        assert rows[0].split()[:3] == ["TASK", "STATUS", "PROGRESS"]
        assert [row.split()[:2] for row in rows[1:]] == [[each["task"], "BLOCKED"] for each in blocked]
        progress = [ListItem.from_python(each).info.progress for each in blocked]
        messages = [each.message.display()[:9] for each in progress if each is not None]
        beside = lines[1:] if rows is lines else lines[3::2]
        assert [message in line for message, line in zip(messages, beside, strict=True)] == [True] * len(blocked)
    elif columns >= 20:
        assert rows[1].split()[0][:1] == "\u2026"
        assert blocked[0]["task"].endswith(rows[1].split()[0][1:])


def test_the_form_can_be_chosen() -> None:
    """W-1, W-5: JSON is never cut, nor is what goes into a pipe, nor a wide table."""
    blocked = matching(status={"BLOCKED"})
    ids = [each["task"] for each in blocked]
    shown = run_on_terminal("list", PATH, "--status", "BLOCKED", "--format", "json", columns=20)
    assert json.loads(shown.text) == {"items": blocked}
    done = run("list", PATH, "--status", "BLOCKED", "--format", "jsonl")
    assert [json.loads(line) for line in done.stdout.splitlines()] == blocked
    done = run("list", PATH, "--status", "BLOCKED", "--format", "name")
    assert done.stdout.decode().splitlines() == ids
    done = run("list", PATH, "--status", "BLOCKED", "--format", "table", COLUMNS="20")
    assert [line.split()[0] for line in done.stdout.decode().splitlines()] == ["TASK", *ids]
    shown = run_on_terminal("list", PATH, "--status", "BLOCKED", "--format", "wide", columns=20)
    titles = ["TASK", "STATUS", "PROGRESS", "START", "END", "USER", "SERVICE", "OPERATION", "MESSAGE"]
    assert shown.text.splitlines()[0].split() == titles
    assert all(each["info"]["operation"] in shown.text for each in blocked)


def test_nothing_in_other_forms_is_nothing() -> None:
    """F-6, W-1: no line, where a line is a task."""
    for form, stdout in (("json", b'{"items":[\n\n]}\n'), ("jsonl", b""), ("name", b"")):
        done = run("list", PATH, "--user", "x", "--format", form)
        assert (done.returncode, done.stdout) == (0, stdout)


def test_a_status_has_its_colour_on_a_terminal() -> None:
    """W-5: there only, and neither with NO_COLOR nor where the terminal has none."""
    task = item(user="\x1b[31m", status="FROZEN", end_time=None) | {"task": "t"}
    arguments = ("list", "--format", "table")
    text = body(task, item(), *matching(status={"FAILED"}))
    shown = run_on_terminal(*arguments, stdin=text, NO_COLOR="").text
    assert shown.count("\x1b[31mFAILED\x1b[m") == len(matching(status={"FAILED"}))
    assert shown.count("\x1b[32mSUCCEEDED\x1b[m") == 1
    assert shown.count("\x1b") == 2 * (1 + len(matching(status={"FAILED"})))  # and FROZEN has none
    assert "\x1b" not in run_on_terminal(*arguments, stdin=text, NO_COLOR="1").text
    assert "\x1b" not in run_on_terminal(*arguments, stdin=text, NO_COLOR="", TERM="dumb").text
    assert b"\x1b" not in run(*arguments, stdin=text, NO_COLOR="", FORCE_COLOR="1").stdout
    pending = matching(status={"FAILED"})[0]
    shown = run_on_terminal("show", pending["task"], PATH, NO_COLOR="").text
    assert "\nstatus       \x1b[31mFAILED\x1b[m\n" in shown
    assert shown.count("\x1b") == 2


def test_json_on_a_terminal_is_safe_to_read() -> None:
    """W-5: what JSON leaves as it is, but a terminal obeys, is escaped as JSON has it: the value stays the same."""
    hostile = item(user="\x1b\x9b31m\u202e\U000e0041\u958b\\")
    shown = run_on_terminal("list", "-", "--format", "json", stdin=body(hostile))
    assert shown.text.replace("\n", "").isprintable()
    assert json.loads(shown.text) == {"items": [hostile]}
    piped = run("list", "-", stdin=body(hostile)).stdout
    assert json.loads(piped) == {"items": [hostile]}
    assert "\u202e" in piped.decode()


def test_json_has_a_task_a_line() -> None:
    """W-1: so that other tools can pick and compare them; each is the canonical text."""
    done = run("list", PATH, "--status", "FAILED")
    first, *lines, last = done.stdout.splitlines()
    assert (first, last) == (b'{"items":[', b"]}")
    items = ListResult.from_json(done.stdout).items
    assert [line.removesuffix(b",") for line in lines] == [each.to_json() for each in items]


def test_no_match_is_told_on_a_terminal() -> None:
    """F-6: an unknown name matches nothing, which a bare title would not say."""
    shown = run_on_terminal("list", PATH, "--user", "CORPops-team")
    assert shown.returncode == 0
    assert shown.text.splitlines()[1:] == ["snaptasks: no task matches"]
    assert run("list", PATH, "--user", "x").stderr == b""


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["--user", "OPS-team"], b"CORP\\ops-team"),
        (["--service", "Sites"], b"com.vmware.snapservice.sites"),
        (["--operation", "sites.add"], b"com.vmware.snapservice.sites.add$task"),
        (["--user", "OPS-team", "--grant", "services=x"], None),
        (["--user", "CORP\\ops-team", "--task", "x"], None),
    ],
)
def test_a_part_of_a_name_that_matches_nothing_is_completed(arguments: list[str], meant: bytes | None) -> None:
    """F-6, A-6: by a name of a task that the caller sees."""
    done = run("list", PATH, "--format", "name", *arguments)
    hint = b"snaptasks: did you mean %b?\n" % meant if meant else b""
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"snaptasks: no task matches\n" + hint)


def test_the_version() -> None:
    """V-1: of the installed package."""
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"snaptasks {version('snaptasks')}\n".encode())


def test_a_hostile_cell_does_not_blow_up_the_others() -> None:
    """W-5: without a terminal, too, a cell has a bound, and so has the table."""
    items = [item(user="u" * 100_000), *(item() | {"task": f"t{number}"} for number in range(200))]
    done = run("list", "-", "--format", "table", stdin=body(*items))
    assert done.returncode == 0
    assert len(done.stdout) < 300_000
