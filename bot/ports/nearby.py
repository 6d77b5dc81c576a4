"""What is open near a place, in whatever group."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.model.desk import Similar
from bot.model.ids import GroupId, ReportId, TenantId
from bot.model.place import Point


class Nearby(Protocol):
    """Reports that BART filed itself; looks across groups, never across tenants. Errors: `StoreUnavailable`."""

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
        """Open reports of these categories within the radius, filed at `since` or later and not withdrawn,
        nearest first; without those that group `but` has an incident on. `text` is what went to the desk, "" where
        its words are not kept any more.
        """
        ...

    async def report_of(self, tenant: TenantId, desk: str, reference: str) -> ReportId | None:
        """Our own report under a desk's reference, if one of the tenant's groups has it."""
        ...
