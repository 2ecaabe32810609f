"""Tasks: what one is, and which of its fields go with which status (U).

Decides the shape of a task and the union on its status. Does not know filters, callers, or how tasks are found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias, overload

from pydantic import model_validator

from ._union import violations_of_common_info, violations_of_info
from ._value.enums import OpenEnum
from ._value.fields import Flag, Identifier, Int64, Maybe, PlainText, Timestamp, TupleOf
from ._value.frozen import Json
from ._value.model import Value, value_type
from ._value.violations import FieldViolation
from .errors import DynamicID, ErrorValue
from .messages import LocalizableMessage

__all__ = ["CommonInfo", "Info", "ListItem", "ListResult", "Progress", "Status", "StatusName", "result_of"]


class Status(OpenEnum):
    """Where a task stands in its life (V-1).

    A name that this version does not know is kept (V-6).
    """

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    BLOCKED = "BLOCKED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def is_terminal(self) -> bool:
        """Whether the task has ended and will not change any more."""
        return self in {Status.SUCCEEDED, Status.FAILED}


StatusName: TypeAlias = Literal["PENDING", "RUNNING", "BLOCKED", "SUCCEEDED", "FAILED"]


@value_type
class Progress(Value):
    """How far a task is: `completed` units of `total`; the API sets no range for either (V-10)."""

    total: Int64
    """How many units there are, int64."""
    completed: Int64
    """How many units are done, int64."""
    message: LocalizableMessage
    """What the task is doing."""

    if TYPE_CHECKING:

        def __init__(self, *, total: int, completed: int, message: LocalizableMessage) -> None: ...
        def evolve(self, *, total: int = ..., completed: int = ..., message: LocalizableMessage = ...) -> Self: ...

    @property
    def fraction(self) -> float | None:
        """How much is done, 1.0 for all; None where total is not positive.

        The API sets no range (V-10), so a fraction can be negative or more than 1.
        """
        return self.completed / self.total if self.total > 0 else None

    def may_follow(self, earlier: Progress) -> bool:
        """Tell whether this can be a later progress of the same task: what is completed may only grow (V-10)."""
        return self.completed >= earlier.completed


@value_type
class CommonInfo(Value):
    """What every task tells: Info without progress, result and vc_task (U-1 over the fields that it has)."""

    description: LocalizableMessage
    """What the task does."""
    service: Identifier
    """The service that runs the task, such as com.vmware.snapservice.sites."""
    operation: Identifier
    """The operation that the task is for, such as com.vmware.snapservice.sites.add$task."""
    parent: Maybe[PlainText] = None
    """The task that started this one; unset for a task of its own."""
    target: Maybe[DynamicID] = None
    """What the task works on."""
    status: Status
    """Where the task stands (V-1); it decides which other fields are there (U-1)."""
    cancelable: Flag
    """Whether the task can be cancelled."""
    error: Maybe[ErrorValue] = None
    """Why the task failed; where a failed task has none, the reason is in the result (U-2)."""
    start_time: Maybe[Timestamp] = None
    """When the task started, in UTC at milliseconds (V-4)."""
    end_time: Maybe[Timestamp] = None
    """When the task ended, in UTC at milliseconds (V-4)."""
    user: Maybe[PlainText] = None
    """Who started the task; unset: the system did."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            description: LocalizableMessage,
            service: str,
            operation: str,
            parent: str | None = None,
            target: DynamicID | None = None,
            status: Status | StatusName,
            cancelable: bool,
            error: ErrorValue | None = None,
            start_time: datetime | str | None = None,
            end_time: datetime | str | None = None,
            user: str | None = None,
        ) -> None: ...

        def evolve(
            self,
            *,
            description: LocalizableMessage = ...,
            service: str = ...,
            operation: str = ...,
            parent: str | None = ...,
            target: DynamicID | None = ...,
            status: Status | StatusName = ...,
            cancelable: bool = ...,
            error: ErrorValue | None = ...,
            start_time: datetime | str | None = ...,
            end_time: datetime | str | None = ...,
            user: str | None = ...,
        ) -> Self: ...

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        return self._raise_violations(violations_of_common_info(self))

    _field_violations = staticmethod(violations_of_common_info)

    @staticmethod
    def _violations_when_built(fields: Any, given: Collection[str]) -> Iterator[FieldViolation]:
        for field in ("parent", "user"):
            if field in given and getattr(fields, field) == "":
                yield FieldViolation(field, "must not be empty", "empty", "V-9")


