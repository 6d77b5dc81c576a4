"""`Work` and `Parking` on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.model.effect import Effect, Parked, WorkItem
from bot.model.ids import WorkId
from storage.sqlite.connections import Connections, Session
from storage.sqlite.keys import destroy_keys
from storage.sqlite.leases import Leases
from storage.sqlite.rows import listed, text_of, time_of, unflat, work_item
from storage.sqlite.writing import add_effects
from storage.vault import Vault

OTHERS_AGAIN = timedelta(seconds=5)
"""How soon to look again whether another process that holds a lease still lives."""


class SqliteWork:
    """See `bot.ports.work.Work`. A row whose lease ran out comes back with one attempt more."""

    def __init__(
        self, connections: Connections, vault: Vault, leases: Leases, now: Callable[[], datetime]
    ) -> None:
        self._connections = connections
        self._vault = vault
        self._leases = leases
        self._now = now

    async def claim(self, now: datetime, limit: int, lease: timedelta) -> list[WorkItem]:
        """Due rows, by lane, then due time, leased to the caller. Writes nothing when there is nothing."""
        stale = self._stale(await self._connections.fetch("leased"))
        if not stale and not await self._connections.fetch("claimable", now=text_of(now), most=1):
            return []
        async with self._connections.writing() as session:
            items = await self._take(session, now, limit)
            self._leases.hold([item.id for item in items], lease.total_seconds())
        return items

    async def next_due(self, now: datetime) -> datetime | None:
        """When `claim` will next have something; None when nothing is queued."""
        times = [time_of(row["due_at"]) for row in await self._connections.fetch("next_claimable")]
        for row in await self._connections.fetch("leased"):
            left = self._leases.remaining(row["id"], row["owner"])
            times.append(now + (OTHERS_AGAIN if left is None else timedelta(seconds=left)))
        return min(times, default=None)

    async def retry(self, item: WorkId, at: datetime, reason: str) -> None:
        """Give it back, due at `at`, one attempt more. Keeps its place in its key's order."""
        async with self._connections.writing() as session:
            await session.run("retry_work", id=item, at=text_of(at), reason=reason)
        self._leases.forget([item])

    async def park(self, item: WorkId, now: datetime, reason: str) -> None:
        """Set it aside for the operator; what it carried for one person (`to`) is wiped."""
        async with self._connections.writing() as session:
            await session.run("park_work", id=item, now=text_of(now), reason=reason)
        self._leases.forget([item])

    async def enqueue(self, effects: Sequence[Effect]) -> None:
        """For the clock: adds effects; an `idem` seen before is left out."""
        made: list[bytes] = []
        try:
            async with self._connections.writing() as session:
                await add_effects(session, self._vault, tuple(effects), self._now(), made)
        except BaseException:
            await destroy_keys(self._vault, made)
            raise

    def _stale(self, leased: Sequence[sqlite3.Row]) -> list[WorkId]:
        return [row["id"] for row in leased if self._leases.remaining(row["id"], row["owner"]) == 0.0]

    async def _take(self, session: Session, now: datetime, limit: int) -> list[WorkItem]:
        # Asked again inside the transaction: a row may have been given back and leased anew meanwhile.
        stale = self._stale(await session.run("leased"))
        if stale:
            await session.run("release", ids=listed(stale))
        rows = await session.run("claimable", now=text_of(now), most=limit)
        await session.run("lease", owner=self._leases.owner, ids=listed([row["id"] for row in rows]))
        return [work_item(row, self._vault) for row in rows]


class SqliteParking:
    """See `bot.ports.work.Parking`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def parked(self) -> list[Parked]:
        """Oldest first."""
        return [unflat(Parked, row) for row in await self._connections.fetch("parked_work")]

    async def unpark(self, item: WorkId, now: datetime) -> bool:
        """Queue it again, due now, attempts from zero; False when there is no such parked row."""
        async with self._connections.writing() as session:
            return bool(await session.run("unpark_work", id=item, now=text_of(now)))

    async def drop(self, item: WorkId) -> bool:
        """Delete a parked row; False when there is no such parked row."""
        async with self._connections.writing() as session:
            return bool(await session.run("drop_work", id=item))
