"""Disk full, database locked, two processes, crashes between two files, and what is left after erasure."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.errors import Conflict, StoreUnavailable
from bot.model.group import GroupState
from bot.model.ids import Address, GroupId, IncidentId
from bot.model.incident import Stage
from bot.model.snapshot import Commit, Erase, Seal
from bot.ports.housekeeping import Terms
from storage.sqlite import Database, open_database
from storage.vault import KEY_FILE, SLOT_BYTES, Vault, open_vault, unseal
from tests.support.records import (
    ACCOUNT,
    NOON,
    a_consent,
    a_content,
    a_group,
    an_effect,
    an_evidence,
    an_incident,
    later,
)

G1, I1 = GroupId("g1"), IncidentId("i1")
WORDS = "bah, alwéér glas bij de glasbak"
LEASE = timedelta(minutes=1)


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    async with open_vault(tmp_path) as opened:
        yield opened


@pytest.fixture
async def database(tmp_path: Path, vault: Vault) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "bart.db", vault, busy=0.05) as opened:
        yield opened


def seal(text: str = WORDS, incident: IncidentId = I1) -> Seal:
    return Seal(incident_id=incident, content=a_content(text))


async def keep(database: Database, *changes: Any, **more: Any) -> None:
    await database.store.commit(Commit(now=NOON, changes=changes, **more))


def keys_on_disk(folder: Path) -> list[bytes]:
    data = (folder / KEY_FILE).read_bytes()
    slots = [data[start : start + SLOT_BYTES] for start in range(0, len(data), SLOT_BYTES)]
    return [slot[16:] for slot in slots if slot != bytes(SLOT_BYTES)]


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


async def test_words_and_addresses_never_rest_in_the_clear(database: Database, tmp_path: Path) -> None:
    effect = an_effect(to=Address("jan-op-nummer-7"))
    await keep(database, a_group(name="Parijsplein"), an_incident(), seal(), effects=(effect,))
    disk = everything_on_disk(tmp_path)
    assert "alwéér".encode() not in disk
    assert b"jan-op-nummer-7" not in disk
    # The scan does find what is there to find.
    assert b"Parijsplein" in disk


async def test_after_erasure_nothing_of_the_case_opens_even_with_a_reader_open(
    database: Database, tmp_path: Path
) -> None:
    await keep(database, a_group(), an_incident(), seal())
    reader = sqlite3.connect(tmp_path / "bart.db")
    reader.execute("BEGIN")
    ((ciphertext,),) = reader.execute("SELECT content FROM sealed").fetchall()
    (key,) = keys_on_disk(tmp_path)
    opened = unseal(key, ciphertext, I1)
    assert opened is not None
    assert WORDS.encode() in opened

    await keep(database, Erase(incident_id=I1))

    # The old reader and a copy of the WAL still hold the ciphertext; no key on disk opens it.
    assert reader.execute("SELECT count(*) FROM sealed").fetchone() == (1,)
    assert ciphertext in everything_on_disk(tmp_path)
    assert key not in everything_on_disk(tmp_path)
    assert keys_on_disk(tmp_path) == []
    reader.close()
    await database.housekeeping.expire(NOON, Terms())
    assert ciphertext not in everything_on_disk(tmp_path)


async def test_purging_a_group_destroys_its_keys_and_empties_the_log(database: Database, tmp_path: Path) -> None:
    await keep(database, a_group(), an_incident(), seal())
    ((ciphertext,),) = await database.connections.writer.execute_fetchall("SELECT content FROM sealed")
    assert await database.housekeeping.purge(G1)
    assert keys_on_disk(tmp_path) == []
    assert ciphertext not in everything_on_disk(tmp_path)


async def test_a_conflict_leaves_no_key_behind(database: Database, tmp_path: Path) -> None:
    await keep(database, a_group("g2"))
    with pytest.raises(Conflict):
        await keep(database, a_group(room="room-g2"), an_incident(), seal(), expected={G1: -1})
    with pytest.raises(sqlite3.IntegrityError):
        await keep(database, seal(), an_incident("i1", "nowhere"))
    assert keys_on_disk(tmp_path) == []


async def test_a_full_disk_is_store_unavailable_and_nothing_is_half_done(
    database: Database, tmp_path: Path
) -> None:
    await keep(database, a_group())
    writer = database.connections.writer
    ((pages,),) = await writer.execute_fetchall("PRAGMA page_count")
    await writer.execute_fetchall(f"PRAGMA max_page_count = {pages}")
    big = tuple(seal("x" * 5000, IncidentId(f"i{number}")) for number in range(5))
    incidents = tuple(an_incident(f"i{number}") for number in range(5))
    with pytest.raises(StoreUnavailable, match="SQLITE_FULL"):
        await keep(database, *incidents, a_consent(), *big, effects=(an_effect(),), cursor=(ACCOUNT, "5"))
    snapshot = (await database.store.load([G1]))[G1]
    assert not snapshot.incidents
    assert snapshot.group.version == 0
    assert await database.store.cursor("channel", ACCOUNT) is None
    assert await database.work.next_due(NOON) is None
    assert keys_on_disk(tmp_path) == []
    await writer.execute_fetchall("PRAGMA max_page_count = 100000")
    await keep(database, *incidents, *big, effects=(an_effect(),))
    assert len((await database.store.load([G1]))[G1].contents) == 5


async def test_a_locked_database_is_store_unavailable_until_it_is_free(database: Database, tmp_path: Path) -> None:
    await keep(database, a_group())
    other = sqlite3.connect(tmp_path / "bart.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="SQLITE_BUSY"):
        await keep(database, an_incident(), seal())
    with pytest.raises(StoreUnavailable):
        await database.work.enqueue([an_effect()])
    assert set(await database.store.load([G1])) == {G1}
    other.execute("ROLLBACK")
    other.close()
    await keep(database, an_incident(), seal())
    assert (await database.store.load([G1]))[G1].contents[I1].text == WORDS


async def test_a_file_that_is_no_database_is_store_unavailable(tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "other.db").write_bytes(b"not a database at all, but long enough to look at" * 100)
    with pytest.raises(StoreUnavailable, match="SQLITE_NOTADB"):
        async with open_database(tmp_path / "other.db", vault):
            pass


async def test_a_folder_that_is_not_there_is_store_unavailable(tmp_path: Path, vault: Vault) -> None:
    with pytest.raises(StoreUnavailable):
        async with open_database(tmp_path / "nowhere" / "bart.db", vault):
            pass


async def test_a_key_without_a_row_is_swept(database: Database, vault: Vault, tmp_path: Path) -> None:
    await keep(database, a_group(), an_incident(), seal(), effects=(an_effect(to=Address("jan")),))
    vault.make(2)
    counts = await database.housekeeping.expire(NOON, Terms())
    assert counts["keys"] == 2
    assert len(keys_on_disk(tmp_path)) == 2
    assert (await database.store.load([G1]))[G1].contents[I1].text == WORDS


async def test_a_row_without_its_key_is_dropped(database: Database, vault: Vault) -> None:
    await keep(database, a_group(), an_incident(), seal())
    vault.sweep([])
    assert not (await database.store.load([G1]))[G1].contents
    await database.housekeeping.expire(NOON, Terms())
    ((left,),) = await database.connections.writer.execute_fetchall("SELECT count(*) FROM sealed")
    assert left == 0


async def test_the_key_of_a_day_goes_when_nothing_needs_it(database: Database, tmp_path: Path) -> None:
    await keep(database, effects=(an_effect("e1", to=Address("jan")), an_effect("e2", to=Address("kees"))))
    assert len(keys_on_disk(tmp_path)) == 1
    items = await database.work.claim(NOON, 10, LEASE)
    await database.housekeeping.expire(later(days=1), Terms())
    assert len(keys_on_disk(tmp_path)) == 1
    assert [item.effect.to for item in items] == ["jan", "kees"]
    await database.work.park(items[0].id, NOON, "Refused")
    await keep(database, finished=(items[1].id,))
    await database.housekeeping.expire(later(days=1), Terms())
    assert keys_on_disk(tmp_path) == []


async def test_a_cancelled_caller_leaves_a_whole_commit(database: Database) -> None:
    await keep(database, a_group())
    for number in range(20):
        incident = IncidentId(f"i{number}")
        task = asyncio.create_task(keep(database, an_incident(incident), seal(incident=incident)))
        await asyncio.sleep(0.0003 * number)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await database.connections.settled()
    snapshot = (await database.store.load([G1]))[G1]
    assert set(snapshot.incidents) == set(snapshot.contents)
    assert snapshot.incidents


async def test_another_process_sees_and_is_seen_at_once(database: Database, tmp_path: Path) -> None:
    await keep(database, a_group(), an_incident(), seal())
    await database.store.load([G1])
    async with (
        open_vault(tmp_path) as other_vault,
        open_database(tmp_path / "bart.db", other_vault) as other,
    ):
        assert (await other.store.load([G1]))[G1].contents[I1].text == WORDS
        await other.store.commit(
            Commit(now=NOON, expected={G1: 0}, changes=(a_group(state=GroupState.PAUSED), seal("nieuw")))
        )
        snapshot = (await database.store.load([G1]))[G1]
        assert snapshot.group.state is GroupState.PAUSED
        assert snapshot.contents[I1].text == "nieuw"
        with pytest.raises(Conflict):
            await keep(database, an_incident(stage=Stage.LAPSED), expected={G1: 0})
        await other.store.commit(Commit(now=NOON, changes=(Erase(incident_id=I1),)))
        assert not (await database.store.load([G1]))[G1].contents


async def test_what_a_living_process_has_leased_is_not_taken_from_it(database: Database, tmp_path: Path) -> None:
    await database.work.enqueue([an_effect("e1"), an_effect("e2")])
    async with open_vault(tmp_path) as vault, open_database(tmp_path / "bart.db", vault) as other:
        (mine,) = await other.work.claim(NOON, 1, timedelta(0))
        assert [item.effect.idem for item in await database.work.claim(later(days=9), 5, LEASE)] == ["e2"]
        assert await database.work.next_due(NOON) is not None
    (taken,) = await database.work.claim(NOON, 5, LEASE)
    assert (taken.id, taken.attempts) == (mine.id, 1)


async def test_many_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    async def use(number: int) -> str:
        async with open_vault(tmp_path) as vault, open_database(tmp_path / "bart.db", vault) as database:
            group = a_group(f"g{number}")
            await database.store.commit(Commit(now=NOON, changes=(group,), expected={group.id: -1}))
            return vault.idem("same secret")

    secrets = await asyncio.gather(*(use(number) for number in range(6)))
    assert len(set(secrets)) == 1
    async with open_vault(tmp_path) as vault, open_database(tmp_path / "bart.db", vault) as database:
        assert len(await database.views.groups(None)) == 6


CRASHING = """
import asyncio, os, signal, sys
from datetime import timedelta
from pathlib import Path
from storage.sqlite import open_database
from storage.vault import open_vault
from bot.model.snapshot import Commit, Seal
from tests.support.records import NOON, a_content, a_group, an_effect, an_incident

