"""Speak REST, on both sides: requests and responses as plain values, for any framework (Q, W).

A server:  service = Service(source, authenticate=..., visibility=...)
           service.handle(Request(method, target, headers, body)) -> Response      await service.handle_async(request)
           list_response(result), info_response(info), error_response(error)
A client:  read_list(status, headers, body) -> ListResult       read_info(status, headers, body) -> Info
A document: openapi() -> dict

Decides which answer a request gets, and what a response says. Does not know sockets, frameworks or clocks.
"""

from .._boundary.service import Asynchronous as Asynchronous, Synchronous as Synchronous
from .client import (
    MAX_BODY_LENGTH as MAX_BODY_LENGTH,
    MAX_ERROR_LENGTH as MAX_ERROR_LENGTH,
    read_info as read_info,
    read_list as read_list,
)
from .http import (
    Headers as Headers,
    Request as Request,
    Response as Response,
)
from .openapi import openapi as openapi
from .server import (
    Service as Service,
    error_response as error_response,
    info_response as info_response,
    list_response as list_response,
)

__all__ = [
    "MAX_BODY_LENGTH",
    "MAX_ERROR_LENGTH",
    "Asynchronous",
    "Headers",
    "Request",
    "Response",
    "Service",
    "Synchronous",
    "error_response",
    "info_response",
    "list_response",
    "openapi",
    "read_info",
    "read_list",
]
