"""A recipe of the README as a server imports it, with a store that fails and changes on request."""

import os
import signal
from importlib import import_module
from threading import Thread

import snaptasks
from tests.integration.failing_index import FailingIndex

# What the recipe makes of its tasks.
setattr(snaptasks, "TaskIndex", FailingIndex)  # noqa: B010
_recipe = import_module(f"examples.{os.environ['RECIPE']}")
_recipe.tasks.write_for_ever()


def _end_with_the_tests() -> None:
    """A run that is killed leaves no server behind, which would write for ever."""
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


Thread(target=_end_with_the_tests, daemon=True).start()
app = _recipe.app
