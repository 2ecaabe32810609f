"""Test `snaptasks check` as a user runs it."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from snaptasks import MAX_VIOLATIONS, InvalidValue, ListResult
from snaptasks._command.check import MAX_LOOKED_AT, report
from snaptasks._command.reports import as_lines
from tests.command.command_runs import TREE, body, item, run, run_on_terminal
from tests.paths import SAMPLE
from tests.strategies import json_values

PATH = str(SAMPLE)
COUNTS = "400 tasks: 16 PENDING, 28 RUNNING, 8 BLOCKED, 312 SUCCEEDED, 36 FAILED"


def progress(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = TREE["items"][0]["info"]["progress"]
    return fields | changes


def test_check_of_good_body_counts_tasks_by_status() -> None:
    """V-1: Count the tasks of each status and exit with 0."""
    done = run("check", PATH)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, f"{COUNTS}\n", b"")
    assert run("check", "--strict", PATH).returncode == 0
    assert run("check", stdin=body()).stdout == b"0 tasks: none\n"


def test_check_of_output_of_list_finds_nothing() -> None:
    """V-12, W-1."""
    for status, count in (("FAILED", 36), ("PENDING", 16)):
        done = run("check", "-", stdin=run("list", PATH, "--status", status, "--format", "json").stdout)
        assert (done.returncode, done.stdout.decode()) == (0, f"{count} tasks: {count} {status}\n")


def test_check_of_broken_items_reports_each_violation_with_remedy() -> None:
    """V-13, U-4: Report the path, the rule, its id and the value, and count the other tasks."""
    done = run(
        "check",
        "-",
        stdin=body(
            item(status="RUNNING", progress=None),
            item(1),
            item(2, start_time="yesterday", service=""),
            item(3) | {"task": None},
        ),
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode().splitlines() == [
        "items.0.info.end_time: must not be set: RUNNING excludes end_time [U-1] (found '2025-11-04T12:17:09.624Z')",
        "  to do: remove the field, or correct the status",
        "items.0.info.progress: must be set: RUNNING requires progress [U-1]",
        "  to do: add the field, or correct the status",
        "items.2.info.service: must not be empty [V-9] (found '')",
        "  to do: write the identifier; it has at least one character",
        "items.2.info.start_time: must be an RFC 3339 date and time with T, and Z or an offset, such as "
        "2025-11-04T12:10:06.183Z [V-4] (found 'yesterday')",
        "  to do: write the time as in 2025-11-04T12:10:06.183Z",
        "items.3.task: must be set [V-13]",
        "  to do: add the field, or correct its misspelt name; null counts as missing",
        "4 tasks: 1 SUCCEEDED, 3 unreadable",
    ]


def test_check_of_nested_messages_reports_every_violation() -> None:
    """V-13, V-8: Find them also in a process that has not built a nested message before."""
    params = {"p": {"l": {"id": "", "params": {"a": {"i": "x"}, "b": {"s": 1}}}}}
    text = {"id": "", "default_message": "", "args": [], "params": params}
    lines = run("check", stdin=body(item(description=text))).stdout.decode().splitlines()
    places = [line.partition(":")[0] for line in lines if not line.startswith(" ")]
    inside = "items.0.info.description.params.p.l.params"
    assert places == [f"{inside}.a.i", f"{inside}.b.s", "1 task"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        (b"\xff", "not JSON from the first character on", "check the program that wrote it"),
        (b'{"items":[}', "must be JSON: ", "an extra comma"),
        (b"\0" * 100, "not JSON from the first character on", "check the program that wrote it"),
        (b"[" * 100_000, "nested too deep: ", "flatten it"),
        (b"12", "must be an object [V-13]", "write the JSON type"),
        (b"{}", "items: must be set [V-13]", "add the field"),
        (b'{"items":{}}', "items: must be an array", "an array in []"),
        (b'{"items":null}', "items: must be set", "add the field"),
        (body(item(cancelable="true")), "items.0.info.cancelable: ", "write the JSON type"),
        (body(item(result=[[[]]])).replace(b"[[[]]]", b"[" * 101 + b"]" * 101), "nested too deep", "flatten it"),
        (
            body(item(user="x")).replace(b'"x"', b'"\\ud800"'),
            "must not have lone surrogates",
            "both halves of its escape",
        ),
    ],
)
def test_check_of_unreadable_body_reports_one_finding(text: bytes, message: str, remedy: str) -> None:
    """V-13, V-5, V-8, V-3: The finding names the place and the remedy."""
    done = run("check", stdin=text)
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert message in lines[0]
    assert lines[1].startswith("  to do: ")
    assert remedy in lines[1]
    assert lines[2:] == (["1 task: 1 unreadable"] if text.startswith(b'{"items": [{') else [])


def test_check_of_repeated_violation_reports_one_finding() -> None:
    """V-13: Report the first place, the number of similar violations and the next places."""
    lines = run("check", stdin=body(*({"task": ""} for _ in range(200)))).stdout.decode().splitlines()
    assert lines == [
        "items.0.task: must not be empty [V-9] (found ''); and 199 like it: items.1.task, items.2.task, items.3.task and "
        "196 more",
        "  to do: write the identifier; it has at least one character",
        "items.0.info: must be set [V-13]; and 199 like it: items.1.info, items.2.info, items.3.info and 196 more",
        "  to do: add the field, or correct its misspelt name; null counts as missing",
        "200 tasks: 200 unreadable",
    ]
    lines = run("check", stdin=body(item(x=1), item(1, x="y"), item(2, x=2))).stdout.decode().splitlines()
    assert lines[0] == (
        "lint: items.0.info.x: should be a known field [V-7] (found 1); and 2 like it: items.1.info.x, items.2.info.x"
    )


def test_check_of_misspelt_field_reports_it_beside_the_missing_one() -> None:
    """V-7, V-13: Report the misspelling once."""
    document = body(*(item(at) for at in range(50))).replace(b'"cancelable"', b'"cancellable"')
    lines = run("check", stdin=document).stdout.decode().splitlines()
    assert lines[0].startswith("items.0.info.cancelable: must be set [V-13]; and 49 like it: ")
    assert lines[2].startswith(
        "lint: items.0.info.cancellable: should be a known field [V-7] (found False); and 49 like it"
    )
    assert lines[3].startswith("  to do: did you mean cancelable? ")
    assert lines[4:] == ["50 tasks: 50 unreadable"]


@pytest.mark.slow
def test_report_of_unknown_fields_in_broken_body_stops_at_the_bound() -> None:
    """V-7, V-13: Report at the bound, and one past it, whether the findings are complete."""
    for more in (False, True):
        found = report(body(*[{"task": "t", "info": 1, "x": 1}] * (MAX_LOOKED_AT + more)))
        assert [(finding.is_lint, finding.number) for finding in found.findings] == [
            (False, MAX_LOOKED_AT),
            (True, MAX_LOOKED_AT),
        ]
        assert found.is_complete is not more


def test_check_of_unknown_status_behind_many_unknown_fields_reports_it() -> None:
    """V-6, V-7: Report each unknown status in its own finding, whatever names the fields have."""
    odd = [item(status=status, end_time=None) | {"task": status} for status in ("FROZEN", "FALED")]
    for name in ("x", "x{}"):
        many = [item(**{name.format(at): 1}) | {"task": f"t{at}"} for at in range(120)]
        lines = run("check", stdin=body(*many, *odd)).stdout.decode().splitlines()
        assert lines[0] == "lint: items.120.info.status: should be a known status [V-6] (found 'FROZEN')"
        assert lines[2] == "lint: items.121.info.status: should be a known status [V-6] (found 'FALED')"
        assert lines[3].startswith("  to do: did you mean FAILED? ")
        assert lines[4].startswith("lint: items.0.info.x")


def test_check_of_too_many_different_violations_lists_the_first() -> None:
    """V-13: List the first MAX_VIOLATIONS and report that there are more."""
    params = {f"p{number}": {"i": "x"} for number in range(MAX_VIOLATIONS + 50)}
    text = {"id": "", "default_message": "", "args": [], "params": params}
    done = run("check", stdin=body(item(description=text)))
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 1
    assert len(lines) == 2 * MAX_VIOLATIONS + 2
    assert lines[-2:] == ["there are more findings; repair these first", "1 task: 1 unreadable"]


def test_report_of_too_many_violations_stops_at_the_bound() -> None:
    """V-13: Stop after MAX_LOOKED_AT violations and the same number of unreadable tasks."""
    found = report(b'{"items":[' + b"1," * MAX_LOOKED_AT + b"1]}")
    assert [finding.number for finding in found.findings] == [MAX_LOOKED_AT]
    assert not found.is_complete
    assert found.tasks is not None
    assert (found.tasks["unreadable"], found.tasks["not_looked_at"]) == (MAX_LOOKED_AT, 1)
    assert report(b'{"items":[' + b"1," * (MAX_LOOKED_AT - 1) + b"1]}").is_complete


def test_report_of_body_with_lone_surrogates_finds_every_violation() -> None:
    """V-5, V-13: A body with a lone surrogate takes another path through the parser."""
    text = body(*({"task": "", "info": "\\ud800"} for _ in range(MAX_VIOLATIONS))).replace(b"\\\\ud800", b"\\ud800")
    assert [finding.number for finding in report(text).findings] == [MAX_VIOLATIONS, MAX_VIOLATIONS]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("items", "findings"),
    [
        ([item(progress=progress(total=100, completed=120))], ["items.0.info.progress.completed: should not be more than total [V-10] (found 120 of 100)"]),
        (
            [item(), item(1, progress=progress(total=-1, completed=-5))],
            ["items.1.info.progress.total: should not be negative [V-10] (found -1)", "items.1.info.progress.completed: should not be negative [V-10] (found -5)"],
        ),
        (
            [item(start_time="2025-11-04T12:10:06.183Z", end_time="2025-11-04T12:10:06.182Z")],
            ["items.0.info.end_time: should not be before start_time [V-10] (found 2025-11-04T12:10:06.182+00:00)"],
        ),
        ([item(0), item(1), item(0), item(0)], ["items.2.task: should be in a listing once [L-5] (found 'snapservice:task:cbb9ab9a-19c2-45e2-a3e6-6db96361ec82', first at items.0); and 1 like it: items.3.task"]),
        (
            [item(status="FALED", error={"error_type": "OOPS", "messages": []}), item(1)],
            ["items.0.info.status: should be a known status [V-6] (found 'FALED')", "items.0.info.error.error_type: should be a known error type [V-6] (found 'OOPS')"],
        ),
        (
            [item(vctask="x"), item(1, progress=progress(a=1), error=None) | {"b": 2}],
            ["items.0.info.vctask: should be a known field [V-7] (found 'x')", "items.1.info.progress.a: should be a known field [V-7] (found 1)", "items.1.b: should be a known field [V-7] (found 2)"],
        ),
        (
            [item(description={"id": "", "default_message": "", "args": ["x"], "params": {"p": {"l": {"id": "", "z": 1}}}}, result={"any": 1})],
            ["items.0.info.description.params.p.l.z: should be a known field [V-7] (found 1)"],
        ),
        ([item(progress=progress(total=0, completed=0), end_time=TREE["items"][0]["info"]["start_time"])], []),
    ],
)  # fmt: skip
def test_check_of_odd_values_reports_lints(items: list[Any], findings: list[str]) -> None:
    """V-6, V-7, V-10, L-5: Read the body, and exit with 0, or with 1 if --strict is given."""
    done = run("check", stdin=body(*items))
    lines = done.stdout.decode().splitlines()
    assert [line for line in lines if line.startswith("lint: ")] == [f"lint: {finding}" for finding in findings]
    assert len(lines) == 2 * len(findings) + 1
    assert done.returncode == 0
    assert run("check", "--strict", stdin=body(*items)).returncode == (1 if findings else 0)
    assert run("list", stdin=body(*items)).returncode == 0


def test_check_of_broken_body_lints_the_readable_items() -> None:
    """V-10, V-13: The places of the lints are positions in the whole document."""
    done = run("check", stdin=body({}, item(progress=progress(total=1, completed=2))))
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 1
    assert "lint: items.1.info.progress.completed: should not be more than total [V-10] (found 2 of 1)" in lines
    assert lines[-1] == "2 tasks: 1 SUCCEEDED, 1 unreadable"


def test_check_of_hostile_names_and_values_escapes_and_truncates_them() -> None:
    """W-5."""
    params = {"\x1b[2J\u202e": {"dt": "\x1b]0;owned\x07" + "x" * 1000}}
    text = {"id": "", "default_message": "", "args": [], "params": params}
    repeated = item(1) | {"task": "\x1b\u202e" + "y" * 1000}
    output = run_on_terminal("check", columns=1000, stdin=body(item(description=text), repeated, repeated))
    assert output.returncode == 1
    assert output.text.replace("\n", "").isprintable()
    assert r"params.\x1b[2J\u202e.dt: must be an RFC 3339" in output.text
    assert max(map(len, output.text.splitlines())) < 400


PATHS = [("items",), ("items", 0), ("items", 0, "task"), ("items", 0, "info"), ("items", 0, "info", "progress")]
FIELDS = [("items", 0, "info", name) for name in TREE["items"][1]["info"]]
DEEP = [("items", 0, "info", "progress", "total"), ("items", 0, "info", "description", "args")]


@given(st.sampled_from([*PATHS, *FIELDS, *DEEP]), json_values)
def test_report_of_any_body_has_violations_exactly_if_unreadable(path: tuple[Any, ...], value: Any) -> None:
    """V-13: Put any JSON value at any place."""
    document: Any = json.loads(body(item(1), item(2)))
    node = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    text = json.dumps(document).encode()
    found = report(text)
    try:
        ListResult.from_json(text)
        is_readable = True
    except InvalidValue:
        is_readable = False
    assert found.has_violations is not is_readable
    assert is_readable or (found.tasks is None) is not isinstance(document["items"], list)
    assert all("to do: " in line for line in [*as_lines(found, None, has_others=False)][1:-1:2])
