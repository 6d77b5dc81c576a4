"""Filing: exactly what was consented to, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model.consent import commit_to
from bot.model.desk import Filed
from bot.model.effect import Action
from bot.model.errors import NoConsent
from bot.model.group import Member
from bot.model.happening import FilingDelayed, FilingDone, FilingOff
from bot.model.ids import ConsentId, IncidentId
from bot.model.incident import Content, Incident, MediaRef, Stage
from bot.model.place import Place, Point
from bot.model.report import ContributionKind, Status
from bot.model.snapshot import Snapshot
from bot.process.register import consent_for, filing
from tests.support.flows import Story, effects, knowing
from tests.support.records import JAN, KEES, SAMIRA, SQUARE, a_consent, a_content, a_group, a_report, an_incident

CONTENT = a_content(photos=(MediaRef(ref="p1"),), contact="jan@voorbeeld.example")
CONSENT = a_consent(commitment=commit_to(CONTENT, SQUARE, CONTENT.outgoing))
FILING = an_incident(stage=Stage.FILING, consent_id=CONSENT.id, yes_by=JAN, category="zwerfvuil")


def known(incident: Incident = FILING, **more: Any) -> Snapshot:
    more.setdefault("consents", {incident.id: CONSENT})
    return knowing(incident, contents=CONTENT, **more)


def test_what_was_consented_to_is_filed_to_the_letter() -> None:
    filed = filing(replace(FILING, witnesses=frozenset({KEES, SAMIRA})), consent_for(known(), FILING), CONTENT)
    assert filed.text == CONTENT.outgoing
    assert (filed.own, filed.place, filed.contact) == (FILING.id, SQUARE, "jan@voorbeeld.example")
    assert (filed.category, filed.neighbours, filed.seen_at) == ("zwerfvuil", 3, FILING.began_at)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.FILING])
def test_nothing_is_filed_from_any_other_stage(stage: Stage) -> None:
    incident = replace(FILING, stage=stage)
    with pytest.raises(NoConsent, match="stage"):
        consent_for(known(incident), incident)


def test_nothing_is_filed_without_a_consent_or_with_an_older_one() -> None:
    with pytest.raises(NoConsent, match="none"):
        consent_for(known(consents={}), FILING)
    newer = replace(FILING, consent_id=ConsentId("c2"))
    with pytest.raises(NoConsent, match="none"):
        consent_for(known(newer), newer)


def test_words_are_filed_on_their_authors_consent_only() -> None:
    by_kees = replace(CONSENT, given_by=KEES)
    with pytest.raises(NoConsent, match="not_author"):
        consent_for(known(consents={FILING.id: by_kees}), FILING)
    neutral = replace(by_kees, neutral=True)
    assert consent_for(known(consents={FILING.id: neutral}), FILING) == neutral


def test_an_opt_out_since_the_yes_holds_when_the_effect_runs() -> None:
    neutral = replace(CONSENT, given_by=KEES, neutral=True)
    out = {KEES: Member(group_id=a_group().id, key=KEES, opted_out=True)}
    asked = known(consents={FILING.id: neutral}, members=out)
    with pytest.raises(NoConsent, match="opted_out"):
        consent_for(asked, FILING)


@pytest.mark.parametrize(
    "changed",
    [
        replace(CONTENT, outgoing=CONTENT.outgoing + "!"),
        replace(CONTENT, contact=""),
        replace(CONTENT, contact="kees@voorbeeld.example"),
        replace(CONTENT, photos=()),
        replace(CONTENT, photos=(*CONTENT.photos, MediaRef(ref="p2"))),
        replace(CONTENT, salt="ander zout"),
    ],
)
def test_any_other_content_is_refused(changed: Content) -> None:
    with pytest.raises(NoConsent, match="changed"):
        filing(FILING, CONSENT, changed)


@pytest.mark.parametrize(
    "place",
    [
        replace(SQUARE, label="Parijsplein"),
        replace(SQUARE, point=None),
        Place(label=SQUARE.label, point=Point(lat=52.2, lon=5.1)),
    ],
)
def test_any_other_place_is_refused(place: Place) -> None:
    with pytest.raises(NoConsent, match="changed"):
        filing(replace(FILING, place=place), CONSENT, CONTENT)


def test_a_consent_of_another_incident_and_a_missing_place_are_refused() -> None:
    with pytest.raises(NoConsent, match="incomplete"):
        filing(FILING, replace(CONSENT, incident_id=IncidentId("i2")), CONTENT)
    with pytest.raises(NoConsent, match="incomplete"):
        filing(replace(FILING, place=None), CONSENT, CONTENT)


def done(reference: str = "ref-r1", incident: str = "i1") -> FilingDone:
    return FilingDone(incident_id=IncidentId(incident), desk="gemeente", filed=Filed(reference=reference))


def test_a_filed_incident_gets_its_report_and_first_contribution() -> None:
    story = Story(known=known())
    outcome = story.happens(done())
    assert story.incident.stage is Stage.FILED
    assert story.incident.report_id is not None
    report = story.known.reports[story.incident.report_id]
    assert (report.reference, report.desk, report.status) == ("ref-r1", "gemeente", Status.RECEIVED)
    kinds = [getattr(change, "kind", None) for change in outcome.changes]
    assert ContributionKind.OBSERVATION in kinds
    photos = [e for e in effects(outcome, Action.AMEND) if e.args["kind"] == ContributionKind.PHOTO]
    assert [e.args["photo"] for e in photos] == ["0"]
    assert all(e.key == f"report:{FILING.id}" for e in photos)


def test_the_desk_answering_twice_files_once() -> None:
    story = Story(known=known())
    story.happens(done())
    before = story.known
    assert story.happens(done()).changes == ()
    assert story.known == before


def test_what_the_desk_joined_to_a_known_report_counts_as_a_neighbour_there() -> None:
    first = an_incident("i2", stage=Stage.FILED, report_id="r1", author=KEES, category="zwerfvuil")
    story = Story(known=knowing(first, FILING, reports=[a_report()], contents=CONTENT))
    story.happens(done())
    assert story.known.incidents[first.id].witnesses == {JAN}
    assert story.known.incidents[FILING.id].stage is Stage.DROPPED
    assert FILING.id not in story.known.contents


def test_a_delay_is_told_once() -> None:
    story = Story(known=known())
    delayed = FilingDelayed(incident_id=FILING.id)
    assert len(effects(story.happens(delayed), Action.CARD)) == 1
    assert effects(story.happens(delayed), Action.CARD) == []


@pytest.mark.parametrize(
    ("why", "stage", "hint"),
    [
        ("no_consent", Stage.WITHDRAWN, ""),
        ("refused", Stage.FAILED, "refused"),
        ("gave_up", Stage.FAILED, "gave_up"),
    ],
)
def test_what_will_not_be_filed_ends_and_its_words_go(why: str, stage: Stage, hint: str) -> None:
    story = Story(known=known())
    story.happens(FilingOff(incident_id=FILING.id, why=why))
    assert (story.incident.stage, story.incident.hint) == (stage, hint)
    assert not story.known.contents


@pytest.mark.parametrize("stage", [Stage.WITHDRAWN, Stage.PROPOSED, Stage.FILED])
def test_answers_of_a_desk_that_nobody_waits_for_change_nothing(stage: Stage) -> None:
    incident = replace(FILING, stage=stage)
    for happening in (
        done(),
        FilingOff(incident_id=FILING.id, why="refused"),
        FilingDelayed(incident_id=FILING.id),
    ):
        assert Story(known=known(incident)).happens(happening).changes == ()
    assert Story().happens(done()).changes == ()
