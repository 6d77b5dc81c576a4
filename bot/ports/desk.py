"""A desk: where reports go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.model.desk import Addition, Changes, DeskCapabilities, Filed, Filing, Similar
from bot.model.place import Point


class Desk(Protocol):
    """One backend system of a municipality, the police or care.

    Errors: `DeskRefused(field)`, `DeskLater(seconds)` (surely nothing happened), `DeskUnsure` (it may have),
    `DeskCredentials`, `UnknownReport`. After `DeskUnsure` the host calls `find` before repeating.
    """

    async def file(self, filing: Filing) -> Filed:
        """File it once; the same `filing.own` again returns the same reference where `searches_own`."""
        ...

    async def find(self, own: str) -> Filed | None:
        """What was filed under our own reference, if anything. Only asked where `searches_own`."""
        ...

    async def add(self, reference: str, addition: Addition) -> None:
        """Add to a filed report; the same `addition.own` twice adds once where `searches_own`."""
        ...

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        """Open reports of the category within the radius, filed by whoever, nearest first. Only asked where
        `searches_near`, and only after somebody's yes; what it raises holds nothing up.
        """
        ...

    async def changes(self, cursor: str | None) -> Changes:
        """Status changes after `cursor` of reports filed by us or that we added to, oldest first; none lost,
        repeats allowed.
        """
        ...

    def capabilities(self) -> DeskCapabilities: ...


@runtime_checkable
class TellsChanges(Protocol):
    """A desk that can say at once that `changes` has something new."""

    def on_change(self, call: Callable[[], None]) -> None: ...


@runtime_checkable
class Expires(Protocol):
    """A desk that keeps residents' data itself. The host calls it daily; twice changes nothing more."""

    async def expire(self, now: datetime) -> Mapping[str, int]:
        """Deletes what is past the desk's own retention; returns how many of what."""
        ...
