"""One flow of decisions, driven at once or awaited: written once, as a generator that yields what must be awaited.

Decides how such a generator is driven, without and with an event loop. Knows nothing of what it decides, and brings no
event loop: whoever awaits does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

from ._text import type_name

__all__ = ["Flow", "drive", "drive_async", "is_awaitable", "own_failure", "settle"]

_T = TypeVar("_T")

# Yields each awaitable whose outcome it needs, and is sent that outcome; what the awaitable raises is raised where it was
# yielded.
Flow: TypeAlias = Generator[Awaitable[Any], Any, _T]


def is_awaitable(answer: object) -> bool:
    """Return whether an answer is still to come. It asks as `collections.abc.Awaitable` does, in a fifth of the time."""
    return hasattr(type(answer), "__await__")


def settle(answer: Any) -> Flow[Any]:
    """Return an answer, once it was awaited if it must be."""
    return (yield answer) if is_awaitable(answer) else answer


def drive(flow: Flow[_T]) -> _T:
    """Return the end of a flow that has nothing to wait for; an awaitable is a TypeError where it was yielded."""
    try:
        awaitable = next(flow)
        while True:
            name = getattr(awaitable, "__qualname__", "a function or generator")
            refusal = TypeError(f"{name} gave {type_name(awaitable)}; await handle_async instead")
            with suppress(Exception):
                getattr(awaitable, "close", bool)()  # because no one will await it
            awaitable = flow.throw(refusal)
    except StopIteration as done:
        end: _T = done.value
        return end


async def drive_async(flow: Flow[_T]) -> _T:
    """Return the end of a flow that may have to wait, under whichever event loop awaits this.

    A cancellation of the caller's own task goes through. That of a task which was awaited is a failure like any other.
    """
    try:
        awaitable = next(flow)
        while True:
            try:
                answer = await awaitable
            except BaseException as raised:  # noqa: BLE001 - also a cancellation: the flow must hear of it
                awaitable = flow.throw(own_failure(raised))
            else:
                awaitable = flow.send(answer)
    except StopIteration as done:
        end: _T = done.value
        return end


def own_failure(raised: BaseException) -> BaseException:
    """Return what was raised; for the cancellation of something else than the task that runs, an error that says so.

    A task that has swallowed a cancellation of its own, without `uncancel`, counts as cancelled from then on.
    """
    if type(raised).__module__ == "asyncio.exceptions" and type(raised).__name__ == "CancelledError":
        from asyncio import current_task  # noqa: PLC0415 - loaded already by whoever cancelled; others never load it

        try:
            task = current_task()
        except RuntimeError:  # no event loop runs
            task = None
        if task is not None and not task.cancelling():
            failure = RuntimeError("a task or future that was waited for was cancelled")
            failure.__cause__ = raised
            return failure
    return raised
