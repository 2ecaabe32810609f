"""Test which times, numbers, texts and identifiers are valid (V-4, V-5, V-9)."""

import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from snaptasks import (
    CommonInfo,
    FilterSpec,
    Info,
    InvalidValue,
    ListItem,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Progress,
)
from tests.value.samples import BODY, INFO, paths_and_ids, read

# Times


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2025-11-04T12:10:06Z", "2025-11-04T12:10:06.000Z"),
        ("2025-11-04T12:10:06.1Z", "2025-11-04T12:10:06.100Z"),
        ("2025-11-04T12:10:06.1839999999999999999999Z", "2025-11-04T12:10:06.183Z"),
        ("2025-11-04T12:10:06.9999Z", "2025-11-04T12:10:06.999Z"),
        ("2025-11-04T23:30:00+23:59", "2025-11-03T23:31:00.000Z"),
        ("2025-11-04T00:30:00.5-01:00", "2025-11-04T01:30:00.500Z"),
        ("2025-11-04T12:10:06-00:00", "2025-11-04T12:10:06.000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_time_is_read_as_utc_and_written_with_three_digits(text: str, written: str) -> None:
    """V-4: Read any number of digits and any offset, hold UTC in milliseconds, write three digits and Z."""
    info = read(start_time=text)
    assert info.to_python()["start_time"] == written
    assert info.start_time is not None
    assert info.start_time.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-04T12:10:06",
        "2025-11-04t12:10:06Z",
        "2025-11-04T12:10:06z",
        "2025-11-04 12:10:06Z",
        "2025-11-04T24:00:00Z",
        "2025-11-04T23:59:60Z",
        "2025-11-04T12:10:06+24:00",
        "2025-11-04T12:10:06+0100",
        "2025-11-04T12:10:06+01",
        "2025-11-04T12:10:06,5Z",
        "2025-11-04T12:10:06.Z",
        "2025-11-04T12:10Z",
        "2025-11-04",
        "2025-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "20251104T121006Z",
        "2025-W45-2T12:10:06Z",
        "\u0662\u0660\u0662\u0665-11-04T12:10:06Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2025-11-04T12:10:06Z\n",
        "",
        "9" * 100_000,
        0,
        1762258206.5,
        True,
    ],
)
def test_time_that_is_not_rfc_3339_is_refused(text: Any) -> None:
    """V-4: Refuse lower case, 24:00, :60, no offset, an offset of a day, an instant outside UTC, any other format."""
    (violation,) = paths_and_ids(lambda: read(start_time=text))
    assert violation in {("start_time", "V-4"), ("start_time", "V-5")}


def test_evolve_takes_aware_datetimes_only() -> None:
    """V-4: Take any zone and any precision; refuse a naive datetime and an instant outside UTC."""
    zone = timezone(timedelta(hours=5, minutes=30))
    info = INFO.evolve(start_time=datetime(2025, 11, 4, 17, 40, 6, 183_999, tzinfo=zone, fold=1))
    assert info.start_time == datetime(2025, 11, 4, 12, 10, 6, 183_000, tzinfo=UTC)
    assert "fold" not in repr(info)
    for wrong in (datetime(2025, 1, 1), datetime(1, 1, 1, tzinfo=zone)):  # noqa: DTZ001
        with pytest.raises(ValidationError, match="V-4"):
            INFO.evolve(start_time=wrong)


# Numbers and text


def test_int64_outside_its_range_or_of_another_type_is_refused() -> None:
    """V-5: Both ends are in range."""
    text = INFO.description.to_python()
    for number in (-(2**63), 2**63 - 1):
        assert Progress.from_json(json.dumps({"total": number, "completed": 0, "message": text})).total == number
    for wrong in (2**63, -(2**63) - 1, 10**4000, 1.0, 1e2, True, "1", None):
        body = json.dumps({"total": wrong, "completed": 0, "message": text})
        assert [path for path, _ in paths_and_ids(lambda body=body: Progress.from_json(body))] == ["total"]


