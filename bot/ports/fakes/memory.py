"""What the fakes of Store, Work, Parking, StaffBook, Audit, Views and Housekeeping share: one memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.model.consent import Consent, Evidence
from bot.model.effect import Effect, WorkItem
from bot.model.example import Example
from bot.model.group import Group, Member
from bot.model.ids import AccountName, GroupId, IncidentId, PersonKey, ReportId, WorkId
from bot.model.incident import Content, Incident
from bot.model.report import Contribution, Report
from bot.model.snapshot import Prompt, Traffic
from bot.model.staff import AuditEntry, StaffAccount, StaffSession
from bot.ports.clock import Clock


@dataclass(slots=True, kw_only=True)
class Row:
    """An effect in memory. `leased_until` is on the scale of `Memory.ticks`."""

    id: WorkId
    effect: Effect
    due_at: datetime
    attempts: int = 0
    leased_until: float | None = None
    parked_at: datetime | None = None
    reason: str = ""

    @property
    def stops_its_key(self) -> bool:
        """Does nothing else of its key go on?"""
        return self.parked_at is not None and self.effect.key.startswith("report:")

    def item(self) -> WorkItem:
        """As a worker gets it: due when it was last said to be."""
        effect = replace(self.effect, due_at=self.due_at)
        return WorkItem(id=self.id, effect=effect, attempts=self.attempts, reason=self.reason)


@dataclass(slots=True, kw_only=True)
class Memory:
    """All that is kept. `ticks` measures leases and never goes backwards; without it they never run out."""

    clock: Clock | None = None
    ticks: Callable[[], float] = float
    groups: dict[GroupId, Group] = field(default_factory=dict)
    members: dict[tuple[GroupId, PersonKey], Member] = field(default_factory=dict)
    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    archived: dict[IncidentId, Incident] = field(default_factory=dict)
    reports: dict[ReportId, Report] = field(default_factory=dict)
    consents: list[Consent] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    contributions: list[Contribution] = field(default_factory=list)
    contents: dict[IncidentId, Content] = field(default_factory=dict)
    prompts: dict[IncidentId, Prompt] = field(default_factory=dict)
    examples: dict[IncidentId, Example] = field(default_factory=dict)
    traffic: dict[tuple[GroupId, str], Traffic] = field(default_factory=dict)
    cursors: dict[tuple[str, str], str] = field(default_factory=dict)
    deliveries: dict[tuple[AccountName, str], datetime] = field(default_factory=dict)
    work: dict[WorkId, Row] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    accounts: dict[str, StaffAccount] = field(default_factory=dict)
    sessions: dict[str, StaffSession] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)

    def now(self) -> datetime:
        """The clock's time."""
        return self.clock.moment().now if self.clock else datetime.now(UTC)

    def enqueue(self, effect: Effect) -> None:
        """Queue an effect, unless its `idem` was seen before."""
        if effect.idem in self.seen:
            return
        self.seen.add(effect.idem)
        number = WorkId(len(self.seen))
        self.work[number] = Row(id=number, effect=effect, due_at=effect.due_at)

    def bump(self, groups: set[GroupId]) -> None:
        """One version more for each of these groups that exist."""
        for group_id in groups & self.groups.keys():
            group = self.groups[group_id]
            self.groups[group_id] = replace(group, version=group.version + 1)
