"""Represent callers, and check the privilege that they need (A-1, A-2).

Decides whether a caller may call an operation. Does not know how a caller proves its identity, or which tasks it may
see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ._sent import sent
from ._text import type_name
from ._value.fields import Identifier, SetOf
from ._value.model_value import ModelValue
from .errors import Unauthenticated, Unauthorized
from .filters import Names

__all__ = ["SYSTEM_READ", "Caller", "authorize"]

# The privilege that both operations need.
SYSTEM_READ: Final = "System.Read"


class Caller(ModelValue, frozen=True):
    """Represent an authenticated user, and the privileges of this user."""

    user: Identifier
    """The name of the user."""
    privileges: SetOf[Identifier] = frozenset()
    """The privileges of the user, such as System.Read (A-1)."""

    if TYPE_CHECKING:

        def __init__(self, *, user: str, privileges: Names = None) -> None: ...


def authorize(caller: Caller | None, privilege: str = SYSTEM_READ, *, challenge: str | None = None) -> Caller:
    """Return the caller, if it may call the operation. Call this before reading anything else of the request (A-1).

    Args:
        caller: The authenticated caller; None if there is none.
        privilege: The privilege that the caller must have.
        challenge: How to authenticate, for the error Unauthenticated (A-2).

    Raises:
        Unauthenticated: The caller is None.
        Unauthorized: The caller does not have the privilege.
        TypeError: The caller is not a Caller or None (A-8).
    """
    if caller is None:
        raise Unauthenticated(sent("unauthenticated"), challenge=challenge)
    if not issubclass(type(caller), Caller):  # not isinstance: a mock can pretend to have another class
        raise TypeError(f"caller must be a Caller or None, not {type_name(caller)}")
    if privilege not in caller.privileges:
        raise Unauthorized(sent("unauthorized"))
    return caller
