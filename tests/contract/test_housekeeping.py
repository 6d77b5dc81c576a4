"""What all housekeeping keeps to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.model.ids import GroupId, IncidentId, ReportId
from bot.model.incident import OVER, Stage
from bot.model.place import Place, Point
from bot.model.snapshot import Commit, CountTraffic, Seal, Snapshot
from bot.ports.housekeeping import Terms
from tests.support.backends import Backend
from tests.support.records import (
    ACCOUNT,
    JAN,
    NOON,
    a_consent,
    a_content,
    a_contribution,
    a_filed_incident,
    a_group,
    a_prompt,
    a_report,
    a_session,
    a_staff_account,
    an_admin,
    an_effect,
    an_evidence,
    an_incident,
    later,
)

G1 = GroupId("g1")
LEASE = timedelta(minutes=1)
TERMS = Terms()


async def keep(backend: Backend, *changes: Any, **more: Any) -> None:
    await backend.store.commit(Commit(now=NOON, changes=changes, **more))


async def load(backend: Backend) -> Snapshot:
    return (await backend.store.load([G1]))[G1]


def sealed(incident: str) -> Seal:
    return Seal(incident_id=IncidentId(incident), content=a_content())


async def test_what_is_under_way_stays(backend: Backend) -> None:
    live = [an_incident(f"i{stage}", stage=stage) for stage in Stage if stage not in OVER]
    await keep(backend, a_group(), *live, *(sealed(one.id) for one in live))
    before = await load(backend)
    counts = await backend.housekeeping.expire(later(days=400), TERMS)
    assert not any(counts.values())
    after = await load(backend)
    assert set(after.incidents) == set(after.contents) == {one.id for one in live}
    assert after.group.version == before.group.version


@pytest.mark.parametrize("stage", sorted(OVER))
async def test_an_incident_that_ended_without_a_report_loses_its_words_at_once(
    backend: Backend, stage: Stage
) -> None:
    await keep(backend, a_group(), an_incident(stage=stage), sealed("i1"))
    await load(backend)
    counts = await backend.housekeeping.expire(later(minutes=1), TERMS)
    snapshot = await load(backend)
    assert (counts["erased"], counts["archived"]) == (1, 0)
    assert not snapshot.contents
    assert set(snapshot.incidents) == {"i1"}


async def test_an_incident_that_ended_without_a_report_is_archived_after_a_day(backend: Backend) -> None:
    await keep(backend, a_group(), an_incident(stage=Stage.LAPSED))
    assert (await backend.housekeeping.expire(later(hours=23), TERMS))["archived"] == 0
    version = (await load(backend)).group.version
    assert (await backend.housekeeping.expire(later(hours=24), TERMS))["archived"] == 1
    snapshot = await load(backend)
    assert not snapshot.incidents
    assert snapshot.group.version == version + 1
    assert (await backend.views.figures(NOON)).incidents_by_stage.get("lapsed", 0) == 0


async def test_a_closed_case_is_archived_after_thirty_days_and_its_report_still_listed(backend: Backend) -> None:
    done = a_filed_incident(stage=Stage.FINISHED)
    await keep(backend, a_group(), done, a_report(), a_consent(), sealed("i1"))
    await backend.housekeeping.expire(later(days=29), TERMS)
    assert set((await load(backend)).contents) == {"i1"}
    counts = await backend.housekeeping.expire(later(days=30), TERMS)
    snapshot = await load(backend)
    assert (counts["archived"], counts["erased"]) == (1, 1)
    assert not snapshot.incidents
    assert not snapshot.reports
    assert await backend.store.concerned("gemeente", ["ref-r1"]) == {}
    line = await backend.views.report(None, ReportId("r1"))
    assert line is not None
    assert (line.neighbours, line.groups) == (1, 1)


async def test_a_report_past_its_term_keeps_no_home_and_no_words(backend: Backend) -> None:
    home = Place(label="Bernpad 12, Parijsplein", point=Point(lat=52.04567, lon=4.36789), home=True)
    done = a_filed_incident(stage=Stage.FINISHED)
    await keep(backend, a_group(), done, a_report(place=home, note="Bij mevrouw De Wit opgehaald."))
    await backend.housekeeping.expire(later(days=30), TERMS)
    line = await backend.views.report(None, ReportId("r1"))
    assert line is not None
    assert line.place.label == "Bernpad, Parijsplein"
    assert line.place.point == Point(lat=52.05, lon=4.37)
    assert not line.place.home
    assert line.note == ""


async def test_a_report_stays_whole_while_another_group_still_follows_it(backend: Backend) -> None:
    done = a_filed_incident(stage=Stage.FINISHED)
    other = a_filed_incident("i2", "g2", changed_at=later(days=20))
    await keep(backend, a_group(), a_group("g2"), done, other, a_report(note="Wij komen dinsdag."))
    await backend.housekeeping.expire(later(days=30), TERMS)
    line = await backend.views.report(None, ReportId("r1"))
    assert line is not None
    assert line.note == "Wij komen dinsdag."


async def test_the_author_of_a_prompt_is_wiped_after_a_day(backend: Backend) -> None:
    await keep(backend, a_group(), a_prompt())
    backend.time.go_by(3600)
    await backend.housekeeping.expire(later(hours=23), TERMS)
    assert (await load(backend)).prompts[0].author == JAN
    counts = await backend.housekeeping.expire(later(hours=24), TERMS)
    assert counts["prompt_authors"] == 1
    assert (await load(backend)).prompts == (a_prompt(author=None),)


async def test_counters_deliveries_and_sessions_go_after_their_term(backend: Backend) -> None:
    await backend.staff.save_account(a_staff_account())
    await backend.staff.open_session(a_session())
    await keep(
        backend,
        a_group(),
        a_prompt(),
        CountTraffic(group_id=G1, day="2026-11-21", messages=1),
        deliveries=((ACCOUNT, "d1"),),
    )
    assert not any((await backend.housekeeping.expire(later(minutes=59), TERMS)).values())
    counts = await backend.housekeeping.expire(later(days=31), TERMS)
    wanted = ("prompts", "deliveries", "traffic", "sessions")
    assert [counts[what] for what in wanted] == [1, 1, 1, 1]
    snapshot = await load(backend)
    assert not snapshot.prompts
    assert snapshot.traffic.messages == 0
    assert await backend.store.handled(ACCOUNT, ["d1"]) == frozenset()


async def test_expiring_twice_changes_nothing_more(backend: Backend) -> None:
    await keep(backend, a_group(), an_incident(stage=Stage.DECLINED), sealed("i1"), a_prompt())
    await backend.housekeeping.expire(later(days=40), TERMS)
    version = (await load(backend)).group.version
    assert not any((await backend.housekeeping.expire(later(days=40), TERMS)).values())
    assert (await load(backend)).group.version == version


async def test_purging_takes_everything_of_a_group_but_its_proofs(backend: Backend) -> None:
    evidence = an_evidence()
    await keep(
        backend,
        a_group("g1"),
        a_group("g2"),
        an_admin(),
        a_filed_incident("i1", "g1", "r1"),
        a_filed_incident("i2", "g1", "r2"),
        a_filed_incident("i3", "g2", "r2"),
        a_report("r1"),
        a_report("r2"),
        a_consent(),
        evidence,
        a_contribution(),
        a_prompt(),
        sealed("i1"),
        CountTraffic(group_id=G1, day="2026-11-21", messages=1),
        effects=(an_effect("e1", group_id=G1), an_effect("e2", group_id=GroupId("g2"))),
    )
    assert await backend.housekeeping.purge(G1)
    assert set(await backend.store.load([G1, GroupId("g2")])) == {"g2"}
    assert [line.id for line in await backend.views.reports(None)] == ["r2"]
    assert await backend.views.evidence(G1) == [evidence]
    assert [item.effect.idem for item in await backend.work.claim(NOON, 9, LEASE)] == ["e2"]
    assert not await backend.housekeeping.purge(G1)


async def test_a_purged_room_can_start_afresh(backend: Backend) -> None:
    await keep(backend, a_group(), an_admin(), CountTraffic(group_id=G1, day="2026-11-21", messages=1))
    await backend.housekeeping.purge(G1)
    await keep(backend, a_group(), expected={G1: -1})
    snapshot = await load(backend)
    assert snapshot.members == {}
    assert snapshot.traffic.messages == 0
