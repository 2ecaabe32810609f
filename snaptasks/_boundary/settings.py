"""Check each setting of a Service once; the error of a wrong one says what to write (W-3).

Decides which settings a Service takes. Does not know requests.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

from pydantic import ValidationError

from .._sent import sent
from .._text import type_name
from ..errors import Unauthenticated
from ..sources import kind_of, reject_source
from ..visibility import is_predicate

__all__ = ["checked_challenge", "checked_function", "checked_source", "checked_visibility"]

_F = TypeVar("_F", bound=Callable[[Any], Any])


def checked_source(source: Any) -> Any:
    """Return a source that answers every request; an iterator would be empty from the second request on (L-5).

    Raises TypeError for any other value.
    """
    kind = kind_of(type(source)) or reject_source(source)
    if isinstance(source, type):
        raise TypeError(f"source must be an instance, not a class; write source={source.__name__}(...)")
    if kind.takes_filter:
        checked_function("source", source, "filter")
    if isinstance(source, Iterator | AsyncIterator):
        raise TypeError(
            f"source must give its tasks again for each request, not {type_name(source)}; write a list, or a function "
            "that returns a new iterator, such as source=lambda filter: read_tasks()"
        )
    return source


def checked_visibility(visibility: _F) -> _F:
    """Return a function from a caller to a visibility (A-8).

    Raises TypeError for a visibility itself, which would give the same answer for every caller.
    """
    if not is_predicate(visibility) or isinstance(visibility, type):
        raise TypeError(
            "visibility must be a function of the caller, not a visibility itself; write visibility=lambda caller: "
            f"{visibility!r}"
        )
    return checked_function("visibility", visibility, "caller")


def checked_function(name: str, function: _F, parameter: str) -> _F:
    """Return a function of one argument. Raises TypeError for any other value.

    Args:
        name: The name of the setting, for the error text.
        function: The setting.
        parameter: The name of the argument, for the error text.
    """
    if not callable(function):
        raise TypeError(f"{name} must be a function, not {type_name(function)}; write {name}=lambda {parameter}: ...")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some C functions have no signature
        return function
    try:
        signature.bind(None)
    except TypeError:
        raise TypeError(
            f"{name} must take one argument, not {signature}; write {name}=lambda {parameter}: ..."
        ) from None
    return function


def checked_challenge(challenge: str | None) -> str | None:
    """Return a challenge. Raises TypeError for a value that is not text, ValueError for a control character (A-2)."""
    if challenge is not None and not isinstance(challenge, str):
        raise TypeError(f"challenge must be text, not {type_name(challenge)}; write challenge='Bearer'")
    try:
        Unauthenticated(sent("unauthenticated"), challenge=challenge)
    except ValidationError as refused:
        (error,) = refused.errors(include_url=False)
        raise ValueError(f"challenge {error['msg']}; write challenge='Bearer'") from None
    return challenge
