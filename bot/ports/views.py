"""The read side, for pages, commands and metrics."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.model.consent import Evidence
from bot.model.ids import GroupId, ReportId, TenantId
from bot.model.view import Figures, GroupLine, ReportLine


class Views(Protocol):
    """Lists without residents' words. `tenant` None means all, for the operator's command line."""

    async def groups(self, tenant: TenantId | None) -> list[GroupLine]: ...

    async def reports(
        self, tenant: TenantId | None, open_only: bool = False, limit: int = 500
    ) -> list[ReportLine]:
        """Newest first."""
        ...

    async def report(self, tenant: TenantId | None, report: ReportId) -> ReportLine | None: ...

    async def evidence(self, group: GroupId) -> list[Evidence]:
        """The append-only record of a group, oldest first."""
        ...

    async def figures(self, now: datetime) -> Figures: ...
