"""What loading costs, and what the cache may keep."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.group import GroupState
from bot.model.ids import GroupId, IncidentId
from bot.model.incident import Content, Stage
from bot.model.snapshot import Commit, CountTraffic, Seal, Snapshot, Traffic
from bot.ports.housekeeping import Terms
from storage.sqlite import Database, open_database
from storage.sqlite.named import sql
from storage.sqlite.snapshots import CACHED_GROUPS, Contents, Kept, SnapshotCache, Trust
from storage.vault import open_vault
from tests.support.records import NOON, a_content, a_filed_incident, a_group, a_report, an_incident


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_vault(tmp_path) as vault, open_database(tmp_path / "bart.db", vault) as opened:
        yield opened


async def statements_of_a_load(database: Database, ids: list[GroupId]) -> int:
    """How many statements the readers run for it, transactions included."""
    seen: list[str] = []
    ignored: list[str] = []
    for reader in database.connections.readers:
        await reader.set_trace_callback(seen.append)
    await database.store.load(ids)
    for reader in database.connections.readers:
        await reader.set_trace_callback(ignored.append)
    return len(seen)


async def test_an_unchanged_group_costs_nothing_and_many_changed_ones_cost_no_more_than_one(
    database: Database,
) -> None:
    groups = [a_group(f"g{number}") for number in range(50)]
    incidents = [an_incident(f"i{number}", f"g{number}") for number in range(50)]
    await database.store.commit(Commit(now=NOON, changes=(*groups, *incidents)))
    ids = [group.id for group in groups]
    assert await statements_of_a_load(database, ids[:1]) <= 10
    assert await statements_of_a_load(database, ids[1:]) <= 10
    assert await statements_of_a_load(database, ids) == 0
    await database.store.commit(Commit(now=NOON, changes=(CountTraffic(group_id=ids[0], day="2026-11-21"),)))
    assert await statements_of_a_load(database, ids) == 1
    assert await statements_of_a_load(database, ids) == 0


async def test_what_another_process_writes_is_seen_at_once(database: Database, tmp_path: Path) -> None:
    await database.store.commit(Commit(now=NOON, changes=(a_group(), a_group("g2"))))
    both = [GroupId("g1"), GroupId("g2")]
    await database.store.load(both)
    async with open_vault(tmp_path) as vault, open_database(tmp_path / "bart.db", vault) as elsewhere:
        paused = replace((await elsewhere.store.load(both))[both[0]].group, state=GroupState.PAUSED)
        await elsewhere.store.commit(Commit(now=NOON, expected={both[0]: 0}, changes=(paused,)))
        assert (await database.store.load(both))[both[0]].group.state is GroupState.PAUSED


async def test_a_commit_while_somebody_loads_is_not_lost_on_the_next_load(database: Database) -> None:
    group = a_group()
    await database.store.commit(Commit(now=NOON, changes=(group,)))
    for number in range(20):
        renamed = replace(group, name=f"Buurt {number}")
        loading = asyncio.create_task(database.store.load([group.id]))
        await asyncio.sleep(0)
        await database.store.commit(Commit(now=NOON, changes=(renamed,)))
        await loading
        assert (await database.store.load([group.id]))[group.id].group.name == f"Buurt {number}"


async def test_what_housekeeping_takes_is_gone_from_the_next_load(database: Database) -> None:
    await database.store.commit(Commit(now=NOON, changes=(a_group(), an_incident(stage=Stage.LAPSED))))
    assert (await database.store.load([GroupId("g1")]))[GroupId("g1")].incidents
    await database.housekeeping.expire(NOON + timedelta(days=2), Terms())
    assert not (await database.store.load([GroupId("g1")]))[GroupId("g1")].incidents
    await database.housekeeping.purge(GroupId("g1"))
    assert not await database.store.load([GroupId("g1")])


@pytest.mark.parametrize("name", ["versions", "find_groups", "concerned", "groups_of_reports"])
async def test_hot_statements_scan_no_table(database: Database, name: str) -> None:
    plan = await database.connections.writer.execute_fetchall(
        f"EXPLAIN QUERY PLAN {sql(name)}",
        {"ids": "[]", "rooms": "[]", "refs": "[]", "account": "", "today": "", "desk": ""},
    )
    assert [
        row["detail"] for row in plan if row["detail"].startswith("SCAN") and "json_each" not in row["detail"]
    ] == []


@pytest.mark.parametrize("name", ["list_reports", "list_open_reports"])
async def test_reports_are_listed_without_sorting_them_all(database: Database, name: str) -> None:
    plan = await database.connections.writer.execute_fetchall(
        f"EXPLAIN QUERY PLAN {sql(name)}", {"tenant": None, "most": 500}
    )
    assert not [row["detail"] for row in plan if "ORDER BY" in row["detail"]]


async def test_plaintext_lives_no_longer_than_the_snapshot(database: Database) -> None:
    content = a_content("alleen zolang iemand kijkt")
    changes = (a_group(), an_incident(), Seal(incident_id=IncidentId("i1"), content=content))
    await database.store.commit(Commit(now=NOON, changes=changes))
    del content, changes
    snapshot = (await database.store.load([GroupId("g1")]))[GroupId("g1")]
    assert snapshot.contents[IncidentId("i1")].text == "alleen zolang iemand kijkt"
    del snapshot
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is Content and one.text.startswith("alleen")]


async def test_a_content_that_does_not_open_is_not_there() -> None:
    contents = Contents({IncidentId("i1"): (bytes(32), bytes(40))})
    with pytest.raises(KeyError):
        contents[IncidentId("i1")]
    with pytest.raises(KeyError):
        contents[IncidentId("i2")]


TRUST = Trust(1, "2026-11-21")


def test_the_cache_keeps_what_was_used_last() -> None:
    cache = SnapshotCache()
    for number in range(CACHED_GROUPS):
        keep(cache, f"g{number}")
    assert cache.trusted(GroupId("g0"), TRUST) is not None
    keep(cache, "one more")
    assert cache.trusted(GroupId("g0"), TRUST) is not None
    assert cache.trusted(GroupId("g1"), TRUST) is None
    assert cache.of_version(GroupId("g2"), 1) is None


def test_the_cache_trusts_nothing_after_somebody_else_wrote_or_the_day_changed() -> None:
    cache = SnapshotCache()
    keep(cache, "g1")
    assert cache.trusted(GroupId("g1"), Trust(2, "2026-11-21")) is None
    assert cache.trusted(GroupId("g1"), Trust(1, "2026-11-22")) is None
    assert cache.of_version(GroupId("g1"), 0) is not None


def test_the_cache_does_not_trust_what_was_read_before_an_own_write() -> None:
    cache = SnapshotCache()
    writes = cache.writes
    cache.distrust([GroupId("g1")])
    keep(cache, "g1", writes)
    assert cache.trusted(GroupId("g1"), TRUST) is None


def keep(cache: SnapshotCache, group: str, writes: int | None = None) -> None:
    found = {GroupId(group): Kept(snapshot=Snapshot(group=a_group(group)), sealed={})}
    traffic = {GroupId(group): Traffic()}
    cache.keep(found, traffic, TRUST, cache.writes if writes is None else writes)


async def test_archived_and_foreign_reports_do_not_come_along(database: Database) -> None:
    await database.store.commit(
        Commit(
            now=NOON,
            changes=(
                a_group(),
                a_filed_incident("i1", "g1", "r1"),
                a_filed_incident("i2", "g1", "r2"),
                *(a_report(f"r{number}") for number in range(9)),
            ),
        )
    )
    await database.connections.writer.execute_fetchall("UPDATE incidents SET archived = 1 WHERE id = 'i2'")
    snapshot = (await database.store.load([GroupId("g1")]))[GroupId("g1")]
    assert set(snapshot.reports) == {"r1"}
