"""What every geocoder does: the embedded gazetteer, PDOK (on its fake server) and the fake."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.geocoders.gazetteer import Gazetteer
from adapters.geocoders.gazetteer.adapter import DEMO
from adapters.geocoders.gazetteer.features import read_geojson
from adapters.geocoders.pdok import Pdok
from bot.model.place import Place, Point
from bot.model.reading import Area
from bot.ports.fakes.geocoder import FakeGeocoder
from bot.ports.geocoder import Geocoder
from tests.fakes.pdok import FakePdok, doc

SQUARE = Point(lat=52.0442, lon=4.3698)
SEA = Point(lat=53.2, lon=4.0)


@pytest.fixture(params=["gazetteer", "pdok", "fake"])
async def geocoder(request: pytest.FixtureRequest) -> AsyncIterator[Geocoder]:
    """Each of them knows a Parijsplein at SQUARE and the house at number 12."""
    if request.param == "gazetteer":
        yield Gazetteer(read_geojson(DEMO))
    elif request.param == "fake":
        square = Place(label="Parijsplein", point=SQUARE, source="fake")
        house = Place(label="Parijsplein 12", point=SQUARE, source="fake", home=True)
        yield FakeGeocoder({"parijsplein": (square,), "parijsplein 12": (house,)})
    else:
        server = FakePdok(
            docs=[
                doc("Parijsplein, 's-Gravenhage", SQUARE.lat, SQUARE.lon),
                doc("Parijsplein 12, 2497AA 's-Gravenhage", SQUARE.lat, SQUARE.lon, kind="adres"),
            ]
        )
        async with Pdok(transport=httpx.ASGITransport(server.app())) as pdok:
            yield pdok


async def test_finds_a_street_by_its_name(geocoder: Geocoder) -> None:
    places = await geocoder.find("Parijsplein", Area())

    assert "Parijsplein" in places[0].label
    assert places[0].point is not None
    assert places[0].point.metres_to(SQUARE) < 100
    assert places[0].source


async def test_a_house_number_makes_it_a_home(geocoder: Geocoder) -> None:
    places = await geocoder.find("Parijsplein 12", Area(centre=SQUARE))

    assert any(place.home and "12" in place.label for place in places)


async def test_does_not_guess_a_street_it_does_not_know(geocoder: Geocoder) -> None:
    assert await geocoder.find("Xylofoonkwartier", Area()) == ()


async def test_answers_at_most_five_places_best_first(geocoder: Geocoder) -> None:
    places = await geocoder.find("Parijsplein", Area())

    assert 1 <= len(places) <= 5
    assert [place.score for place in places] == sorted((place.score for place in places), reverse=True)
    assert all(0 <= place.score <= 1 for place in places)


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "!!!", "\N{PARTY POPPER}"])
async def test_words_without_a_letter_find_nothing(geocoder: Geocoder, nothing: str) -> None:
    assert await geocoder.find(nothing, Area()) == ()


async def test_names_the_place_at_a_point(geocoder: Geocoder) -> None:
    near = await geocoder.nearest(SQUARE)

    assert near is not None
    assert "Parijsplein" in near.label


async def test_has_no_name_for_the_middle_of_the_sea(geocoder: Geocoder) -> None:
    assert await geocoder.nearest(SEA) is None


async def test_says_whether_words_stay_here(geocoder: Geocoder) -> None:
    assert geocoder.local is not isinstance(geocoder, Pdok)


@given(words=st.text(max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_words_give_an_answer(geocoder: Geocoder, words: str) -> None:
    assert len(await geocoder.find(words, Area(centre=SQUARE))) <= 5
