"""A report of others that was joined: what it hears, what it may do, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.model.buttons import Button
from bot.model.desk import Filed, Similar
from bot.model.effect import Action
from bot.model.happening import Amended, Compared, FilingDone, StatusTold
from bot.model.ids import ContributionId, ReportId
from bot.model.incident import Stage
from bot.model.place import Place
from bot.model.reading import NOTHING
from bot.model.report import ContributionKind, Status, StatusChange
from bot.process.cards import card
from bot.process.posts import post
from tests.support.flows import (
    CONTEXT,
    Story,
    deadline,
    effects,
    knowing,
    said_to,
    shown,
)
from tests.support.nearby import MAYBE, SURE, held, kinds, looked, released
from tests.support.records import (
    JAN,
    KEES,
    NOON,
    SQUARE,
    a_filed_incident,
    a_report,
    an_incident,
)

# a joined report


def joined(similar: Similar = SURE) -> Story:
    """Jan's consented words were added to it."""
    story = released()
    story.happens(Compared(incident_id=story.incident.id, near=(similar,)))
    deadline(story)
    done = FilingDone(
        incident_id=story.incident.id,
        desk=similar.desk,
        filed=Filed(reference=similar.reference, status=similar.status),
        joins=similar,
    )
    story.happens(done)
    assert story.incident.joined
    return story


def told(status: Status, **more: Any) -> StatusTold:
    return StatusTold(
        desk="gemeente",
        change=StatusChange(reference="SIG-1", status=status, at=NOON + timedelta(hours=1), **more),
    )


def test_words_that_were_added_stay_known_as_they_went_out() -> None:
    story = joined()
    assert (story.incident.stage, story.incident.report_id) == (Stage.FILED, ReportId("r-north"))
    assert (story.content.text, story.content.outgoing) == ("", "glas bij de bak")
    assert story.incident.similar == replace(SURE, text="")


def test_what_only_the_desk_knew_becomes_a_report_of_ours_too() -> None:
    story = joined(replace(SURE, report_id=None))
    (report,) = story.known.reports.values()
    assert (report.id, report.reference, report.status) == (story.incident.report_id, "SIG-1", Status.IN_PROGRESS)


def test_news_reaches_the_card_and_whoever_answered() -> None:
    story = joined()
    outcome = story.happens(told(Status.PLANNED))
    assert len(effects(outcome, Action.CARD)) == 1
    assert said_to(outcome) == ["status"]


def test_a_question_of_the_desk_is_for_who_filed_it() -> None:
    story = joined()
    story.happens(told(Status.NEEDS_ANSWER, note="Waar precies?"))
    shown(story)
    assert kinds(story.hears(JAN, "links", NOTHING, reply_to=story.incident.card)) == []
    saying = card(story.known, story.incident, story.context)
    assert saying is not None
    assert Button.DONT_KNOW not in {offer.button for offer in saying.offers}
    private = post(story.known, "status", story.context, {"incident": story.incident.id})
    assert private is not None
    assert not private.offers


def test_closed_can_be_contradicted_also_where_no_way_back_is_kept() -> None:
    story = held()
    looked(story, SURE)
    story.happens(told(Status.CLOSED))
    outcome = story.presses(JAN, Button.VERIFY_NO)
    assert kinds(outcome) == ["not_solved"]
    assert said_to(outcome) == ["toast.counted"]
    assert story.incident.words_from == frozenset()


def test_who_joined_takes_back_only_their_own_part() -> None:
    story = joined()
    outcome = story.presses(JAN, Button.WITHDRAW)
    assert (story.incident.stage, kinds(outcome)) == (Stage.WITHDRAWN, [])
    assert said_to(outcome) == ["withdrawn.joined"]
    assert not story.known.reports[ReportId("r-north")].withdrawn
    assert card(story.known, story.incident, story.context) is None
    assert not story.known.contents


def test_taken_back_on_its_way_ends_without_ending_the_report_of_others() -> None:
    story = joined()
    contribution = ContributionId("k1")
    story.happens(
        Amended(
            incident_id=story.incident.id,
            contribution_id=contribution,
            kind=ContributionKind.WITHDRAWAL,
            taken=True,
        )
    )
    assert story.incident.stage is Stage.WITHDRAWN
    assert not story.known.reports[ReportId("r-north")].withdrawn


def test_a_report_of_this_group_that_it_turns_out_to_be_keeps_its_one_card() -> None:
    first = a_filed_incident("i0", category="zwerfvuil")
    report = a_report(reference="SIG-1", category="zwerfvuil")
    story = Story(known=knowing(first, reports=[report]))
    story.hears(KEES, "scherven bij de bak")
    deadline(story)
    story.presses(KEES, Button.YES)
    own = replace(SURE, report_id=report.id)
    story.happens(Compared(incident_id=story.incident.id, near=(own,)))
    deadline(story)
    done = FilingDone(incident_id=story.incident.id, desk="gemeente", filed=Filed(reference="SIG-1"), joins=own)
    story.happens(done)
    assert story.incident.stage is Stage.DROPPED
    assert story.known.incidents[first.id].witnesses == frozenset({KEES})


def test_the_question_tells_kind_place_day_and_status_and_nothing_else() -> None:
    home = replace(MAYBE, place=Place(label="Laan 12, Zonstad", point=SQUARE.point, home=True))
    incident = an_incident(stage=Stage.SIMILAR, category="zwerfvuil", similar=home)
    saying = card(knowing(incident), incident, CONTEXT)
    assert saying is not None
    text = CONTEXT.texts.post(saying, "nl").text
    assert text == (
        "Misschien is dit al gemeld, op 18 november:\n📍 Afval of glas op straat, Laan, Zonstad\n"
        "Stand: ze zijn ermee bezig.\nKlopt dit nog?"
    )
    assert "SIG-1" not in text
