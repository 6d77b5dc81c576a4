"""Which desk takes this, or which number or link does. Step 5 of the chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.model.channel import Chose
from bot.model.incident import Incident, Stage
from bot.model.place import Place, Point
from bot.model.taxonomy import DeskKind, category, taxonomy
from bot.model.tenant import Route, Tenant
from bot.process.flow import Flow

_INSTEAD = {
    DeskKind.POLICE: Route(instead="police.nonurgent"),
    DeskKind.CARE: Route(instead="care"),
}

_OUTSIDE = Route(instead="elsewhere.unknown")
"""Not here, and nobody said which municipality it is."""

MAY_BE_DANGER = frozenset({"brand", "ongeval", "geweld"})
"""Who says on being asked that it is one of these sees the 112 card (rule 3), unless that would come too late."""


def route_of(tenant: Tenant, slug: str, place: Place | None = None) -> Route:
    """Who takes this category at this place: exactly one desk, text, party or municipality next door.

    The more exact category wins (its slug, then its kind of desk), then the smaller place (an area, in the order
    of the config, then all of the municipality). What nobody is named for gets the right number. Police and care
    end at no municipality's border.
    """
    kind, point = category(slug).desk, place.point if place else None
    if point is not None and kind is DeskKind.MUNICIPALITY and _is_outside(tenant, point):
        beyond = (one.route for one in tenant.neighbours if one.region.holds(point))
        return next(beyond, _OUTSIDE)
    tables = [area.routes for area in tenant.areas if point is not None and area.region.holds(point)]
    for key in (slug, kind.value):
        for routes in (*tables, tenant.routes):
            if key in routes:
                return routes[key]
    return _INSTEAD.get(kind, Route(instead="instead.municipality"))


def _is_outside(tenant: Tenant, point: Point) -> bool:
    return tenant.border is not None and not tenant.border.holds(point)


def may_have_desk(tenant: Tenant, slug: str, place: Place | None) -> bool:
    """Does this go to a desk? Where the place is not known yet: can it, anywhere?"""
    if place is not None:
        return bool(route_of(tenant, slug, place).desk)
    kinds = (slug, category(slug).desk.value)
    inside = [area.routes[key] for area in tenant.areas for key in kinds if key in area.routes]
    return any(route.desk for route in (*inside, route_of(tenant, slug)))


def has_desk(tenant: Tenant, incident: Incident) -> bool:
    """Does this go to a desk, or may it?"""
    return any(may_have_desk(tenant, slug, incident.place) for slug in (incident.category, *incident.doubt))


def goes_elsewhere(flow: Flow, incident: Incident) -> bool:
    """Is what somebody says it is nothing to file: danger, or for no desk?"""
    return _is_danger(flow, incident) or not may_have_desk(flow.context.tenant, incident.category, incident.place)


def _is_danger(flow: Flow, incident: Incident) -> bool:
    lives = timedelta(seconds=flow.settings.deadlines.danger_not_after)
    return incident.category in MAY_BE_DANGER and flow.now < incident.began_at + lives


def step(flow: Flow) -> Flow:
    """What was about to be proposed but goes to no desk: its author hears, privately, which number does. The same
    once somebody said what it is.

    Nothing is filed and nothing is kept.
    """
    for incident in flow.after.incidents.values():
        before = flow.before.incidents.get(incident.id)
        if incident.stage is not Stage.PROPOSED:
            continue
        if before is not None and before.doubt and not incident.doubt:
            flow = _said_what_it_is(flow, incident)
        elif (before is None or before.stage is Stage.HELD) and not has_desk(flow.context.tenant, incident):
            flow = name_the_number(flow, incident)
    return flow


def _said_what_it_is(flow: Flow, incident: Incident) -> Flow:
    if _is_danger(flow, incident):
        ends = flow.now + timedelta(seconds=flow.settings.deadlines.danger)
        return flow.put(incident.to(Stage.DANGER, flow.now, ends)).tally("danger")
    return name_the_number(flow, incident) if goes_elsewhere(flow, incident) else flow


def name_the_number(flow: Flow, incident: Incident) -> Flow:
    """It is for somebody else: who asks, or wrote it, hears for whom; it ends here."""
    route = route_of(flow.context.tenant, incident.category, incident.place)
    content = flow.after.contents.get(incident.id)
    chose = isinstance(flow.happening, Chose) and flow.happening.person.address
    address = chose or (content.address if content is not None else None)
    if address:
        template, args = told(route)
        flow = flow.whisper(address, template, args=args)
    return flow.put(incident.to(Stage.DROPPED, flow.now)).tally("prompt.held", "no_desk")


def told(route: Route) -> tuple[str, dict[str, str]]:
    """The post that names who takes it, and what it must be given."""
    return (route.instead, {}) if route.instead else ("elsewhere", {"route": route.key})


def table(tenant: Tenant) -> Iterator[tuple[str, str, Route]]:
    """Every category, where, and who takes it there; "" is all of the municipality that is named nowhere else."""
    for slug, one in taxonomy().items():
        yield slug, "", route_of(tenant, slug)
        for area in tenant.areas:
            for key in (slug, one.desk.value):
                exact = slug in tenant.routes and key != slug
                if key in area.routes and not exact:
                    yield slug, area.name, area.routes[key]
                    break
