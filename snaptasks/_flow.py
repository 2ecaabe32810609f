"""Run flows: decisions written once, for synchronous and asynchronous callers, as generators that yield awaitables.

Decides how such a generator is driven, without and with an event loop. Does not know the decisions, and brings no event
loop: the caller's loop awaits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias, TypeVar

from ._text import type_name

__all__ = ["Flow", "drive", "drive_async", "is_awaitable", "own_failure", "settle"]

_T = TypeVar("_T")


class _FromSetting(NamedTuple):
    """Hold an awaitable that a setting of a Service returned, and the name of the setting for an error text."""

    awaitable: Awaitable[Any]
    setting: str


# A flow yields each awaitable that it needs, and receives the outcome; an exception of the awaitable is raised at that
# yield.
Flow: TypeAlias = Generator[Awaitable[Any] | _FromSetting, Any, _T]


def is_awaitable(answer: object) -> bool:
    """Return whether an answer must be awaited, by its real type (A-8)."""
    return issubclass(type(answer), Awaitable)


def settle(answer: Any, setting: str) -> Flow[Any]:
    """Return the answer of a setting, awaited if needed."""
    return (yield _FromSetting(answer, setting)) if is_awaitable(answer) else answer


def drive(flow: Flow[_T]) -> _T:
    """Return the result of a flow that awaits nothing; a yielded awaitable raises TypeError inside the flow."""
    try:
        needed = next(flow)
        while True:
            awaitable, setting = needed if isinstance(needed, _FromSetting) else (needed, None)
            failure = TypeError(_must_not_await(awaitable, setting))
            with suppress(Exception):
                getattr(awaitable, "close", bool)()  # because no one will await it
            needed = flow.throw(failure)
    except StopIteration as done:
        end: _T = done.value
        return end


async def drive_async(flow: Flow[_T]) -> _T:
    """Return the result of a flow that may await, under any event loop.

    A cancellation of the caller's own task goes through. A cancellation of an awaited task is a failure like any other.
    """
    try:
        needed = next(flow)
        while True:
            try:
                answer = await (needed.awaitable if isinstance(needed, _FromSetting) else needed)
            except BaseException as raised:  # noqa: BLE001 - the flow must receive a cancellation, too
                needed = flow.throw(own_failure(raised))
            else:
                needed = flow.send(answer)
    except StopIteration as done:
        end: _T = done.value
        return end


def _must_not_await(awaitable: Any, setting: str | None) -> str:
    """Return the error text for an awaitable where nothing is awaited; it names the setting and the function."""
    function = getattr(awaitable, "__qualname__", None)
    if setting is None:
        name, remedy = function or "a function or generator", "await handle_async instead"
    else:
        name = f"{setting} {function}()" if function else setting
        remedy = "make it a plain function, or await handle_async instead"
    return f"{name} must return an answer, not {type_name(awaitable)}; {remedy}"


def own_failure(raised: BaseException) -> BaseException:
    """Return an exception unchanged, except the cancellation of another task: for that, return a RuntimeError.

    A task that has swallowed a cancellation of its own, without `uncancel`, counts as cancelled from then on.
    """
    if type(raised).__module__ == "asyncio.exceptions" and type(raised).__name__ == "CancelledError":
        from asyncio import current_task  # noqa: PLC0415 - a cancellation has loaded it already; no other call loads it

        try:
            task = current_task()
        except RuntimeError:  # no event loop runs
            task = None
        if task is not None and not task.cancelling():
            failure = RuntimeError("an awaited task or future was cancelled")
            failure.__cause__ = raised
            return failure
    return raised
