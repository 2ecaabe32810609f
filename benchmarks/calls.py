"""Measure JSON-RPC from the bytes of a call to the bytes of its answer, beside the server runtime of VMware's SDK."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from snaptasks import EVERYTHING, SYSTEM_READ, Caller, ListResult, TaskIndex, jsonrpc, rest

from .measuring import Row, at_least, at_most, first_time, medians
from .wire import bodies_of

_SERVICE = "com.vmware.snapservice.tasks"
_SESSION = {"schemeId": "com.vmware.vapi.std.security.session_id", "sessionId": "1"}


def body_of(operation: str, arguments: Any, security: Any = _SESSION) -> bytes:
    """Return a call as the official client writes it."""
    params = {
        "serviceId": _SERVICE,
        "operationId": operation,
        "ctx": {"appCtx": {"opId": "1"}, "securityCtx": security},
    }
    params["input"] = {"STRUCTURE": {"operation-input": arguments}}
    return json.dumps({"jsonrpc": "2.0", "method": "invoke", "params": params, "id": "1"}).encode()


LIST = body_of("list", {"filter": {"OPTIONAL": None}})


def service_of(tasks: ListResult) -> Callable[[bytes], bytes]:
    """Return a Service over these tasks, as a function from bytes to bytes."""
    service = jsonrpc.Service(
        TaskIndex(tasks),
        authenticate=lambda call: Caller(user="u", privileges={SYSTEM_READ}) if call.security else None,
        visibility=lambda caller: EVERYTHING,
    )
    return lambda body: service.handle(rest.Request("POST", "/", (), body)).body


def official_runtime(answer_to_a_list: bytes) -> Callable[[bytes], bytes]:
    """Return the official runtime over the tasks of an answer, as a function from bytes to bytes.

    The runtime holds the tasks as its own structures.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tasks = import_module("com.vmware.snapservice_client").Tasks
        skeleton = import_module("vmware.vapi.bindings.skeleton")
        stub = import_module("vmware.vapi.bindings.stub")
        connector = import_module("vmware.vapi.protocol.client.local_connector").get_local_connector
        handler = import_module("vmware.vapi.protocol.server.msg.json_handler").JsonApiHandler
        local = import_module("vmware.vapi.provider.local").LocalProvider(load_introspection=False)
        values = import_module("vmware.vapi.data.serializers.jsonrpc").JsonRpcDictToVapi
        converter = import_module("vmware.vapi.bindings.converter").TypeConverter
        resolver = import_module("vmware.vapi.bindings.common").NameToTypeResolver({})
    value = values.data_value(json.loads(answer_to_a_list)["result"]["output"])
    result = converter.convert_to_python(value, tasks.ListResult.get_binding_type(), resolver)
    infos = {item.task: item.info for item in result.items}
    # The stub has the types of the operations in the form that a server needs.
    described = tasks(stub.StubConfiguration(connector(local)))._api_interface._operations  # noqa: SLF001
    operations = {name: its | {"errors": [*its["errors"].values()]} for name, its in described.items()}

    class Held(skeleton.VapiInterface):  # type: ignore[misc, name-defined]
        def list(self, filter: Any = None) -> Any:
            return result

        def get(self, task: str) -> Any:
            return infos[task]

    local.add_interface(
        Held(lambda held, error_types: skeleton.ApiInterfaceSkeleton(_SERVICE, held, operations, error_types))
    )
    handle = handler(local, []).handle_request

    def answer(body: bytes) -> bytes:
        text: str | bytes = handle(body, {})[0]
        return text.encode() if isinstance(text, str) else text

    return answer


def answers() -> Iterator[Row]:
    """Yield the rows of listings of 1,000 tasks, and of short answers."""
    (text,) = bodies_of(1000)
    tasks = ListResult.from_json(text)
    mine = service_of(tasks)
    get = body_of("get", {"task": tasks[500].task})
    refused = body_of("list", {"filter": {"OPTIONAL": None}}, {})
    logging.disable()  # the runtime logs each call, which takes time
    try:
        theirs = official_runtime(mine(LIST))
    except ModuleNotFoundError as error:
        for work in ("a call for 1,000 tasks", "a call for one task"):
            yield Row(f"{work}, against the official runtime", "-", "-", f"no SDK: {error}", None)
    else:
        for body in (LIST, get):
            if json.loads(mine(body)) != json.loads(theirs(body)):
                sys.exit("the official runtime gives another answer than snaptasks")
        taken = medians({"mine": lambda: mine(LIST), "theirs": lambda: theirs(LIST)}, rounds=5)
        yield at_least("a call for 1,000 tasks, against the official runtime", taken["theirs"] / taken["mine"], 4, 6)
        taken = medians({"mine": lambda: mine(get), "theirs": lambda: theirs(get)})
        yield at_least("a call for one task, against the official runtime", taken["theirs"] / taken["mine"], 3, 6)
    finally:
        logging.disable(logging.NOTSET)

    def fresh() -> Callable[[], object]:
        first = service_of(ListResult.from_json(text))
        return lambda: first(LIST)

    taken = medians({"list": lambda: mine(LIST), "get": lambda: mine(get), "refused": lambda: mine(refused)})
    yield at_most("a call for 1,000 tasks, first", first_time(fresh) * 1e3, 40, 20, "ms")
    yield at_most("a call for 1,000 tasks, again", taken["list"] * 1e3, 40, 20, "ms")
    yield at_most("a call for one task", taken["get"] * 1e6, 100, 50, "us")
    yield at_most("an unauthenticated call, refused", taken["refused"] * 1e6, 80, 40, "us")
