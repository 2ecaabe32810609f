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
from ..errors import ErrorType, ErrorValue

__all__ = ["NOT_AN_ERROR", "read_error"]

# The code of the violation of JSON that is not an error (W-4).
NOT_AN_ERROR: Final = "not_an_error"

_MEMBERS: Final = tuple(ErrorValue.__pydantic_fields__)

# Messages of a broken list that are read one by one, inclusive; the others are left out. An error has a few.
_MAX_EXAMINED: Final = 100

# What stands before the type in a canonical name (E-1).
_CANONICAL: Final = ErrorType.ERROR.canonical_name.removesuffix(ErrorType.ERROR.lower())


def read_error(body: bytes | str) -> tuple[ErrorValue, InvalidValue | None]:
    """Read an error, and why a part of it is left out, if one is.

    Raises InvalidValue where the body is not JSON, has no member of an error, or none that can be read (W-4).
    """
    tree = parsed(ErrorValue.__name__, body)
    members = _members(tree) if isinstance(tree, dict) else {}
    if isinstance(tree, dict) and not members:
        rule = f"must have a member of an error, one of {', '.join(_MEMBERS)}"
        raise InvalidValue(ErrorValue.__name__, [Violation("", "", rule, NOT_AN_ERROR, "W-4")])
    try:
        return ErrorValue.from_python(members or tree), None
    except InvalidValue as invalid:
        if isinstance(messages := members.get("messages"), list):
            members["messages"] = [
                each for each in messages[:_MAX_EXAMINED] if _can_be_read("messages", [each])
            ] or None
        readable = {name: member for name, member in members.items() if _can_be_read(name, member)}
        if not readable:
            raise
        return ErrorValue.from_python(readable), invalid


def _members(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Find the members of an error, in whatever form they are there (E-10)."""
    inner = tree.get("value")
    tree = {**inner, **tree} if isinstance(inner, dict) else tree
    members = {name: member for name, member in tree.items() if name in _MEMBERS}
    if "messages" not in members and isinstance(older := tree.get("localizableMessages"), list):
        members["messages"] = [_in_todays_form(message) for message in older]
    names = [name for name in (tree.get("type"), tree.get("@class")) if isinstance(name, str)]
    for name in names:
        if "error_type" not in members and name.startswith(_CANONICAL):
            members["error_type"] = name.removeprefix(_CANONICAL).upper()
    return members


def _in_todays_form(message: object) -> object:
    """Call the text of an older message what it is called today."""
    if isinstance(message, dict) and "defaultMessage" in message:
        return {"default_message": message["defaultMessage"], **message}
    return message


def _can_be_read(name: str, member: object) -> bool:
    if member is not None:
        with suppress(InvalidValue):
            ErrorValue.from_python({name: member})
            return True
    return False
