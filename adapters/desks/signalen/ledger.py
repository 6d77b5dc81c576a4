"""What this desk remembers on its own disk: both numbers of each report, what was tried, what was told.

Signalen has no idempotency, no webhooks and, for the public, no list; without this nothing could be told once.
No words of residents are in it, and no place once a report is closed for a while.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiosqlite

from bot.model.errors import DeskLater, StartError, StartTrouble
from bot.model.place import Point
from bot.model.report import Status, StatusChange

HOUR_S = 3600.0
LATER_S = 30.0
FORGET_AFTER = timedelta(days=90)
"""After closing. Feedback of a reporter may reopen a report for 14 days (contract); then it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One report there. `tells`: the reference residents know it by, another one where it continues an older
    report. `apart`: no list of ours has it, so it is asked for by itself. `seen_at`: the newest step known.
    `asked`: a note asked residents something and nobody answered yet. `due_at`: when to look at it, epoch seconds.
    """

    reference: str
    number: int
    uuid: str
    own: str | None
    tells: str
    category: str
    point: Point | None
    filed_at: datetime
    seen_at: datetime
    status: Status = Status.RECEIVED
    apart: bool = False
    asked: bool = False
    due_at: float = 0.0
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Something was sent and no answer is known. `detail` is the sender's."""

    at: datetime
    detail: int


News = tuple[str, StatusChange]
"""A key that is the same whenever the same step is told, and the change."""


