"""The embedded gazetteer: what people type and what they mean."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest

from adapters.geocoders.gazetteer import Gazetteer, geocoder
from adapters.geocoders.gazetteer.adapter import DEMO, IMPORTED
from adapters.geocoders.gazetteer.features import OUTLINE, STREET, Feature, read_geojson
from adapters.geocoders.gazetteer.geometry import along, closest, meeting
from bot.model.errors import ConfigError
from bot.model.ids import TenantId
from bot.model.place import Point, sure_of
from bot.model.reading import Area
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.geocoder import DrawsMap
from bot.ports.setup import Setup

ANYWHERE = Area()


@pytest.fixture(scope="module")
def demo() -> Gazetteer:
    return Gazetteer(read_geojson(DEMO))


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("bij de glasbak op het Parijsplein", "glasbak Parijsplein"),
        ("glasbak Parijsplein", "glasbak Parijsplein"),
        ("de glascontainer aan het parijsplein", "glasbak Parijsplein"),
        ("Parijs plein", "Parijsplein"),
        ("op het parijspln", "Parijsplein"),
        ("Boedapestlan", "Boedapestlaan"),
        ("brusselse singel", "Brusselsingel"),
        ("bij de vijver", "vijver Brusselsingel"),
        ("lantaarnpaal 1012", "lantaarnpaal 1012, Londenlaan"),
        ("stoep Madridstraat", "Madridstraat"),
        ("LONDENLAAN", "Londenlaan"),
        ("op de hoek van de Londenlaan en de Wenenstraat", "hoek Londenlaan en Wenenstraat"),
        ("hoek Romestraat/Brusselsingel", "hoek Romestraat en Brusselsingel"),
        ("op de kruising van de Londenlaan met de Wenenstraat", "hoek Londenlaan en Wenenstraat"),
        ("op de Londenlaan, hoek Wenenstraat", "hoek Londenlaan en Wenenstraat"),
        ("Londenlaan t.h.v. de Wenenstraat", "hoek Londenlaan en Wenenstraat"),
        ("Londenlaan/Wenenstraat", "hoek Londenlaan en Wenenstraat"),
        ("voor Londenlaan 12 t/m 20", "Londenlaan 12 t/m 20"),
        ("tussen Londenlaan 12 en 20", "Londenlaan 12 en 20"),
        ("Londenlaan nrs 12a tot en met 20b", "Londenlaan 12a t/m 20b"),
        ("Londenlaan 12-20", "Londenlaan 12 t/m 20"),
        ("op de stoep voor Romestraat 12 t/m 20", "Romestraat 12 t/m 20"),
        ("op de stoep voor Romestraat 12", "Romestraat 12"),
        ("op de stoep, Londenlaan hoek Wenenstraat", "hoek Londenlaan en Wenenstraat"),
        ("lichtmast 1017", "lantaarnpaal 1017, Londenlaan"),
        ("bij mast nr. 1017", "lantaarnpaal 1017, Londenlaan"),
        ("paalnummer 1017", "lantaarnpaal 1017, Londenlaan"),
    ],
)
async def test_finds_what_people_mean(demo: Gazetteer, words: str, label: str) -> None:
    assert (await demo.find(words, ANYWHERE))[0].label == label


@pytest.mark.parametrize(
    "words",
    [
        "lantaarnpaal 1013",
        "paal 9",
        "Londonderrylaan",
        "Amsterdamsestraatweg",
        "bij mij voor de deur",
        "daar",
        "het",
        "hoek",
    ],
)
async def test_is_silent_about_what_it_does_not_know(demo: Gazetteer, words: str) -> None:
    assert await demo.find(words, ANYWHERE) == ()


async def test_a_thing_that_stands_in_two_places_is_unsure(demo: Gazetteer) -> None:
    places = await demo.find("bij de glasbak", ANYWHERE)

    assert {place.label for place in places} == {"glasbak Parijsplein", "glasbak Boedapestlaan"}
    assert all(place.score < 0.8 for place in places)


async def test_the_nearer_of_two_comes_first(demo: Gazetteer) -> None:
    far = (await demo.find("glasbak Boedapestlaan", ANYWHERE))[0].point

    places = await demo.find("de glasbak", Area(centre=far, radius_m=100))

    assert places[0].label == "glasbak Boedapestlaan"
    assert places[0].score > places[1].score


async def test_house_numbers_go_up_along_the_street(demo: Gazetteer) -> None:
    start, low, high = [(await demo.find(f"Londenlaan {number}", ANYWHERE))[0] for number in (1, 12, 90)]

    assert low.home
    assert start.point is not None
    assert low.point is not None
    assert high.point is not None
    assert 0 < start.point.metres_to(low.point) < start.point.metres_to(high.point)


async def test_a_letter_stays_with_its_house_number(demo: Gazetteer) -> None:
    assert (await demo.find("londenlaan nr 12a", ANYWHERE))[0].label == "Londenlaan 12a"


async def test_a_number_the_street_does_not_have_is_less_sure(demo: Gazetteer) -> None:
    place = (await demo.find("Londenlaan 5000", ANYWHERE))[0]

    assert place.home
    assert place.score < 1


async def test_streets_that_do_not_meet_have_no_corner(demo: Gazetteer) -> None:
    places = await demo.find("hoek Tallinnpad en Kopenhagenkade", ANYWHERE)

    assert not any(place.label.startswith("hoek") for place in places)


async def test_names_the_thing_one_stands_at_before_its_street(demo: Gazetteer) -> None:
    glass = (await demo.find("glasbak Parijsplein", ANYWHERE))[0].point
    assert glass is not None

    nearest = await demo.nearest(glass)

    assert nearest is not None
    assert "Parijsplein" in nearest.label
    assert nearest.label != "Parijsplein"


async def test_draws_its_outline_and_every_street(demo: Gazetteer) -> None:
    assert isinstance(demo, DrawsMap)

    drawn = json.loads(json.dumps(demo.map()))

    kinds = [feature["properties"]["kind"] for feature in drawn["features"]]
    assert kinds.count(OUTLINE) == 1
    assert kinds.count(STREET) >= 20
    assert all(feature["geometry"]["type"] != "Point" for feature in drawn["features"])


def test_the_demo_file_says_that_it_is_made_up() -> None:
    table = json.loads(DEMO.read_text("utf-8"))

    assert "made-up" in table["description"]
    assert any("verzonnen" in feature["properties"]["name"] for feature in table["features"])


async def test_finds_quickly_among_five_thousand_streets() -> None:
    rng = random.Random(1)
    syllables = ["ma", "ro", "ta", "li", "ven", "der", "hol", "kas", "wij", "dor", "bos", "lin", "eik", "zuid"]
    streets = {"".join(rng.choices(syllables, k=4)) + rng.choice(["straat", "laan", "weg"]) for _ in range(5200)}
    features = [
        Feature(
            name=name.capitalize(),
            kind=STREET,
            point=Point(lat=52.0, lon=4.3),
            lines=((Point(lat=52 + row / 9000, lon=4.3), Point(lat=52 + row / 9000, lon=4.31)),),
        )
        for row, name in enumerate(sorted(streets)[:5000])
    ]
    gazetteer = Gazetteer(features)
    asked = [features[i].name.replace("straat", "str") for i in range(0, 5000, 250)]

    began = time.process_time()
    found = [await gazetteer.find(f"bij de lamp op de {name} 3", ANYWHERE) for name in asked]

    assert (time.process_time() - began) / len(asked) < 0.1
    assert len(found) == len(asked)


def setup(tmp_path: Path, **options: object) -> Setup:
    return Setup(
        where="geocoders.here",
        name="here",
        tenant_id=TenantId("t"),
        data=tmp_path,
        clock=FakeClock(),
        photos=FakePhotos(),
        options=options,
    )


async def test_the_made_up_neighbourhood_is_there_only_for_who_asks_for_it(tmp_path: Path) -> None:
    assert await geocoder(setup(tmp_path, file="demo")).find("Parijsplein", ANYWHERE)
    with pytest.raises(ConfigError, match="bart gazetteer import FILE --tenant"):
        geocoder(setup(tmp_path))


@pytest.mark.parametrize("options", [{}, {"file": "demo"}])
async def test_an_imported_file_takes_the_place_of_the_demo(tmp_path: Path, options: dict[str, object]) -> None:
    one = {"type": "Feature", "properties": {"name": "Dorpsstraat", "kind": "place"}}
    one["geometry"] = {"type": "Point", "coordinates": [5.1, 52.1]}
    (tmp_path / IMPORTED).write_text(json.dumps({"type": "FeatureCollection", "features": [one]}), "utf-8")

    made = geocoder(setup(tmp_path, **options))

    assert await made.find("Dorpsstraat", ANYWHERE)
    assert not await made.find("Parijsplein", ANYWHERE)


@pytest.mark.parametrize(
    ("options", "where", "what"),
    [
        ({"file": "/nowhere/at/all.geojson"}, "geocoders.here.file", "cannot be read"),
        ({"file": 7}, "geocoders.here.file", "path"),
        ({"path": "x"}, "geocoders.here.path", "no such setting"),
    ],
)
def test_a_bad_option_is_named(tmp_path: Path, options: dict[str, object], where: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what) as caught:
        geocoder(setup(tmp_path, **options))

    assert caught.value.where == where


def test_the_closest_point_of_a_line_lies_on_it() -> None:
    line = (Point(lat=52.0, lon=4.0), Point(lat=52.0, lon=4.01))

    metres, spot = closest(line, Point(lat=52.001, lon=4.005))

    assert metres == pytest.approx(111.2, rel=0.01)
    assert spot.lon == pytest.approx(4.005, abs=1e-6)


def test_crossing_lines_meet_where_they_cross() -> None:
    east = ((Point(lat=52.0, lon=4.0), Point(lat=52.0, lon=4.01)),)
    north = ((Point(lat=51.995, lon=4.005), Point(lat=52.005, lon=4.005)),)

    metres, spot = meeting(east, north)

    assert metres < 6
    assert spot.metres_to(Point(lat=52.0, lon=4.005)) < 6


@pytest.mark.parametrize(("share", "lon"), [(0.0, 4.0), (0.5, 4.01), (1.0, 4.02), (7.0, 4.02)])
def test_a_share_of_a_line_is_measured_in_length(share: float, lon: float) -> None:
    line = (Point(lat=52.0, lon=4.0), Point(lat=52.0, lon=4.002), Point(lat=52.0, lon=4.02))

    assert along(line, share).lon == pytest.approx(lon)


async def test_of_streets_that_do_not_meet_somebody_picks(demo: Gazetteer) -> None:
    places = await demo.find("hoek Tallinnpad en Kopenhagenkade", ANYWHERE)

    assert [place.label for place in places] == ["Tallinnpad", "Kopenhagenkade"]
    assert sure_of(places) is None


async def test_houses_from_one_number_to_another_are_a_home_between_them(demo: Gazetteer) -> None:
    (houses,) = await demo.find("Londenlaan 12 t/m 20", ANYWHERE)
    (middle,) = await demo.find("Londenlaan 16", ANYWHERE)

    assert houses.point == middle.point
    assert houses.home
    assert houses.public_label == "Londenlaan"


async def test_an_addition_to_a_house_number_is_no_range(demo: Gazetteer) -> None:
    assert [place.label for place in await demo.find("Londenlaan 12-2", ANYWHERE)] == ["Londenlaan"]


async def test_a_lamp_post_of_a_number_that_is_not_there_is_not_another(demo: Gazetteer) -> None:
    assert await demo.find("lichtmast 9999", ANYWHERE) == ()
    (street,) = await demo.find("lichtmast 9999 op de Londenlaan", ANYWHERE)
    assert street.label == "Londenlaan"
