"""`Nearby` on SQLite."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Collection
from datetime import datetime

from bot.model.desk import Similar
from bot.model.ids import GroupId, IncidentId, ReportId, TenantId
from bot.model.place import EARTH_RADIUS_M, Point
from bot.model.report import Report
from storage.sqlite.connections import Connections, Session
from storage.sqlite.rows import listed, open_content, text_of, unpacked
from storage.vault import Vault


class SqliteNearby:
    """See `bot.ports.nearby.Nearby`."""

    def __init__(self, connections: Connections, vault: Vault) -> None:
        self._connections = connections
        self._vault = vault

    async def open_near(
        self,
        tenant: TenantId,
        categories: Collection[str],
        point: Point,
        radius_m: float,
        since: datetime,
        *,
        but: GroupId | None = None,
    ) -> tuple[Similar, ...]:
        """Nearest first."""
        # A little wider than the radius: the box only keeps far ones from being read.
        span = math.degrees(radius_m / EARTH_RADIUS_M) * 1.001
        async with self._connections.reading() as session:
            rows = await session.run(
                "open_near",
                tenant=tenant,
                categories=listed(categories),
                since=text_of(since),
                but=but,
                south=point.lat - span,
                north=point.lat + span,
            )
            near = sorted(_within(rows, point, radius_m), key=lambda each: (each[0], each[1]["id"]))
            return tuple([await self._similar(session, row) for _, row in near])

    async def report_of(self, tenant: TenantId, desk: str, reference: str) -> ReportId | None:
        """The oldest there is."""
        rows = await self._connections.fetch("report_of", tenant=tenant, desk=desk, reference=reference)
        return ReportId(rows[0]["id"]) if rows else None

    async def _similar(self, session: Session, row: sqlite3.Row) -> Similar:
        report = unpacked(Report, row["record"])
        return Similar(
            reference=report.reference,
            category=report.category,
            place=report.place,
            filed_at=report.filed_at,
            status=report.status,
            desk=report.desk,
            report_id=report.id,
            neighbours=row["neighbours"],
            text=await self._text(session, report.id),
        )

    async def _text(self, session: Session, report: ReportId) -> str:
        """What went to the desk, opened for comparing only."""
        for row in await session.run("sealed_of_report", report=report):
            key = self._vault.key(row["key_id"])
            content = open_content(key, IncidentId(row["incident_id"]), row["content"]) if key else None
            if content is not None and content.outgoing:
                return content.outgoing
        return ""


def _within(rows: Collection[sqlite3.Row], point: Point, radius_m: float) -> list[tuple[float, sqlite3.Row]]:
    found = []
    for row in rows:
        away = Point(lat=row["lat"], lon=row["lon"]).metres_to(point)
        if away <= radius_m:
            found.append((away, row))
    return found
