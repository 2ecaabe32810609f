"""Who asks, and what they may see (A).

Decided here: authentication and privilege of a caller, and visibility of a task. Not known here: how a caller proves
who it is, where tasks come from, and in what order they are listed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, final

from ._value import Identifier, Members, Value
from .errors import MESSAGE_PREFIX, Unauthenticated, Unauthorized
from .filters import FilterSpec
from .messages import LocalizableMessage
from .tasks import ListItem

if TYPE_CHECKING:
    from .filters import Names

# The privilege that both operations need.
SYSTEM_READ: Final = "System.Read"

# A predicate on a task: True shows it, False hides it, and nothing else will do.
Visibility: TypeAlias = Callable[[ListItem], bool]

# neither text tells why.
_UNAUTHENTICATED: Final = LocalizableMessage(
    id=f"{MESSAGE_PREFIX}.unauthenticated", default_message="The caller is not authenticated."
)
_UNAUTHORIZED: Final = LocalizableMessage(
    id=f"{MESSAGE_PREFIX}.unauthorized", default_message="The caller is not authorized."
)


class Caller(Value, frozen=True):
    """Who asks: an authenticated user and the privileges that the user has."""

    user: Identifier
    privileges: Members[Identifier] = frozenset()

    if TYPE_CHECKING:

        def __init__(self, *, user: str, privileges: Names = None) -> None: ...


def authorize(caller: Caller | None, privilege: str = SYSTEM_READ, *, challenge: str | None = None) -> Caller:
    """The caller itself, if it may go on; ask before anything else of the request is looked at (A-1).

    None is no authenticated caller. Raises Unauthenticated, with a challenge that says how to authenticate (A-2),
    Unauthorized, or TypeError for anything but a Caller or None (A-8).
    """
    if caller is None:
        raise Unauthenticated(_UNAUTHENTICATED, challenge=challenge)
    if not isinstance(caller, Caller):
        raise TypeError(f"caller must be a Caller or None, not {told(caller)}")
    if privilege not in caller.privileges:
        raise Unauthorized(_UNAUTHORIZED)
    return caller


class Strict:
    """A visibility check of which every answer is looked at, and which remembers what it raised (A-7, A-8)."""

    __slots__ = ("_check", "raised")

    def __init__(self, check: Visibility) -> None:
        self._check = check
        self.raised: BaseException | None = None

    def __call__(self, item: ListItem) -> bool:
        try:
            return is_visible(self._check, item)
        except StopIteration as stop:  # which would end a source's own iteration as if nothing had been wrong
            self.raised = RuntimeError("a visibility check raised StopIteration")
            raise self.raised from stop
        except BaseException as raised:
            self.raised = raised
            raise

    def first_visible(self, items: Iterable[ListItem], at_most: int) -> list[ListItem]:
        """Of these the first that are visible, in order; asks about no more than that takes (L-7)."""
        try:
            return _first_visible(self._check, items, at_most)
        except BaseException as raised:
            self.raised = raised
            raise


def _first_visible(visibility: Visibility, items: Iterable[ListItem], at_most: int) -> list[ListItem]:
    visible: list[ListItem] = []
    for item in items:
        answer: object = visibility(item)
        if answer is False:  # first, for mostly it is
            continue
        if answer is not True:
            raise _no_answer(answer)
        visible.append(item)
        if len(visible) == at_most:
            break
    return visible


def is_visible(visibility: Visibility, item: ListItem) -> bool:
    """What a visibility says of a task: only True is visible, and only False is not (A-8).

    Raises TypeError for any other answer, and what the check itself raises (A-7).
    """
    answer: object = visibility(item)
    if answer is True:
        return True
    if answer is False:
        return False
    raise _no_answer(answer)


def _no_answer(answer: object) -> TypeError:
    return TypeError(f"a visibility check must return True or False, not {told(answer)}")


def told(what: object) -> str:
    """What came in place of the right thing, by its type alone: its contents may be secret. A coroutine is closed, for nobody will await it."""
    if inspect.iscoroutine(what):
        what.close()
        return "a coroutine (an async function cannot be used here)"
    return type(what).__name__


class _Constant:
    """A visibility that does not depend on the task, known by its name."""

    __slots__ = ("_answer", "_name")

    def __init__(self, name: str, answer: bool) -> None:
        self._name = name
        self._answer = answer

    def __call__(self, item: ListItem) -> bool:
        return self._answer

    def __repr__(self) -> str:
        return self._name

    def __reduce__(self) -> str:
        return self._name  # pickle and copy give the constant itself, so that `is` keeps working


EVERYTHING: Final = _Constant("EVERYTHING", True)  # every task is visible
NOTHING: Final = _Constant("NOTHING", False)  # no task is visible


@final  # a source may push the filters down and never call it, so that an override would not be asked
@dataclass(frozen=True, slots=True, init=False)
class Grants:
    """A visibility: a task is visible when any of the filters matches it; no grant, nothing visible (A-4).

    Raises ValueError for a grant that constrains nothing (say EVERYTHING instead) and for one with a field *given* as
    an empty set or None: the services of a caller who has none must not open all of them.
    """

    filters: tuple[FilterSpec, ...]

    def __init__(self, filters: Iterable[FilterSpec]) -> None:
        given = tuple(filters)
        for number, grant in enumerate(given, 1):
            _check_grant(grant, f"grant {number} of {len(given)}")
        object.__setattr__(self, "filters", given)

    def __call__(self, item: ListItem) -> bool:
        """Whether any grant matches the task; O(grants)."""
        return any(grant.matches(item) for grant in self.filters)


def _check_grant(grant: object, which: str) -> None:
    if not isinstance(grant, FilterSpec):
        raise TypeError(f"{which} must be a FilterSpec, not {told(grant)}; Grants takes them in a list: Grants([...])")
    for field in FilterSpec.model_fields:
        if field in grant.model_fields_set and not getattr(grant, field):
            raise ValueError(
                f"{which} gives {field} as an empty set, which would constrain nothing; "
                f"leave the grant out if no {field} are granted (A-4)"
            )
    if grant.is_empty:
        raise ValueError(f"{which} constrains nothing; say EVERYTHING where everything is meant (A-4)")