@cache
def _queries() -> Mapping[str, str]:
    text = resources.files(__package__).joinpath("queries.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    return {name: sql.strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}


class Ledger:
    """One SQLite file, one connection. Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()
        self._connection: aiosqlite.Connection | None = None

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
            connection = await aiosqlite.connect(self._path, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise StartError(StartTrouble.FOR_NOW, f"{self._path.name}: {type(error).__name__}") from error
        try:
            connection.row_factory = sqlite3.Row
            await connection.execute("pragma journal_mode = wal")
            await connection.executescript(resources.files(__package__).joinpath("schema.sql").read_text("utf-8"))
        except sqlite3.Error as error:
            await connection.close()
            raise StartError(StartTrouble.FOR_GOOD, f"{self._path.name} is no database of this desk") from error
        self._connection = connection
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[aiosqlite.Connection]:
        if self._connection is None:
            raise RuntimeError("the desk is not open")
        async with self._lock:
            try:
                await self._connection.execute("begin immediate")
                try:
                    yield self._connection
                except BaseException:
                    await self._connection.rollback()
                    raise
                await self._connection.commit()
            except sqlite3.OperationalError as error:
                raise DeskLater(LATER_S, "the desk's own file is locked, full or away") from error

    async def _rows(self, query: str, **values: Any) -> list[sqlite3.Row]:
        async with self._write() as write:
            return list(await write.execute_fetchall(_queries()[query], values))

    async def _run(self, *statements: tuple[str, Mapping[str, Any]]) -> list[int]:
        async with self._write() as write:
            counts = []
            for name, values in statements:
                async with await write.execute(_queries()[name], values) as cursor:
                    counts.append(cursor.rowcount)
            return counts

    # What was tried

    async def attempt(self, own: str) -> Attempt | None:
        """What was sent under this reference of ours without an answer so far."""
        rows = await self._rows("attempt", own=own)
        return Attempt(at=datetime.fromisoformat(rows[0]["at"]), detail=rows[0]["detail"]) if rows else None

    async def begin(self, own: str, now: datetime, detail: int = 0) -> None:
        """Something is about to be sent."""
        await self._run(("put_attempt", {"own": own, "at": now.isoformat(), "detail": detail}))

    async def end(self, own: str) -> None:
        """It surely did not arrive, or its outcome is kept elsewhere."""
        await self._run(("drop_attempt", {"own": own}))

    # Reports

    async def keep(self, kept: Kept) -> None:
        """A new report, and the end of its attempt."""
        await self._run(("put_report", _values(kept)), ("drop_attempt", {"own": kept.own}))

    async def by_own(self, own: str) -> Kept | None:
        """Filed under our own reference."""
        return _first(await self._rows("report_by_own", own=own))

    async def by_reference(self, reference: str) -> Kept | None:
        """Under the desk's reference."""
        return _first(await self._rows("report_by_reference", reference=reference))

    async def successor(self, reference: str) -> Kept | None:
        """The newest report that continues this one."""
        return _first(await self._rows("successor_of", reference=reference))

    async def by_numbers(self, numbers: Iterable[int]) -> dict[int, Kept]:
        """Those of these that are known."""
        rows = await self._rows("reports_by_number", numbers=json.dumps(list(numbers)))
        return {row["number"]: _kept(row) for row in rows}

    async def due(self, now: float, most: int) -> list[Kept]:
        """Those to look at one by one, longest due first."""
        return [_kept(row) for row in await self._rows("reports_due", now=now, most=most)]

    # What was told

    async def tell(self, news: Sequence[News], kept: Iterable[Kept], mark: tuple[str, str] | None = None) -> None:
        """Changes with what they leave behind, all or nothing. A key told before is left out."""
        async with self._write() as write:
            await write.executemany(_queries()["add_news"], [_news_values(key, change) for key, change in news])
            await write.executemany(_queries()["put_report"], [_values(one) for one in kept])
            if mark is not None:
                await write.execute(_queries()["set_mark"], {"name": mark[0], "value": mark[1]})

    async def born(self, now: datetime) -> datetime:
        """Since when everything that was sent is known here."""
        found = await self.mark("born")
        if found is None:
            await self._run(("set_mark", {"name": "born", "value": now.isoformat()}))
        return datetime.fromisoformat(found) if found else now

    async def mark(self, name: str) -> str | None:
        """How far something was read."""
        rows = await self._rows("get_mark", name=name)
        return str(rows[0]["value"]) if rows else None

    async def last(self) -> int:
        """The number of the newest change told."""
        return int((await self._rows("last_news"))[0]["number"] or 0)

    async def told_after(self, number: int, most: int) -> list[tuple[int, StatusChange]]:
        """Changes with their numbers, oldest first."""
        rows = await self._rows("news_after", number=number, most=most)
        return [(row["number"], _change(row)) for row in rows]

    # The budget of the public API

    async def spend(self, now: datetime, most: int) -> float:
        """Count a POST; seconds to wait where the last hour had `most` already."""
        at = now.timestamp()
        async with self._write() as write:
            window = {"since": at - HOUR_S, "now": at}
            await write.execute(_queries()["drop_spent"], window)
            (row,) = await write.execute_fetchall(_queries()["spent"], window)
            if row["count"] >= most:
                return float(row["first"] + HOUR_S - at)
            await write.execute(_queries()["spend"], {"at": at})
        return 0.0

    async def refund(self) -> None:
        """The newest POST did not count."""
        await self._run(("refund", {}))

    async def expire(self, now: datetime) -> dict[str, int]:
        """Forget places of closed reports after 30 days, and what was tried, told or closed after 90."""
        before, blur = (now - FORGET_AFTER).isoformat(), (now - FORGET_AFTER / 3).isoformat()
        old = ("drop_old_reports", "drop_old_news", "drop_old_attempts")
        counts = await self._run(*((name, {"before": before}) for name in old), ("blur_closed", {"before": blur}))
        return {"reports": counts[0], "texts": counts[1], "attempts": counts[2], "places": counts[3]}


def _first(rows: list[sqlite3.Row]) -> Kept | None:
    return _kept(rows[0]) if rows else None


def _kept(row: sqlite3.Row) -> Kept:
    point = Point(lat=row["lat"], lon=row["lon"]) if row["lat"] is not None else None
    return Kept(
        reference=row["reference"],
        number=row["number"],
        uuid=row["uuid"],
        own=row["own"],
        tells=row["tells"],
        category=row["category"],
        point=point,
        filed_at=datetime.fromisoformat(row["filed_at"]),
        seen_at=datetime.fromisoformat(row["seen_at"]),
        status=Status(row["status"]),
        apart=bool(row["apart"]),
        asked=bool(row["asked"]),
        due_at=row["due_at"],
        gone=bool(row["gone"]),
    )


def _values(kept: Kept) -> dict[str, Any]:
    point = kept.point
    return {
        "reference": kept.reference,
        "number": kept.number,
        "uuid": kept.uuid,
        "own": kept.own,
        "tells": kept.tells,
        "apart": kept.apart,
        "category": kept.category,
        "lat": point.lat if point else None,
        "lon": point.lon if point else None,
        "filed_at": kept.filed_at.isoformat(),
        "status": kept.status.value,
        "seen_at": kept.seen_at.isoformat(),
        "asked": kept.asked,
        "due_at": kept.due_at,
        "gone": kept.gone,
    }


def _news_values(key: str, change: StatusChange) -> dict[str, Any]:
    return {
        "key": key,
        "reference": change.reference,
        "status": change.status.value,
        "at": change.at.isoformat(),
        "note": change.note,
        "until": change.until.isoformat() if change.until else None,
    }


def _change(row: sqlite3.Row) -> StatusChange:
    return StatusChange(
        reference=row["reference"],
        status=Status(row["status"]),
        at=datetime.fromisoformat(row["at"]),
        note=row["note"],
        until=datetime.fromisoformat(row["until"]) if row["until"] else None,
    )
