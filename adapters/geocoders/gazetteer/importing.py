"""A user's own streets and places, from CSV or GeoJSON, checked and written as one normalised GeoJSON file.

CSV has a header row: `name`, and `lat` and `lon` or `wkt` (POINT or LINESTRING, longitude first); optional
`kind` (street, place), `aliases` (separated by "|") and `number` (a lamp post's, added to the name's aliases).
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.geocoders.gazetteer.features import (
    OUTLINE,
    PLACE,
    STREET,
    Feature,
    check_together,
    make,
    point_at,
    read_geojson,
    read_text,
)
from adapters.geocoders.gazetteer.geometry import Line
from bot.model.errors import GazetteerError
from bot.model.place import Point

COLUMNS = frozenset({"name", "lat", "lon", "wkt", "kind", "aliases", "number"})
_WKT = re.compile(r"\s*(POINT|LINESTRING)\s*\(([^()]*)\)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import took over."""

    streets: int
    places: int
    outlines: int


def import_file(source: Path, target: Path) -> Imported:
    """Read, check everything, then replace `target` in one step. On `GazetteerError` nothing has changed."""
    features = read(source)
    _write(features, target)
    kinds = [feature.kind for feature in features]
    return Imported(streets=kinds.count(STREET), places=kinds.count(PLACE), outlines=kinds.count(OUTLINE))


def read(source: Path) -> list[Feature]:
    """Features of a CSV or GeoJSON file, by its ending."""
    ending = source.suffix.lower()
    if ending in {".geojson", ".json"}:
        return read_geojson(source)
    if ending == ".csv":
        return _read_csv(source)
    raise GazetteerError(str(source), "is no .csv, .geojson or .json file")


def _read_csv(source: Path) -> list[Feature]:
    text = read_text(source)
    if not text.strip():
        raise GazetteerError(str(source), "is empty")
    if "\0" in text:
        raise GazetteerError(str(source), "has binary data in it")
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    features: list[Feature] = []
    where: list[str] = []
    try:
        _check_header(reader.fieldnames or [], source)
        for row in reader:
            where.append(f"{source}, line {reader.line_num}")
            features.append(_row(row, where[-1]))
    except csv.Error as error:
        raise GazetteerError(f"{source}, line {reader.line_num}", f"is no valid CSV: {error}") from error
    check_together(features, where, source)
    return features


def _check_header(names: Sequence[str], source: Path) -> None:
    where = f"{source}, line 1"
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise GazetteerError(where, f'column "{unknown[0]}" is none of {", ".join(sorted(COLUMNS))}')
    if "name" not in names:
        raise GazetteerError(where, "has no column name")
    if "wkt" not in names and not {"lat", "lon"} <= set(names):
        raise GazetteerError(where, "has no columns lat and lon, and no column wkt")


def _row(row: Mapping[str | Any, Any], where: str) -> Feature:
    if None in row or None in row.values():
        raise GazetteerError(where, "has more or fewer values than the header has columns")
    aliases = [alias for alias in (row.get("aliases") or "").split("|") if alias.strip()]
    number = (row.get("number") or "").strip()
    if number:
        aliases.append(f"{row['name']} {number}")
    properties = {"name": row["name"], "kind": (row.get("kind") or "").strip(), "aliases": aliases}
    lines, point = _shape(row, where)
    return make(properties, lines, point, where)


def _shape(row: Mapping[str, str], where: str) -> tuple[tuple[Line, ...], Point | None]:
    if not row.get("wkt"):
        return (), point_at(_number(row.get("lat"), where), _number(row.get("lon"), where), where)
    match = _WKT.fullmatch(row["wkt"])
    if match is None:
        raise GazetteerError(where, "wkt is no POINT or LINESTRING")
    points = [_pair(pair.split(), where) for pair in match[2].split(",")]
    if match[1].upper() == "POINT" and len(points) == 1:
        return (), points[0]
    if len(points) < 2 or match[1].upper() == "POINT":
        raise GazetteerError(where, "wkt has the wrong number of points")
    return (tuple(points),), None


def _pair(pair: Sequence[str], where: str) -> Point:
    if len(pair) != 2:
        raise GazetteerError(where, "wkt has a point that is not two numbers")
    return point_at(_number(pair[1], where), _number(pair[0], where), where)


def _number(value: str | None, where: str) -> float:
    try:
        return float((value or "").strip())
    except ValueError as error:
        raise GazetteerError(where, f"coordinate {value!r} is no number") from error


def to_geojson(feature: Feature) -> dict[str, Any]:
    """One feature as GeoJSON; what `read_geojson` reads back as the same feature."""
    properties: dict[str, Any] = {"name": feature.name, "kind": feature.kind}
    if feature.aliases:
        properties["aliases"] = list(feature.aliases)
    if feature.numbers:
        properties["numbers"] = list(feature.numbers)
    return {"type": "Feature", "properties": properties, "geometry": _geometry(feature)}


def _geometry(feature: Feature) -> dict[str, Any]:
    if not feature.lines:
        return {"type": "Point", "coordinates": [feature.point.lon, feature.point.lat]}
    lines = [[[point.lon, point.lat] for point in line] for line in feature.lines]
    if feature.kind == OUTLINE:
        return {"type": "Polygon", "coordinates": lines}
    if len(lines) == 1:
        return {"type": "LineString", "coordinates": lines[0]}
    return {"type": "MultiLineString", "coordinates": lines}


def _write(features: Sequence[Feature], target: Path) -> None:
    table = {"type": "FeatureCollection", "features": [to_geojson(feature) for feature in features]}
    try:
        _replace(target, table)
    except OSError as error:
        raise GazetteerError(str(target), f"cannot be written: {error.strerror}") from error


def _replace(target: Path, table: Mapping[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(table, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
