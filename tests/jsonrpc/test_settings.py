"""Test the settings of a JSON-RPC service: they are checked once, when it is built, and cannot change."""

from typing import Any

import pytest

from snaptasks import EVERYTHING, TaskIndex, jsonrpc
from tests.building import broken
from tests.jsonrpc.example_service import (
    REQUEST,
    ask,
    authenticate,
    error_of,
    filter_of,
    output_of,
    service_of,
    tasks_of,
)
from tests.rest.example_service import ITEMS, visibility

WRONG_SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"source": None}, "source must be an iterable of ListItems, .*, not NoneType"),
    ({"source": iter(ITEMS)}, "source must give its tasks again for each request"),
    ({"source": TaskIndex}, r"source must be an instance, not a class; write source=TaskIndex\("),
    ({"source": lambda: ITEMS}, r"source must take one argument, not \(\); write source=lambda filter: "),
    ({"visibility": EVERYTHING}, "visibility must be a function of the caller, not a visibility itself"),
    (
        {"visibility": lambda: EVERYTHING},
        r"visibility must take one argument, not \(\); write visibility=lambda caller: ",
    ),
    ({"authenticate": None}, "authenticate must be a function, not NoneType; write authenticate=lambda call: "),
    (
        {"authenticate": lambda: None},
        r"authenticate must take one argument, not \(\); write authenticate=lambda call: ",
    ),
    ({"on_error": "log"}, "on_error must be a function, not str; write on_error=lambda error: "),
    ({"require_scope": 1}, "require_scope must be True or False, not int"),
    ({"challenge": "a\nb"}, "challenge must have no control character"),
    ({"challenge": 5}, "challenge must be text"),
    ({"prefix": "/api"}, "prefix"),
]


@pytest.mark.parametrize(
    ("wrong", "text"), WRONG_SETTINGS, ids=lambda value: value[:60] if isinstance(value, str) else ""
)
def test_service_with_wrong_setting_raises(wrong: dict[str, Any], text: str) -> None:
    """J-3, W-3: The text says what to write instead."""
    settings = {"source": ITEMS, **wrong}
    with pytest.raises((TypeError, ValueError), match=text):
        service_of(settings.pop("source"), **settings)


def test_service_without_authenticate_or_visibility_raises_type_error() -> None:
    """J-3: Neither has a default."""
    with pytest.raises(TypeError, match="authenticate"):
        jsonrpc.Service(ITEMS, visibility=visibility)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="visibility"):
        jsonrpc.Service(ITEMS, authenticate=authenticate)  # type: ignore[call-overload]


def test_service_refuses_changes() -> None:
    """J-3, V-2: Its repr does not show its settings."""
    service = service_of(challenge="secret")
    for change in (
        lambda: setattr(service, "_visibility", broken),
        lambda: setattr(service, "_asked", "x"),
        lambda: delattr(service, "_source"),
        lambda: service.__init__([], authenticate=broken, visibility=broken),
    ):
        with pytest.raises((AttributeError, TypeError), match="must not be changed"):
            change()
    assert repr(service) == "<jsonrpc.Service of list>"
    assert service.handle(REQUEST).status == 200


def test_list_without_required_scope_returns_invalid_argument() -> None:
    """J-3, F-8: A get call needs no scope."""
    response = ask(arguments=filter_of(status=["FAILED"]), require_scope=True, visibility=broken, source=broken)
    assert error_of(response) == "INVALID_ARGUMENT"
    assert tasks_of(ask(arguments=filter_of(services=["other"]), require_scope=True)) == ["b/c"]
    assert output_of(ask("get", {"task": "a"}, require_scope=True))
