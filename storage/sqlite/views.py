"""`Views` on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.model.consent import Evidence
from bot.model.ids import GroupId, ReportId, TenantId
from bot.model.report import Report
from bot.model.view import Figures, GroupLine, ReportLine
from storage.sqlite.connections import Connections, Session
from storage.sqlite.rows import text_of, time_of, unflat, unpacked

PROMPT_WINDOW = timedelta(days=7)


class SqliteViews:
    """See `bot.ports.views.Views`."""

    def __init__(self, connections: Connections, now: Callable[[], datetime]) -> None:
        self._connections = connections
        self._now = now

    async def groups(self, tenant: TenantId | None) -> list[GroupLine]:
        """By name."""
        since = text_of(self._now() - PROMPT_WINDOW)
        rows = await self._connections.fetch("list_groups", tenant=tenant, since=since)
        return [unflat(GroupLine, row) for row in rows]

    async def reports(
        self, tenant: TenantId | None, open_only: bool = False, limit: int = 500
    ) -> list[ReportLine]:
        """Newest first."""
        statement = "list_open_reports" if open_only else "list_reports"
        rows = await self._connections.fetch(statement, tenant=tenant, most=limit)
        return [_report_line(row) for row in rows]

    async def report(self, tenant: TenantId | None, report: ReportId) -> ReportLine | None:
        """One report of this tenant."""
        rows = await self._connections.fetch("view_report", tenant=tenant, id=report)
        return _report_line(rows[0]) if rows else None

    async def evidence(self, group: GroupId) -> list[Evidence]:
        """The append-only record of a group, oldest first."""
        return [unflat(Evidence, row) for row in await self._connections.fetch("list_evidence", group_id=group)]

    async def figures(self, now: datetime) -> Figures:
        """Counts of one moment. Archived incidents are left out."""
        async with self._connections.reading() as session:
            (parked,) = await session.run("count_parked")
            (oldest,) = await session.run("oldest_due", now=text_of(now))
            due = time_of(oldest["due_at"]) if oldest["due_at"] else now
            return Figures(
                groups_by_state=await _counts(session, "count_groups"),
                incidents_by_stage=await _counts(session, "count_incidents"),
                reports_by_status=await _counts(session, "count_reports"),
                work_by_action=await _counts(session, "count_work"),
                parked=parked["many"],
                oldest_due_seconds=(now - due).total_seconds(),
            )


async def _counts(session: Session, statement: str) -> dict[str, int]:
    return {row["label"]: row["many"] for row in await session.run(statement)}


def _report_line(row: sqlite3.Row) -> ReportLine:
    report = unpacked(Report, row["record"])
    return ReportLine(
        id=report.id,
        tenant_id=report.tenant_id,
        desk=report.desk,
        reference=report.reference,
        category=report.category,
        place=report.place,
        status=report.status,
        filed_at=report.filed_at,
        changed_at=report.changed_at,
        neighbours=row["neighbours"],
        groups=row["groups"],
        note=report.note,
    )
