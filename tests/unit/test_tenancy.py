"""Who takes what where, as it stands in the config; and what is wrong with it, by key and value."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import placed
from bot.config import Config, load
from bot.model.errors import ConfigError
from bot.model.ids import TenantId
from bot.model.place import Place, Point
from bot.model.tenant import Route
from bot.process.route import route_of
from tests.support.shell import Ended, Shell

DELFT = TenantId("delft")
BASE = """
[tenants.delft]
name = "Gemeente Delft"
municipality = "Delft"
privacy_contact = "fg@delft.example"
geocoder = "straten"
desk = "loket"
[channels.wijk]
kind = "web"
tenant = "delft"
[desks.loket]
kind = "embedded"
tenant = "delft"
[geocoders.straten]
kind = "gazetteer"
file = "demo"
"""
FULL = """
[tenants.delft.routes.water]
who = "het waterschap"
number = "015 123"
[tenants.delft.areas.buurt]
label = "Parijspleinbuurt"
outline = "Parijspleinbuurt (verzonnen)"
routes.verlichting.desk = "loket"
routes.overig = { who = "de winkeliers", link = "https://winkels.example" }
[tenants.delft.border]
polygon = [[52.0, 4.2], [52.0, 4.6], [52.2, 4.6], [52.2, 4.2]]
[tenants.delft.neighbours.rijswijk]
name = "Rijswijk"
circle = [52.25, 4.3, 4000]
[tenants.delft.answers.weg]
title = "Weg"
text = "Het is weg."
"""
TRIANGLE = "polygon = [[52.0, 4.2], [52.0, 4.6], [52.2, 4.6]]"


class Drawn:
    """A geocoder with one outline."""

    def map(self) -> dict[str, object]:
        ring = [[4.3, 52.0], [4.4, 52.0], [4.4, 52.1], [4.3, 52.1]]
        outline = {
            "properties": {"kind": "outline", "name": "Parijspleinbuurt (verzonnen)"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        street = {"properties": {"kind": "street", "name": "Laan"}, "geometry": {"coordinates": ring}}
        return {"type": "FeatureCollection", "features": [outline, street]}


def config(folder: Path, more: str) -> Config:
    file = folder / "config.toml"
    file.write_text(BASE + more, "utf-8")
    return load(file, {})


def at(lat: float, lon: float) -> Place:
    return Place(label="daar", point=Point(lat=lat, lon=lon))


def test_areas_border_neighbours_and_answers_reach_the_process(tmp_path: Path) -> None:
    tenant = placed(config(tmp_path, FULL), DELFT, Drawn)
    assert tenant.answers == {"Weg": "Het is weg."}
    shops = Route(who="de winkeliers", link="https://winkels.example")
    assert route_of(tenant, "overig", at(52.05, 4.35)) == shops
    assert route_of(tenant, "overig", at(52.05, 4.5)) == Route(desk="loket")
    assert route_of(tenant, "water", at(52.05, 4.35)) == Route(who="het waterschap", number="015 123")
    assert route_of(tenant, "overig", at(52.25, 4.3)) == Route(who="Rijswijk")
    assert route_of(tenant, "overig", at(52.25, 4.9)) == Route(instead="elsewhere.unknown")
    assert {one.name for one in tenant.areas} == {"buurt"}
    for route in (shops, Route(who="Rijswijk")):
        found = next(one for one in (*tenant.areas[0].routes.values(), tenant.neighbours[0].route) if one == route)
        assert tenant.route(found.key) == route
    assert tenant.route("") is None


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("[tenants.delft.areas.x]", "areas.x: needs one of polygon, circle and outline; it has none"),
        (
            f"[tenants.delft.areas.x]\n{TRIANGLE}\noutline = 'y'",
            "areas.x: needs one of polygon, circle and outline; it has polygon and outline",
        ),
        (
            "[tenants.delft.areas.x]\npolygon = [[52.0, 4.3], [52.0, 4.4]]",
            "areas.x.polygon: has 2 points; a polygon has at least 3",
        ),
        (
            "[tenants.delft.areas.x]\npolygon = [[52.0, 4.3], [4.4, 52.0], [52.1, 4.3]]",
            "areas.x.polygon: point 2 [4.4, 52] is not in the Netherlands; latitude comes first",
        ),
        (
            "[tenants.delft.areas.x]\ncircle = [52.0, 4.3]",
            "areas.x.circle: has 2 numbers; it needs latitude, longitude and metres",
        ),
        (
            "[tenants.delft.areas.x]\ncircle = [4.3, 52.0, 10]",
            "areas.x.circle: centre [4.3, 52] is not in the Netherlands; latitude comes first",
        ),
        (
            "[tenants.delft.areas.x]\ncircle = [52.0, 4.3, -1]",
            "areas.x.circle: has -1 metres; expected more than 0",
        ),
        (
            f"[tenants.delft.areas.x]\n{TRIANGLE}\nroutes.y.desk = 'loket'",
            'areas.x.routes.y: there is no category "y"; there is: gemeente, politie, zorg, container',
        ),
        (
            f"[tenants.delft.areas.x]\n{TRIANGLE}\nroutes.water.desk = 'y'",
            'areas.x.routes.water.desk: there is no desk "y"; there is: loket',
        ),
        (
            f"[tenants.delft.areas.x]\n{TRIANGLE}\nroutes.water.instead = 'y'",
            'areas.x.routes.water.instead: there is no text "y" in the catalogue',
        ),
        (
            "[tenants.delft.routes]\nwater.who = 'het waterschap'",
            'routes.water: says that "het waterschap" takes it, but not how to reach them: number or link',
        ),
        (
            "[tenants.delft.routes]\nwater = { desk = 'loket', number = '1' }",
            "routes.water: has a number or link, but not whose it is: who",
        ),
        (
            "[tenants.delft.routes]\nwater = { who = 'x', link = 'javascript:1' }",
            'routes.water.link: "javascript:1" is no address that starts with https:// or http://',
        ),
        (
            f"[tenants.delft.neighbours.x]\nname = 'X'\n{TRIANGLE}",
            "border: is required with neighbours: without it no place lies outside the municipality",
        ),
        (
            f"[tenants.delft.neighbours.x]\nname = ' '\n{TRIANGLE}",
            "neighbours.x.name: is empty: residents read it",
        ),
        ("[tenants.delft.answers.x]\ntitle = ''\ntext = 'y'", "answers.x.title: is empty: staff choose by it"),
        (
            "[tenants.delft.answers.x]\ntitle = 'x'\ntext = ''",
            "answers.x.text: has 0 characters; expected 1 to 1000",
        ),
    ],
)
def test_what_is_wrong_is_told_with_key_and_value(tmp_path: Path, more: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, more)
    assert str(caught.value).startswith(f"config.toml: tenants.delft.{told}")


def test_an_outline_that_the_gazetteer_lacks_is_told_with_those_it_has(tmp_path: Path) -> None:
    found = config(tmp_path, "[tenants.delft.border]\noutline = 'Delft'")
    with pytest.raises(ConfigError) as caught:
        placed(found, DELFT, Drawn)
    told = (
        'tenants.delft.border.outline: the gazetteer has no outline "Delft"; it has: Parijspleinbuurt (verzonnen)'
    )
    assert str(caught.value) == f"config.toml: {told}"
    with pytest.raises(ConfigError, match="it has: none"):
        placed(found, DELFT, object)


def test_pieces_of_one_name_are_one_outline(tmp_path: Path) -> None:
    class Twice(Drawn):
        def map(self) -> dict[str, object]:
            drawn = super().map()
            ring = [[4.8, 52.0], [4.9, 52.0], [4.9, 52.1], [4.8, 52.1]]
            more = {
                "properties": {"kind": "outline", "name": "Parijspleinbuurt (verzonnen)"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
            features = drawn["features"]
            assert isinstance(features, list)
            return {**drawn, "features": [*features, more]}

    area = placed(config(tmp_path, FULL), DELFT, Twice).areas[0]
    assert area.region.holds(Point(lat=52.05, lon=4.35))
    assert area.region.holds(Point(lat=52.05, lon=4.85))


def test_check_shows_who_takes_what_where(tmp_path: Path) -> None:
    config(tmp_path, FULL)
    shown = check(tmp_path, "--routes", "delft")
    assert shown.code == 0
    assert "water everywhere else het waterschap (015 123)" in shown.lines
    assert "overig Parijspleinbuurt de winkeliers (https://winkels.example)" in shown.lines
    assert "zorg everywhere else text care" in shown.lines
    assert "outside the border: Rijswijk ()" not in shown.lines
    assert "outside the border: Rijswijk" in shown.lines


def check(folder: Path, *words: str) -> Ended:
    return Shell(data=folder / "data").bart("check", "--config", str(folder / "config.toml"), *words)


def test_check_of_an_unknown_tenant_or_outline_is_a_fault(tmp_path: Path) -> None:
    config(tmp_path, "[tenants.delft.border]\noutline = 'Delft'")
    assert "there is no tenant" in check(tmp_path, "--routes", "x").out
    assert check(tmp_path, "--routes", "delft").code == 1
    whole = check(tmp_path)
    assert "FAULT routes of delft" in " ".join(whole.lines)
    assert whole.code == 1
