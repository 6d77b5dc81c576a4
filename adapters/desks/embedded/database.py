"""The desk's own SQLite file: opening, migrating, and transactions that either happened or did not."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import aiosqlite

from bot.model.errors import DeskError, DeskLater, DeskUnsure, NewerDatabase, StartError, StartTrouble

BUSY_SECONDS = 2.0
"""How long a statement waits for another process (the command line beside the server)."""
LATER_SECONDS = 30.0
_WAL_PAUSE_SECONDS = 0.02
_RESULT_CODE = 0xFF
"""Extended result codes carry the primary code in their low byte (sqlite.org/rescode.html)."""
_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_MAYBE_WRITTEN = frozenset({sqlite3.SQLITE_IOERR})
_FOR_GOOD = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})


@cache
def queries() -> Mapping[str, str]:
    """The statements of `queries.sql` by name."""
    text = resources.files(__package__).joinpath("queries.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    return {name: sql.strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}


@cache
def migrations() -> tuple[tuple[int, str], ...]:
    """(version, script) of every migration, oldest first."""
    files = resources.files(__package__).joinpath("migrations").iterdir()
    scripts = ((file.name, file.read_text("utf-8")) for file in files if file.name.endswith(".sql"))
    return tuple((int(name.partition("_")[0]), script) for name, script in sorted(scripts))


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 where the error did not come from SQLite itself."""
    return int(getattr(error, "sqlite_errorcode", 0)) & _RESULT_CODE


def trouble(error: sqlite3.Error, committing: bool) -> DeskError | None:
    """What a failed transaction means for the caller; None for a fault of this program or a broken file.

    Everything before the commit was rolled back. A commit that found the disk full or the file locked wrote
    no valid commit record. After an I/O error in the commit itself nobody knows.
    """
    code = primary_code(error)
    if committing and code in _MAYBE_WRITTEN:
        return DeskUnsure(type(error).__name__)
    if code in _AWAY:
        return DeskLater(LATER_SECONDS, "the desk's database is locked, full or away")
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Raise `DeskLater` for what passes by itself."""
    try:
        yield
    except sqlite3.Error as error:
        known = trouble(error, committing=False)
        if known is None:
            raise
        raise known from error


class Transaction:
    """Named statements inside one transaction."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def run(self, name: str, **values: Any) -> int:
        """Execute; returns how many rows changed."""
        cursor = await self._connection.execute(queries()[name], values)
        async with cursor:
            return cursor.rowcount

    async def one(self, name: str, **values: Any) -> sqlite3.Row | None:
        """The first row, if any."""
        rows = await self.all(name, **values)
        return rows[0] if rows else None

    async def all(self, name: str, **values: Any) -> list[sqlite3.Row]:
        """All rows."""
        rows = await self._connection.execute_fetchall(queries()[name], values)
        return list(rows)


class Database:
    """Two connections, so that pages read while the worker writes, each used by one task at a time."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._stack = AsyncExitStack()
        self._write_lock = asyncio.Lock()
        self._read_lock = asyncio.Lock()
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None

    async def __aenter__(self) -> Database:
        try:
            async with AsyncExitStack() as stack:
                await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
                self._writer = await stack.enter_async_context(self._connect())
                await self._prepare(self._writer)
                self._reader = await stack.enter_async_context(self._connect())
                await self._reader.execute("pragma query_only = on")
                self._stack = stack.pop_all()
        except (sqlite3.Error, OSError) as error:
            raise self._closed_for(error) from error
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()
        self._writer = self._reader = None

    def version(self) -> int | None:
        """The file's, without changing it; None where there is none yet. Raises what opening it would raise."""
        if not self._path.is_file():
            return None
        # Where nothing waits in a log the main file is whole, and SQLite need not make files beside it to read it.
        log = self._path.with_name(f"{self._path.name}-wal")
        mode = "mode=ro" if log.is_file() and log.stat().st_size else "mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?{mode}", uri=True)) as connection:
                (found,) = connection.execute("pragma user_version").fetchone()
        except sqlite3.Error as error:
            raise self._closed_for(error) from error
        known = migrations()[-1][0]
        if found > known:
            raise NewerDatabase(found, known)
        return int(found)

    def _closed_for(self, error: Exception) -> StartError:
        for_good = isinstance(error, sqlite3.Error) and primary_code(error) in _FOR_GOOD
        kind = StartTrouble.FOR_GOOD if for_good else StartTrouble.FOR_NOW
        return StartError(kind, f"cannot open {self._path}: {error}")

    @property
    def connection(self) -> aiosqlite.Connection:
        """The writing connection of an open database."""
        return _opened(self._writer)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """One transaction, alone; raises `DeskLater` when surely nothing happened, else `DeskUnsure`."""
        async with self._write_lock:
            connection = _opened(self._writer)
            committing = False
            try:
                await connection.execute("begin immediate")
                yield Transaction(connection)
                committing = True
                await connection.commit()
            except sqlite3.Error as error:
                await connection.rollback()
                known = trouble(error, committing)
                if known is None:
                    raise
                raise known from error
            except BaseException:
                # Unconditional: a cancelled `begin` may still be on its way to the connection's thread.
                await connection.rollback()
                raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A consistent view; raises `DeskLater`."""
        async with self._read_lock:
            connection = _opened(self._reader)
            try:
                with translated():
                    await connection.execute("begin")
                    yield Transaction(connection)
            finally:
                await connection.rollback()

    async def checkpoint(self) -> None:
        """Empty the write-ahead log, so that what was deleted is not left in there either."""
        async with self._write_lock, self._read_lock:
            with translated():
                await _opened(self._writer).execute_fetchall("pragma wal_checkpoint(truncate)")

    def _connect(self) -> aiosqlite.Connection:
        return aiosqlite.connect(self._path, timeout=self._busy_seconds, isolation_level=None)

    async def _prepare(self, connection: aiosqlite.Connection) -> None:
        await self._switch_to_wal(connection)
        for pragma in ("synchronous = full", "secure_delete = on", "foreign_keys = on"):
            await connection.execute_fetchall(f"pragma {pragma}")
        await _migrate(connection)

    async def _switch_to_wal(self, connection: aiosqlite.Connection) -> None:
        """SQLite does not wait for this one lock, which two processes that open a new file both want."""
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                await connection.execute_fetchall("pragma journal_mode = wal")
                return
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_WAL_PAUSE_SECONDS)


async def _migrate(connection: aiosqlite.Connection) -> None:
    """Bring the file up to date in one transaction; of two processes at once the second finds it done."""
    known = migrations()[-1][0]
    try:
        await connection.execute("begin immediate")
        found = int(next(iter(await connection.execute_fetchall("pragma user_version")))[0])
        if found > known:
            raise NewerDatabase(found, known)
        for version, script in migrations():
            if version > found:
                for statement in statements(script):
                    await connection.execute(statement)
                await connection.execute(f"pragma user_version = {version}")
        await connection.commit()
    except BaseException:
        await connection.rollback()
        raise


def statements(script: str) -> Iterator[str]:
    """The statements of an SQL script whose statements end at a line's end."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _opened(connection: aiosqlite.Connection | None) -> aiosqlite.Connection:
    if connection is None:
        raise RuntimeError("the desk is not open: use it inside `async with`")
    connection.row_factory = sqlite3.Row
    return connection
