"""What a desk elsewhere has of ours, written down before it is sent and after it arrived, in a file of our own.

For systems that cannot say themselves what they had from us, or what changed since. No words of residents are in
here; the explanations of staff are, until the report is over for good.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import aiosqlite

from bot.model.desk import Changes
from bot.model.errors import DeskLater, DeskRefused, StartError, StartTrouble
from bot.model.report import Status, StatusChange

MOST_CHANGES = 1000
"""Changes told at once; the cursor brings the rest at the next call."""
LATER_S = 30.0
REMEMBERED = timedelta(days=365)
"""How long after its end a report is remembered, as the embedded desk does."""
_CURSOR_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One report. `arrived` is false while its fate is unknown. `remote` is the other system's own id, `word`
    its own word for the status."""

    own: str
    arrived: bool
    reference: str
    remote: str
    token: str
    link: str
    category: str
    status: Status
    word: str
    begun_at: datetime
    changed_at: datetime
    checked_at: datetime


@cache
def _queries() -> Mapping[str, str]:
    text = resources.files(__package__).joinpath("ledger.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    return {name: sql.strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}


class Ledger:
    """One file, one connection, one statement at a time. Raises `DeskLater` when the file cannot be used now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._connection: aiosqlite.Connection | None = None

    async def __aenter__(self) -> Ledger:
        try:
            async with AsyncExitStack() as stack:
                await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
                connection = await stack.enter_async_context(aiosqlite.connect(self._path, isolation_level=None))
                connection.row_factory = sqlite3.Row
                for pragma in ("journal_mode = wal", "synchronous = full", "secure_delete = on"):
                    await connection.execute_fetchall(f"pragma {pragma}")
                await connection.executescript(_queries()["schema"])
                self._connection, self._stack = connection, stack.pop_all()
        except (sqlite3.Error, OSError) as error:
            good = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
            trouble = StartTrouble.FOR_GOOD if good else StartTrouble.FOR_NOW
            raise StartError(trouble, f"cannot open {self._path}: {error}") from error
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._connection = None
        await self._stack.aclose()

    async def begin(self, own: str, category: str, now: datetime) -> None:
        """About to send it: from here on its fate is unknown until `settle` or `forget`."""
        await self._run("begin", own=own, category=category, now=_text(now))

    async def forget(self, own: str) -> None:
        """It surely was not sent."""
        await self._run("forget", own=own)

    async def settle(self, own: str, reference: str, *, remote: str = "", token: str = "", link: str = "") -> None:
        """It arrived under this reference."""
        await self._run("settle", own=own, reference=reference, remote=remote or None, token=token, link=link)

    async def stand(self, reference: str, status: Status, word: str, now: datetime) -> None:
        """How it stands already; no news."""
        await self._run("move", reference=reference, status=status, word=word, at=_text(now))

    async def resolve(self, own: str, remote: str) -> None:
        """The other system made up its mind about the id."""
        await self._run("resolve", own=own, remote=remote)

    async def checked(self, own: str, now: datetime) -> None:
        """Looked whether there is an id."""
        await self._run("checked", own=own, now=_text(now))

    async def by_own(self, own: str) -> Entry | None:
        """What is known under our own reference."""
        return _entry(await self._all("by_own", own=own))

    async def by_reference(self, reference: str) -> Entry | None:
        """What residents and staff know it by."""
        return _entry(await self._all("by_reference", reference=reference))

    async def by_remote(self, remote: str) -> Entry | None:
        """By the other system's id."""
        return _entry(await self._all("by_remote", remote=remote))

    async def watched(self, since: datetime) -> list[Entry]:
        """Open reports, and those that ended after `since`; oldest first."""
        return [_read(row) for row in await self._all("watched", since=_text(since))]

    async def tell(self, key: str, change: StatusChange | None, now: datetime, word: str = "") -> bool:
        """Write down once per `key` what it told, None where that is no news; was the key new?"""
        async with self._transaction() as connection:
            async with connection.execute(_queries()["see"], {"key": key, "now": _text(now)}) as cursor:
                if not cursor.rowcount:
                    return False
            if change is not None:
                moved = {"reference": change.reference, "status": change.status, "at": _text(change.at)}
                until = _text(change.until) if change.until else None
                told = {**moved, "note": change.note, "party": change.party, "until": until}
                await connection.execute_fetchall(_queries()["tell"], told)
                await connection.execute_fetchall(_queries()["move"], {**moved, "word": word})
            return True

    async def changes(self, cursor: str | None) -> Changes:
        """After this cursor, in the order they became known. A cursor from the future (the file was put back
        from a backup) starts over: repeats are harmless, losing changes is not."""
        number = number_of(cursor)
        last = await self._all("last_change")
        if not last or number > last[0]["number"]:
            number = 0
        rows = await self._all("changes_after", number=number, most=MOST_CHANGES)
        upto = rows[-1]["number"] if rows else number
        return Changes(cursor=str(upto), changes=tuple(_change(row) for row in rows))

    async def try_adding(self, reference: str, own: str, now: datetime) -> bool:
        """About to add; was it tried before? `done_adding` says that it arrived."""
        return not await self._run("try_adding", reference=reference, own=own, now=_text(now))

    async def done_adding(self, reference: str, own: str) -> None:
        """It is there."""
        await self._run("done_adding", reference=reference, own=own)

    async def is_added(self, reference: str, own: str) -> bool:
        """Is it surely there?"""
        rows = await self._all("adding", reference=reference, own=own)
        return bool(rows and rows[0]["done"])

    async def mark(self, name: str) -> str:
        """A word remembered under a name; "" where there is none."""
        rows = await self._all("mark", name=name)
        return str(rows[0]["value"]) if rows else ""

    async def set_mark(self, name: str, value: str) -> None:
        """Remember it."""
        await self._run("set_mark", name=name, value=value)

    async def expire(self, now: datetime) -> Mapping[str, int]:
        """Forget what ended so long ago that nobody asks for it any more."""
        before = _text(now - REMEMBERED)
        counts = {}
        for what in ("changes", "added", "seen", "filed"):
            counts[what] = await self._run(f"expire_{what}", before=before)
        return counts

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        if self._connection is None:
            raise RuntimeError("the ledger is not open: use it inside `async with`")
        connection = self._connection
        async with self._lock:
            try:
                await connection.execute_fetchall("begin immediate")
                yield connection
                await connection.commit()
            except sqlite3.OperationalError as error:
                await connection.rollback()
                raise DeskLater(LATER_S, "the desk's own file is locked, full or away") from error
            except BaseException:
                await connection.rollback()
                raise

    async def _run(self, query: str, /, **values: Any) -> int:
        async with self._transaction() as connection, connection.execute(_queries()[query], values) as cursor:
            return cursor.rowcount

    async def _all(self, query: str, /, **values: Any) -> list[sqlite3.Row]:
        async with self._transaction() as connection:
            return list(await connection.execute_fetchall(_queries()[query], values))


def number_of(cursor: str | None) -> int:
    """The number a cursor of a ledger stands for; raises `DeskRefused` for anything else."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()) or len(cursor) > _CURSOR_DIGITS:
        raise DeskRefused("cursor", "is not one of this desk")
    return int(cursor)


def _text(moment: datetime) -> str:
    """Fixed width, so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _entry(rows: list[sqlite3.Row]) -> Entry | None:
    return _read(rows[0]) if rows else None


def _read(row: sqlite3.Row) -> Entry:
    return Entry(
        own=row["own"],
        arrived=row["state"] == "filed",
        reference=row["reference"] or "",
        remote=row["remote"] or "",
        token=row["token"],
        link=row["link"],
        category=row["category"],
        status=Status(row["status"]),
        word=row["word"],
        begun_at=datetime.fromisoformat(row["begun_at"]),
        changed_at=datetime.fromisoformat(row["changed_at"]),
        checked_at=datetime.fromisoformat(row["checked_at"]),
    )


def _change(row: sqlite3.Row) -> StatusChange:
    return StatusChange(
        reference=row["reference"],
        status=Status(row["status"]),
        at=datetime.fromisoformat(row["at"]),
        note=row["note"],
        party=row["party"],
        until=datetime.fromisoformat(row["until"]) if row["until"] else None,
    )
