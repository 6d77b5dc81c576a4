"""Pieces of the map."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.model.place import Point
from bot.model.region import Region

SQUARE = tuple(Point(lat=lat, lon=lon) for lat, lon in ((52.0, 4.0), (52.0, 4.2), (52.2, 4.2), (52.2, 4.0)))
YARD = tuple(Point(lat=lat, lon=lon) for lat, lon in ((52.05, 4.05), (52.05, 4.15), (52.15, 4.15), (52.15, 4.05)))
INSIDE = st.builds(Point, lat=st.floats(52.0001, 52.1999), lon=st.floats(4.0001, 4.1999))
ANYWHERE = st.builds(Point, lat=st.floats(50.7, 53.7), lon=st.floats(3.2, 7.3))


@given(point=INSIDE)
def test_a_square_holds_what_is_inside(point: Point) -> None:
    assert Region(rings=(SQUARE,)).holds(point)
    assert Region(rings=(tuple(reversed(SQUARE)),)).holds(point)
    assert Region(rings=((*SQUARE, SQUARE[0]),)).holds(point)


@given(point=ANYWHERE)
def test_a_square_holds_nothing_else(point: Point) -> None:
    outside = not (52.0 <= point.lat <= 52.2 and 4.0 <= point.lon <= 4.2)
    assert not (outside and Region(rings=(SQUARE,)).holds(point))


@given(point=INSIDE)
def test_a_ring_inside_another_is_a_hole(point: Point) -> None:
    hole = Region(rings=(YARD,)).holds(point)
    assert Region(rings=(SQUARE, YARD)).holds(point) is not hole


def test_a_circle_is_measured_in_metres() -> None:
    centre = Point(lat=52.0, lon=4.0)
    near = Point(lat=52.0, lon=4.0145)
    assert 990 < centre.metres_to(near) < 1000
    assert Region(centre=centre, radius_m=1000).holds(near)
    assert not Region(centre=centre, radius_m=980).holds(near)


@given(point=ANYWHERE)
def test_no_region_holds_nothing(point: Point) -> None:
    assert not Region().holds(point)
