"""The organisation that runs BART for an area. Comes from the config; nothing crosses tenants."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model.ids import TenantId


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
    """Where a category goes: to a desk, or only a number or link."""

    desk: str = ""
    instead: str = ""
    """Catalogue key of the text that names the right number, where no desk takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """`zone` is an IANA time zone. `routes` maps a category slug, or a DeskKind, to a route."""

    id: TenantId
    name: str
    municipality: str
    zone: str = "Europe/Amsterdam"
    privacy_contact: str = ""
    report_site: str = ""
    """Where residents can report themselves."""
    numbers: Numbers = field(default_factory=Numbers)
    routes: dict[str, Route] = field(default_factory=dict)
    learning_days: int = 0
    """How long an example is kept that its author allowed; 0: nobody is ever asked."""
