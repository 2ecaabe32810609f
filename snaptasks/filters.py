"""Filters: which tasks a caller asks for (F).

Decided here: what a filter is and when a task matches it. Not known here: who asks, where tasks come from, and how a
filter travels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Never, TypeAlias, final

from ._value import Closed, Identifier, Members, Value
from .tasks import ListItem, Status

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    Names: TypeAlias = AbstractSet[str] | list[str] | tuple[str, ...] | None
    Statuses: TypeAlias = (
        AbstractSet[Status] | AbstractSet[str] | list[Status] | list[str] | tuple[Status | str, ...] | None
    )


@final
class FilterSpec(Value, frozen=True):
    """A filter of five sets; an empty or unset one constrains nothing (F-3), so that FilterSpec() is everything.

    Built from sets, lists or tuples; an unknown status (F-7), an empty member (V-9) and an unknown field (V-7) are
    refused. Raises pydantic's ValidationError when built, InvalidValue when read, TypeError when subclassed (A-4).
    """

    tasks: Members[Identifier] = frozenset()
    operations: Members[Identifier] = frozenset()
    services: Members[Identifier] = frozenset()
    status: Members[Annotated[Status, Closed]] = frozenset()
    users: Members[Identifier] = frozenset()

    _ignores_unknown: ClassVar[bool] = False

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

    def __init_subclass__(cls, **kwargs: object) -> Never:
        """Refused: a source looks tasks up by the five sets, and would not ask another `matches` (A-4)."""
        raise TypeError("FilterSpec cannot be subclassed: a source may never call its matches; use a predicate (A-4)")

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
