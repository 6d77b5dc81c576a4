"""What every store keeps to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model.errors import Conflict
from bot.model.group import GroupSettings, GroupState, QuietLimits
from bot.model.ids import AccountName, ConsentId, ContributionId, GroupId, IncidentId, ReportId, Room
from bot.model.incident import MediaRef, Stage, Words
from bot.model.report import Question, Status
from bot.model.snapshot import Commit, CountTraffic, Erase, PromptAnswer, Seal, Snapshot, Traffic
from tests.support.backends import Backend
from tests.support.records import (
    ACCOUNT,
    ADMIN,
    KEES,
    NOON,
    SAMIRA,
    SQUARE,
    a_consent,
    a_content,
    a_contribution,
    a_filed_incident,
    a_group,
    a_prompt,
    a_report,
    an_admin,
    an_effect,
    an_evidence,
    an_incident,
    later,
)

G1, G2 = GroupId("g1"), GroupId("g2")
I1 = IncidentId("i1")
LEASE = timedelta(minutes=1)


async def keep(backend: Backend, *changes: Any, **more: Any) -> None:
    await backend.store.commit(Commit(now=backend.time.clock.now, changes=changes, **more))


async def load(backend: Backend, group: GroupId = G1) -> Snapshot:
    return (await backend.store.load([group]))[group]


async def test_a_new_group_starts_at_version_0_whatever_the_record_says(backend: Backend) -> None:
    await keep(backend, a_group(version=7), expected={G1: -1})
    assert (await load(backend)).group == a_group(version=0)


async def test_groups_are_found_by_account_and_room(backend: Backend) -> None:
    await keep(backend, a_group("g1"), a_group("g2"), a_group("g3", account=AccountName("other")))
    found = await backend.store.groups(ACCOUNT, [Room("room-g1"), Room("room-g3"), Room("nowhere")])
    assert found == {Room("room-g1"): G1}


async def test_unknown_groups_are_left_out_of_a_load(backend: Backend) -> None:
    await keep(backend, a_group())
    assert set(await backend.store.load([G1, GroupId("unknown")])) == {G1}
    assert await backend.store.load([]) == {}


async def test_everything_of_a_group_comes_back_as_it_was_saved(backend: Backend) -> None:
    group = a_group(
        settings=GroupSettings(topics_off=frozenset({"hondenpoep"}), quiet=QuietLimits(share_days=3)),
        refused_by=KEES,
        refused_at=later(minutes=1),
    )
    incident = a_filed_incident(
        sources=("p1", "p2"),
        choices=(SQUARE, SQUARE),
        deadline=later(minutes=30),
        witnesses=frozenset({KEES, SAMIRA}),
        consent_id=ConsentId("c1"),
        card="card-1",
        shown=2,
    )
    report = a_report(question=Question(text="Waar precies?", asked_at=NOON, until=later(days=2)), moves=2)
    consent = a_consent(neutral=True, confirmed_by=ADMIN)
    content = a_content(
        photos=(MediaRef(ref="m1"),),
        words=(Words(contribution=ContributionId("k1"), person=KEES, text="nog steeds"),),
    )
    prompt = a_prompt(answer=PromptAnswer.YES, answered_at=later(seconds=30))
    member = an_admin()
    await keep(backend, group, incident, report, consent, prompt, member, Seal(incident_id=I1, content=content))

    snapshot = await load(backend)

    assert snapshot.group == group
    assert snapshot.incidents == {I1: incident}
    assert snapshot.reports == {ReportId("r1"): report}
    assert snapshot.consents == {I1: consent}
    assert dict(snapshot.contents) == {I1: content}
    assert snapshot.prompts == (prompt,)
    assert snapshot.members == {ADMIN: member}


async def test_a_loaded_group_can_be_changed_and_saved_again(backend: Backend) -> None:
    await keep(backend, a_group(), an_incident())
    snapshot = await load(backend)
    paused = replace(snapshot.group, state=GroupState.PAUSED)
    moved = snapshot.incidents[I1].to(Stage.DECLINED, later(minutes=1))
    await keep(backend, paused, moved, expected={G1: snapshot.group.version})
    again = await load(backend)
    assert again.group == replace(paused, version=snapshot.group.version + 1)
    assert again.incidents == {I1: moved}


async def test_nothing_of_another_group_is_in_a_snapshot(backend: Backend) -> None:
    await keep(
        backend,
        a_group("g1"),
        a_group("g2"),
        an_incident("i1", "g1"),
        a_filed_incident("i2", "g2"),
        a_report(),
        a_consent("c2", "i2", "g2"),
        a_prompt("i2", "g2"),
        an_admin("g2"),
        CountTraffic(group_id=G2, day="2026-11-21", messages=5),
        Seal(incident_id=IncidentId("i2"), content=a_content()),
    )
    snapshot = await load(backend)
    assert set(snapshot.incidents) == {I1}
    for part in (snapshot.reports, snapshot.consents, snapshot.contents, snapshot.prompts, snapshot.members):
        assert not part
    assert snapshot.traffic == Traffic()


async def test_a_stale_version_is_a_conflict_and_changes_nothing(backend: Backend) -> None:
    await keep(backend, a_group())
    with pytest.raises(Conflict):
        await keep(
            backend,
            a_group(name="Nieuw"),
            an_incident(),
            expected={G1: 4},
            effects=(an_effect(),),
            cursor=(ACCOUNT, "9"),
            deliveries=((ACCOUNT, "d1"),),
        )
    snapshot = await load(backend)
    assert snapshot.group.name == "Buurt g1"
    assert not snapshot.incidents
    assert await backend.store.cursor("channel", ACCOUNT) is None
    assert await backend.store.handled(ACCOUNT, ["d1"]) == frozenset()
    assert await backend.work.claim(NOON, 10, LEASE) == []


async def test_a_group_expected_to_be_new_conflicts_when_it_is_there(backend: Backend) -> None:
    await keep(backend, a_group(), expected={G1: -1})
    with pytest.raises(Conflict):
        await keep(backend, a_group(), expected={G1: -1})


async def test_a_group_that_has_gone_conflicts(backend: Backend) -> None:
    await keep(backend, a_group())
    await backend.housekeeping.purge(G1)
    with pytest.raises(Conflict):
        await keep(backend, an_incident(), expected={G1: 0})


async def test_one_room_never_has_two_groups(backend: Backend) -> None:
    await keep(backend, a_group("g1"))
    with pytest.raises(Conflict):
        await keep(backend, a_group("g2", room=Room("room-g1")), expected={G2: -1})
    assert await backend.store.load([G2]) == {}


async def test_expecting_a_version_without_changing_the_group_leaves_it(backend: Backend) -> None:
    await keep(backend, a_group("g1"), a_group("g2"))
    await keep(backend, an_incident("i1", "g1"), expected={G1: 0, G2: 0})
    assert (await load(backend, G1)).group.version == 1
    assert (await load(backend, G2)).group.version == 0


@pytest.mark.parametrize(
    "change",
    [
        a_group(name="Nieuw"),
        an_admin(),
        an_incident(category="licht"),
        a_consent(),
        an_evidence(),
        a_contribution(),
        a_prompt(),
        Seal(incident_id=I1, content=a_content("anders")),
        Erase(incident_id=I1),
    ],
    ids=lambda change: type(change).__name__,
)
async def test_every_change_to_a_group_is_one_version(backend: Backend, change: object) -> None:
    await keep(backend, a_group(), an_incident(), Seal(incident_id=I1, content=a_content()))
    await keep(backend, change, expected={G1: 0})
    assert (await load(backend)).group.version == 1


async def test_counting_messages_is_seen_but_is_no_version(backend: Backend) -> None:
    await keep(backend, a_group())
    await load(backend)
    await keep(backend, CountTraffic(group_id=G1, day="2026-11-21", messages=3, bot_posts=1))
    await keep(backend, CountTraffic(group_id=G1, day="2026-11-20", messages=4))
    snapshot = await load(backend)
    assert snapshot.traffic == Traffic(messages=7, bot_posts=1)
    assert snapshot.group.version == 0


async def test_traffic_counts_the_days_of_the_groups_own_window(backend: Backend) -> None:
    await keep(
        backend,
        a_group("g1"),
        a_group("g2", settings=GroupSettings(quiet=QuietLimits(share_days=2))),
        *(
            CountTraffic(group_id=group, day=day, messages=1)
            for group in (G1, G2)
            for day in ("2026-11-21", "2026-11-20", "2026-11-19", "2026-11-15", "2026-11-14")
        ),
    )
    assert (await load(backend, G1)).traffic.messages == 4
    assert (await load(backend, G2)).traffic.messages == 2


async def test_a_report_is_news_for_every_group_that_shares_it(backend: Backend) -> None:
    await keep(
        backend,
        *(a_group(name) for name in ("g1", "g2", "g3")),
        a_filed_incident("i1", "g1"),
        a_filed_incident("i2", "g2"),
        an_incident("i3", "g3"),
        a_report(),
    )
    await keep(backend, a_report(status=Status.PLANNED), expected={G1: 0})
    loaded = await backend.store.load([G1, G2, GroupId("g3")])
    assert {group: one.group.version for group, one in loaded.items()} == {"g1": 1, "g2": 1, "g3": 0}
    assert loaded[G2].reports[ReportId("r1")].status is Status.PLANNED


async def test_the_last_consent_of_an_incident_counts(backend: Backend) -> None:
    await keep(backend, a_group(), an_incident(), a_consent("c1"))
    await keep(backend, a_consent("c2"))
    assert (await load(backend)).consents[I1].id == "c2"


async def test_a_consent_is_given_once(backend: Backend) -> None:
    await keep(backend, a_group(), an_incident(), a_consent("c1"))
    with pytest.raises(Exception, match=r"append-only|only inserted"):
        await keep(backend, an_incident(category="licht"), a_consent("c1", neutral=True))
    snapshot = await load(backend)
    assert not snapshot.consents[I1].neutral
    assert snapshot.incidents[I1].category == "afval"


async def test_content_can_be_replaced_and_erased(backend: Backend) -> None:
    await keep(backend, a_group(), an_incident(), Seal(incident_id=I1, content=a_content("een")))
    await keep(backend, Seal(incident_id=I1, content=a_content("twee")))
    assert (await load(backend)).contents[I1].text == "twee"
    await keep(backend, Erase(incident_id=I1))
    assert not (await load(backend)).contents
    await keep(backend, Erase(incident_id=I1))


async def test_of_sealing_and_erasing_in_one_commit_the_last_counts(backend: Backend) -> None:
    seal, erase = Seal(incident_id=I1, content=a_content()), Erase(incident_id=I1)
    await keep(backend, a_group(), an_incident(), seal, erase)
    assert not (await load(backend)).contents
    await keep(backend, erase, seal)
    assert set((await load(backend)).contents) == {I1}


async def test_prompts_are_those_of_thirty_days_oldest_first(backend: Backend) -> None:
    old = a_prompt("i0", asked_at=NOON - timedelta(days=30))
    first = a_prompt("i1", asked_at=NOON - timedelta(days=29))
    await keep(backend, a_group(), a_prompt("i2"), first, old)
    assert [one.incident_id for one in (await load(backend)).prompts] == ["i1", "i2"]
    backend.time.go_by(2 * 86_400)
    assert [one.incident_id for one in (await load(backend)).prompts] == ["i2"]


async def test_cursors_of_channels_and_desks_are_kept_apart(backend: Backend) -> None:
    await keep(backend, cursor=(AccountName("x"), "1"), desk_cursor=("x", "a"))
    await keep(backend, cursor=(AccountName("x"), "2"))
    assert await backend.store.cursor("channel", "x") == "2"
    assert await backend.store.cursor("desk", "x") == "a"
    assert await backend.store.cursor("desk", "y") is None


async def test_deliveries_are_remembered_for_48_hours_per_account(backend: Backend) -> None:
    await keep(backend, deliveries=((ACCOUNT, "d1"), (ACCOUNT, "d1"), (AccountName("y"), "d2")))
    assert await backend.store.handled(ACCOUNT, ["d1", "d2", "d3"]) == {"d1"}
    backend.time.go_by(48 * 3600 + 1)
    assert await backend.store.handled(ACCOUNT, ["d1"]) == frozenset()


async def test_a_desks_reference_leads_to_all_its_groups(backend: Backend) -> None:
    await keep(
        backend,
        a_group("g1"),
        a_group("g2"),
        a_filed_incident("i1", "g1", "r1"),
        a_filed_incident("i2", "g2", "r1"),
        a_filed_incident("i3", "g2", "r2"),
        a_report("r1"),
        a_report("r2"),
    )
    found = await backend.store.concerned("gemeente", ["ref-r1", "ref-r2", "ref-r3"])
    assert {one: set(groups) for one, groups in found.items()} == {"ref-r1": {G1, G2}, "ref-r2": {G2}}
    assert await backend.store.concerned("politie", ["ref-r1"]) == {}


async def test_effects_are_queued_and_finished_with_the_commit(backend: Backend) -> None:
    await keep(backend, a_group(), effects=(an_effect("e1", group_id=G1), an_effect("e2")))
    items = await backend.work.claim(NOON, 10, LEASE)
    assert [item.effect for item in items] == [an_effect("e1", group_id=G1), an_effect("e2")]
    await keep(backend, finished=tuple(item.id for item in items))
    assert await backend.work.next_due(NOON) is None
    await keep(backend, effects=(an_effect("e1"), an_effect("e3"), an_effect("e3", key="later")))
    assert [item.effect.idem for item in await backend.work.claim(NOON, 10, LEASE)] == ["e3"]
