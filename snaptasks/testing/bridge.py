"""A class in Python behind the protocol of programs: `python -m snaptasks.testing.bridge MODULE:FACTORY`.

What it raises, prints, or waits for, and how it ends, can do nothing to who asks: that is another process. Decides what of
it travels. Knows nothing of vectors and laws.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from .asking import Asked, NoAnswer, OutOfBounds, TargetFailed, shown
from .cases import Case, Population

__all__: list[str] = []


def _made(name: str) -> Any:
    """The implementation that a factory makes. Raises ValueError for a name that is none."""
    module, colon, factory = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    make = getattr(import_module(module), factory) if colon else None
    implementation = make() if callable(make) else None
    if implementation is None:
        raise ValueError("must be MODULE:FACTORY, and the factory a class or function without arguments")
    return implementation


class _Bridge:
    """An implementation, and the tasks that it holds."""

    def __init__(self, implementation: Any) -> None:
        self._asked = Asked(implementation)
        self.lacks = dict(self._asked.reasons)
        self._population = Population("none", ())

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to a line that asks."""
        try:
            if asked["do"] == "load":
                self._population = Population("as drawn", asked["tasks"])
                self._asked.load(self._population, asked["callers"])
                return {}
            given = self._asked.answer(self._case(asked))
        except NoAnswer as none:
            return {"raised": str(none)}
        except OutOfBounds as bound:
            return {"skip": str(bound)}
        except TargetFailed as failed:
            return {"failed": str(failed)}
        body = given.body.decode(errors="backslashreplace")
        return {"status": given.status, "body": body, "headers": dict(given.headers or {})}

    def _case(self, asked: dict[str, Any]) -> Case:
        """What is asked, as a case; what must be answered is known on the other side alone."""
        requests: dict[str, dict[str, Any]] = {
            "list": {"list": asked.get("query"), "filter": asked.get("filter")},
            "get": {"get": asked.get("task")},
            "request": {"http": asked},
        }
        who, request = asked["caller"], requests[asked["do"]]
        name = "nobody" if who is None else who["name"]
        return Case("", "", "", "", self._population, name, who, request, {})


def _lines() -> tuple[Iterator[bytes], Callable[[dict[str, Any]], None]]:
    """What comes in and how to answer it; what the implementation itself reads is nothing, and what it prints is for people."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)

    def answer(tree: dict[str, Any]) -> None:
        answers.write(json.dumps(tree).encode() + b"\n")
        answers.flush()

    return iter(asked), answer


def _main() -> None:
    lines, answer = _lines()
    next(lines, None)
    try:
        bridge = _Bridge(_made(sys.argv[1]))
        answer({"lacks": bridge.lacks})
    except BaseException as error:  # noqa: BLE001 - whatever somebody's module raises, SystemExit too
        answer({"failed": f"{sys.argv[1]}: {error if type(error) in {TypeError, ValueError} else shown(error)}"})
        return
    for line in lines:
        answer(bridge.answer(json.loads(line)))


if __name__ == "__main__":
    _main()
