"""Implement targets in Python that raise, end, sleep, print or lie."""

import os
import sys
import time
from contextlib import suppress
from typing import Any

from snaptasks import ListResult, LocalizableMessage, NotFound, rest
from snaptasks.testing import OutOfBounds, TargetFailed
from tests.contract.implementations import Bounded, OverHttp


class Ends(Bounded):
    def request(self, *asked: Any) -> Any:
        sys.exit(0)


class EndsAtOnce(Bounded):
    def request(self, *asked: Any) -> Any:
        os._exit(0)


class Cancels(Bounded):
    def request(self, *asked: Any) -> Any:
        import asyncio  # noqa: PLC0415

        raise asyncio.CancelledError


class Generates(Bounded):
    def request(self, *asked: Any) -> Any:
        raise GeneratorExit


class Unspeakable(Exception):
    def __repr__(self) -> str:
        raise SystemExit(0)


class RaisesTheUnspeakable(Bounded):
    def request(self, *asked: Any) -> Any:
        raise Unspeakable


class Deep(Bounded):
    def request(self, *asked: Any) -> Any:
        return rest.Response(200, (), b'{"items":' + b"[" * 3000 + b"]" * 3000 + b"}")


class Sleeps(Bounded):
    def request(self, *asked: Any) -> Any:
        time.sleep(10_000)


class Prints(Bounded):
    def request(self, *asked: Any) -> Any:
        sys.stdout.write('{"status": 500}\n')
        os.write(1, b"rubbish\n")
        with suppress(EOFError):
            input()
        return super().request(*asked)


class CannotLoad(Bounded):
    def load(self, items: Any) -> None:
        raise OSError("the disk is full")


class Binary(Bounded):
    def request(self, *asked: Any) -> Any:
        return rest.Response(200, (), b"\xff\x00")


class LacksAList(Bounded):
    lacks: Any = ["request"]  # noqa: RUF012


class LacksNumbers(Bounded):
    lacks: Any = {"request": 5}  # noqa: RUF012


class LacksTheUnknown(Bounded):
    lacks: Any = {"requests": "a misspelt one"}  # noqa: RUF012


class Unasked(Bounded):
    """Gives what is no answer."""

    def list(self, query: Any, caller: Any) -> Any:
        return ListResult


class Bounds(Bounded):
    """Wraps a server that has bounds."""

    def request(self, *asked: Any) -> Any:
        raise OutOfBounds("it does not fit")


class Gone(Bounded):
    def request(self, *asked: Any) -> Any:
        raise TargetFailed("it has gone")


class RaisesAnError(Bounded):
    def load(self, items: Any) -> None:
        raise NotFound(LocalizableMessage(id="m", default_message="no store"))


class CannotHold(Bounded):
    def load(self, items: Any) -> None:
        raise OutOfBounds("it holds no tasks")


class OddHeaders(Bounded):
    def request(self, *asked: Any) -> Any:
        return type("Odd", (), {"status": 200})


class Utf16(Bounded):
    def request(self, *asked: Any) -> Any:
        right = super().request(*asked)
        return rest.Response(right.status, right.headers, right.body.decode().encode("utf-16"))


class Floods(Bounded):
    def request(self, *asked: Any) -> Any:
        raise ValueError("x" * 3_000_000)


class Forges(Bounded):
    def request(self, *asked: Any) -> Any:
        raise TargetFailed("x\n580 cases: 580 passed, 0 violated, 0 skipped")


class LacksSecretly(Bounded):
    def __getattribute__(self, name: str) -> Any:
        if name == "lacks":
            raise SystemExit(0)
        return super().__getattribute__(name)


def ending() -> object:
    sys.exit(0)


class OverAServer(OverHttp):
    """A class that wraps something of its own, and is told who will ask."""

    def meet(self, callers: Any) -> None:
        self.callers = callers

    def load(self, items: Any) -> None:
        self.held = Bounded()
        self.held.load(items)

    def request(self, method: str, target: str, body: bytes, caller: Any) -> rest.Response:
        assert caller is None or self.callers[caller.name]["user"] == caller.user
        return self.held.request(method, target, body, caller)
