"""Small labelled neighbourhood chats as readings, for tests and measurements."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.model.ids import IncidentId
from bot.model.reading import Intent, Reading
from nlp.corpus import read_file
from nlp.corpus.reading import HERE
from nlp.light.chats import Walk, row_of

SAMPLE = HERE / "sample.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A message as the bot would have heard it, and what people say it means."""

    reading: Reading
    intent: Intent
    category: str | None
    urgent: bool
    locations: tuple[str, ...]
    personal: tuple[str, ...]
    about: IncidentId | None


def labelled(path: Path = SAMPLE) -> list[Labelled]:
    """Every message with the labelled reports that were open in its group."""
    walk, found = Walk(), []
    for one in read_file(path):
        row = row_of(one)
        found.append(
            Labelled(
                reading=walk.reading(row),
                intent=one.intent,
                category=one.category,
                urgent=one.urgent,
                locations=one.location,
                personal=one.pii,
                about=IncidentId(one.ref) if one.ref else None,
            )
        )
        walk.meant(row, one.intent, one.category, one.location, one.ref)
    return found
