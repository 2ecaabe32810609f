"""Who asks, and what they may see (A).

Decided here: authentication and privilege of a caller, and visibility of a task. Not known here: how a caller proves
who it is, where tasks come from, and in what order they are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, TypeAlias, final

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from ._sealed import sealed
from ._text import type_name
from ._value.fields import Identifier, SetOf
from ._value.model import AskedValue
from ._value.reading import Readable, walk
from ._value.violations import BrokenRule, Violation, field_error, refuse, violation_at
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


class Caller(AskedValue, frozen=True):
    """Who asks: an authenticated user and the privileges that the user has."""

    user: Identifier
    """Who it is."""
    privileges: SetOf[Identifier] = frozenset()
    """What the user may do, such as System.Read (A-1)."""

    if TYPE_CHECKING:

        def __init__(self, *, user: str, privileges: Names = None) -> None: ...


def authorize(caller: Caller | None, privilege: str = SYSTEM_READ, *, challenge: str | None = None) -> Caller:
    """The caller itself, if it may go on; ask before anything else of the request is looked at (A-1).

    None is no authenticated caller. Raises Unauthenticated, with a challenge that says how to authenticate (A-2),
    Unauthorized, or TypeError for anything but a Caller or None (A-8).
    """
    if caller is None:
        raise Unauthenticated(_UNAUTHENTICATED, challenge=challenge)
    if not issubclass(type(caller), Caller):  # by the real type: a mock says that its class is another
        raise TypeError(f"caller must be a Caller or None, not {type_name(caller)}")
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
    return TypeError(f"a visibility check must return True or False, not {type_name(answer)}")


@sealed
class _Constant:
    """A visibility that does not depend on the task, known by its name."""

    __slots__ = ("_answer", "_name")

    _answer: bool
    _name: str

    def __init__(self, name: str, answer: bool) -> None:
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_answer", answer)

    def __call__(self, item: ListItem) -> bool:
        return self._answer

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{self!r} cannot change (V-2)")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{self!r} cannot change (V-2)")

    def __repr__(self) -> str:
        return self._name

    def __reduce__(self) -> str:
        return self._name  # pickle and copy give the constant itself, so that `is` keeps working


EVERYTHING: Final = _Constant("EVERYTHING", True)  # every task is visible
NOTHING: Final = _Constant("NOTHING", False)  # no task is visible


@final  # a source may push the filters down and never call it, so that an override would not be asked
@sealed
@dataclass(frozen=True, slots=True, init=False, weakref_slot=True)
class Grants(Readable):
    """A visibility: a task is visible when any of the filters matches it; no grant, nothing visible (A-4).

    Raises ValueError for a grant that constrains nothing (say EVERYTHING instead) and for one with a field *given* as
    an empty set or None: the services of a caller who has none must not open all of them. Read and written as a list of
    filters, also as a field of a pydantic model or of settings.
    """

    filters: tuple[FilterSpec, ...]

    def __init__(self, filters: Iterable[FilterSpec]) -> None:
        """Check each filter (A-4). Raises ValueError, and TypeError for what is no FilterSpec."""
        given = tuple(filters)
        for number, grant in enumerate(given, 1):
            which = f"grant {number} of {len(given)}"
            if not issubclass(type(grant), FilterSpec):
                raise TypeError(
                    f"{which} must be a FilterSpec, not {type_name(grant)}; Grants takes them in a list: Grants([...])"
                )
            for rule in _broken_by_grant(grant, grant.model_fields_set):
                raise ValueError(f"{which}: {rule.field or 'it'} {rule.rule} ({rule.spec_id})")
        object.__setattr__(self, "filters", given)

    def __call__(self, item: ListItem) -> bool:
        """Whether any grant matches the task; O(grants)."""
        return any(grant.matches(item) for grant in self.filters)

    def to_json(self) -> bytes:
        """Write the list of filters as canonical JSON in UTF-8."""
        return b"[%b]" % b",".join([grant.to_json() for grant in self.filters])

    def to_python(self) -> list[dict[str, Any]]:
        """Write the list of filters as a JSON parser gives it."""
        return [grant.to_python() for grant in self.filters]

    @classmethod
    def _look(cls, tree: object) -> Iterator[Violation]:
        if not isinstance(tree, list | tuple):
            yield violation_at((), tree, *_NO_LIST)
            return
        for at, node in enumerate(tree):
            yield from walk(FilterSpec, node, (at,))
            if isinstance(node, Mapping):
                for rule in _broken_by_grant(
                    SimpleNamespace(**{field: node.get(field) for field in _FIELDS}), node.keys()
                ):
                    yield rule.violation((at,), node.get(rule.field))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        filters = core_schema.list_schema(handler.generate_schema(FilterSpec), strict=False, fail_fast=True)
        return core_schema.no_info_wrap_validator_function(
            cls._validated,
            filters,
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls.to_python, return_schema=core_schema.list_schema(core_schema.dict_schema())
            ),
        )

    @classmethod
    def _validated(cls, value: object, read: ValidatorFunctionWrapHandler) -> Self:
        if isinstance(value, cls) and issubclass(type(value), cls):  # by the real type, too
            return value
        if not isinstance(value, list | tuple):
            raise field_error(*_NO_LIST)
        filters = read(value)
        for at, grant in enumerate(filters):
            details = [rule.details(grant) for rule in _broken_by_grant(grant, grant.model_fields_set)]
            refuse(cls.__name__, [each | {"loc": (at, *each["loc"])} for each in details])
        return cls(filters)

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[FilterSpec, ...]]]:
        return type(self), (self.filters,)  # they check themselves when they are unpickled


_FIELDS: Final = tuple(FilterSpec.model_fields)
_NO_LIST: Final = ("must be a list of filters", "wrong_type", "A-4")


def _broken_by_grant(grant: Any, given: AbstractSet[str]) -> Iterator[BrokenRule]:
    """The rules that a filter, or anything with its fields as attributes, breaks as a grant."""
    for field in _FIELDS:
        if field in given and not getattr(grant, field):
            rule = f"must not be given as an empty set, which constrains nothing; leave the grant out if no {field} are granted"
            yield BrokenRule(field, rule, "empty_grant", "A-4")
    if not given & {*_FIELDS}:
        yield BrokenRule(
            None, "must constrain something; say EVERYTHING where everything is meant", "empty_grant", "A-4"
        )


Grants.__pydantic_validator__ = SchemaValidator(TypeAdapter(Grants).core_schema)
