"""What is open near a place, in memory."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.model.desk import Similar
from bot.model.ids import GroupId, ReportId, TenantId
from bot.model.place import Point
from bot.model.report import Report
from bot.ports.fakes.memory import Memory


class FakeNearby:
    """`Nearby` in memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

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
        found = []
        for report in self.memory.reports.values():
            mine = report.tenant_id == tenant and report.category in categories and report.status.is_open
            away = report.place.point.metres_to(point) if report.place.point else radius_m + 1
            if mine and away <= radius_m and report.filed_at >= since and not report.withdrawn:
                similar = self._similar(report, but)
                found += [(away, report.id, similar)] if similar else []
        return tuple(one for _, _, one in sorted(found, key=lambda each: each[:2]))

    async def report_of(self, tenant: TenantId, desk: str, reference: str) -> ReportId | None:
        """The first there is."""
        for report in self.memory.reports.values():
            if (report.tenant_id, report.desk, report.reference) == (tenant, desk, reference):
                return report.id
        return None

    def _similar(self, report: Report, but: GroupId | None) -> Similar | None:
        on = [one for one in self.memory.incidents.values() if one.report_id == report.id]
        if not on or but in {one.group_id for one in on}:
            return None
        texts = [self.memory.contents[one.id].outgoing for one in on if one.id in self.memory.contents]
        return Similar(
            reference=report.reference,
            category=report.category,
            place=report.place,
            filed_at=report.filed_at,
            status=report.status,
            desk=report.desk,
            report_id=report.id,
            neighbours=sum(len(one.witnesses | {one.author}) for one in on),
            text=next((text for text in texts if text), ""),
        )
