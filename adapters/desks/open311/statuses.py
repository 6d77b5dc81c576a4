"""Their words for a status. The specification has two; mySociety has more, and others may have any."""

from __future__ import annotations

from bot.model.report import Status

OPEN = "open"
UNCHANGED = "unchanged"
WORDS: dict[str, Status] = {
    "open": Status.REOPENED,
    "reopen": Status.REOPENED,
    "investigating": Status.IN_PROGRESS,
    "in_progress": Status.IN_PROGRESS,
    "for_triage": Status.IN_PROGRESS,
    "planned": Status.PLANNED,
    "action_scheduled": Status.PLANNED,
    "internal_referral": Status.FORWARDED,
    "closed": Status.CLOSED,
    "fixed": Status.CLOSED,
    "no_further_action": Status.CANCELLED,
    "not_councils_responsibility": Status.CANCELLED,
    "duplicate": Status.CANCELLED,
    "cancelled": Status.CANCELLED,
}
"""What each tells us. `open` is news only for what had ended."""
NOTES = {
    "duplicate": "Deze melding was al bekend.",
    "not_councils_responsibility": "De gemeente gaat hier niet over.",
    "no_further_action": "De gemeente doet hier niets meer aan.",
}
"""Where staff wrote nothing, their word says it."""


def word(text: str) -> str:
    """As we compare it."""
    return "_".join(text.lower().split()).replace("-", "_")


def status_after(word: str, known: Status) -> Status | None:
    """What a word tells about a report that had this status; None where it is no news.

    A word that nobody knows means no more than open.
    """
    if word == UNCHANGED or not word:
        return None
    status = WORDS.get(word, Status.REOPENED)
    if status is Status.REOPENED:
        return None if known.is_open else status
    if not known.is_open and status.is_open:
        return status
    # A new date is news under the same word; being busy twice is not.
    return None if status is known and status is not Status.PLANNED else status


def posted(word: str, status: Status) -> str:
    """Theirs, in the capitals they want in what is posted to them."""
    if word and word != UNCHANGED:
        return word.upper()
    return OPEN.upper() if status.is_open else "CLOSED"
