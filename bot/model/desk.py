"""What goes in and out of a desk, and what its staff see at the embedded one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.ids import ReportId, TenantId
from bot.model.place import Place
from bot.model.report import ContributionKind, Question, Status, StatusChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A consented report on its way to a desk. `own` is our reference, to look it up by before repeating."""

    own: str
    tenant_id: TenantId
    category: str
    text: str
    place: Place
    seen_at: datetime
    contact: str = ""
    neighbours: int = 1
    """How many residents see it, the author included."""
    about: str = ""
    """The desk's reference of an earlier report this one continues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """The desk has it."""

    reference: str
    link: str = ""
    status: Status = Status.RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What a resident adds to a filed report. `photo` is a cleaned JPEG. `own` as in `Filing`."""

    own: str
    kind: ContributionKind
    at: datetime
    text: str = ""
    photo: bytes | None = None
    neighbours: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """An open report near a place, filed by whoever, in whatever group.

    A desk fills in the first five; the host adds `desk`, the desk's name in the config. `report_id` and
    `neighbours` are of a report that BART filed itself. `text` is only ever compared, in memory: it is never
    shown, logged or kept.
    """

    reference: str
    category: str
    place: Place
    filed_at: datetime
    status: Status
    desk: str = ""
    report_id: ReportId | None = None
    neighbours: int = 0
    text: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """What tells it from every other."""
        return f"{self.desk}:{self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Status changes in order, and the cursor that stands for having handled all of them."""

    cursor: str
    changes: tuple[StatusChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCapabilities:
    """What a desk can do, as data. New fields always get defaults."""

    photos: bool = True
    fine_states: bool = True
    """Does it tell more than open and closed, with the words of staff?"""
    questions: bool = True
    reopens: bool = True
    searches_own: bool = True
    """Can our own reference be looked up? If not, an unknown outcome is parked for a person."""
    withdraws: bool = True
    searches_near: bool = True
    """Can open reports near a place be searched (`Desk.similar`)? Where not, nobody asks."""
    adds: bool = True
    """Can words and counts be added to a filed report? Where not, `Desk.add` refuses those."""
    dated: bool = True
    """Do a planned date and the party a report went to come as data, and not only in words?"""
    forgets: bool = True
    """Does a withdrawal take the contact details away? Where not, it asks staff to."""
    poll_seconds: float = 120.0
    rehearsal: bool = False
    """Does nobody act on what is filed? Then residents read that it is a rehearsal."""


class CaseAct(StrEnum):
    """What staff do with a case at the embedded desk."""

    START = "start"
    PLAN = "plan"
    ASK = "ask"
    FORWARD = "forward"
    CLOSE = "close"
    CANCEL = "cancel"
    REOPEN = "reopen"


STATUS_AFTER: dict[CaseAct, Status] = {
    CaseAct.START: Status.IN_PROGRESS,
    CaseAct.PLAN: Status.PLANNED,
    CaseAct.ASK: Status.NEEDS_ANSWER,
    CaseAct.FORWARD: Status.FORWARDED,
    CaseAct.CLOSE: Status.CLOSED,
    CaseAct.CANCEL: Status.CANCELLED,
    CaseAct.REOPEN: Status.REOPENED,
}


class CaseMark(StrEnum):
    """What staff do among themselves; no status changes by it, but for a case that is merged into another."""

    ASSIGNED = "assigned"
    """`party` has it now; "" is nobody."""
    MERGED = "merged"
    """The case under reference `party` took this one over."""
    ABSORBED = "absorbed"
    """This one took over the case under reference `party`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    """One line of a case's thread: a contribution of residents or an act of staff."""

    at: datetime
    kind: str
    """A `ContributionKind`, a `Status` or a `CaseMark`."""
    text: str = ""
    by: str = ""
    """Staff's account name; "" for residents."""
    photo: str = ""
    """Id of a photo of this case."""
    party: str = ""
    """Who took over, for FORWARDED; for a `CaseMark` as it says."""
    until: datetime | None = None
    """The planned date for PLANNED, the last day to answer for NEEDS_ANSWER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A report as the embedded desk's staff see it."""

    reference: str
    category: str
    text: str
    place: Place
    status: Status
    received_at: datetime
    changed_at: datetime
    seen_at: datetime
    neighbours: int
    contact: str = ""
    about: str = ""
    """The reference of the earlier case this one continues."""
    question: Question | None = None
    thread: tuple[CaseEntry, ...] = ()
    photos: tuple[str, ...] = ()
    assigned: str = ""
    """The account name of the colleague who has it."""
    merged_into: str = ""
    """The reference of the case that took this one over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeed:
    """An act of staff, checked by the desk: `text` is the explanation residents read.

    `until` is the planned date (PLAN) or the last day to answer (ASK); `party` who takes over (FORWARD).
    """

    act: CaseAct
    by: str
    text: str = ""
    party: str = ""
    until: datetime | None = None


CONTRIBUTION_TEXT_LIMIT = 3000
"""Characters; the limit of Signalen's `text` (contract)."""

KINDS_WITH_WORDS = frozenset({ContributionKind.OBSERVATION, ContributionKind.ADDITION, ContributionKind.ANSWER})
