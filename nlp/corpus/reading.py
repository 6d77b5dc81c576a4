"""Reads labelled messages (docs/labelling.md) from the files beside this one."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.model.reading import Intent

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One message and what people say it means.

    `at` is the clock on the wall of the place, marked as UTC: only order and distance matter.
    `location` and `pii` are exact pieces of `text`. `ref` is the id of the report that an addition or
    "solved" is about. `writer` is the name of the file without its suffix.
    """

    writer: str
    id: str
    group: str
    place: str
    platform: str
    at: datetime
    author: str
    text: str
    reply_to: str | None
    media: str | None
    intent: Intent
    category: str | None
    urgent: bool
    location: tuple[str, ...]
    pii: tuple[str, ...]
    ref: str | None
    why: str | None


def files(folder: Path = HERE) -> list[Path]:
    """Every labelled file, by name."""
    return sorted(folder.glob("*.jsonl"))


def parts() -> dict[str, tuple[str, ...]]:
    """The writers of each part, as `split.toml` declares them; one part takes every writer not named elsewhere."""
    table = tomllib.loads((HERE / "split.toml").read_text("utf-8"))
    named = {writer for part in table.values() for writer in part.get("writers", ())}
    rest = tuple(path.stem for path in files() if path.stem not in named)
    return {name: rest if part.get("rest") else tuple(part["writers"]) for name, part in table.items()}


def read(split: str | None = None) -> list[Labelled]:
    """The messages of a part ("train", "dev", "dev_real", "test", "test_real"), or of all files.

    Messages come in chat order within a group, groups in the order of their file. KeyError names a part
    that does not exist.
    """
    if split is None:
        return [message for path in files() for message in read_file(path)]
    return [message for writer in parts()[split] for message in read_file(HERE / f"{writer}.jsonl")]


def read_file(path: Path) -> list[Labelled]:
    """The messages of one file that the validator accepts."""
    return [of_row(json.loads(line), path.stem) for line in path.read_text("utf-8").split("\n") if line]


def of_row(row: Mapping[str, Any], writer: str) -> Labelled:
    """A message from its JSON form."""
    return Labelled(
        writer=writer,
        id=row["id"],
        group=row["group"],
        place=row["place"],
        platform=row["platform"],
        at=datetime.fromisoformat(row["at"]).replace(tzinfo=UTC),
        author=row["author"],
        text=row["text"],
        reply_to=row["reply_to"],
        media=row["media"],
        intent=Intent(row["intent"]),
        category=row["category"],
        urgent=row["urgent"],
        location=tuple(row["location"]),
        pii=tuple(row["pii"]),
        ref=row["ref"],
        why=row["why"],
    )
