"""Decide which tasks a caller may see (A-3 to A-8).

Decides what a visibility is, that no grant shows everything by mistake, and which results of a predicate are valid.
Does not know callers, sources, or the order of tasks.
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

# A predicate on a task: True shows the task, False hides it, and any other result is an error.
Visibility: TypeAlias = Callable[[ListItem], bool]


@sealed
class _Constant:
    """Represent a visibility that does not depend on the task."""

    __slots__ = ("_answer", "_name")

    _answer: bool
    _name: str

    def __init__(self, name: str, answer: bool) -> None:
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_answer", answer)

    def __call__(self, item: ListItem) -> bool:
        return self._answer

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{self!r} must not be changed (V-2)")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{self!r} must not be changed (V-2)")

    def __repr__(self) -> str:
        return self._name

    def __reduce__(self) -> str:
        return self._name  # pickle and copy return the constant itself, so that `is` keeps working


EVERYTHING: Final = _Constant("EVERYTHING", True)  # every task is visible
NOTHING: Final = _Constant("NOTHING", False)  # no task is visible


@final  # because a source may push the filters down, and then an override of __call__ is never called
@sealed
@dataclass(frozen=True, slots=True, init=False, weakref_slot=True)
class Grants(Readable):
    """Represent a visibility of filters: a task is visible if any of them matches it, and not without one (A-4).

    A grant must constrain something; use EVERYTHING to show all tasks. A field must not be *given* as an empty set or
    None, because a caller without services must not see the tasks of all services. Grants are read and written as a
    list of filters, also inside a pydantic model or settings.
    """

    filters: tuple[FilterSpec, ...]

    def __init__(self, filters: Iterable[FilterSpec]) -> None:
        """Check each filter (A-4). Raises ValueError for an invalid grant, and TypeError if one is not a FilterSpec."""
        several: object = filters
        # A FilterSpec can be iterated, because pydantic gives the pairs of its fields. The first condition saves 0.7 us.
        if type(several) is not list and (
            issubclass(type(several), FilterSpec | str | bytes | Mapping) or not isinstance(several, Iterable)
        ):
            raise TypeError(f"grants must be a list of FilterSpecs, not {type_name(filters)}; write Grants([filter])")
        given = tuple(filters)
        for number, grant in enumerate(given, 1):
            which = f"grant {number} of {len(given)}"
            if not issubclass(type(grant), FilterSpec):
                raise TypeError(f"{which} must be a FilterSpec, not {type_name(grant)}")
            for violation in _violations_of_grant(grant, grant.model_fields_set):
                raise ValueError(f"{which}: {violation.field or 'it'} {violation.rule} ({violation.spec_id})")
        object.__setattr__(self, "filters", given)

    def __call__(self, item: ListItem) -> bool:
        """Return whether any grant matches the task, in a time proportional to the number of grants."""
        return any(grant.matches(item) for grant in self.filters)

    def to_json(self) -> bytes:
        """Write the list of filters as canonical JSON in UTF-8."""
        return b"[%b]" % b",".join([grant.to_json() for grant in self.filters])

    def to_python(self) -> list[dict[str, Any]]:
        """Return the list of filters, as a JSON parser does."""
        return [grant.to_python() for grant in self.filters]

    @classmethod
    def _find_violations(cls, tree: object) -> Iterator[Violation]:
        if not isinstance(tree, list | tuple):
            yield violation_at((), tree, *_NOT_A_LIST)
            return
        for at, node in enumerate(tree):
            yield from walk(FilterSpec, node, (at,))
            if isinstance(node, Mapping):
                fields = SimpleNamespace(**{field: node.get(field) for field in FIELDS})
                for violation in _violations_of_grant(fields, node.keys()):
                    yield violation.at((at,), node.get(violation.field))

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
        if isinstance(value, cls) and issubclass(type(value), cls):  # also by the real type
            return value
        if not isinstance(value, list | tuple):
            raise field_error(*_NOT_A_LIST)
        filters = read(value)
        for at, grant in enumerate(filters):
            violations = _violations_of_grant(grant, grant.model_fields_set)
            details = [violation.error_details(grant) for violation in violations]
            raise_if_any(cls.__name__, [each | {"loc": (at, *each["loc"])} for each in details])
        return cls(filters)

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[FilterSpec, ...]]]:
        return type(self), (self.filters,)  # unpickling calls __init__, which checks the filters


_NOT_A_LIST: Final = ("must be a list of filters", "wrong_type", "A-4")


def _violations_of_grant(grant: Any, given: AbstractSet[str]) -> Iterator[FieldViolation]:
    """Yield the violations of a grant: a filter, or an object with its fields as attributes.

    Args:
        grant: The filter.
        given: The names of its given fields.
    """
    for field in FIELDS:
        if field in given and not getattr(grant, field):
            rule = f"must not be empty: an empty set constrains nothing; leave the grant out to grant no {field}"
            yield FieldViolation(field, rule, "empty_grant", "A-4")
    if not given & {*FIELDS}:
        yield FieldViolation(None, "must constrain something; use EVERYTHING to show all tasks", "empty_grant", "A-4")


Grants.__pydantic_validator__ = SchemaValidator(TypeAdapter(Grants).core_schema)


def is_predicate(visibility: Visibility) -> bool:
    """Return whether a visibility must be called for each task. EVERYTHING, NOTHING and Grants need no call (A-8)."""
    return not (visibility is EVERYTHING or visibility is NOTHING or type(visibility) is Grants)


def checked_predicate(visibility: Visibility) -> Visibility:
    """Return the visibility, if it is callable. Raises TypeError otherwise, and for an async function (A-8)."""
    if not callable(visibility):
        raise TypeError(
            f"visibility must be EVERYTHING, NOTHING, Grants or a function, not {type_name(visibility)}; "
            "filters go into Grants([...])"
        )
    if inspect.iscoroutinefunction(visibility) or inspect.iscoroutinefunction(type(visibility).__call__):
        raise TypeError("visibility must not be an async function, because no one awaits its result")
    return visibility


def visible(predicate: Visibility, items: Iterable[ListItem]) -> Iterator[ListItem]:
    """Yield the visible tasks, one at a time: True shows a task, and False hides it (A-8).

    Raises TypeError for any other result of the predicate. An exception of the predicate goes through unchanged (A-7);
    a StopIteration becomes a RuntimeError.
    """
    for item in items:
        shows: object = predicate(item)
        if shows is False:  # first, because it is the most frequent result
            continue
        if shows is not True:
            raise TypeError(f"a visibility check must return True or False, not {type_name(shows)}")
        yield item
