"""The schema: how it grows, what it refuses, and that its description is true."""

from __future__ import annotations

import re
import sqlite3
import stat
from importlib import resources
from pathlib import Path

import aiosqlite
import pytest

from bot.model.errors import NewerDatabase
from bot.model.snapshot import Commit
from storage.sqlite import open_database
from storage.sqlite.migrate import migrate, migrations, statements
from storage.sqlite.named import sql
from storage.sqlite.named import statements as named_statements
from storage.vault import open_vault
from tests.support.records import NOON, a_consent, a_group, an_audit_entry, an_evidence, an_incident

STORAGE = Path(str(resources.files("storage.sqlite")))


def shape(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Every table, index and trigger with its definition."""
    rows = connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY 1, 2")
    return [(*row[:3], " ".join(row[3].split())) for row in rows]


async def make(path: Path) -> None:
    async with open_vault(path.parent) as vault, open_database(path, vault) as database:
        await database.store.commit(
            Commit(now=NOON, changes=(a_group(), an_incident(), a_consent(), an_evidence()))
        )
        await database.audit.record(an_audit_entry())


async def test_the_described_schema_is_what_all_migrations_make(tmp_path: Path) -> None:
    async with aiosqlite.connect(tmp_path / "migrated.db", isolation_level=None) as connection:
        assert await migrate(connection) == max(migrations())
    migrated, described = sqlite3.connect(tmp_path / "migrated.db"), sqlite3.connect(":memory:")
    described.executescript((STORAGE / "schema.sql").read_text("utf-8"))
    assert shape(migrated) == shape(described)
    migrated.close()
    described.close()


async def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    async with aiosqlite.connect(tmp_path / "bart.db", isolation_level=None) as connection:
        await migrate(connection)
        assert await migrate(connection) == max(migrations())


async def test_migrations_are_numbered_without_gaps() -> None:
    assert list(migrations()) == list(range(1, len(migrations()) + 1))


async def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bart.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE prompts (mine TEXT)")
    connection.close()
    async with aiosqlite.connect(path, isolation_level=None) as half:
        with pytest.raises(sqlite3.OperationalError, match="prompts already exists"):
            await migrate(half)
    connection = sqlite3.connect(path)
    assert [row[1] for row in shape(connection)] == ["prompts"]
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bart.db"
    await make(path)
    known = max(migrations())
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {known + 1}")
    connection.close()
    async with open_vault(tmp_path) as vault:
        with pytest.raises(NewerDatabase) as refused:
            async with open_database(path, vault):
                pass
    assert (refused.value.found, refused.value.known) == (known + 1, known)


@pytest.mark.parametrize("table", ["consents", "evidence", "audit"])
@pytest.mark.parametrize(
    "act",
    [
        "UPDATE {table} SET tenant_id = 'x'",
        "DELETE FROM {table}",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ],
    ids=["update", "delete", "replace"],
)
async def test_proofs_can_only_be_added(tmp_path: Path, table: str, act: str) -> None:
    path = tmp_path / "bart.db"
    await make(path)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(act.format(table=table))
    connection.close()


async def test_every_connection_is_set_up_to_be_safe(tmp_path: Path) -> None:
    async with open_vault(tmp_path) as vault, open_database(tmp_path / "bart.db", vault) as database:
        wanted = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}
        for pragma, value in wanted.items():
            ((found,),) = await database.connections.writer.execute_fetchall(f"PRAGMA {pragma}")
            assert (pragma, found) == (pragma, value)


async def test_only_the_owner_may_read_the_database(tmp_path: Path) -> None:
    async with open_vault(tmp_path) as vault, open_database(tmp_path / "bart.db", vault) as database:
        await database.audit.record(an_audit_entry())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert {"bart.db", "bart.db-wal", "keys.bin"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_a_script_is_cut_into_statements_with_triggers_whole() -> None:
    script = "CREATE TABLE a (x);\n-- why\nCREATE TRIGGER t AFTER INSERT ON a\nBEGIN SELECT 1;\nSELECT 2; END;\n"
    assert [one.split()[1] for one in (part.split("why\n")[-1] for part in statements(script))] == [
        "TABLE",
        "TRIGGER",
    ]
    with pytest.raises(ValueError, match="does not end"):
        list(statements("CREATE TABLE a (x)"))


def test_every_named_statement_is_used_and_every_used_name_exists() -> None:
    code = "\n".join(file.read_text("utf-8") for file in STORAGE.glob("*.py"))
    unused = {name for name in named_statements() if f'"{name}"' not in code}
    assert not unused
    asked = set(re.findall(r'\.(?:run|run_many|fetch)\(\s*"(\w+)"', code))
    assert asked <= named_statements().keys()
    with pytest.raises(KeyError):
        sql("no_such_statement")


async def test_every_named_statement_fits_the_schema(tmp_path: Path) -> None:
    await make(tmp_path / "bart.db")
    connection = sqlite3.connect(tmp_path / "bart.db")
    for text in named_statements().values():
        names = set(re.findall(r":(\w+)", text))
        connection.execute(f"EXPLAIN {text}", dict.fromkeys(names))
    connection.close()
