"""Provide a recipe to a server, with a source that fails on request and changes all the time."""

import os
import signal
from importlib import import_module
from threading import Thread

import snaptasks
from tests.integration.failing_index import FailingIndex

# The recipe puts its tasks into this source.
setattr(snaptasks, "TaskIndex", FailingIndex)  # noqa: B010
_recipe = import_module(f"examples.{os.environ['RECIPE']}")
_recipe.tasks.start_writer()


def _exit_with_parent() -> None:
    """End this server when its parent ends, because otherwise a killed run would leave it writing."""
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


Thread(target=_exit_with_parent, daemon=True).start()
app = _recipe.app
