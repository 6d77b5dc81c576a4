"""After filing: what neighbours add, what the desk says, and who hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.model.buttons import Button
from bot.model.channel import Deleted
from bot.model.consent import Consent, Subject, commit_to
from bot.model.desk import DeskCapabilities
from bot.model.effect import Action
from bot.model.happening import Amended, BulletinDue, CardShown, Restarted, StatusTold
from bot.model.ids import ContributionId, IncidentId, PersonKey, PostRef, ReportId, Room
from bot.model.incident import Incident, Stage
from bot.model.reading import NOTHING, Intent, Interpretation
from bot.model.report import Contribution, ContributionKind, Question, Report, Status, StatusChange
from bot.process.chain import Outcome
from bot.process.follow import BULLETIN_HOLDS, moved
from tests.support.flows import CONTEXT, Story, effects, knowing, muted, said_to
from tests.support.records import JAN, KEES, NOON, SAMIRA, a_content, a_filed_incident, a_report, later

CARD = PostRef("card")
FILED = a_filed_incident(category="zwerfvuil", card=CARD, sources=("said-0",))
ASKED = Question(text="Welke bak?", asked_at=NOON)


def story(incident: Incident = FILED, **report: Any) -> Story:
    return Story(known=knowing(incident, reports=[a_report(**report)], contents=a_content()))


def told(status: Status, minutes: float = 1, reference: str = "ref-r1", **more: Any) -> StatusTold:
    change = StatusChange(reference=reference, status=status, at=later(minutes=minutes), **more)
    return StatusTold(desk="gemeente", change=change)


def contributions(outcome: Outcome) -> list[tuple[ContributionKind, PersonKey]]:
    return [(c.kind, c.person) for c in outcome.changes if isinstance(c, Contribution)]


def report_in(story: Story) -> Report:
    return next(iter(story.known.reports.values()))


# --- neighbours ---


@pytest.mark.parametrize("button", [Button.ALSO, Button.STILL])
def test_a_neighbour_counts_once_and_the_desk_gets_a_number(button: Button) -> None:
    here = story()
    outcome = here.presses(KEES, button)
    assert here.incident.witnesses == {KEES}
    assert contributions(outcome) == [(ContributionKind.STILL, KEES)]
    (effect,) = effects(outcome, Action.AMEND)
    assert effect.key == f"report:{FILED.id}"
    assert said_to(outcome) == ["toast.thanks_seen"]
    assert said_to(here.presses(KEES, button)) == ["toast.already_seen"]


def test_saying_it_in_the_chat_counts_the_same_and_carries_no_words() -> None:
    here = story()
    outcome = here.hears(KEES, "ligt hier ook", Interpretation(intent=Intent.ADDITION, about=FILED.id))
    assert contributions(outcome) == [(ContributionKind.STILL, KEES)]
    assert here.content.words == ()


def test_the_author_is_no_neighbour_of_the_own_report() -> None:
    assert said_to(story().presses(JAN, Button.ALSO)) == ["toast.own"]


def test_still_there_after_closing_means_not_solved() -> None:
    here = story(status=Status.CLOSED, moves=1)
    outcome = here.hears(KEES, "ligt er nog", Interpretation(intent=Intent.ADDITION, about=FILED.id))
    assert contributions(outcome) == [(ContributionKind.NOT_SOLVED, KEES)]


def test_a_neighbour_may_say_that_it_is_solved_and_not_twice() -> None:
    here = story()
    assert contributions(here.presses(KEES, Button.SOLVED)) == [(ContributionKind.SOLVED, KEES)]
    assert contributions(here.presses(KEES, Button.SOLVED)) == []
    assert here.incident.solved_by == {KEES}


@pytest.mark.parametrize("button", [Button.VERIFY_NO, Button.VERIFY_PARTLY])
def test_not_really_solved_asks_the_desk_and_this_neighbour_what_is_left(button: Button) -> None:
    here = story(status=Status.CLOSED, moves=1)
    outcome = here.presses(KEES, button)
    assert contributions(outcome) == [(ContributionKind.NOT_SOLVED, KEES)]
    assert said_to(outcome) == ["verify.ask_more", "toast.counted"]
    assert here.incident.words_from == {KEES}
    assert here.incident.deadline is None


def test_words_that_were_asked_for_go_once_with_a_consent_of_their_own() -> None:
    here = story(status=Status.CLOSED, moves=1)
    here.presses(KEES, Button.VERIFY_NO)
    outcome = here.hears(KEES, "achter de bak", NOTHING, reply_to=CARD)
    (given,) = [c for c in outcome.changes if isinstance(c, Consent)]
    assert (given.given_by, given.subject) == (KEES, Subject.ADDITION)
    assert given.commitment == commit_to(here.content, None, "achter de bak")
    assert [(words.person, words.text) for words in here.content.words] == [(KEES, "achter de bak")]
    assert contributions(here.hears(KEES, "en nog iets", NOTHING, reply_to=CARD)) == []


@pytest.mark.parametrize("private", [True, False])
def test_words_nobody_asked_for_stay_in_the_group(private: bool) -> None:
    here = story()
    before = here.known
    here.hears(KEES, "achter de bak", NOTHING, reply_to=CARD, private=private)
    assert here.known == before


def test_where_the_question_cannot_be_put_privately_a_reply_is_just_a_reply() -> None:
    here = story(status=Status.CLOSED, moves=1)
    here.context = muted()
    here.presses(KEES, Button.VERIFY_NO)
    assert contributions(here.hears(KEES, "achter de bak", NOTHING, reply_to=CARD)) == []


def test_yes_solved_ends_it_and_no_answer_in_two_weeks_too() -> None:
    here = story()
    here.happens(told(Status.CLOSED))
    assert here.incident.deadline == here.now + timedelta(days=14)
    here.presses(KEES, Button.VERIFY_YES)
    assert (here.incident.stage, here.incident.verified) == (Stage.FINISHED, True)
    assert said_to(here.presses(SAMIRA, Button.VERIFY_NO)) == ["toast.too_late"]


def test_the_authors_answer_goes_to_the_desk_and_nobody_elses() -> None:
    here = story(status=Status.NEEDS_ANSWER, moves=1, question=ASKED)
    assert contributions(here.hears(KEES, "de linker", NOTHING, reply_to=CARD)) == []
    outcome = here.hears(JAN, "de linker", NOTHING, private=True)
    assert contributions(outcome) == [(ContributionKind.ANSWER, JAN)]
    assert said_to(outcome) == ["answer.preview"]
    (sent,) = effects(outcome, Action.AMEND)
    assert sent.due_at == here.now + timedelta(seconds=60)


def test_who_answered_may_take_the_words_back_until_they_are_sent() -> None:
    here = story(status=Status.NEEDS_ANSWER, moves=1, question=ASKED)
    here.hears(JAN, "de linker", NOTHING, private=True)
    assert said_to(here.presses(KEES, Button.UNDO)) == ["toast.too_late"]
    assert here.content.words
    assert said_to(here.presses(JAN, Button.UNDO)) == ["toast.undone"]
    assert not here.content.words
    assert said_to(here.presses(JAN, Button.UNDO)) == ["toast.too_late"]


def test_what_was_asked_after_a_no_may_be_answered_for_ten_minutes() -> None:
    here = story(status=Status.CLOSED, moves=1)
    here.presses(KEES, Button.VERIFY_NO)
    here.now += timedelta(minutes=10)
    assert contributions(here.hears(KEES, "wat is dit voor app?", NOTHING, private=True)) == []


def test_words_that_may_answer_two_questions_answer_neither_until_a_number_is_named() -> None:
    here = story(status=Status.NEEDS_ANSWER, moves=1, question=ASKED)
    other = replace(FILED, id=IncidentId("i2"), report_id=ReportId("r2"))
    second = replace(a_report("r2", status=Status.NEEDS_ANSWER, moves=1, question=ASKED), reference="MB-2")
    here.known = replace(
        here.known,
        incidents={**here.known.incidents, other.id: other},
        reports={**here.known.reports, second.id: second},
        contents={**here.known.contents, other.id: here.content},
    )
    outcome = here.hears(JAN, "de linker", NOTHING, private=True)
    assert (contributions(outcome), said_to(outcome)) == ([], ["answer.which"])
    outcome = here.hears(JAN, "mb-2: de linker", NOTHING, private=True)
    assert [effect.incident_id for effect in effects(outcome, Action.AMEND)] == [other.id]


def test_not_knowing_is_an_answer_while_there_is_a_question() -> None:
    asked = story(status=Status.NEEDS_ANSWER, moves=1, question=ASKED)
    assert contributions(asked.presses(JAN, Button.DONT_KNOW)) == [(ContributionKind.ANSWER, JAN)]
    assert said_to(story().presses(JAN, Button.DONT_KNOW)) == ["toast.no_longer"]


# --- withdrawing ---


def test_the_author_withdraws_and_the_desk_hears_it() -> None:
    here = story()
    outcome = here.presses(JAN, Button.WITHDRAW)
    assert (said_to(outcome), contributions(outcome)) == (["withdrawn.note"], [(ContributionKind.WITHDRAWAL, JAN)])
    amended = Amended(
        incident_id=FILED.id, contribution_id=ContributionId("k"), kind=ContributionKind.WITHDRAWAL, taken=True
    )
    here.happens(amended)
    assert here.incident.stage is Stage.WITHDRAWN
    assert report_in(here).withdrawn
    assert not here.known.contents


def test_deleting_the_message_is_withdrawing_unless_others_words_went() -> None:
    gone = Deleted(id="d", room=Room("r"), at=NOON, post=PostRef("said-0"))
    assert contributions(story().happens(gone)) == [(ContributionKind.WITHDRAWAL, JAN)]
    assert contributions(story(replace(FILED, neutral=True)).happens(gone)) == []


def test_what_a_desk_cannot_take_back_is_followed_no_more_and_said_so() -> None:
    here = story()
    here.context = replace(CONTEXT, desks={"gemeente": DeskCapabilities(withdraws=False)})
    outcome = here.presses(JAN, Button.WITHDRAW)
    assert (said_to(outcome), contributions(outcome)) == (["withdrawn.late"], [])
    assert here.incident.stage is Stage.WITHDRAWN
    assert said_to(here.happens(told(Status.IN_PROGRESS))) == []


# --- the desk ---


def test_every_change_reaches_report_card_and_author() -> None:
    here = story()
    for minutes, status in enumerate((Status.IN_PROGRESS, Status.PLANNED, Status.FORWARDED, Status.CLOSED), 1):
        outcome = here.happens(told(status, minutes))
        assert report_in(here).status is status
        assert len(effects(outcome, Action.CARD)) == 1
        assert said_to(outcome) == ["status"]
    assert report_in(here).moves == 4


def test_a_repeated_or_older_change_is_no_news() -> None:
    here = story()
    here.happens(told(Status.PLANNED, 5))
    assert here.happens(told(Status.PLANNED, 5)).changes == ()
    assert here.happens(told(Status.IN_PROGRESS, 4)).changes == ()


@pytest.mark.parametrize("status", [s for s in Status if s.is_open and s is not Status.REOPENED])
def test_an_open_status_after_a_closed_one_reopens_on_the_way(status: Status) -> None:
    closed = a_report(status=Status.CLOSED, moves=3)
    change = StatusChange(reference="ref-r1", status=status, at=later(minutes=1))
    after = moved(closed, change)
    assert after is not None
    # "Received" after "closed" is how some desks say that they reopened it.
    again = (Status.REOPENED, 4) if status is Status.RECEIVED else (status, 5)
    assert (after.status, after.moves) == again
    assert moved(after, change) is None


def test_a_move_that_makes_no_sense_is_no_news() -> None:
    change = StatusChange(reference="ref-r1", status=Status.RECEIVED, at=later(minutes=1))
    assert moved(a_report(status=Status.IN_PROGRESS, moves=1), change) is None


def test_changes_of_other_desks_and_reports_are_not_ours() -> None:
    here = story()
    assert here.happens(told(Status.CLOSED, reference="other")).changes == ()
    other = replace(told(Status.CLOSED), desk="politie")
    assert here.happens(other).changes == ()


def test_a_finished_incident_comes_back_when_the_desk_reopens() -> None:
    here = story(replace(FILED, stage=Stage.FINISHED, verified=True), status=Status.CLOSED, moves=1)
    here.happens(told(Status.REOPENED))
    assert (here.incident.stage, here.incident.verified) == (Stage.FILED, False)


def test_closing_is_told_in_one_post_at_seven_and_only_once() -> None:
    here = story()
    outcome = here.happens(told(Status.CLOSED))
    (bulletin,) = effects(outcome, Action.BULLETIN)
    assert bulletin.due_at == datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
    assert said_to(here.happens(BulletinDue(at=here.now))) == ["bulletin"]
    assert said_to(here.happens(BulletinDue(at=here.now))) == []


def test_what_does_not_fit_one_bulletin_is_told_the_next_day() -> None:
    names = [str(number) for number in range(BULLETIN_HOLDS + 1)]
    incidents = [a_filed_incident(name, "g1", name) for name in names]
    reports = [a_report(name, status=Status.CLOSED, moves=1) for name in names]
    here = Story(known=knowing(*incidents, reports=reports), now=NOON)
    outcome = here.happens(BulletinDue(at=here.now))
    (post,) = effects(outcome, Action.POST)
    assert post.args["incidents"].split(",") == names[:BULLETIN_HOLDS]
    (again,) = effects(outcome, Action.BULLETIN)
    here.now = again.due_at
    (post,) = effects(here.happens(BulletinDue(at=here.now)), Action.POST)
    assert post.args["incidents"] == names[-1]
    assert said_to(here.happens(BulletinDue(at=here.now))) == []


def test_cancelling_is_not_in_the_bulletin() -> None:
    assert effects(story().happens(told(Status.CANCELLED)), Action.BULLETIN) == []


# --- publish ---


def test_the_post_is_remembered_and_nothing_follows_from_that() -> None:
    here = story(replace(FILED, card=None))
    outcome = here.happens(CardShown(incident_id=FILED.id, step=2, ref=PostRef("new")))
    assert (here.incident.card, here.incident.shown) == ("new", 2)
    assert outcome.effects == ()
    here.happens(CardShown(incident_id=FILED.id, step=1, ref=PostRef("new")))
    assert here.incident.shown == 2


def test_after_a_restart_open_cards_are_shown_again() -> None:
    outcome = story().happens(Restarted(stamp="s"))
    (shown,) = effects(outcome, Action.CARD)
    assert (shown.idem, shown.args["again"]) == (f"again:{FILED.id}:s", "yes")
    assert effects(story(replace(FILED, card=None)).happens(Restarted(stamp="s")), Action.CARD) == []
