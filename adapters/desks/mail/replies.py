"""What a letter in the mailbox is. Only an answer of the desk, about a report of ours, that begins with one of the
agreed words ever becomes news; everything else stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from enum import StrEnum
from html import unescape

from adapters.desks.mail.letters import LINE
from adapters.desks.mail.options import Options
from bot.model.report import Status

LONGEST = 1000
"""Characters of an explanation; a card shows less."""
READ = 20_000
"""Characters of an answer that are looked at."""
WORDS: dict[str, Status] = {
    "BEZIG": Status.IN_PROGRESS,
    "GEPLAND": Status.PLANNED,
    "DOORGESTUURD": Status.FORWARDED,
    "VRAAG": Status.NEEDS_ANSWER,
    "KLAAR": Status.CLOSED,
    "AFGEWEZEN": Status.CANCELLED,
    "HEROPEND": Status.REOPENED,
}
MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_FIRST = re.compile(rf"\W*({'|'.join(WORDS)})[*_]*\s*(?:[:.]\s*(.*))?", re.IGNORECASE)
_DATE = re.compile(rf"\b(\d{{1,2}})(?:-(\d{{1,2}})-|\s+({'|'.join(MONTHS)})\s+)(\d{{4}})\b", re.IGNORECASE)
_QUOTE = re.compile(
    r">|-{2,}\s*$|_{8,}|-+ ?(?:oorspronkelijk bericht|original message|doorgestuurd bericht)"
    r"|(?:van|from|verzonden|sent):\s|verzonden vanaf|sent from|verstuurd vanaf",
    re.IGNORECASE,
)
_WROTE = re.compile(r"(?:op|on)\b.{5,200}\b(?:schreef|wrote)\b.{0,200}:\s*$", re.IGNORECASE)
_FAREWELL = re.compile(
    r"(?:met\s+)?(?:vriendelijke|hartelijke|beste)\s+groet(?:en|jes)?\b.{0,20}$|groet(?:en|jes)?\W*$|mvg\b.{0,20}$"
    r"|hoogachtend\W*$",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(?:style|script)\b.{0,20000}?</(?:style|script)>|<[^<>]{0,2000}>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]{0,200}>", re.IGNORECASE)
_PASS = re.compile(r"\bdmarc\s*=\s*pass\b", re.IGNORECASE)


class Why(StrEnum):
    """Why a letter is left where it is; for the log."""

    UNREADABLE = "unreadable"
    AUTOMATIC = "automatic"
    STRANGER = "stranger"
    UNVERIFIED = "unverified"
    NO_REFERENCE = "no_reference"
    NO_WORD = "no_word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the desk says about a report. `key` is the letter's own name."""

    key: str
    reference: str
    status: Status
    note: str
    at: datetime | None
    party: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A letter of ours, by its Message-ID, that could not be delivered for good."""

    message_id: str


def read(raw: bytes, options: Options) -> Answer | Bounce | Why:
    """Never raises: anybody can mail us anything."""
    try:
        return _read(message_from_bytes(raw, policy=default), options)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The standard library's parser trips over malformed headers in all of these ways.
        return Why.UNREADABLE


def _read(letter: EmailMessage, options: Options) -> Answer | Bounce | Why:
    if letter.get_content_type() == "multipart/report":
        return _bounce(letter) or Why.AUTOMATIC
    if _is_automatic(letter):
        return Why.AUTOMATIC
    if not _is_of_the_desk(letter, options):
        return Why.STRANGER
    if options.verified_by and not _is_verified(letter, options.verified_by):
        return Why.UNVERIFIED
    found = set(re.findall(rf"\b{options.prefix}-[A-Z2-7]{{4}}-[A-Z2-7]{{4}}\b", str(letter.get("Subject", ""))))
    if len(found) != 1:
        return Why.NO_REFERENCE
    said = said_in(_words(letter))
    meant = _FIRST.fullmatch(said[0]) if said else None
    if meant is None:
        return Why.NO_WORD
    return _answer(letter, found.pop(), meant, said[1:])


def _answer(letter: EmailMessage, reference: str, meant: re.Match[str], rest: list[str]) -> Answer | Why:
    status, beside = WORDS[meant[1].upper()], (meant[2] or "").strip()
    party, until = "", None
    if status is Status.FORWARDED:
        party, beside = beside[:200], ""
    if status is Status.PLANNED and (until := date_in(beside)):
        beside = ""
    note = " ".join(" ".join([beside, *rest]).split())[:LONGEST]
    if status is Status.NEEDS_ANSWER and not note:
        return Why.NO_WORD
    return Answer(
        key=str(letter.get("Message-ID", "")).strip(),
        reference=reference,
        status=status,
        note=note,
        at=_date(letter),
        party=party,
        until=until,
    )


def said_in(text: str) -> list[str]:
    """The lines that were written now: without what was quoted, the farewell and the signature."""
    lines: list[str] = []
    found = [" ".join(_printable(line).split()) for line in text[:READ].splitlines()]
    for number, line in enumerate(found):
        both = f"{line} {found[number + 1]}" if number + 1 < len(found) else line
        if LINE in line or _QUOTE.match(line) or _FAREWELL.match(line):
            break
        if _WROTE.match(line) or (line.lower().startswith(("op ", "on ")) and _WROTE.match(both)):
            break
        if line:
            lines.append(line)
    return lines


def date_in(text: str) -> datetime | None:
    """ "3 december 2026" or "3-12-2026"; noon, so that it is that day in the Netherlands too."""
    match = _DATE.search(text)
    if match is None:
        return None
    month = int(match[2]) if match[2] else MONTHS.index(match[3].lower()) + 1
    try:
        return datetime(int(match[4]), month, int(match[1]), 12, tzinfo=UTC)
    except ValueError:
        return None


def _is_automatic(letter: EmailMessage) -> bool:
    """RFC 3834 and what was there before it: nobody wrote this."""
    submitted = str(letter.get("Auto-Submitted", "no")).strip().lower()
    bulk = str(letter.get("Precedence", "")).strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    nobody = str(letter.get("Return-Path", "x")).strip() == "<>"
    return not submitted.startswith("no") or bulk or nobody or "X-Autoreply" in letter or "List-Id" in letter


def _is_of_the_desk(letter: EmailMessage, options: Options) -> bool:
    """One sender, and one that may answer."""
    froms: Iterable[object] = letter.get_all("From", [])
    senders = [address for header in froms for address in getattr(header, "addresses", ())]
    return len(senders) == 1 and options.may_answer(senders[0].addr_spec)


def _is_verified(letter: EmailMessage, server: str) -> bool:
    """Anybody can write such a header; only the topmost, which our own server put there, counts (RFC 8601)."""
    topmost = str(next(iter(letter.get_all("Authentication-Results", [])), ""))
    name, _, results = topmost.partition(";")
    return name.split(" ")[0].strip().lower() == server and bool(_PASS.search(results))


def _bounce(letter: EmailMessage) -> Bounce | None:
    """RFC 3464: which letter, and that it failed for good. Its Message-ID is one that nobody else can know."""
    failed, message_id = False, ""
    for part in letter.walk():
        if part.get_content_type() == "message/delivery-status":
            failed = failed or any(str(one.get("Action", "")).strip().lower() == "failed" for one in part.walk())
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers") and not message_id:
            message_id = _returned_id(part)
    return Bounce(message_id=message_id) if failed and message_id else None


def _returned_id(part: EmailMessage) -> str:
    if part.get_content_type() == "message/rfc822":
        returned = part.get_content()
    else:
        # The standard library reads this one as text.
        returned = message_from_string(str(part.get_content()), policy=default)
    return str(returned.get("Message-ID", "")).strip()


def _words(letter: EmailMessage) -> str:
    body = letter.get_body(("plain", "html"))
    if body is None:
        return ""
    text = str(body.get_content())
    if body.get_content_type() == "text/html":
        text = unescape(_TAG.sub(" ", _BREAK.sub("\n", " ".join(text[: 10 * READ].split()))))
    return text


def _date(letter: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(letter.get("Date", "")))
    except (ValueError, TypeError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() else " " for char in line)
