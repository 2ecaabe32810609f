"""Run the official server runtime in this process, and return its responses to calls of the tasks service.

Decides how the runtime, a part of VMware's client, gets the interface: from the client's stub. Does not know snaptasks.
"""

import logging
import warnings
from collections.abc import Mapping
from typing import Any

with warnings.catch_warnings():  # of the SDK, about the Python version
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
    """Represent a service whose list returns all its tasks."""

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
    """Represent the runtime over tasks that the client has decoded."""

    def __init__(self, items: list[Any]) -> None:
        provider = LocalProvider(load_introspection=False)
        stub = Tasks(StubConfiguration(get_local_connector(provider)))
        operations = {
            name: operation | {"errors": list(operation["errors"].values())}
            for name, operation in stub._api_interface._operations.items()
        }
        provider.add_interface(
            _Tasks(items, lambda tasks, error_types: ApiInterfaceSkeleton(SERVICE, tasks, operations, error_types))
        )
        self._handler = JsonApiHandler(provider, [])

    def answer(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Return the response to a call, with the runtime's log off."""
        logging.disable()
        try:
            text: bytes = self._handler.handle_request(body, headers)[0]
        finally:
            logging.disable(logging.NOTSET)
        return text
