"""Settings of a service: they are checked once, when it is built, and stay (W-3, A-8, V-2)."""

from typing import Any

import pytest

from snaptasks import EVERYTHING, NOTHING, FilterSpec, Grants, ListItem, TaskIndex, Wanted, rest
from tests.building import broken
from tests.rest.example_service import ITEMS, TASKS, authenticate, error_of, visibility


class Old:
    """A source of before."""

    def select(self, filter: FilterSpec, visibility: Any, at_most: int) -> list[ListItem]:
        return ITEMS

    def find(self, task: str) -> ListItem | None:
        return None


class Migrated(Old):
    """The same, half changed."""

    def scan(self, wanted: Wanted) -> list[ListItem]:
        return ITEMS


WRONG_SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"prefix": "api"}, "prefix must be empty, or begin with a slash and not end with one, .*: '/api', not 'api'"),
    ({"prefix": "/"}, "prefix must be empty, or begin with a slash"),
    ({"prefix": "/api/"}, "prefix must be empty, or begin with a slash"),
    ({"prefix": "/a b"}, "in the raw characters of a path"),
    ({"prefix": "/a?b"}, "in the raw characters of a path"),
    ({"prefix": "/a#b"}, "in the raw characters of a path"),
    ({"prefix": "/ä"}, "in the raw characters of a path"),
    ({"prefix": "/\n"}, "in the raw characters of a path"),
    ({"prefix": None}, "prefix must be text, such as '/api', not NoneType"),
    ({"prefix": b"/api"}, "prefix must be text, such as '/api', not bytes"),
    ({"source": None}, "a source must be an iterable of ListItems, .*, not NoneType"),
    ({"source": {"a": ITEMS[0]}}, "a source must be an iterable of ListItems, .*, not dict"),
    ({"source": Old()}, "not Old; it has a select, but no scan"),
    ({"source": Migrated()}, r"not Migrated; it has a select, but that must take \(wanted, at_most\)"),
    ({"source": lambda: ITEMS}, r"source must take one argument, source=lambda filter: .*, not \(\)"),
    (
        {"source": iter(ITEMS)},
        "source must give its tasks for each request again: a list, or a function .*, not list_iterator",
    ),
    ({"source": (item for item in ITEMS)}, "for each request again: .* lambda filter: read_tasks.*, not generator"),
    ({"source": list}, r"source must be an instance, such as list\(\), not the class itself"),
    ({"source": lambda one, other: ITEMS}, r"source must take one argument, .*, not \(one, other\)"),
    ({"visibility": Grants}, "visibility must be a function of the caller here: visibility=lambda caller: "),
    ({"source": TaskIndex}, r"source must be an instance, such as TaskIndex\(\), not the class itself"),
    (
        {"visibility": EVERYTHING},
        "visibility must be a function of the caller here: visibility=lambda caller: EVERYTHING",
    ),
    ({"visibility": NOTHING}, "visibility=lambda caller: NOTHING"),
    ({"visibility": Grants([])}, r"visibility=lambda caller: Grants\(filters=\(\)\)"),
    (
        {"visibility": [FilterSpec(users={"u"})]},
        "visibility must be a function, visibility=lambda caller: .*, not list",
    ),
    ({"visibility": lambda: EVERYTHING}, r"visibility must take one argument, visibility=lambda caller: .*, not \(\)"),
    ({"authenticate": None}, "authenticate must be a function, authenticate=lambda request: .*, not NoneType"),
    ({"authenticate": lambda user, password: None}, r"authenticate must take one argument, .*, not \(user, password\)"),
    ({"on_error": "log"}, "on_error must be a function, on_error=lambda error: .*, not str"),
    ({"on_error": lambda: None}, "on_error must take one argument"),
    ({"require_scope": "false"}, "require_scope must be True or False, not str"),
    ({"challenge": "Basic\r\nx: y"}, r"challenge must have no control character \[A-2\], such as challenge='Bearer'"),
    ({"challenge": 5}, "challenge must be text, such as challenge='Bearer', not int"),
]


@pytest.mark.parametrize(
    ("wrong", "told"), WRONG_SETTINGS, ids=lambda value: value[:60] if isinstance(value, str) else ""
)
def test_a_wrong_setting_is_told_when_the_service_is_built(wrong: dict[str, Any], told: str) -> None:
    """W-3, A-8, A-2: with what to write instead, and not as a failure of every request."""
    settings: dict[str, Any] = {"source": ITEMS, "authenticate": authenticate, "visibility": visibility} | wrong
    with pytest.raises((TypeError, ValueError), match=told):
        rest.Service(settings.pop("source"), **settings)


def test_a_setting_that_cannot_be_looked_into_is_taken() -> None:
    """W-3: a function in C may not say what it takes."""
    service: Any = rest.Service(ITEMS, authenticate=dict, visibility=visibility, on_error=print, prefix="")  # type: ignore[arg-type]
    assert error_of(service.handle(rest.Request("GET", "/snapservice/tasks"))) == (500, "INTERNAL_SERVER_ERROR")


def test_a_service_cannot_change() -> None:
    """V-2: what was checked stays; nothing of its settings shows in its repr but the path and the kind of source (W-5)."""
    service: Any = rest.Service(ITEMS, authenticate=authenticate, visibility=visibility, challenge="Bearer secret")
    for change in (
        lambda: setattr(service, "_visibility", broken),
        lambda: setattr(service, "visibility", broken),
        lambda: delattr(service, "_source"),
        lambda: service.__init__([], authenticate=broken, visibility=broken),
    ):
        with pytest.raises((AttributeError, TypeError), match="cannot change"):
            change()
    assert repr(service) == "<rest.Service at /api/snapservice/tasks of list>"
    assert service.handle(rest.Request("GET", TASKS, {"authorization": "root"})).status == 200
