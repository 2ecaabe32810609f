"""Serve a class in Python over the protocol of programs: `python -m snaptasks.testing.bridge MODULE:FACTORY`.

The class may raise, print, wait or end the process: it cannot harm the kit, which is another process.

Decides how an answer of the class is written as a line. Does not know vectors and laws.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from .cases import Case, Population
from .target import NoAnswer, OutOfBounds, Target, TargetFailed, describe_exception

__all__: list[str] = []


def _make_implementation(name: str) -> Any:
    """Return the implementation that a factory makes.

    Raises:
        ValueError: the name is not MODULE:FACTORY, or the factory makes nothing.
    """
    module, colon, factory = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    make = getattr(import_module(module), factory) if colon else None
    implementation = make() if callable(make) else None
    if implementation is None:
        raise ValueError("must be MODULE:FACTORY, and the factory must be a class or function without arguments")
    return implementation


class _Bridge:
    """Answer lines with an implementation, and hold its tasks."""

    def __init__(self, implementation: Any) -> None:
        self._target = Target(implementation)
        self.lacks = dict(self._target.reasons)
        self._population = Population("none", ())

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to the request of a line."""
        try:
            if asked["do"] == "load":
                self._population = Population("as drawn", asked["tasks"])
                self._target.load(self._population, asked["callers"])
                return {}
            answer = self._target.answer(self._case(asked))
        except NoAnswer as none:
            return {"raised": str(none)}
        except OutOfBounds as bound:
            return {"skip": str(bound)}
        except TargetFailed as failed:
            return {"failed": str(failed)}
        body = answer.body.decode(errors="backslashreplace")
        return {"status": answer.status, "body": body, "headers": dict(answer.headers or {})}

    def _case(self, asked: dict[str, Any]) -> Case:
        """Return the request as a case without an expectation, which only the other process knows."""
        requests: dict[str, dict[str, Any]] = {
            "list": {"list": asked.get("query"), "filter": asked.get("filter")},
            "get": {"get": asked.get("task")},
            "request": {"http": asked},
        }
        who, request = asked["caller"], requests[asked["do"]]
        name = "nobody" if who is None else who["name"]
        return Case("", "", "", "", self._population, name, who, request, {})


def _open_lines() -> tuple[Iterator[bytes], Callable[[dict[str, Any]], None]]:
    """Return the lines of standard input, and a function that writes an answer to standard output.

    The implementation itself reads nothing from standard input, and its prints go to standard error.
    """
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)

    def answer(tree: dict[str, Any]) -> None:
        answers.write(json.dumps(tree).encode() + b"\n")
        answers.flush()

    return iter(asked), answer


def _main() -> None:
    lines, answer = _open_lines()
    next(lines, None)
    try:
        bridge = _Bridge(_make_implementation(sys.argv[1]))
        answer({"lacks": bridge.lacks})
    except BaseException as error:  # noqa: BLE001 - a foreign module may raise anything, also SystemExit
        text = str(error) if type(error) in {TypeError, ValueError} else describe_exception(error)
        answer({"failed": f"{sys.argv[1]}: {text}"})
        return
    for line in lines:
        answer(bridge.answer(json.loads(line)))


if __name__ == "__main__":
    _main()
