"""Streets and places as records, and reading them strictly from GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.geocoders.gazetteer.geometry import Line, middle
from bot.model.errors import GazetteerError
from bot.model.place import Point

STREET, PLACE, OUTLINE = "street", "place", "outline"
KINDS = (STREET, PLACE, OUTLINE)
LARGEST_FILE = 64 * 1024 * 1024
LONGEST_NAME = 100
LATITUDES = (50.7, 53.7)
LONGITUDES = (3.2, 7.3)
"""The European Netherlands with its coastal waters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A street (lines), a place (point; `lines` where it has a shape) or the outline of the area.

    `numbers` are the first and the last house number, from the start of the line to its end.
    """

    name: str
    kind: str
    point: Point
    lines: tuple[Line, ...] = ()
    aliases: tuple[str, ...] = ()
    numbers: tuple[int, int] | None = None


def read_geojson(path: Path) -> list[Feature]:
    """All features of a file; raises `GazetteerError` that names the feature and what is wrong with it."""
    text = read_text(path)
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GazetteerError(str(path), f"is no valid JSON: {error}") from error
    rows = table.get("features") if isinstance(table, Mapping) else None
    if not isinstance(rows, list) or table.get("type") != "FeatureCollection":
        raise GazetteerError(str(path), "is no GeoJSON FeatureCollection")
    features = [_feature(row, f"{path}, feature {number}") for number, row in enumerate(rows, start=1)]
    check_together(features, [f"{path}, feature {number}" for number in range(1, len(rows) + 1)], path)
    return features


def read_text(path: Path) -> str:
    """The file as UTF-8 text (a byte order mark is fine)."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise GazetteerError(str(path), f"is larger than {LARGEST_FILE // 1024 // 1024} MiB")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise GazetteerError(str(path), f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise GazetteerError(str(path), f"is not UTF-8 (byte {error.start + 1})") from error


def check_together(features: list[Feature], where: list[str], path: Path) -> None:
    """Nothing at all, and the same thing twice, are mistakes."""
    if not any(feature.kind != OUTLINE for feature in features):
        raise GazetteerError(str(path), "has no streets or places")
    seen: dict[tuple[str, str, float, float], str] = {}
    for feature, spot in zip(features, where, strict=True):
        key = (feature.name.casefold(), feature.kind, round(feature.point.lat, 4), round(feature.point.lon, 4))
        if key in seen:
            raise GazetteerError(spot, f'"{feature.name}" is a duplicate of {seen[key]}')
        seen[key] = spot


def point_at(lat: object, lon: object, where: str) -> Point:
    """A point in the Netherlands; says so when latitude and longitude look swapped."""
    for value in (lat, lon):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise GazetteerError(where, f"coordinate {value!r} is no number")
    if _inside(float(str(lat)), float(str(lon))):
        return Point(lat=float(str(lat)), lon=float(str(lon)))
    if _inside(float(str(lon)), float(str(lat))):
        raise GazetteerError(where, f"latitude {lat} and longitude {lon} look swapped")
    raise GazetteerError(where, f"latitude {lat}, longitude {lon} is outside the Netherlands")


def _inside(lat: float, lon: float) -> bool:
    return LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lon <= LONGITUDES[1]


def clean_name(value: object, where: str) -> str:
    """A name people read: not empty, one line, not longer than `LONGEST_NAME`."""
    if not isinstance(value, str) or not value.strip():
        raise GazetteerError(where, "has no name")
    name = " ".join(value.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise GazetteerError(where, f"has a name longer than {LONGEST_NAME} characters or with control characters")
    return name


def make(properties: Mapping[str, Any], lines: tuple[Line, ...], point: Point | None, where: str) -> Feature:
    """A checked feature; the kind is taken from the shape where it is not given."""
    kind = properties.get("kind") or (STREET if lines else PLACE)
    if kind not in KINDS:
        raise GazetteerError(where, f'kind "{kind}" is none of {", ".join(KINDS)}')
    if kind != PLACE and not lines:
        raise GazetteerError(where, f"a {kind} needs a line, not a point")
    aliases = properties.get("aliases") or []
    if not isinstance(aliases, list):
        raise GazetteerError(where, "aliases is no list")
    return Feature(
        name=clean_name(properties.get("name"), where),
        kind=kind,
        point=point or middle(lines),
        lines=lines,
        aliases=tuple(clean_name(alias, where) for alias in aliases),
        numbers=_numbers(properties.get("numbers"), where),
    )


def _numbers(value: object, where: str) -> tuple[int, int] | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(type(one) is int and one > 0 for one in value):
        return value[0], value[1]
    raise GazetteerError(where, "numbers is no list of the first and the last house number")


def _feature(row: object, where: str) -> Feature:
    if not isinstance(row, Mapping) or row.get("type") != "Feature":
        raise GazetteerError(where, "is no GeoJSON Feature")
    properties = row.get("properties")
    shape = row.get("geometry")
    if not isinstance(properties, Mapping) or not isinstance(shape, Mapping):
        raise GazetteerError(where, "has no properties or no geometry")
    coordinates = shape.get("coordinates")
    if shape.get("type") == "Point":
        return make(properties, (), _position(coordinates, where), where)
    return make(properties, tuple(_lines(shape.get("type"), coordinates, where)), None, where)


def _lines(shape: object, coordinates: object, where: str) -> Iterator[Line]:
    if shape == "LineString":
        yield _line(coordinates, where)
    elif shape in {"MultiLineString", "Polygon"} and isinstance(coordinates, list) and coordinates:
        yield from (_line(part, where) for part in coordinates)
    else:
        raise GazetteerError(where, f"geometry {shape!r} is no Point, LineString, MultiLineString or Polygon")


def _line(coordinates: object, where: str) -> Line:
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise GazetteerError(where, "a line needs at least two points")
    return tuple(_position(one, where) for one in coordinates)


def _position(value: object, where: str) -> Point:
    if not isinstance(value, list) or len(value) not in {2, 3}:
        raise GazetteerError(where, "a position is no [longitude, latitude]")
    return point_at(value[1], value[0], where)
