"""A chat as the bot would read it: message by message, with the reports it heard itself as the open ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.model.errors import InputError
from bot.model.reading import Intent, Interpretation
from bot.ports.interpreter import Interpreter
from nlp.light.chats import Walk

NEEDED = ("id", "group", "text")
OPTIONAL = ("at", "author", "reply_to", "media")

Row = Mapping[str, Any]


def rows(lines: Iterable[bytes], name: str) -> Iterator[Row]:
    """The messages of a JSONL file; InputError names `name` and the number of the first line that is none."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise InputError(f"{name}:{number}", f"is not UTF-8 at byte {error.start + 1}") from None
        except (json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"{name}:{number}", f"is not JSON: {error}") from None
        what = _fault(row)
        if what:
            raise InputError(f"{name}:{number}", what)
        yield row


def _fault(row: Any) -> str | None:
    if not isinstance(row, dict):
        return "is not a JSON object"
    for key in NEEDED:
        if not isinstance(row.get(key), str) or (not row[key] and key != "text"):
            return f"{key}: must be a text"
    for key in OPTIONAL:
        if not isinstance(row.get(key), str | None):
            return f"{key}: must be a text or null"
    try:
        datetime.fromisoformat(row.get("at") or "2026-01-01T00:00")
    except ValueError:
        return "at: must be a time like 2026-03-02T21:14"
    return None


def classified(given: Iterable[Row], interpreter: Interpreter) -> Iterator[tuple[Row, Interpretation]]:
    """Each message with what it means. Labels are not looked at."""
    walk = Walk()
    for row in given:
        meaning = interpreter.interpret([walk.reading(row)])[0]
        spots = [row["text"][one.start : one.end] for one in meaning.places]
        about = str(meaning.about) if meaning.about else None
        walk.meant(row, meaning.intent, meaning.category, spots, about)
        yield row, meaning


def answer(row: Row, meaning: Interpretation) -> dict[str, Any]:
    """What `bart classify` writes for a message."""
    relevant = meaning.intent is not Intent.NONE
    ref = str(meaning.about) if meaning.about and meaning.intent is not Intent.REPORT else None
    return {
        "id": row["id"],
        "intent": meaning.intent.value,
        "p_report": meaning.p_report,
        "category": meaning.category if relevant else None,
        "categories": [[slug, p] for slug, p in meaning.categories],
        "urgent": meaning.urgent,
        "p_urgent": meaning.p_urgent,
        "location": _pieces(row["text"], meaning.places) if relevant else [],
        "pii": _pieces(row["text"], meaning.personal),
        "ref": ref,
    }


def _pieces(text: str, extents: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(text[one.start : one.end] for one in extents))
