"""Decisions that may have to wait: written once, as a generator that yields what has to be awaited.

Decided here: how such a generator is driven, without and with an event loop. Not known here: what is decided, and any
event loop; whoever awaits brings one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import Any, TypeAlias, TypeVar

from ._text import type_name

T = TypeVar("T")

# Yields each awaitable that its outcome is needed of, and is sent that outcome; what the awaitable raises is raised
# where it was yielded.
Steps: TypeAlias = Generator[Awaitable[Any], Any, T]


def has_to_be_awaited(answer: object) -> bool:
    """Whether an answer is still to come. It asks as `collections.abc.Awaitable` does, in a fifth of the time."""
    return hasattr(type(answer), "__await__")


def at_once(steps: Steps[T]) -> T:
    """The end of steps that have nothing to wait for; an awaitable is a TypeError where it was yielded."""
    try:
        awaitable = next(steps)
        while True:
            name = getattr(awaitable, "__qualname__", "something")
            awaitable = steps.throw(TypeError(f"{name} gave {type_name(awaitable)}; rest.handle_async awaits it"))
    except StopIteration as done:
        end: T = done.value
        return end


async def awaited(steps: Steps[T]) -> T:
    """The end of steps that may have to wait, under whichever event loop awaits this."""
    try:
        awaitable = next(steps)
        while True:
            try:
                answer = await awaitable
            except BaseException as raised:  # noqa: BLE001 - also that it was cancelled: whoever waits must hear of it
                awaitable = steps.throw(raised)
            else:
                awaitable = steps.send(answer)
    except StopIteration as done:
        end: T = done.value
        return end
