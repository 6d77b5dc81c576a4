"""The read side of what is in memory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from bot.model.consent import Evidence
from bot.model.group import Group
from bot.model.ids import GroupId, ReportId, TenantId
from bot.model.incident import Incident
from bot.model.report import Report
from bot.model.view import Figures, GroupLine, ReportLine
from bot.ports.fakes.memory import Memory

PROMPT_WINDOW = timedelta(days=7)


class FakeViews:
    """`Views` in memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def groups(self, tenant: TenantId | None) -> list[GroupLine]:
        """By name."""
        mine = [one for one in self.memory.groups.values() if tenant in (None, one.tenant_id)]
        return [self._group_line(group) for group in sorted(mine, key=lambda one: (one.name, one.id))]

    async def reports(
        self, tenant: TenantId | None, open_only: bool = False, limit: int = 500
    ) -> list[ReportLine]:
        """Newest first."""
        mine = [
            one
            for one in self.memory.reports.values()
            if tenant in (None, one.tenant_id)
            and (one.status.is_open or not open_only)
            and one.merged_into is None
        ]
        mine.sort(key=lambda one: (one.filed_at, one.id), reverse=True)
        return [self._report_line(one) for one in mine[:limit]]

    async def report(self, tenant: TenantId | None, report: ReportId) -> ReportLine | None:
        """One report of this tenant."""
        found = self.memory.reports.get(report)
        return self._report_line(found) if found and tenant in (None, found.tenant_id) else None

    async def evidence(self, group: GroupId) -> list[Evidence]:
        """The record of a group, oldest first."""
        return [one for one in self.memory.evidence if one.group_id == group]

    async def figures(self, now: datetime) -> Figures:
        """Counts of one moment."""
        memory = self.memory
        queued = [row for row in memory.work.values() if row.parked_at is None]
        oldest = min((row.due_at for row in queued), default=now)
        return Figures(
            groups_by_state=Counter(str(one.state) for one in memory.groups.values()),
            incidents_by_stage=Counter(str(one.stage) for one in memory.incidents.values()),
            reports_by_status=Counter(str(one.status) for one in memory.reports.values()),
            work_by_action=Counter(str(row.effect.action) for row in queued),
            parked=len(memory.work) - len(queued),
            oldest_due_seconds=max(0.0, (now - oldest).total_seconds()),
        )

    def _group_line(self, group: Group) -> GroupLine:
        memory, since = self.memory, self.memory.now() - PROMPT_WINDOW
        reports = {one.report_id for one in memory.incidents.values() if one.group_id == group.id}
        prompts = [one for one in memory.prompts.values() if one.group_id == group.id and one.asked_at > since]
        return GroupLine(
            id=group.id,
            tenant_id=group.tenant_id,
            account=group.account,
            name=group.name,
            state=group.state,
            open_reports=sum(one.status.is_open for one in memory.reports.values() if one.id in reports),
            prompts_7d=len(prompts),
        )

    def _report_line(self, report: Report) -> ReportLine:
        about = [one for one in self._every_incident() if one.report_id == report.id]
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
            neighbours=sum(len(one.witnesses | {one.author}) for one in about),
            groups=len({one.group_id for one in about}),
            note=report.note,
        )

    def _every_incident(self) -> list[Incident]:
        return [*self.memory.incidents.values(), *self.memory.archived.values()]
