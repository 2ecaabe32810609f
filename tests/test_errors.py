"""Test the 25 errors: the table, the classes, the values and the questions of a caller (E, A-2)."""

import copy
import json
import pickle
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import snaptasks
from snaptasks import (
    GET_ERRORS,
    LIST_ERRORS,
    ArgumentLocations,
    DynamicID,
    Error,
    ErrorType,
    ErrorValue,
    FileLocations,
    FilterSpec,
    InvalidArgument,
    InvalidValue,
    ListResult,
    LocalizableMessage,
    NotFound,
    ServiceUnavailable,
    TransientIndication,
    Unauthenticated,
    Unauthorized,
    http_status_candidates,
    invalid_argument,
)
from tests.paths import DATA

TOP = LocalizableMessage(id="top", default_message="It failed")
CAUSE = LocalizableMessage(id="cause", default_message="The disk is full", localized="Die Platte ist voll")
ALL = [kind.exception for kind in ErrorType]
ACCESS = [Unauthenticated, Unauthorized]
SPEC = (Path(snaptasks.__file__).parent / "SPEC.md").read_text(encoding="utf-8")
OPENAPI = json.loads((Path(__file__).parent / "data" / "openapi-tasks.json").read_text(encoding="utf-8"))


def read(**fields: Any) -> ErrorValue:
    return ErrorValue.from_json(json.dumps(fields))


# The table


def test_error_types_are_the_rows_of_the_specification() -> None:
    """E-1: Compare each of the 25 rows of SPEC.md: its class, its status and its canonical name."""
    rows = re.findall(r"\| ([A-Z_]+) \| (\w+) \| (\d{3}) ", SPEC)
    assert len(rows) == 25
    assert {(kind.value, kind.exception.__name__, str(kind.http_status)) for kind in ErrorType} == {*rows}
    for kind in ErrorType:
        assert kind.canonical_name == "com.vmware.vapi.std.errors." + kind.value.lower()
        assert kind.meaning.endswith(".")


def test_each_error_type_has_one_public_documented_class() -> None:
    """E-1: The classes are Error and 24 direct subclasses; each docstring comes from the row."""
    assert len(set(ALL)) == 25
    assert ALL[0] is Error
    assert {*ALL[1:]} == {each for each in Error.__subclasses__() if each.__module__.startswith("snaptasks")}
    for kind in ErrorType:
        assert getattr(snaptasks, kind.exception.__name__) is kind.exception
        assert str(kind.http_status) in (kind.exception.__doc__ or "")
        assert kind.meaning in (kind.exception.__doc__ or "")


def test_second_class_for_an_error_type_raises_type_error() -> None:
    """E-1: A subclass of a row's class is not a second class for the row."""
    with pytest.raises(TypeError, match="NOT_FOUND must have one class only, and has NotFound"):
        type("Second", (Error,), {}, error_type=ErrorType.NOT_FOUND)

    class TaskGone(NotFound):
        pass

    gone = TaskGone(TOP)
    assert gone.error_type is ErrorType.NOT_FOUND
    assert type(Error.from_value(gone.value)) is NotFound


def test_declared_errors_are_those_of_the_published_document() -> None:
    """E-2: Compare the declared errors of list and get, with their statuses."""
    for path, declared in (("/snapservice/tasks", LIST_ERRORS), ("/snapservice/tasks/{task}", GET_ERRORS)):
        responses = OPENAPI["paths"][path]["get"]["responses"]
        published = {(name.rsplit(".", 1)[1], int(s)) for s in responses for name in responses[s].get("x-errors", ())}
        assert {(kind.exception.__name__, kind.http_status) for kind in declared} == published


def test_http_status_candidates_are_all_error_types_of_a_status() -> None:
    """E-4: A status by itself does not decide the class."""
    assert len(http_status_candidates(400)) == 12
    assert http_status_candidates(404) == {ErrorType.NOT_FOUND, ErrorType.OPERATION_NOT_FOUND}
    assert http_status_candidates(302) == frozenset()
    assert sum(len(http_status_candidates(status)) for status in range(100, 600)) == 25


