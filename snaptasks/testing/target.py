"""Ask an implementation in Python, whatever it does.

Decides which method a case calls and with which arguments, and that every exception is an answer or the lack of one.
Does not know what the implementation must answer.
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

__all__ = [
    "Asker",
    "Implementation",
    "NoAnswer",
    "OutOfBounds",
    "Target",
    "TargetFailed",
    "check_lacks",
    "describe_exception",
]

# The features that an implementation may lack.
_LACKS: Final = ("get", "request", "queries", "routes")

# The longest text of an implementation that a report repeats, in characters, inclusive; a longer text is cut.
_MAX_TEXT: Final = 300


@dataclass(frozen=True)
class Asker:
    """Represent the caller of a request: a name of its own, a user, its privileges, and what it may see."""

    name: str
    user: str
    privileges: frozenset[str]
    visibility: Visibility

    @property
    def caller(self) -> Caller:
        """Return the caller for `authorize`."""
        return Caller(user=self.user, privileges=self.privileges)

    @property
    def tree(self) -> dict[str, Any]:
        """Return the asker as JSON: `sees` is "everything", or the filters of its grants."""
        filters = self.visibility.filters if isinstance(self.visibility, Grants) else None
        sees = "everything" if filters is None else [each.to_python() for each in filters]
        return {"user": self.user, "privileges": sorted(self.privileges), "sees": sees}


class Implementation(Protocol):
    """Describe the methods that `run_contract` calls. Each may be async, and may raise any of the 25 errors.

    An implementation may have more members:

    - `get(task, caller)` returns an Info or a response.
    - `request(method, target, body, caller)` returns a response.
    - `meet(callers)` gets all callers before each load. It maps the name of each caller to its user, its privileges
      and what it sees, or to None for an unauthenticated caller.
    - `lacks` maps each missing feature to the reason. The features are "get", "request", "queries" if `list` takes a
      FilterSpec and no query string, and "routes" if other paths may have routes of their own.

    The kit awaits coroutines in an event loop of its own. If a loop runs already, the kit uses a thread of its own, too.
    """

    def load(self, items: list[ListItem]) -> object:
        """Hold these tasks, in this order, and no other tasks."""

    def list(
        self, query: Any, caller: Asker | None
    ) -> ListResult | Response | Awaitable[ListResult] | Awaitable[Response]:
        """Return the visible tasks that match a query string, or the response that carries them.

        Args:
            query: a query string; a FilterSpec if `lacks` has "queries".
            caller: None is an unauthenticated caller.
        """


class _BoundedError(Exception):
    """Hold a text of an implementation or its system: bounded, on one line, unable to forge a report."""

    def __init__(self, text: str) -> None:
        super().__init__(_bound(str(text)))


class TargetFailed(_BoundedError):
    """Report that an implementation cannot answer any more. The run ends there. The text says why."""


class NoAnswer(_BoundedError):
    """Report that an implementation does not answer this case. The text describes its reaction."""


class OutOfBounds(_BoundedError):
    """Report that the server of an implementation does not let this case through. The text names the bound."""


class Target:
    """Ask an implementation, and remember which tasks it holds."""

    def __init__(self, implementation: Any) -> None:
        self._implementation = implementation
        self._loaded: tuple[Population, _Callers] | None = None
        self._loop = _Loop()
        self.last: Case | Population = Population("none", ())  # the last question or load, to report an early end
        self.reasons: Mapping[str, str] = check_lacks(_attribute(implementation, "lacks", {}))
        self._meets = _attribute(implementation, "meet", None) is not None
        self._reads_json = bool(_attribute(implementation, "reads_json_filters", False))

    def lacks(self, case: Case) -> str | None:
        """Return why the implementation cannot be asked a case; None if it can."""
        if case.level == OPTIONAL and "routes" in self.reasons:
            return self.reasons["routes"]
        need = "request" if "http" in case.request else "get" if "get" in case.request else "list"
        if need in self.reasons:
            return self.reasons[need]
        if "queries" in self.reasons and need == "list":
            try:
                case.filter  # noqa: B018 - it raises if the query is not a filter
            except Error:
                return self.reasons["queries"]
        return None

    def load(self, population: Population, callers: _Callers) -> None:
        """Load these tasks and callers, unless the implementation holds them already."""
        if self._loaded is not None and self._loaded[0] is population and self._loaded[1] == callers:
            return
        self._loaded = None
        self.last = population
        if self._meets:
            self.call_without_result("meet", lambda: self._implementation.meet(dict(callers)))
        self.call_without_result("load", lambda: self._implementation.load([*population.items]))
        self._loaded = population, callers

    def forget(self) -> None:
        """Make the next `load` load its tasks, even if the implementation holds them already."""
        self._loaded = None

    def answer(self, case: Case) -> Answer:
        """Return the answer to a case about the loaded tasks.

        Raises:
            NoAnswer, OutOfBounds, TargetFailed: there is no answer.
        """
        who, request = _asker(case.caller, case.who), case.request
        self.last = case
        if "http" in request:
            http = request["http"]
            result = self._call_method("request", http["method"], http["target"], http["body"].encode(), who)
        elif "get" in request:
            result = self._call_method("get", request["get"], who)
        elif "queries" not in self.reasons:
            result = self._call_method("list", case.query, who)
        elif self._reads_json:
            result = self._call_method("list", dict(case.filter), who)
        else:
            spec = FilterSpec(**case.filter) if "filter" in request else parse_filter(case.query)
            result = self._call_method("list", spec, who)
        if not isinstance(result, Answer):
            raise NoAnswer(f"it returned {type_name(result)}; it must return a ListResult, an Info or a rest.Response")
        return result

    def close(self) -> None:
        """Close the event loop, even if the implementation has closed or blocked it."""
        with suppress(Exception):
            self._loop.close()

    def _call_method(self, method: str, *arguments: object) -> object:
        """Call a method; return a value, a response or one of the 25 errors as an Answer, anything else as it is."""
        result = self.call(method, lambda: getattr(self._implementation, method)(*arguments))
        try:
            if isinstance(result, ListResult | Info):
                return Answer(200, result.to_json())
            if not isinstance(result, Response):
                return result
            if type(result.status) is not int or type(result.body) is not bytes:
                raise NoAnswer("it returned a rest.Response whose status is not an int, or whose body is not bytes")
            return Answer(result.status, result.body, {str(name): str(value) for name, value in result.headers})
        except (TypeError, ValueError) as error:
            raise NoAnswer(f"it returned a rest.Response that cannot be read: {describe_exception(error)}") from error

    def call_without_result(self, name: str, call: Callable[[], object]) -> None:
        """Make a call that has no result.

        Raises:
            NoAnswer: the call raised anything, also one of the 25 errors.
        """
        result = self.call(name, call)
        if isinstance(result, Answer):
            raise NoAnswer(f"{name}(...) raised the error {result.body.decode(errors='backslashreplace')}")

    def call(self, name: str, call: Callable[[], object]) -> object:
        """Return the result of a call, awaited if it is awaitable; one of the 25 errors is an Answer.

        Raises:
            NoAnswer: the call raised anything else.
        """
        try:
            result = call()
            return self._loop.run(result) if inspect.isawaitable(result) else result
        except Error as error:
            return Answer(error.http_status, error.value.to_json())
        except (NoAnswer, OutOfBounds, TargetFailed, KeyboardInterrupt):
            raise
        except BaseException as error:  # also SystemExit, GeneratorExit and CancelledError: none of them ends this run
            raise NoAnswer(f"{name}(...) raised {describe_exception(error)}") from error


class _Loop:
    """Await coroutines in an event loop of its own; if a loop runs here already, in a thread of its own, too."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._thread: ThreadPoolExecutor | None = None

    def run(self, awaitable: Awaitable[object]) -> object:
        if self._runner is None:
            self._runner = asyncio.Runner()
            if _is_running():
                self._thread = ThreadPoolExecutor(1)
        runner, coroutine = self._runner, _await(awaitable)
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


