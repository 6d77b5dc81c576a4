"""What goes to Signalen: the body of a report, notes, and our own reference in both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.model.desk import CONTRIBUTION_TEXT_LIMIT, KINDS_WITH_WORDS, Addition, Filing
from bot.model.errors import DeskRefused
from bot.model.place import Place, Point
from bot.model.report import ContributionKind

TEXT_LIMIT = CONTRIBUTION_TEXT_LIMIT
PHONE_LIMIT = 17
LEAD = "BART:"
"""How every note of ours begins: staff know whose it is, and none is ever taken for a question of theirs."""
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_PHONE = re.compile(r"\+?[\d\s()-]{8,30}")
_ADDRESS = re.compile(
    r"(?P<openbare_ruimte>[^,]+?) (?P<huisnummer>\d{1,5})(?P<huisletter>[A-Za-z])?"
    r"(?:-(?P<huisnummer_toevoeging>[A-Za-z0-9]{1,4}))?, (?P<postcode>\d{4}\s?[A-Z]{2}) (?P<woonplaats>.+)"
)


def own_mark(own: str) -> str:
    """Our reference as staff see it."""
    return f"BART-{own}"


def has_mark(text: str, own: str) -> bool:
    """Is our reference in it, and not only the beginning of a longer one?"""
    return re.search(re.escape(own_mark(own)) + r"(?![\w-])", text) is not None


def marked(text: str) -> str:
    """Whose report this is: our reference in the text, "" where there is none."""
    found = re.search(r"^Kenmerk: BART-([\w-]+)$", text, re.MULTILINE)
    return found[1] if found else ""


def words_of(text: str) -> str:
    """The resident's words in a text of ours, without the lines below them."""
    return re.sub(r"\n\n(?:[^\n]+\n)*Kenmerk: BART-[\w-]+\s*$", "", text)


def label_of(text: str) -> str:
    """The place in words in a text of ours."""
    found = re.search(r"^Plaats: (.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def check_filing(filing: Filing, pin: Point | None) -> Point:
    """Where it goes on the map; raises `DeskRefused` for what Signalen can never take."""
    if not filing.own:
        raise DeskRefused("own", "is missing")
    _check_text(filing.text, needed=True)
    point = filing.place.point or pin
    if point is None:
        raise DeskRefused("place", "has no point, and Signalen takes nothing without")
    return point


def check_addition(addition: Addition) -> None:
    """Raises `DeskRefused` with the field that is wrong."""
    if addition.kind is ContributionKind.PHOTO and addition.photo is None:
        raise DeskRefused("photo", "is missing")
    if addition.photo is not None and not addition.photo.startswith(b"\xff\xd8\xff"):
        raise DeskRefused("photo", "is no JPEG")
    _check_text(addition.text, needed=addition.kind in KINDS_WITH_WORDS and addition.photo is None)


def _check_text(text: str, *, needed: bool) -> None:
    if needed and not text.strip():
        raise DeskRefused("text", "is empty")
    if len(text) > TEXT_LIMIT or "\x00" in text:
        raise DeskRefused("text", "is too long or unreadable")


def report_body(filing: Filing, point: Point, category: str, source: str) -> dict[str, Any]:
    """The body of a new report. `category` is the path of a sub category."""
    reporter, contact = _reporter(filing.contact)
    below = [
        f"Plaats: {filing.place.label}" if filing.place.label else "",
        "" if filing.place.point else "De plek op de kaart klopt niet: alleen de omschrijving is bekend.",
        f"Dit zien {filing.neighbours} bewoners." if filing.neighbours > 1 else "",
        f"Vervolg op melding {filing.about}." if filing.about else "",
        contact,
        f"Kenmerk: {own_mark(filing.own)}",
    ]
    body = text_body(filing.text, "\n".join(line for line in below if line))
    location: dict[str, Any] = {"geometrie": {"type": "Point", "coordinates": [point.lon, point.lat]}}
    if address := address_of(filing.place):
        location["address"] = address
    return body | {
        "location": location,
        "category": {"sub_category": category},
        "reporter": reporter,
        "incident_date_start": iso(filing.seen_at),
        "source": source,
    }


def text_body(words: str, below: str) -> dict[str, str]:
    """Words and the lines below them; lines that do not fit any more go into `text_extra`."""
    whole = f"{words}\n\n{below}"
    return {"text": whole} if len(whole) <= TEXT_LIMIT else {"text": words, "text_extra": below}


def address_of(place: Place) -> dict[str, str] | None:
    """An address the server will know: only what PDOK itself gave, whole. Everything else stays words."""
    found = _ADDRESS.fullmatch(place.label) if place.source == "pdok" and place.home else None
    if found is None:
        return None
    return {key: value.strip() for key, value in found.groupdict().items() if value}


def _reporter(contact: str) -> tuple[dict[str, Any], str]:
    """The reporter, empty for who is anonymous, and a line for what is neither e-mail nor phone."""
    contact = " ".join(contact.split())
    if not contact:
        return {}, ""
    if _EMAIL.fullmatch(contact):
        return {"email": contact, "sharing_allowed": False}, ""
    phone = re.sub(r"[\s()-]", "", contact)
    if _PHONE.fullmatch(contact) and len(phone) <= PHONE_LIMIT:
        return {"phone": phone, "sharing_allowed": False}, ""
    return {}, f"Contact: {contact}"


def notes_of(addition: Addition) -> tuple[tuple[str, str], ...]:
    """The notes this becomes, each behind the reference that is in it: two where the words alone fill one."""
    words = addition.text.strip() or _DEFAULTS.get(addition.kind, "Aanvulling")
    if addition.neighbours > 1:
        words = f"{words}\n(Dit zien {addition.neighbours} bewoners.)"
    if addition.kind is ContributionKind.WITHDRAWAL:
        words = f"{words}\nStaan er contactgegevens bij? Wilt u die dan wissen?"
    room = TEXT_LIMIT - len(LEAD) - len(own_mark(addition.own)) - 20
    parts = [words[start : start + room] for start in range(0, len(words), room)]
    marks = [addition.own] if len(parts) == 1 else [f"{addition.own}-{number + 1}" for number in range(len(parts))]
    return tuple((mark, f"{LEAD} {part}\n({own_mark(mark)})") for part, mark in zip(parts, marks, strict=True))


_DEFAULTS: Mapping[ContributionKind, str] = {
    ContributionKind.STILL: "Een buurtbewoner ziet dit ook.",
    ContributionKind.SOLVED: "Een buurtbewoner zegt dat dit is opgelost.",
    ContributionKind.NOT_SOLVED: "Een buurtbewoner zegt dat dit nog niet is opgelost.",
    ContributionKind.WITHDRAWAL: "De melder trekt de melding in.",
}


def iso(moment: datetime) -> str:
    """UTC with a Z: a plus sign in an address is a space there."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
