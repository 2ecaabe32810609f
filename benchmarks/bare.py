"""The fields of a listing as anybody would write them down in pydantic, and nothing that the specification says of them.

How fast it reads is the end of what a library of pydantic models can reach.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class LocalizationParam(BaseModel):
    s: str | None = None
    dt: str | None = None
    i: int | None = None
    d: float | None = None
    l: Any = None  # noqa: E741 - the API's name
    format: str | None = None
    precision: int | None = None


class LocalizableMessage(BaseModel):
    id: str
    default_message: str
    args: tuple[str, ...]
    params: dict[str, LocalizationParam] | None = None
    localized: str | None = None


class DynamicID(BaseModel):
    type: str
    id: str


class Progress(BaseModel):
    total: int
    completed: int
    message: LocalizableMessage


class ErrorValue(BaseModel):
    messages: tuple[LocalizableMessage, ...]
    data: dict[str, Any] | None = None
    error_type: str
    challenge: str | None = None


class Info(BaseModel):
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


class ListItem(BaseModel):
    task: str
    info: Info


class ListResult(BaseModel):
    items: tuple[ListItem, ...]
