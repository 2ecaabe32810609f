"""What a caller may see (A-3 to A-8).

Decides what a visibility is, that no grant opens everything by mistake, and what counts as the answer of a predicate.
Knows nothing of callers, of sources, and of the order of tasks.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final, NoReturn, Self, TypeAlias, final

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from ._sealed import sealed
from ._text import type_name
from ._value.reading import Readable, walk
from ._value.violations import FieldViolation, Violation, field_error, raise_if_any, violation_at
from .filters import FIELDS, FilterSpec
from .tasks import ListItem

__all__ = ["EVERYTHING", "NOTHING", "Grants", "Visibility", "checked_predicate", "is_predicate", "visible"]

# A predicate on a task: True shows it, False hides it, and nothing else will do.
Visibility: TypeAlias = Callable[[ListItem], bool]


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
            for rule in _violations_of_grant(grant, grant.model_fields_set):
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
    def _find_violations(cls, tree: object) -> Iterator[Violation]:
        if not isinstance(tree, list | tuple):
            yield violation_at((), tree, *_NO_LIST)
            return
        for at, node in enumerate(tree):
            yield from walk(FilterSpec, node, (at,))
            if isinstance(node, Mapping):
                for rule in _violations_of_grant(
                    SimpleNamespace(**{field: node.get(field) for field in FIELDS}), node.keys()
                ):
                    yield rule.at((at,), node.get(rule.field))

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
            details = [rule.error_details(grant) for rule in _violations_of_grant(grant, grant.model_fields_set)]
            raise_if_any(cls.__name__, [each | {"loc": (at, *each["loc"])} for each in details])
        return cls(filters)

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[FilterSpec, ...]]]:
        return type(self), (self.filters,)  # they check themselves when they are unpickled


_NO_LIST: Final = ("must be a list of filters", "wrong_type", "A-4")


def _violations_of_grant(grant: Any, given: AbstractSet[str]) -> Iterator[FieldViolation]:
    """The rules that a filter, or anything with its fields as attributes, breaks as a grant."""
    for field in FIELDS:
        if field in given and not getattr(grant, field):
            rule = f"must not be given as an empty set, which constrains nothing; leave the grant out if no {field} are granted"
            yield FieldViolation(field, rule, "empty_grant", "A-4")
    if not given & {*FIELDS}:
        yield FieldViolation(
            None, "must constrain something; say EVERYTHING where everything is meant", "empty_grant", "A-4"
        )


Grants.__pydantic_validator__ = SchemaValidator(TypeAdapter(Grants).core_schema)


def is_predicate(visibility: Visibility) -> bool:
    """Return whether only asking about each task tells what it shows; the others are known by being what they are (A-8)."""
    return not (visibility is EVERYTHING or visibility is NOTHING or type(visibility) is Grants)


def checked_predicate(visibility: Visibility) -> Visibility:
    """Return what was given, if it is a predicate. Raises TypeError; for an async function, too, before it is asked (A-8)."""
    if not callable(visibility):
        raise TypeError(
            f"visibility must be EVERYTHING, NOTHING, Grants or a function, not {type_name(visibility)}; "
            "filters go into Grants([...])"
        )
    if inspect.iscoroutinefunction(visibility) or inspect.iscoroutinefunction(type(visibility).__call__):
        raise TypeError("visibility must not be an async function: no one would await its answer")
    return visibility


def visible(predicate: Visibility, items: Iterable[ListItem]) -> Iterator[ListItem]:
    """Yield the tasks that a predicate shows, one at a time: only True is visible, and only False is not (A-8).

    Raises TypeError for any other answer, and whatever the predicate raises (A-7); RuntimeError for a StopIteration.
    """
    for item in items:
        answer: object = predicate(item)
        if answer is False:  # first, because most often it is
            continue
        if answer is not True:
            raise TypeError(f"a visibility check must return True or False, not {type_name(answer)}")
        yield item
