"""One SQLite file and its vault, opened together."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.ports.clock import Clock
from storage.sqlite.connections import Connections, connect
from storage.sqlite.examples import SqliteExamples
from storage.sqlite.housekeeping import SqliteHousekeeping
from storage.sqlite.leases import leases
from storage.sqlite.nearby import SqliteNearby
from storage.sqlite.snapshots import SnapshotCache
from storage.sqlite.staff import SqliteAudit, SqliteStaffBook
from storage.sqlite.store import SqliteStore
from storage.sqlite.views import SqliteViews
from storage.sqlite.work import SqliteParking, SqliteWork
from storage.vault import Vault

BUSY_SECONDS = 5.0
"""How long a write waits for another process before it is `StoreUnavailable`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An implementation of each port on one file."""

    store: SqliteStore
    work: SqliteWork
    parking: SqliteParking
    staff: SqliteStaffBook
    audit: SqliteAudit
    views: SqliteViews
    nearby: SqliteNearby
    examples: SqliteExamples
    housekeeping: SqliteHousekeeping
    connections: Connections


@asynccontextmanager
async def open_database(
    path: Path,
    vault: Vault,
    clock: Clock | None = None,
    *,
    busy: float = BUSY_SECONDS,
    ticks: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Database]:
    """The database at `path`, made or brought up to date first.

    `clock` is for replay and tests; `ticks` (seconds, never backwards) measures leases. Raises
    `NewerDatabase` and `StoreUnavailable`.
    """

    def now() -> datetime:
        return clock.moment().now if clock else datetime.now(UTC)

    async with connect(path, busy) as connections:
        cache = SnapshotCache()
        with leases(path, ticks) as held:
            yield Database(
                store=SqliteStore(connections, vault, held, cache, now),
                work=SqliteWork(connections, vault, held, now),
                parking=SqliteParking(connections),
                staff=SqliteStaffBook(connections),
                audit=SqliteAudit(connections),
                views=SqliteViews(connections, now),
                nearby=SqliteNearby(connections, vault),
                examples=SqliteExamples(connections, vault),
                housekeeping=SqliteHousekeeping(connections, vault, cache),
                connections=connections,
            )
