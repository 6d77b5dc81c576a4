"""Effects: what must happen outside, as rows that survive a crash. Arguments are ids, never message text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from bot.model.ids import Address, GroupId, IncidentId, WorkId


class Lane(IntEnum):
    """What goes first when much is due."""

    DANGER = 0
    ANSWER = 1
    REST = 2


class Action(StrEnum):
    """One handler in `bot/worker.py` each."""

    DEADLINE = "deadline"
    """A timer: the deadline of an incident has come."""
    CARD = "card"
    """Bring an incident's post in line with its state: send, edit or delete it."""
    POST = "post"
    """Say one template in a group."""
    WHISPER = "whisper"
    """Say one template to one person, privately."""
    TOAST = "toast"
    """Answer the press of a button."""
    LOCATE = "locate"
    """Resolve consented place words with a geocoder on the network."""
    COMPARE = "compare"
    """Look whether what somebody wants to file is open already, in another group or at the desk."""
    FILE = "file"
    """File a report with its desk."""
    AMEND = "amend"
    """Add a contribution to a filed report."""
    POLL = "poll"
    """Ask a desk for status changes."""
    BULLETIN = "bulletin"
    """The batched post about what was solved."""
    RETENTION = "retention"
    """Archive and erase what is past its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """`key` orders effects ("" = no order): `chat:<group>`, `report:<incident>`. `idem` makes it unique
    for ever: a second effect with the same `idem` is not enqueued. After `not_after` it would mislead and
    is dropped. `to` is stored encrypted and wiped with the row.
    """

    action: Action
    idem: str
    due_at: datetime
    group_id: GroupId | None = None
    incident_id: IncidentId | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    lane: Lane = Lane.REST
    key: str = ""
    not_after: datetime | None = None
    to: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """An effect in the work table, leased to this worker."""

    id: WorkId
    effect: Effect
    attempts: int
    reason: str = ""
    """Why the last attempt ended: an error's class name, or "" after a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """An effect that keeps failing, for the operator. `reason` is an error's class name or a fixed word."""

    id: WorkId
    action: Action
    key: str
    attempts: int
    parked_at: datetime
    reason: str
    group_id: GroupId | None = None
    incident_id: IncidentId | None = None
