"""`Housekeeping` on SQLite and the vault."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from bot.model.ids import GroupId
from bot.model.incident import OVER
from bot.model.report import Report
from bot.ports.housekeeping import Terms
from storage.sqlite.connections import Connections, Session
from storage.sqlite.keys import destroy_keys
from storage.sqlite.rows import listed, report_row, text_of, unpacked
from storage.sqlite.snapshots import SnapshotCache
from storage.vault import Vault


class SqliteHousekeeping:
    """See `bot.ports.housekeeping.Housekeeping`.

    An archived incident keeps its stage, category and dates; its record, people and places are gone,
    and so are its contributions; its report keeps what `Report.coarse` leaves.
    """

    def __init__(self, connections: Connections, vault: Vault, cache: SnapshotCache) -> None:
        self._connections = connections
        self._vault = vault
        self._cache = cache

    async def expire(self, now: datetime, terms: Terms) -> Mapping[str, int]:
        """Counts of `archived`, `erased`, `prompt_authors`, `prompts`, `deliveries`, `traffic`, `sessions`,
        `examples` and `keys`: keys that sealed nothing any more.
        """
        async with self._connections.writing() as session:
            keys, archived = await self._archive(session, now, terms)
            counts = await self._forget(session, now, terms)
            unlearned = await self._unlearn(session, now, terms)
        self._cache.distrust()
        await destroy_keys(self._vault, [*keys, *unlearned])
        swept = await self._sweep()
        await self._connections.checkpoint()
        return {"archived": archived, "erased": len(keys), **counts, "examples": len(unlearned), "keys": swept}

    async def purge(self, group: GroupId) -> bool:
        """Erase everything of a group but the append-only proofs; False when there is no such group."""
        async with self._connections.writing() as session:
            keys = [row["key_id"] for row in await session.run("purge_sealed", group_id=group)]
            keys += [row["key_id"] for row in await session.run("purge_examples", group_id=group)]
            await session.run("purge_work", group_id=group)
            await session.run("purge_reports", group_id=group)
            found = bool(await session.run("purge_group", group_id=group))
        self._cache.distrust()
        await destroy_keys(self._vault, keys)
        await self._connections.checkpoint()
        return found

    async def _archive(self, session: Session, now: datetime, terms: Terms) -> tuple[list[bytes], int]:
        over = listed(OVER)
        erased = await session.run("erase_ended", over=over, now=text_of(now))
        ended = await session.run("archive_ended", over=over, before=text_of(now - terms.ended))
        finished = await session.run("archive_finished", over=over, before=text_of(now - terms.finished))
        archived = [row["id"] for row in (*ended, *finished)]
        changed = listed([*archived, *(row["incident_id"] for row in erased)])
        groups = await session.run("groups_of_incidents", ids=changed)
        erased += await session.run("erase_sealed", ids=listed(archived))
        await session.run("delete_contributions", incidents=listed(archived))
        past = await session.run("reports_past_their_term", incidents=listed(archived))
        coarse = [report_row(unpacked(Report, row["record"]).coarse()) for row in past]
        await session.run_many("save_report", coarse)
        await session.run("bump_versions", ids=listed([row["group_id"] for row in groups]))
        return [row["key_id"] for row in erased], len(archived)

    async def _forget(self, session: Session, now: datetime, terms: Terms) -> dict[str, int]:
        authors = await session.run("wipe_authors", before=text_of(now - terms.prompt_author))
        prompts = await session.run("delete_prompts", before=text_of(now - terms.prompt))
        groups = {row["group_id"] for row in (*authors, *prompts)}
        await session.run("bump_versions", ids=listed(groups))
        deliveries = await session.run("delete_deliveries", before=text_of(now - terms.delivery))
        traffic = await session.run("delete_traffic", before=(now - terms.traffic).date().isoformat())
        sessions = await session.run("delete_sessions", now=text_of(now))
        await session.run("delete_day_keys", today=now.date().isoformat())
        return {
            "prompt_authors": len(authors),
            "prompts": len(prompts),
            "deliveries": len(deliveries),
            "traffic": len(traffic),
            "sessions": len(sessions),
        }

    async def _unlearn(self, session: Session, now: datetime, terms: Terms) -> list[bytes]:
        rows = await session.run("delete_examples", now=text_of(now), before=text_of(now - terms.example))
        await session.run("bump_versions", ids=listed({row["group_id"] for row in rows}))
        return [row["key_id"] for row in rows]

    async def _sweep(self) -> int:
        # Keys are made and used inside one write transaction. While we hold the only one, a key without a
        # row is left over from a crash, whatever the clock says.
        async with self._connections.writing() as session:
            keep = [row["key_id"] for row in await session.run("keys_in_use")]
            swept = await asyncio.to_thread(self._vault.sweep, keep)
            known = await asyncio.to_thread(self._vault.known, keep)
            sealed = await session.run("sealed_with_keys")
            lost = [row["incident_id"] for row in sealed if row["key_id"] not in known]
            await session.run("erase_sealed", ids=listed(lost))
        self._cache.distrust()
        return swept
