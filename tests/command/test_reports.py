"""Test the forms of a report of `snaptasks check`, its line numbers and its remedies."""

import ast
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given

import snaptasks
from snaptasks import Violation
from snaptasks._command.check import MAX_PLACES, report
from snaptasks._command.places import lines_of
from snaptasks._command.recognize import KINDS
from snaptasks._command.remedies import REMEDIES, did_you_mean, remedy
from snaptasks._command.reports import as_annotations
from tests.command.command_runs import TREE, body, item, run
from tests.paths import SAMPLE
from tests.strategies import json_values

INDENTED = json.dumps({"items": [item(), item(1, status="FALED", end_time=None), item(2, start_time="now")]}, indent=1).encode()  # fmt: skip


def line_with(text: str, after: int = 0) -> int:
    """Return the number of the first line of INDENTED past `after` that has a text."""
    lines = INDENTED.decode().splitlines()
    return next(number for number, line in enumerate(lines, 1) if number > after and text in line)


def test_check_as_json_has_the_findings_and_their_lines() -> None:
    """V-13: Print the facts of the text form and the line of each place."""
    done = run("check", "--format", "json", stdin=INDENTED)
    assert (done.returncode, done.stderr) == (1, b"")
    (found,) = json.loads(done.stdout)["files"]
    assert found == {
        "file": None,
        "tasks": {"PENDING": 0, "RUNNING": 0, "BLOCKED": 0, "SUCCEEDED": 1, "FAILED": 0}
        | {"of_unknown_status": 1, "unreadable": 1, "not_looked_at": 0},
        "is_complete": True,
        "findings": [
            {
                "level": "violation",
                "code": "not_a_time",
                "spec_id": "V-4",
                "rule": "must be an RFC 3339 date and time with T, and Z or an offset, such as 2025-11-04T12:10:06.183Z",
                "found": "'now'",
                "count": 1,
                "places": [{"path": "items.2.info.start_time", "line": line_with('"now"')}],
                "remedy": REMEDIES["not_a_time"],
            },
            {
                "level": "lint",
                "code": "unknown_name",
                "spec_id": "V-6",
                "rule": "should be a known status",
                "found": "'FALED'",
                "count": 1,
                "places": [{"path": "items.1.info.status", "line": line_with('"FALED"')}],
                "remedy": f"did you mean FAILED? {REMEDIES['unknown_name']}",
            },
        ],
    }


def test_check_as_json_with_many_places_lists_the_first() -> None:
    """V-13: List the first MAX_PLACES and count the others."""
    done = run("check", "--format", "json", stdin=body(*(item(x=1) | {"task": f"t{at}"} for at in range(50))))
    ((finding,),) = [file["findings"] for file in json.loads(done.stdout)["files"]]
    assert finding["count"] == 50
    assert [place["path"] for place in finding["places"]] == [f"items.{at}.info.x" for at in range(MAX_PLACES)]


def test_check_as_github_prints_workflow_commands(tmp_path: Path) -> None:
    """V-13, W-5: Print one line a finding, and escape characters that end a property or a line."""
    (tmp_path / "100%,a:b.json").write_bytes(INDENTED)
    done = run("check", "--format", "github", str(tmp_path / "100%,a:b.json"))
    assert (done.returncode, done.stderr) == (1, b"")
    error, warning = done.stdout.decode().splitlines()
    name = f"{tmp_path}/100%25%2Ca%3Ab.json"
    assert error.startswith(
        f"::error file={name},line={line_with('now')},title=snaptasks V-4::items.2.info.start_time: must"
    )
    assert error.endswith(f"%0Ato do: {REMEDIES['not_a_time']}")
    assert warning.startswith(
        f"::warning file={name},line={line_with('FALED')},title=snaptasks V-6::items.1.info.status: "
    )
    assert run("check", "--format", "github", str(SAMPLE)).stdout == b""


def test_annotation_with_hostile_value_has_no_second_command() -> None:
    """W-5: Leave no line break of the input."""
    text = body(item(status="\n::error::owned\r%0A", end_time=None))
    (line,) = as_annotations(report(text), None, text)
    assert line.startswith("::warning line=1,title=snaptasks V-6::items.0.info.status: ")
    assert "(found '\\n::error::owned\\r%250A')" in line
    assert "\n" not in line


def test_check_of_several_files_reports_each(tmp_path: Path) -> None:
    """V-13, W-5: Name the file on each line, go on after an unreadable file, and exit with the worst status."""
    broken, array = tmp_path / "broken.json", tmp_path / "array.json"
    broken.write_bytes(body({"task": "t"}))
    array.write_bytes(b"[]")
    done = run("check", str(SAMPLE), str(broken), str(array))
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 1
    assert [line.split(": ")[0] for line in lines if not line.startswith(" ")] == [
        str(SAMPLE), str(broken), str(broken), str(array)
    ]  # fmt: skip
    done = run("check", str(tmp_path / "none.json"), str(array))
    assert done.returncode == 2
    assert done.stderr.endswith(b"none.json: No such file or directory\n")
    assert str(array).encode() in done.stdout
    done = run("check", "--format", "json", str(SAMPLE), str(array))
    assert [len(file["findings"]) for file in json.loads(done.stdout)["files"]] == [0, 1]
    done = run("check", "--strict", "-", str(SAMPLE), stdin=body(item(x=1)))
    assert done.returncode == 1
    assert done.stdout.startswith(b"standard input: lint: ")


