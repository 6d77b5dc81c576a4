"""A desk's own system, in memory and in its own words. Put the client of your system in its place."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.ports.fakes.clock import NOON


@dataclass
class Ticket:
    """What the system knows of one report."""

    number: str
    key: str
    kind: str
    text: str
    address: str
    where: tuple[float, float] | None
    opened: datetime
    email: str = ""
    open: bool = True
    notes: list[str] = field(default_factory=list)


class System:
    """Tickets, and a log of what became of them. It outlives connections, as a system does."""

    def __init__(self) -> None:
        self.now = NOON
        self.tickets: dict[str, Ticket] = {}
        self.log: list[tuple[str, bool, datetime, str]] = []
        self._numbers = itertools.count(1)

    def open(self, key: str, kind: str, text: str, address: str, where: tuple[float, float] | None) -> Ticket:
        number = f"T-{next(self._numbers):05}"
        self.tickets[number] = Ticket(number, key, kind, text, address, where, self.now)
        return self.tickets[number]

    def by_key(self, key: str) -> Ticket | None:
        return next((one for one in self.tickets.values() if one.key == key), None)

    def turn(self, number: str, opened: bool, note: str) -> None:
        """Close it, or open it again."""
        self.tickets[number].open = opened
        self.log.append((number, opened, self.now, note))

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
