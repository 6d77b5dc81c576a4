"""A geocoder on the network gets place words after the yes, and nothing else ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.hearing import Hearing
from bot.memory import Memory
from bot.model.buttons import Button
from bot.model.channel import Said
from bot.model.effect import Action
from bot.model.happening import DeadlinePassed, Heard, Located
from bot.model.incident import Stage
from bot.model.place import Point
from bot.model.reading import NOTHING, Extent, Intent
from bot.model.snapshot import Snapshot
from bot.ports.fakes.geocoder import FakeGeocoder
from bot.ports.fakes.interpreter import FakeInterpreter
from tests.support.flows import CONTEXT, GLASS, Story, said
from tests.support.records import JAN, KEES, NOON, SQUARE, TENANT, a_group

NOWHERE = replace(GLASS, resolved=())
STREET = "bij de Londenlaan"
SPOT = Point(lat=52.04, lon=4.38)


@pytest.fixture
def asked_where() -> Story:
    """The author said yes; nobody knows where it is."""
    story = Story(context=replace(CONTEXT, locates_here=False))
    story.hears(JAN, "er ligt glas", NOWHERE)
    story.goes_by(seconds=60)
    story.happens(DeadlinePassed(incident_id=story.incident.id))
    story.presses(JAN, Button.YES)
    story.happens(Located(incident_id=story.incident.id, places=()))
    assert story.incident.stage is Stage.LOCATING
    return story


def test_the_author_s_answer_is_looked_up_by_its_place_words(asked_where: Story) -> None:
    phrase = replace(NOTHING, places=(Extent(start=7, end=17, kind="place"),))
    outcome = asked_where.hears(JAN, f"{STREET}, naast Piet", phrase)
    (locate,) = (effect for effect in outcome.effects if effect.action is Action.LOCATE)
    assert locate.incident_id == asked_where.incident.id
    assert asked_where.content.places == ("Londenlaan",)
    asked_where.happens(Located(incident_id=asked_where.incident.id, places=(SQUARE,)))
    assert (asked_where.incident.stage, asked_where.incident.place) == (Stage.RELEASED, SQUARE)


def test_a_private_answer_is_nothing_but_an_answer(asked_where: Story) -> None:
    asked_where.hears(JAN, "Londenlaan 12", NOTHING, private=True)
    assert asked_where.content.places == ("Londenlaan 12",)


@pytest.mark.parametrize("who", [JAN, KEES])
def test_talk_in_the_group_is_not_looked_up(asked_where: Story, who: str) -> None:
    before = asked_where.content
    outcome = asked_where.hears(who, "hoi allemaal", NOTHING)
    assert not [effect for effect in outcome.effects if effect.action is Action.LOCATE]
    assert asked_where.content == before


def test_another_answer_is_looked_up_again(asked_where: Story) -> None:
    keys = set()
    for street in ("Londenlaan", "Romestraat"):
        outcome = asked_where.hears(JAN, street, NOTHING, private=True)
        keys |= {effect.idem for effect in outcome.effects if effect.action is Action.LOCATE}
    assert len(keys) == 2


@pytest.mark.parametrize(("local", "asks"), [(True, [""]), (False, [])])
async def test_a_shared_location_is_a_place_whichever_geocoder_there_is(local: bool, asks: list[str]) -> None:
    geocoder = FakeGeocoder(local=local)
    hearing = Hearing(FakeInterpreter({}), {TENANT: geocoder}, Memory())
    heard = await _hear(hearing, said(JAN, "", location=SPOT))
    (place,) = heard.meaning.resolved
    assert (place.point, place.source) == (SPOT, "shared")
    assert geocoder.asked == asks


async def test_before_the_yes_a_geocoder_on_the_network_is_asked_nothing() -> None:
    text = "glas op het Parijsplein"
    phrase = replace(NOWHERE, intent=Intent.REPORT, places=(Extent(start=12, end=23, kind="place"),))
    geocoder = FakeGeocoder({"Parijsplein": (SQUARE,)}, local=False)
    heard = await _hear(Hearing(FakeInterpreter({text: phrase}), {TENANT: geocoder}, Memory()), said(JAN, text))
    assert heard.meaning.resolved == ()
    assert geocoder.asked == []


async def _hear(hearing: Hearing, event: Said) -> Heard:
    group = a_group()
    known = {group.id: Snapshot(group=group)}
    ((_, happening),) = await hearing.listen([(group.id, event)], known, NOON)
    assert isinstance(happening, Heard)
    return happening