async def main(folder):
    async with open_vault(folder) as vault, open_database(folder / "bart.db", vault) as database:
        seal = Seal(incident_id="i1", content=a_content("voor de klap"))
        changes = (a_group(), an_incident(), seal)
        await database.store.commit(Commit(now=NOON, changes=changes, effects=(an_effect(),)))
        await database.work.claim(NOON, 1, timedelta(hours=9))
        vault.make(3)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_after_a_killed_process_all_is_there_and_its_leases_are_free_at_once(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CRASHING, str(tmp_path))
    assert await process.wait() == -9
    async with open_vault(tmp_path) as vault, open_database(tmp_path / "bart.db", vault) as database:
        assert (await database.store.load([G1]))[G1].contents[I1].text == "voor de klap"
        (item,) = await database.work.claim(NOON, 5, LEASE)
        assert (item.effect.idem, item.attempts) == ("e1", 1)
        assert (await database.housekeeping.expire(NOON, Terms()))["keys"] == 3
    assert not list(tmp_path.glob("*-owner-*"))


async def test_proofs_outlive_a_purged_group(database: Database) -> None:
    await keep(database, a_group(), an_incident(), a_consent(), an_evidence())
    await database.housekeeping.purge(G1)
    for proofs in ("SELECT count(*) FROM consents", "SELECT count(*) FROM evidence"):
        ((left,),) = await database.connections.writer.execute_fetchall(proofs)
        assert left == 1
