"""Define the fields of a listing as slotted dataclasses of pydantic, without the rules of the specification.

Their speed of reading is the limit of a library of pydantic models.
"""

from __future__ import annotations

from typing import Any

from pydantic.dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class LocalizationParam:
    s: str | None = None
    dt: str | None = None
    i: int | None = None
    d: float | None = None
    l: Any = None  # noqa: E741 - the API's name
    format: str | None = None
    precision: int | None = None


@dataclass(slots=True, kw_only=True)
class LocalizableMessage:
    id: str
    default_message: str
    args: tuple[str, ...]
    params: dict[str, LocalizationParam] | None = None
    localized: str | None = None


@dataclass(slots=True, kw_only=True)
class DynamicID:
    type: str
    id: str


@dataclass(slots=True, kw_only=True)
class Progress:
    total: int
    completed: int
    message: LocalizableMessage


@dataclass(slots=True, kw_only=True)
class ErrorValue:
    messages: tuple[LocalizableMessage, ...]
    data: dict[str, Any] | None = None
    error_type: str
    challenge: str | None = None


@dataclass(slots=True, kw_only=True)
class Info:
    description: LocalizableMessage
    service: str
    operation: str
    parent: str | None = None
    target: DynamicID | None = None
    status: str
    cancelable: bool
    error: ErrorValue | None = None
    start_time: str | None = None
    end_time: str | None = None
    user: str | None = None
    progress: Progress | None = None
    result: Any = None
    vc_task: str | None = None


@dataclass(slots=True, kw_only=True)
class ListItem:
    task: str
    info: Info


@dataclass(slots=True, kw_only=True)
class ListResult:
    items: tuple[ListItem, ...]
