"""A recipe of the README as a server imports it, with a store that fails and changes on request."""

import os
from importlib import import_module

from snaptasks import TaskIndex
from tests.integration.troubled import Troubled

_recipe = import_module(f"tests.integration.recipes.{os.environ['RECIPE']}")
_items: TaskIndex = _recipe.tasks
_troubled = Troubled(_items)
_recipe.tasks = _troubled  # type: ignore[attr-defined]
_troubled.write_for_ever()
app = _recipe.app
