"""What residents of another group add, and a report that goes on as another: seen by every group, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filing import seen, told
from bot.model.effect import Action
from bot.model.happening import AddedElsewhere, Amended, StatusTold
from bot.model.ids import ContributionId, GroupId, IncidentId, PersonKey, ReportId
from bot.model.incident import Incident, Stage
from bot.model.place import Place, Point
from bot.model.report import ContributionKind, Report, Status, StatusChange
from bot.model.snapshot import Snapshot
from bot.process.cards import card
from tests.support.flows import CONTEXT, Story, effects, knowing, said_to
from tests.support.records import KEES, NOON, a_content, a_filed_incident, a_group, a_report

HERE, THERE = GroupId("g1"), GroupId("g2")
LATER = NOON + timedelta(hours=1)
REPORT = a_report()
KEPT = a_report(id=ReportId("r-kept"), reference="SIG-KEPT")


def story(**more: Any) -> Story:
    incident = replace(a_filed_incident(), report_id=REPORT.id, **more)
    return Story(known=knowing(incident, reports=[REPORT], contents=a_content()), now=LATER)


def shows(one: Story) -> list[str]:
    saying = card(one.known, one.incident, CONTEXT)
    assert saying is not None
    return [line.key for line in saying.lines]


def test_a_neighbour_of_another_group_is_counted_on_the_card_once() -> None:
    one = story()
    added = AddedElsewhere(report_id=REPORT.id, neighbours=3)
    assert len(effects(one.happens(added), Action.CARD)) == 1
    assert one.incident.neighbours == 3
    assert "count.neighbours" in shows(one)
    assert one.happens(added).changes == ()


def test_neighbours_here_are_not_counted_twice() -> None:
    one = story(witnesses=frozenset({KEES}))
    one.happens(AddedElsewhere(report_id=REPORT.id, neighbours=3))
    assert (one.incident.here, one.incident.elsewhere, one.incident.neighbours) == (2, 1, 3)


def test_a_photo_of_another_group_changes_the_card() -> None:
    outcome = story().happens(AddedElsewhere(report_id=REPORT.id, neighbours=1, photo=True))
    assert len(effects(outcome, Action.CARD)) == 1


def test_what_is_added_to_another_report_or_after_the_end_changes_nothing() -> None:
    assert story().happens(AddedElsewhere(report_id=ReportId("r-x"), neighbours=9)).changes == ()
    over = story(stage=Stage.FINISHED)
    assert over.happens(AddedElsewhere(report_id=REPORT.id, neighbours=9)).changes == ()


def photo_taken(taken: bool) -> Amended:
    return Amended(
        incident_id=a_filed_incident().id,
        contribution_id=ContributionId("c"),
        kind=ContributionKind.PHOTO,
        taken=taken,
    )


def test_a_photo_the_desk_took_is_on_the_card_and_one_it_refused_is_not() -> None:
    one = story()
    one.happens(photo_taken(False))
    assert not any(key.startswith("count.photos") for key in shows(one))
    one.happens(photo_taken(True))
    assert "count.photos.one" in shows(one)
    one.happens(photo_taken(True))
    assert "count.photos" in shows(one)


def merged(kept: Report | None = KEPT, neighbours: int = 2) -> StatusTold:
    change = StatusChange(
        reference=REPORT.reference, status=Status.CANCELLED, at=LATER, merged_into=KEPT.reference
    )
    return StatusTold(desk=REPORT.desk, change=change, kept=kept, neighbours=neighbours)


def test_a_merged_report_leaves_its_card_to_the_one_that_goes_on() -> None:
    one = story()
    outcome = one.happens(merged())
    assert one.incident.report_id == KEPT.id
    assert one.incident.joined
    assert one.incident.neighbours == 3
    assert shows(one)[1] == "duplicate.joined"
    assert said_to(outcome) == ["merged"]
    saved = [change for change in outcome.changes if isinstance(change, Report)]
    assert [(one.id, one.merged_into, one.status) for one in saved] == [(REPORT.id, KEPT.id, Status.CANCELLED)]
    assert one.happens(merged()).changes == ()


def test_a_merged_report_keeps_no_home_because_no_term_ends_it() -> None:
    home = Place(label="Laan 12", home=True, point=Point(lat=52.04321, lon=4.31234))
    one = story()
    one.known = replace(one.known, reports={REPORT.id: replace(REPORT, place=home)})
    one.happens(merged())
    place = one.known.reports[REPORT.id].place
    assert (place.label, place.home, place.point) == ("Laan", False, Point(lat=52.04, lon=4.31))


def test_a_merge_into_what_nobody_here_knows_is_told_as_the_end_it_is() -> None:
    one = story()
    one.happens(merged(kept=None))
    assert one.known.reports[REPORT.id].status is Status.CANCELLED
    assert one.incident.report_id == REPORT.id


def group_with(group: GroupId, report: Report, seers: int) -> Snapshot:
    incident = replace(
        a_filed_incident(),
        id=IncidentId(f"i-{group}"),
        group_id=group,
        report_id=report.id,
        witnesses=frozenset(PersonKey(f"{group}-{number}") for number in range(seers)),
    )
    return Snapshot(
        group=replace(a_group(), id=group), incidents={incident.id: incident}, reports={report.id: report}
    )


@given(here=st.integers(0, 5), there=st.integers(0, 5))
def test_after_a_merge_every_group_counts_the_same_neighbours(here: int, there: int) -> None:
    known = {HERE: group_with(HERE, KEPT, here), THERE: group_with(THERE, REPORT, there)}
    concerned = {KEPT.reference: (HERE,), REPORT.reference: (THERE,)}
    for group, happening in told(REPORT.desk, [merged().change], concerned, known):
        one = Story(known=known[group], now=LATER)
        one.happens(happening)
        known[group] = one.known
    counts = {incident.neighbours for one in known.values() for incident in one.incidents.values()}
    assert counts == {here + there + 2} == {seen(known, KEPT.id)}


def test_what_the_desk_says_of_the_kept_report_in_the_same_breath_reaches_both_groups() -> None:
    known = {HERE: group_with(HERE, KEPT, 0), THERE: group_with(THERE, REPORT, 0)}
    concerned = {KEPT.reference: (HERE,), REPORT.reference: (THERE,)}
    after = StatusChange(reference=KEPT.reference, status=Status.PLANNED, at=LATER)
    heard = told(REPORT.desk, [merged().change, after], concerned, known)
    planned = [group for group, one in heard if isinstance(one, StatusTold) and one.change is after]
    assert planned == [HERE, THERE]


def test_who_says_it_is_solved_does_not_count_as_seeing_it() -> None:
    one = replace(a_filed_incident(), witnesses=frozenset({KEES}), solved_by=frozenset({KEES}))
    known = {HERE: Snapshot(group=a_group(), incidents={one.id: one})}
    assert one.report_id is not None
    assert seen(known, one.report_id) == 1


@pytest.mark.parametrize(("stage", "counted"), [(Stage.FILED, 1), (Stage.WITHDRAWN, 0)])
def test_who_took_a_report_back_does_not_count(stage: Stage, counted: int) -> None:
    incident: Incident = replace(a_filed_incident(), stage=stage)
    known = {HERE: Snapshot(group=a_group(), incidents={incident.id: incident})}
    assert incident.report_id is not None
    assert seen(known, incident.report_id) == counted
