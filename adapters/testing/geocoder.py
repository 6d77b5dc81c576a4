"""What every geocoder must do, and what its author writes to have it checked."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from adapters.testing.host import expect
from bot.model.place import Point
from bot.model.reading import Area
from bot.ports.geocoder import Geocoder

NONSENSE = "Xylofoonkwartier"
SEA = Point(lat=53.2, lon=4.0)
STRANGE = ("", "   ", "\n\t", "!!!", "\N{PARTY POPPER}", "x" * 5_000, "\x00\u202e", "'; drop table streets; --")


class GeocoderRig(Protocol):
    """A geocoder that knows one street."""

    @property
    def street(self) -> str:
        """Its name."""
        ...

    @property
    def point(self) -> Point:
        """On that street."""
        ...

    def geocoder(self) -> AbstractAsyncContextManager[Geocoder]:
        """Entered before use."""
        ...


async def a_street_is_found_by_its_name(rig: GeocoderRig) -> None:
    async with rig.geocoder() as geocoder:
        places = await geocoder.find(rig.street, Area())
        expect(bool(places) and rig.street in places[0].label, "the street comes first")
        point = places[0].point
        expect(point is not None and point.metres_to(rig.point) < 1_000, "about where it is")
        expect(bool(places[0].source), "saying where that is known from")


async def at_most_five_places_come_best_first(rig: GeocoderRig) -> None:
    async with rig.geocoder() as geocoder:
        scores = [place.score for place in await geocoder.find(rig.street, Area(centre=rig.point))]
        expect(1 <= len(scores) <= 5, "one to five")
        expect(scores == sorted(scores, reverse=True), "best first")
        expect(all(0 <= score <= 1 for score in scores), "scores from 0 to 1")


async def a_street_that_is_not_known_is_not_guessed(rig: GeocoderRig) -> None:
    async with rig.geocoder() as geocoder:
        expect(await geocoder.find(NONSENSE, Area()) == (), "unsure is empty")


async def words_that_are_no_place_find_nothing_and_break_nothing(rig: GeocoderRig) -> None:
    async with rig.geocoder() as geocoder:
        for words in STRANGE:
            found = await geocoder.find(words, Area(centre=rig.point))
            expect(len(found) <= 5, "any words give an answer")
            expect(any(char.isalpha() for char in words) or found == (), "without a letter there is no place")


async def a_point_is_named_as_people_call_it(rig: GeocoderRig) -> None:
    async with rig.geocoder() as geocoder:
        near = await geocoder.nearest(rig.point)
        expect(near is not None and rig.street in near.label, "the street at this point")
        expect(await geocoder.nearest(SEA) is None, "the middle of the sea has no name")


GEOCODING = (
    a_street_is_found_by_its_name,
    at_most_five_places_come_best_first,
    a_street_that_is_not_known_is_not_guessed,
    words_that_are_no_place_find_nothing_and_break_nothing,
    a_point_is_named_as_people_call_it,
)