def test_double_that_is_not_finite_or_not_a_number_is_refused() -> None:
    """V-5: An integer is a JSON number too; NaN, infinities and numbers that overflow are refused."""
    assert LocalizationParam.from_json('{"d":1}').to_json() == LocalizationParam(d=1).to_json() == b'{"d":1.0}'
    for wrong in ("NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400, "true", '"1"'):
        assert paths_and_ids(lambda wrong=wrong: LocalizationParam.from_json(f'{{"d":{wrong}}}')) == [("d", "V-5")]


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\udfff\\ud800"', '"\ud800"', '{"\\ud800":1}', '"\\ud83d"'])
def test_from_json_with_lone_surrogate_is_refused(text: str) -> None:
    """V-5: Refuse an escaped or a bare surrogate in a field, a result or a key."""
    for field in ("user", "result", "vc_task"):
        with pytest.raises(InvalidValue) as caught:
            Info.from_json(json.dumps(BODY)[:-1] + f',"{field}":{text}}}')
        (violation,) = caught.value.violations
        assert violation.spec_id == "V-5"
        assert violation.code == ("wrong_type" if field != "result" and text.startswith("{") else "surrogate")
        assert violation.path == field


def test_constructor_with_lone_surrogate_is_refused() -> None:
    """V-5: Refuse it in every kind of text field, and in keys."""
    for build in (
        lambda: INFO.evolve(user="\ud800"),
        lambda: INFO.evolve(service="\ud800"),
        lambda: FilterSpec(users={"\ud800"}),
        lambda: LocalizableMessage(id="", default_message="", params={"\ud800": LocalizationParam(i=1)}),
        lambda: LocalizableMessage(id="", default_message="", args=("\ud800",)),
        lambda: NestedLocalizableMessage(id="\ud800"),
    ):
        with pytest.raises(ValidationError, match="unicode"):
            build()


def test_text_with_control_characters_is_read_back_unchanged() -> None:
    """V-5, V-12: NUL, controls and the last code point are text too."""
    odd = "\x00\x1f\x7f\u202e\ufeff\uffff\U0010ffff\N{SNOWMAN}"
    assert Info.from_json(INFO.evolve(user=odd).to_json()).user == odd


# Empty identifiers


@pytest.mark.parametrize("kind", [Info, CommonInfo])
@pytest.mark.parametrize("field", ["service", "operation", "parent", "user"])
def test_info_built_with_empty_identifier_is_refused(field: str, kind: type[CommonInfo]) -> None:
    """V-9: Info and CommonInfo refuse it, built or evolved."""
    built = {name: getattr(INFO, name) for name in kind.__pydantic_fields__}
    empty: dict[str, Any] = {field: ""}
    with pytest.raises(ValidationError, match=field):
        kind(**(built | empty))
    with pytest.raises(ValidationError, match=field):
        kind(**built).evolve(**empty)


@pytest.mark.parametrize("field", list(FilterSpec.model_fields))
def test_filter_spec_with_empty_member_is_refused(field: str) -> None:
    """V-9: Refuse it built or read; the path is the field, because a place in a set means nothing (V-13)."""
    with pytest.raises(ValidationError):
        FilterSpec(**{field: {""}})  # type: ignore[arg-type]
    ((path, rule),) = paths_and_ids(lambda: FilterSpec.from_json(json.dumps({field: ["RUNNING", ""]})))
    assert (path, rule) == (field, "F-7" if field == "status" else "V-9")


def test_from_json_with_empty_identifier_keeps_only_parent_and_user() -> None:
    """V-9: task, service and operation must not be empty; an empty parent or user stays as it was read."""
    info = read(parent="", user="")
    assert (info.parent, info.user) == ("", "")
    assert Info.from_json(info.to_json()) == info == pickle.loads(pickle.dumps(info))
    assert paths_and_ids(lambda: read(service="", operation="")) == [("service", "V-9"), ("operation", "V-9")]
    assert paths_and_ids(lambda: ListItem.from_json(json.dumps({"task": "", "info": BODY}))) == [("task", "V-9")]
    with pytest.raises(ValidationError):
        ListItem(task="", info=INFO)
