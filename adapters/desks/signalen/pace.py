"""How often a report is asked for by itself, and what it means when it is not there any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from adapters.desks.signalen.ledger import Kept, News
from bot.model.report import Status, StatusChange

SHARE_OF_AGE = 1 / 48
"""A report of a day old every half hour: what took days to happen may be half an hour old when it is told."""
SLOWEST_S = 6 * 3600.0
REMOVED = "De gemeente heeft de melding verwijderd."


def interval(age: timedelta, fastest_s: float) -> float:
    """Seconds until the next look; never more often than the desk is polled at all."""
    return max(fastest_s, min(age.total_seconds() * SHARE_OF_AGE, SLOWEST_S))


def removed(kept: Kept, now: datetime) -> tuple[list[News], list[Kept]]:
    """Deleted there, by retention as a rule. Only what was still open is news."""
    change = StatusChange(reference=kept.tells, status=Status.CANCELLED, at=now, note=REMOVED)
    news: list[News] = [(f"{kept.number}:removed", change)] if kept.status.is_open else []
    return news, [replace(kept, gone=True)]
