"""Test that the published schema and the published SDK accept all that is written (W-1, U-1, E-3)."""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from snaptasks import (
    DateTimeFormat,
    ErrorType,
    ErrorValue,
    FilterSpec,
    Info,
    InvalidValue,
    ListItem,
    ListResult,
    LocalizationParam,
    Status,
    Value,
)
from tests.building import plain_item
from tests.integration.peers import (
    NAMES,
    SdkError,
    is_writable_by_sdk,
    schema_violations,
    sdk_round_trip,
    without_nulls,
)
from tests.paths import DATA
from tests.rest import fuzz
from tests.strategies import error_values, infos, names, statuses, values

SAMPLE = (DATA / "sample-tasks.json").read_bytes()

# The SDK refuses a list with a status that it does not know (U-3), and has no class for an unknown error.
known_items = st.builds(ListItem, task=names, info=infos(statuses))
TASKS = 2500


def differences(value: Value) -> list[str]:
    """Return the violations that the peers report for a body; the SDK must also write it as it was."""
    text = value.to_json()
    written, tree = sdk_round_trip(type(value), text), json.loads(text)
    found = schema_violations(value)
    if is_writable_by_sdk(tree):
        again = json.loads(written)
        if isinstance(value, FilterSpec):  # the SDK writes sets in the order of their hashes
            again = {field: sorted(members) for field, members in again.items()}
        found += [] if again == without_nulls(tree) else [f"the SDK writes {again} for {tree}"]
    return found


def test_sample_tasks_pass_both_peers(report: list[str]) -> None:
    """W-1, U-1: Check the whole list, and each of its tasks."""
    result = ListResult.from_json(SAMPLE)
    assert differences(result) == []
    assert [violation for item in result.items for violation in differences(item) + differences(item.info)] == []
    assert len(result.items) == 400
    report.append(f"sample tasks that passed the official schema and the official SDK: {len(result.items)}")


def test_generated_tasks_pass_both_peers(report: list[str]) -> None:
    """W-1, U-1: Generate every known status, and every field that a task can have."""
    passed: dict[bytes, ListItem] = {}

    @settings(max_examples=TASKS, deadline=None, suppress_health_check=list(HealthCheck))
    @given(known_items)
    def generated(item: ListItem) -> None:
        assert differences(item) == []
        passed[item.to_json()] = item

    generated()
    again = sum(is_writable_by_sdk(item.to_python()) for item in passed.values())
    report.append(f"generated tasks that passed them: {len(passed)}, of which the SDK wrote {again} again")
    assert len(passed) >= 2000
    assert again >= 2000
    assert {item.info.status for item in passed.values()} == {*Status}


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(values.filter(lambda value: type(value) in NAMES) | error_values())
def test_generated_values_of_other_kinds_pass_both_peers(value: Value) -> None:
    """W-1, E-3: Generate messages, errors, filters and payloads, with statuses that the SDK knows."""
    assume(all(info.status.is_known for info in infos_in(value)))
    assert differences(value) == []


def infos_in(value: Value) -> list[Info]:
    if isinstance(value, ListResult):
        return [item.info for item in value.items]
    if isinstance(value, ListItem):
        return [value.info]
    return [value] if isinstance(value, Info) else []


@pytest.mark.parametrize("kind", list(ErrorType))
def test_generated_errors_of_each_type_pass_both_peers(kind: ErrorType) -> None:
    """E-1, E-3: Check them with the schema and the class of their own type."""

    @settings(max_examples=20, deadline=None)
    @given(error_values(st.just(kind)))
    def generated(value: Value) -> None:
        assert differences(value) == []

    generated()


@pytest.mark.parametrize("name", list(DateTimeFormat))
def test_each_time_format_passes_both_peers(name: DateTimeFormat) -> None:
    """V-1."""
    assert differences(LocalizationParam(dt=plain_item("t").info.start_time, format=name)) == []


def test_responses_to_hostile_requests_pass_both_peers(report: list[str]) -> None:
    """W-2, E-2: Check each different body, successes and errors."""
    bodies: set[bytes] = set()
    fuzz.run(20_000, 3, lambda response: bodies.add(response.body))
    bodies.discard(b"")  # the body of HEAD
    kinds: Counter[type[Value]] = Counter()
    for body in bodies:
        tree = json.loads(body)
        kind: type[Value] = ErrorValue if "error_type" in tree else ListResult if "items" in tree else Info
        assert differences(kind.from_json(body)) == []
        kinds[kind] += 1
    report.append(f"answers to hostile requests that passed them: {kinds.total()}, of which {kinds[ErrorValue]} errors")
    assert min(kinds[kind] for kind in (ErrorValue, ListResult, Info)) > 4


@pytest.mark.parametrize("field", ["start_time", "end_time", "progress"])
def test_sdk_refuses_info_without_a_field_of_its_status(field: str) -> None:
    """U-1: snaptasks refuses it, too."""
    tree = plain_item("t").info.to_python()
    assert sdk_round_trip(Info, json.dumps(tree).encode())
    del tree[field]
    text = json.dumps(tree).encode()
    with pytest.raises(InvalidValue, match=f"{field}: must be set"):
        Info.from_json(text)
    with pytest.raises(SdkError, match=field):
        sdk_round_trip(Info, text)
