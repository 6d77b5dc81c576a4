"""The rules that the score never breaks, and what each of its factors says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.place import Place, Point
from bot.model.taxonomy import taxonomy
from bot.process.kinds import CONFUSED, KINDS, THINGS, kind_of
from bot.process.likeness import (
    MAYBE,
    SURE,
    Alike,
    Likeness,
    Sighting,
    confused_with,
    likeness,
    search_age,
    search_radius,
)
from tests.support.records import NOON

HERE = Point(lat=52.044, lon=4.369)
BIN = Place(label="glasbak Parijsplein", point=HERE)
GLASS = Sighting(category="zwerfvuil", at=NOON, place=BIN, text="er ligt glas")
METRE = 1 / 111_194.93

labels = st.sampled_from(["", "glasbak Parijsplein", "Parijsplein", "Londenlaan 40", "Londenlaan", "plek?"])
points = st.builds(Point, lat=st.floats(51.9, 52.1), lon=st.floats(4.3, 4.4))
places = st.none() | st.builds(
    Place, label=labels, point=st.none() | points, home=st.booleans(), source=st.sampled_from(["", "shared"])
)
texts = st.sampled_from(["", "er ligt glas", "matras op straat", "paal 1012 is uit", "paal 1031 uit"]) | st.text()
sightings = st.builds(
    Sighting,
    category=st.sampled_from([*taxonomy(), "onbekend"]),
    at=st.integers(-10_000, 10_000).map(lambda hours: NOON + timedelta(hours=hours)),
    place=places,
    text=texts,
)


def north(metres: float, place: Place = BIN) -> Place:
    return replace(place, point=Point(lat=HERE.lat + metres * METRE, lon=HERE.lon))


def with_(**changes: Any) -> Likeness:
    """The glass, and the same glass again but for this."""
    return likeness(GLASS, replace(GLASS, **changes))


@given(sightings, sightings)
def test_the_order_makes_no_difference(one: Sighting, other: Sighting) -> None:
    assert likeness(one, other).score == pytest.approx(likeness(other, one).score)


@given(sightings, sightings)
def test_a_score_is_from_0_to_1(one: Sighting, other: Sighting) -> None:
    assert 0.0 <= likeness(one, other).score <= 1.0


@given(sightings, labels, labels, st.floats(0, 3000), st.floats(0, 3000))
def test_further_away_is_never_more_alike(what: Sighting, here: str, there: str, one: float, two: float) -> None:
    first = replace(what, place=Place(label=here, point=HERE))
    near, far = (
        replace(what, place=north(metres, Place(label=there, point=HERE))) for metres in sorted((one, two))
    )
    assert likeness(first, near).score >= likeness(first, far).score - 1e-9


@given(sightings, sightings, st.floats(0, 5000), st.floats(0, 5000))
def test_longer_apart_is_never_more_alike(one: Sighting, other: Sighting, first: float, second: float) -> None:
    soon, late = (replace(other, at=one.at + timedelta(hours=hours)) for hours in sorted((first, second)))
    assert likeness(one, soon).score >= likeness(one, late).score


@given(sightings, sightings)
def test_reasons_quote_nobody(one: Sighting, other: Sighting) -> None:
    for reason in likeness(one, other).reasons:
        name, _, value = reason.partition(":")
        assert name in {"kind", "place", "metres", "hours", "words"}
        fixed = {"same", "like", "other", "named", "unknown", "none", "same_thing", "other_thing", "other_number"}
        assert value in fixed or float(value) >= 0


@given(sightings, points)
def test_what_lies_outside_the_search_is_never_worth_a_question(one: Sighting, point: Point) -> None:
    one = replace(one, place=replace(one.place or BIN, point=point))
    away = Point(lat=point.lat + (search_radius(one.category) + 1) * METRE, lon=point.lon)
    place = Place(label="elders 1", point=away)
    for slug in {one.category, *confused_with(one.category)}:
        other = replace(one, category=slug, place=place)
        assert likeness(one, other).alike is Alike.DIFFERENT
    old = replace(one, at=one.at - search_age(one.category) - timedelta(minutes=1))
    assert likeness(one, old).alike is Alike.DIFFERENT


def test_the_same_thing_in_other_words_is_sure() -> None:
    told = with_(text="overal scherven", at=NOON + timedelta(hours=2))
    assert told.alike is Alike.SURE
    assert told.reasons == ("kind:same", "metres:0", "hours:2", "words:same_thing")


@pytest.mark.parametrize(
    ("changes", "alike"),
    [
        ({"text": ""}, Alike.SURE),
        ({"category": "container"}, Alike.MAYBE),
        ({"category": "verlichting"}, Alike.DIFFERENT),
        ({"text": "een matras"}, Alike.DIFFERENT),
        ({"place": north(25)}, Alike.SURE),
        ({"place": north(75)}, Alike.MAYBE),
        ({"place": north(300)}, Alike.DIFFERENT),
        ({"place": Place(label="Parijsplein", point=HERE)}, Alike.MAYBE),
        ({"place": Place(label="Parijsplein")}, Alike.MAYBE),
        ({"place": None}, Alike.DIFFERENT),
        ({"at": NOON + timedelta(days=4)}, Alike.MAYBE),
        ({"at": NOON + timedelta(days=14)}, Alike.DIFFERENT),
    ],
    ids=str,
)
def test_each_factor_can_decide(changes: dict[str, object], alike: Alike) -> None:
    assert with_(**changes).alike is alike


def test_lamp_posts_with_other_numbers_are_two() -> None:
    lamp = Sighting(category="verlichting", at=NOON, place=BIN, text="paal 1012 is uit")
    assert likeness(lamp, replace(lamp, text="lantaarnpaal nr. 1012 doet het niet")).alike is Alike.SURE
    other = likeness(lamp, replace(lamp, text="lantaarnpaal nr. 1031 doet het niet"))
    assert (other.alike, other.reasons[-1]) == (Alike.DIFFERENT, "words:other_number")


def test_a_dead_lamp_stays_the_same_for_weeks_and_glass_does_not() -> None:
    for slug, alike in (("verlichting", Alike.SURE), ("zwerfvuil", Alike.MAYBE)):
        now = replace(GLASS, category=slug)
        assert likeness(now, replace(now, at=NOON + timedelta(days=6))).alike is alike


def test_what_stands_beside_a_bottle_bank_is_not_glass_for_that() -> None:
    bed = replace(GLASS, text="matras tegen de glasbak")
    assert likeness(replace(GLASS, text="scherven bij de glasbak"), bed).reasons[-1] == "words:other_thing"


@pytest.mark.parametrize(("score", "alike"), [(SURE, Alike.SURE), (SURE - 1e-9, Alike.MAYBE)])
def test_the_threshold_of_sure_counts_as_sure(score: float, alike: Alike) -> None:
    assert Likeness(score=score).alike is alike


@pytest.mark.parametrize(("score", "alike"), [(MAYBE, Alike.MAYBE), (MAYBE - 1e-9, Alike.DIFFERENT)])
def test_the_threshold_of_maybe_counts_as_maybe(score: float, alike: Alike) -> None:
    assert Likeness(score=score).alike is alike


def test_the_tables_speak_of_categories_there_are() -> None:
    assert set(KINDS) <= set(taxonomy())
    assert {slug for pair in CONFUSED for slug in pair} <= set(taxonomy())
    assert all(len(pair) == 2 for pair in CONFUSED)
    assert kind_of("nooit van gehoord") == kind_of("overig")
    assert all(stem == stem.lower().strip() for stems in THINGS.values() for stem in stems)
