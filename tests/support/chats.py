"""Small labelled neighbourhood chats as readings, for tests and measurements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.model.ids import IncidentId, PersonKey
from bot.model.reading import Intent, OpenReport, Reading

SAMPLE = Path(__file__).parents[2] / "nlp" / "corpus" / "sample.jsonl"
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


def rows(path: Path = SAMPLE) -> list[dict[str, Any]]:
    """The lines of a labelled file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def labelled(path: Path = SAMPLE) -> list[Labelled]:
    """Every message with the reports that were made before it in its group."""
    return list(_labelled(path))


def _labelled(path: Path) -> Iterator[Labelled]:
    earlier: defaultdict[str, list[OpenReport]] = defaultdict(list)
    refs: dict[str, str | None] = {}
    for row in rows(path):
        at = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC)
        refs[row["id"]] = row["id"] if row["intent"] == "report" else row["ref"]
        replied = refs.get(row["reply_to"] or "")
        yield Labelled(
            reading=Reading(
                text=row["text"],
                author=PersonKey(row["author"]),
                at=at,
                photo=row["media"] == "photo",
                reply_about=IncidentId(replied) if replied else None,
                open_reports=tuple(earlier[row["group"]][-OPEN:]),
            ),
            intent=Intent(row["intent"]),
            category=row["category"],
            urgent=row["urgent"],
            locations=tuple(row["location"]),
            personal=tuple(row["pii"]),
            about=IncidentId(row["ref"]) if row["ref"] else None,
        )
        if row["intent"] == "report":
            report = OpenReport(
                id=IncidentId(row["id"]),
                category=row["category"],
                place=" ".join(row["location"]),
                text=row["text"],
                at=at,
            )
            earlier[row["group"]].append(report)
