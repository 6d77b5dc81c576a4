"""What the composition root hands to the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.model.ids import AccountName, TenantId
from bot.model.tenant import Tenant
from bot.ports.channel import TakesRequests
from bot.ports.clock import Clock
from bot.ports.office import Office
from bot.ports.staff import Audit, StaffBook
from bot.ports.views import Views
from bot.ports.webrooms import WebRooms


class Log(Protocol):
    """A structlog logger whose handlers keep names, texts and tokens out."""

    def info(self, event: str, **fields: Any) -> Any: ...

    def warning(self, event: str, **fields: Any) -> Any: ...

    def error(self, event: str, **fields: Any) -> Any: ...


def no_streets(tenant: TenantId) -> Mapping[str, Any]:
    """A map without streets: only pins."""
    return {"type": "FeatureCollection", "features": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything the pages need; nothing of it is opened or closed here.

    `streets` gives a GeoJSON FeatureCollection (WGS 84): polygons are the area outline, lines are streets and
    points are places, each named by its property `name`. `ready` gives every check by name, True when it holds.
    `tiles` is an optional tile URL (`https://…/{z}/{x}/{y}.png`); without it the map needs no internet.
    The first tenant is the one whose map the demo shows. Set `stopping` to end the live streams.
    """

    views: Views
    staff: StaffBook
    audit: Audit
    clock: Clock
    tenants: Mapping[TenantId, Tenant]
    offices: Mapping[TenantId, Office]
    ready: Callable[[], Awaitable[Mapping[str, bool]]]
    metrics: Callable[[], Awaitable[bytes]]
    log: Log
    rooms: WebRooms | None = None
    doors: Mapping[AccountName, TakesRequests] = field(default_factory=dict)
    """Channels that other programs push to, by account."""
    streets: Callable[[TenantId], Mapping[str, Any]] = no_streets
    demo: bool = False
    demo_notice: tuple[str, ...] = ()
    """Dutch sentences on what is different in the demo, such as short waits."""
    hosts: tuple[str, ...] = ()
    """Names under which the pages may be asked for; none means any. On a machine of one's own it keeps other
    sites from reaching the pages by a name that they let point here."""
    tiles: str = ""
    tiles_credit: str = ""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
