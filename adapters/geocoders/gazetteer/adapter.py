"""The gazetteer as a geocoder: runs here, so that it may see place words before consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.geocoders.gazetteer.features import OUTLINE, STREET, Feature, read_geojson
from adapters.geocoders.gazetteer.importing import to_geojson
from adapters.geocoders.gazetteer.index import Index
from bot.model.errors import ConfigError, GazetteerError
from bot.model.place import Place, Point
from bot.model.reading import Area
from bot.ports.setup import Setup

DEMO = Path(__file__).with_name("demo.geojson")
SAMPLE = "demo"
IMPORTED = "gazetteer.geojson"
"""Where an import puts its file, in the adapter's data folder."""


class Gazetteer:
    """Streets and places of one file, in memory."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self._features = tuple(features)
        self._index = Index(features)

    @property
    def local(self) -> bool:
        """Nothing leaves this process."""
        return True

    async def find(self, words: str, area: Area) -> tuple[Place, ...]:
        """Places these words may mean, best first; empty when unsure."""
        return self._index.find(words, area)

    async def nearest(self, point: Point) -> Place | None:
        """The named place or street at this point."""
        return self._index.nearest(point)

    def map(self) -> Mapping[str, object]:
        """Outline of the area and its streets as GeoJSON, for a map that has no tiles."""
        drawn = [to_geojson(one) for one in self._features if one.kind in {OUTLINE, STREET}]
        return {"type": "FeatureCollection", "features": drawn}


def geocoder(setup: Setup) -> Gazetteer:
    """Options: `file`, a GeoJSON file, or "demo" for the made-up neighbourhood until something is imported.
    Without it the adapter's own imported file is used: nobody gets invented streets by not importing any.
    """
    unknown = sorted(set(setup.options) - {"file"})
    if unknown:
        raise ConfigError(f"{setup.where}.{unknown[0]}", "the gazetteer has no such setting (it has: file)")
    file = setup.options.get("file", "")
    if not isinstance(file, str):
        raise ConfigError(f"{setup.where}.file", "is no path in quotes")
    imported = setup.data / IMPORTED
    if file in ("", SAMPLE) and imported.is_file():
        path = imported
    elif file:
        path = DEMO if file == SAMPLE else Path(file)
    else:
        raise ConfigError(setup.where, f"no streets yet: bart gazetteer import FILE --tenant {setup.tenant_id}")
    try:
        return Gazetteer(read_geojson(path))
    except GazetteerError as error:
        raise ConfigError(f"{setup.where}.file", str(error)) from error
