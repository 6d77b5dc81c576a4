"""Who takes what where: areas, the border, and what is not ours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.buttons import Button
from bot.model.effect import Action
from bot.model.incident import Stage
from bot.model.place import Place, Point
from bot.model.reading import Interpretation
from bot.model.region import Region
from bot.model.snapshot import Snapshot
from bot.model.taxonomy import DeskKind, category, taxonomy
from bot.model.tenant import Area, Neighbour, Route, Tenant
from bot.process import posts
from bot.process.route import may_have_desk, route_of, table
from tests.support.flows import CONTEXT, GLASS, NOWHERE, Story, deadline, effects, group_story, proposed
from tests.support.records import JAN, TENANT, a_group


def box(south: float, west: float, north: float, east: float) -> Region:
    corners = ((south, west), (south, east), (north, east), (north, west))
    return Region(rings=(tuple(Point(lat=lat, lon=lon) for lat, lon in corners),))


def at(lat: float, lon: float) -> Place:
    return Place(label="hier", point=Point(lat=lat, lon=lon))


WATER_BOARD = Route(who="het waterschap", number="070 111 11 11", link="https://water.example", key="routes.water")
PORT = Route(who="het havenbedrijf", number="070 222 22 22", key="areas.haven.routes.overig")
NEXT_DOOR = Route(who="Maanstad", number="14 071", key="neighbours.maanstad")
TOWN = Tenant(
    id=TENANT,
    name="Zonstad",
    municipality="Zonstad",
    routes={"gemeente": Route(desk="stad"), "water": WATER_BOARD, "ongedierte": Route(instead="instead.animal")},
    areas=(
        Area(
            name="haven",
            label="Haven",
            region=box(52.0, 4.0, 52.1, 4.1),
            routes={"gemeente": Route(desk="haven"), "overig": PORT, "verlichting": Route(desk="lampen")},
        ),
        Area(name="kade", label="Kade", region=box(52.0, 4.0, 52.2, 4.1), routes={"verlichting": Route(desk="x")}),
    ),
    border=box(52.0, 4.0, 52.4, 4.4),
    neighbours=(Neighbour(route=NEXT_DOOR, region=box(52.4, 4.0, 52.6, 4.4)),),
)
HARBOUR, CENTRE, QUAY = at(52.05, 4.05), at(52.3, 4.3), at(52.15, 4.05)
MAANSTAD, NOWHERE_KNOWN = at(52.5, 4.2), at(52.3, 4.5)
POINTS = st.builds(Point, lat=st.floats(51.9, 52.7), lon=st.floats(3.9, 4.6))
PLACES = st.none() | st.just(Place(label="ergens")) | st.builds(Place, label=st.just("daar"), point=POINTS)
ROUTES = st.sampled_from([Route(desk="a"), Route(instead="care"), WATER_BOARD])
TABLES = st.dictionaries(st.sampled_from([*taxonomy(), *DeskKind]), ROUTES, max_size=4)
REGIONS = st.builds(box, st.floats(51.9, 52.3), st.floats(3.9, 4.3), st.floats(52.3, 52.7), st.floats(4.3, 4.6))
TENANTS = st.builds(
    Tenant,
    id=st.just(TENANT),
    name=st.just("Z"),
    municipality=st.just("Z"),
    routes=TABLES,
    areas=st.lists(
        st.builds(Area, name=st.just("a"), label=st.just("A"), region=REGIONS, routes=TABLES), max_size=2
    ).map(tuple),
    border=st.none() | REGIONS,
    neighbours=st.lists(st.builds(Neighbour, route=st.just(NEXT_DOOR), region=REGIONS), max_size=2).map(tuple),
)


@pytest.mark.parametrize(
    ("slug", "place", "taker"),
    [
        ("zwerfvuil", CENTRE, Route(desk="stad")),
        ("zwerfvuil", None, Route(desk="stad")),
        ("zwerfvuil", Place(label="ergens"), Route(desk="stad")),
        ("zwerfvuil", HARBOUR, Route(desk="haven")),
        ("zwerfvuil", QUAY, Route(desk="stad")),
        ("overig", HARBOUR, PORT),
        ("verlichting", HARBOUR, Route(desk="lampen")),
        ("verlichting", QUAY, Route(desk="x")),
        ("water", CENTRE, WATER_BOARD),
        ("water", HARBOUR, WATER_BOARD),
        ("ongedierte", CENTRE, Route(instead="instead.animal")),
        ("zwerfvuil", MAANSTAD, NEXT_DOOR),
        ("water", MAANSTAD, NEXT_DOOR),
        ("zwerfvuil", NOWHERE_KNOWN, Route(instead="elsewhere.unknown")),
        ("inbraak", MAANSTAD, Route(instead="police.nonurgent")),
        ("zorg", NOWHERE_KNOWN, Route(instead="care")),
    ],
)
def test_the_more_exact_category_wins_then_the_smaller_place(slug: str, place: Place | None, taker: Route) -> None:
    assert route_of(TOWN, slug, place) == taker


def test_without_a_border_no_place_is_called_outside() -> None:
    assert route_of(replace(TOWN, border=None), "zwerfvuil", MAANSTAD) == Route(desk="stad")


@given(tenant=TENANTS, slug=st.sampled_from([*taxonomy(), "gisteren"]), place=PLACES)
def test_every_category_at_every_place_has_exactly_one_taker(
    tenant: Tenant, slug: str, place: Place | None
) -> None:
    route = route_of(tenant, slug, place)
    assert sum(map(bool, (route.desk, route.instead, route.who))) == 1
    context = replace(CONTEXT, tenant=replace(tenant, routes={**tenant.routes, "water": WATER_BOARD}))
    if route.instead:
        assert posts.post(Snapshot(group=a_group()), route.instead, context, {}) is not None
    if place is not None:
        assert may_have_desk(tenant, slug, place) is bool(route.desk)
    if route.desk:
        assert may_have_desk(tenant, slug, None)


@given(tenant=TENANTS)
def test_the_table_of_a_tenant_has_every_category(tenant: Tenant) -> None:
    rows = list(table(tenant))
    assert {slug for slug, where, _ in rows if not where} == set(taxonomy())
    assert all(sum(map(bool, (one.desk, one.instead, one.who))) == 1 for _, _, one in rows)


def test_the_table_says_for_each_area_what_really_happens_there() -> None:
    rows = [(slug, where, route) for slug, where, route in table(TOWN) if where == "haven"]
    assert ("zwerfvuil", "haven", Route(desk="haven")) in rows
    assert not any(slug in ("water", "ongedierte") for slug, _, _ in rows)
    assert all(route_of(TOWN, slug, HARBOUR) == route for slug, _, route in rows)
    assert {category(slug).desk for slug, _, _ in rows} == {DeskKind.MUNICIPALITY}


def in_town(story: Story) -> Story:
    story.context = replace(story.context, tenant=TOWN)
    return story


def words(story: Story, template: str, args: dict[str, str]) -> str:
    saying = posts.post(story.known, template, story.context, args)
    assert saying is not None
    return story.context.texts.post(saying, "nl").text


@pytest.mark.parametrize(
    ("slug", "place", "told"),
    [
        ("water", CENTRE, ("het waterschap", "070 111 11 11", "https://water.example")),
        ("overig", HARBOUR, ("het havenbedrijf", "Bel 070 222 22 22")),
        ("zwerfvuil", MAANSTAD, ("niet in Zonstad, maar in Maanstad", "Bel 14 071")),
        ("zwerfvuil", NOWHERE_KNOWN, ("buiten Zonstad", "de gemeente waar de plek ligt")),
        ("ongedierte", CENTRE, ("Bel 144",)),
    ],
)
def test_what_is_not_for_us_names_who_it_is_for(slug: str, place: Place, told: tuple[str, ...]) -> None:
    story = in_town(group_story())
    story.hears(JAN, "kijk", replace(GLASS, categories=((slug, 1.0),), resolved=(place,)))
    outcome = deadline(story)
    assert story.incident.stage is Stage.DROPPED
    (whisper,) = effects(outcome, Action.WHISPER)
    template = whisper.args["template"]
    assert template in posts.FALLBACKS
    said = words(story, template, dict(whisper.args))
    assert all(part in said for part in told), said


def test_a_place_that_turns_out_to_be_next_door_ends_the_report_with_its_name() -> None:
    story = in_town(proposed(meaning=NOWHERE))
    story.presses(JAN, Button.YES)
    outcome = story.hears(JAN, "daar", Interpretation(resolved=(MAANSTAD,)))
    assert story.incident.stage is Stage.DROPPED
    (whisper,) = effects(outcome, Action.WHISPER)
    assert "Maanstad" in words(story, whisper.args["template"], dict(whisper.args))
    assert story.known.contents == {}


def test_a_place_that_turns_out_to_be_ours_goes_on() -> None:
    story = in_town(proposed(meaning=NOWHERE))
    story.presses(JAN, Button.YES)
    story.hears(JAN, "daar", Interpretation(resolved=(CENTRE,)))
    assert story.incident.stage is Stage.RELEASED


def test_who_is_named_after_the_config_changed_is_the_municipality() -> None:
    story = in_town(group_story())
    assert "14 + netnummer" in words(story, "elsewhere", {"route": "areas.weg.routes.water"})