def test_received_status_is_kept_and_changes_no_http_status() -> None:
    """E-4: http_status comes from the table, so that a received 302 is never sent on."""
    error = Error.from_value(value=read(), received_status=302)
    with pytest.raises(TypeError):
        Error.from_value(read(), 302)  # type: ignore[call-arg]
    assert (type(error), error.received_status, error.http_status) == (Error, 302, 500)
    assert NotFound(TOP).received_status is None
    assert Error.from_value(read(error_type="NOT_FOUND"), received_status=400).http_status == 404


# The values


def test_from_json_reads_missing_and_unknown_parts_of_an_error_value() -> None:
    """E-3, V-6, V-7: A missing or unknown part does not hide an error; a part of a wrong type is refused."""
    assert read() == ErrorValue(messages=(), error_type=ErrorType.ERROR) == read(messages=None, error_type=None)
    newer = read(error_type="NEWER", data={"a": 1}, more=True)
    error = Error.from_value(newer)
    assert type(error) is Error
    assert error.value is newer
    assert error.error_type == "NEWER"
    assert not error.error_type.is_known
    assert (error.http_status, error.error_type.exception) == (500, Error)
    assert error.error_type.canonical_name == "com.vmware.vapi.std.errors.newer"
    invalid: list[dict[str, Any]] = [
        {"messages": 5},
        {"data": []},
        {"data": "text"},
        {"error_type": 5},
        {"messages": [{}]},
    ]
    for wrong in invalid:
        with pytest.raises(InvalidValue):
            read(**wrong)


def test_error_value_always_has_messages_and_error_type() -> None:
    """E-3: Both are written, and both are required when built."""
    assert read().to_python() == {"messages": [], "error_type": "ERROR"}
    with pytest.raises(ValidationError, match="error_type"):
        ErrorValue(messages=[TOP])  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="messages"):
        ErrorValue(error_type=ErrorType.ERROR)  # type: ignore[call-arg]


class Payload(BaseModel):
    free_bytes: int


@pytest.mark.parametrize(
    "data",
    [DynamicID(type="t", id="i"), {"type": "t", "id": "i"}, {"id": "i", "type": "t"}],
)
def test_data_of_each_type_becomes_a_frozen_object(data: Any) -> None:
    """E-3: data_as returns it by its shape."""
    error = NotFound(TOP, data=data)
    assert error.value.data == {"type": "t", "id": "i"}
    assert error.data_as(DynamicID) == DynamicID(type="t", id="i")
    assert error.data_as(TransientIndication) is None
    assert error == NotFound(TOP, data=DynamicID(type="t", id="i"))
    with pytest.raises(TypeError):
        error.value.data["type"] = "x"  # type: ignore[index]


def test_data_of_a_model_or_mapping_is_taken_and_of_other_types_refused() -> None:
    """E-3: Without data, data_as returns None."""
    assert NotFound(TOP).data_as(DynamicID) is None
    assert NotFound(TOP, data=Payload(free_bytes=5).model_dump()).value.data == {"free_bytes": 5}
    locations = InvalidArgument(TOP, data={"primary": "p"})
    assert locations.data_as(ArgumentLocations) == ArgumentLocations(primary="p")
    assert locations.data_as(FileLocations) == FileLocations(primary="p")
    for wrong in ([1], "text", 5):
        with pytest.raises(ValidationError, match="must be an object"):
            NotFound(TOP, data=wrong)  # type: ignore[arg-type]


def test_is_transient_comes_from_the_data() -> None:
    """E-8: It is None if the data does not say whether the cause is transient."""
    assert ServiceUnavailable(TOP, data=TransientIndication(is_transient=True)).is_transient is True
    assert ServiceUnavailable(TOP, data=TransientIndication(is_transient=False)).is_transient is False
    assert ServiceUnavailable(TOP, data={"is_transient": "true"}).is_transient is None
    assert ServiceUnavailable(TOP).is_transient is None


