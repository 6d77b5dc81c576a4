"""Consent: somebody the group's policy allows said that exactly this may be filed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.group import Policy
from bot.model.ids import ConsentId, GroupId, IncidentId, PersonKey, TenantId
from bot.model.incident import Content
from bot.model.place import Place


class Subject(StrEnum):
    """What somebody said yes or no to. The last line about a subject counts; the table is append-only."""

    FILING = "filing"
    ADDITION = "addition"
    ANSWER = "answer"
    LEARNING = "learning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Proof of one yes. Only `bot.process.consent` makes one; filing takes one by type.

    `commitment` binds it to the outgoing text, place and photos (`commit_to`). `text_version` is the
    version of the catalogue whose question was answered.
    """

    id: ConsentId
    tenant_id: TenantId
    group_id: GroupId
    incident_id: IncidentId
    subject: Subject
    given_by: PersonKey
    given_at: datetime
    policy: Policy
    neutral: bool
    commitment: str
    text_version: str
    confirmed_by: PersonKey | None = None
    """The admin, where the policy wants one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One line of the append-only record of what people allowed, refused or took back. No words in it."""

    tenant_id: TenantId
    group_id: GroupId
    incident_id: IncidentId | None
    person: PersonKey
    at: datetime
    act: str
    """granted, refused, stopped, lost_rights, opted_out, opted_in, voided, withdrawn, undone, confirmed,
    of learning: learning_on, learning_off (an admin); learning_refused, unlearned, learning_again (a resident)."""
    text_version: str = ""


def commit_to(content: Content, place: Place | None, text: str) -> str:
    """SHA-256 over salt, text, place, photo references and contact, in that order, as JSON.

    Whoever holds the content can verify it; without the salt it says nothing.
    """
    parts = [
        content.salt,
        text,
        place.label if place else "",
        [f"{place.point.lat:.6f}", f"{place.point.lon:.6f}"] if place and place.point else [],
        [photo.ref for photo in content.photos],
        content.contact,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
