"""Labelled chats written for one test: rows in the documented form and files of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def row(number: int = 1, **changes: Any) -> Row:
    """An ordinary message of group g1, in the documented order of keys; later numbers come later."""
    plain: Row = {
        "id": f"g1-{number:03}",
        "group": "g1",
        "place": "Zwolle, Assendorp",
        "platform": "whatsapp",
        "at": f"2026-03-02T{20 + number // 60:02}:{number % 60:02}",
        "author": "Fatima",
        "text": "wie heeft er een ladder te leen",
        "reply_to": None,
        "media": None,
        "intent": "none",
        "category": None,
        "urgent": False,
        "location": [],
        "pii": [],
        "ref": None,
        "why": None,
    }
    return plain | changes


def report(number: int = 1, **changes: Any) -> Row:
    """A report of glass at the bottle bank."""
    glass = {
        "text": "ligt weer vol glas bij de glasbak op het Parijsplein",
        "intent": "report",
        "category": "zwerfvuil",
        "location": ["bij de glasbak op het Parijsplein"],
    }
    return row(number, **(glass | changes))


def follow_up(number: int = 2, **changes: Any) -> Row:
    """Somebody adds to the first report."""
    more = {"text": "ja hier ook", "intent": "addition", "category": "zwerfvuil", "ref": "g1-001"}
    return row(number, **(more | changes))


def written(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A file of these rows."""
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), "utf-8")
    return path
