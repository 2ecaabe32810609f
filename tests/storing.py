"""Run with the Python of an environment that holds the installed package with its extra `sql`: tasks go into a database
and come out."""

import sys
from pathlib import Path

from sqlalchemy import MetaData, create_engine

import snaptasks
from snaptasks import EVERYTHING, FilterSpec, ListResult, list_tasks
from snaptasks.sql import SqlTaskSource, task_table

(sample,) = sys.argv[1:]
items = ListResult.from_json(Path(sample).read_bytes()).items
metadata = MetaData()
source = SqlTaskSource(engine := create_engine("sqlite://"), task_table(metadata))
metadata.create_all(engine)
source.put_all(items)
running = FilterSpec(status={"RUNNING"})
found = list_tasks(source, running, visibility=EVERYTHING)
is_installed = "site-packages" in Path(snaptasks.__file__).parts
print(f"{len(found.items)} running tasks listed from a database")
sys.exit(0 if is_installed and found.items and found == list_tasks(items, running, visibility=EVERYTHING) else 1)
