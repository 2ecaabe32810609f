"""How an implementation in Python is asked, whatever it does.

Decides which of its methods a case calls and with what, and that anything it raises is an answer or the lack of one. Knows
nothing of what it must answer.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from .. import Caller, Error, FilterSpec, Grants, Info, ListItem, ListResult, Visibility, parse_filter
from .._text import escape, type_name
from ..rest import Response
from .cases import OPTIONAL, Answer, Case, Population, visibility_of

__all__ = ["Asked", "Asker", "Implementation", "NoAnswer", "OutOfBounds", "TargetFailed", "checked_lacks", "shown"]

# What an implementation may lack.
_LACKS: Final = ("get", "request", "queries", "routes")

# Characters of what an implementation raises that a report repeats, inclusive; past it the text is cut.
_MAX_SHOWN: Final = 300


@dataclass(frozen=True)
class Asker:
    """Who asks an implementation: a name of its own, a user, its privileges, and what it may see."""

    name: str
    user: str
    privileges: frozenset[str]
    visibility: Visibility

    @property
    def caller(self) -> Caller:
        """The caller for `authorize`."""
        return Caller(user=self.user, privileges=self.privileges)

    @property
    def tree(self) -> dict[str, Any]:
        """The asker as JSON has it: what it sees is "everything", or the filters of its grants."""
        filters = self.visibility.filters if isinstance(self.visibility, Grants) else None
        sees = "everything" if filters is None else [each.to_python() for each in filters]
        return {"user": self.user, "privileges": sorted(self.privileges), "sees": sees}


class Implementation(Protocol):
    """What `run_contract` asks; every method may be async, and may raise any of the 25 errors.

    Beside these it may have `get(task, caller)`, which gives an Info or a response, and `request(method, target, body,
    caller)`, which gives a response. `meet(callers)` is told before each load who will ask: a mapping of the name of each
    caller to its user, privileges and what it sees, or to None for nobody. `lacks` maps what it does not do to the reason:
    "get", "request", "queries" where `list` takes a FilterSpec and no query string, or "routes" where other paths than
    those of the two operations may have routes of their own. Coroutines are awaited in an event loop of the kit's own; in a
    thread of its own, too, where one is running already.
    """

    def load(self, items: list[ListItem]) -> object:
        """Hold these tasks, in this order, and no others."""

    def list(
        self, query: Any, caller: Asker | None
    ) -> ListResult | Response | Awaitable[ListResult] | Awaitable[Response]:
        """The visible tasks that a query string asks for, or the response that carries them; `caller` None is nobody."""


class _Said(Exception):
    """Something that an implementation or its system says: of bounded length, and on one line, so that it forges no report."""

    def __init__(self, text: str) -> None:
        super().__init__(_bounded(str(text)))


class TargetFailed(_Said):
    """Raised by an implementation that will give no answer any more: the run ends there. Its text says why."""


class NoAnswer(_Said):
    """Raised by an implementation that gives no answer to this case; its text says what came in place of one."""


class OutOfBounds(_Said):
    """Raised by an implementation whose server does not let this case through; its text names the bound."""


class Asked:
    """An implementation, and which tasks it holds."""

    def __init__(self, implementation: Any) -> None:
        self._implementation = implementation
        self._loaded: tuple[Population, _Callers] | None = None
        self._loop = _Loop()
        self.reasons: Mapping[str, str] = checked_lacks(_attribute(implementation, "lacks", {}))
        self._meets = _attribute(implementation, "meet", None) is not None
        self._reads_json = bool(_attribute(implementation, "reads_json_filters", False))

    def lacks(self, case: Case) -> str | None:
        """Why a case cannot be asked; None where it can."""
        if case.level == OPTIONAL and "routes" in self.reasons:
            return self.reasons["routes"]
        need = "request" if "http" in case.request else "get" if "get" in case.request else "list"
        if need in self.reasons:
            return self.reasons[need]
        if "queries" in self.reasons and need == "list":
            try:
                case.filter  # noqa: B018 - whether there is one
            except Error:
                return self.reasons["queries"]
        return None

    def load(self, population: Population, callers: _Callers) -> None:
        """Have it hold these tasks and know these callers; nothing is loaded that is there already."""
        if self._loaded is not None and self._loaded[0] is population and self._loaded[1] == callers:
            return
        self._loaded = None
        if self._meets:
            self.done("meet", lambda: self._implementation.meet(dict(callers)))
        self.done("load", lambda: self._implementation.load([*population.items]))
        self._loaded = population, callers

    def forget(self) -> None:
        """Load the next tasks, even if they are those that it holds."""
        self._loaded = None

    def answer(self, case: Case) -> Answer:
        """What it answers about the tasks that are loaded. Raises NoAnswer, OutOfBounds or TargetFailed where it does not."""
        who, request = _asker(case.caller, case.who), case.request
        if "http" in request:
            http = request["http"]
            given = self._given("request", http["method"], http["target"], http["body"].encode(), who)
        elif "get" in request:
            given = self._given("get", request["get"], who)
        elif "queries" not in self.reasons:
            given = self._given("list", case.query, who)
        elif self._reads_json:
            given = self._given("list", dict(case.filter), who)
        else:
            given = self._given(
                "list", FilterSpec(**case.filter) if "filter" in request else parse_filter(case.query), who
            )
        if not isinstance(given, Answer):
            raise NoAnswer(f"it gave {type_name(given)}, which is no ListResult, Info or rest.Response")
        return given

    def close(self) -> None:
        """End the event loop in which it was awaited, in whatever state the implementation has left it."""
        with suppress(Exception):
            self._loop.close()

    def _given(self, method: str, *arguments: object) -> object:
        """What a method gives; a value, a response and one of the 25 errors is an Answer."""
        given = self.call(method, lambda: getattr(self._implementation, method)(*arguments))
        try:
            if isinstance(given, ListResult | Info):
                return Answer(200, given.to_json())
            if not isinstance(given, Response):
                return given
            if type(given.status) is not int or type(given.body) is not bytes:
                raise NoAnswer("it gave a rest.Response whose status is no int, or whose body is no bytes")
            return Answer(given.status, given.body, {str(name): str(value) for name, value in given.headers})
        except (TypeError, ValueError) as error:
            raise NoAnswer(f"it gave a rest.Response that cannot be read: {shown(error)}") from error

    def done(self, name: str, call: Callable[[], object]) -> None:
        """Make a call that gives no answer. Raises NoAnswer, also for one of the 25 errors."""
        given = self.call(name, call)
        if isinstance(given, Answer):
            raise NoAnswer(f"{name}(...) raised the error {given.body.decode(errors='backslashreplace')}")

    def call(self, name: str, call: Callable[[], object]) -> object:
        """What a call gives, awaited where it has to be; one of the 25 errors is an Answer. Raises NoAnswer for any other."""
        try:
            given = call()
            return self._loop.run(given) if inspect.isawaitable(given) else given
        except Error as error:
            return Answer(error.http_status, error.value.to_json())
        except (NoAnswer, OutOfBounds, TargetFailed, KeyboardInterrupt):
            raise
        except BaseException as error:  # SystemExit, GeneratorExit and CancelledError too: none of them ends this run
            raise NoAnswer(f"{name}(...) raised {shown(error)}") from error


class _Loop:
    """Where coroutines are awaited: in an event loop of its own, and in a thread of its own where one is running here."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._thread: ThreadPoolExecutor | None = None

    def run(self, awaitable: Awaitable[object]) -> object:
        if self._runner is None:
            self._runner = asyncio.Runner()
            if _is_running():
                self._thread = ThreadPoolExecutor(1)
        runner, coroutine = self._runner, _awaited(awaitable)
        return self._thread.submit(runner.run, coroutine).result() if self._thread else runner.run(coroutine)

    def close(self) -> None:
        if self._runner is not None and self._thread is not None:
            self._thread.submit(self._runner.close).result()
            self._thread.shutdown()
        elif self._runner is not None:
            self._runner.close()


