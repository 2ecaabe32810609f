"""What a Service may be built of: each setting is checked once, and a wrong one says what to write instead (W-3).

Knows nothing of requests.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

from pydantic import ValidationError

from .._sent import sent
from .._text import type_name
from ..errors import Unauthenticated
from ..sources import kind_of, no_source
from ..visibility import is_predicate

__all__ = ["checked_challenge", "checked_function", "checked_source", "checked_visibility"]

_F = TypeVar("_F", bound=Callable[[Any], Any])


def checked_source(source: Any) -> Any:
    """L-5: what can be iterated only once would be empty from the second request on."""
    kind = kind_of(type(source)) or no_source(source)
    if isinstance(source, type):
        raise TypeError(f"source must be an instance, such as {source.__name__}(), not the class itself")
    if kind.takes_filter:
        checked_function("source", source, "filter")
    if isinstance(source, Iterator | AsyncIterator):
        raise TypeError(
            f"source must give its tasks for each request again: a list, or a function that returns a new iterator, such "
            f"as lambda filter: read_tasks(), not {type_name(source)}"
        )
    return source


def checked_visibility(visibility: _F) -> _F:
    """A-8: a visibility itself would be asked about a caller, and answer for every caller alike."""
    if not is_predicate(visibility) or isinstance(visibility, type):
        raise TypeError(f"visibility must be a function of the caller here: visibility=lambda caller: {visibility!r}")
    return checked_function("visibility", visibility, "caller")


def checked_function(name: str, function: _F, parameter: str) -> _F:
    if not callable(function):
        raise TypeError(f"{name} must be a function, {name}=lambda {parameter}: ..., not {type_name(function)}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of some functions in C
        return function
    try:
        signature.bind(None)
    except TypeError:
        raise TypeError(f"{name} must take one argument, {name}=lambda {parameter}: ..., not {signature}") from None
    return function


def checked_challenge(challenge: str | None) -> str | None:
    if challenge is not None and not isinstance(challenge, str):
        raise TypeError(f"challenge must be text, such as challenge='Bearer', not {type_name(challenge)}")
    try:
        Unauthenticated(sent("unauthenticated"), challenge=challenge)
    except ValidationError as refused:
        (error,) = refused.errors(include_url=False)
        raise ValueError(f"challenge {error['msg']}, such as challenge='Bearer'") from None
    return challenge