@pytest.mark.parametrize("kind", [*ErrorType, ErrorType("NEWER")])
@pytest.mark.parametrize("status", [None, 200, 400, 429, 500, 502, 503, 504])
def test_may_retry_follows_the_data_then_the_type_and_the_status(kind: ErrorType, status: int | None) -> None:
    """E-8: Without is_transient, three types and four received statuses may be retried."""
    is_worth_it = kind in {"SERVICE_UNAVAILABLE", "TIMED_OUT", "RESOURCE_BUSY"} or status in {429, 502, 503, 504}
    error = Error.from_value(read(error_type=kind), received_status=status)
    assert error.may_retry is is_worth_it
    for said in (True, False):
        value = read(error_type=kind, data={"is_transient": said})
        assert Error.from_value(value, received_status=status).may_retry is said


def test_retry_after_is_kept_by_pickle_copy_and_repr() -> None:
    """E-8, E-6: Two errors with a different retry_after are not equal."""
    value = read(error_type="SERVICE_UNAVAILABLE")
    assert Error.from_value(value).retry_after is None
    for retry_after in (timedelta(seconds=3), datetime(2027, 1, 1, tzinfo=UTC)):
        error = Error.from_value(value, received_status=503, retry_after=retry_after)
        assert error.retry_after == retry_after
        for again in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
            assert (again, hash(again), again.retry_after) == (error, hash(error), retry_after)
        assert eval(repr(error), vars(snaptasks) | {"datetime": sys.modules["datetime"]}) == error
        assert error != Error.from_value(value, received_status=503)
        with pytest.raises(AttributeError):
            error.retry_after = None  # type: ignore[misc]


@pytest.mark.parametrize("kind", ACCESS)
def test_access_errors_carry_no_data(kind: type[Unauthenticated]) -> None:
    """A-2: Refuse data in each way to build one; only access errors carry a challenge."""
    with pytest.raises(ValidationError, match="excludes data"):
        kind(TOP, data={"why": "secret"})
    for data in ({"why": "secret"}, {}):
        with pytest.raises(ValidationError, match=r"data.*\n.*A-2"):
            ErrorValue(messages=[TOP], error_type=kind(TOP).error_type, data=data)
    error = kind(TOP, CAUSE, challenge='Bearer realm="x"')
    assert error.value.challenge == 'Bearer realm="x"'
    assert error.value.messages == (TOP, CAUSE)
    with pytest.raises(ValidationError, match="excludes challenge"):
        ErrorValue(messages=[TOP], error_type="NOT_FOUND", challenge="Bearer")
    with pytest.raises(ValidationError, match="excludes challenge"):
        read().evolve(error_type="NOT_FOUND", challenge="Bearer")


@pytest.mark.parametrize("control", ["\n", "\r", "\x00", "\x1f", "\x7f", "\x80", "\x9f"])
def test_challenge_with_a_control_character_is_refused_when_built(control: str) -> None:
    """A-2: It is refused because it becomes a header; it is kept when read, and by copies of the read value."""
    with pytest.raises(ValidationError, match="control character"):
        Unauthenticated(TOP, challenge=f"Bearer{control}")
    value = read(error_type="UNAUTHENTICATED", challenge=f"Bearer{control}", data={"a": 1})
    assert value.evolve(messages=[TOP]).challenge == f"Bearer{control}"
    assert ErrorValue.from_json(value.to_json()) == value
    for changes in ({"challenge": f"a{control}"}, {"error_type": "NOT_FOUND"}, {"data": {"b": 1}}):
        with pytest.raises(ValidationError, match="A-2"):
            value.evolve(**changes)


def test_from_json_ignores_a_challenge_of_another_error_type() -> None:
    """V-7, A-2: It is an unknown field."""
    assert read(error_type="NOT_FOUND", challenge="Bearer") == read(error_type="NOT_FOUND")
    assert read(challenge="Bearer") == read()


# The exceptions


def every_error() -> list[Error]:
    built = [kind(TOP, CAUSE) for kind in ALL]
    read_ones = [Error.from_value(read(error_type=kind.value), received_status=418) for kind in ErrorType]
    return [*built, *read_ones, NotFound(TOP, data={"a": [1]}), Unauthorized(TOP, challenge="c")]


