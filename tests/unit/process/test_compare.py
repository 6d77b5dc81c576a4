"""What was found near, what its author says of it, and what is never told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model.buttons import Button
from bot.model.desk import Similar
from bot.model.effect import Action
from bot.model.group import Policy
from bot.model.happening import Compared, DeadlinePassed
from bot.model.ids import IncidentId, ReportId
from bot.model.incident import Stage
from bot.model.place import Place
from bot.model.snapshot import PromptAnswer
from bot.process import compare
from tests.support.flows import (
    GLASS,
    NOWHERE,
    deadline,
    effects,
    group_story,
    muted,
    proposed,
    said_to,
    shown,
)
from tests.support.nearby import FAR, MAYBE, SENSITIVE, SURE, asked, asked_after_yes, held, kinds, looked, released
from tests.support.records import (
    ADMIN,
    JAN,
    KEES,
    NOON,
    SQUARE,
    a_content,
    an_incident,
)

# before the group is asked


def test_what_is_surely_open_next_door_is_joined_without_asking_and_without_words() -> None:
    story = held()
    outcome = looked(story, SURE)
    assert (story.incident.stage, story.incident.report_id) == (Stage.FILED, ReportId("r-north"))
    assert story.incident.neighbours == 3
    assert kinds(outcome) == ["still"]
    assert [effect.args["kind"] for effect in effects(outcome, Action.AMEND)] == ["still"]
    assert not story.known.contents
    assert len(effects(outcome, Action.CARD)) == 1


def test_a_report_of_another_group_is_not_written_from_here() -> None:
    """Its row may have moved on since it was read."""
    story = held()
    outcome = looked(story, SURE)
    assert ReportId("r-north") in story.known.reports
    assert not [change for change in outcome.changes if change is story.known.reports[ReportId("r-north")]]


def test_what_may_be_the_same_is_asked_instead_of_the_usual_question() -> None:
    story = held()
    outcome = looked(story, MAYBE)
    assert story.incident.stage is Stage.SIMILAR
    assert [prompt.incident_id for prompt in story.known.prompts] == [story.incident.id]
    assert kinds(outcome) == []


def test_words_of_others_are_compared_and_not_kept() -> None:
    story = asked()
    assert story.incident.similar is not None
    assert story.incident.similar.text == ""


@pytest.mark.parametrize(
    "near",
    [(), (FAR,), (replace(SURE, category="verlichting"),), (replace(SURE, category="jongeren"),)],
    ids=["nothing", "too far", "another kind", "about people"],
)
def test_otherwise_the_group_is_asked_as_ever(near: tuple[Similar, ...]) -> None:
    story = held()
    looked(story, *near)
    assert story.incident.stage is Stage.PROPOSED
    assert story.incident.similar is None


def test_the_likeliest_of_several_is_taken() -> None:
    story = held()
    looked(story, MAYBE, replace(MAYBE, reference="SIG-2", filed_at=NOON - timedelta(days=2)), FAR)
    assert story.incident.similar is not None
    assert story.incident.similar.reference == "SIG-2"


def test_a_quiet_rule_that_holds_a_question_back_holds_this_one_back() -> None:
    story = held()
    ends = story.incident.deadline
    assert ends is not None
    story.now = ends
    story.happens(DeadlinePassed(incident_id=story.incident.id, near=(SURE,), heat=7))
    assert story.incident.stage is Stage.DROPPED


def test_who_asked_for_a_report_is_asked_for_a_yes_first() -> None:
    story = group_story()
    story.hears(JAN, "/meld glas bij de bak")
    assert story.incident.on_request
    looked(story, SURE)
    assert story.incident.stage is Stage.PROPOSED


@pytest.mark.parametrize("changes", [{"sensitive": True}, {"place": None}, {"place": Place(label="ergens")}])
def test_what_is_about_people_or_nowhere_is_not_compared(changes: dict[str, Any]) -> None:
    incident = replace(an_incident(category="zwerfvuil"), **changes)
    assert not compare.comparable(incident)
    assert compare.best(incident, a_content(), (SURE,)) is None


def test_a_second_message_that_makes_it_urgent_ends_the_question() -> None:
    story = asked()
    story.hears(JAN, "brand!", replace(GLASS, urgent=True))
    assert (story.incident.stage, story.incident.similar) == (Stage.DANGER, None)


# the answers, before a yes


def test_still_so_counts_one_more_and_keeps_only_the_way_back() -> None:
    story = asked()
    outcome = story.presses(JAN, Button.SAME)
    assert (story.incident.stage, kinds(outcome)) == (Stage.FILED, ["still"])
    assert (story.content.text, story.content.outgoing) == ("", "")
    assert story.content.address == "jan@web"
    assert story.known.prompts[0].answer is PromptAnswer.YES


def test_solved_is_told_to_the_desk() -> None:
    story = asked()
    outcome = story.presses(JAN, Button.SOLVED)
    assert (story.incident.stage, story.incident.solved_by) == (Stage.FILED, frozenset({JAN}))
    assert kinds(outcome) == ["solved"]


def test_more_to_tell_is_asked_for_on_the_card_and_sent_after_a_preview() -> None:
    story = asked()
    story.presses(JAN, Button.ADD)
    shown(story)
    outcome = story.hears(JAN, "nu ook op het fietspad", reply_to=story.incident.card)
    assert said_to(outcome) == ["answer.preview"]
    assert kinds(outcome) == ["addition"]
    assert effects(outcome, Action.AMEND)[0].due_at == story.now + timedelta(seconds=60)


def test_where_nobody_can_be_spoken_to_alone_a_reply_to_the_card_is_heard_too() -> None:
    story = asked()
    story.context = muted()
    story.presses(JAN, Button.ADD)
    shown(story)
    assert kinds(story.hears(JAN, "ook daar", reply_to=story.incident.card)) == ["addition"]


def test_something_else_is_proposed_and_not_compared_with_that_again() -> None:
    story = asked()
    story.presses(JAN, Button.OTHER)
    assert (story.incident.stage, story.incident.similar) == (Stage.PROPOSED, None)
    story.presses(JAN, Button.YES)
    story.happens(Compared(incident_id=story.incident.id, near=(SURE,)))
    assert (story.incident.stage, story.incident.similar) == (Stage.RELEASED, None)


def test_without_an_answer_nothing_stays() -> None:
    story = asked()
    deadline(story)
    assert story.incident.stage is Stage.LAPSED
    assert not story.known.contents
    assert story.known.prompts[0].answer is PromptAnswer.LAPSED


@pytest.mark.parametrize("button", [Button.SOLVED, Button.ADD, Button.OTHER])
def test_only_the_author_answers(button: Button) -> None:
    story = asked()
    assert said_to(story.presses(KEES, button)) == ["toast.author_decides"]
    assert story.incident.stage is Stage.SIMILAR


def test_somebody_elses_yes_makes_them_a_witness() -> None:
    story = asked()
    story.presses(KEES, Button.SAME)
    assert (story.incident.stage, story.incident.witnesses) == (Stage.SIMILAR, frozenset({KEES}))
    story.presses(JAN, Button.SAME)
    assert story.incident.neighbours == 4


def test_an_admin_can_hide_the_question() -> None:
    story = asked()
    story.presses(ADMIN, Button.HIDE)
    assert story.incident.stage is Stage.DECLINED


# before it is filed


def test_every_yes_with_a_place_is_looked_up_once() -> None:
    story = proposed()
    outcome = story.presses(JAN, Button.YES)
    (effect,) = effects(outcome, Action.COMPARE)
    assert effect.not_after == story.now + compare.STILL_WANTED
    assert not effect.key
    assert effects(story.happens(Compared(incident_id=story.incident.id, near=())), Action.COMPARE) == []


def test_what_is_about_people_is_never_looked_up() -> None:
    assert effects(proposed(meaning=SENSITIVE).presses(JAN, Button.YES), Action.COMPARE) == []


def test_a_place_given_later_is_looked_up_then() -> None:
    story = proposed(meaning=NOWHERE)
    assert effects(story.presses(JAN, Button.YES), Action.COMPARE) == []
    assert len(effects(story.hears(JAN, "bij de bak", replace(NOWHERE, resolved=(SQUARE,))), Action.COMPARE)) == 1


def test_what_is_surely_open_is_said_on_the_preview_and_joined_when_filed() -> None:
    story = released()
    before = story.incident
    outcome = story.happens(Compared(incident_id=before.id, near=(SURE,)))
    assert (story.incident.stage, story.incident.step) == (Stage.RELEASED, before.step + 1)
    assert story.incident.deadline == before.deadline
    assert len(effects(outcome, Action.CARD)) == 1


def test_an_answer_that_comes_too_late_changes_nothing() -> None:
    story = released()
    story.presses(JAN, Button.UNDO)
    outcome = story.happens(Compared(incident_id=story.incident.id, near=(SURE,)))
    assert outcome.changes == ()
    assert story.happens(Compared(incident_id=IncidentId("gone"), near=(SURE,))).changes == ()


def test_still_so_after_a_yes_keeps_the_words_here() -> None:
    story = asked_after_yes()
    assert kinds(story.presses(JAN, Button.SAME)) == ["still"]
    assert (story.incident.stage, story.content.outgoing) == (Stage.FILED, "")


def test_more_to_tell_after_a_yes_are_the_words_of_that_yes() -> None:
    story = asked_after_yes()
    story.presses(JAN, Button.ADD)
    assert (story.incident.stage, story.incident.similar) == (Stage.RELEASED, replace(MAYBE, text=""))
    assert story.content.outgoing == "glas bij de bak"


@pytest.mark.parametrize("answers", [True, False])
def test_a_yes_stands_when_it_is_something_else_or_nobody_answers(answers: bool) -> None:
    story = asked_after_yes()
    if answers:
        story.presses(JAN, Button.OTHER)
    else:
        assert story.incident.deadline == story.now + timedelta(minutes=10)
        deadline(story)
    assert (story.incident.stage, story.incident.similar) == (Stage.RELEASED, None)
    assert story.incident.deadline == story.now + timedelta(seconds=60)
    deadline(story)
    assert story.incident.stage is Stage.FILING


def test_an_admins_yes_holds_through_the_question() -> None:
    story = released(Policy.ADMIN)
    story.presses(ADMIN, Button.CONFIRM)
    story.happens(Compared(incident_id=story.incident.id, near=(MAYBE,)))
    story.presses(JAN, Button.OTHER)
    assert story.known.consents[story.incident.id].confirmed_by == ADMIN
