"""Points and lines on a small flat piece of the earth. Coordinates are (lat, lon), WGS 84; distances metres."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.model.place import EARTH_RADIUS_M, Point

Line = tuple[Point, ...]
METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M


def offset(point: Point, origin: Point) -> tuple[float, float]:
    """East and north of the origin, metres; good to centimetres within a town."""
    east = (point.lon - origin.lon) * METRES_PER_DEGREE * math.cos(math.radians(origin.lat))
    return east, (point.lat - origin.lat) * METRES_PER_DEGREE


def closest(line: Line, point: Point) -> tuple[float, Point]:
    """Distance from a point to a line, and where on the line that is."""
    best = (point.metres_to(line[0]), line[0])
    for start, end in pairwise(line):
        spot = _on_segment(start, end, point)
        east, north = offset(spot, point)
        best = min(best, (math.hypot(east, north), spot), key=lambda one: one[0])
    return best


def _on_segment(start: Point, end: Point, point: Point) -> Point:
    ax, ay = offset(start, point)
    bx, by = offset(end, point)
    length2 = (bx - ax) ** 2 + (by - ay) ** 2
    share = 0.0 if length2 == 0 else max(0.0, min(1.0, -(ax * (bx - ax) + ay * (by - ay)) / length2))
    return between(start, end, share)


def between(start: Point, end: Point, share: float) -> Point:
    """The point at `share` (0 to 1) of the way."""
    return Point(
        lat=start.lat + (end.lat - start.lat) * share,
        lon=start.lon + (end.lon - start.lon) * share,
    )


def along(line: Line, share: float) -> Point:
    """The point at `share` (0 to 1) of a line's length."""
    lengths = [start.metres_to(end) for start, end in pairwise(line)]
    left = sum(lengths) * max(0.0, min(1.0, share))
    for (start, end), length in zip(pairwise(line), lengths, strict=True):
        if left <= length and length > 0:
            return between(start, end, left / length)
        left -= length
    return line[-1]


def meeting(one: Sequence[Line], other: Sequence[Line]) -> tuple[float, Point]:
    """Where two streets come closest: their distance there, and the point halfway. Exact where a vertex of
    one touches the other; crossings between vertices are found by cutting segments to a few metres.
    """
    best: tuple[float, Point] | None = None
    for line in one:
        for vertex in _dense(line):
            for target in other:
                metres, spot = closest(target, vertex)
                if best is None or metres < best[0]:
                    best = (metres, between(vertex, spot, 0.5))
    if best is None:
        raise ValueError("a street without a line")
    return best


def _dense(line: Line, step_m: float = 10.0) -> Iterator[Point]:
    for start, end in pairwise(line):
        cuts = min(200, max(1, math.ceil(start.metres_to(end) / step_m)))
        yield from (between(start, end, cut / cuts) for cut in range(cuts))
    yield line[-1]


def middle(lines: Sequence[Line]) -> Point:
    """A point on the line (the longest one) that stands for all of it."""
    longest = max(lines, key=lambda line: sum(start.metres_to(end) for start, end in pairwise(line)))
    return along(longest, 0.5)
