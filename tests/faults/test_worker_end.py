"""The worker is told to end: what it has claimed is done, and what hangs does not hold it up."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import datetime, timedelta

from bot.metrics import Metrics
from bot.model.effect import Action, WorkItem
from bot.model.snapshot import Commit
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.memory import Memory
from bot.ports.fakes.store import FakeStore
from bot.ports.fakes.work import FakeWork
from bot.worker import LAST_MOMENT, Handler, Worker
from tests.support.records import an_effect


class SlowWork(FakeWork):
    """Rows are leased at once; that they are takes a while to be told, as with a database in a thread."""

    async def claim(self, now: datetime, limit: int, lease: timedelta) -> list[WorkItem]:
        items = await super().claim(now, limit, lease)
        await asyncio.sleep(0.2)
        return items


class House:
    """A worker over fakes, with one effect that is due."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.memory = Memory(clock=self.clock, ticks=time.monotonic)
        self.memory.enqueue(an_effect(action=Action.POST, due_at=self.clock.now))
        self.done: list[int] = []

    def worker(self, work: FakeWork, handler: Handler) -> Worker:
        return Worker(
            work=work,
            store=FakeStore(self.memory),
            clock=self.clock,
            metrics=Metrics(),
            handlers={Action.POST: handler},
        )

    async def finish(self, item: WorkItem) -> None:
        """A handler that needs a moment."""
        await asyncio.sleep(0.1)
        await FakeStore(self.memory).commit(Commit(now=self.clock.now, finished=(item.id,)))
        self.done.append(item.id)


async def run_for(worker: Worker, seconds: float) -> float:
    """Let it run, end it, and return how long the end took."""
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(seconds)
    began = time.monotonic()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return time.monotonic() - began


async def test_an_effect_that_has_begun_may_end() -> None:
    house = House()
    await run_for(house.worker(FakeWork(house.memory), house.finish), 0.05)
    assert len(house.done) == 1
    assert house.memory.work == {}


async def test_what_was_claimed_as_the_end_came_is_done_and_not_left_leased() -> None:
    house = House()
    await run_for(house.worker(SlowWork(house.memory), house.finish), 0.05)
    assert len(house.done) == 1
    assert house.memory.work == {}


async def test_an_effect_that_hangs_does_not_hold_up_the_end() -> None:
    house = House()

    async def hang(_: WorkItem) -> None:
        await asyncio.sleep(60)

    seconds = await run_for(house.worker(FakeWork(house.memory), hang), 0.05)
    assert LAST_MOMENT <= seconds < LAST_MOMENT + 1
    # It is still there for whoever comes next.
    assert len(house.memory.work) == 1
