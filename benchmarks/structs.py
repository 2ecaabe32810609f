"""Define the fields of a listing as structs of msgspec, which hold them in the least memory in Python."""

from __future__ import annotations

from typing import Any

import msgspec


class LocalizationParam(msgspec.Struct, frozen=True):
    s: str | None = None
    dt: str | None = None
    i: int | None = None
    d: float | None = None
    l: Any = None  # noqa: E741 - the API's name
    format: str | None = None
    precision: int | None = None


class LocalizableMessage(msgspec.Struct, frozen=True):
    id: str
    default_message: str
    args: tuple[str, ...] = ()
    params: dict[str, LocalizationParam] | None = None
    localized: str | None = None


class DynamicID(msgspec.Struct, frozen=True):
    type: str
    id: str


class Progress(msgspec.Struct, frozen=True):
    total: int
    completed: int
    message: LocalizableMessage


class ErrorValue(msgspec.Struct, frozen=True):
    messages: tuple[LocalizableMessage, ...]
    error_type: str
    data: dict[str, Any] | None = None
    challenge: str | None = None


class Info(msgspec.Struct, frozen=True):
    description: LocalizableMessage
    service: str
    operation: str
    status: str
    cancelable: bool
    parent: str | None = None
    target: DynamicID | None = None
    error: ErrorValue | None = None
    start_time: str | None = None
    end_time: str | None = None
    user: str | None = None
    progress: Progress | None = None
    result: Any = None
    vc_task: str | None = None


class ListItem(msgspec.Struct, frozen=True):
    task: str
    info: Info


class ListResult(msgspec.Struct, frozen=True):
    items: tuple[ListItem, ...]