@pytest.mark.parametrize("error", every_error(), ids=lambda error: type(error).__name__)
def test_copies_of_each_error_are_equal(error: Error) -> None:
    """E-6: pickle, copy and deepcopy keep equality, hash, text, notes and class."""
    error.__dict__.pop("__notes__", None)
    error.add_note("a note")
    copies = [copy.copy(error), copy.deepcopy(error)]
    copies += [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    for again in copies:
        assert again == error
        assert hash(again) == hash(error)
        assert type(again) is type(error)
        assert (str(again), repr(again), again.args) == (str(error), repr(error), error.args)
        assert again.received_status == error.received_status
        assert again.__notes__ == ["a note"]
    assert eval(repr(error), vars(snaptasks)) == error


@pytest.mark.parametrize("kind", ALL)
def test_each_error_class_takes_the_same_keywords(kind: type[Error]) -> None:
    """E-1, A-2: The two access errors refuse data; the others refuse a challenge."""
    assert kind(TOP, CAUSE, data=None, challenge=None) == kind(TOP, CAUSE)
    given: dict[str, Any]
    for given in ({"data": {"a": 1}}, {"challenge": "Basic"}):
        if (kind in ACCESS) is ("data" in given):
            with pytest.raises(ValidationError, match="A-2"):
                kind(TOP, **given)
        else:
            assert kind(TOP, **given) == kind(TOP, CAUSE, **given).from_value(
                ErrorValue(messages=[TOP], error_type=kind(TOP).error_type, **given)
            )


def test_errors_differ_by_class_value_and_status() -> None:
    """E-6: An error is not equal to a value or to an object of another type."""
    value = NotFound(TOP).value
    assert NotFound(TOP) == NotFound(TOP)
    assert len({NotFound(TOP), NotFound(TOP), NotFound(CAUSE), Error(TOP)}) == 3
    assert Error.from_value(value, received_status=404) != Error.from_value(value)
    assert NotFound(TOP) != value
    assert NotFound(TOP) != type("Gone", (NotFound,), {})(TOP)
    assert NotFound(TOP, data={"a": 1}) != NotFound(TOP, data={"a": True})


def test_error_has_cause_and_joins_exception_groups() -> None:
    """E-6: An error behaves as each other exception does."""
    missing = KeyError("a")
    with pytest.raises(NotFound) as caught:
        raise NotFound(TOP) from missing
    assert caught.value.__cause__ is missing
    group = ExceptionGroup("several", [NotFound(TOP), Error(TOP)])
    assert group.subgroup(NotFound) is not None


def test_str_of_an_error_joins_its_messages() -> None:
    """V-11: The top message comes first; without messages, str is the error type."""
    assert str(NotFound(TOP, CAUSE)) == "It failed; caused by: Die Platte ist voll"
    assert NotFound(TOP, CAUSE).value.display() == "It failed; caused by: Die Platte ist voll"
    assert read().display() == ""
    assert str(Error.from_value(read(error_type="NEWER"))) == "NEWER"


def test_error_built_with_a_wrong_argument_raises_validation_error() -> None:
    """E-5: A constructor raises pydantic's ValidationError, a reader raises InvalidValue; both are ValueErrors."""
    with pytest.raises(ValidationError):
        NotFound("text")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue):
        read(messages=["text"])
    with pytest.raises(AttributeError):
        NotFound(TOP).value = read()  # type: ignore[misc]


def test_invalid_argument_of_invalid_value_names_the_first_violation() -> None:
    """E-5: primary is the first violation; secondary is its clashes; args hold field, value, rule and count."""
    with pytest.raises(InvalidValue) as caught:
        FilterSpec.from_json('{"status":["BROKEN"],"tasks":[""]}')
    error = invalid_argument(caught.value)
    assert error.data_as(ArgumentLocations) == ArgumentLocations(primary="status")
    (message,) = error.value.messages
    first = caught.value.violations[0]
    assert message.args == ("status", "'BROKEN'", first.rule, "2")
    assert "BROKEN" in str(error)

    sample = json.loads((DATA / "sample-tasks.json").read_text(encoding="utf-8"))
    sample["items"][3]["info"]["status"] = "PENDING"
    with pytest.raises(InvalidValue) as caught:
        ListResult.from_json(json.dumps(sample))
    error = invalid_argument(caught.value)
    locations = error.data_as(ArgumentLocations)
    assert locations is not None
    assert locations.primary == "items.3.info.start_time"
    assert locations.secondary == ("items.3.info.status",)
