"""What the embedded desk promises beyond the contracts of Desk and Office."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.desks.embedded import EmbeddedDesk
from adapters.desks.embedded.database import Database
from adapters.desks.embedded.options import Options
from bot.model.desk import CaseAct
from bot.model.errors import ConfigError, DeskRefused, StartError, StartTrouble, UnknownReport
from bot.model.report import ContributionKind, Status
from bot.ports.desk import Expires, TellsChanges
from bot.ports.fakes.clock import NOON, FakeClock
from bot.ports.office import Office
from tests.support.desks import ELSEWHERE, HERE, addition, day, deed, embedded_desk, filing
from tests.support.pictures import encode, plain

YEAR = timedelta(days=365)
PHOTO = encode(plain(64, 64))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[EmbeddedDesk]:
    async with embedded_desk(tmp_path, clock) as opened:
        yield opened


def test_making_a_desk_touches_nothing(tmp_path: Path, clock: FakeClock) -> None:
    desk = embedded_desk(tmp_path, clock)
    for port in (TellsChanges, Expires, Office):
        assert isinstance(desk, port)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_option_is_told_before_anything_is_opened(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(ConfigError, match=r"desks\.gemeente\.colour"):
        embedded_desk(tmp_path, clock, {"colour": "red"})


async def test_a_desk_that_is_not_open_says_so(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await embedded_desk(tmp_path, clock).file(filing())


# References


async def test_references_count_per_year_and_can_be_told_apart_by_their_prefix(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with embedded_desk(tmp_path, clock, {"prefix": "DH"}) as desk:
        references = [(await desk.file(filing(f"own-{n}"))).reference for n in range(2)]
        clock.set(datetime(2027, 1, 1, tzinfo=UTC))
        references.append((await desk.file(filing("own-2027"))).reference)
    assert references == ["DH-2026-00001", "DH-2026-00002", "DH-2027-00001"]


async def test_a_refused_filing_uses_up_no_number(desk: EmbeddedDesk) -> None:
    with pytest.raises(DeskRefused):
        await desk.file(filing(text=""))
    assert (await desk.file(filing())).reference == "MB-2026-00001"


async def test_another_tenant_cannot_file_under_our_own_reference(desk: EmbeddedDesk) -> None:
    await desk.file(filing("own-1"))
    with pytest.raises(DeskRefused) as caught:
        await desk.file(filing("own-1", tenant=ELSEWHERE))
    assert caught.value.field == "own"


async def test_the_same_own_may_be_added_to_two_cases(desk: EmbeddedDesk) -> None:
    for own in ("own-1", "own-2"):
        filed = await desk.file(filing(own))
        await desk.add(filed.reference, addition(ContributionKind.STILL, "add-1"))
        assert (await desk.case(HERE, filed.reference)).neighbours == 2


# What survives


async def test_everything_is_there_again_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    async with embedded_desk(tmp_path, clock) as desk:
        filed = await desk.file(filing(contact="jan@example.org"))
        await desk.add(filed.reference, addition(ContributionKind.PHOTO, photo=PHOTO))
        ask = deed(CaseAct.ASK, "Waar?", until=day(2))
        case = await desk.act(HERE, filed.reference, ask)
        changes = await desk.changes(None)
    async with embedded_desk(tmp_path, clock) as desk:
        assert await desk.case(HERE, filed.reference) == case
        assert await desk.photo(HERE, filed.reference, case.photos[0]) == PHOTO
        assert await desk.changes(None) == changes
        assert (await desk.changes(changes.cursor)).changes == ()
        assert (await desk.file(filing())).reference == filed.reference
        await desk.add(filed.reference, addition(ContributionKind.PHOTO, photo=PHOTO))
        assert await desk.case(HERE, filed.reference) == case


async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path, clock: FakeClock) -> None:
    script = (
        "import asyncio, itertools\n"
        "from pathlib import Path\n"
        "from bot.ports.fakes.clock import FakeClock\n"
        "from tests.support.desks import embedded_desk, filing\n"
        "async def main():\n"
        f"    async with embedded_desk(Path({str(tmp_path)!r}), FakeClock()) as desk:\n"
        "        for n in itertools.count():\n"
        "            print(f'own-{n}', (await desk.file(filing(f'own-{n}'))).reference, flush=True)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(25)]
    process.kill()
    lines += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    acknowledged = dict(line.decode().split() for line in lines if line.endswith(b"\n"))
    assert len(acknowledged) >= 25
    async with embedded_desk(tmp_path, clock) as desk:
        for own, reference in acknowledged.items():
            found = await desk.find(own)
            assert found is not None
            assert found.reference == reference
        assert len(await desk.cases(HERE)) - len(acknowledged) in (0, 1)


async def test_a_caller_that_is_cancelled_leaves_nothing_half_done_and_blocks_nobody(
    desk: EmbeddedDesk,
) -> None:
    filed = await desk.file(filing())
    for ticks in range(12):
        adding = asyncio.create_task(
            desk.add(filed.reference, addition(ContributionKind.PHOTO, f"add-{ticks}", photo=PHOTO))
        )
        for _ in range(ticks):
            await asyncio.sleep(0)
        adding.cancel()
        await asyncio.wait([adding])
        await asyncio.wait_for(desk.file(filing(f"after-{ticks}")), 5)
        case = await desk.case(HERE, filed.reference)
        assert len(case.photos) == len(case.thread)


async def test_worker_and_pages_at_once_lose_nothing(desk: EmbeddedDesk) -> None:
    filed = [(await desk.file(filing(f"own-{n}"))).reference for n in range(4)]

    async def neighbours(reference: str) -> None:
        for number in range(10):
            await desk.add(reference, addition(ContributionKind.STILL, f"add-{number}"))

    async def staff(reference: str) -> None:
        for _ in range(5):
            await desk.act(HERE, reference, deed(CaseAct.CLOSE, "Klaar."))
            await desk.act(HERE, reference, deed(CaseAct.REOPEN))

    async def pages() -> None:
        for _ in range(20):
            await desk.cases(HERE)

    await asyncio.gather(*map(neighbours, filed), *map(staff, filed), pages())
    assert [case.neighbours for case in await desk.cases(HERE)] == [11] * 4
    assert len((await desk.changes(None)).changes) == 40


# Changes


async def test_many_changes_are_told_in_portions_and_none_is_lost(tmp_path: Path, clock: FakeClock) -> None:
    async with EmbeddedDesk(
        tenant_id=HERE,
        clock=clock,
        options=Options(),
        database=Database(tmp_path / "desk.db"),
        most_changes=3,
    ) as desk:
        filed = await desk.file(filing())
        for number in range(7):
            await desk.act(HERE, filed.reference, deed(CaseAct.PLAN, str(number), until=day(1)))
        cursor, told = None, []
        for size in (3, 3, 1, 0):
            changes = await desk.changes(cursor)
            assert len(changes.changes) == size
            told += [change.note for change in changes.changes]
            cursor = changes.cursor
    assert told == [str(number) for number in range(7)]


async def test_a_push_comes_when_the_change_can_be_asked_for(desk: EmbeddedDesk) -> None:
    filed = await desk.file(filing())
    asked: list[asyncio.Task[int]] = []

    async def count() -> int:
        return len((await desk.changes(None)).changes)

    desk.on_change(lambda: asked.append(asyncio.create_task(count())))
    await desk.act(HERE, filed.reference, deed(CaseAct.START))
    assert await asyncio.gather(*asked) == [1]


# Retention


async def closed_case(desk: EmbeddedDesk, own: str = "own-1") -> str:
    filed = await desk.file(filing(own, contact="jan@example.org"))
    await desk.add(filed.reference, addition(ContributionKind.PHOTO, photo=PHOTO))
    await desk.act(HERE, filed.reference, deed(CaseAct.CLOSE, "Opgeruimd."))
    return filed.reference


async def test_photos_and_contact_go_a_year_after_closing_and_not_a_moment_before(
    desk: EmbeddedDesk,
) -> None:
    reference = await closed_case(desk)
    before = await desk.case(HERE, reference)
    early = await desk.expire(NOON + YEAR - timedelta(seconds=1))
    assert early == {"photos": 0, "cases": 0}
    assert await desk.case(HERE, reference) == before

    assert await desk.expire(NOON + YEAR) == {"photos": 1, "cases": 1}
    case = await desk.case(HERE, reference)
    assert (case.contact, case.photos) == ("", ())
    assert [entry.photo for entry in case.thread] == ["", ""]
    assert case.text == before.text
    with pytest.raises(UnknownReport):
        await desk.photo(HERE, reference, before.photos[0])
    assert await desk.cases(HERE) == []
    assert await desk.find("own-1") is not None


async def test_the_log_counts_what_expired_and_says_nothing_else(desk: EmbeddedDesk) -> None:
    await closed_case(desk)
    with capture_logs() as lines:
        await desk.expire(NOON + YEAR)
        await desk.expire(NOON + YEAR)
    assert lines == [{"event": "desk.expired", "log_level": "info", "photos": 1, "cases": 1}]


async def test_expiring_twice_changes_nothing_more(desk: EmbeddedDesk) -> None:
    await closed_case(desk)
    await desk.expire(NOON + YEAR)
    assert await desk.expire(NOON + YEAR) == {"photos": 0, "cases": 0}


async def test_open_cases_never_expire(desk: EmbeddedDesk) -> None:
    filed = await desk.file(filing(contact="jan@example.org"))
    assert (await desk.expire(NOON + 10 * YEAR))["cases"] == 0
    assert (await desk.case(HERE, filed.reference)).contact == "jan@example.org"


async def test_a_reopening_starts_the_term_anew(desk: EmbeddedDesk, clock: FakeClock) -> None:
    reference = await closed_case(desk)
    clock.advance(timedelta(days=300))
    await desk.add(reference, addition(ContributionKind.NOT_SOLVED, "add-2"))
    clock.advance(timedelta(days=50))
    await desk.act(HERE, reference, deed(CaseAct.CLOSE, "Nu echt."))
    clock.advance(timedelta(days=50))
    assert (await desk.expire(clock.now))["cases"] == 0


async def test_a_case_reopened_after_its_term_is_listed_again_and_expires_again(
    desk: EmbeddedDesk, clock: FakeClock
) -> None:
    reference = await closed_case(desk)
    clock.advance(YEAR)
    await desk.expire(clock.now)
    await desk.add(reference, addition(ContributionKind.NOT_SOLVED, "add-2"))
    assert [case.status for case in await desk.cases(HERE)] == [Status.REOPENED]
    await desk.act(HERE, reference, deed(CaseAct.CLOSE, "Nu echt."))
    clock.advance(YEAR)
    assert (await desk.expire(clock.now))["cases"] == 1


async def test_opening_the_desk_expires_by_its_own_option(tmp_path: Path, clock: FakeClock) -> None:
    async with embedded_desk(tmp_path, clock, {"retention_days": 30}) as desk:
        await closed_case(desk)
    clock.advance(timedelta(days=31))
    async with embedded_desk(tmp_path, clock, {"retention_days": 30}) as desk:
        assert await desk.cases(HERE) == []


async def test_the_caller_may_bring_another_term(desk: EmbeddedDesk) -> None:
    await closed_case(desk)
    assert (await desk.expire(NOON + timedelta(days=8), timedelta(days=9)))["cases"] == 0
    assert (await desk.expire(NOON + timedelta(days=8), timedelta(0)))["cases"] == 1


async def test_a_file_locked_while_opening_is_a_fault_for_now(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "desk.db"
    async with Database(path):
        pass

    class LockedAfterOpening(Database):
        async def __aenter__(self) -> Database:
            opened = await super().__aenter__()
            other.execute("begin immediate")
            return opened

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        desk = EmbeddedDesk(
            tenant_id=HERE,
            clock=clock,
            options=Options(),
            database=LockedAfterOpening(path, busy_seconds=0.05),
        )
        with pytest.raises(StartError) as caught:
            await desk.__aenter__()
    assert caught.value.trouble is StartTrouble.FOR_NOW
    with pytest.raises(RuntimeError, match="async with"):
        await desk.cases(HERE)


async def test_no_byte_of_what_expired_stays_in_the_desks_files(desk: EmbeddedDesk, tmp_path: Path) -> None:
    await closed_case(desk)
    pixels = PHOTO[-60:]
    assert pixels in files_of(tmp_path)
    assert b"jan@example.org" in files_of(tmp_path)
    await desk.expire(NOON + YEAR)
    assert pixels not in files_of(tmp_path)
    assert b"jan@example.org" not in files_of(tmp_path)


def files_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
