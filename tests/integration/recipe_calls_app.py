"""Provide the JSON-RPC recipe to a server, with more tasks, a caller who sees all, and errors on request."""

import logging
import os
from pathlib import Path

from examples import jsonrpc_app as recipe
from snaptasks import EVERYTHING, SYSTEM_READ, Caller, ListResult, Visibility, jsonrpc
from tests.integration.error_source import Raising


def _visibility(caller: Caller) -> Visibility:
    return EVERYTHING if caller.user == "root" else recipe.visibility(caller)


app = recipe.app
recipe.tasks.put_all(ListResult.from_json(Path(os.environ["MORE_TASKS"]).read_bytes()).items)
recipe.callers["Bearer root"] = Caller(user="root", privileges={SYSTEM_READ})
recipe.calls = jsonrpc.Service(
    Raising(recipe.tasks),
    authenticate=recipe.authenticate,
    visibility=_visibility,
    challenge="Bearer",
    on_error=logging.exception,
)
