"""What BART may learn from: a message its author allowed to keep, masked, with what the author called it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.ids import ConsentId, GroupId, IncidentId, PersonKey, TenantId
from bot.model.reading import Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled message. `text` is exactly what its author saw and consented to; it rests sealed.

    `said_at` is cut to the hour. `intent` and `category` are the author's answer; `places` are pieces of `text`.
    It is gone at `until`, which is what the author was told, whatever the settings say later.
    """

    id: IncidentId
    """Of the incident it came from: one example each."""
    tenant_id: TenantId
    group_id: GroupId
    person: PersonKey
    consent_id: ConsentId
    kept_at: datetime
    until: datetime
    said_at: datetime
    text: str
    intent: Intent
    category: str | None = None
    places: tuple[str, ...] = ()
    photo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlearn:
    """Erase what was kept of this person's words in this group; with `incident_id` only of that incident."""

    group_id: GroupId
    person: PersonKey
    incident_id: IncidentId | None = None
