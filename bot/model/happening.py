"""What can happen to a group: events of its channel, deadlines, and answers from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.channel import BotChanged, Chose, Deleted, Edited, Gap, MemberChanged, Moved, Said
from bot.model.desk import Filed, Similar
from bot.model.group import GroupState
from bot.model.ids import ContributionId, IncidentId, PostRef, ReportId
from bot.model.place import Place
from bot.model.reading import NOTHING, Interpretation
from bot.model.report import ContributionKind, Report, StatusChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message with its meaning. `meaning` is NOTHING for what BART may not read."""

    said: Said
    meaning: Interpretation = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """An edited message with its new meaning."""

    edited: Edited
    meaning: Interpretation = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed:
    """A timer of this incident came due. `heat` is the number of messages in the group in the last minute;
    `near` is what is open near a candidate that is about to be asked about, in other groups of the tenant."""

    incident_id: IncidentId
    heat: int = 0
    near: tuple[Similar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """The group now sees this incident's card as of `step`; None means there is no post any more."""

    incident_id: IncidentId
    step: int
    ref: PostRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A geocoder on the network answered."""

    incident_id: IncidentId
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What is open near the place of what somebody wants to file, in any group of the tenant and at the desk."""

    incident_id: IncidentId
    near: tuple[Similar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingDone:
    """The desk has it; `desk` is the desk's name in the config. `joins` is what it was added to, if anything."""

    incident_id: IncidentId
    desk: str
    filed: Filed
    joins: Similar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingDelayed:
    """The desk cannot take it now; it will be tried again."""

    incident_id: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingOff:
    """It will not be filed. `why` is "refused", "gave_up" or "no_consent"."""

    incident_id: IncidentId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """The desk took a contribution, or never will (`taken` False)."""

    incident_id: IncidentId
    contribution_id: ContributionId
    kind: ContributionKind
    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusTold:
    """A desk told a change of a report."""

    desk: str
    change: StatusChange
    kept: Report | None = None
    """The report that took it over, where the change says so and one of the tenant's groups has it."""
    neighbours: int = 0
    """How many residents see that one, in all groups together, before this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedElsewhere:
    """Residents of another group added to a report that this group has too, and the desk took it.

    `neighbours` is how many see it in all groups together, this one included; `photo` whether it was a photo.
    """

    report_id: ReportId
    neighbours: int
    photo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinDue:
    """The time of day for the batched post has come."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """An operator changed the group's state from the command line."""

    state: GroupState


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted:
    """The channel forgot its posts; show open cards again."""

    stamp: str


Happening = (
    Heard
    | Revised
    | Deleted
    | Chose
    | MemberChanged
    | BotChanged
    | Moved
    | Gap
    | DeadlinePassed
    | CardShown
    | Located
    | Compared
    | FilingDone
    | FilingDelayed
    | FilingOff
    | Amended
    | StatusTold
    | AddedElsewhere
    | BulletinDue
    | Steered
    | Restarted
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Something to count in the metrics: a name and a label value from a fixed set."""

    name: str
    label: str = ""
