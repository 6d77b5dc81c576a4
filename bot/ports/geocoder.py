"""From place words to places."""

from __future__ import annotations

from typing import Protocol

from bot.model.place import Place, Point
from bot.model.reading import Area


class Geocoder(Protocol):
    """`local` geocoders run here and may see place words before consent; others only after it."""

    @property
    def local(self) -> bool: ...

    async def find(self, words: str, area: Area) -> tuple[Place, ...]:
        """Places these words may mean, best first, at most five; empty when unsure. Gets place words only,
        never a whole message. Raises `Later` when the service is away.
        """
        ...

    async def nearest(self, point: Point) -> Place | None:
        """What people call the place at this point."""
        ...