@value_type
class Info(CommonInfo):
    """The state of a task; which fields it has depends on its status (U-1)."""

    progress: Maybe[Progress] = None
    """How far the task is."""
    result: Maybe[Json] = None
    """What the task gave: any JSON value (V-3).

    Arrays are tuples, and objects are read-only mappings.
    """
    vc_task: Maybe[PlainText] = None
    """The task of vCenter that stands behind this one."""

    _compared_as_json = ("result",)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            description: LocalizableMessage,
            service: str,
            operation: str,
            parent: str | None = None,
            target: DynamicID | None = None,
            status: Status | StatusName,
            cancelable: bool,
            error: ErrorValue | None = None,
            start_time: datetime | str | None = None,
            end_time: datetime | str | None = None,
            user: str | None = None,
            progress: Progress | None = None,
            result: object = None,
            vc_task: str | None = None,
        ) -> None: ...

        def evolve(
            self,
            *,
            description: LocalizableMessage = ...,
            service: str = ...,
            operation: str = ...,
            parent: str | None = ...,
            target: DynamicID | None = ...,
            status: Status | StatusName = ...,
            cancelable: bool = ...,
            error: ErrorValue | None = ...,
            start_time: datetime | str | None = ...,
            end_time: datetime | str | None = ...,
            user: str | None = ...,
            progress: Progress | None = ...,
            result: object = ...,
            vc_task: str | None = ...,
        ) -> Self: ...

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        broken = violations_of_info(self)
        return self._raise_violations(broken) if broken else self

    _field_violations = staticmethod(violations_of_info)


class _JsonSlot(Value):
    __slots__ = ("_json",)  # no part of the value: not of equality, hash, repr, pickle or copy


_kept_json: Final[Callable[[ListItem], bytes]] = _JsonSlot.__dict__["_json"].__get__
_keep_json: Final[Callable[[ListItem, bytes], None]] = _JsonSlot.__dict__["_json"].__set__


@value_type
class ListItem(_JsonSlot):
    """A task and its state; Info itself carries no id.

    It keeps its JSON text once that is written, so that a response is a join: as much memory as the text takes, for as
    long as the task is held.
    """

    task: Identifier
    """The identifier of the task."""
    info: Info
    """The state of the task."""

    if TYPE_CHECKING:

        def __init__(self, *, task: str, info: Info) -> None: ...
        def evolve(self, *, task: str = ..., info: Info = ...) -> Self: ...

    def to_json(self) -> bytes:
        """Write canonical JSON in UTF-8 (W-1); made once."""
        try:
            return _kept_json(self)
        except AttributeError:
            text = Value.to_json(self)
            _keep_json(self, text)
            return text


@value_type
class ListResult(Value, Sequence[ListItem]):
    """What a listing returns: tasks, in the order of the source (L-5).

    A sequence of its items.
    """

    items: TupleOf[ListItem]
    """The tasks."""

    if TYPE_CHECKING:

        def __init__(self, *, items: list[ListItem] | tuple[ListItem, ...]) -> None: ...

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[ListItem]:
        return iter(self.items)

    @overload
    def __getitem__(self, at: int) -> ListItem: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[ListItem, ...]: ...
    def __getitem__(self, at: int | slice) -> ListItem | tuple[ListItem, ...]:
        return self.items[at]

    def to_json(self) -> bytes:
        """Write canonical JSON in UTF-8 (W-1): the texts of its items, joined."""
        if type(self) is not ListResult or {*map(type, self.items)} - {ListItem}:  # there may be more fields
            return Value.to_json(self)
        return b'{"items":[%b]}' % b",".join([item.to_json() for item in self.items])


_new: Final = object.__new__
_set_items: Final[Callable[[ListResult, tuple[ListItem, ...]], None]] = vars(ListResult)["items"].__set__


def result_of(items: tuple[ListItem, ...]) -> ListResult:
    """Build a result of tasks that are known to be some: 0.2 us, where to look at each again takes 8 ns a task and 2 us."""
    result = _new(ListResult)
    _set_items(result, items)
    return result
