"""The state machines of an incident and a report: every legal move, and every other one raises."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from bot.model.errors import IllegalMove
from bot.model.incident import OVER, STAGE_MOVES, UNFILED, Stage
from bot.model.report import MOVES, Status, StatusChange
from tests.support.records import NOON, a_report, an_incident, later

STAGES = list(itertools.product(Stage, Stage))
STATUSES = list(itertools.product(Status, Status))


def a_change(status: Status, note: str = "", party: str = "", days: int = 0) -> StatusChange:
    until = NOON + timedelta(days=days) if days else None
    return StatusChange(reference="ref-r1", status=status, at=later(hours=1), note=note, party=party, until=until)


@pytest.mark.parametrize(("old", "new"), [pair for pair in STAGES if pair[1] in STAGE_MOVES[pair[0]]])
def test_an_incident_makes_every_legal_move(old: Stage, new: Stage) -> None:
    before = an_incident(stage=old, deadline=NOON)
    after = before.to(new, later(minutes=1))
    assert (after.stage, after.step, after.changed_at, after.deadline) == (
        new,
        before.step + 1,
        later(minutes=1),
        None,
    )


@pytest.mark.parametrize(("old", "new"), [pair for pair in STAGES if pair[1] not in STAGE_MOVES[pair[0]]])
def test_an_incident_makes_no_other_move(old: Stage, new: Stage) -> None:
    with pytest.raises(IllegalMove) as caught:
        an_incident(stage=old).to(new, NOON)
    assert (caught.value.record, caught.value.old, caught.value.new) == ("incident", old, new)


def test_every_stage_is_in_the_table() -> None:
    assert set(STAGE_MOVES) == set(Stage)


def test_what_is_over_stays_over_but_for_a_reopening() -> None:
    assert {stage: STAGE_MOVES[stage] for stage in OVER} == {
        **dict.fromkeys(OVER, frozenset()),
        Stage.FINISHED: frozenset({Stage.FILED}),
    }


def test_only_a_released_incident_can_be_filed() -> None:
    assert [stage for stage in Stage if Stage.FILING in STAGE_MOVES[stage]] == [Stage.RELEASED]
    joins = {Stage.PROPOSED, Stage.SIMILAR}
    assert {stage for stage in Stage if Stage.FILED in STAGE_MOVES[stage]} == joins | {
        Stage.FILING,
        Stage.FINISHED,
    }


def test_a_stage_is_over_unfiled_or_at_the_desk() -> None:
    assert not OVER & UNFILED
    assert set(Stage) - OVER - UNFILED == {Stage.FILING, Stage.FILED}
    assert all(stage.is_over == (stage in OVER) and stage.is_unfiled == (stage in UNFILED) for stage in Stage)


@pytest.mark.parametrize("stage", sorted(UNFILED))
def test_everything_unfiled_can_be_withdrawn_and_can_lapse(stage: Stage) -> None:
    assert {Stage.WITHDRAWN, Stage.LAPSED} <= STAGE_MOVES[stage]


@pytest.mark.parametrize(("old", "new"), [pair for pair in STATUSES if pair[1] in MOVES[pair[0]]])
def test_a_report_makes_every_legal_move(old: Status, new: Status) -> None:
    after = a_report(status=old, moves=4).move(a_change(new, note="Reden", party="Partij"))
    assert (after.status, after.moves, after.changed_at, after.note, after.party) == (
        new,
        5,
        later(hours=1),
        "Reden",
        "Partij",
    )
    assert (after.question is not None) == (new is Status.NEEDS_ANSWER)


@pytest.mark.parametrize(("old", "new"), [pair for pair in STATUSES if pair[1] not in MOVES[pair[0]]])
def test_a_report_makes_no_other_move(old: Status, new: Status) -> None:
    with pytest.raises(IllegalMove) as caught:
        a_report(status=old).move(a_change(new))
    assert (caught.value.record, caught.value.old, caught.value.new) == ("report", old, new)


def test_a_planned_report_has_its_date_until_it_moves_on() -> None:
    planned = a_report().move(a_change(Status.PLANNED, days=3))
    assert planned.planned_for == later(days=3)
    assert planned.move(a_change(Status.IN_PROGRESS)).planned_for is None


def test_a_question_has_its_words_and_last_day_and_goes_with_the_answer() -> None:
    asked = a_report().move(a_change(Status.NEEDS_ANSWER, note="Welke bak?", days=5))
    assert asked.question is not None
    assert (asked.question.text, asked.question.until) == ("Welke bak?", later(days=5))
    assert asked.move(a_change(Status.RECEIVED)).question is None


def test_only_closed_and_cancelled_are_not_open() -> None:
    assert {status for status in Status if not status.is_open} == {Status.CLOSED, Status.CANCELLED}
