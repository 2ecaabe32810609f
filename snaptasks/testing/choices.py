"""Choose between a few values: everything that a law draws is made of such choices.

Decides how hypothesis draws a choice: only by a seed, each value equally often, and each case independently. The
default backend of hypothesis also draws numbers that it finds in the loaded modules, so that the questions would depend
on the implementation. And five of six of its cases copy the case before and repeat a part, which finds hardly any fault
that depends on data. Does not know the values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from random import Random
from typing import Any, Final, NoReturn, TypeVar

from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, PrimitiveProvider

__all__ = ["BACKEND", "Choose", "Uniform", "chooser", "seeded"]

_T = TypeVar("_T")

# The name of the backend in the settings of hypothesis.
BACKEND: Final = "snaptasks"

_SEED: Final[ContextVar[int]] = ContextVar("_SEED", default=0)


class Uniform(PrimitiveProvider):
    """Draw integers between bounds, which is all that choices need. Hypothesis itself shrinks them."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self._random = Random(_SEED.get())  # noqa: S311 - a seed, not a secret

    def draw_integer(self, min_value: int | None = None, max_value: int | None = None, **_: Any) -> int:
        """Draw an integer from min_value to max_value, both inclusive. Both must be given."""
        return self._random.randint(min_value or 0, max_value or 0)

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        """Raise NotImplementedError, because every choice is an integer."""
        raise NotImplementedError("a law must draw integers only")

    draw_boolean: Callable[..., NoReturn] = _refuse
    draw_float: Callable[..., NoReturn] = _refuse
    draw_string: Callable[..., NoReturn] = _refuse
    draw_bytes: Callable[..., NoReturn] = _refuse


AVAILABLE_PROVIDERS.update({BACKEND: f"{__name__}.{Uniform.__name__}"})


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw with this seed inside the context."""
    token = _SEED.set(seed)
    try:
        yield
    finally:
        _SEED.reset(token)


@cache
def _below(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, size - 1)


class Choose:
    """Choose between values. The first value of each choice is the simplest, which shrinking tries."""

    __slots__ = ("_draw", "_group")

    def __init__(
        self,
        draw: Callable[[st.SearchStrategy[Any]], Any],
        group: Callable[[Callable[[Choose], Any]], st.SearchStrategy[Any]],
    ) -> None:
        self._draw, self._group = draw, group

    def index(self, size: int) -> int:
        """Return a number from 0 to size, exclusive, each equally often."""
        number: int = self._draw(_below(size))
        return number

    def of(self, values: Sequence[_T]) -> _T:
        """Return one of the values, each equally often."""
        return values[self.index(len(values))]

    def seldom(self, times: int) -> bool:
        """Return True once in `times` times."""
        return self.index(times) == times - 1

    def some(self, values: Sequence[_T], *, least: int = 0, most: int = 3) -> list[_T]:
        """Return from `least` to `most` of the values, inclusive, each at most once; short lists are more frequent."""
        left, found = [*values], list[_T]()
        while left and len(found) < most and (len(found) < least or not self.seldom(2)):
            found.append(left.pop(self.index(len(left))))
        return found

    def several(self, make: Callable[[Choose], _T], *, least: int = 0, most: int) -> list[_T]:
        """Return from `least` to `most` results of `make`, inclusive; long lists are more frequent.

        Shrinking can leave out each of them.
        """
        found: list[_T] = []
        while len(found) < most and (len(found) < least or self.index(12) > 0):
            found.append(self.whole(make))
        return found

    def whole(self, make: Callable[[Choose], _T]) -> _T:
        """Return the result of `make`, whose choices shrinking treats as one group."""
        made: _T = self._draw(self._group(make))
        return made


def chooser(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Choose:
    """Return the choices of a running hypothesis test."""
    waiting: list[Callable[[Choose], Any]] = []

    # All groups share one strategy: with a new strategy for each, a group takes 7 times as long (1.4 ms, not 0.2 ms).
    @st.composite
    def made(draw: st.DrawFn) -> Any:
        return waiting.pop()(Choose(draw, group))

    strategy = made()

    def group(make: Callable[[Choose], Any]) -> st.SearchStrategy[Any]:
        waiting.append(make)
        return strategy

    return Choose(draw, group)
