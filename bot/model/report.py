"""A report: one problem in the real world, filed with a desk under a reference; and its state machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.model.errors import IllegalMove
from bot.model.ids import ConsentId, ContributionId, IncidentId, PersonKey, ReportId, TenantId
from bot.model.place import Place, Point


class Status(StrEnum):
    """What a desk says about a report."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    PLANNED = "planned"
    FORWARDED = "forwarded"
    NEEDS_ANSWER = "needs_answer"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    REOPENED = "reopened"

    @property
    def is_open(self) -> bool:
        """Is somebody still expected to act?"""
        return self not in (Status.CLOSED, Status.CANCELLED)


_WORKING = frozenset(
    {
        Status.IN_PROGRESS,
        Status.PLANNED,
        Status.FORWARDED,
        Status.NEEDS_ANSWER,
        Status.CLOSED,
        Status.CANCELLED,
    }
)

MOVES: dict[Status, frozenset[Status]] = {
    Status.RECEIVED: _WORKING,
    Status.IN_PROGRESS: _WORKING - {Status.IN_PROGRESS},
    Status.PLANNED: _WORKING,
    Status.FORWARDED: _WORKING,
    Status.NEEDS_ANSWER: _WORKING | {Status.RECEIVED},
    Status.REOPENED: _WORKING,
    Status.CLOSED: frozenset({Status.REOPENED}),
    Status.CANCELLED: frozenset({Status.REOPENED}),
}
"""Every move a report can make. PLANNED → PLANNED is a new date, NEEDS_ANSWER again a new question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the desk wants to know."""

    text: str
    asked_at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`note` is the desk's own explanation of the current status; `party` who it was forwarded to.

    `moves` counts status changes, so that the second "closed" after a reopening is news again.
    """

    id: ReportId
    tenant_id: TenantId
    desk: str
    reference: str
    category: str
    place: Place
    filed_at: datetime
    changed_at: datetime
    status: Status = Status.RECEIVED
    moves: int = 0
    note: str = ""
    party: str = ""
    planned_for: datetime | None = None
    question: Question | None = None
    link: str = ""
    merged_into: ReportId | None = None
    """The report that took this one over; its incidents follow that one."""
    withdrawn: bool = False
    photos: int = 0
    """How many photos of residents the desk took, from whatever group."""

    def move(self, change: StatusChange) -> Report:
        """The report after a change told by its desk; raises `IllegalMove`."""
        if change.status not in MOVES[self.status]:
            raise IllegalMove("report", self.status, change.status)
        question = None
        if change.status is Status.NEEDS_ANSWER:
            question = Question(text=change.note, asked_at=change.at, until=change.until)
        return replace(
            self,
            status=change.status,
            moves=self.moves + 1,
            changed_at=change.at,
            note=change.note,
            party=change.party,
            planned_for=change.until if change.status is Status.PLANNED else None,
            question=question,
        )

    def coarse(self) -> Report:
        """What is left when its term is over: category, dates and about where. No home, no words of anybody."""
        point = self.place.point
        if self.place.home and point is not None:
            point = Point(lat=round(point.lat, 2), lon=round(point.lon, 2))
        place = Place(label=self.place.public_label, point=point, source=self.place.source)
        return replace(self, place=place, note="", party="", question=None, link="")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """One change as a desk tells it.

    `until` is the planned date for PLANNED and the last day to answer for NEEDS_ANSWER.
    `merged_into` is the desk's reference of the report that took this one over.
    """

    reference: str
    status: Status
    at: datetime
    note: str = ""
    party: str = ""
    until: datetime | None = None
    merged_into: str = ""


class ContributionKind(StrEnum):
    """What a resident adds to a report."""

    OBSERVATION = "observation"
    """The consented text that made, or was joined to, the report."""
    STILL = "still"
    """"Still there", "here too": counted, no words."""
    ADDITION = "addition"
    """Consented words added later."""
    PHOTO = "photo"
    SOLVED = "solved"
    """A neighbour says it is solved."""
    NOT_SOLVED = "not_solved"
    """A neighbour says it is not solved although the desk closed it: please reopen."""
    ANSWER = "answer"
    """The answer to a desk's question."""
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One thing a resident added. Words, if any, are sealed with the incident's key."""

    id: ContributionId
    tenant_id: TenantId
    incident_id: IncidentId
    person: PersonKey
    kind: ContributionKind
    at: datetime
    consent_id: ConsentId | None = None
