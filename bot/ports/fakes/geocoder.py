"""A geocoder that knows exactly the places it was given."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model.errors import Later
from bot.model.place import Place, Point
from bot.model.reading import Area

NEAR_M = 150.0


class FakeGeocoder:
    """`places` by the words that find them, compared without case; several places make it unsure.

    `asked` logs what was asked, so that a test can see that nothing but place words went out. While `away`
    every question raises `Later`.
    """

    def __init__(self, places: Mapping[str, tuple[Place, ...]] | None = None, *, local: bool = True) -> None:
        self.places = {words.casefold(): found for words, found in (places or {}).items()}
        self.asked: list[str] = []
        self.away = False
        self._local = local

    @property
    def local(self) -> bool:
        """As the test wants it."""
        return self._local

    async def find(self, words: str, area: Area) -> tuple[Place, ...]:
        """The places given for these words, at most five."""
        self._answer(words)
        return self.places.get(" ".join(words.split()).casefold(), ())[:5]

    async def nearest(self, point: Point) -> Place | None:
        """The nearest of all places given, within 150 m."""
        self._answer("")
        known = [
            (place.point.metres_to(point), place)
            for found in self.places.values()
            for place in found
            if place.point is not None and place.point.metres_to(point) <= NEAR_M
        ]
        return min(known, key=lambda one: one[0])[1] if known else None

    def _answer(self, words: str) -> None:
        self.asked.append(words)
        if self.away:
            raise Later(30.0, "the geocoder is away")
