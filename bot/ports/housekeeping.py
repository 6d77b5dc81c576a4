"""What must go, goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.model.ids import GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long what is kept (NORMS section 1, retention row)."""

    ended: timedelta = timedelta(hours=24)
    """An incident that ended without a report, for telling the same thing apart; no words."""
    finished: timedelta = timedelta(days=30)
    """A closed case with its sealed return address."""
    prompt_author: timedelta = timedelta(hours=24)
    prompt: timedelta = timedelta(days=30)
    delivery: timedelta = timedelta(hours=48)
    traffic: timedelta = timedelta(days=14)
    example: timedelta = timedelta(days=180)
    """What a resident allowed BART to learn from; never longer than that resident was told (`Example.until`)."""


class Housekeeping(Protocol):
    """Run by the clock; running it twice changes nothing more."""

    async def expire(self, now: datetime, terms: Terms) -> Mapping[str, int]:
        """Archives, wipes and deletes what is past its term, and destroys keys that seal nothing any more.
        Returns how many of what."""
        ...

    async def purge(self, group: GroupId) -> bool:
        """Erase everything of a group but the append-only proofs; False when there is no such group."""
        ...
