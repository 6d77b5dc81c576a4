"""A place as desks need it: words, and a point when it could be resolved."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """WGS 84, degrees."""

    lat: float
    lon: float

    def metres_to(self, other: Point) -> float:
        """Distance on a sphere (haversine), metres; good to 0.5 %, far below the width of a street."""
        lat1, lat2 = math.radians(self.lat), math.radians(other.lat)
        half = (
            math.sin((lat2 - lat1) / 2) ** 2
            + math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(other.lon - self.lon) / 2) ** 2
        )
        return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


_NUMBER = r"\d+\s*[a-zA-Z]?(?:-\d+)?"
_NUMBERS = re.compile(rf"\s+{_NUMBER}(?:\s*(?:t/m|en|-)\s*{_NUMBER})?(?=,|$)")
"""House numbers at the end of a street's name, one or from one to another."""
SURE = 0.05
"""How much better the best place must score than the next to be taken without asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A resolved place.

    `label` is what people read ("glasbak, Parijsplein"). `home` is true where the label could be
    somebody's house: desks get it, everybody else sees it masked or rounded. `source` is the geocoder.
    """

    label: str
    point: Point | None = None
    home: bool = False
    source: str = ""
    score: float = 1.0

    @property
    def public_label(self) -> str:
        """The label for everybody but the desk: a home is named by its street only."""
        return _NUMBERS.sub("", self.label) if self.home else self.label


def sure_of(places: tuple[Place, ...]) -> Place | None:
    """Of places best first: the best, where it is clearly better than the next; else somebody must pick."""
    if not places or (len(places) > 1 and places[0].score - places[1].score < SURE):
        return None
    return places[0]
