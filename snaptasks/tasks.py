"""Tasks: what one is, and which of its fields go with which status (U).

Decided here: the shape of a task and the union on its status. Not known here: filters, callers, lists of results
longer than one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from itertools import compress, product
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from pydantic import ValidationInfo, model_validator

from ._value import (
    BrokenRule,
    Identifier,
    Int64,
    Json,
    Maybe,
    OpenEnum,
    RuledValue,
    Sequence,
    Text,
    Timestamp,
    Value,
)
from .errors import DynamicID, ErrorValue
from .messages import LocalizableMessage


class Status(OpenEnum):
    """Where a task stands in its life (V-1); a name that this version does not know is kept (V-6)."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    BLOCKED = "BLOCKED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def is_terminal(self) -> bool:
        """Whether the task has ended and will not change any more."""
        return self in {Status.SUCCEEDED, Status.FAILED}


# The union (U-1): what each status requires, and what it forbids; what stands in neither is allowed. FAILED requires
# no error: where there is none, the reason is in the result (U-2). An unknown status has no row: nothing is
# enforced (U-3).
_UNION: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    Status.PENDING: ((), ("start_time", "end_time", "progress", "result", "error")),
    Status.RUNNING: (("start_time", "progress"), ("end_time", "error")),
    Status.BLOCKED: (("start_time", "progress"), ("end_time", "error")),
    Status.SUCCEEDED: (("start_time", "end_time", "progress"), ("error",)),
    Status.FAILED: (("start_time", "end_time", "progress"), ()),
}

_GOVERNED: Final = ("start_time", "end_time", "error", "progress", "result")

# The same as the shapes that a task can have: its status, and which of these fields are there. Looked up for each task
# that is read, in place of going through the rules.
_SHAPES: Final = frozenset(
    (status, *there)
    for status, (required, forbidden) in _UNION.items()
    for there in product((False, True), repeat=len(_GOVERNED))
    if {*required} <= {*compress(_GOVERNED, there)} <= {*_GOVERNED} - {*forbidden}
)


class Progress(Value, frozen=True):
    """How far a task is: `completed` units of `total`; the API sets no range for either (V-10)."""

    total: Int64
    completed: Int64
    message: LocalizableMessage

    def may_follow(self, earlier: Progress) -> bool:
        """Whether this can be a later progress of the same task: what is completed may only grow (V-10)."""
        return self.completed >= earlier.completed


class CommonInfo(RuledValue, frozen=True):
    """What every task tells: Info without progress, result and vc_task (U-1 over the fields that it has).

    `user` None: performed by the system. Times are aware, held in UTC at milliseconds (V-4).
    """

    description: LocalizableMessage
    service: Identifier
    operation: Identifier
    parent: Maybe[Text] = None
    target: Maybe[DynamicID] = None
    status: Status
    cancelable: bool
    error: Maybe[ErrorValue] = None
    start_time: Maybe[Timestamp] = None
    end_time: Maybe[Timestamp] = None
    user: Maybe[Text] = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            description: LocalizableMessage,
            service: str,
            operation: str,
            parent: str | None = None,
            target: DynamicID | None = None,
            status: Status | str,
            cancelable: bool,
            error: ErrorValue | None = None,
            start_time: datetime | None = None,
            end_time: datetime | None = None,
            user: str | None = None,
        ) -> None: ...

    @classmethod
    def _broken_rules(cls, fields: Mapping[str, Any], built: Collection[str]) -> list[BrokenRule]:
        broken = []  # U-4: all of them
        status = fields.get("status")
        required, forbidden = _UNION.get(status, ((), ())) if isinstance(status, str) else ((), ())
        for field in required:
            if fields.get(field) is None and field in cls.model_fields:
                broken.append(BrokenRule(field, f"missing: {status} requires {field}", "U-1", ("status",)))
        for field in forbidden:
            if fields.get(field) is not None and field in cls.model_fields:
                broken.append(BrokenRule(field, f"forbidden: {status} excludes {field}", "U-1", ("status",)))
        if "parent" in built and fields["parent"] == "":
            broken.append(BrokenRule("parent", "must not be empty", "V-9"))
        return broken


class Info(CommonInfo, frozen=True):
    """The state of a task; which fields it has depends on its status (U-1)."""

    progress: Maybe[Progress] = None
    result: Maybe[Json] = None
    vc_task: Maybe[Text] = None

    _compared_as_json: ClassVar[tuple[str, ...]] = ("result",)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            description: LocalizableMessage,
            service: str,
            operation: str,
            parent: str | None = None,
            target: DynamicID | None = None,
            status: Status | str,
            cancelable: bool,
            error: ErrorValue | None = None,
            start_time: datetime | None = None,
            end_time: datetime | None = None,
            user: str | None = None,
            progress: Progress | None = None,
            result: object = None,
            vc_task: str | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _check_rules(self, info: ValidationInfo) -> Self:
        fields = self.__dict__
        shape = (
            fields["status"],
            fields["start_time"] is not None,
            fields["end_time"] is not None,
            fields["error"] is not None,
            fields["progress"] is not None,
            fields["result"] is not None,
        )
        return self if shape in _SHAPES and fields["parent"] != "" else self._checked(info)


class ListItem(Value, frozen=True):
    """A task and its state; Info itself carries no id.

    It keeps its JSON text once that is written, so that a response is a join: as much memory as the text takes, for as
    long as the task is held.
    """

    __slots__ = ("_json",)  # no part of the value: not of equality, hash, repr, pickle or copy

    task: Identifier
    info: Info

    def to_json(self) -> bytes:
        """The canonical JSON text in UTF-8 (W-1); made once."""
        try:
            return _kept_json(self)
        except AttributeError:
            text: bytes = self.__pydantic_serializer__.to_json(self)
            _keep_json(self, text)
            return text


# The slot itself, for an attribute that is not there yet takes pydantic some calls in Python to tell.
_kept_json: Final[Callable[[ListItem], bytes]] = ListItem.__dict__["_json"].__get__
_keep_json: Final[Callable[[ListItem, bytes], None]] = ListItem.__dict__["_json"].__set__


class ListResult(Value, frozen=True):
    """What a listing returns, in the order of the source (L-5)."""

    items: Sequence[ListItem]

    if TYPE_CHECKING:

        def __init__(self, *, items: list[ListItem] | tuple[ListItem, ...]) -> None: ...

    def to_json(self) -> bytes:
        """The canonical JSON text in UTF-8 (W-1): the texts of its items, joined."""
        if type(self) is not ListResult or {*map(type, self.items)} - {ListItem}:  # there may be more fields
            return super().to_json()
        return b'{"items":[%b]}' % b",".join([item.to_json() for item in self.items])
