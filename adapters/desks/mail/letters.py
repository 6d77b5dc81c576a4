"""What is mailed: words at level B1 for people, and the same as JSON for whoever wants to read it by machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from bot.model.desk import CONTRIBUTION_TEXT_LIMIT, KINDS_WITH_WORDS, Addition, Filing
from bot.model.errors import DeskRefused
from bot.model.report import ContributionKind
from bot.model.taxonomy import category

POLICY = SMTP.clone(cte_type="7bit", max_line_length=200)
VERSION = 1
"""Of the JSON; a field is only ever added."""
LINE = "##- Typ uw antwoord boven deze regel -##"
"""Whatever stands below it in an answer was ours."""
SUBJECT_HOLDS = 60
HOW = """\
Wilt u reageren? Antwoord op deze e-mail en laat het onderwerp staan.
Begin uw antwoord met een van deze woorden, alleen op de eerste regel:

BEZIG
GEPLAND: 3 december 2026
DOORGESTUURD: naam van de organisatie
VRAAG: uw vraag aan de melder
KLAAR
AFGEWEZEN
HEROPEND

Zet uw uitleg op de regels daaronder. De bewoners lezen die uitleg.
"""
KINDS = {
    ContributionKind.OBSERVATION: "Een bewoner ziet dit ook en schrijft:",
    ContributionKind.STILL: "Een bewoner ziet dit ook.",
    ContributionKind.ADDITION: "Een bewoner vult de melding aan:",
    ContributionKind.PHOTO: "Een bewoner stuurt een foto. Die zit als bijlage bij deze e-mail.",
    ContributionKind.SOLVED: "Volgens een bewoner is dit opgelost. Klopt dat? Antwoord dan met KLAAR.",
    ContributionKind.NOT_SOLVED: "Volgens een bewoner is dit niet opgelost. Kijkt u nog eens?",
    ContributionKind.ANSWER: "De melder beantwoordt uw vraag:",
}
_JPEG_START = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Who writes to whom, and how letters are told apart: by names made from a secret of this desk, so that nobody
    can make one up, and from our own reference, so that a letter that is sent again has the same.
    """

    secret: str = field(repr=False)
    prefix: str
    sender: str
    to: str

    def reference(self, own: str) -> str:
        """Stands in the subject, and residents and staff know the report by it."""
        digest = base64.b32encode(self._digest("reference", own))[:8].decode()
        return f"{self.prefix}-{digest[:4]}-{digest[4:]}"

    def message_id(self, own: str) -> str:
        """The Message-ID; mail systems keep one of two letters with the same."""
        return f"<{self._digest('letter', own).hex()[:32]}@{self.sender.rpartition('@')[2]}>"

    def _digest(self, what: str, own: str) -> bytes:
        return hmac.digest(self.secret.encode(), f"{what}:{own}".encode(), hashlib.sha256)


def report(filing: Filing, names: Names, now: datetime) -> EmailMessage:
    """The letter about a new report."""
    reference, kind = names.reference(filing.own), category(filing.category).name
    point = filing.place.point
    lines = [
        f"Er is een nieuwe melding uit de buurt. Het nummer is {reference}.",
        "",
        f"Wat: {kind}",
        f"Waar: {filing.place.label}",
    ]
    if point is not None:
        lines.append(f"Kaart: https://www.openstreetmap.org/?mlat={point.lat:.5f}&mlon={point.lon:.5f}#map=19")
    lines += [f"Gezien op: {filing.seen_at:%d-%m-%Y %H:%M} UTC", f"Gezien door: {_people(filing.neighbours)}"]
    lines.append(
        f"De melder is bereikbaar via: {filing.contact}" if filing.contact else "De melder blijft anoniem."
    )
    if filing.about:
        lines.append(f"Dit gaat verder op melding {filing.about}.")
    data = {
        "soort": "melding",
        "kenmerk": reference,
        "categorie": filing.category,
        "tekst": filing.text,
        "plaats": filing.place.label,
        "lat": point.lat if point else None,
        "lon": point.lon if point else None,
        "gezien_op": filing.seen_at.astimezone(UTC).isoformat(),
        "bewoners": filing.neighbours,
        "contact": filing.contact,
        "vervolg_op": filing.about,
    }
    letter = _letter([*lines, "", "De melder schrijft:", "", *_indented(filing.text)], data)
    _address(letter, names, now, names.message_id(filing.own))
    letter["Subject"] = _subject(f"[{reference}] {kind}, {filing.place.label}")
    return letter


