"""The desk's file: what it does when the disk is full, locked, broken or of another version."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.desks.embedded import EmbeddedDesk
from adapters.desks.embedded.database import Database, migrations, queries, statements, trouble
from adapters.desks.embedded.options import Options
from bot.model.desk import CaseAct
from bot.model.errors import DeskLater, DeskUnsure, NewerDatabase, StartError, StartTrouble
from bot.model.report import ContributionKind
from bot.ports.fakes.clock import FakeClock
from tests.support.desks import HERE, SQUARE, addition, deed, filing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gemeente" / "desk.db"


@pytest.fixture
def database(path: Path) -> Database:
    return Database(path, busy_seconds=0.05)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[EmbeddedDesk]:
    async with EmbeddedDesk(tenant_id=HERE, clock=FakeClock(), options=Options(), database=database) as opened:
        yield opened


async def pragma(database: Database, name: str) -> object:
    rows = list(await database.connection.execute_fetchall(f"pragma {name}"))
    return rows[0][0] if rows else None


# Disk full and locked


async def test_a_locked_file_is_later_and_surely_nothing_happened(desk: EmbeddedDesk, path: Path) -> None:
    filed = await desk.file(filing())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(DeskLater) as caught:
            await desk.file(filing("own-2"))
        with pytest.raises(DeskLater):
            await desk.add(filed.reference, addition(ContributionKind.STILL))
        with pytest.raises(DeskLater):
            await desk.act(HERE, filed.reference, deed(CaseAct.START))
        other.execute("rollback")
    assert caught.value.seconds > 0
    assert await desk.find("own-2") is None
    assert (await desk.case(HERE, filed.reference)).neighbours == 1
    assert (await desk.changes(None)).changes == ()


async def test_pages_can_read_while_another_process_writes(desk: EmbeddedDesk, path: Path) -> None:
    filed = await desk.file(filing())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        other.execute("update cases set neighbours = 99")
        assert (await desk.case(HERE, filed.reference)).neighbours == 1
        assert len(await desk.similar("zwerfvuil", SQUARE, 100)) == 1
        other.execute("rollback")


async def test_a_full_disk_is_later_and_surely_nothing_happened(desk: EmbeddedDesk, database: Database) -> None:
    filed = await desk.file(filing())
    told: list[str] = []
    desk.on_change(lambda: told.append("news"))
    pages = await pragma(database, "page_count")
    await pragma(database, f"max_page_count = {pages}")
    photo = addition(ContributionKind.PHOTO, photo=b"\xff\xd8\xff" + bytes(100_000))
    with pytest.raises(DeskLater):
        await desk.add(filed.reference, photo)
    numbers = [f"own-{n}" for n in range(2, 102)]
    refused = 0
    for own in numbers:
        try:
            await desk.file(filing(own, text="x" * 3000))
        except DeskLater:
            refused += 1
            assert await desk.find(own) is None
    assert refused > 90

    await pragma(database, "max_page_count = 1000000")
    assert (await desk.case(HERE, filed.reference)).thread == ()
    await desk.add(filed.reference, photo)
    assert len((await desk.case(HERE, filed.reference)).photos) == 1
    for own in numbers:
        await desk.file(filing(own))
    references = [case.reference for case in await desk.cases(HERE)]
    assert len(references) == len(set(references)) == 101
    assert told == []


@pytest.mark.parametrize(
    ("code", "committing", "kind"),
    [
        (sqlite3.SQLITE_BUSY, False, DeskLater),
        (sqlite3.SQLITE_BUSY, True, DeskLater),
        (sqlite3.SQLITE_FULL, True, DeskLater),
        (sqlite3.SQLITE_READONLY, False, DeskLater),
        (sqlite3.SQLITE_IOERR_WRITE, False, DeskLater),
        (sqlite3.SQLITE_IOERR_FSYNC, True, DeskUnsure),
        (sqlite3.SQLITE_IOERR, True, DeskUnsure),
    ],
)
def test_only_an_io_error_in_the_commit_itself_is_unsure(
    code: int, committing: bool, kind: type[Exception]
) -> None:
    error = sqlite3.OperationalError("disk trouble")
    error.sqlite_errorcode = code
    assert type(trouble(error, committing)) is kind


@pytest.mark.parametrize("code", [sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_CORRUPT])
def test_a_fault_of_our_own_or_a_broken_file_is_not_called_later(code: int) -> None:
    error = sqlite3.DatabaseError("our fault")
    error.sqlite_errorcode = code
    assert trouble(error, committing=True) is None


async def test_a_broken_rule_of_the_schema_is_told_as_it_is_and_undone(
    desk: EmbeddedDesk, database: Database
) -> None:
    await desk.file(filing())

    async def stumble() -> None:
        async with database.write() as write:
            await write.run("touch_case", case_id=1, now=0, neighbours=50)
            await write.run("insert_photo", id="x", case_id=404, jpeg=b"")

    with pytest.raises(sqlite3.IntegrityError):
        await stumble()
    assert [case.neighbours for case in await desk.cases(HERE)] == [1]


async def test_a_fault_inside_a_transaction_undoes_it_and_lets_the_next_one_in(
    desk: EmbeddedDesk, database: Database
) -> None:
    filed = await desk.file(filing())

    async def stumble() -> None:
        async with database.write() as write:
            await write.run("touch_case", case_id=1, now=0, neighbours=50)
            await write.run("no_such_statement")

    with pytest.raises(KeyError):
        await stumble()
    assert (await desk.case(HERE, filed.reference)).neighbours == 1
    await desk.add(filed.reference, addition(ContributionKind.STILL))


# Opening


async def test_the_file_is_safe_against_power_cuts_and_forgets_what_is_deleted(
    desk: EmbeddedDesk, database: Database
) -> None:
    assert await pragma(database, "journal_mode") == "wal"
    assert await pragma(database, "synchronous") == 2
    assert await pragma(database, "secure_delete") == 1
    assert await pragma(database, "foreign_keys") == 1


async def test_opening_again_migrates_nothing_again(path: Path) -> None:
    for _ in range(2):
        async with Database(path) as database:
            assert await pragma(database, "user_version") == migrations()[-1][0]


async def test_two_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    for attempt in range(8):
        pair = [Database(tmp_path / f"{attempt}.db") for _ in range(2)]
        await asyncio.gather(*(database.__aenter__() for database in pair))
        assert [await pragma(database, "journal_mode") for database in pair] == ["wal", "wal"]
        for database in pair:
            await database.__aexit__()


async def test_a_file_of_a_newer_bart_is_refused_and_left_alone(path: Path) -> None:
    async with Database(path) as database:
        await pragma(database, "user_version = 99")
    before = path.read_bytes()
    with pytest.raises(NewerDatabase) as caught:
        async with Database(path):
            raise AssertionError("must not open")
    assert (caught.value.found, caught.value.known) == (99, migrations()[-1][0])
    assert path.read_bytes() == before


async def test_a_file_that_is_no_database_is_a_fault_for_good(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database, and it is longer than a header of one\n" * 20)
    with pytest.raises(StartError, match=r"desk\.db") as caught:
        async with Database(path):
            raise AssertionError("must not open")
    assert caught.value.trouble is StartTrouble.FOR_GOOD


async def test_a_folder_that_cannot_be_made_is_a_fault_for_now(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    with pytest.raises(StartError) as caught:
        async with Database(path):
            raise AssertionError("must not open")
    assert caught.value.trouble is StartTrouble.FOR_NOW


async def test_a_file_that_is_locked_at_the_start_is_a_fault_for_now(path: Path) -> None:
    async with Database(path):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(StartError) as caught:
            async with Database(path, busy_seconds=0.05):
                raise AssertionError("must not open")
        other.execute("rollback")
    assert caught.value.trouble is StartTrouble.FOR_NOW
    async with Database(path) as database:
        assert await pragma(database, "user_version") == migrations()[-1][0]


async def test_pages_cannot_write_through_the_reading_connection(desk: EmbeddedDesk, database: Database) -> None:
    await desk.file(filing())
    with pytest.raises(DeskLater):
        async with database.read() as read:
            await read.run("touch_case", case_id=1, now=0, neighbours=50)


# Statements


async def test_every_named_statement_is_sql_this_schema_understands(
    desk: EmbeddedDesk, database: Database
) -> None:
    for name, sql in queries().items():
        values = dict.fromkeys(re.findall(r":(\w+)", sql))
        rows = await database.connection.execute_fetchall(f"explain {sql}", values)
        assert list(rows), name


def test_migrations_are_numbered_without_gaps() -> None:
    assert [version for version, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_script_falls_apart_into_its_statements() -> None:
    script = "create table a (\n    b text -- a; b\n);\n\n-- why\ncreate index c on a (b);\n"
    assert [each.strip().splitlines()[-1] for each in statements(script)] == [");", "create index c on a (b);"]
