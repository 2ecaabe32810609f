"""Read the body of an error, in today's form and in older ones (E-3, E-10).

Decides which members of a JSON object belong to an error, and which members survive if another cannot be read. Does not
know statuses, headers or connections.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from .._value.reading import parsed
from .._value.violations import InvalidValue, Violation
from ..errors import ErrorValue
from ..errors.names import CANONICAL_PREFIX

__all__ = ["NOT_AN_ERROR", "error_in", "read_error"]

# The code of the violation of JSON that is not an error (W-4).
NOT_AN_ERROR: Final = "not_an_error"

_MEMBERS: Final = tuple(ErrorValue.__pydantic_fields__)

# Messages of an unreadable list that are read one by one, inclusive; the others are left out. An error has a few.
_MAX_EXAMINED: Final = 100

# The members of an unreadable message that are read by themselves.
_TEXTS: Final = ("id", "default_message", "localized")


def read_error(body: bytes | str) -> tuple[ErrorValue, InvalidValue | None]:
    """Return the error of a body, and the reason if a part of it is left out.

    Raises InvalidValue if the body is not JSON, and as error_in does (W-4).
    """
    return error_in(parsed(ErrorValue.__name__, body))


def error_in(tree: object) -> tuple[ErrorValue, InvalidValue | None]:
    """Return the error of parsed JSON, and the reason if a part of it is left out.

    Raises InvalidValue if the JSON has no member of an error, or no readable one.
    """
    members = _members(tree) if isinstance(tree, dict) else {}
    if isinstance(tree, dict) and not any(members.get(name) for name in ("error_type", "messages", "challenge")):
        # `data` is a common name, and does not show that an object is an error.
        rule = "must have a member of an error: messages, error_type or challenge"
        raise InvalidValue(ErrorValue.__name__, [Violation("", "", rule, NOT_AN_ERROR, "W-4")])
    try:
        return ErrorValue.from_python(members or tree), None
    except InvalidValue as invalid:
        if isinstance(messages := members.get("messages"), list):
            members["messages"] = [part for each in messages[:_MAX_EXAMINED] for part in _readable_part(each)]
        readable = {name: member for name, member in members.items() if member and _can_be_read(name, member)}
        if not readable:
            raise
        return ErrorValue.from_python(readable), invalid


def _members(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an error, from any form (E-10), without nulls (W-1)."""
    outer, inner = _without_nulls(tree), tree.get("value")
    inner = _without_nulls(inner) if isinstance(inner, dict) else {}
    both = {**inner, **outer}
    members = {name: member for name, member in both.items() if name in _MEMBERS}
    messages = members.get("messages", both.get("localizableMessages"))
    if isinstance(messages, list):
        members["messages"] = [_in_todays_form(message) for message in messages]
    for given in (outer.get("type"), outer.get("@class"), inner.get("type"), inner.get("@class")):
        is_type = isinstance(members.get("error_type"), str)
        if not is_type and isinstance(given, str) and given.startswith(CANONICAL_PREFIX) and given != CANONICAL_PREFIX:
            members["error_type"] = given.removeprefix(CANONICAL_PREFIX).upper()
    return members


def _without_nulls(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in tree.items() if member is not None}


def _in_todays_form(message: object) -> object:
    """Return a message with `default_message` in place of the older name `defaultMessage`."""
    if isinstance(message, dict) and "defaultMessage" in message:
        return {"default_message": message["defaultMessage"], **_without_nulls(message)}
    return message


def _readable_part(message: object) -> list[object]:
    """Return the message if it can be read, else only its texts if they can: args and params are details."""
    texts = {name: message[name] for name in _TEXTS if name in message} if isinstance(message, dict) else {}
    return next(([each] for each in (message, {"id": "", **texts}) if _can_be_read("messages", [each])), [])


def _can_be_read(name: str, member: object) -> bool:
    with suppress(InvalidValue):
        ErrorValue.from_python({name: member})
        return True
    return False
