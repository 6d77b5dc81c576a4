"""Small labelled neighbourhood chats as readings, for tests and measurements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.model.ids import IncidentId, PersonKey
from bot.model.reading import Intent, OpenReport, Reading
from nlp.corpus import read_file
from nlp.corpus.reading import HERE

SAMPLE = HERE / "sample.jsonl"
OPEN = 6
"""How many of a group's latest reports are open when a message comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A message and what people say it means."""

    reading: Reading
    intent: Intent
    category: str | None
    urgent: bool
    locations: tuple[str, ...]
    personal: tuple[str, ...]
    about: IncidentId | None


def labelled(path: Path = SAMPLE) -> list[Labelled]:
    """Every message with the reports that were made before it in its group."""
    return list(_labelled(path))


def _labelled(path: Path) -> Iterator[Labelled]:
    earlier: defaultdict[str, list[OpenReport]] = defaultdict(list)
    refs: dict[str, str | None] = {}
    for one in read_file(path):
        refs[one.id] = one.id if one.intent is Intent.REPORT else one.ref
        replied = refs.get(one.reply_to or "")
        yield Labelled(
            reading=Reading(
                text=one.text,
                author=PersonKey(one.author),
                at=one.at,
                photo=one.media == "photo",
                reply_about=IncidentId(replied) if replied else None,
                open_reports=tuple(earlier[one.group][-OPEN:]),
            ),
            intent=one.intent,
            category=one.category,
            urgent=one.urgent,
            locations=one.location,
            personal=one.pii,
            about=IncidentId(one.ref) if one.ref else None,
        )
        if one.intent is Intent.REPORT and one.category:
            earlier[one.group].append(
                OpenReport(
                    id=IncidentId(one.id),
                    category=one.category,
                    place=" ".join(one.location),
                    text=one.text,
                    at=one.at,
                )
            )