def _is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def _awaited(awaitable: Awaitable[object]) -> object:
    return await awaitable


_Callers = Mapping[str, Mapping[str, Any] | None]


def _asker(name: str, who: Mapping[str, Any] | None) -> Asker | None:
    if who is None:
        return None
    return Asker(name, who["user"], frozenset(who["privileges"]), visibility_of(who))


def checked_lacks(lacks: object) -> Mapping[str, str]:
    """What an implementation says that it lacks. Raises TypeError or ValueError where it cannot be understood."""
    if not isinstance(lacks, Mapping) or not all(isinstance(each, str) for pair in lacks.items() for each in pair):
        raise TypeError(f"lacks must map names to reasons, both texts, not be {type_name(lacks)} of other things")
    unknown = [name for name in lacks if name not in _LACKS]
    if unknown:
        raise ValueError(f"lacks must name {', '.join(_LACKS)}, and not {escape(', '.join(unknown))[:_MAX_SHOWN]}")
    return {name: _bounded(reason) for name, reason in lacks.items()}


def _attribute(implementation: object, name: str, default: object) -> object:
    """An attribute. Raises TypeError where it cannot be had, whatever it raises."""
    try:
        return getattr(implementation, name, default)
    except BaseException as error:  # a property that raises SystemExit must not end a run with 0
        raise TypeError(f"{name} of {type_name(implementation)} raised {shown(error)}") from error


def _bounded(text: str) -> str:
    text = escape(text[: _MAX_SHOWN + 1])
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."


def shown(error: BaseException) -> str:
    """What was raised, in bounded length and on one line, also where its own text cannot be had."""
    try:
        text = str.__str__(repr(error))
    except BaseException:  # noqa: BLE001 - whatever a foreign repr raises
        text = f"{type(error).__name__}(...), whose repr raises"
    return _bounded(text)
