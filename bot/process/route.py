"""Which desk takes this, or which number or link does. Step 5 of the chain."""

from __future__ import annotations

from bot.model.incident import Incident, Stage
from bot.model.taxonomy import DeskKind, category
from bot.model.tenant import Route, Tenant
from bot.process.flow import Flow

_INSTEAD = {
    DeskKind.POLICE: Route(instead="police.nonurgent"),
    DeskKind.CARE: Route(instead="care"),
}


def route_of(tenant: Tenant, slug: str) -> Route:
    """The tenant's route for a category: by slug, else by kind of desk, else the right number."""
    kind = category(slug).desk
    route = tenant.routes.get(slug) or tenant.routes.get(kind.value)
    return route or _INSTEAD.get(kind, Route(instead="instead.municipality"))


def step(flow: Flow) -> Flow:
    """What was about to be proposed but goes to no desk: its author hears, privately, which number does.

    Nothing is filed and nothing is kept.
    """
    for incident in flow.after.incidents.values():
        before = flow.before.incidents.get(incident.id)
        newly_asked = incident.stage is Stage.PROPOSED and (before is None or before.stage is Stage.HELD)
        if newly_asked and not route_of(flow.context.tenant, incident.category).desk:
            flow = _name_the_number(flow, incident)
    return flow


def _name_the_number(flow: Flow, incident: Incident) -> Flow:
    route = route_of(flow.context.tenant, incident.category)
    content = flow.after.contents.get(incident.id)
    if content is not None:
        flow = flow.whisper(content.address, route.instead)
    return flow.put(incident.to(Stage.DROPPED, flow.now)).tally("prompt.held", "no_desk")
