"""Looking at a database changes nothing and needs nobody's leave."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.model.errors import StoreUnavailable
from storage.sqlite import open_database
from storage.sqlite.inspect import inspect
from storage.vault import open_vault


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def made(folder: Path) -> Path:
    async with open_vault(folder) as vault, open_database(folder / "bart.db", vault):
        return folder / "bart.db"


def test_where_nothing_is_there_is_no_version_and_nothing_is_made(tmp_path: Path) -> None:
    versions = inspect(tmp_path / "bart.db")
    assert versions.found is None
    assert versions.known >= 1
    assert files(tmp_path) == {}


async def test_a_closed_database_is_read_without_a_trace(tmp_path: Path) -> None:
    path = await made(tmp_path)
    before = files(tmp_path)
    versions = inspect(path)
    assert versions.found == versions.known
    assert files(tmp_path) == before


async def test_a_version_that_is_only_in_the_log_yet_is_seen(tmp_path: Path) -> None:
    async with open_vault(tmp_path) as vault, open_database(tmp_path / "bart.db", vault):
        assert (tmp_path / "bart.db-wal").stat().st_size > 0
        versions = inspect(tmp_path / "bart.db")
    assert versions.found == versions.known


async def test_an_older_database_stays_old(tmp_path: Path) -> None:
    path = await made(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")
    assert inspect(path).found == 0
    assert inspect(path).found == 0


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "bart.db").write_text("this is a shopping list, and quite a long one at that " * 40)
    with pytest.raises(StoreUnavailable, match="NOTADB"):
        inspect(tmp_path / "bart.db")
