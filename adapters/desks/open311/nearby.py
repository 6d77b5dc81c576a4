"""Open requests near a place, out of a list of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.desks.open311.reading import moment, note, number, words
from adapters.desks.open311.statuses import WORDS, word
from bot.model.desk import Similar
from bot.model.place import Place, Point
from bot.model.report import Status

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def similar_of(
    listed: Iterable[Mapping[str, Any]], code: str, category: str, near: Point, radius_m: float
) -> tuple[Similar, ...]:
    """Nearest first. Servers need not heed what was asked for, so service and status are looked at again."""
    found = []
    for table in listed:
        point = point_of(table)
        status = WORDS.get(word(words(table, "status")), Status.RECEIVED)
        if point is None or not status.is_open or words(table, "service_code") not in ("", code):
            continue
        distance = point.metres_to(near)
        if distance <= radius_m and words(table, "service_request_id"):
            found.append((distance, words(table, "service_request_id"), _similar(table, category, point, status)))
    return tuple(one for _, _, one in sorted(found, key=lambda item: item[:2]))


def point_of(table: Mapping[str, Any]) -> Point | None:
    """Where a request is; None for none, and for what is no place on earth."""
    lat, lon = number(table, "lat"), number(table, "long")
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return Point(lat=lat, lon=lon)


def _similar(table: Mapping[str, Any], category: str, point: Point, status: Status) -> Similar:
    return Similar(
        reference=words(table, "service_request_id"),
        category=category,
        place=Place(label=note(words(table, "address"))[:200], point=point, source="open311"),
        filed_at=moment(table, "requested_datetime") or LONG_AGO,
        status=Status.RECEIVED if status is Status.REOPENED else status,
        text=note(words(table, "description")),
    )
