"""What the desk accepts, and what residents and staff do to a case. No I/O."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from bot.model.desk import (
    CONTRIBUTION_TEXT_LIMIT,
    KINDS_WITH_WORDS,
    STATUS_AFTER,
    Addition,
    CaseAct,
    CaseDeed,
    Filing,
)
from bot.model.errors import DeskRefused, IllegalMove, InputError
from bot.model.ids import TenantId
from bot.model.report import MOVES, ContributionKind, Status

NEEDS_TEXT = frozenset({CaseAct.CLOSE, CaseAct.CANCEL, CaseAct.ASK})
WITHDRAWN_NOTE = "Ingetrokken door de melder"
PARTY_LIMIT = 200
CONTACT_LIMIT = 200
PHOTO_LIMIT = 20 * 1024 * 1024
_JPEG_START = b"\xff\xd8\xff"
_DAY = timedelta(days=1)


def check_filing(filing: Filing) -> None:
    """Raises `DeskRefused` naming the field of what can never be filed."""
    _check_known("own", filing.own)
    _check_known("category", filing.category)
    _check_words("text", filing.text, CONTRIBUTION_TEXT_LIMIT, required=True)
    _check_words("place", filing.place.label, CONTRIBUTION_TEXT_LIMIT, required=filing.place.point is None)
    _check_words("contact", filing.contact, CONTACT_LIMIT, required=False)
    _check_aware("seen_at", filing.seen_at)
    if filing.neighbours < 1:
        raise DeskRefused("neighbours", "somebody must have seen it")


def check_addition(addition: Addition) -> None:
    """Raises `DeskRefused` naming the field of what can never be added."""
    _check_known("own", addition.own)
    photo = addition.photo
    wordy = addition.kind in KINDS_WITH_WORDS and photo is None
    _check_words("text", addition.text, CONTRIBUTION_TEXT_LIMIT, required=wordy)
    _check_aware("at", addition.at)
    if photo is None and addition.kind is ContributionKind.PHOTO:
        raise DeskRefused("photo", "is missing")
    if photo is not None and not photo.startswith(_JPEG_START):
        raise DeskRefused("photo", "is no JPEG")
    if photo is not None and len(photo) > PHOTO_LIMIT:
        raise DeskRefused("photo", f"has {len(photo)} bytes; at most {PHOTO_LIMIT} fit")


def move_by_resident(kind: ContributionKind, status: Status) -> Status | None:
    """The status a contribution brings a case to; None where it only adds to the thread."""
    if kind is ContributionKind.NOT_SOLVED and not status.is_open:
        return Status.REOPENED
    if kind is ContributionKind.ANSWER and status is Status.NEEDS_ANSWER:
        return Status.RECEIVED
    if kind is ContributionKind.WITHDRAWAL and status.is_open:
        return Status.CANCELLED
    return None


def neighbours_after(addition: Addition, known: int) -> int:
    """How many residents see it now: one more with every "still there", and never fewer than told."""
    more = known + 1 if addition.kind is ContributionKind.STILL else known
    return max(more, addition.neighbours)


def move_by_staff(deed: CaseDeed, status: Status, now: datetime) -> Status:
    """The status a deed brings a case to. Raises `InputError` in Dutch, for staff, or `IllegalMove`."""
    _check_deed(deed, now)
    new = STATUS_AFTER[deed.act]
    if new not in MOVES[status]:
        raise IllegalMove("case", status, new)
    return new


def check_open(status: Status) -> None:
    """Raises `IllegalMove` for a case that nobody works on any more."""
    if not status.is_open:
        raise IllegalMove("case", status, Status.CANCELLED)


def check_its_own(merged_into: str, status: Status) -> None:
    """Raises `IllegalMove` for a case that goes on as another: staff act on that one."""
    if merged_into:
        raise IllegalMove("case", "merged", status)


def kept(reference: str, row: sqlite3.Row | None, tenant: TenantId) -> sqlite3.Row:
    """The case that may take another over; raises `InputError` in Dutch, for staff."""
    if row is None or row["tenant_id"] != tenant:
        raise InputError("into", "Deze melding is er niet. Kijk het nummer na.")
    if row["reference"] == reference:
        raise InputError("into", "Kies een andere melding dan deze.")
    if not Status(row["status"]).is_open:
        raise InputError("into", "Die melding is al klaar. Kies een open melding.")
    return row


def _check_deed(deed: CaseDeed, now: datetime) -> None:
    if not deed.by.strip():
        raise InputError("by", "De naam van de medewerker ontbreekt.")
    if deed.act in NEEDS_TEXT and not deed.text.strip():
        raise InputError("text", "Schrijf een toelichting. Bewoners lezen die.")
    if deed.act is CaseAct.FORWARD and not deed.party.strip():
        raise InputError("party", "Vul in wie het overneemt.")
    if deed.act is CaseAct.PLAN and deed.until is None:
        raise InputError("until", "Kies een datum.")
    for field, value, limit in (
        ("text", deed.text, CONTRIBUTION_TEXT_LIMIT),
        ("party", deed.party, PARTY_LIMIT),
    ):
        if len(value) > limit:
            raise InputError(field, f"Deze tekst is te lang. Gebruik hooguit {limit} tekens.")
        if _is_unreadable(value):
            raise InputError(field, "In deze tekst staat een teken dat we niet kunnen lezen.")
    if deed.until is not None:
        _check_until(deed.until, now)


def _check_until(until: datetime, now: datetime) -> None:
    """A day that began at `until` counts until it is over: staff in any time zone can pick today."""
    if until.tzinfo is None:
        raise InputError("until", "De datum heeft geen tijdzone.")
    if until + _DAY <= now:
        raise InputError("until", "Deze datum is al voorbij. Kies een andere datum.")


def _check_known(field: str, value: str) -> None:
    if not value:
        raise DeskRefused(field, "is missing")
    if _is_unreadable(value):
        raise DeskRefused(field, "holds a character that cannot be stored")


def _check_words(field: str, value: str, limit: int, *, required: bool) -> None:
    if required and not value.strip():
        raise DeskRefused(field, "is empty")
    if len(value) > limit:
        raise DeskRefused(field, f"has {len(value)} characters; at most {limit} fit")
    if _is_unreadable(value):
        raise DeskRefused(field, "holds a character that cannot be stored")


def _check_aware(field: str, value: datetime) -> None:
    if value.tzinfo is None:
        raise DeskRefused(field, "has no time zone")


def _is_unreadable(value: str) -> bool:
    """NUL ends a text in many systems; half a surrogate pair is no character at all."""
    return any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in value)
