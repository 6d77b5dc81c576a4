"""What goes out for a report and for an addition, and whether the answer means that it arrived."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from adapters.desks.open311.reading import records, words
from adapters.desks.open311.statuses import posted
from bot.model.desk import CONTRIBUTION_TEXT_LIMIT, KINDS_WITH_WORDS, Addition, Filing
from bot.model.errors import DeskRefused, DeskUnsure
from bot.model.report import ContributionKind, Status

LISTED_ONLY = ("requested_datetime", "status", "updated_datetime")
"""Fields of a request in a list, which the answer to a new one does not have."""
WORDLESS = {
    ContributionKind.STILL: "Een buurtbewoner ziet dit ook.",
    ContributionKind.SOLVED: "Volgens een buurtbewoner is dit opgelost.",
    ContributionKind.NOT_SOLVED: "Volgens een buurtbewoner is dit niet opgelost.",
}


class ReadOnlyError(Exception):
    """The server answered with reports of others: it lists them and takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One of both, or neither where the report cannot be followed."""

    remote: str = ""
    token: str = ""


def mark_of(own: str) -> str:
    """Our reference as it stands in a public description: says nothing, and fits one report only."""
    digest = hashlib.sha256(f"open311:{own}".encode()).digest()
    return f"BART-{base64.b32encode(digest[:10]).decode()}"


def report(filing: Filing, service_code: str, answers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Form fields. The description is public, so a home is named by its street in it."""
    place, point = filing.place, filing.place.point
    lines = [filing.text, f"Plaats: {place.public_label}"]
    if filing.neighbours > 1:
        lines.append(f"Gezien door {filing.neighbours} bewoners.")
    if filing.about:
        lines.append(f"Vervolg op melding {filing.about}.")
    fields = [("service_code", service_code), ("description", "\n".join([*lines, mark_of(filing.own)]))]
    if point is not None:
        # Always both, with a point whatever the language of this machine.
        fields += [("lat", f"{point.lat:.6f}"), ("long", f"{point.lon:.6f}")]
    if point is None or not place.home:
        fields.append(("address_string", place.label))
    if filing.contact:
        fields.append(("email" if "@" in filing.contact else "phone", filing.contact))
    return fields + answers


def update(addition: Addition, remote: str, word: str, status: Status) -> list[tuple[str, str]]:
    """Form fields of mySociety's update. Only "not solved" asks for another status: staff decide the rest."""
    reopen = addition.kind is ContributionKind.NOT_SOLVED and not status.is_open
    return [
        ("service_request_id", remote),
        ("update_id", mark_of(addition.own)),
        ("status", "OPEN" if reopen else posted(word, status)),
        ("updated_datetime", addition.at.astimezone(UTC).isoformat(timespec="seconds")),
        ("description", addition.text.strip() or WORDLESS.get(addition.kind, "")),
    ]


def receipt(answer: Any, mark: str) -> Receipt:
    """Only one record, with an id or a token, that is not somebody else's, means that it arrived.

    FixMyStreet's own server answers a new request with the list of those it has; that list may hold one only.
    Raises `ReadOnlyError`, or `DeskUnsure` for what nobody can make sense of.
    """
    found = records(answer)
    if len(found) > 1 or any(_of_others(one, mark) for one in found):
        raise ReadOnlyError
    if not found and isinstance(answer, Mapping) and "service_requests" in answer:
        raise ReadOnlyError
    if not found:
        raise DeskUnsure("an empty answer")
    remote, token = words(found[0], "service_request_id"), words(found[0], "token")
    return Receipt(remote=remote, token="" if remote else token)


def _of_others(table: Mapping[str, Any], mark: str) -> bool:
    return any(words(table, name) for name in LISTED_ONLY) and mark not in words(table, "description")


def check_filing(filing: Filing) -> None:
    """Raises `DeskRefused` naming the field of what can never be filed."""
    if not filing.own:
        raise DeskRefused("own", "is missing")
    _check_text(filing.text, required=True)
    if filing.place.point is None and not filing.place.label.strip():
        raise DeskRefused("place", "is missing")


def check_addition(addition: Addition) -> None:
    """Likewise for what can never be added."""
    if addition.photo is not None or addition.kind is ContributionKind.PHOTO:
        raise DeskRefused("photo", "this desk takes no photos")
    if addition.kind is ContributionKind.WITHDRAWAL:
        raise DeskRefused("kind", "what was filed with this desk cannot be taken back")
    _check_text(addition.text, required=addition.kind in KINDS_WITH_WORDS)


def _check_text(text: str, *, required: bool) -> None:
    if required and not text.strip():
        raise DeskRefused("text", "is empty")
    if len(text) > CONTRIBUTION_TEXT_LIMIT:
        raise DeskRefused("text", f"has {len(text)} characters; at most {CONTRIBUTION_TEXT_LIMIT} fit")
    if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in text):
        raise DeskRefused("text", "holds a character that cannot be sent")
