"""The body of an error, in the form of today and in older ones (E-3, E-10).

Decides which members of a JSON object are an error's, and what survives where one of them cannot be read.
Does not know statuses, headers and connections.
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

# Messages of a broken list that are read one by one, inclusive; the others are left out. An error has a few.
_MAX_EXAMINED: Final = 100

# What of a message that cannot be read is read by itself.
_TEXTS: Final = ("id", "default_message", "localized")


def read_error(body: bytes | str) -> tuple[ErrorValue, InvalidValue | None]:
    """Read an error, and why a part of it is left out, if one is.

    Raises InvalidValue where the body is not JSON, and as error_in does (W-4).
    """
    return error_in(parsed(ErrorValue.__name__, body))


def error_in(tree: object) -> tuple[ErrorValue, InvalidValue | None]:
    """Read an error from parsed JSON, and why a part of it is left out, if one is.

    Raises InvalidValue where it has no member of an error, or none that can be read.
    """
    members = _members(tree) if isinstance(tree, dict) else {}
    if isinstance(tree, dict) and not any(members.get(name) for name in ("error_type", "messages", "challenge")):
        # `data` is a word of many, and says nothing by itself.
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
    """Find the members of an error, in whatever form they are there (E-10); null is unset (W-1)."""
    outer, inner = _set(tree), tree.get("value")
    inner = _set(inner) if isinstance(inner, dict) else {}
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


def _set(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in tree.items() if member is not None}


def _in_todays_form(message: object) -> object:
    """Call the text of an older message what it is called today."""
    if isinstance(message, dict) and "defaultMessage" in message:
        return {"default_message": message["defaultMessage"], **_set(message)}
    return message


def _readable_part(message: object) -> list[object]:
    """The message where it can be read, else its texts where they can: args and params are details."""
    texts = {name: message[name] for name in _TEXTS if name in message} if isinstance(message, dict) else {}
    return next(([each] for each in (message, {"id": "", **texts}) if _can_be_read("messages", [each])), [])


def _can_be_read(name: str, member: object) -> bool:
    with suppress(InvalidValue):
        ErrorValue.from_python({name: member})
        return True
    return False
