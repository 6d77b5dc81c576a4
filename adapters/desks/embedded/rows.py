"""Rows to records and back. Times rest as microseconds since 1970, UTC."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.desk import Addition, Case, CaseEntry, Filing, Similar
from bot.model.place import Place, Point
from bot.model.report import Question, Status, StatusChange

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def ticks(at: datetime) -> int:
    """A time as it rests."""
    return (at - _EPOCH) // _TICK


def maybe_ticks(at: datetime | None) -> int | None:
    """The same where there may be none."""
    return None if at is None else ticks(at)


def from_ticks(value: int) -> datetime:
    """A time that rested."""
    return _EPOCH + value * _TICK


def maybe_from_ticks(value: int | None) -> datetime | None:
    """The same where there may be none."""
    return None if value is None else from_ticks(value)


def filing_values(filing: Filing) -> dict[str, Any]:
    """What `insert_case` takes of a filing."""
    place = filing.place
    return {
        "tenant_id": filing.tenant_id,
        "own": filing.own,
        "category": filing.category,
        "text": filing.text,
        "contact": filing.contact,
        "about": filing.about,
        "neighbours": filing.neighbours,
        "seen_at": ticks(filing.seen_at),
        "place_label": place.label,
        "place_lat": place.point.lat if place.point else None,
        "place_lon": place.point.lon if place.point else None,
        "place_home": int(place.home),
        "place_source": place.source,
        "place_score": place.score,
    }


def addition_values(addition: Addition) -> dict[str, Any]:
    """What `insert_entry` takes of an addition."""
    return {
        "own": addition.own,
        "at": ticks(addition.at),
        "kind": addition.kind,
        "text": addition.text,
        "staff": "",
        "party": "",
        "until": None,
    }


def place_of(row: sqlite3.Row) -> Place:
    """Where a case is."""
    point = None
    if row["place_lat"] is not None:
        point = Point(lat=row["place_lat"], lon=row["place_lon"])
    return Place(
        label=row["place_label"],
        point=point,
        home=bool(row["place_home"]),
        source=row["place_source"],
        score=row["place_score"],
    )


def case_of(row: sqlite3.Row, photos: Iterable[str], entries: Iterable[sqlite3.Row] = ()) -> Case:
    """A case as staff see it."""
    question = None
    if row["question_text"] is not None:
        question = Question(
            text=row["question_text"],
            asked_at=from_ticks(row["question_at"]),
            until=maybe_from_ticks(row["question_until"]),
        )
    return Case(
        reference=row["reference"],
        category=row["category"],
        text=row["text"],
        place=place_of(row),
        status=Status(row["status"]),
        received_at=from_ticks(row["received_at"]),
        changed_at=from_ticks(row["changed_at"]),
        seen_at=from_ticks(row["seen_at"]),
        neighbours=row["neighbours"],
        contact=row["contact"],
        about=row["about"],
        question=question,
        thread=tuple(entry_of(entry) for entry in entries),
        photos=tuple(photos),
        assigned=row["assigned"],
        merged_into=row["merged_into"],
    )


def entry_of(row: sqlite3.Row) -> CaseEntry:
    """A line of a case's thread."""
    return CaseEntry(
        at=from_ticks(row["at"]),
        kind=row["kind"],
        text=row["text"],
        by=row["staff"],
        photo=row["photo_id"],
        party=row["party"],
        until=maybe_from_ticks(row["until"]),
    )


def change_of(row: sqlite3.Row) -> StatusChange:
    """A status change as it is told."""
    return StatusChange(
        reference=row["reference"],
        status=Status(row["status"]),
        at=from_ticks(row["at"]),
        note=row["note"],
        party=row["party"],
        until=maybe_from_ticks(row["until"]),
        merged_into=row["merged_into"],
    )


def similar_of(row: sqlite3.Row) -> Similar:
    """A case as others may see it."""
    return Similar(
        reference=row["reference"],
        category=row["category"],
        place=place_of(row),
        filed_at=from_ticks(row["received_at"]),
        status=Status(row["status"]),
    )
