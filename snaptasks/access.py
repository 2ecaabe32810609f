"""Who asks (A-1, A-2).

Decides whether a caller may ask at all. Knows nothing of how a caller proves who it is, and of what it may see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ._sent import sent
from ._text import type_name
from ._value.asked import AskedValue
from ._value.fields import Identifier, SetOf
from .errors import Unauthenticated, Unauthorized
from .filters import Names

__all__ = ["SYSTEM_READ", "Caller", "authorize"]

# The privilege that both operations need.
SYSTEM_READ: Final = "System.Read"


class Caller(AskedValue, frozen=True):
    """Who asks: an authenticated user and the privileges that the user has."""

    user: Identifier
    """Who it is."""
    privileges: SetOf[Identifier] = frozenset()
    """What the user may do, such as System.Read (A-1)."""

    if TYPE_CHECKING:

        def __init__(self, *, user: str, privileges: Names = None) -> None: ...


def authorize(caller: Caller | None, privilege: str = SYSTEM_READ, *, challenge: str | None = None) -> Caller:
    """The caller itself, if it may go on; ask before anything else of the request is looked at (A-1).

    None is no authenticated caller. Raises Unauthenticated, with a challenge that says how to authenticate (A-2),
    Unauthorized, or TypeError for anything but a Caller or None (A-8).
    """
    if caller is None:
        raise Unauthenticated(sent("unauthenticated"), challenge=challenge)
    if not issubclass(type(caller), Caller):  # by the real type: a mock says that its class is another
        raise TypeError(f"caller must be a Caller or None, not {type_name(caller)}")
    if privilege not in caller.privileges:
        raise Unauthorized(sent("unauthorized"))
    return caller
