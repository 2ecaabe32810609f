"""Test that asynchronous sources give the same answers as synchronous ones (L-1, A-3, L-9)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from snaptasks import (
    EVERYTHING,
    SYSTEM_READ,
    Caller,
    FilterSpec,
    Grants,
    Info,
    ListItem,
    ListResult,
    ResourceInaccessible,
    ServiceUnavailable,
    Visibility,
    Wanted,
    rest,
)
from snaptasks.sql import AsyncSqlTaskSource
from snaptasks.sql.source import BATCH
from tests.building import plain_item
from tests.source_calls import notes
from tests.sql.tables import TABLE, job, jobs, lost, mapped


def test_asynchronous_source_answers_as_a_synchronous_one(tmp_path: Path) -> None:
    """L-1, A-3, L-9: The boundary gives the same answers; an unreachable database gives 503 or ServiceUnavailable."""

    async def answer(source: AsyncSqlTaskSource, target: str, visibility: Visibility) -> rest.Response:
        service = rest.Service(
            source,
            authenticate=lambda request: Caller(user="u", privileges={SYSTEM_READ}),
            visibility=lambda caller: visibility,
        )
        return await service.handle_async(rest.Request("GET", f"/api/snapservice/tasks{target}"))

    async def main() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/tasks.db")
        async with engine.begin() as connection:
            await connection.run_sync(TABLE.create)
        source = AsyncSqlTaskSource(engine, TABLE)
        await source.put_all(plain_item(f"t{n}", user="u" if n % 2 else None) for n in range(5))
        assert (await source.remove("t3"), await source.remove("t3")) == (True, False)
        for visibility in (Grants([FilterSpec(users=["u"])]), lambda item: item.info.user == "u"):
            body = (await answer(source, "?tasks=t0&tasks=t1&tasks=t3", visibility)).body
            assert [item.task for item in ListResult.from_json(body).items] == ["t1"]
            assert [(await answer(source, f"/{task}", visibility)).status for task in ("t1", "t0", "x")] == [
                200,
                404,
                404,
            ]
        assert len(list(await source.select(Wanted([FilterSpec()]), 1000))) == 4  # type: ignore[arg-type]
        assert [item.task async for item in source.scan(Wanted([FilterSpec(users=["u"])]))] == ["t1"]
        await engine.dispose()
        nowhere = create_async_engine("sqlite+aiosqlite://")
        event.listen(nowhere.sync_engine, "do_connect", lost)
        gone = AsyncSqlTaskSource(nowhere, TABLE)
        assert [(await answer(gone, target, EVERYTHING)).status for target in ("", "/t1")] == [503, 503]
        with pytest.raises(ServiceUnavailable):
            await gone.remove("t1")
        with pytest.raises(ServiceUnavailable):
            await gone.put_all([plain_item("t1")])
        await nowhere.dispose()

    asyncio.run(main())


def test_scan_names_an_unreadable_row_by_its_number_in_the_answer(tmp_path: Path) -> None:
    """L-4: The number counts all rows of the answer, also those of the batches before."""

    async def main() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/tasks.db")
        table = jobs()
        async with engine.begin() as connection:
            await connection.run_sync(table.create)
            rows = [job(plain_item(f"t{n:04}")) for n in range(BATCH + 5)]
            await connection.execute(table.insert(), [*rows[:-1], rows[-1] | {"info": "{}"}])

        def item_of(row: Any) -> ListItem:
            return ListItem(task=row.id, info=Info.from_json(row.info))

        nameless = mapped(table, row=(table.c.info, table.c.id.concat("").label("id")), to_item=item_of)
        with pytest.raises(ResourceInaccessible) as raised:
            async for _ in AsyncSqlTaskSource(engine, nameless).scan(Wanted([FilterSpec()])):
                pass
        assert notes(raised.value.__cause__) == [f"while reading row {BATCH + 5} of the answer"]
        await engine.dispose()

    asyncio.run(main())
