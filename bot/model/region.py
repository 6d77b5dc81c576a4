"""A piece of the map: where a route holds, or where a municipality ends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from bot.model.place import Point

Ring = tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Rings of points, or a circle. Several rings count by turns: a ring inside another is a hole.

    Straight lines on a map of degrees: good for a town. A point on the very line may fall on either side.
    """

    rings: tuple[Ring, ...] = ()
    centre: Point | None = None
    radius_m: float = 0.0

    def holds(self, point: Point) -> bool:
        """Is this point inside?"""
        if self.centre is not None:
            return point.metres_to(self.centre) <= self.radius_m
        return sum(_crossings(ring, point) for ring in self.rings) % 2 == 1


def _crossings(ring: Ring, point: Point) -> int:
    """How often a line from the point to the east crosses the ring; a ring that is open is closed."""
    return sum(_crosses(start, end, point) for start, end in pairwise((*ring, *ring[:1])))


def _crosses(start: Point, end: Point, point: Point) -> bool:
    if (start.lat > point.lat) == (end.lat > point.lat):
        return False
    share = (point.lat - start.lat) / (end.lat - start.lat)
    return start.lon + share * (end.lon - start.lon) > point.lon
