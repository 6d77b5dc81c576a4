"""What the card shows, in every situation it has one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.buttons import Button
from bot.model.desk import DeskCapabilities
from bot.model.incident import OVER, Incident, Stage
from bot.model.place import Place
from bot.model.report import Status
from bot.model.snapshot import Snapshot
from bot.model.wording import Wording
from bot.process.cards import HOLDS_NOTE, card
from bot.process.posts import BUILDERS
from tests.support.flows import CONTEXT, TEXTS, knowing, muted
from tests.support.records import a_content, a_filed_incident, a_report, an_incident
from tests.support.situations import Situation, every_card

LIMIT = 320
"""Characters a post in a group may have (CONVERSATION.md section 3)."""
BUTTONS = 4
WITH_GUESSES = 5
"""Three things that it may be, something else, and no."""


def shown(known: Snapshot, incident: Incident) -> str:
    saying = card(known, incident, CONTEXT)
    assert saying is not None
    return TEXTS.post(saying, "nl").text


@pytest.mark.parametrize("situation", every_card(), ids=lambda one: one[0])
def test_a_card_is_short_and_has_few_buttons(situation: Situation) -> None:
    _, known, incident = situation
    saying = card(known, incident, CONTEXT)
    assert saying is not None
    post = TEXTS.post(saying, "nl")
    assert len(post.choices) <= (WITH_GUESSES if incident.doubt else BUTTONS)
    # The preview shows the resident's own words whole, so it is as long as they are.
    assert len(post.text) <= LIMIT or incident.stage is Stage.RELEASED


def test_every_stage_is_in_a_situation_or_has_no_card() -> None:
    with_card = {incident.stage for _, _, incident in every_card()}
    for stage in set(Stage) - with_card:
        assert (
            card(knowing(an_incident(stage=stage), contents=a_content()), an_incident(stage=stage), CONTEXT)
            is None
        )
    assert set(Stage) - with_card == {Stage.HELD, Stage.LAPSED, Stage.DECLINED, Stage.DROPPED}


@pytest.mark.parametrize("stage", sorted(OVER - {Stage.SOLVED, Stage.FAILED}))
def test_what_ended_without_a_report_leaves_no_card(stage: Stage) -> None:
    incident = an_incident(stage=stage)
    assert card(knowing(incident), incident, CONTEXT) is None


def test_the_preview_shows_exactly_what_goes_out() -> None:
    words = "bah, ligt weer vol glas <b>bij</b> de {glasbak}"
    incident = an_incident(stage=Stage.RELEASED)
    assert f"“{words}”" in shown(knowing(incident, contents=a_content(outgoing=words)), incident)


def test_a_card_without_its_words_is_no_card() -> None:
    for stage in (Stage.ADMIN, Stage.RELEASED):
        assert card(knowing(an_incident(stage=stage)), an_incident(stage=stage), CONTEXT) is None


def test_a_home_is_shown_by_its_street_only() -> None:
    home = an_incident(place=Place(label="Londenlaan 12", home=True))
    assert "Londenlaan" in shown(knowing(home), home)
    assert "12" not in shown(knowing(home), home)


def test_details_are_offered_only_where_they_can_be_given_privately() -> None:
    incident = an_incident(stage=Stage.RELEASED)
    known = knowing(incident, contents=a_content())
    assert buttons(known, incident) == [Button.UNDO, Button.NAMED]
    saying = card(known, incident, muted())
    assert saying is not None
    assert [offer.button for offer in saying.offers] == [Button.UNDO]


def test_who_left_details_is_not_asked_again() -> None:
    incident = an_incident(stage=Stage.RELEASED)
    known = knowing(incident, contents=a_content(contact="jan@voorbeeld.example"))
    assert buttons(known, incident) == [Button.UNDO]
    assert "jan@voorbeeld.example" not in shown(known, incident)


def buttons(known: Snapshot, incident: Incident) -> list[Button]:
    saying = card(known, incident, CONTEXT)
    assert saying is not None
    return [offer.button for offer in saying.offers]


def test_a_long_explanation_of_the_desk_is_cut() -> None:
    incident = a_filed_incident()
    report = a_report(status=Status.CLOSED, moves=1, note="x" * 900)
    text = shown(knowing(incident, reports=[report]), incident)
    assert "x" * (HOLDS_NOTE - 1) + "…" in text
    assert "x" * HOLDS_NOTE not in text


def test_what_the_desk_does_not_take_up_can_still_be_contradicted() -> None:
    incident = a_filed_incident()
    report = a_report(status=Status.CANCELLED, moves=1, note="Geen grond van ons.")
    assert buttons(knowing(incident, reports=[report]), incident) == [Button.STILL]


def test_a_desk_that_takes_nothing_back_is_said_so_on_the_card() -> None:
    incident = a_filed_incident(stage=Stage.WITHDRAWN)
    known = knowing(incident, reports=[a_report(withdrawn=True)])
    stuck = replace(CONTEXT, desks={"gemeente": DeskCapabilities(withdraws=False)})
    saying = card(known, incident, stuck)
    assert saying is not None
    assert [line.key for line in saying.lines] == ["withdrawn.late"]


def test_the_card_tells_the_group_what_was_taken_back_without_speaking_to_anybody() -> None:
    incident = a_filed_incident(stage=Stage.WITHDRAWN)
    saying = card(knowing(incident, reports=[a_report(withdrawn=True)]), incident, CONTEXT)
    assert saying is not None
    assert [line.key for line in saying.lines] == ["withdrawn.card"]


def test_a_list_of_reports_says_withdrawn_whatever_the_desk_calls_it() -> None:
    incident = a_filed_incident(stage=Stage.WITHDRAWN)
    known = knowing(incident, reports=[a_report(withdrawn=True, status=Status.CANCELLED)])
    told = BUILDERS["status.mine"](known, CONTEXT, {"person": incident.author})
    assert told is not None
    line = told.lines[0]
    assert isinstance(line, Wording)
    assert line.slots["lines"].endswith("– ingetrokken")


def test_a_card_replies_to_the_message_it_is_about() -> None:
    incident = an_incident(sources=("said-1", "said-2"))
    saying = card(knowing(incident), incident, CONTEXT)
    assert saying is not None
    assert saying.reply_to == "said-1"


@pytest.mark.parametrize("rehearses", [True, False])
def test_where_nobody_acts_every_card_about_filing_says_that_it_is_a_rehearsal(rehearses: bool) -> None:
    context = replace(CONTEXT, desks={"gemeente": DeskCapabilities(rehearsal=rehearses)})
    asked, released = an_incident(), an_incident(stage=Stage.RELEASED)
    filed = a_filed_incident()
    content = a_content()
    for known, incident in (
        (knowing(asked), asked),
        (knowing(released, contents=content), released),
        (knowing(filed, reports=[a_report()]), filed),
    ):
        saying = card(known, incident, context)
        assert saying is not None
        assert (Wording(key="rehearsal") in saying.lines) is rehearses


def test_the_author_reads_privately_as_well_that_it_is_a_rehearsal() -> None:
    context = replace(CONTEXT, desks={"gemeente": DeskCapabilities(rehearsal=True)})
    incident = an_incident(stage=Stage.RELEASED)
    saying = BUILDERS["preview"](knowing(incident, contents=a_content()), context, {"incident": incident.id})
    assert saying is not None
    assert saying.lines[-1] == Wording(key="rehearsal")
