"""One connection that writes, some that read, and what goes wrong with them as our own errors."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiosqlite

from bot.model.errors import StoreUnavailable
from storage.sqlite.migrate import migrate
from storage.sqlite.named import sql

READERS = 2
UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)
"""Primary result codes that are the disk's fault and not the program's."""

Params = Mapping[str, Any]


CACHE_KB = 8000
"""Pages each connection may keep. With SQLite's 2 MB the 100 groups of one batch evict each other once there are
100,000 groups, and loading them takes three times as long."""


class Session:
    """Named statements on one connection, inside one transaction."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def run(self, name: str, /, **params: object) -> list[sqlite3.Row]:
        """Run a statement; its rows, if it has any."""
        return list(await self._connection.execute_fetchall(sql(name), params))

    async def run_many(self, name: str, params: Sequence[Params]) -> None:
        """Run a statement once for each set of parameters."""
        if params:
            cursor = await self._connection.executemany(sql(name), params)
            await cursor.close()


class Connections:
    """The writer under a lock, the idle readers in a queue."""

    def __init__(self, writer: aiosqlite.Connection, readers: Sequence[aiosqlite.Connection]) -> None:
        self.writer = writer
        self.readers = tuple(readers)
        self._lock = asyncio.Lock()
        self._idle: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
        for reader in readers:
            self._idle.put_nowait(reader)

    async def fetch(self, name: str, /, **params: object) -> list[sqlite3.Row]:
        """Rows of one statement, on a reader."""
        async with self._reader() as reader:
            return await Session(reader).run(name, **params)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """Several statements that see one state of the database."""
        async with self._reader() as reader:
            await reader.execute_fetchall("BEGIN")
            try:
                yield Session(reader)
            finally:
                await reader.rollback()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        """One transaction: on disk when this is left, or as if it never was."""
        async with self._lock:
            with unavailable():
                try:
                    await self.writer.execute_fetchall("BEGIN IMMEDIATE")
                    yield Session(self.writer)
                    await self.writer.execute_fetchall("COMMIT")
                except BaseException:
                    # A no-op where nothing was begun. Queued behind whatever a cancelled caller left running.
                    await self.writer.rollback()
                    raise

    async def data_version(self) -> int:
        """Changes when anybody else has written: another process, never this writer."""
        with unavailable():
            rows = list(await self.writer.execute_fetchall("PRAGMA data_version"))
        version: int = rows[0][0]
        return version

    async def checkpoint(self) -> None:
        """Empty the write-ahead log, unless a reader still needs it."""
        async with self._lock:
            with unavailable():
                await Session(self.writer).run("checkpoint")

    async def settled(self) -> None:
        """Wait for the transaction under way, if any."""
        async with self._lock:
            return

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[aiosqlite.Connection]:
        reader = await self._idle.get()
        try:
            with unavailable():
                yield reader
        finally:
            self._idle.put_nowait(reader)


@contextmanager
def unavailable() -> Iterator[None]:
    """Raise `StoreUnavailable` for what the disk does to us; faults of the program pass."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"the database: {error.strerror}") from error
    except sqlite3.DatabaseError as error:
        # Errors that sqlite3 raises by itself carry no code.
        code = getattr(error, "sqlite_errorcode", None)
        if code is None or code & 0xFF not in UNAVAILABLE:
            raise
        raise StoreUnavailable(f"the database: {error.sqlite_errorname}") from error


@asynccontextmanager
async def connect(path: Path, busy: float) -> AsyncIterator[Connections]:
    """Connections to a database at the newest version. `busy`: seconds to wait for another process."""
    async with AsyncExitStack() as stack:
        with unavailable():
            await asyncio.to_thread(_make_private, path)
            writer = await stack.enter_async_context(aiosqlite.connect(path, isolation_level=None))
            await _prepare(writer, busy)
            await migrate(writer)
            readers = []
            for _ in range(READERS):
                reader = await stack.enter_async_context(aiosqlite.connect(path, isolation_level=None))
                await _prepare(reader, busy)
                await reader.execute_fetchall("PRAGMA query_only = ON")
                readers.append(reader)
        connections = Connections(writer, readers)
        try:
            yield connections
        finally:
            await connections.settled()


def _make_private(path: Path) -> None:
    # SQLite gives the files beside the database the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


async def _prepare(connection: aiosqlite.Connection, busy: float) -> None:
    connection.row_factory = sqlite3.Row
    for pragma in (
        f"busy_timeout = {int(busy * 1000):d}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        f"cache_size = -{CACHE_KB:d}",
    ):
        await connection.execute_fetchall(f"PRAGMA {pragma}")
