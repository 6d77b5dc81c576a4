"""The database is locked by another process or its disk is full, while the real app runs: it waits and goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from bot.app import DATABASE, App
from bot.model.desk import CaseAct, CaseDeed
from bot.model.errors import StoreUnavailable
from bot.model.ids import TenantId
from bot.model.incident import Stage
from bot.model.snapshot import Commit
from tests.support.demo import GLASS, JAN, eventually, neighbourhood, press, say, stages

TENANT = TenantId("parijsplein")
LOCKED_SECONDS = 2.5


@asynccontextmanager
async def impatient(tmp_path: Path) -> AsyncIterator[App]:
    """The app, whose database gives up on a lock after a moment instead of five seconds."""
    async with neighbourhood(tmp_path, DEADLINES__RELEASE="1", QUIET__WAIT_MIN="0", QUIET__WAIT_MAX="0") as app:
        await pragma(app, "busy_timeout = 50")
        yield app


async def pragma(app: App, words: str) -> int:
    rows = list(await app.database.connections.writer.execute_fetchall(f"PRAGMA {words}"))
    return int(rows[0][0]) if rows else 0


@contextmanager
def locked(tmp_path: Path) -> Iterator[None]:
    """Somebody else writes, and takes their time."""
    with closing(sqlite3.connect(tmp_path / "data" / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@asynccontextmanager
async def full(app: App) -> AsyncIterator[None]:
    """No page more than there are now."""
    free = await pragma(app, "max_page_count")
    await pragma(app, "max_page_count = 1")
    with pytest.raises(StoreUnavailable):
        await fill(app)
    yield
    await pragma(app, f"max_page_count = {free}")


async def fill(app: App) -> None:
    """Use up the free pages inside the file."""
    clock = app.parts.clock
    for number in range(1000):
        deliveries = tuple(("nobody", clock.moment().fresh(f"{number}-{nth}")) for nth in range(100))
        await app.parts.store.commit(Commit(now=clock.moment().now, deliveries=deliveries))


async def is_asked(app: App) -> bool:
    return await stages(app) == [Stage.PROPOSED]


async def is_filed(app: App) -> bool:
    return await stages(app) == [Stage.FILED]


async def test_a_message_waits_for_a_locked_database_and_is_handled_once(tmp_path: Path) -> None:
    async with impatient(tmp_path) as app:
        with locked(tmp_path):
            saying = asyncio.create_task(say(app, "glass-1", GLASS))
            await asyncio.sleep(LOCKED_SECONDS)
            assert not saying.done()
            assert await stages(app) == []
        await saying
        await eventually(lambda: is_asked(app))


async def test_consent_given_while_the_database_is_locked_is_filed_once_after(tmp_path: Path) -> None:
    async with impatient(tmp_path) as app:
        await say(app, "glass-1", GLASS)
        await eventually(lambda: is_asked(app))
        with locked(tmp_path):
            pressing = asyncio.create_task(press(app, "Ja, melden", JAN))
            await asyncio.sleep(LOCKED_SECONDS)
            assert not pressing.done()
        await pressing
        await eventually(lambda: is_filed(app))
        assert len(await app.site.offices[TENANT].cases(TENANT)) == 1


async def test_news_of_the_desk_waits_for_a_locked_database(tmp_path: Path) -> None:
    async with impatient(tmp_path) as app:
        await say(app, "glass-1", GLASS)
        await press(app, "Ja, melden", JAN)
        await eventually(lambda: is_filed(app))
        office = app.site.offices[TENANT]
        (case,) = await office.cases(TENANT)
        with locked(tmp_path):
            await office.act(TENANT, case.reference, CaseDeed(act=CaseAct.START, by="gemeente"))
            await asyncio.sleep(LOCKED_SECONDS)

        async def is_known() -> bool:
            (line,) = await app.parts.views.reports(TENANT)
            return line.status == "in_progress"

        await eventually(is_known)


async def test_a_full_disk_loses_no_message_and_leaves_no_half_of_one(tmp_path: Path) -> None:
    async with impatient(tmp_path) as app:
        async with full(app):
            saying = asyncio.create_task(say(app, "glass-1", GLASS))
            await asyncio.sleep(LOCKED_SECONDS)
            assert not saying.done()
            assert await stages(app) == []
        await saying
        await eventually(lambda: is_asked(app))
