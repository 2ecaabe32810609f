"""Test `snaptasks list` as a user runs it."""

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


def sample_tasks(**wanted: set[str | None]) -> list[dict[str, Any]]:
    """Return the tasks of the sample whose fields of info have one of the wanted values."""
    found = [
        each for each in TREE["items"] if all(each["info"].get(field) in values for field, values in wanted.items())
    ]
    assert found
    return found


def read_error(error: bytes) -> Error:
    """Read the error that standard error holds as JSON."""
    return Error.from_value(ErrorValue.from_json(error))


# Filters


def test_list_with_repeated_filters_prints_a_response_body() -> None:
    """F-1, W-1: Read filters from repeatable options, and print a body that `list` reads again."""
    done = run("list", PATH, "--status", "FAILED", "--status", "BLOCKED", "--user", "CORP\\ops-team")
    assert (done.returncode, done.stderr) == (0, b"")
    expected = sample_tasks(status={"FAILED", "BLOCKED"}, user={"CORP\\ops-team"})
    assert json.loads(done.stdout) == {"items": expected}
    again = run("list", "-", stdin=done.stdout)
    assert again.stdout == done.stdout == run("list", stdin=done.stdout).stdout
    assert len(ListResult.from_json(done.stdout).items) == len(expected)


@pytest.mark.parametrize(
    ("option", "field"), [("--task", "task"), ("--operation", "operation"), ("--service", "service")]
)
def test_list_with_option_of_a_field_filters_by_it(option: str, field: str) -> None:
    """F-2: The options have the names of the API."""
    task = TREE["items"][7]
    value = task["task"] if field == "task" else task["info"][field]
    done = run("list", PATH, option, value)
    own = [each for each in TREE["items"] if (each["task"] if field == "task" else each["info"][field]) == value]
    assert json.loads(done.stdout) == {"items": own}


def test_list_with_grants_shows_only_granted_tasks() -> None:
    """A-4: A task is visible if any grant, a query string, matches it; without a grant every task is visible."""
    one, two = "com.vmware.snapservice.sites", "CORP\\ops-team"
    done = run("list", PATH, "--grant", f"services={one}&status=FAILED", "--grant", "users=CORP%5Cops-team")
    seen = [
        each
        for each in TREE["items"]
        if (each["info"]["service"] == one and each["info"]["status"] == "FAILED") or each["info"].get("user") == two
    ]
    assert json.loads(done.stdout) == {"items": seen}
    done = run("list", PATH, "--status", "FAILED", "--grant", "users=CORP%5Cops-team")
    assert json.loads(done.stdout) == {"items": sample_tasks(status={"FAILED"}, user={two})}
    assert json.loads(run("list", PATH, "--grant", "users=nobody").stdout) == {"items": []}
    assert json.loads(run("list", PATH).stdout) == TREE


@pytest.mark.parametrize("grant", ["", "&"])
def test_list_with_empty_grant_is_wrong_usage(grant: str) -> None:
    """A-4: An empty grant must not show every task."""
    done = run("list", PATH, "--grant", grant)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"argument --grant: must constrain something" in done.stderr


def test_list_with_require_scope_refuses_filter_without_scope() -> None:
    """F-8: Require a filter by tasks or services."""
    done = run("list", PATH, "--require-scope", "--status", "FAILED")
    assert (done.returncode, done.stdout) == (1, b"")
    assert read_error(done.stderr).data_as(ArgumentLocations) == ArgumentLocations(
        primary="tasks", secondary=["services"]
    )
    service = TREE["items"][0]["info"]["service"]
    done = run("list", PATH, "--require-scope", "--service", service, "--status", "FAILED")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"items": sample_tasks(service={service}, status={"FAILED"})}


# Errors


