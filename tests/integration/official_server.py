"""The official server runtime, in this process: what it answers to a call of this service.

It comes with VMware's client, and learns of this service what the client's own stub says of it.
"""

import logging
import warnings
from collections.abc import Mapping
from typing import Any

with warnings.catch_warnings():  # the SDK's own, about Python
    warnings.simplefilter("ignore")
    from com.vmware.snapservice_client import Tasks
    from com.vmware.vapi.std.errors_client import NotFound
    from vmware.vapi.bindings.skeleton import ApiInterfaceSkeleton, VapiInterface
    from vmware.vapi.bindings.stub import StubConfiguration
    from vmware.vapi.protocol.client.local_connector import get_local_connector
    from vmware.vapi.protocol.server.msg.json_handler import JsonApiHandler
    from vmware.vapi.provider.local import LocalProvider

SERVICE = "com.vmware.snapservice.tasks"


class _Tasks(VapiInterface):  # type: ignore[misc, unused-ignore]
    """The service as its author writes it: the tasks that it is given, and no other."""

    def __init__(self, items: list[Any], skeleton: Any) -> None:
        super().__init__(skeleton)
        self.items = items

    def list(self, filter: Any = None) -> Any:
        return Tasks.ListResult(items=self.items)

    def get(self, task: str) -> Any:
        for item in self.items:
            if item.task == task:
                return item.info
        raise NotFound(messages=[])


class OfficialServer:
    """The runtime, with tasks that the client has decoded."""

    def __init__(self, items: list[Any]) -> None:
        provider = LocalProvider(load_introspection=False)
        stub = Tasks(StubConfiguration(get_local_connector(provider)))
        operations = {
            name: its | {"errors": list(its["errors"].values())}
            for name, its in stub._api_interface._operations.items()
        }
        provider.add_interface(
            _Tasks(items, lambda tasks, error_types: ApiInterfaceSkeleton(SERVICE, tasks, operations, error_types))
        )
        self._handler = JsonApiHandler(provider, [])

    def answer(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """What it sends; None of its log is shown."""
        logging.disable()
        try:
            text: bytes = self._handler.handle_request(body, headers)[0]
        finally:
            logging.disable(logging.NOTSET)
        return text