# Lines


@given(json_values)
def test_lines_of_any_document_are_right(value: object) -> None:
    """V-13: Put any JSON value before the place."""
    text = json.dumps({"a.b": value, "a": [value, {"c": value}, {"": 1}]}, indent=1)
    paths = ["", "a", "a.0", "a.1", "a.1.c"]
    found = lines_of(text.encode(), paths)
    lines = text.splitlines()
    assert found[""] == 1
    assert lines[found["a"] - 1] == ' "a": ['
    assert found["a.0"] == found["a"] + 1
    assert lines[found["a.1"] - 1] == "  {"
    assert lines[found["a.1.c"] - 1].startswith('   "c": ')


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        (b"\n{}", "items", 2),  # a missing field has the line of its object
        (b'{\n"items":\n[{\n"info":\n1}]}', "items.0.info.status", 5),
        (b'{"a.b":\n1}', "a.b", 1),  # a dot in a key
        (b'{"a":1,\n"a":2}', "a", 2),  # the last of repeated keys counts (V-3)
        (b"{\n\n]", "", 3),
        (b"", "", 1),
        (b"[" * 100_000, "", 1),
        (b'{"items":[' + b"9" * 10_000 + b",\n1]}", "items.1", 2),
        (b'\n\n{"items":[]}\xff', "", 3),
    ],
)
def test_lines_of_broken_text_names_the_nearest_line(text: bytes, path: str, line: int) -> None:
    """V-13: Name the line at which the JSON ends."""
    assert lines_of(text, [path]) == {path: line}


# Remedies

PACKAGE = Path(snaptasks.__file__).parent

# The position of the code among the arguments of the calls that make a violation.
CODE_ARGUMENTS = {"field_error": 1, "FieldViolation": 2, "Violation": 3, "violation_at": 3}

# The codes that only a query, a grant, a caller or a builder gets.
ELSEWHERE = {"unknown_parameter", "not_decodable", "empty_grant", "control_character", "not_allowed"}


def codes() -> set[str]:
    """Return every code in calls that make a violation, and in tables with a rule, a code and a spec id."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name, elements = "", list[ast.expr]()
            if isinstance(node, ast.Call):
                name, elements = getattr(node.func, "id", ""), node.args
            elif isinstance(node, ast.Tuple):
                elements = node.elts
            constants = [element.value if isinstance(element, ast.Constant) else None for element in elements]
            if name in CODE_ARGUMENTS and len(constants) > CODE_ARGUMENTS[name]:
                found.add(constants[CODE_ARGUMENTS[name]])
            found |= {
                code
                for code, id in pairwise(constants[1:])
                if re.fullmatch(r"[A-Z]-\d+", str(id)) and isinstance(code, str) and re.fullmatch(r"[a-z_]+", code)
            }
    return {str(code) for code in found if code is not None}


def test_remedies_cover_exactly_the_codes_and_kinds_of_files() -> None:
    """V-13: No two codes share a remedy."""
    assert {"missing", "wrong_type", "required_by_status", "odd_number", "not_alone"} <= codes()
    assert {*REMEDIES} == codes() - ELSEWHERE | {*KINDS}
    assert len({*REMEDIES.values()}) == len(REMEDIES)


def test_remedy_with_file_quotes_its_name() -> None:
    """W-5."""
    violation = Violation("", "", "", "compressed", "")
    assert remedy(violation, "a b.gz") == "run: gzip -dc 'a b.gz' | snaptasks check"
    assert remedy(violation, None) == "run: gzip -dc FILE | snaptasks check"


@pytest.mark.parametrize(
    ("name", "meant"),
    [("FALED", "did you mean FAILED?"), ("x", ""), ("FAILED" * 13, ""), ("FAILED" * 1_000_000, ""), ("", "")],
)
def test_did_you_mean_offers_a_similar_known_name(name: str, meant: str) -> None:
    """W-5: Compare only short names."""
    assert did_you_mean(name, ["PENDING", "FAILED"]) == meant


def test_check_of_misspelt_fields_offers_the_known_names() -> None:
    """V-7: Offer names for the fields at every level."""
    lines = run("check", stdin=body(TREE["items"][0] | {"tsk": 1}, item(1, vctask=1, strt_time=1))).stdout.decode()
    assert re.findall(r"did you mean (\w+)\?", lines) == ["task", "vc_task", "start_time"]