@pytest.mark.slow
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
def test_list_with_wrong_argument_or_body_prints_the_error(
    arguments: list[str | bytes], stdin: bytes, kind: str, primary: str, text: str
) -> None:
    """E-5: Exit with 1, print no task, and write the error as JSON: its type, location and reason."""
    done = run("list", "-", *arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (1, b"")
    error = read_error(done.stderr)
    assert error.error_type == kind
    locations = error.data_as(ArgumentLocations)
    assert locations is not None
    assert locations.primary == primary
    assert text in str(error)


def test_list_with_wrong_filter_fails_before_it_opens_the_file() -> None:
    """L-6."""
    for arguments in (["--status", "BROKEN"], ["--require-scope"]):
        done = run("list", "no-such-file", *arguments)
        assert done.returncode == 1
        assert read_error(done.stderr).error_type is ErrorType.INVALID_ARGUMENT


def test_list_past_the_cap_prints_resource_inaccessible() -> None:
    """L-2: Print only the error."""
    items = [each | {"task": f"{each['task']}{copy}"} for copy in range(3) for each in TREE["items"]]
    done = run("list", "-", stdin=body(*items))
    assert (done.returncode, done.stdout) == (1, b"")
    assert read_error(done.stderr).error_type is ErrorType.RESOURCE_INACCESSIBLE
    output = run_on_terminal("list", "-", stdin=body(*items))
    assert output == (1, "snaptasks: RESOURCE_INACCESSIBLE: More than 1000 tasks match. Narrow the filter.\n")


def test_list_on_terminal_prints_an_error_as_text() -> None:
    """E-5: Print the type, the location and the rule on one line, and help on the next."""
    output = run_on_terminal("list", PATH, "--status", "FALED", columns=200)
    rule = "must be one of PENDING, RUNNING, BLOCKED, SUCCEEDED, FAILED"
    error = f"snaptasks: INVALID_ARGUMENT: status: {rule} [F-7] (found 'FALED')\n"
    assert output == (1, f"{error}snaptasks: did you mean FAILED?\n")
    output = run_on_terminal("list", PATH, "--status", "failed", columns=200)
    assert output.text.splitlines()[1:] == ["snaptasks: did you mean FAILED?"]
    output = run_on_terminal("list", PATH, "--grant", "statuz=FAILED", columns=200)
    assert output.text.splitlines()[1:] == ["snaptasks: did you mean status?"]
    output = run_on_terminal("list", PATH, "--grant", "status=FALED", columns=200)
    assert output.text.splitlines()[1:] == ["snaptasks: did you mean FAILED?"]
    output = run_on_terminal("list", "-", columns=200, stdin=body({"task": ""}, {"task": ""}))
    assert output.returncode == 1
    assert output.text.startswith("snaptasks: INVALID_ARGUMENT: items.0.task: ")
    assert output.text.endswith("\nsnaptasks: to do: run: snaptasks check -\n")


def test_list_of_wrong_file_names_it_in_the_command_to_run(tmp_path: Path) -> None:
    """W-5: Quote the name for a shell."""
    file = tmp_path / "a b.json"
    file.write_bytes(b"{}")
    output = run_on_terminal("list", str(file), columns=500)
    assert output.text.endswith(f"\nsnaptasks: to do: run: snaptasks check '{file}'\n")


@pytest.mark.parametrize("column", ["SUCCEEDED\x1b[2J", "\u202e", "\x9b31m"])
def test_list_with_hostile_argument_escapes_it(column: str) -> None:
    """W-5."""
    output = run_on_terminal("list", "-", "--status", column, columns=500)
    assert ascii(column)[1:-1] in output.text
    assert output.text.replace("\n", "").isprintable()


@pytest.mark.slow
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
def test_command_with_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    """W-5: Print an escaped line with the reason."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"usage: snaptasks")
    assert done.stderr.decode().replace("\n", "").isprintable()


# The table


def test_table_with_wide_and_hostile_text_is_aligned() -> None:
    """W-5: Count wide and combining characters right, and print no character that moves the cursor."""
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("info", "output"),
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
def test_table_has_progress_in_per_cent_and_the_error_or_message(info: dict[str, Any], output: str) -> None:
    """V-10, E-9: Round down any numbers; print the error of a failed task, else the message of its progress."""
    done = run("list", "-", "--format", "table", stdin=body(item(**info)))
    line = done.stdout.decode().splitlines()[1]
    percent, _, message = output.partition("  ")
    assert line.split()[2] == percent
    assert line.endswith(f"  {message}")


def test_table_with_pending_task_has_its_description() -> None:
    """U-1: A PENDING task has neither start nor progress."""
    (pending,) = sample_tasks(status={"PENDING"})[:1]
    done = run("list", "-", "--format", "table", stdin=body(pending))
    line = done.stdout.decode().splitlines()[1]
    assert line.endswith(pending["info"]["description"]["default_message"])
    assert "%" not in line


@pytest.mark.slow
@pytest.mark.parametrize("columns", [200, 160, 118, 80, 60, 20, 1])
def test_list_on_terminal_prints_a_table_of_its_width(columns: int) -> None:
    """W-5: Print a table by default, whole identifiers if they fit, and on a second line a message that does not."""
    blocked = sample_tasks(status={"BLOCKED"})
    output = run_on_terminal("list", PATH, "--status", "BLOCKED", columns=columns)
    lines = output.text.splitlines()
    assert output.returncode == 0
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


@pytest.mark.slow
def test_list_with_format_prints_that_form() -> None:
    """W-1, W-5: Never truncate JSON, output into a pipe, or a wide table."""
    blocked = sample_tasks(status={"BLOCKED"})
    ids = [each["task"] for each in blocked]
    output = run_on_terminal("list", PATH, "--status", "BLOCKED", "--format", "json", columns=20)
    assert json.loads(output.text) == {"items": blocked}
    done = run("list", PATH, "--status", "BLOCKED", "--format", "jsonl")
    assert [json.loads(line) for line in done.stdout.splitlines()] == blocked
    done = run("list", PATH, "--status", "BLOCKED", "--format", "name")
    assert done.stdout.decode().splitlines() == ids
    done = run("list", PATH, "--status", "BLOCKED", "--format", "table", COLUMNS="20")
    assert [line.split()[0] for line in done.stdout.decode().splitlines()] == ["TASK", *ids]
    output = run_on_terminal("list", PATH, "--status", "BLOCKED", "--format", "wide", columns=20)
    titles = ["TASK", "STATUS", "PROGRESS", "START", "END", "USER", "SERVICE", "OPERATION", "MESSAGE"]
    assert output.text.splitlines()[0].split() == titles
    assert all(each["info"]["operation"] in output.text for each in blocked)


def test_list_without_match_prints_no_task_in_each_form() -> None:
    """F-6, W-1: Print no line in the forms with one task a line."""
    for form, stdout in (("json", b'{"items":[\n\n]}\n'), ("jsonl", b""), ("name", b"")):
        done = run("list", PATH, "--user", "x", "--format", form)
        assert (done.returncode, done.stdout) == (0, stdout)


@pytest.mark.slow
def test_list_on_terminal_colours_the_status() -> None:
    """W-5: Colour only on a terminal with colours, and not if NO_COLOR is set."""
    task = item(user="\x1b[31m", status="FROZEN", end_time=None) | {"task": "t"}
    arguments = ("list", "--format", "table")
    text = body(task, item(), *sample_tasks(status={"FAILED"}))
    output = run_on_terminal(*arguments, stdin=text, NO_COLOR="").text
    assert output.count("\x1b[31mFAILED\x1b[m") == len(sample_tasks(status={"FAILED"}))
    assert output.count("\x1b[32mSUCCEEDED\x1b[m") == 1
    assert output.count("\x1b") == 2 * (1 + len(sample_tasks(status={"FAILED"})))  # FROZEN has no colour
    assert "\x1b" not in run_on_terminal(*arguments, stdin=text, NO_COLOR="1").text
    assert "\x1b" not in run_on_terminal(*arguments, stdin=text, NO_COLOR="", TERM="dumb").text
    assert b"\x1b" not in run(*arguments, stdin=text, NO_COLOR="", FORCE_COLOR="1").stdout
    failed = sample_tasks(status={"FAILED"})[0]
    output = run_on_terminal("show", failed["task"], PATH, NO_COLOR="").text
    assert "\nstatus       \x1b[31mFAILED\x1b[m\n" in output
    assert output.count("\x1b") == 2


def test_list_as_json_on_terminal_escapes_control_characters() -> None:
    """W-5: Use the escapes of JSON, so that the value stays the same."""
    hostile = item(user="\x1b\x9b31m\u202e\U000e0041\u958b\\")
    output = run_on_terminal("list", "-", "--format", "json", stdin=body(hostile))
    assert output.text.replace("\n", "").isprintable()
    assert json.loads(output.text) == {"items": [hostile]}
    piped = run("list", "-", stdin=body(hostile)).stdout
    assert json.loads(piped) == {"items": [hostile]}
    assert "\u202e" in piped.decode()


def test_list_as_json_prints_one_task_a_line() -> None:
    """W-1: Other tools can pick and compare lines; each line is the canonical text."""
    done = run("list", PATH, "--status", "FAILED")
    first, *lines, last = done.stdout.splitlines()
    assert (first, last) == (b'{"items":[', b"]}")
    items = ListResult.from_json(done.stdout).items
    assert [line.removesuffix(b",") for line in lines] == [each.to_json() for each in items]


def test_list_without_match_on_terminal_says_so() -> None:
    """F-6: The title line by itself does not say that no task matches."""
    output = run_on_terminal("list", PATH, "--user", "CORPops-team")
    assert output.returncode == 0
    assert output.text.splitlines()[1:] == ["snaptasks: no task matches"]
    assert run("list", PATH, "--user", "x").stderr == b""


@pytest.mark.slow
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
def test_list_with_part_of_a_name_offers_the_whole_name(arguments: list[str], meant: bytes | None) -> None:
    """F-6, A-6: Offer only names of tasks that the caller sees."""
    done = run("list", PATH, "--format", "name", *arguments)
    hint = b"snaptasks: did you mean %b?\n" % meant if meant else b""
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"snaptasks: no task matches\n" + hint)


def test_version_option_prints_the_version_of_the_package() -> None:
    """V-1."""
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"snaptasks {version('snaptasks')}\n".encode())


def test_table_with_huge_cell_stays_small() -> None:
    """W-5: Limit the width of a cell also without a terminal."""
    items = [item(user="u" * 100_000), *(item() | {"task": f"t{number}"} for number in range(200))]
    done = run("list", "-", "--format", "table", stdin=body(*items))
    assert done.returncode == 0
    assert len(done.stdout) < 300_000
