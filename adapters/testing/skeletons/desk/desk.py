"""The desk: filings become tickets, what becomes of tickets becomes changes."""

from __future__ import annotations

from bot.model.desk import KINDS_WITH_WORDS, Addition, Changes, DeskCapabilities, Filed, Filing, Similar
from bot.model.errors import DeskRefused, UnknownReport
from bot.model.place import Place, Point
from bot.model.report import ContributionKind, Status, StatusChange

from .system import System, Ticket

LONGEST_TEXT = 3000
CAPABILITIES = DeskCapabilities(photos=False, fine_states=False, questions=False, poll_seconds=60.0)


class ExampleDesk:
    """Implements `Desk`."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._added: set[str] = set()

    async def __aenter__(self) -> ExampleDesk:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def file(self, filing: Filing) -> Filed:
        """Our own reference goes along as the ticket's key, so that it is filed once."""
        if not 0 < len(filing.text.strip()) <= LONGEST_TEXT:
            raise DeskRefused("text", f"must have 1 to {LONGEST_TEXT} characters")
        ticket = self._system.by_key(filing.own)
        if ticket is None:
            point = filing.place.point
            where = (point.lat, point.lon) if point else None
            label = filing.place.label
            ticket = self._system.open(filing.own, filing.category, filing.text, label, where)
            ticket.email = filing.contact
        return filed(ticket)

    async def find(self, own: str) -> Filed | None:
        """By the ticket's key."""
        ticket = self._system.by_key(own)
        return filed(ticket) if ticket else None

    async def add(self, reference: str, addition: Addition) -> None:
        """Words and counts become notes; a withdrawal closes, "not solved" opens again."""
        ticket = self._system.tickets.get(reference)
        if ticket is None:
            raise UnknownReport(reference)
        if addition.kind is ContributionKind.PHOTO:
            raise DeskRefused("photo", "this system takes no photos")
        if addition.kind in KINDS_WITH_WORDS and not addition.text.strip():
            raise DeskRefused("text", "is empty")
        if addition.own in self._added:
            return
        self._added.add(addition.own)
        ticket.notes.append(addition.text or addition.kind.value)
        if addition.kind is ContributionKind.WITHDRAWAL:
            ticket.email = ""
            self._system.turn(reference, False, "Ingetrokken door de melder")
        elif addition.kind is ContributionKind.NOT_SOLVED and not ticket.open:
            self._system.turn(reference, True, "")

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        """Open tickets, nearest first."""
        found = [
            (Point(lat=one.where[0], lon=one.where[1]).metres_to(near), one)
            for one in self._system.tickets.values()
            if one.open and one.kind == category and one.where
        ]
        return tuple(similar(one) for metres, one in sorted(found, key=lambda pair: pair[0]) if metres <= radius_m)

    async def changes(self, cursor: str | None) -> Changes:
        """The cursor is how much of the log was read."""
        read = int(cursor or 0)
        closed = {True: Status.REOPENED, False: Status.CLOSED}
        fresh = tuple(
            StatusChange(reference=number, status=closed[opened], at=at, note=note)
            for number, opened, at, note in self._system.log[read:]
        )
        return Changes(cursor=str(read + len(fresh)), changes=fresh)

    def capabilities(self) -> DeskCapabilities:
        """What this system cannot do is not asked of it."""
        return CAPABILITIES


def filed(ticket: Ticket) -> Filed:
    """As BART knows it."""
    return Filed(reference=ticket.number, status=Status.RECEIVED if ticket.open else Status.CLOSED)


def similar(ticket: Ticket) -> Similar:
    """As BART knows it."""
    lat, lon = ticket.where or (0.0, 0.0)
    place = Place(label=ticket.address, point=Point(lat=lat, lon=lon), source="desk")
    return Similar(
        reference=ticket.number,
        category=ticket.kind,
        place=place,
        filed_at=ticket.opened,
        status=Status.RECEIVED,
    )
