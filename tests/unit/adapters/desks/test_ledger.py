"""The ledger of desks elsewhere knows what was begun, what arrived and what was told, whatever happens."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.desks.ledger import MOST_CHANGES, REMEMBERED, Ledger, number_of
from bot.model.errors import DeskLater, DeskRefused, StartError, StartTrouble
from bot.model.report import Status, StatusChange
from bot.ports.fakes.clock import NOON


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with Ledger(tmp_path / "desk" / "ledger.db") as opened:
        yield opened


def change(status: Status = Status.CLOSED, minutes: int = 0) -> StatusChange:
    return StatusChange(
        reference="R1",
        status=status,
        at=NOON + timedelta(minutes=minutes),
        note="Klaar.",
        party="Zon",
        until=NOON if status is Status.PLANNED else None,
    )


async def filed(ledger: Ledger, own: str = "own-1", reference: str = "R1") -> None:
    await ledger.begin(own, "zwerfvuil", NOON)
    await ledger.settle(own, reference, remote=f"remote of {reference}")


async def test_what_was_never_begun_is_not_there(ledger: Ledger) -> None:
    assert await ledger.by_own("own-1") is None


async def test_what_was_begun_has_an_unknown_fate_until_it_is_settled(ledger: Ledger) -> None:
    await ledger.begin("own-1", "zwerfvuil", NOON)
    entry = await ledger.by_own("own-1")
    assert entry is not None
    assert (entry.arrived, entry.reference) == (False, "")
    await ledger.settle("own-1", "R1", remote="7")
    entry = await ledger.by_own("own-1")
    assert entry is not None
    assert (entry.arrived, entry.reference, entry.remote) == (True, "R1", "7")
    assert entry == await ledger.by_reference("R1") == await ledger.by_remote("7")


async def test_only_what_did_not_arrive_can_be_forgotten(ledger: Ledger) -> None:
    await ledger.begin("own-2", "zwerfvuil", NOON)
    await ledger.forget("own-2")
    await filed(ledger)
    await ledger.forget("own-1")
    assert await ledger.by_own("own-2") is None
    assert await ledger.by_own("own-1") is not None


async def test_a_key_is_told_once_and_moves_the_report(ledger: Ledger) -> None:
    await filed(ledger)
    assert await ledger.tell("k1", change(), NOON, "closed")
    assert not await ledger.tell("k1", change(Status.REOPENED), NOON, "open")
    entry = await ledger.by_own("own-1")
    assert entry is not None
    assert (entry.status, entry.word) == (Status.CLOSED, "closed")
    assert (await ledger.changes(None)).changes == (change(),)


async def test_a_key_that_was_no_news_stays_no_news(ledger: Ledger) -> None:
    await filed(ledger)
    assert await ledger.tell("k1", None, NOON)
    assert not await ledger.tell("k1", change(), NOON)
    assert (await ledger.changes(None)).changes == ()


async def test_every_field_of_a_change_comes_back(ledger: Ledger) -> None:
    await filed(ledger)
    await ledger.tell("k1", change(Status.PLANNED), NOON)
    assert (await ledger.changes(None)).changes == (change(Status.PLANNED),)


async def test_many_changes_come_in_parts(ledger: Ledger) -> None:
    await filed(ledger)
    for number in range(MOST_CHANGES + 5):
        await ledger.tell(f"k{number}", change(minutes=number), NOON)
    first = await ledger.changes(None)
    second = await ledger.changes(first.cursor)
    assert (len(first.changes), len(second.changes)) == (MOST_CHANGES, 5)
    assert (await ledger.changes(second.cursor)).cursor == second.cursor


async def test_a_cursor_stays_good_after_what_it_counted_is_forgotten(ledger: Ledger) -> None:
    await filed(ledger)
    await ledger.tell("k1", change(), NOON)
    cursor = (await ledger.changes(None)).cursor
    await ledger.expire(NOON + REMEMBERED + timedelta(days=1))
    assert await ledger.changes(cursor) == await ledger.changes(cursor)
    await filed(ledger, "own-2", "R2")
    await ledger.tell("k2", change(), NOON)
    assert len((await ledger.changes(cursor)).changes) == 1


async def test_an_open_report_is_never_forgotten(ledger: Ledger) -> None:
    await filed(ledger)
    await ledger.expire(NOON + 10 * REMEMBERED)
    assert await ledger.by_own("own-1") is not None


async def test_what_ended_is_watched_a_while_longer(ledger: Ledger) -> None:
    await filed(ledger)
    await filed(ledger, "own-2", "R2")
    await ledger.tell("k1", change(), NOON)
    assert [one.reference for one in await ledger.watched(NOON - timedelta(days=1))] == ["R1", "R2"]
    assert [one.reference for one in await ledger.watched(NOON + timedelta(days=1))] == ["R2"]


async def test_an_addition_is_tried_and_then_done(ledger: Ledger) -> None:
    assert not await ledger.try_adding("R1", "add-1", NOON)
    assert await ledger.try_adding("R1", "add-1", NOON)
    assert not await ledger.is_added("R1", "add-1")
    await ledger.done_adding("R1", "add-1")
    assert await ledger.is_added("R1", "add-1")


async def test_all_of_it_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    async with Ledger(path) as ledger:
        await filed(ledger)
        await ledger.set_mark("place", "1")
        await ledger.set_mark("place", "2")
    async with Ledger(path) as ledger:
        assert await ledger.by_own("own-1") is not None
        assert (await ledger.mark("place"), await ledger.mark("other")) == ("2", "")


async def test_statements_at_the_same_time_wait_for_each_other(ledger: Ledger) -> None:
    await asyncio.gather(*(filed(ledger, f"own-{number}", f"R{number}") for number in range(20)))
    assert len(await ledger.watched(NOON)) == 20


async def test_a_file_that_somebody_holds_is_for_later(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    async with Ledger(path) as ledger:
        with closing(sqlite3.connect(path)) as other:
            other.execute("begin immediate")
            with pytest.raises(DeskLater):
                await ledger.begin("own-1", "zwerfvuil", NOON)
            other.rollback()
        await ledger.begin("own-1", "zwerfvuil", NOON)


async def test_a_file_that_is_no_database_is_for_good_and_a_missing_disk_for_now(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"x" * 4096)
    (tmp_path / "file").touch()
    for path, trouble in (
        (tmp_path / "broken.db", StartTrouble.FOR_GOOD),
        (tmp_path / "file" / "ledger.db", StartTrouble.FOR_NOW),
    ):
        with pytest.raises(StartError) as caught:
            async with Ledger(path):
                pass
        assert caught.value.trouble is trouble


async def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not open"):
        await Ledger(tmp_path / "ledger.db").mark("x")


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "²", "1" * 19])
def test_only_numbers_are_cursors(cursor: str) -> None:
    with pytest.raises(DeskRefused, match="cursor"):
        number_of(cursor)
