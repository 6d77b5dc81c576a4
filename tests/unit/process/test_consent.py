"""Ask, answer, lapse: what makes a consent, and what undoes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.buttons import Button
from bot.model.channel import Deleted, Edited
from bot.model.consent import Evidence, commit_to
from bot.model.effect import Action
from bot.model.group import GroupSettings, Policy, QuietLimits, Role
from bot.model.happening import DeadlinePassed, Revised
from bot.model.ids import Room
from bot.model.incident import MediaRef, Stage
from bot.model.snapshot import PromptAnswer, Snapshot
from tests.support.flows import (
    FIRE,
    GLASS,
    Story,
    consents,
    deadline,
    effects,
    group_story,
    person,
    proposed,
    said_to,
)
from tests.support.records import ADMIN, JAN, KEES, NOON, SAMIRA, SQUARE, a_group


def test_a_proposal_lapses_after_half_an_hour_without_a_trace_of_words() -> None:
    story = proposed()
    assert story.incident.deadline == story.incident.began_at + timedelta(minutes=30)
    deadline(story)
    assert story.incident.stage is Stage.LAPSED
    assert not story.known.contents
    assert [p.answer for p in story.known.prompts] == [PromptAnswer.LAPSED]


def test_a_yes_at_the_very_last_moment_counts_and_after_it_does_not() -> None:
    story = proposed()
    ends = story.incident.deadline
    assert ends is not None
    early = proposed()
    early.now = ends - timedelta(milliseconds=1)
    early.presses(JAN, Button.YES)
    assert early.incident.stage is Stage.RELEASED
    story.now = ends
    assert said_to(story.presses(JAN, Button.YES)) == ["toast.lapsed"]
    assert story.incident.stage is Stage.PROPOSED


def test_a_timer_that_comes_early_or_twice_changes_nothing() -> None:
    story = proposed()
    story.goes_by(minutes=29)
    assert story.happens(DeadlinePassed(incident_id=story.incident.id)).changes == ()
    deadline(story)
    assert story.happens(DeadlinePassed(incident_id=story.incident.id)).changes == ()


def test_yes_makes_a_consent_to_exactly_what_is_shown_and_files_after_a_minute() -> None:
    story = proposed()
    (given,) = consents(story.presses(JAN, Button.YES))
    assert story.incident.stage is Stage.RELEASED
    assert given.commitment == commit_to(story.content, SQUARE, story.content.outgoing)
    assert (given.given_by, given.neutral, given.confirmed_by) == (JAN, False, None)
    assert story.incident.deadline == story.now + timedelta(seconds=60)
    outcome = deadline(story)
    assert story.incident.stage is Stage.FILING
    assert [effect.idem for effect in effects(outcome, Action.FILE)] == [f"file:{story.incident.id}"]


def test_anybody_may_release_a_neutral_text_where_the_group_says_so_and_photos_stay() -> None:
    story = group_story(Policy.ANYONE)
    story.hears(JAN, "die rotzooi van Piet", media=(MediaRef(ref="p"),))
    deadline(story)
    (given,) = consents(story.presses(KEES, Button.YES))
    assert (given.neutral, given.given_by) == (True, KEES)
    assert "rotzooi" not in story.content.outgoing
    assert story.content.photos == ()


def test_about_people_only_the_author_releases_anything() -> None:
    story = proposed(Policy.ANYONE, replace(GLASS, categories=(("jongeren", 1.0),)))
    assert story.incident.sensitive
    assert said_to(story.presses(KEES, Button.YES)) == ["toast.only_author"]


def test_under_the_admin_policy_the_authors_yes_waits_for_an_admin() -> None:
    story = proposed(Policy.ADMIN)
    assert consents(story.presses(JAN, Button.YES)) == []
    assert story.incident.stage is Stage.ADMIN
    assert said_to(story.presses(KEES, Button.CONFIRM)) == ["toast.admin_only"]
    outcome = story.presses(ADMIN, Button.CONFIRM)
    (given,) = consents(outcome)
    assert (given.given_by, given.confirmed_by) == (JAN, ADMIN)
    assert "confirmed" in [c.act for c in outcome.changes if isinstance(c, Evidence)]


def test_an_admin_who_denies_or_disagrees_later_stops_it() -> None:
    story = proposed(Policy.ADMIN)
    story.presses(JAN, Button.YES)
    story.presses(ADMIN, Button.DENY)
    assert story.incident.stage is Stage.DECLINED
    other = proposed(Policy.ADMIN)
    other.presses(JAN, Button.YES)
    other.presses(ADMIN, Button.CONFIRM)
    other.presses(SAMIRA, Button.UNDO, Role.ADMIN)
    assert other.incident.stage is Stage.DECLINED
    assert not other.known.contents


def test_toch_niet_stops_it_and_is_on_record() -> None:
    story = proposed()
    story.presses(JAN, Button.YES)
    outcome = story.presses(JAN, Button.UNDO)
    assert story.incident.stage is Stage.DECLINED
    assert "undone" in [c.act for c in outcome.changes if isinstance(c, Evidence)]
    assert said_to(story.presses(JAN, Button.UNDO)) == ["toast.no_longer"]


@pytest.mark.parametrize("change", ["edit", "delete"])
@pytest.mark.parametrize("button", [None, Button.YES])
def test_a_changed_source_voids_the_yes(change: str, button: Button | None) -> None:
    story = proposed()
    if button:
        story.presses(JAN, button)
    post = story.incident.sources[0]
    edited = Edited(id="e", room=Room("r"), at=NOON, person=person(JAN), post=post, text="anders")
    outcome = story.happens(
        Revised(edited=edited, meaning=GLASS)
        if change == "edit"
        else Deleted(id="d", room=Room("r"), at=NOON, post=post)
    )
    assert story.incident.stage is Stage.WITHDRAWN
    assert not story.known.contents
    assert said_to(outcome) == (["voided"] if button else [])


def test_a_standing_112_card_survives_its_deleted_message() -> None:
    story = group_story()
    story.hears(JAN, "brand!", FIRE)
    story.happens(Deleted(id="d", room=Room("r"), at=NOON, post=story.incident.sources[0]))
    assert story.incident.stage is Stage.DANGER


def test_self_help_erases_the_words_and_asks_once_whether_it_worked() -> None:
    story = proposed()
    story.presses(JAN, Button.SELF)
    assert (story.content.text, story.content.outgoing, story.content.photos) == ("", "", ())
    assert said_to(deadline(story)) == ["selfhelp.check"]
    assert said_to(deadline(story)) == []
    assert story.incident.stage is Stage.LAPSED


def test_filing_after_self_help_sends_a_neutral_text() -> None:
    story = proposed()
    story.presses(JAN, Button.SELF)
    (given,) = consents(story.presses(JAN, Button.FILE_ANYWAY))
    assert given.neutral
    assert story.content.outgoing.startswith("Afval of glas op straat. Plek: glasbak, Parijsplein.")


def test_the_next_in_line_is_looked_at_when_an_open_prompt_is_settled() -> None:
    loud = QuietLimits(prompt_gap=0)
    story = Story(known=Snapshot(group=a_group(settings=GroupSettings(quiet=loud))))
    story.hears(JAN, "glas")
    deadline(story)
    first = story.incident.id
    story.hears(KEES, "lamp", replace(GLASS, categories=(("verlichting", 1.0),)))
    deadline(story)
    assert story.incident.stage is Stage.HELD
    waits = story.incident.deadline
    assert waits is not None
    assert waits > story.now
    story.known = replace(story.known, incidents=dict(reversed(list(story.known.incidents.items()))))
    assert story.incident.id == first
    story.presses(JAN, Button.NO)
    assert [i.deadline for i in story.known.incidents.values() if i.stage is Stage.HELD] == [story.now]


def test_no_danger_from_the_author_at_once_from_others_only_together() -> None:
    smoke = replace(FIRE, categories=(("vuurwerk", 1.0),))
    story = group_story()
    story.hears(JAN, "knal!", smoke)
    for _ in range(2):
        story.presses(KEES, Button.SAFE)
        assert story.incident.stage is Stage.DANGER
    story.presses(SAMIRA, Button.SAFE)
    assert story.incident.stage is Stage.HELD
    other = group_story()
    other.hears(JAN, "knal!", smoke)
    other.presses(JAN, Button.SAFE)
    assert other.incident.stage is Stage.HELD


def test_called_is_shown_once() -> None:
    story = group_story()
    story.hears(JAN, "brand!", FIRE)
    assert len(effects(story.presses(KEES, Button.CALLED), Action.CARD)) == 1
    assert story.presses(SAMIRA, Button.CALLED).changes == ()
