"""From a message to a candidate, a 112 card, help, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.buttons import Button
from bot.model.channel import Edited
from bot.model.effect import Action
from bot.model.group import GroupSettings
from bot.model.happening import Revised
from bot.model.ids import PostRef, Room
from bot.model.incident import MediaRef, Stage
from bot.model.place import Place
from bot.model.reading import NOTHING, Extent, Help, Interpretation
from bot.model.snapshot import Snapshot
from tests.support.flows import (
    FIRE,
    GLASS,
    HERE,
    LAANS,
    NOWHERE,
    Story,
    effects,
    group_story,
    person,
    proposed,
    said_to,
)
from tests.support.records import JAN, KEES, NOON, SQUARE, a_group


def test_a_report_is_held_sealed_until_its_author_has_finished() -> None:
    story = group_story()
    outcome = story.hears(JAN, "glas bij de bak", media=(MediaRef(ref="p"),))
    assert (story.incident.stage, story.incident.place) == (Stage.HELD, SQUARE)
    assert story.incident.deadline == NOON + timedelta(seconds=20)
    assert story.content.photos == (MediaRef(ref="p"),)
    assert said_to(outcome) == []
    assert [effect.action for effect in outcome.effects] == [Action.DEADLINE]


@pytest.mark.parametrize(("p", "held"), [(0.85, True), (0.849, False)])
def test_unsure_is_silent(p: float, held: bool) -> None:
    story = group_story()
    story.hears(JAN, "glas", replace(GLASS, p_report=p))
    assert bool(story.known.incidents) is held


def test_danger_is_shown_however_unlike_a_report_it_reads() -> None:
    story = group_story()
    story.hears(JAN, "brand", replace(FIRE, p_report=0.01))
    assert story.incident.stage is Stage.DANGER


def test_an_ordinary_message_leaves_no_trace() -> None:
    story = group_story()
    outcome = story.hears(JAN, "gezellig", NOTHING)
    assert (outcome.changes, outcome.effects, outcome.known) == ((), (), story.known)


def test_a_topic_that_is_off_is_not_asked_about_unless_bart_is_spoken_to() -> None:
    off = a_group(settings=GroupSettings(topics_off=frozenset({"zwerfvuil"})))
    story = Story(known=Snapshot(group=off))
    story.hears(JAN, "glas")
    assert not story.known.incidents
    story.hears(JAN, "/meld glas")
    assert story.incident.on_request


@pytest.mark.parametrize(("seconds", "held"), [(120, True), (121, False)])
def test_what_was_said_while_bart_was_away_is_not_answered(seconds: int, held: bool) -> None:
    story = group_story()
    story.hears(JAN, "glas", at=NOON - timedelta(seconds=seconds))
    assert bool(story.known.incidents) is held


def test_what_was_asked_is_not_asked_again_for_a_day_at_the_same_place() -> None:
    story = proposed()
    story.presses(JAN, Button.NO)
    story.goes_by(hours=23)
    story.hears(KEES, "glas")
    story.hears(KEES, "glas", NOWHERE)
    assert len(story.known.incidents) == 1
    elsewhere = replace(GLASS, resolved=(Place(label="elders"),))
    story.hears(KEES, "glas", elsewhere)
    assert len(story.known.incidents) == 2


def test_one_thought_over_three_messages_is_one_incident() -> None:
    story = group_story()
    story.hears(JAN, "glas op straat", NOWHERE)
    story.goes_by(seconds=10)
    story.hears(JAN, "bij de bak op het plein", HERE)
    story.goes_by(seconds=10)
    story.hears(JAN, "kijk", NOTHING, media=(MediaRef(ref="p"),))
    assert len(story.known.incidents) == 1
    assert story.content.outgoing == "glas op straat\nbij de bak op het plein\nkijk"
    assert (len(story.incident.sources), story.incident.place) == (3, SQUARE)
    assert story.incident.deadline == NOON + timedelta(seconds=40)


def test_a_place_that_comes_later_and_may_be_two_is_asked_for() -> None:
    story = group_story()
    story.hears(JAN, "glas op straat", NOWHERE)
    story.hears(JAN, "in de laan", replace(HERE, resolved=LAANS))
    assert (story.incident.place, story.incident.choices) == (None, LAANS[:3])


def test_somebody_elses_next_message_is_not_part_of_it() -> None:
    story = group_story()
    story.hears(JAN, "glas op straat")
    story.hears(KEES, "bij mij ook", HERE)
    assert "bij mij" not in story.content.text


def test_already_reported_drops_what_waits() -> None:
    story = group_story()
    story.hears(JAN, "glas")
    story.hears(KEES, "al gemeld", Interpretation(reasons=("already_reported",)))
    assert story.incident.stage is Stage.DROPPED
    assert not story.known.contents


def test_personal_data_is_masked_in_what_goes_out_and_counted() -> None:
    story = group_story()
    personal = (Extent(start=4, end=8, kind="name"),)
    story.hears(JAN, "bel Piet over glas", replace(GLASS, personal=personal))
    assert (story.content.outgoing, story.content.masked) == ("bel [naam] over glas", 1)


def test_danger_comes_at_once_at_night_and_in_the_fastest_lane() -> None:
    story = group_story()
    story.goes_by(hours=13)
    outcome = story.hears(JAN, "brand!", FIRE)
    assert story.incident.stage is Stage.DANGER
    (shown,) = effects(outcome, Action.CARD)
    assert (shown.due_at, shown.lane.name, shown.not_after) == (
        story.now,
        "DANGER",
        story.now + timedelta(minutes=10),
    )


def test_a_second_message_of_the_same_danger_makes_no_second_card() -> None:
    story = group_story()
    story.hears(JAN, "brand!", FIRE)
    story.goes_by(minutes=29)
    assert story.hears(KEES, "brand!", FIRE).effects == ()
    story.goes_by(minutes=2)
    story.hears(KEES, "brand!", FIRE)
    assert len(story.known.incidents) == 2


def test_what_waited_to_be_asked_becomes_the_danger_it_turned_out_to_be() -> None:
    story = group_story()
    story.hears(JAN, "rook", replace(GLASS, categories=(("brand", 1.0),)))
    story.hears(JAN, "brand!", FIRE)
    assert [i.stage for i in story.known.incidents.values()] == [Stage.DANGER]


def test_gas_has_a_card_of_its_own() -> None:
    story = group_story()
    story.hears(JAN, "gas", replace(FIRE, reasons=("gas",)))
    assert story.incident.hint == "gas"


@pytest.mark.parametrize(
    ("meaning", "template"),
    [
        (Interpretation(help=Help.CARE), "care"),
        (Interpretation(help=Help.HOME_VIOLENCE), "care"),
        (Interpretation(help=Help.SUICIDE), "help113"),
        (Interpretation(looks_only=True), "behaviour.gate"),
    ],
)
def test_care_and_looks_are_answered_privately_and_nothing_is_kept(meaning: Interpretation, template: str) -> None:
    outcome = group_story().hears(JAN, "woorden", meaning)
    assert (said_to(outcome), outcome.changes) == ([template], ())


def test_danger_goes_before_care_and_care_before_a_report() -> None:
    both = replace(FIRE, help=Help.SUICIDE)
    assert said_to(group_story().hears(JAN, "x", both)) == []
    assert said_to(group_story().hears(JAN, "x", replace(GLASS, help=Help.SUICIDE))) == ["help113"]


def test_only_who_speaks_to_bart_hears_that_it_did_not_understand() -> None:
    assert said_to(group_story().hears(JAN, "bart, hoe gaat het", NOTHING)) == ["notunderstood"]
    assert said_to(group_story().hears(JAN, "hoe gaat het", NOTHING)) == []


def test_an_edit_before_the_question_is_simply_the_message() -> None:
    story = group_story()
    story.hears(JAN, "glsa", post="p")
    edited = Edited(id="e", room=Room("r"), at=NOON, person=person(JAN), post=PostRef("p"), text="glas")
    story.happens(Revised(edited=edited, meaning=NOWHERE))
    assert (story.content.outgoing, story.incident.place, story.incident.stage) == ("glas", None, Stage.HELD)
    story.happens(Revised(edited=edited, meaning=NOTHING))
    assert story.incident.stage is Stage.DROPPED
