"""The desk's own file: opened, refused, kept small, and asked without harm."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.desks.signalen.ledger import Kept, Ledger
from adapters.testing.desk_rig import SQUARE
from bot.model.errors import DeskRefused, StartError, StartTrouble
from bot.model.report import Status, StatusChange
from bot.ports.fakes.clock import NOON
from tests.support.signalen import SignalenRig


def kept(number: int = 1, **more: Any) -> Kept:
    values: dict[str, Any] = {
        "reference": f"SIG-{number}",
        "number": number,
        "uuid": f"uuid-{number}",
        "own": f"own-{number}",
        "tells": f"SIG-{number}",
        "category": "schoon/veegzwerfvuil",
        "point": SQUARE,
        "filed_at": NOON,
        "seen_at": NOON,
    }
    return Kept(**(values | more))


def news(key: str, status: Status = Status.CLOSED) -> tuple[str, StatusChange]:
    return key, StatusChange(reference="SIG-1", status=status, at=NOON, note="Klaar.", until=NOON)


async def test_what_is_kept_comes_back_as_it_was_also_later(tmp_path: Path) -> None:
    one = kept(status=Status.PLANNED, apart=True, asked=True, due_at=12.5)
    async with Ledger(tmp_path / "x" / "signalen.db") as ledger:
        await ledger.keep(one)
    async with Ledger(tmp_path / "x" / "signalen.db") as ledger:
        assert await ledger.by_own("own-1") == await ledger.by_reference("SIG-1") == one
        assert await ledger.by_numbers([1, 2]) == {1: one}
        assert await ledger.by_own("own-2") is None


async def test_a_copy_there_with_our_reference_in_it_does_not_take_its_place(tmp_path: Path) -> None:
    async with Ledger(tmp_path / "signalen.db") as ledger:
        await ledger.keep(kept(1))
        await ledger.keep(kept(2, own="own-1"))
        found = await ledger.by_own("own-1")
    assert found is not None
    assert found.number == 1


async def test_the_same_step_is_told_once(tmp_path: Path) -> None:
    async with Ledger(tmp_path / "signalen.db") as ledger:
        for _ in range(2):
            await ledger.tell([news("a"), news("b", Status.REOPENED)], [])
        told = await ledger.told_after(0, 10)
        assert [change for _, change in told] == [news("a")[1], news("b", Status.REOPENED)[1]]
        assert await ledger.last() == 2


async def test_what_is_due_comes_longest_due_first_and_what_is_gone_never(tmp_path: Path) -> None:
    async with Ledger(tmp_path / "signalen.db") as ledger:
        for number, due in ((1, 30.0), (2, 10.0), (3, 20.0), (4, 99.0)):
            await ledger.keep(kept(number, due_at=due, gone=number == 3))
        assert [one.number for one in await ledger.due(50.0, 5)] == [2, 1]


async def test_the_budget_counts_an_hour_back_and_a_clock_that_jumped_back_costs_none(tmp_path: Path) -> None:
    async with Ledger(tmp_path / "signalen.db") as ledger:
        assert [await ledger.spend(NOON, 2) for _ in range(3)] == [0.0, 0.0, 3600.0]
        await ledger.refund()
        assert await ledger.spend(NOON, 2) == 0.0
        assert await ledger.spend(NOON + timedelta(minutes=59), 2) == 60.0
        assert await ledger.spend(NOON - timedelta(hours=5), 2) == 0.0


async def test_spending_at_once_never_overdraws(tmp_path: Path) -> None:
    async with Ledger(tmp_path / "signalen.db") as ledger:
        waits = await asyncio.gather(*(ledger.spend(NOON, 60) for _ in range(100)))
    assert sum(wait == 0 for wait in waits) == 60


async def test_a_file_that_is_no_database_is_told_at_start(tmp_path: Path) -> None:
    (tmp_path / "signalen.db").write_bytes(b"no database at all, but long enough to be one" * 50)
    with pytest.raises(StartError) as caught:
        await Ledger(tmp_path / "signalen.db").__aenter__()
    assert caught.value.trouble is StartTrouble.FOR_GOOD


async def test_a_folder_that_cannot_be_made_is_for_now(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("a file in the way")
    with pytest.raises(StartError) as caught:
        await Ledger(tmp_path / "here" / "signalen.db").__aenter__()
    assert caught.value.trouble is StartTrouble.FOR_NOW


async def test_a_desk_that_is_not_open_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not open"):
        await Ledger(tmp_path / "signalen.db").last()


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "9" * 19])
async def test_a_cursor_of_another_desk_is_refused(rig: SignalenRig, cursor: str) -> None:
    async with rig.desk() as desk:
        with pytest.raises(DeskRefused, match="cursor"):
            await desk.changes(cursor)
