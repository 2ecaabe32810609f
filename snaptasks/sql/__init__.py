"""List tasks from a database, where SQL decides filter, grants and cap. It needs SQLAlchemy 2, the extra `sql`.

A table:     task_table(metadata, name) -> Table       TaskColumns(...) for an existing table
A source:    SqlTaskSource(engine, table) for list_tasks, get_task and rest.Service; .put_all(items)  .remove(task)
             AsyncSqlTaskSource(async_engine, table) for Service.handle_async; all methods are awaited
A statement: select_tasks(table, wanted, at_most) -> Select, for your own session, sync or async
"""

try:
    import sqlalchemy as _sqlalchemy
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "snaptasks.sql needs SQLAlchemy: pip install 'snaptasks[sql]'", name=_missing.name
    ) from _missing

from .columns import (
    TaskColumns as TaskColumns,
    task_table as task_table,
)
from .source import (
    AsyncSqlTaskSource as AsyncSqlTaskSource,
    SqlTaskSource as SqlTaskSource,
)
from .statement import (
    MAX_FILTERS as MAX_FILTERS,
    select_tasks as select_tasks,
)

del _sqlalchemy

__all__ = ["MAX_FILTERS", "AsyncSqlTaskSource", "SqlTaskSource", "TaskColumns", "select_tasks", "task_table"]
