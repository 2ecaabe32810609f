"""Test the structure of responses, their headers, and the errors of a source (W-1, W-2, E-4)."""

from typing import NoReturn

import pytest

from snaptasks import (
    EVERYTHING,
    Error,
    ErrorType,
    ErrorValue,
    FilterSpec,
    Info,
    ListItem,
    ListResult,
    NotFound,
    ResourceInaccessible,
    ServiceUnavailable,
    get_task,
    rest,
    value_type,
)
from tests.building import MESSAGE, raise_error
from tests.rest.example_service import ITEMS, TASKS, error_of, send, unreadable


def test_response_is_the_bare_structure_and_not_cached() -> None:
    """W-1, W-2: A response is of one caller only, so a cache must not store it."""
    result = ListResult(items=ITEMS[:2])
    response = send(TASKS + "?users=u")
    assert response == rest.list_response(result)
    assert response.body == result.to_json()
    assert response.headers == (
        ("content-type", "application/json"),
        ("content-length", str(len(response.body))),
        ("cache-control", "no-store"),
    )
    assert send(TASKS + "/a") == rest.info_response(ITEMS[0].info)
    assert rest.info_response(ITEMS[0].info).body == ITEMS[0].info.to_json()


@pytest.mark.parametrize("kind", list(ErrorType))
def test_service_with_typed_error_inside_returns_it_with_its_own_status(kind: ErrorType) -> None:
    """W-3, E-4: Take the status from the table, also for an error that was received with another one."""
    error = Error.from_value(ErrorValue(messages=[MESSAGE], error_type=kind), received_status=302)
    reported: list[Exception] = []
    responses = [
        send(target, on_error=reported.append, **{where: lambda *_: raise_error(error)})
        for target in (TASKS, TASKS + "/a")
        for where in ("source", "visibility", "authenticate")
    ]
    assert {*responses} == {rest.error_response(error)}
    assert error_of(responses[0]) == (kind.http_status, kind)
    assert reported == []


def test_read_functions_return_what_a_service_sends() -> None:
    """W-2, W-4: Read each response back as the value that was sent."""
    with pytest.raises(ResourceInaccessible):
        rest.read_list(500, {}, send(source=lambda spec: [unreadable()]).body)
    assert rest.read_list(200, {}, send().body) == ListResult(items=ITEMS)
    assert rest.read_info(200, {}, send(TASKS + "/a").body) == ITEMS[0].info


def test_error_response_of_a_subclass_has_the_status_of_its_type() -> None:
    """E-4, W-3: Ignore the status of a subclass, and report the cause of an error of 500 or more."""

    class Teapot(NotFound):
        @property
        def http_status(self) -> int:
            return 418

    class Harmless(ServiceUnavailable):
        @property
        def http_status(self) -> int:
            return 200

    assert rest.error_response(Teapot(MESSAGE)).status == 404
    reported: list[Exception] = []

    def source(filter: FilterSpec) -> NoReturn:
        raise Harmless(MESSAGE) from ConnectionError("secret")

    assert error_of(send(source=source, on_error=reported.append)) == (503, "SERVICE_UNAVAILABLE")
    assert [*map(type, reported)] == [ConnectionError] * 2


@value_type
class Detailed(Info):
    """Represent an Info with one field more than the API has."""

    secret: str


def test_service_with_subclass_of_info_sends_only_fields_of_info() -> None:
    """V-2, W-1: Send the fields of the API only, in a list and in a get."""
    plain = ITEMS[0]
    detailed = Detailed.from_python(plain.info.to_python() | {"secret": "secret"})
    item = ListItem(task=plain.task, info=detailed)
    assert get_task([item], "a", visibility=EVERYTHING) is detailed
    assert send(TASKS + "/a", source=[item]) == send(TASKS + "/a") == rest.info_response(detailed)
    assert send(source=[item]) == send(source=[plain])
