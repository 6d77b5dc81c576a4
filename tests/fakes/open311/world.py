"""What the municipality behind the fake knows, and what its staff do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.ports.fakes.clock import FakeClock

KEY = "a-key-of-the-operator"
ENDED = frozenset(
    {"closed", "fixed", "no_further_action", "not_councils_responsibility", "duplicate", "cancelled"}
)
POSTED = frozenset(
    {
        "OPEN",
        "INVESTIGATING",
        "IN_PROGRESS",
        "PLANNED",
        "ACTION_SCHEDULED",
        "INTERNAL_REFERRAL",
        "FOR_TRIAGE",
        "FIXED",
        "CLOSED",
        "NO_FURTHER_ACTION",
        "NOT_COUNCILS_RESPONSIBILITY",
        "DUPLICATE",
        "CANCELLED",
        "REOPEN",
        "UNCHANGED",
    }
)


@dataclass(slots=True, kw_only=True)
class Service:
    """One service, and what it asks."""

    code: str
    name: str = ""
    attributes: list[dict[str, Any]] = field(default_factory=list)
    kind: str = "realtime"


@dataclass(slots=True, kw_only=True)
class Held:
    """One request. `added` is what was posted to it."""

    id: str
    service_code: str
    fields: dict[str, str]
    attributes: dict[str, list[str]]
    at: datetime
    changed: datetime
    status: str = "open"
    notes: str = ""
    expected: datetime | None = None
    agency: str = ""
    added: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Update:
    """One status change as the municipality publishes it."""

    id: str
    request: str
    status: str
    at: datetime
    description: str


class Municipality:
    """Requests, services, tokens and updates in memory. `tokens`: so many looks until a token has its id."""

    def __init__(self, clock: FakeClock, *services: Service) -> None:
        self.clock = clock
        self.services = {one.code: one for one in services}
        self.requests: dict[str, Held] = {}
        self.updates: list[Update] = []
        self.tokens: dict[str, tuple[str, int]] = {}
        self.looks_for_id: int | None = None
        self.next_id = 4000

    def take(self, code: str, fields: dict[str, str], attributes: dict[str, list[str]]) -> Held:
        """A new request."""
        self.next_id += 1
        now = self.clock.now
        held = Held(
            id=str(self.next_id), service_code=code, fields=fields, attributes=attributes, at=now, changed=now
        )
        self.requests[held.id] = held
        return held

    def decide(
        self,
        request: str,
        status: str,
        text: str = "",
        *,
        expected: datetime | None = None,
        agency: str = "",
        publish: bool = True,
    ) -> None:
        """What staff do. The specification's own words for it are open and closed."""
        held, now = self.requests[request], self.clock.now
        held.status, held.notes, held.changed = status, text, now
        held.expected, held.agency = expected or held.expected, agency or held.agency
        if publish:
            number = str(len(self.updates) + 1)
            self.updates.append(Update(id=number, request=request, status=status, at=now, description=text))

    def comment(self, held: Held, fields: dict[str, str]) -> bool:
        """A posted update; False for an update_id that was there already."""
        if any(one["update_id"] == fields["update_id"] for one in held.added):
            return False
        held.added.append(fields)
        if fields["status"] in ("OPEN", "REOPEN") and held.status in ENDED:
            self.decide(held.id, "open")
        return True
