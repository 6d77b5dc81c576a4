"""Labelled chats as readings: what the interpreter would have known when each message came."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.model.ids import IncidentId, PersonKey
from bot.model.reading import Line, OpenReport, Reading

if TYPE_CHECKING:
    from nlp.corpus import Labelled

OPEN = 6
"""How many of a group's latest reports are open when a message comes."""
REMEMBERED = timedelta(minutes=15)
CONTEXT = 6
LONGEST_OPEN = timedelta(days=14)


@dataclass(slots=True)
class _Group:
    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=CONTEXT))
    open: list[OpenReport] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    said: dict[str, Line] = field(default_factory=dict)
    about: dict[str, IncidentId] = field(default_factory=dict)


class Walk:
    """Goes through chats in order. What a message meant is told with `meant`, before the next one is read."""

    def __init__(self) -> None:
        self._groups: defaultdict[str, _Group] = defaultdict(_Group)

    def reading(self, row: Mapping[str, Any]) -> Reading:
        """The next message of a chat, with what came before it."""
        group = self._groups[row["group"]]
        at = moment(row)
        author = str(row.get("author") or "")
        group.names.update(author.split())
        reply = str(row.get("reply_to") or "")
        line = Line(author=PersonKey(author), text=row["text"], at=at)
        reading = Reading(
            text=row["text"],
            author=line.author,
            at=at,
            photo=row.get("media") == "photo",
            reply_to=group.said.get(reply),
            reply_about=group.about.get(reply),
            context=tuple(one for one in group.lines if at - one.at <= REMEMBERED),
            open_reports=tuple(one for one in group.open if at - one.at <= LONGEST_OPEN)[-OPEN:],
            roster=frozenset(group.names),
        )
        group.lines.append(line)
        group.said[row["id"]] = line
        return reading

    def meant(
        self, row: Mapping[str, Any], intent: str, category: str | None, places: Sequence[str], about: str | None
    ) -> None:
        """Remember a report as open, a follow-up as being about its report, and close what is solved."""
        group = self._groups[row["group"]]
        if intent == "report":
            report = OpenReport(
                id=IncidentId(row["id"]),
                category=category or "overig",
                place=" ".join(places),
                text=row["text"],
                at=moment(row),
            )
            group.open.append(report)
            group.about[row["id"]] = report.id
        elif about:
            group.about[row["id"]] = IncidentId(about)


def moment(row: Mapping[str, Any]) -> datetime:
    """When a message was sent; a row without a time is of the first of January 2026."""
    at = datetime.fromisoformat(row.get("at") or "2026-01-01T00:00")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def row_of(one: Labelled) -> dict[str, Any]:
    """A labelled message as the form it has in files, as far as a reading needs it."""
    return {
        "id": one.id,
        "group": one.group,
        "at": one.at.isoformat(),
        "author": one.author,
        "text": one.text,
        "reply_to": one.reply_to,
        "media": one.media,
    }
