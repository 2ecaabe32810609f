"""Test that the settings of a service are checked when it is built, and cannot change (W-3, A-8, V-2)."""

from typing import Any

import pytest

from snaptasks import EVERYTHING, NOTHING, FilterSpec, Grants, ListItem, TaskIndex, Wanted, rest
from tests.building import broken
from tests.rest.example_service import ITEMS, TASKS, authenticate, error_of, visibility


class Old:
    """Represent a source in the form of an older version: it takes a filter and a visibility."""

    def select(self, filter: FilterSpec, visibility: Any, at_most: int) -> list[ListItem]:
        return ITEMS

    def find(self, task: str) -> ListItem | None:
        return None


class Migrated(Old):
    """Represent such a source with the new scan, but the old select."""

    def scan(self, wanted: Wanted) -> list[ListItem]:
        return ITEMS


WRONG_SETTINGS: list[tuple[dict[str, Any], str]] = [
    (
        {"prefix": "api"},
        "prefix must be empty, or a raw path that begins with a slash .*, not 'api'; write prefix='/api'$",
    ),
    ({"prefix": "/"}, "prefix must be empty, or a raw path that begins with a slash"),
    ({"prefix": "/api/"}, "prefix must be empty, or a raw path that begins with a slash"),
    ({"prefix": "/a b"}, "prefix must be empty, or a raw path"),
    ({"prefix": "/a?b"}, "prefix must be empty, or a raw path"),
    ({"prefix": "/a#b"}, "prefix must be empty, or a raw path"),
    ({"prefix": "/ä"}, "prefix must be empty, or a raw path"),
    ({"prefix": "/\n"}, "prefix must be empty, or a raw path"),
    ({"prefix": None}, "prefix must be text, not NoneType; write prefix='/api'$"),
    ({"prefix": b"/api"}, "prefix must be text, not bytes; write prefix='/api'$"),
    ({"source": None}, "source must be an iterable of ListItems, .*, not NoneType"),
    ({"source": {"a": ITEMS[0]}}, "source must be an iterable of ListItems, .*, not dict"),
    ({"source": Old()}, "not Old; it has a select, but no scan"),
    ({"source": Migrated()}, r"not Migrated; it has a select, but that must take \(wanted, at_most\)"),
    ({"source": lambda: ITEMS}, r"source must take one argument, not \(\); write source=lambda filter: "),
    (
        {"source": iter(ITEMS)},
        "source must give its tasks again for each request, not list_iterator; write a list, or a function ",
    ),
    (
        {"source": (item for item in ITEMS)},
        "again for each request, not generator; .* source=lambda filter: read_tasks",
    ),
    ({"source": list}, r"source must be an instance, not a class; write source=list\(...\)$"),
    ({"source": lambda one, other: ITEMS}, r"source must take one argument, not \(one, other\); write "),
    (
        {"visibility": Grants},
        "visibility must be a function of the caller, not a visibility itself; write visibility=lambda caller: ",
    ),
    ({"source": TaskIndex}, r"source must be an instance, not a class; write source=TaskIndex\(...\)$"),
    (
        {"visibility": EVERYTHING},
        "visibility must be a function of the caller, not a visibility itself; write visibility=lambda caller: EVERYTHING",
    ),
    ({"visibility": NOTHING}, "visibility=lambda caller: NOTHING"),
    ({"visibility": Grants([])}, r"visibility=lambda caller: Grants\(filters=\(\)\)"),
    (
        {"visibility": [FilterSpec(users={"u"})]},
        "visibility must be a function, not list; write visibility=lambda caller: ",
    ),
    (
        {"visibility": lambda: EVERYTHING},
        r"visibility must take one argument, not \(\); write visibility=lambda caller: ",
    ),
    ({"authenticate": None}, "authenticate must be a function, not NoneType; write authenticate=lambda request: "),
    (
        {"authenticate": lambda user, password: None},
        r"authenticate must take one argument, not \(user, password\); write ",
    ),
    ({"on_error": "log"}, "on_error must be a function, not str; write on_error=lambda error: "),
    ({"on_error": lambda: None}, "on_error must take one argument"),
    ({"require_scope": "false"}, "require_scope must be True or False, not str"),
    ({"challenge": "Basic\r\nx: y"}, r"challenge must have no control character \[A-2\]; write challenge='Bearer'"),
    ({"challenge": 5}, "challenge must be text, not int; write challenge='Bearer'"),
]


@pytest.mark.parametrize(
    ("wrong", "text"), WRONG_SETTINGS, ids=lambda value: value[:60] if isinstance(value, str) else ""
)
def test_service_with_wrong_setting_raises_when_it_is_built(wrong: dict[str, Any], text: str) -> None:
    """W-3, A-8, A-2: The error shows the correct form, instead of a failure of every request."""
    settings: dict[str, Any] = {"source": ITEMS, "authenticate": authenticate, "visibility": visibility} | wrong
    with pytest.raises((TypeError, ValueError), match=text):
        rest.Service(settings.pop("source"), **settings)


def test_service_with_function_without_signature_accepts_it() -> None:
    """W-3: A function in C may not have a signature."""
    service: Any = rest.Service(ITEMS, authenticate=dict, visibility=visibility, on_error=print, prefix="")  # type: ignore[arg-type]
    assert error_of(service.handle(rest.Request("GET", "/snapservice/tasks"))) == (500, "INTERNAL_SERVER_ERROR")


def test_service_with_changed_attribute_raises_and_keeps_its_settings() -> None:
    """V-2, W-5: Its repr shows the path and the type of the source only."""
    service: Any = rest.Service(ITEMS, authenticate=authenticate, visibility=visibility, challenge="Bearer secret")
    for change in (
        lambda: setattr(service, "_visibility", broken),
        lambda: setattr(service, "visibility", broken),
        lambda: delattr(service, "_source"),
        lambda: service.__init__([], authenticate=broken, visibility=broken),
    ):
        with pytest.raises((AttributeError, TypeError), match="must not be changed"):
            change()
    assert repr(service) == "<rest.Service at /api/snapservice/tasks of list>"
    assert service.handle(rest.Request("GET", TASKS, {"authorization": "root"})).status == 200
