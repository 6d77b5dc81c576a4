"""An incident: one real-world problem as the process sees it in a group, from first message to closed report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.model.desk import Similar
from bot.model.errors import IllegalMove
from bot.model.ids import (
    Address,
    ConsentId,
    ContributionId,
    GroupId,
    IncidentId,
    PersonKey,
    PostRef,
    ReportId,
    TenantId,
)
from bot.model.place import Place


class Stage(StrEnum):
    """Where an incident stands in the process."""

    HELD = "held"
    """A candidate; BART waits until its author has finished, and for its turn."""
    PROPOSED = "proposed"
    """The group is asked; lapses."""
    SIMILAR = "similar"
    """It may be reported already, here or elsewhere; the author is asked whether it is the same."""
    LOCATING = "locating"
    """The author said yes; the place is missing or unsure."""
    ADMIN = "admin"
    """The author said yes; the group's policy wants an admin's yes as well."""
    RELEASED = "released"
    """Consent is given and shown; filed when the deadline passes without [Toch niet]."""
    FILING = "filing"
    """On its way to the desk."""
    FILED = "filed"
    """It has a report."""
    DANGER = "danger"
    """The 112 card stands."""
    SELF_HELP = "self_help"
    """A resident solves it."""
    SOLVED = "solved"
    """Solved by neighbours, never filed."""
    LAPSED = "lapsed"
    DECLINED = "declined"
    DROPPED = "dropped"
    """Held back by a quiet rule, or taken over by another incident."""
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    """The desk never took it."""
    FINISHED = "finished"
    """Its report is closed and neighbours had their say."""

    @property
    def is_over(self) -> bool:
        """Does nothing more follow?"""
        return self in OVER

    @property
    def is_unfiled(self) -> bool:
        """May its words still be kept from leaving?"""
        return self in UNFILED


class Learning(StrEnum):
    """Was the author asked whether this message may be kept to learn from?"""

    NOT_ASKED = "not_asked"
    OPEN = "open"
    CLOSED = "closed"
    """Answered, or too late."""


OVER = frozenset(
    {
        Stage.SOLVED,
        Stage.LAPSED,
        Stage.DECLINED,
        Stage.DROPPED,
        Stage.WITHDRAWN,
        Stage.FAILED,
        Stage.FINISHED,
    }
)
UNFILED = frozenset(
    {
        Stage.HELD,
        Stage.PROPOSED,
        Stage.SIMILAR,
        Stage.LOCATING,
        Stage.ADMIN,
        Stage.RELEASED,
        Stage.DANGER,
        Stage.SELF_HELP,
    }
)
ASKING = frozenset({Stage.PROPOSED, Stage.SIMILAR})
"""An open question about a new message."""
_UNASKED_ENDS = frozenset({Stage.DROPPED, Stage.WITHDRAWN, Stage.LAPSED})
_ENDS = _UNASKED_ENDS | {Stage.DECLINED}

STAGE_MOVES: dict[Stage, frozenset[Stage]] = {
    Stage.HELD: _UNASKED_ENDS | {Stage.PROPOSED, Stage.DANGER},
    Stage.DANGER: _UNASKED_ENDS | {Stage.HELD},
    Stage.PROPOSED: _ENDS
    | {
        Stage.SIMILAR,
        Stage.FILED,
        Stage.LOCATING,
        Stage.ADMIN,
        Stage.RELEASED,
        Stage.SELF_HELP,
        Stage.DANGER,
    },
    Stage.SIMILAR: _ENDS | {Stage.PROPOSED, Stage.RELEASED, Stage.FILED, Stage.DANGER},
    Stage.LOCATING: _ENDS | {Stage.ADMIN, Stage.RELEASED},
    Stage.ADMIN: _ENDS | {Stage.RELEASED},
    Stage.RELEASED: _ENDS | {Stage.FILING, Stage.SIMILAR},
    Stage.SELF_HELP: _ENDS | {Stage.SOLVED, Stage.LOCATING, Stage.ADMIN, Stage.RELEASED},
    Stage.FILING: frozenset({Stage.FILED, Stage.FAILED, Stage.WITHDRAWN, Stage.DROPPED}),
    Stage.FILED: frozenset({Stage.FINISHED, Stage.WITHDRAWN}),
    Stage.FINISHED: frozenset({Stage.FILED}),
} | dict.fromkeys(OVER - {Stage.FINISHED}, frozenset())
"""Every move an incident can make. FINISHED → FILED is a reopening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """No words in here: those are in its sealed `Content`.

    `step` goes up with everything its card shows; `card` is the bot's post, `shown` the step it shows.
    `source` is the author's post, for replying to it and for noticing that it was edited or deleted.
    """

    id: IncidentId
    tenant_id: TenantId
    group_id: GroupId
    author: PersonKey
    stage: Stage
    began_at: datetime
    changed_at: datetime
    category: str
    sources: tuple[PostRef, ...] = ()
    place: Place | None = None
    choices: tuple[Place, ...] = ()
    """Places to pick from while LOCATING."""
    deadline: datetime | None = None
    asked_at: datetime | None = None
    on_request: bool = False
    """The author spoke to BART: quiet limits do not apply."""
    despite_opt_out: bool = False
    """The author had opted out and still asked for this one with /meld."""
    sensitive: bool = False
    """About people: never repeated, never released by others."""
    hint: str = ""
    """A finer kind within the category that has its own text ("gas")."""
    danger_called: bool = False
    danger_noes: frozenset[PersonKey] = frozenset()
    yes_by: PersonKey | None = None
    """Who said yes; the consent itself follows when the place is known."""
    consent_id: ConsentId | None = None
    neutral: bool = False
    """What goes out is the neutral text about the thing, not the author's words."""
    contact_wanted: bool = False
    witnesses: frozenset[PersonKey] = frozenset()
    """Who else has seen it."""
    solved_by: frozenset[PersonKey] = frozenset()
    report_id: ReportId | None = None
    similar: Similar | None = None
    """While SIMILAR: what it may be the same as. Later: what it joins or has joined, filed by others."""
    unlike: frozenset[str] = frozenset()
    """What its author said to be something else (`Similar.key`)."""
    words_from: frozenset[PersonKey] = frozenset()
    """Whose next words go to the desk, because they were asked what is left."""
    words_until: datetime | None = None
    """Until when they may answer that."""
    verified: bool = False
    """A neighbour said that it is really solved."""
    announced: int = -1
    """The report's move that the last bulletin told the group about."""
    doubt: tuple[str, ...] = ()
    """What it may be, likeliest first, while nobody has said which; empty where `category` is clear."""
    kinds: tuple[str, ...] = ()
    """What else it may be: the next likely categories, for its author to correct the label."""
    learning: Learning = Learning.NOT_ASKED
    """While OPEN the words of a declined incident stay sealed, until its deadline."""
    elsewhere: int | None = None
    """How many residents of other groups see it, as last told; None: as was known when it joined."""
    retries: int = 0
    step: int = 0
    card: PostRef | None = None
    shown: int = -1

    @property
    def neighbours(self) -> int:
        """How many residents see it, the author included, and those elsewhere who filed what it joined."""
        known = self.similar.neighbours if self.similar is not None and self.stage is not Stage.SIMILAR else 0
        return self.here + (known if self.elsewhere is None else self.elsewhere)

    @property
    def here(self) -> int:
        """How many residents of this group see it, the author included."""
        return 1 + len(self.witnesses)

    @property
    def joined(self) -> bool:
        """Is its report one that others had filed before?"""
        return self.similar is not None and self.report_id is not None

    def to(self, stage: Stage, now: datetime, deadline: datetime | None = None) -> Incident:
        """The incident at another stage; raises `IllegalMove`. A stage without a deadline has none."""
        if stage not in STAGE_MOVES[self.stage]:
            raise IllegalMove("incident", self.stage, stage)
        return replace(self, stage=stage, changed_at=now, deadline=deadline, step=self.step + 1)

    def stepped(self, now: datetime) -> Incident:
        """The same stage, but its card has something new to show."""
        return replace(self, changed_at=now, step=self.step + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """A photo where the network keeps it. Fetched only after consent."""

    ref: str
    kind: str = "photo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What somebody released for a contribution; gone as soon as the desk has it, or who said it takes it back."""

    contribution: ContributionId
    person: PersonKey
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The sealed part of an incident: encrypted with the incident's own key wherever it rests.

    `outgoing` is the exact text that leaves with consent; `salt` makes its commitment
    (`Consent.commitment`) unguessable, and erasing it makes the commitment meaningless.
    """

    address: Address
    text: str
    outgoing: str
    salt: str
    masked: int = 0
    """How many names, numbers and the like were taken out of `outgoing`."""
    photos: tuple[MediaRef, ...] = ()
    contact: str = ""
    """E-mail or phone, only when the author chose to leave it."""
    places: tuple[str, ...] = ()
    """The place phrases alone, for a geocoder on the network after consent."""
    words: tuple[Words, ...] = ()
    """Words of later contributions on their way to the desk."""
