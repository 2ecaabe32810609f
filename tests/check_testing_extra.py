"""Check a class of an adopter with the conformance kit.

Run this with the Python of an environment that has the installed package with its extra `testing`, and nothing else.
"""

import sys
from pathlib import Path

import snaptasks
from snaptasks import TaskIndex, authorize, get_task, list_tasks, parse_filter
from snaptasks.testing import run_contract, strategies


class Mine:
    lacks = {"request": "it knows no HTTP"}  # noqa: RUF012

    def load(self, items):
        self.index = TaskIndex(items)

    def list(self, query, caller):
        authorize(caller and caller.caller)
        return list_tasks(self.index, parse_filter(query), visibility=caller.visibility)

    def get(self, task, caller):
        authorize(caller and caller.caller)
        return get_task(self.index, task, visibility=caller.visibility)


report = run_contract(Mine(), examples=500)
print(report)
is_installed = "site-packages" in Path(snaptasks.__file__).parts
sys.exit(0 if report.ok and is_installed and not strategies.list_items().is_empty else 1)
