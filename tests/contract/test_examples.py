"""What residents allowed BART to learn from: kept sealed, counted, erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.model.example import Unlearn
from bot.model.ids import GroupId, IncidentId, PersonKey, TenantId
from bot.model.incident import Learning, Stage
from bot.model.snapshot import Commit, Seal
from bot.ports.housekeeping import Terms
from tests.support.backends import Backend
from tests.support.examples import an_example
from tests.support.records import JAN, KEES, NOON, TENANT, a_content, a_group, an_incident, later
from tests.support.scan import find

G1 = GroupId("g1")
TERMS = Terms()


async def keep(backend: Backend, *changes: Any) -> None:
    await backend.store.commit(Commit(now=NOON, changes=changes))


async def kept(backend: Backend) -> list[str]:
    return [one.id for one in await backend.examples.every(None)]


async def counts(backend: Backend) -> Mapping[PersonKey, int]:
    return (await backend.store.load([G1]))[G1].examples


async def test_an_example_comes_out_as_it_went_in(backend: Backend) -> None:
    await keep(backend, a_group(), an_example())
    assert await backend.examples.every(None) == [an_example()]


async def test_they_come_by_group_then_time_and_of_one_tenant_alone(backend: Backend) -> None:
    other = an_example("i4", "g3", tenant_id=TenantId("elders"))
    early = an_example("i2", said_at=NOON - timedelta(hours=1))
    groups = (a_group(), a_group("g2"), a_group("g3"))
    await keep(backend, *groups, other, an_example("i3", "g2"), an_example(), early)
    assert await kept(backend) == ["i2", "i1", "i3", "i4"]
    assert [one.id for one in await backend.examples.every(TENANT)] == ["i2", "i1", "i3"]


async def test_the_snapshot_counts_them_by_person_and_the_version_goes_up(backend: Backend) -> None:
    await keep(backend, a_group(), an_example(), an_example("i2"), an_example("i3", person=KEES))
    assert await counts(backend) == {JAN: 2, KEES: 1}
    version = (await backend.store.load([G1]))[G1].group.version
    await keep(backend, Unlearn(group_id=G1, person=KEES))
    assert await counts(backend) == {JAN: 2}
    assert (await backend.store.load([G1]))[G1].group.version == version + 1


async def test_one_is_erased_or_all_of_a_person_in_a_group_and_of_nobody_else(backend: Backend) -> None:
    await keep(
        backend,
        a_group(),
        a_group("g2"),
        *(an_example(name) for name in ("i1", "i2", "i3")),
        an_example("i4", person=KEES),
        an_example("i5", "g2"),
    )
    await keep(backend, Unlearn(group_id=G1, person=JAN, incident_id=IncidentId("i2")))
    await keep(backend, Unlearn(group_id=G1, person=JAN, incident_id=IncidentId("i4")))
    assert await kept(backend) == ["i1", "i3", "i4", "i5"]
    await keep(backend, Unlearn(group_id=G1, person=JAN))
    assert await kept(backend) == ["i4", "i5"]


async def test_what_is_kept_and_taken_back_at_once_is_gone(backend: Backend) -> None:
    await keep(backend, a_group(), an_example(), Unlearn(group_id=G1, person=JAN))
    assert await kept(backend) == []


async def test_an_example_goes_when_its_author_was_told_and_not_later(backend: Backend) -> None:
    soon = an_example("i2", until=later(days=10))
    await keep(backend, a_group(), an_example(), soon)
    assert (await backend.housekeeping.expire(later(days=9), TERMS))["examples"] == 0
    assert (await backend.housekeeping.expire(later(days=10), TERMS))["examples"] == 1
    assert await kept(backend) == ["i1"]
    assert await counts(backend) == {JAN: 1}


async def test_a_shorter_term_holds_for_what_is_kept_already(backend: Backend) -> None:
    await keep(backend, a_group(), an_example())
    short = replace(TERMS, example=timedelta(days=30))
    assert (await backend.housekeeping.expire(later(days=30), short))["examples"] == 1
    assert await kept(backend) == []


async def test_housekeeping_leaves_an_example_and_its_key_alone(backend: Backend) -> None:
    await keep(backend, a_group(), an_example())
    assert not any((await backend.housekeeping.expire(later(days=1), TERMS)).values())
    assert await kept(backend) == ["i1"]


async def test_purging_a_group_takes_its_examples(backend: Backend) -> None:
    await keep(backend, a_group(), a_group("g2"), an_example(), an_example("i2", "g2"))
    await backend.housekeeping.purge(G1)
    assert await kept(backend) == ["i2"]


async def test_a_declined_message_stays_sealed_until_its_deadline_and_no_longer(backend: Backend) -> None:
    waiting = an_incident(stage=Stage.DECLINED, learning=Learning.OPEN, deadline=later(minutes=20))
    await keep(backend, a_group(), waiting, Seal(incident_id=waiting.id, content=a_content()))
    assert (await backend.housekeeping.expire(later(minutes=19), TERMS))["erased"] == 0
    assert (await backend.housekeeping.expire(later(minutes=20), TERMS))["erased"] == 1


async def test_nothing_of_it_can_be_read_on_disk(backend: Backend, tmp_path: Path) -> None:
    await keep(backend, a_group(), an_example())
    await keep(backend, Unlearn(group_id=G1, person=JAN))
    await keep(backend, an_example("i2"))
    assert find(["zvquux"], tmp_path) == []
