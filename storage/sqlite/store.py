"""`Store` on SQLite: reading. What one commit writes is in `writing.py`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from bot.model.ids import AccountName, GroupId, Room
from bot.model.snapshot import Commit, Snapshot, Traffic
from storage.sqlite.connections import Connections
from storage.sqlite.keys import destroy_keys
from storage.sqlite.leases import Leases
from storage.sqlite.rows import listed, text_of
from storage.sqlite.snapshots import Kept, SnapshotCache, Trust, read_snapshots
from storage.sqlite.writing import Writing
from storage.vault import Vault

DELIVERY_WINDOW = timedelta(hours=48)


class SqliteStore:
    """See `bot.ports.store.Store`."""

    def __init__(
        self,
        connections: Connections,
        vault: Vault,
        leases: Leases,
        cache: SnapshotCache,
        now: Callable[[], datetime],
    ) -> None:
        self._connections = connections
        self._vault = vault
        self._leases = leases
        self._cache = cache
        self._now = now

    async def groups(self, account: AccountName, rooms: Collection[Room]) -> Mapping[Room, GroupId]:
        """The groups of these rooms, as far as known."""
        rows = await self._connections.fetch("find_groups", account=account, rooms=listed(rooms))
        return {Room(row["room"]): GroupId(row["id"]) for row in rows}

    async def load(self, ids: Collection[GroupId]) -> Mapping[GroupId, Snapshot]:
        """No query at all for what was loaded before and nobody has written about; one for the versions of the
        others; a handful for those that have changed."""
        now, writes = self._now(), self._cache.writes
        trust = Trust(await self._connections.data_version(), now.date().isoformat())
        found: dict[GroupId, Kept] = {}
        traffic: dict[GroupId, Traffic] = {}
        unsure: list[GroupId] = []
        for group_id in ids:
            known = self._cache.trusted(group_id, trust)
            if known is None:
                unsure.append(group_id)
            else:
                found[group_id], traffic[group_id] = known
        if unsure:
            checked = await self._check(unsure, trust, now, traffic)
            self._cache.keep(checked, traffic, trust, writes)
            found |= checked
        return {group: kept.opened(self._vault, traffic[group], now) for group, kept in found.items()}

    async def _check(
        self, ids: Collection[GroupId], trust: Trust, now: datetime, traffic: dict[GroupId, Traffic]
    ) -> dict[GroupId, Kept]:
        found: dict[GroupId, Kept] = {}
        missing: list[GroupId] = []
        for row in await self._connections.fetch("versions", ids=listed(ids), today=trust.today):
            group_id = GroupId(row["id"])
            traffic[group_id] = Traffic(messages=row["messages"], bot_posts=row["bot_posts"])
            kept = self._cache.of_version(group_id, row["version"])
            if kept is None:
                missing.append(group_id)
            else:
                found[group_id] = kept
        if missing:
            async with self._connections.reading() as session:
                found |= await read_snapshots(session, missing, now)
        return found

    async def commit(self, commit: Commit) -> None:
        """All or nothing. A caller that is cancelled does not stop a commit that has begun."""
        await asyncio.shield(self._commit(commit))

    async def cursor(self, kind: str, name: str) -> str | None:
        """The committed cursor; `kind` is "channel" or "desk"."""
        rows = await self._connections.fetch("read_cursor", kind=kind, name=name)
        return rows[0]["cursor"] if rows else None

    async def handled(self, account: AccountName, events: Collection[str]) -> frozenset[str]:
        """Which of these event ids were committed as deliveries in the last 48 hours."""
        hashes = {self._vault.delivery(account, event): event for event in events}
        since = text_of(self._now() - DELIVERY_WINDOW)
        rows = await self._connections.fetch("read_deliveries", hashes=listed(hashes), since=since)
        return frozenset(hashes[row["hash"]] for row in rows)

    async def concerned(self, desk: str, references: Collection[str]) -> Mapping[str, tuple[GroupId, ...]]:
        """The groups that have an incident, not archived, on each of these desk references."""
        found: dict[str, list[GroupId]] = defaultdict(list)
        for row in await self._connections.fetch("concerned", desk=desk, refs=listed(references)):
            found[row["reference"]].append(GroupId(row["group_id"]))
        return {reference: tuple(groups) for reference, groups in found.items()}

    async def _commit(self, commit: Commit) -> None:
        made: list[bytes] = []
        writing: Writing | None = None
        try:
            async with self._connections.writing() as session:
                writing = Writing(session, self._vault, commit, made)
                erased = await writing.write()
        except BaseException:
            self._cache.distrust(commit.expected)
            await destroy_keys(self._vault, made)
            raise
        self._cache.distrust(writing.touched)
        self._leases.forget(commit.finished)
        await destroy_keys(self._vault, erased)
