"""Check that tasks go into a database and come out, with and without an event loop.

Run this with the Python of an environment that has the installed package, its extra `sql` and an asynchronous driver.
"""

import asyncio
import sys
from pathlib import Path

from sqlalchemy import MetaData, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

import snaptasks
from snaptasks import EVERYTHING, SYSTEM_READ, Caller, FilterSpec, ListResult, list_tasks, rest
from snaptasks.sql import AsyncSqlTaskSource, SqlTaskSource, task_table

(sample,) = sys.argv[1:]
items = ListResult.from_json(Path(sample).read_bytes()).items
metadata = MetaData()
table = task_table(metadata)
source = SqlTaskSource(engine := create_engine("sqlite://"), table)
metadata.create_all(engine)
source.put_all(items)
running = FilterSpec(status={"RUNNING"})
found = list_tasks(source, running, visibility=EVERYTHING)


async def awaited() -> ListResult:
    async_engine = create_async_engine("sqlite+aiosqlite://")
    async with async_engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    async_source = AsyncSqlTaskSource(async_engine, table)
    await async_source.put_all(items)
    service = rest.Service(
        async_source,
        authenticate=lambda request: Caller(user="u", privileges={SYSTEM_READ}),
        visibility=lambda caller: EVERYTHING,
    )
    response = await service.handle_async(rest.Request("GET", "/api/snapservice/tasks?status=RUNNING"))
    await async_engine.dispose()
    return rest.read_list(response.status, response.headers, response.body)


is_installed = "site-packages" in Path(snaptasks.__file__).parts
print(f"{len(found.items)} running tasks listed from a database")
sys.exit(
    0
    if is_installed
    and found.items
    and found == list_tasks(items, running, visibility=EVERYTHING) == asyncio.run(awaited())
    else 1
)
