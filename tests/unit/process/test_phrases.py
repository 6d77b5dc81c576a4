"""Where a message says something is, whatever marked the words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.place import Point
from bot.model.reading import Extent
from bot.process.phrases import READS, point_in, point_words, spoken


def marked(text: str, *pieces: str) -> tuple[Extent, ...]:
    """These pieces as an interpreter would mark them."""
    return tuple(Extent(start=text.index(one), end=text.index(one) + len(one), kind="place") for one in pieces)


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("er ligt glas op 52.0405, 4.3712", 52.0405, 4.3712),
        ("52.0405 4.3712", 52.0405, 4.3712),
        ("https://maps.google.com/?q=52.0405,4.3712 hier ligt het", 52.0405, 4.3712),
        ("https://www.google.com/maps/@52.04051,4.37123,17z", 52.04051, 4.37123),
        ("https://www.openstreetmap.org/#map=19/52.0405/4.3712", 52.0405, 4.3712),
        ("https://www.openstreetmap.org/?mlat=52.0405&mlon=4.3712#map=19", 52.0405, 4.3712),
        ("geo:52.0405,4.3712", 52.0405, 4.3712),
        ("N 52.0405 E 4.3712", 52.0405, 4.3712),
        ("52°02'25.8\"N 4°22'16.3\"E", 52.0405, 4.371194),
        ("52° 2′ 25.8″ N, 4° 22′ 16.3″ O", 52.0405, 4.371194),
    ],
)
def test_coordinates_are_read_as_people_and_maps_write_them(text: str, lat: float, lon: float) -> None:
    found = point_in(text)
    assert found is not None
    assert found.metres_to(Point(lat=lat, lon=lon)) < 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hier: 52.0405, 4.3712 dus", "52.0405, 4.3712"),
        ("kijk https://maps.google.com/?q=52.0405,4.3712", "https://maps.google.com/?q=52.0405,4.3712"),
        ("geen idee", ""),
    ],
)
def test_coordinates_are_one_phrase_with_the_link_around_them(text: str, words: str) -> None:
    assert point_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "50.123, 3.2001 is in België",
        "versie 52.040.1, 4.3712.9",
        "het kost 52,50 of 4,30",
        "52.04 4.37",
        "152.0405, 4.3712",
        "4.3712, 52.0405",
        "",
    ],
)
def test_what_is_no_place_in_the_netherlands_is_no_coordinate(text: str) -> None:
    assert point_in(text) is None


@pytest.mark.parametrize(
    ("text", "piece", "whole"),
    [
        ("glas voor Londenlaan 12 t/m 20 op straat", "Londenlaan 12", "Londenlaan 12 t/m 20"),
        ("glas bij Londenlaan 12-20", "Londenlaan 12", "Londenlaan 12-20"),
        ("glas bij Londenlaan 12 – 20", "Londenlaan 12", "Londenlaan 12 – 20"),
        ("glas bij Londenlaan 12 tot en met 20", "Londenlaan 12", "Londenlaan 12 tot en met 20"),
        ("glas bij Londenlaan 12 en 14", "Londenlaan 12", "Londenlaan 12 en 14"),
        ("glas bij Londenlaan 12a t/m 12d", "Londenlaan 12a", "Londenlaan 12a t/m 12d"),
        ("glas bij Londenlaan nrs 12 t/m 20", "Londenlaan", "Londenlaan nrs 12 t/m 20"),
        ("glas bij Londenlaan nummer 12", "Londenlaan", "Londenlaan nummer 12"),
        ("glas bij Londenlaan nrs 12 t/m 20", "Londenlaan nrs", "Londenlaan nrs 12 t/m 20"),
        ("feest bij Londenlaan 12 tot 23 uur", "Londenlaan 12", "Londenlaan 12"),
        ("feest bij Londenlaan 12 tot 23:00", "Londenlaan 12", "Londenlaan 12"),
        ("glas op de Londenlaan en 3 fietsen", "Londenlaan", "Londenlaan"),
    ],
)
def test_house_numbers_are_whole(text: str, piece: str, whole: str) -> None:
    assert spoken(text, marked(text, piece)) == (whole,)


@pytest.mark.parametrize(
    "post",
    ["lantaarnpaal 1017", "lantaarnpaal nr. 1017", "lichtmast 1017", "mast 1017", "paalnummer 1017", "lamp 1017"],
)
def test_the_number_of_a_lamp_post_is_more_exact_than_its_street(post: str) -> None:
    text = f"op de Londenlaan is {post} kapot"
    assert spoken(text, marked(text, "op de Londenlaan")) == (post, "op de Londenlaan")


@pytest.mark.parametrize("text", ["de lamp is al 3 dagen kapot", "lamp 60 watt", "paal om", "nog een lamp 2"])
def test_not_every_number_after_a_lamp_is_its_own(text: str) -> None:
    assert spoken(text, ()) == ()


@pytest.mark.parametrize(
    ("text", "pieces", "corner"),
    [
        ("glas op de Londenlaan, hoek Romestraat", ("Londenlaan", "Romestraat"), "Londenlaan, hoek Romestraat"),
        ("glas Londenlaan / Romestraat", ("Londenlaan", "Romestraat"), "Londenlaan / Romestraat"),
        ("Londenlaan thv de Romestraat", ("Londenlaan", "Romestraat"), "Londenlaan thv de Romestraat"),
    ],
)
def test_two_streets_beside_each_other_are_a_corner_first(text: str, pieces: tuple[str, ...], corner: str) -> None:
    assert spoken(text, marked(text, *pieces)) == (corner, *pieces)


def test_two_streets_of_a_list_are_no_corner() -> None:
    text = "glas op de Londenlaan en ook op de Romestraat"
    assert spoken(text, marked(text, "Londenlaan", "Romestraat")) == ("Londenlaan", "Romestraat")


def test_personal_data_is_no_place() -> None:
    assert spoken("bel 0612345678", (Extent(start=4, end=14, kind="phone"),)) == ()


@given(st.text(max_size=3000), st.integers(0, 3000), st.integers(0, 3000))
def test_any_text_is_read_and_every_phrase_stands_in_it(text: str, start: int, end: int) -> None:
    extent = Extent(start=min(start, end), end=max(start, end), kind="place")
    assert all(phrase in text for phrase in spoken(text, (extent,)))
    point_in(text)


@pytest.mark.parametrize("piece", ["lamp 12", "52.1234 ", "t/m 12 ", "Londenlaan 1 en 2 "])
def test_a_very_long_text_is_read_in_bounded_time(piece: str) -> None:
    text = piece * 10_000
    assert len(spoken(text, ())) <= READS
    point_in(text)
