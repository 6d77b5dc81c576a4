"""Place and contact once somebody said yes; and which desk, or which number instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model.buttons import Button
from bot.model.consent import commit_to
from bot.model.effect import Action
from bot.model.happening import Located
from bot.model.incident import Stage
from bot.model.reading import NOTHING, Extent, Intent, Interpretation
from bot.model.taxonomy import DeskKind
from bot.model.tenant import Route, Tenant
from bot.process.route import route_of
from tests.support.flows import (
    CONTEXT,
    GLASS,
    HERE,
    LAANS,
    NOWHERE,
    Story,
    consents,
    deadline,
    effects,
    group_story,
    knowing,
    proposed,
    said_to,
    shown,
)
from tests.support.records import JAN, KEES, SQUARE, TENANT, a_content, an_incident


def test_without_a_place_the_author_is_asked_and_only_the_author_answers() -> None:
    story = proposed(meaning=NOWHERE)
    assert consents(story.presses(JAN, Button.YES)) == []
    assert story.incident.stage is Stage.LOCATING
    story.hears(KEES, "plein", HERE)
    assert story.incident.stage is Stage.LOCATING
    assert len(consents(story.hears(JAN, "plein", HERE))) == 1
    assert (story.incident.stage, story.incident.place) == (Stage.RELEASED, SQUARE)


def test_several_places_alike_are_offered_three_at_most() -> None:
    story = proposed(meaning=NOWHERE)
    story.presses(JAN, Button.YES)
    story.hears(JAN, "laan", Interpretation(resolved=LAANS))
    assert story.incident.choices == LAANS[:3]
    story.presses(KEES, Button.PICK_2)
    assert story.incident.place is None
    story.presses(JAN, Button.PICK_2)
    assert story.incident.place == LAANS[1]


@pytest.mark.parametrize(("second", "sure"), [(0.95, True), (0.9501, False)])
def test_a_clearly_better_place_is_taken_without_asking(second: float, sure: bool) -> None:
    story = proposed(meaning=NOWHERE)
    story.presses(JAN, Button.YES)
    story.hears(JAN, "laan", Interpretation(resolved=(LAANS[0], replace(LAANS[1], score=second))))
    assert (story.incident.place == LAANS[0]) is sure


ROME = "bij de Romestraat"


def where(text: str, phrase: str = ROME, **more: Any) -> Interpretation:
    """The meaning of ordinary words in which this phrase says a place."""
    start = text.index(phrase)
    extent = Extent(start=start, end=start + len(phrase), kind="place")
    return replace(HERE, places=(extent,), **more)


@pytest.mark.parametrize("text", [ROME, "oh ja, bij de Romestraat dus", "bij de Romestraat, naast het bankje"])
def test_who_answers_the_proposal_with_a_place_has_said_the_place(text: str) -> None:
    story = proposed(meaning=NOWHERE)
    step = story.incident.step
    outcome = story.hears(JAN, text, where(text))
    assert (story.incident.stage, story.incident.place) == (Stage.PROPOSED, SQUARE)
    assert story.incident.step > step
    assert not consents(outcome)
    assert len(consents(story.presses(JAN, Button.YES))) == 1


def test_a_place_in_talk_about_something_else_is_not_taken_for_it() -> None:
    story = proposed(meaning=NOWHERE)
    talk = "ik drink zo even koffie bij de Romestraat met mijn zus"
    story.hears(JAN, talk, where(talk))
    assert story.incident.place is None
    shown(story)
    story.hears(JAN, talk, where(talk), reply_to=story.incident.card)
    assert story.incident.place == SQUARE


@pytest.mark.parametrize("intent", [Intent.REPORT, Intent.SOLVED])
def test_a_place_in_another_report_or_in_what_is_solved_is_not_taken_for_it(intent: Intent) -> None:
    story = proposed(meaning=NOWHERE)
    first = story.incident.id
    story.hears(JAN, ROME, where(ROME, intent=intent))
    assert story.known.incidents[first].place is None


def test_a_place_that_a_neighbour_says_is_not_the_author_s() -> None:
    story = proposed(meaning=NOWHERE)
    story.hears(KEES, ROME, where(ROME))
    assert story.incident.place is None


def test_a_place_that_is_known_is_not_changed_by_another() -> None:
    story = proposed()
    story.hears(JAN, ROME, replace(where(ROME), resolved=LAANS[:1]))
    assert story.incident.place == SQUARE


def test_a_shared_location_or_coordinates_answer_it_too() -> None:
    for text, more in (("hier", {"location": SQUARE.point}), ("https://maps/?q=52.0405,4.3712", {})):
        story = proposed(meaning=NOWHERE)
        story.hears(JAN, text, HERE, **more)
        assert story.incident.place == SQUARE


def test_of_several_places_the_author_picks_after_a_yes() -> None:
    story = proposed(meaning=NOWHERE)
    story.hears(JAN, ROME, replace(where(ROME), resolved=LAANS))
    assert (story.incident.place, story.incident.choices) == (None, LAANS[:3])
    story.presses(JAN, Button.YES)
    story.presses(JAN, Button.PICK_1)
    assert (story.incident.stage, story.incident.place) == (Stage.RELEASED, LAANS[0])


def test_a_place_in_the_next_message_reaches_a_geocoder_on_the_network_after_a_yes() -> None:
    story = group_story()
    story.hears(JAN, "glas op de stoep", NOWHERE)
    story.hears(JAN, ROME, replace(where(ROME), resolved=(), intent=Intent.ADDITION))
    assert story.content.places == (ROME,)


def test_a_pick_that_is_not_offered_changes_nothing() -> None:
    story = proposed(meaning=NOWHERE)
    story.presses(JAN, Button.YES)
    assert consents(story.presses(JAN, Button.PICK_3)) == []
    assert story.incident.stage is Stage.LOCATING


def test_who_does_not_know_the_place_hears_why_it_matters() -> None:
    story = proposed(meaning=NOWHERE)
    story.presses(JAN, Button.YES)
    assert said_to(story.presses(JAN, Button.NO_PLACE)) == ["place.unknown"]
    assert story.incident.stage is Stage.LOCATING


def test_a_geocoder_on_the_network_is_asked_only_after_yes() -> None:
    story = group_story()
    story.context = replace(CONTEXT, locates_here=False)
    outcomes = [story.hears(JAN, "glas", NOWHERE), deadline(story)]
    assert all(effects(one, Action.LOCATE) == [] for one in outcomes)
    assert len(effects(story.presses(JAN, Button.YES), Action.LOCATE)) == 1
    story.happens(Located(incident_id=story.incident.id, places=()))
    assert story.incident.stage is Stage.LOCATING
    story.happens(Located(incident_id=story.incident.id, places=(SQUARE,)))
    assert story.incident.stage is Stage.RELEASED
    assert story.happens(Located(incident_id=story.incident.id, places=(SQUARE,))).changes == ()


@pytest.mark.parametrize(
    "text", ["mail jan.de-vries@voorbeeld.example", "bel 06-12345678", "0031 6 12345678", "+31612345678"]
)
def test_contact_details_need_a_new_consent_and_a_new_minute(text: str) -> None:
    story = proposed()
    (first,) = consents(story.presses(JAN, Button.YES))
    assert said_to(story.presses(JAN, Button.NAMED)) == ["contact.ask"]
    assert story.incident.deadline == story.now + timedelta(minutes=10)
    outcome = story.hears(JAN, text, NOTHING, private=True)
    (second,) = consents(outcome)
    assert said_to(outcome) == ["contact.thanks"]
    assert story.content.contact in text
    assert second.commitment == commit_to(story.content, SQUARE, story.content.outgoing) != first.commitment
    assert story.incident.deadline == story.now + timedelta(seconds=60)


def test_details_said_in_the_group_or_by_others_or_unreadable_are_not_taken() -> None:
    story = proposed()
    story.presses(JAN, Button.YES)
    story.presses(JAN, Button.NAMED)
    story.hears(JAN, "jan@voorbeeld.example", NOTHING)
    story.hears(KEES, "kees@voorbeeld.example", NOTHING, private=True)
    assert said_to(story.hears(JAN, "liever niet", NOTHING, private=True)) == ["contact.unclear"]
    assert story.content.contact == ""


def test_routes_go_by_category_then_by_kind_then_to_the_right_number() -> None:
    tenant = Tenant(
        id=TENANT,
        name="Zonstad",
        municipality="Zonstad",
        routes={
            "gemeente": Route(desk="a"),
            "verlichting": Route(desk="b"),
            "parkeren": Route(instead="instead.housing"),
        },
    )
    assert route_of(tenant, "zwerfvuil").desk == "a"
    assert route_of(tenant, "verlichting").desk == "b"
    assert route_of(tenant, "parkeren").instead == "instead.housing"
    assert route_of(tenant, "inbraak") == Route(instead="police.nonurgent")
    assert route_of(tenant, "zorg") == Route(instead="care")
    assert route_of(replace(tenant, routes={}), "zwerfvuil") == Route(instead="instead.municipality")
    assert route_of(tenant, "iets nieuws").desk == "a"
    assert {kind.value for kind in DeskKind} == {"gemeente", "politie", "zorg"}


def test_what_goes_to_no_desk_names_the_number_to_its_author_and_asks_nothing() -> None:
    story = group_story()
    story.hears(JAN, "inbraak", replace(GLASS, categories=(("inbraak", 1.0),)))
    outcome = deadline(story)
    assert said_to(outcome) == ["police.nonurgent"]
    assert story.incident.stage is Stage.DROPPED
    assert (story.known.prompts, dict(story.known.contents)) == ((), {})
    assert effects(outcome, Action.CARD) == []


def test_a_proposal_replies_to_the_message_and_is_kept_apart_per_group() -> None:
    story = Story(known=knowing(an_incident(category="zwerfvuil"), contents=a_content()))
    assert story.presses(JAN, Button.YES).effects[0].group_id == story.known.group.id
