"""Responses: the bare structure, its headers, and the errors of a source (W-1, W-2, E-4)."""

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
from tests.rest.example_service import ITEMS, TASKS, ask, error_of, unreadable


def test_a_response_is_the_bare_structure() -> None:
    """W-1, W-2: and for one caller alone, which a cache must know."""
    result = ListResult(items=ITEMS[:2])
    response = ask(TASKS + "?users=u")
    assert response == rest.list_response(result)
    assert response.body == result.to_json()
    assert response.headers == (
        ("content-type", "application/json"),
        ("content-length", str(len(response.body))),
        ("cache-control", "no-store"),
    )
    assert ask(TASKS + "/a") == rest.info_response(ITEMS[0].info)
    assert rest.info_response(ITEMS[0].info).body == ITEMS[0].info.to_json()


@pytest.mark.parametrize("kind", list(ErrorType))
def test_every_error_of_a_source_passes_through(kind: ErrorType) -> None:
    """W-3, E-4: with its table's status, whatever it was received with; of a visibility or an authentication, too."""
    error = Error.from_value(ErrorValue(messages=[MESSAGE], error_type=kind), received_status=302)
    told: list[Exception] = []
    responses = [
        ask(target, on_error=told.append, **{where: lambda *_: raise_error(error)})
        for target in (TASKS, TASKS + "/a")
        for where in ("source", "visibility", "authenticate")
    ]
    assert {*responses} == {rest.error_response(error)}
    assert error_of(responses[0]) == (kind.http_status, kind)
    assert told == []


def test_both_sides_agree() -> None:
    """W-2, W-4: what one side sends the other reads, and as what it was."""
    with pytest.raises(ResourceInaccessible):
        rest.read_list(500, {}, ask(source=lambda spec: [unreadable()]).body)
    assert rest.read_list(200, {}, ask().body) == ListResult(items=ITEMS)
    assert rest.read_info(200, {}, ask(TASKS + "/a").body) == ITEMS[0].info


def test_an_error_of_a_kind_of_its_own_has_the_status_of_the_table() -> None:
    """E-4, W-3: whatever a subclass says; and the embedder hears of one of 500 or more."""

    class Teapot(NotFound):
        @property
        def http_status(self) -> int:
            return 418

    class Harmless(ServiceUnavailable):
        @property
        def http_status(self) -> int:
            return 200

    assert rest.error_response(Teapot(MESSAGE)).status == 404
    told: list[Exception] = []

    def source(filter: FilterSpec) -> NoReturn:
        raise Harmless(MESSAGE) from ConnectionError("secret")

    assert error_of(ask(source=source, on_error=told.append)) == (503, "SERVICE_UNAVAILABLE")
    assert [*map(type, told)] == [ConnectionError] * 2


@value_type
class Detailed(Info):
    """A state with more than the API has."""

    secret: str


def test_what_is_sent_of_a_subclass_is_what_the_kind_has() -> None:
    """V-2, W-1: in a get as in a list."""
    plain = ITEMS[0]
    detailed = Detailed.from_python(plain.info.to_python() | {"secret": "secret"})
    item = ListItem(task=plain.task, info=detailed)
    assert get_task([item], "a", visibility=EVERYTHING) is detailed
    assert ask(TASKS + "/a", source=[item]) == ask(TASKS + "/a") == rest.info_response(detailed)
    assert ask(source=[item]) == ask(source=[plain])
