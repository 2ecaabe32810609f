"""How the laws choose: everything that is drawn is a choice between a few values.

Decides how hypothesis draws a choice: by a seed alone, each value equally often, and each case anew. By itself, hypothesis
draws also numbers that it finds in the modules of a process, so that the drawing would differ with who is asked; and five of
six cases are copies of the one before with a part repeated, which find hardly any of the faults that depend on data. Knows
nothing of what is chosen.
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

# The name by which the settings of hypothesis know how choices are drawn.
BACKEND: Final = "snaptasks"

_SEED: Final[ContextVar[int]] = ContextVar("_SEED", default=0)


class Uniform(PrimitiveProvider):
    """Draws integers between bounds, which is all that choices need; shrinking is left to hypothesis itself."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self._random = Random(_SEED.get())  # noqa: S311 - a seed, and no secret

    def draw_integer(self, min_value: int | None = None, max_value: int | None = None, **_: Any) -> int:
        """Draw an integer from min_value to max_value, which must be given."""
        return self._random.randint(min_value or 0, max_value or 0)

    def draw_boolean(self, p: float = 0.5) -> NoReturn:
        """Refused: a choice is an integer."""
        raise NotImplementedError("a law draws choices only")

    def draw_float(self, **_: Any) -> NoReturn:
        """Refused, as booleans are."""
        raise NotImplementedError("a law draws choices only")

    def draw_string(self, *_: Any, **__: Any) -> NoReturn:
        """Refused, as booleans are."""
        raise NotImplementedError("a law draws choices only")

    def draw_bytes(self, *_: Any, **__: Any) -> NoReturn:
        """Refused, as booleans are."""
        raise NotImplementedError("a law draws choices only")


AVAILABLE_PROVIDERS.update({BACKEND: f"{__name__}.{Uniform.__name__}"})


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw by this seed."""
    token = _SEED.set(seed)
    try:
        yield
    finally:
        _SEED.reset(token)


@cache
def _below(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, size - 1)


class Choose:
    """Chooses between values; the first one of each choice is the simplest, and what shrinking tries."""

    __slots__ = ("_draw", "_group")

    def __init__(
        self,
        draw: Callable[[st.SearchStrategy[Any]], Any],
        group: Callable[[Callable[[Choose], Any]], st.SearchStrategy[Any]],
    ) -> None:
        self._draw, self._group = draw, group

    def index(self, size: int) -> int:
        """Each number below a size, equally often."""
        number: int = self._draw(_below(size))
        return number

    def of(self, values: Sequence[_T]) -> _T:
        """One of some values, each equally often."""
        return values[self.index(len(values))]

    def seldom(self, times: int) -> bool:
        """True once in so many times."""
        return self.index(times) == times - 1

    def some(self, values: Sequence[_T], *, least: int = 0, most: int = 3) -> list[_T]:
        """Some of the values, each at most once; fewer more often."""
        left, found = [*values], list[_T]()
        while left and len(found) < most and (len(found) < least or not self.seldom(2)):
            found.append(left.pop(self.index(len(left))))
        return found

    def several(self, make: Callable[[Choose], _T], *, least: int = 0, most: int) -> list[_T]:
        """Several things that are made of choices, so that shrinking can leave out each; more rather than few."""
        found: list[_T] = []
        while len(found) < most and (len(found) < least or self.index(12) > 0):
            found.append(self.whole(make))
        return found

    def whole(self, make: Callable[[Choose], _T]) -> _T:
        """One thing that is made of choices, which belong together."""
        made: _T = self._draw(self._group(make))
        return made


def chooser(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Choose:
    """Choices from a hypothesis test that runs."""
    waiting: list[Callable[[Choose], Any]] = []

    # One strategy for all that is made: to make one for each takes longer than to draw it.
    @st.composite
    def made(draw: st.DrawFn) -> Any:
        return waiting.pop()(Choose(draw, group))

    strategy = made()

    def group(make: Callable[[Choose], Any]) -> st.SearchStrategy[Any]:
        waiting.append(make)
        return strategy

    return Choose(draw, group)
