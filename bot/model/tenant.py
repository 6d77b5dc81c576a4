"""The organisation that runs BART for an area. Comes from the config; nothing crosses tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.ids import TenantId
from bot.model.region import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Phone numbers in texts (sources: NORMS section 3). Checked by each tenant before going live."""

    emergency: str = "112"
    police: str = "0900-8844"
    anonymous_tip: str = "0800-7000"
    animals: str = "144"
    gas: str = "0800-9009"
    worries: str = "0800-1205"
    home_violence: str = "0800-2000"
    suicide: str = "0800-0113"
    municipality: str = "14 + netnummer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a category goes: to a desk, or only a number or link. Exactly one of `desk`, `instead` and `who`.

    `key` names it in the tenant's config, for finding it again (`Tenant.route`).
    """

    desk: str = ""
    instead: str = ""
    """Catalogue key of the text that names the right number, where no desk takes it."""
    who: str = ""
    """Who takes it instead, as people call them, with the number and link of theirs."""
    number: str = ""
    link: str = ""
    key: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of the municipality. `routes` are by category slug or DeskKind, as the tenant's own."""

    name: str
    label: str
    region: Region
    routes: Mapping[str, Route] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A municipality next door. Its route names it."""

    route: Route
    region: Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """`zone` is an IANA time zone. `routes` maps a category slug, or a DeskKind, to a route.

    `border` is where the municipality ends; without one BART never says that a place lies outside it.
    """

    id: TenantId
    name: str
    municipality: str
    zone: str = "Europe/Amsterdam"
    privacy_contact: str = ""
    report_site: str = ""
    """Where residents can report themselves."""
    numbers: Numbers = field(default_factory=Numbers)
    routes: Mapping[str, Route] = field(default_factory=dict)
    areas: tuple[Area, ...] = ()
    border: Region | None = None
    neighbours: tuple[Neighbour, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    """Standard answers of staff to residents, by title."""
    learning_days: int = 0
    """How long an example is kept that its author allowed; 0: nobody is ever asked."""

    def route(self, key: str) -> Route | None:
        """The route of this key, unless the config has changed since."""
        there = [*self.routes.values(), *(one.route for one in self.neighbours)]
        there += [route for area in self.areas for route in area.routes.values()]
        return next((route for route in there if key and route.key == key), None)
