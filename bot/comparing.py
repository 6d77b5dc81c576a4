"""What is open near a place: in the groups of the tenant, and at the desk for who wants to file.

Of somebody's wish to file a desk hears kind and place only, and that after their yes. A desk that cannot be
searched now holds nothing up: then nothing was found there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog

from bot.metrics import Metrics
from bot.model.desk import Similar
from bot.model.effect import WorkItem
from bot.model.errors import DeskError
from bot.model.group import Group
from bot.model.happening import Compared
from bot.model.ids import GroupId, IncidentId
from bot.model.incident import Incident, Stage
from bot.model.place import Point
from bot.model.snapshot import Commit, Snapshot
from bot.ports.clock import Clock
from bot.ports.desk import Desk
from bot.ports.nearby import Nearby
from bot.ports.store import Store
from bot.process import compare, route
from bot.process.flow import Context
from bot.process.likeness import Alike, confused_with, search_age, search_radius
from bot.turn import Turns

log = structlog.get_logger()

SEARCH_SECONDS = 5.0
"""How long a desk may take to be searched; nobody waits for it in the chat."""


@dataclass(slots=True, kw_only=True)
class Comparing:
    """Runs the effect `COMPARE`, and is asked before a group is, and before something is filed."""

    nearby: Nearby
    desks: Mapping[str, Desk]
    store: Store
    turns: Turns
    clock: Clock
    metrics: Metrics
    context: Callable[[Group], Context]
    search_seconds: float = SEARCH_SECONDS

    async def before_asking(self, group: GroupId, incident_id: IncidentId) -> tuple[Similar, ...]:
        """What other groups have filed near a candidate; none where it is not one any more."""
        known = (await self.store.load([group])).get(group)
        incident = known.incidents.get(incident_id) if known else None
        if incident is None or incident.stage is not Stage.HELD or incident.on_request:
            return ()
        return await self._here(incident, but=group)

    async def compare(self, item: WorkItem) -> None:
        """Look in all groups and at the desk."""
        group, incident_id = item.effect.group_id, item.effect.incident_id
        known = (await self.store.load([group])).get(group) if group else None
        incident = known.incidents.get(incident_id) if known and incident_id else None
        envelope = Commit(now=self.clock.moment().now, finished=(item.id,))
        if known is None or incident is None or incident.stage is not Stage.RELEASED:
            return await self.store.commit(envelope)
        here = await self._here(incident)
        keys = {one.key for one in here}
        near = (*here, *(one for one in await self._at_desk(known, incident) if one.key not in keys))
        return await self.turns.one(known.group.id, Compared(incident_id=incident.id, near=near), envelope)

    async def surely_open(self, known: Snapshot, incident: Incident) -> Similar | None:
        """A last look before filing, for what came up in the meantime: only what is sure."""
        content = known.contents.get(incident.id)
        found = compare.best(incident, content, await self._at_desk(known, incident))
        return found[0] if found is not None and found[1].alike is Alike.SURE else None

    async def ours(self, incident: Incident, similar: Similar) -> Similar:
        """With our own report, where one of the tenant's groups has it."""
        if similar.report_id is not None:
            return similar
        report = await self.nearby.report_of(incident.tenant_id, similar.desk, similar.reference)
        return replace(similar, report_id=report)

    async def _here(self, incident: Incident, but: GroupId | None = None) -> tuple[Similar, ...]:
        point = _point(incident)
        if point is None:
            return ()
        return await self.nearby.open_near(
            incident.tenant_id,
            {incident.category, *confused_with(incident.category)},
            point,
            search_radius(incident.category),
            incident.began_at - search_age(incident.category),
            but=but,
        )

    async def _at_desk(self, known: Snapshot, incident: Incident) -> tuple[Similar, ...]:
        name = route.route_of(self.context(known.group).tenant, incident.category, incident.place).desk
        desk, point = self.desks.get(name), _point(incident)
        if desk is None or point is None or not desk.capabilities().searches_near:
            return ()
        radius = search_radius(incident.category)
        found: list[Similar] = []
        try:
            async with asyncio.timeout(self.search_seconds):
                for slug in (incident.category, *sorted(confused_with(incident.category))):
                    found += await desk.similar(slug, point, radius)
        except (DeskError, TimeoutError) as error:
            log.warning("desk.search_failed", desk=name, error=type(error).__name__)
            self.metrics.desk_failed(name, error)
        return tuple([await self.ours(incident, replace(one, desk=name)) for one in found])


def _point(incident: Incident) -> Point | None:
    return incident.place.point if incident.place is not None and compare.comparable(incident) else None
