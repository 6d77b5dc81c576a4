"""A clock that stands still until it is told to move, and whose seeds are the same in every run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.model.ids import Moment

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
"""A Saturday, 13:00 in the Netherlands: outside quiet hours."""


class FakeClock:
    """Starts at `now`; two clocks made alike give the same moments. `name` keeps their seeds apart."""

    def __init__(self, now: datetime = NOON, name: str = "seed") -> None:
        self._now = _utc(now)
        self._name = name
        self._given = 0

    @property
    def now(self) -> datetime:
        """The time, without using up a seed."""
        return self._now

    def moment(self) -> Moment:
        """The time that was set, with a seed that was never given before."""
        self._given += 1
        return Moment(now=self._now, seed=f"{self._name}-{self._given}")

    def set(self, now: datetime) -> None:
        """Jump, also backwards."""
        self._now = _utc(now)

    def advance(self, by: timedelta | float) -> datetime:
        """Move on by a duration, or by this many seconds; returns the new time."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
        return self._now


def _utc(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("a clock needs a timezone-aware time")
    return now.astimezone(UTC)
