"""Filters: which tasks a caller asks for (F).

Decides what a filter is and when a task matches it. Does not know who asks, where tasks come from, or how a filter
travels.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Annotated, ClassVar, Never, Self, TypeAlias, final

from pydantic import PlainValidator, model_validator
from pydantic_core import InitErrorDetails

from ._text import safe_repr
from ._value.fields import Identifier, SetOf
from ._value.model import AskedValue
from ._value.violations import MAX_VIOLATIONS, field_error, refuse
from .tasks import ListItem, Status, StatusName

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence, Set as AbstractSet

    Names: TypeAlias = AbstractSet[str] | list[str] | tuple[str, ...] | None
    Statuses: TypeAlias = AbstractSet[Status | StatusName] | Sequence[Status | StatusName] | None


# A status that this version knows, built or read (F-7).
KnownStatus: TypeAlias = Annotated[Status, PlainValidator(Status.known, json_schema_input_type=StatusName)]


@final
class FilterSpec(AskedValue, frozen=True):
    """A filter of five sets; an empty or unset one constrains nothing (F-3), so that FilterSpec() is everything.

    Built from sets, lists or tuples; an unknown status (F-7), an empty member (V-9) and an unknown field (V-7) are
    refused. Raises pydantic's ValidationError when built, InvalidValue when read, TypeError when subclassed (A-4).
    """

    tasks: SetOf[Identifier] = frozenset()
    """The tasks, by identifier."""
    operations: SetOf[Identifier] = frozenset()
    """The operations that tasks are for."""
    services: SetOf[Identifier] = frozenset()
    """The services that run tasks."""
    status: SetOf[KnownStatus] = frozenset()
    """Where tasks stand: known statuses only (F-7)."""
    users: SetOf[Identifier] = frozenset()
    """Who started tasks; a task of the system has no user, and matches none (F-4)."""

    _forbids_unknown: ClassVar[bool] = True

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            tasks: Names = None,
            operations: Names = None,
            services: Names = None,
            status: Statuses = None,
            users: Names = None,
        ) -> None: ...

        def evolve(
            self,
            *,
            tasks: Names = ...,
            operations: Names = ...,
            services: Names = ...,
            status: Statuses = ...,
            users: Names = ...,
        ) -> Self: ...

        def __iter__(self) -> Generator[tuple[str, frozenset[str]], None, None]: ...

    def __init_subclass__(cls, **kwargs: object) -> Never:
        """Refused: a source looks tasks up by the five sets, and would not ask another `matches` (A-4)."""
        raise TypeError("FilterSpec cannot be subclassed: a source may never call its matches; use a predicate (A-4)")

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, given: object) -> object:
        """V-7: pydantic itself keeps an error for each unknown field, however many there are."""
        if isinstance(given, Mapping) and not given.keys() <= cls.__pydantic_fields__.keys():
            unknown = islice((name for name in given if name not in cls.__pydantic_fields__), MAX_VIOLATIONS)
            error = field_error("must be a known field", "unknown_field", "V-7")
            refuse(
                cls.__name__,
                [
                    InitErrorDetails(
                        type=error, loc=(name if isinstance(name, str) else safe_repr(name),), input=given[name]
                    )
                    for name in unknown
                ],
            )
        return given

    @property
    def is_empty(self) -> bool:
        """Whether it constrains nothing, and every task matches (F-3)."""
        return not (self.tasks or self.operations or self.services or self.status or self.users)

    def matches(self, item: ListItem) -> bool:
        """Whether a task matches every field that constrains (F-1), by being a member of it (F-2).

        Identifiers are compared code point by code point (F-5). Neither a parent nor a child counts (F-6).
        """
        info = item.info
        return (
            (not self.tasks or item.task in self.tasks)
            and (not self.operations or info.operation in self.operations)
            and (not self.services or info.service in self.services)
            and (not self.status or info.status in self.status)
            and (not self.users or info.user in self.users)  # F-4: no user is a member of no set
        )
