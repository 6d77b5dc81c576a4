"""Readings for tests of interpreters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.model.ids import IncidentId, PersonKey
from bot.model.reading import Line, OpenReport, Reading

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
OPEN = OpenReport(
    id=IncidentId("glass"), category="zwerfvuil", place="Parijsplein", text=GLASS, at=NOON - timedelta(minutes=10)
)
LAMP = OpenReport(
    id=IncidentId("lamp"),
    category="verlichting",
    place="Londenlaan",
    text="lantaarnpaal op de Londenlaan doet het niet",
    at=NOON - timedelta(hours=3),
)


def reading(text: str, *reports: OpenReport, about: str | None = None, before: tuple[str, ...] = ()) -> Reading:
    """A message at noon, with what was said the minute before."""
    context = tuple(
        Line(author=PersonKey("neighbour"), text=line, at=NOON - timedelta(minutes=1)) for line in before
    )
    return Reading(
        text=text,
        author=PersonKey("resident"),
        at=NOON,
        reply_about=IncidentId(about) if about else None,
        context=context,
        open_reports=reports,
    )
