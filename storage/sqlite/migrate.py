"""Bringing a database to the version this program knows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import cache
from importlib import resources

import aiosqlite

from bot.model.errors import NewerDatabase


@cache
def migrations() -> dict[int, str]:
    """Scripts by version, in order."""
    folder = resources.files("storage.sqlite").joinpath("migrations")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return {int(file.name.split("_")[0]): file.read_text("utf-8") for file in files}


async def migrate(connection: aiosqlite.Connection) -> int:
    """Apply what is missing, one transaction each; the version reached. Raises `NewerDatabase`."""
    known = max(migrations())
    found = await version(connection)
    if found > known:
        raise NewerDatabase(found, known)
    for number, script in migrations().items():
        if number > found:
            await _apply(connection, number, script)
    return known


async def version(connection: aiosqlite.Connection) -> int:
    """The version the database says it has; 0 for an empty one."""
    (row,) = await connection.execute_fetchall("PRAGMA user_version")
    return int(row[0])


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one; triggers stay whole."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        raise ValueError("the last statement of a migration does not end")


async def _apply(connection: aiosqlite.Connection, number: int, script: str) -> None:
    await connection.execute_fetchall("BEGIN IMMEDIATE")
    try:
        # Another process may have been first while we waited for the lock.
        if await version(connection) < number:
            for statement in statements(script):
                await connection.execute_fetchall(statement)
            await connection.execute_fetchall(f"PRAGMA user_version = {number:d}")
        await connection.commit()
    except BaseException:
        await connection.rollback()
        raise
