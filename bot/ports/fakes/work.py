"""A work table in memory: the plainest reading of the rules, which the real one is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.effect import Effect, Parked, WorkItem
from bot.model.ids import WorkId
from bot.ports.fakes.memory import Memory, Row


class FakeWork:
    """`Work` in memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def claim(self, now: datetime, limit: int, lease: timedelta) -> list[WorkItem]:
        """Due rows, by lane, then due time."""
        ticks = self.memory.ticks()
        for row in self.memory.work.values():
            if row.leased_until is not None and row.leased_until <= ticks:
                row.leased_until, row.reason = None, ""
                row.attempts += 1
        due = [row for row in self._free() if row.due_at <= now]
        due.sort(key=lambda row: (row.effect.lane, row.due_at, row.id))
        for row in due[:limit]:
            row.leased_until = ticks + lease.total_seconds()
        return [row.item() for row in due[:limit]]

    async def next_due(self, now: datetime) -> datetime | None:
        """When `claim` will next have something."""
        ticks = self.memory.ticks()
        leased = [row.leased_until for row in self.memory.work.values() if row.leased_until is not None]
        ends = [now + timedelta(seconds=max(0.0, until - ticks)) for until in leased]
        return min([*ends, *(row.due_at for row in self._free())], default=None)

    async def retry(self, item: WorkId, at: datetime, reason: str) -> None:
        """Due again at `at`, one attempt more."""
        row = self._queued(item)
        if row:
            row.leased_until, row.due_at, row.reason = None, at, reason
            row.attempts += 1

    async def park(self, item: WorkId, now: datetime, reason: str) -> None:
        """Set it aside without its address."""
        row = self._queued(item)
        if row:
            row.leased_until, row.parked_at, row.reason = None, now, reason
            row.effect = replace(row.effect, to=None)

    async def enqueue(self, effects: Sequence[Effect]) -> None:
        """Add effects not seen before."""
        for effect in effects:
            self.memory.enqueue(effect)

    def _queued(self, item: WorkId) -> Row | None:
        row = self.memory.work.get(item)
        return row if row and row.parked_at is None else None

    def _free(self) -> list[Row]:
        free = []
        taken: set[str] = {row.effect.key for row in self.memory.work.values() if row.stops_its_key}
        for row in sorted(self.memory.work.values(), key=lambda row: row.id):
            if row.parked_at is not None:
                continue
            key = row.effect.key
            if row.leased_until is None and (key == "" or key not in taken):
                free.append(row)
            taken.add(key)
        return free


class FakeParking:
    """`Parking` in memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def parked(self) -> list[Parked]:
        """Oldest first."""
        found = [
            Parked(
                id=row.id,
                action=row.effect.action,
                key=row.effect.key,
                attempts=row.attempts,
                parked_at=row.parked_at,
                reason=row.reason,
                group_id=row.effect.group_id,
                incident_id=row.effect.incident_id,
            )
            for row in self.memory.work.values()
            if row.parked_at is not None
        ]
        return sorted(found, key=lambda one: (one.parked_at, one.id))

    async def unpark(self, item: WorkId, now: datetime) -> bool:
        """Queue it again."""
        row = self._parked(item)
        if row is None:
            return False
        row.parked_at, row.due_at, row.attempts, row.reason = None, now, 0, ""
        return True

    async def drop(self, item: WorkId) -> bool:
        """Delete it."""
        if self._parked(item) is None:
            return False
        del self.memory.work[item]
        return True

    def _parked(self, item: WorkId) -> Row | None:
        row = self.memory.work.get(item)
        return row if row and row.parked_at is not None else None
