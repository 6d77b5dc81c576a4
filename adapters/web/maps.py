"""What maps and public lists may show of a place."""

from __future__ import annotations

import re
from typing import Any

from bot.model.place import Place, Point

_POSTCODE = re.compile(r"\s*\b\d{4}\s?[A-Za-z]{2}\b")
_HOUSE_NUMBER = re.compile(r"\s*[^\s,]*\d[^\s,]*(?:\s[A-Za-z]\b)?")
HOME_DECIMALS = 3
"""A home's point is rounded to 0.001 degree: some 110 by 70 metres in the Netherlands."""


def public_label(place: Place) -> str:
    """The place as everybody may read it: a home only by its street."""
    if not place.home:
        return place.label
    street = _HOUSE_NUMBER.sub("", _POSTCODE.sub("", place.label))
    return re.sub(r"\s*,(\s*,)*\s*$", "", street).strip(" ,") or "in de buurt"


def public_point(place: Place) -> Point | None:
    """The point as everybody may see it: a home only roughly."""
    if place.point is None or not place.home:
        return place.point
    return Point(lat=round(place.point.lat, HOME_DECIMALS), lon=round(place.point.lon, HOME_DECIMALS))


def pin(point: Point, title: str, lines: tuple[str, ...], tone: str, link: str = "") -> dict[str, Any]:
    """A pin for the map script. `tone` colours it; the words say the same."""
    return {
        "lat": point.lat,
        "lon": point.lon,
        "title": title,
        "lines": list(lines),
        "tone": tone,
        "link": link,
    }
