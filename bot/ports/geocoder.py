"""From place words to places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from bot.model.place import Place, Point
from bot.model.reading import Area


@runtime_checkable
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


@runtime_checkable
class DrawsMap(Protocol):
    """A geocoder that can draw its area for a map without tiles."""

    def map(self) -> Mapping[str, object]:
        """A GeoJSON FeatureCollection: the outline (`kind` "outline") and streets (`kind` "street", `name`)."""
        ...
