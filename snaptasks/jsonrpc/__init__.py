"""Answer VMware's own clients, which speak JSON-RPC: the server side (J).

A server:  service = Service(source, authenticate=..., visibility=...)
           service.handle(Request("POST", target, headers, body)) -> Response      await service.handle_async(request)

Request and Response are those of `snaptasks.rest`. Decides how a call is read and how its answer is written. Does not
know sockets, frameworks, clocks, or the path of the calls.
"""

from ..rest.http import Request as Request, Response as Response
from .call import MAX_CALL_LENGTH as MAX_CALL_LENGTH, Call as Call
from .server import Service as Service

__all__ = ["MAX_CALL_LENGTH", "Call", "Request", "Response", "Service"]
