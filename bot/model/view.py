"""What pages and commands show of groups and reports: nothing here holds a resident's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.group import GroupState
from bot.model.ids import AccountName, GroupId, ReportId, TenantId
from bot.model.place import Place
from bot.model.report import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """A group in a list."""

    id: GroupId
    tenant_id: TenantId
    account: AccountName
    name: str
    state: GroupState
    open_reports: int
    prompts_7d: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """A report in a list, and who may be asked about it."""

    id: ReportId
    tenant_id: TenantId
    desk: str
    reference: str
    category: str
    place: Place
    status: Status
    filed_at: datetime
    changed_at: datetime
    neighbours: int
    groups: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts for metrics and health. Keys are stable metric label values."""

    groups_by_state: Mapping[str, int]
    incidents_by_stage: Mapping[str, int]
    reports_by_status: Mapping[str, int]
    work_by_action: Mapping[str, int]
    parked: int
    oldest_due_seconds: float