def supplement(addition: Addition, reference: str, first: str, names: Names, now: datetime) -> EmailMessage:
    """The letter about an addition; `first` is the Message-ID of the letter that it belongs to."""
    lines = [f"Dit gaat over melding {reference}.", "", KINDS[addition.kind]]
    if addition.text.strip():
        lines += ["", *_indented(addition.text)]
    if addition.neighbours > 1:
        lines += ["", f"Tot nu toe zien {_people(addition.neighbours)} dit."]
    data = {
        "soort": "aanvulling",
        "kenmerk": reference,
        "aanvulling": addition.kind.value,
        "tekst": addition.text,
        "op": addition.at.astimezone(UTC).isoformat(),
        "bewoners": addition.neighbours,
    }
    letter = _letter(lines, data)
    if addition.photo is not None:
        letter.add_attachment(addition.photo, maintype="image", subtype="jpeg", filename=f"{reference}.jpg")
    _address(letter, names, now, names.message_id(f"{reference}:{addition.own}"))
    letter["In-Reply-To"] = first
    letter["References"] = first
    letter["Subject"] = _subject(f"[{reference}] aanvulling")
    return letter


def check_filing(filing: Filing) -> None:
    """Raises `DeskRefused` naming the field of what can never be mailed."""
    if not filing.own:
        raise DeskRefused("own", "is missing")
    _check_text(filing.text, required=True)
    _check_text(filing.place.label, required=filing.place.point is None, field="place")


def check_addition(addition: Addition) -> None:
    """Likewise."""
    if addition.kind is ContributionKind.WITHDRAWAL:
        raise DeskRefused("kind", "a letter that was sent cannot be taken back")
    photo = addition.photo
    _check_text(addition.text, required=addition.kind in KINDS_WITH_WORDS and photo is None)
    if photo is None and addition.kind is ContributionKind.PHOTO:
        raise DeskRefused("photo", "is missing")
    if photo is not None and not photo.startswith(_JPEG_START):
        raise DeskRefused("photo", "is no JPEG")


def _letter(lines: list[str], data: dict[str, Any]) -> EmailMessage:
    letter = EmailMessage(POLICY)
    letter.set_content("\n".join([LINE, "", *lines, "", "-" * 40, "", HOW]))
    body = json.dumps({"versie": VERSION, **data}, ensure_ascii=False, indent=2).encode()
    letter.add_attachment(body, maintype="application", subtype="json", filename=f"{data['soort']}.json")
    return letter


def _address(letter: EmailMessage, names: Names, now: datetime, message_id: str) -> None:
    letter["From"] = names.sender
    letter["To"] = names.to
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = message_id
    # RFC 3834: machines that answer by themselves leave this one alone.
    letter["Auto-Submitted"] = "auto-generated"


def _subject(text: str) -> str:
    """One line: whatever a place is called, it makes no header of its own."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= SUBJECT_HOLDS else plain[: SUBJECT_HOLDS - 1] + "…"


def _indented(text: str) -> list[str]:
    """A resident's words can look like nothing of ours."""
    return [f"    {line}" for line in text.splitlines()]


def _people(count: int) -> str:
    return "1 bewoner" if count == 1 else f"{count} bewoners"


def _check_text(text: str, *, required: bool, field: str = "text") -> None:
    if required and not text.strip():
        raise DeskRefused(field, "is empty")
    if len(text) > CONTRIBUTION_TEXT_LIMIT:
        raise DeskRefused(field, f"has {len(text)} characters; at most {CONTRIBUTION_TEXT_LIMIT} fit")
    if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in text):
        raise DeskRefused(field, "holds a character that cannot be mailed")
