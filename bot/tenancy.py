"""The settings of a tenant: who takes what and where, the border, the municipalities next door, standard answers.

Part of `bot.config`; what is wrong is told as (key, what), as there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.model.errors import ConfigError
from bot.model.ids import TenantId
from bot.model.place import Point
from bot.model.region import Region, Ring
from bot.model.taxonomy import DeskKind, taxonomy
from bot.model.tenant import Area, Neighbour, Numbers, Route, Tenant

LATITUDES = (50.7, 53.7)
LONGITUDES = (3.2, 7.3)
"""The European Netherlands with its coastal waters."""
FEWEST_CORNERS = 3
LONGEST_ANSWER = 1000
"""Characters; what fits the field that staff write in."""
CIRCLE = 3
"""Numbers of a circle: latitude, longitude, metres."""

Faults = Iterator[tuple[str, str]]
Outlines = Mapping[str, Region]
"""What a gazetteer has drawn, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSettings:
    """One of `desk`, `instead` and `who`; with `who` a `number`, a `link` or both."""

    desk: str = ""
    instead: str = ""
    who: str = ""
    number: str = ""
    link: str = ""

    def record(self, key: str) -> Route:
        """As the process knows it."""
        return Route(
            desk=self.desk, instead=self.instead, who=self.who, number=self.number, link=self.link, key=key
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSettings:
    """One of three ways to say where; none of them: it is not known. Points are latitude, longitude."""

    polygon: tuple[tuple[float, float], ...] = ()
    circle: tuple[float, ...] = ()
    outline: str = ""

    def region(self, outlines: Outlines) -> Region | None:
        """None where nothing is said, or where the outline is not among these."""
        if self.outline:
            return outlines.get(self.outline)
        if self.circle:
            lat, lon, metres = self.circle
            return Region(centre=Point(lat=lat, lon=lon), radius_m=metres)
        ring = tuple(Point(lat=lat, lon=lon) for lat, lon in self.polygon)
        return Region(rings=(ring,)) if ring else None

    @property
    def ways(self) -> list[str]:
        """Which of the three are used."""
        return [way for way in ("polygon", "circle", "outline") if getattr(self, way)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSettings(RegionSettings):
    """A part of the municipality with routes of its own. `label` is what staff read."""

    label: str = ""
    routes: Mapping[str, RouteSettings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourSettings(RegionSettings):
    """A municipality next door."""

    name: str
    number: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSettings:
    """A standard answer: what staff choose it by, and what residents read."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSettings:
    """One tenant. `desk` takes all municipal categories without a route of their own."""

    name: str
    municipality: str
    geocoder: str
    zone: str = "Europe/Amsterdam"
    privacy_contact: str = ""
    report_site: str = ""
    desk: str = ""
    learning: bool = False
    numbers: Numbers = field(default_factory=Numbers)
    routes: Mapping[str, RouteSettings] = field(default_factory=dict)
    areas: Mapping[str, AreaSettings] = field(default_factory=dict)
    border: RegionSettings = field(default_factory=RegionSettings)
    neighbours: Mapping[str, NeighbourSettings] = field(default_factory=dict)
    answers: Mapping[str, AnswerSettings] = field(default_factory=dict)

    def record(self, tenant: TenantId, example_days: int, outlines: Outlines | None = None) -> Tenant:
        """The tenant as the process knows it; examples are kept so long, where it wants any. Areas that are named
        after an outline are left out where the geocoder's outlines are not given."""
        municipal = {DeskKind.MUNICIPALITY.value: Route(desk=self.desk)} if self.desk else {}
        drawn = outlines or {}
        return Tenant(
            id=tenant,
            name=self.name,
            municipality=self.municipality,
            zone=self.zone,
            privacy_contact=self.privacy_contact,
            report_site=self.report_site,
            numbers=self.numbers,
            routes=municipal | routes_of(self.routes, "routes"),
            areas=areas_of(self.areas, drawn),
            border=self.border.region(drawn),
            neighbours=neighbours_of(self.neighbours, drawn),
            answers={one.title: one.text for one in self.answers.values()},
            learning_days=example_days if self.learning else 0,
        )


def routes_of(routes: Mapping[str, RouteSettings], key: str) -> dict[str, Route]:
    """As the process knows them."""
    return {slug: route.record(f"{key}.{slug}") for slug, route in routes.items()}


def areas_of(areas: Mapping[str, AreaSettings], outlines: Outlines) -> tuple[Area, ...]:
    """In the order of the file; without those that cannot be found on the map."""
    return tuple(
        Area(
            name=name,
            label=area.label or name,
            region=region,
            routes=routes_of(area.routes, f"areas.{name}.routes"),
        )
        for name, area in areas.items()
        if (region := area.region(outlines)) is not None
    )


def neighbours_of(neighbours: Mapping[str, NeighbourSettings], outlines: Outlines) -> tuple[Neighbour, ...]:
    """Likewise."""
    return tuple(
        Neighbour(
            route=Route(who=one.name, number=one.number, link=one.link, key=f"neighbours.{name}"), region=region
        )
        for name, one in neighbours.items()
        if (region := one.region(outlines)) is not None
    )


# --- what is wrong ---


def route_faults(routes: Mapping[str, RouteSettings], key: str) -> Faults:
    """Of the routes of a tenant or an area, but for what only the whole config knows: desks and texts."""
    for slug, route in routes.items():
        where = f"{key}.{slug}"
        if slug not in {*taxonomy(), *DeskKind}:
            there = ", ".join([*DeskKind, *taxonomy()])
            yield where, f'there is no category "{slug}"; there is: {there}'
        if sum(map(bool, (route.desk, route.instead, route.who))) != 1:
            yield where, "needs one of desk, instead and who"
        if route.who and not (route.number or route.link):
            yield where, f'says that "{route.who}" takes it, but not how to reach them: number or link'
        if (route.number or route.link) and not route.who:
            yield where, "has a number or link, but not whose it is: who"
        yield from _link_faults(route.link, f"{where}.link")


def region_faults(settings: RegionSettings, key: str, *, required: bool = True) -> Faults:
    """Of one piece of the map."""
    ways = settings.ways
    if len(ways) > 1 or (required and not ways):
        yield key, f"needs one of polygon, circle and outline; it has {' and '.join(ways) or 'none'}"
    if settings.polygon and len(settings.polygon) < FEWEST_CORNERS:
        yield f"{key}.polygon", f"has {len(settings.polygon)} points; a polygon has at least {FEWEST_CORNERS}"
    for number, (lat, lon) in enumerate(settings.polygon, 1):
        yield from _point_faults(lat, lon, f"{key}.polygon", f"point {number} ")
    if settings.circle and len(settings.circle) != CIRCLE:
        yield f"{key}.circle", f"has {len(settings.circle)} numbers; it needs latitude, longitude and metres"
    elif settings.circle:
        lat, lon, metres = settings.circle
        yield from _point_faults(lat, lon, f"{key}.circle", "centre ")
        if not metres > 0:
            yield f"{key}.circle", f"has {metres:g} metres; expected more than 0"


def neighbour_faults(neighbours: Mapping[str, NeighbourSettings], key: str) -> Faults:
    """Of the municipalities next door."""
    for name, one in neighbours.items():
        yield from region_faults(one, f"{key}.{name}")
        yield from _link_faults(one.link, f"{key}.{name}.link")
        if not one.name.strip():
            yield f"{key}.{name}.name", "is empty: residents read it"


def answer_faults(answers: Mapping[str, AnswerSettings], key: str) -> Faults:
    """Of standard answers."""
    for name, answer in answers.items():
        if not answer.title.strip():
            yield f"{key}.{name}.title", "is empty: staff choose by it"
        if not 0 < len(answer.text.strip()) <= LONGEST_ANSWER:
            yield f"{key}.{name}.text", f"has {len(answer.text)} characters; expected 1 to {LONGEST_ANSWER}"


def _point_faults(lat: float, lon: float, key: str, which: str) -> Faults:
    if not (LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lon <= LONGITUDES[1]):
        yield key, f"{which}[{lat:g}, {lon:g}] is not in the Netherlands; latitude comes first"


def _link_faults(link: str, key: str) -> Faults:
    if link and not link.startswith(("http://", "https://")):
        yield key, f'"{link}" is no address that starts with https:// or http://'


# --- what a gazetteer has drawn ---


def outlines_in(drawn: Mapping[str, Any]) -> dict[str, Region]:
    """The outlines of a geocoder's map (`DrawsMap`) by name; pieces of one name are one region."""
    rings: dict[str, tuple[Ring, ...]] = {}
    for feature in drawn.get("features", ()):
        if feature["properties"].get("kind") == "outline":
            name = str(feature["properties"].get("name", ""))
            found = tuple(_ring(line) for line in feature["geometry"]["coordinates"])
            rings[name] = rings.get(name, ()) + found
    return {name: Region(rings=found) for name, found in rings.items()}


def _ring(line: Sequence[Sequence[float]]) -> Ring:
    return tuple(Point(lat=float(lat), lon=float(lon)) for lon, lat, *_ in line)


def check_outlines(named: Mapping[str, RegionSettings], outlines: Outlines, file: str) -> None:
    """Raises `ConfigError` for the first that names an outline the gazetteer does not have."""
    for key, one in named.items():
        if one.outline and one.outline not in outlines:
            there = ", ".join(outlines) or "none"
            what = f'the gazetteer has no outline "{one.outline}"; it has: {there}'
            raise ConfigError(f"{file}: {key}.outline", what)
