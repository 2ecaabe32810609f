"""Everything that is written is what the published schema and the published SDK take it for (W-1, U-1, E-3)."""

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
    SdkRefuses,
    as_the_sdk_writes,
    can_be_written_by_the_sdk,
    schema_faults,
    sdk_again,
)
from tests.paths import DATA
from tests.rest import fuzz
from tests.strategies import error_values, infos, names, statuses, values

SAMPLE = (DATA / "sample-tasks.json").read_bytes()

# The SDK refuses a status that it does not know, and a list with it (U-3); and it has no class of an unknown error.
known_items = st.builds(ListItem, task=names, info=infos(statuses))
TASKS = 2500


def differences(value: Value) -> list[str]:
    """What both peers have against the body of a value; the SDK reads it, and must write the same again."""
    text = value.to_json()
    written, tree = sdk_again(type(value), text), json.loads(text)
    found = schema_faults(value)
    if can_be_written_by_the_sdk(tree):
        again = json.loads(written)
        if isinstance(value, FilterSpec):  # the SDK writes sets in the order of their hashes
            again = {field: sorted(members) for field, members in again.items()}
        found += [] if again == as_the_sdk_writes(tree) else [f"the SDK makes {again} of {tree}"]
    return found


def test_the_sample_passes_both_peers(report: list[str]) -> None:
    """W-1, U-1: the whole list at once, and each of its tasks."""
    result = ListResult.from_json(SAMPLE)
    assert differences(result) == []
    assert [fault for item in result.items for fault in differences(item) + differences(item.info)] == []
    assert len(result.items) == 400
    report.append(f"sample tasks that passed the official schema and the official SDK: {len(result.items)}")


def test_generated_tasks_pass_both_peers(report: list[str]) -> None:
    """W-1, U-1: of every known status, with everything that a task can hold."""
    passed: dict[bytes, ListItem] = {}

    @settings(max_examples=TASKS, deadline=None, suppress_health_check=list(HealthCheck))
    @given(known_items)
    def generated(item: ListItem) -> None:
        assert differences(item) == []
        passed[item.to_json()] = item

    generated()
    again = sum(can_be_written_by_the_sdk(item.to_python()) for item in passed.values())
    report.append(f"generated tasks that passed them: {len(passed)}, of which the SDK wrote {again} again")
    assert len(passed) >= 2000
    assert again >= 2000
    assert {item.info.status for item in passed.values()} == {*Status}


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(values.filter(lambda value: type(value) in NAMES) | error_values())
def test_every_other_value_passes_both_peers(value: Value) -> None:
    """W-1, E-3: messages, errors, filters and payloads alone; of a status that the SDK knows."""
    assume(all(info.status.is_known for info in infos_in(value)))
    assert differences(value) == []


def infos_in(value: Value) -> list[Info]:
    if isinstance(value, ListResult):
        return [item.info for item in value.items]
    if isinstance(value, ListItem):
        return [value.info]
    return [value] if isinstance(value, Info) else []


@pytest.mark.parametrize("kind", list(ErrorType))
def test_every_error_passes_both_peers(kind: ErrorType) -> None:
    """E-1, E-3: each of the 25, against the schema and the class of its own type."""

    @settings(max_examples=20, deadline=None)
    @given(error_values(st.just(kind)))
    def generated(value: Value) -> None:
        assert differences(value) == []

    generated()


@pytest.mark.parametrize("name", list(DateTimeFormat))
def test_every_format_passes_both_peers(name: DateTimeFormat) -> None:
    """V-1: the twelve formats."""
    assert differences(LocalizationParam(dt=plain_item("t").info.start_time, format=name)) == []


def test_every_answer_to_hostile_requests_passes_both_peers(report: list[str]) -> None:
    """W-2, E-2: each different body that the boundary sends, successes and errors."""
    bodies: set[bytes] = set()
    fuzz.run(20_000, 3, lambda response: bodies.add(response.body))
    bodies.discard(b"")  # of HEAD
    kinds: Counter[type[Value]] = Counter()
    for body in bodies:
        tree = json.loads(body)
        kind: type[Value] = ErrorValue if "error_type" in tree else ListResult if "items" in tree else Info
        assert differences(kind.from_json(body)) == []
        kinds[kind] += 1
    report.append(f"answers to hostile requests that passed them: {kinds.total()}, of which {kinds[ErrorValue]} errors")
    assert min(kinds[kind] for kind in (ErrorValue, ListResult, Info)) > 4


@pytest.mark.parametrize("field", ["start_time", "end_time", "progress"])
def test_the_sdk_has_the_same_union(field: str) -> None:
    """U-1: what snaptasks refuses to read, the SDK's union validator refuses too."""
    tree = plain_item("t").info.to_python()
    assert sdk_again(Info, json.dumps(tree).encode())
    del tree[field]
    text = json.dumps(tree).encode()
    with pytest.raises(InvalidValue, match=f"{field}: must be set"):
        Info.from_json(text)
    with pytest.raises(SdkRefuses, match=field):
        sdk_again(Info, text)
