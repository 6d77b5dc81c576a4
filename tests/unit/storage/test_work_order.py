"""Whatever happens in whatever order: the work table hands out the same rows as the plainest reading of it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.model.effect import Lane, WorkItem
from bot.model.snapshot import Commit
from tests.support.backends import Backend, open_backend
from tests.support.records import an_effect

Result = TypeVar("Result")

KEYS = st.sampled_from(["", "chat:a", "chat:b", "report:a", "report:b"])
SECONDS = st.integers(min_value=0, max_value=90)
LEASE = timedelta(seconds=60)


class WorkOrder(RuleBasedStateMachine):
    """Drives the fake and SQLite with the same calls. Both number their rows alike: 1, 2, 3, …"""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.both: list[Backend] = [
            self.run(self.stack.enter_async_context(open_backend(kind, Path(self.folder.name))))
            for kind in ("fake", "sqlite")
        ]
        self.count = 0
        self.held: list[WorkItem] = []

    def run(self, awaitable: Awaitable[Result]) -> Result:
        """Wait for it."""
        return self.loop.run_until_complete(awaitable)

    @property
    def now(self) -> datetime:
        """The time by both clocks."""
        return self.both[0].time.clock.now

    @rule(key=KEYS, lane=st.sampled_from(Lane), wait=SECONDS)
    def queue(self, key: str, lane: Lane, wait: int) -> None:
        self.count += 1
        effect = an_effect(f"e{self.count}", key=key, lane=lane, due_at=self.now + timedelta(seconds=wait))
        for one in self.both:
            self.run(one.work.enqueue([effect]))

    @rule(limit=st.integers(min_value=1, max_value=4))
    def claim(self, limit: int) -> None:
        fake, real = (self.run(one.work.claim(self.now, limit, LEASE)) for one in self.both)
        assert fake == real
        keys = [item.effect.key for item in real if item.effect.key]
        assert len(keys) == len(set(keys))
        self.held += real

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        item = self.pick(data)
        for one in self.both:
            self.run(one.store.commit(Commit(now=self.now, finished=(item.id,))))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), wait=SECONDS)
    def retry(self, data: st.DataObject, wait: int) -> None:
        item = self.pick(data)
        for one in self.both:
            self.run(one.work.retry(item.id, self.now + timedelta(seconds=wait), "Later"))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def park(self, data: st.DataObject) -> None:
        item = self.pick(data)
        for one in self.both:
            self.run(one.work.park(item.id, self.now, "Refused"))

    @rule(data=st.data(), drop=st.booleans())
    def unpark_or_drop(self, data: st.DataObject, drop: bool) -> None:
        parked = self.run(self.both[0].parking.parked())
        if not parked:
            return
        item = data.draw(st.sampled_from([one.id for one in parked]))
        for one in self.both:
            assert self.run(one.parking.drop(item) if drop else one.parking.unpark(item, self.now))

    @rule(seconds=SECONDS, jump=st.integers(min_value=-3600, max_value=3600))
    def time_passes(self, seconds: int, jump: int) -> None:
        for one in self.both:
            one.time.go_by(seconds)
            one.time.clock.advance(jump)

    @invariant()
    def both_agree(self) -> None:
        fake, real = ((one.parking.parked(), one.work.next_due(self.now)) for one in self.both)
        assert [self.run(part) for part in fake] == [self.run(part) for part in real]

    def pick(self, data: st.DataObject) -> WorkItem:
        """A row that was claimed, perhaps long ago."""
        return self.held.pop(data.draw(st.integers(min_value=0, max_value=len(self.held) - 1)))

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()


WorkOrder.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestWorkOrder = WorkOrder.TestCase
