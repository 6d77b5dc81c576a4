"""Runs effects from the work table: danger first, in order per key, again with back-off, parked in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.metrics import Metrics
from bot.model.effect import Action, WorkItem
from bot.model.errors import (
    Conflict,
    DeskCredentials,
    DeskError,
    DeskLater,
    DeskUnsure,
    Gone,
    Later,
    MovedTo,
    Refused,
    StoreUnavailable,
)
from bot.model.snapshot import Commit
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.ports.work import Work

log = structlog.get_logger()

Handler = Callable[[WorkItem], Awaitable[None]]
"""Does one effect and commits its outcome together with the end of its row."""

IDLE = timedelta(seconds=30)
"""Look at the table at least this often, also when nothing says so (another process may have written)."""
LAST_MOMENT = 1.5
"""Seconds that effects under way may take after the end; with the pages' three that is less than five."""
STORE_AWAY = 1.0
"""Seconds to wait when the database cannot be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long an effect is tried."""

    lease: timedelta = timedelta(seconds=60)
    attempts: int = 12
    desk_attempts: int = 400
    """While a desk is away. What is on its way to a desk is a resident's report: with the longest wait this is a
    week, and the hourly budget of a desk may take many turns."""
    backoff: timedelta = timedelta(seconds=5)
    backoff_limit: timedelta = timedelta(minutes=30)
    concurrency: int = 4

    def after(self, attempts: int) -> timedelta:
        """How long to wait after so many failed attempts."""
        return min(self.backoff * float(2 ** min(attempts, 20)), self.backoff_limit)


@dataclass(slots=True, kw_only=True)
class Worker:
    """`wake` is set by every commit with effects, so that nothing waits for the next look."""

    work: Work
    store: Store
    clock: Clock
    metrics: Metrics
    handlers: Mapping[Action, Handler]
    patience: Patience = field(default_factory=Patience)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """For ever. When cancelled, effects that have begun get a moment to end; the lease of one that does not
        is free as soon as this process is gone."""
        try:
            while True:
                try:
                    await self._look()
                except StoreUnavailable as error:
                    log.error("worker.store_away", error=type(error).__name__)
                    await asyncio.sleep(STORE_AWAY)
        finally:
            if self._running:
                await asyncio.wait(self._running, timeout=LAST_MOMENT)
                for task in self._running:
                    task.cancel()
                await asyncio.gather(*self._running, return_exceptions=True)

    async def run_due(self) -> int:
        """Everything that is due now, and what follows from it; for tests and commands. Returns how many."""
        done = 0
        while True:
            items = await self.work.claim(self.clock.moment().now, 50, self.patience.lease)
            if not items:
                return done
            for item in items:
                await self.do(item)
            done += len(items)

    async def _look(self) -> None:
        self.wake.clear()
        free = self.patience.concurrency - len(self._running)
        if free <= 0 or not await self._begin(free):
            await self._sleep()

    async def _begin(self, limit: int) -> int:
        """Claim what is due and start it; how many. Cancelled in the middle, what was claimed is started still:
        nobody else would know of it."""
        claiming = asyncio.ensure_future(self.work.claim(self.clock.moment().now, limit, self.patience.lease))
        try:
            await asyncio.shield(claiming)
        finally:
            items = await claiming
            for item in items:
                task = asyncio.create_task(self.do(item))
                self._running.add(task)
                task.add_done_callback(self._ended)
        return len(items)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("worker.fault", error=type(task.exception()).__name__)

    async def _sleep(self) -> None:
        now = self.clock.moment().now
        full = len(self._running) >= self.patience.concurrency
        due = None if full else await self.work.next_due(now)
        seconds = IDLE.total_seconds()
        if due is not None:
            seconds = min(max((due - self.clock.moment().now).total_seconds(), 0.0), seconds)
        try:
            async with asyncio.timeout(seconds):
                await self.wake.wait()
        except TimeoutError:
            return

    async def do(self, item: WorkItem) -> None:
        """One effect: drop it when it would mislead, run it, and decide what a failure means."""
        effect, now = item.effect, self.clock.moment().now
        if effect.not_after is not None and now > effect.not_after:
            log.warning("effect.too_late", action=effect.action, lane=effect.lane.name)
            return await self._drop(item)
        try:
            await self.handlers[effect.action](item)
        except (Gone, Refused) as error:
            log.info("effect.refused", action=effect.action, error=type(error).__name__)
            return await self._drop(item)
        except (Later, DeskLater) as error:
            return await self._again(item, now, timedelta(seconds=error.seconds), error)
        except MovedTo as error:
            # The group moves with the event that tells so; the next attempt finds it there.
            log.info("room.moved", action=effect.action)
            return await self._again(item, now, timedelta(0), error)
        except DeskUnsure as error:
            if error.for_a_person:
                return await self._park(item, now, error)
            return await self._again(item, now, timedelta(0), error)
        except (Conflict, StoreUnavailable) as error:
            return await self._give_back(item, now, error)
        except DeskCredentials as error:
            return await self._again(item, now, self.patience.backoff_limit, error)
        except Exception as error:
            log.exception("effect.failed", action=effect.action, attempts=item.attempts)
            return await self._again(item, now, timedelta(0), error)
        self.metrics.effect_ended(effect.action, "done")
        return None

    async def _again(self, item: WorkItem, now: datetime, at_least: timedelta, error: Exception) -> None:
        if item.attempts + 1 >= self._most_attempts(item, error):
            return await self._park(item, now, error)
        wait = max(self.patience.after(item.attempts), at_least)
        await self.work.retry(item.id, now + wait, type(error).__name__)
        self.metrics.effect_ended(item.effect.action, "retried")
        self.wake.set()
        return None

    def _most_attempts(self, item: WorkItem, error: Exception) -> int:
        """A desk that does not say when (0 seconds) will not be back by itself."""
        away = isinstance(error, DeskError) and not (isinstance(error, DeskLater) and error.seconds == 0)
        waits = away and item.effect.action in (Action.FILE, Action.AMEND)
        return self.patience.desk_attempts if waits else self.patience.attempts

    async def _give_back(self, item: WorkItem, now: datetime, error: Exception) -> None:
        """The database is at fault, not the effect. If even giving back fails, the lease runs out."""
        try:
            await self.work.retry(item.id, now + self.patience.backoff, type(error).__name__)
        except StoreUnavailable:
            log.error("worker.store_away", error=type(error).__name__)

    async def _park(self, item: WorkItem, now: datetime, error: Exception) -> None:
        log.error("effect.parked", action=item.effect.action, error=type(error).__name__, work=item.id)
        await self.work.park(item.id, now, type(error).__name__)
        self.metrics.effect_ended(item.effect.action, "parked")

    async def _drop(self, item: WorkItem) -> None:
        await self.store.commit(Commit(now=self.clock.moment().now, finished=(item.id,)))
        self.metrics.effect_ended(item.effect.action, "dropped")
