"""Test the union on status and the progress of tasks by example (U, V-10)."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from snaptasks import CommonInfo, ErrorType, ErrorValue, Info, ListResult, Progress, Status
from tests.building import plain_item
from tests.paths import DATA

SAMPLE = (DATA / "sample-tasks.json").read_bytes()
INFO = plain_item("t").info


def test_sample_tasks_are_read_and_written_unchanged() -> None:
    """W-1, V-12: Compare each field of 400 realistic tasks."""
    result = ListResult.from_json(SAMPLE)
    assert len(result.items) == 400
    assert json.loads(result.to_json()) == json.loads(SAMPLE)


def test_failed_info_needs_no_error() -> None:
    """U-2: A failed task may give its reason in the result."""
    failed = INFO.evolve(status=Status.FAILED, result={"reason": "quorum lost"})
    assert failed.error is None
    assert failed.evolve(result=None).status is Status.FAILED
    assert failed.evolve(error=ErrorValue(messages=(), error_type=ErrorType.TIMED_OUT)).error is not None


def test_evolve_reports_each_violation_with_status_and_field() -> None:
    """U-1, U-4: Each text says whether the field is missing or forbidden."""
    with pytest.raises(ValidationError) as caught:
        INFO.evolve(status=Status.RUNNING, start_time=None, progress=None)
    texts = {error["loc"][0]: error["msg"] for error in caught.value.errors()}
    assert texts == {
        "start_time": "must be set: RUNNING requires start_time [U-1]",
        "progress": "must be set: RUNNING requires progress [U-1]",
        "end_time": "must not be set: RUNNING excludes end_time [U-1]",
    }


def test_info_with_unknown_status_may_have_any_fields() -> None:
    """U-3: This holds built or read."""
    bare = INFO.evolve(status=Status("FROZEN"), start_time=None, end_time=None, progress=None)
    assert Info.from_json(bare.to_json()) == bare
    assert bare.evolve(error=ErrorValue(messages=(), error_type="ERROR")).error is not None


def test_may_follow_compares_completed_of_two_progresses() -> None:
    """V-10: It compares two snapshots; the API sets no range."""
    message = INFO.description
    earlier = Progress(total=10, completed=5, message=message)
    assert earlier.evolve(completed=6).may_follow(earlier)
    assert earlier.may_follow(earlier)
    assert not earlier.evolve(completed=4).may_follow(earlier)
    assert earlier.evolve(total=3).may_follow(earlier)
    odd = {"total": -1, "completed": 7, "message": message.to_python()}
    assert Progress.from_json(json.dumps(odd)).to_python() == odd


@pytest.mark.parametrize(
    ("total", "completed", "fraction"),
    [(1, 1, 1.0), (4, 1, 0.25), (4, 4, 1.0), (4, 6, 1.5), (0, 0, None), (-1, 1, None), (4, -1, -0.25)],
)
def test_fraction_of_a_progress_is_completed_over_total_or_none(
    total: int, completed: int, fraction: float | None
) -> None:
    """V-10: A server may send any numbers; a total of at most zero gives None."""
    assert Progress(total=total, completed=completed, message=INFO.description).fraction == fraction


def test_list_result_is_a_sequence_of_its_items() -> None:
    """L-5: Iteration, len, index and slice work as on its items."""
    result = ListResult.from_json(SAMPLE)
    assert isinstance(result, Sequence)
    assert tuple(result) == result.items
    assert (len(result), result[0], result[-1]) == (400, result.items[0], result.items[399])
    assert result[1:3] == result.items[1:3]
    assert (result[7] in result, result.index(result[7]), next(reversed(result))) == (True, 7, result[399])
    assert not ListResult(items=[])
    with pytest.raises(IndexError):
        result[400]


def test_info_with_end_before_start_is_read() -> None:
    """V-10: This is a lint, and not an error."""
    body = INFO.to_python() | {"end_time": "2000-01-01T00:00:00.000Z"}
    assert Info.from_json(json.dumps(body)).end_time == datetime(2000, 1, 1, tzinfo=UTC)


def test_is_terminal_is_true_for_succeeded_and_failed_only() -> None:
    """V-1: In these two statuses a task has ended."""
    assert {status for status in Status if status.is_terminal} == {Status.SUCCEEDED, Status.FAILED}
    assert not Status("FROZEN").is_terminal


def test_common_info_has_the_fields_of_info_but_three() -> None:
    """V-1, U-1: Info extends CommonInfo."""
    assert {each.name for each in dataclasses.fields(Info)} - {
        each.name for each in dataclasses.fields(CommonInfo)
    } == {"progress", "result", "vc_task"}
    common = CommonInfo.from_json(INFO.to_json())
    assert common.to_python() == {name: each for name, each in INFO.to_python().items() if name != "progress"}
