"""The work table: effects and timers that survive a crash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.model.effect import Effect, Parked, WorkItem
from bot.model.ids import WorkId


class Work(Protocol):
    """At least once, in order per key, danger first.

    Rows are written by `Store.commit` (or `enqueue`) and deleted by it (`Commit.finished`). Of one key only
    the oldest queued row can be claimed. A parked `report:` row stops its key, any other lets it go on.
    A lease that ran out gives the row to the next claim.
    """

    async def claim(self, now: datetime, limit: int, lease: timedelta) -> list[WorkItem]:
        """Due rows, by lane, then due time, leased to the caller."""
        ...

    async def next_due(self, now: datetime) -> datetime | None:
        """When `claim` will next have something; None when nothing is queued."""
        ...

    async def retry(self, item: WorkId, at: datetime, reason: str) -> None:
        """Give it back, due at `at`, one attempt more. Keeps its place in its key's order."""
        ...

    async def park(self, item: WorkId, now: datetime, reason: str) -> None:
        """Set it aside for the operator; what it carried for one person (`to`) is wiped."""
        ...

    async def enqueue(self, effects: Sequence[Effect]) -> None:
        """For the clock: adds effects; an `idem` seen before is left out."""
        ...


class Parking(Protocol):
    """The operator's view of parked effects."""

    async def parked(self) -> list[Parked]:
        """Oldest first."""
        ...

    async def unpark(self, item: WorkId, now: datetime) -> bool:
        """Queue it again, due now, attempts from zero; False when there is no such parked row."""
        ...

    async def drop(self, item: WorkId) -> bool:
        """Delete a parked row; False when there is no such parked row."""
        ...