async def _await(awaitable: Awaitable[object]) -> object:
    return await awaitable


_Callers = Mapping[str, Mapping[str, Any] | None]


def _asker(name: str, who: Mapping[str, Any] | None) -> Asker | None:
    if who is None:
        return None
    return Asker(name, who["user"], frozenset(who["privileges"]), visibility_of(who))


def check_lacks(lacks: object) -> Mapping[str, str]:
    """Return `lacks` of an implementation, with bounded reasons.

    Raises:
        TypeError: it is not a mapping of texts to texts.
        ValueError: it names an unknown feature.
    """
    if not isinstance(lacks, Mapping) or not all(isinstance(each, str) for pair in lacks.items() for each in pair):
        raise TypeError(f"lacks must map features to reasons, as a mapping of str to str (found {type_name(lacks)})")
    unknown = [name for name in lacks if name not in _LACKS]
    if unknown:
        names = escape(", ".join(unknown))[:_MAX_TEXT]
        raise ValueError(f"the features in lacks must be among {', '.join(_LACKS)} (found {names})")
    return {name: _bound(reason) for name, reason in lacks.items()}


def _attribute(implementation: object, name: str, default: object) -> object:
    """Return an attribute; raise TypeError if reading it raises anything."""
    try:
        return getattr(implementation, name, default)
    except BaseException as error:  # a property that raises SystemExit must not end the run with status 0
        raise TypeError(f"{name} of {type_name(implementation)} raised {describe_exception(error)}") from error


def _bound(text: str) -> str:
    text = escape(text[: _MAX_TEXT + 1])
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}..."


def describe_exception(error: BaseException) -> str:
    """Describe an exception in bounded length and on one line, even if its repr raises."""
    try:
        text = str.__str__(repr(error))
    except BaseException:  # noqa: BLE001 - a foreign repr may raise anything
        text = f"{type(error).__name__}(...), whose repr raises"
    return _bound(text)
