"""The embedded desk: what the worker sees (Desk) and what staff see (Office) of the same cases."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from adapters.desks.embedded import cases, rules
from adapters.desks.embedded.cases import News
from adapters.desks.embedded.database import Database
from adapters.desks.embedded.options import Options
from adapters.desks.embedded.rows import case_of, change_of, place_of, similar_of
from adapters.desks.embedded.watchers import Watcher, Watchers
from bot.model.desk import (
    Addition,
    Case,
    CaseDeed,
    CaseEntry,
    CaseMark,
    Changes,
    DeskCapabilities,
    Filed,
    Filing,
    Similar,
)
from bot.model.errors import DeskLater, DeskRefused, StartError, StartTrouble, UnknownReport
from bot.model.ids import TenantId
from bot.model.place import EARTH_RADIUS_M, Point
from bot.ports.clock import Clock

MOST_CHANGES = 1000
"""Changes told at once; the cursor brings the rest at the next call."""
_CURSOR_DIGITS = 18
"""What fits SQLite's 64-bit integers."""

log = structlog.get_logger(__name__)


class EmbeddedDesk:
    """Implements `Desk`, `TellsChanges`, `Expires`, `Checks`, `Office` and `SharesWork`. Nothing is open before
    `async with`."""

    def __init__(
        self,
        *,
        tenant_id: TenantId,
        clock: Clock,
        options: Options,
        database: Database,
        most_changes: int = MOST_CHANGES,
    ) -> None:
        self._tenant_id = tenant_id
        self._clock = clock
        self._options = options
        self._database = database
        self._most_changes = most_changes
        self._watchers = Watchers()
        self._listeners: list[Callable[[], None]] = []

    async def __aenter__(self) -> EmbeddedDesk:
        await self._database.__aenter__()
        try:
            self._watchers.open()
            await self.expire(self._clock.moment().now)
        except DeskLater as error:
            await self._database.__aexit__()
            raise StartError(StartTrouble.FOR_NOW, str(error)) from error
        except BaseException:
            await self._database.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._watchers.close()
        await self._database.__aexit__(*exc)

    async def check(self) -> str:
        """For `bart check`: looks at the file and leaves it as it is."""
        found = await asyncio.to_thread(self._database.version)
        return "will be made" if found is None else f"its database is at version {found}"

    async def file(self, filing: Filing) -> Filed:
        """Once per `filing.own`, also when called at the same time."""
        rules.check_filing(filing)
        async with self._database.write() as write:
            now = self._clock.moment().now
            filed, news = await cases.file(write, filing, self._options.prefix, now)
        self._tell(news)
        return filed

    async def find(self, own: str) -> Filed | None:
        """What was filed under our own reference, with its status now."""
        async with self._database.read() as read:
            row = await read.one("case_by_own", own=own)
        return cases.filed_of(row) if row is not None else None

    async def add(self, reference: str, addition: Addition) -> None:
        """Once per `addition.own` and case. An answer, a withdrawal or "not solved" moves the case."""
        rules.check_addition(addition)
        async with self._database.write() as write:
            news = await cases.add(write, reference, addition, self._clock.moment())
        self._tell(news)

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        """Open cases of this desk's own tenant."""
        # A little wider than the radius: the box only keeps SQLite from looking at the whole city.
        span = math.degrees(radius_m / EARTH_RADIUS_M) * 1.001
        async with self._database.read() as read:
            rows = await read.all(
                "open_near",
                tenant_id=self._tenant_id,
                category=category,
                south=near.lat - span,
                north=near.lat + span,
            )
        found = []
        for row in rows:
            point = place_of(row).point
            distance = point.metres_to(near) if point else math.inf
            if distance <= radius_m:
                found.append((distance, row["id"], similar_of(row)))
        return tuple(similar for _, _, similar in sorted(found, key=lambda item: item[:2]))

    async def changes(self, cursor: str | None) -> Changes:
        """The cursor is the number of the last change. One from the future (the file was put back from a
        backup) starts over: repeats are harmless, losing changes is not.
        """
        number = _number(cursor)
        async with self._database.read() as read:
            last = await read.one("last_change")
            if last is None or number > last["number"]:
                number = 0
            rows = await read.all("changes_after", number=number, most=self._most_changes)
        number = rows[-1]["number"] if rows else number
        return Changes(cursor=str(number), changes=tuple(change_of(row) for row in rows))

    def capabilities(self) -> DeskCapabilities:
        """Polling is only a safety net: this desk tells its changes."""
        return DeskCapabilities(poll_seconds=60.0)

    def on_change(self, call: Callable[[], None]) -> None:
        """`call` after every committed status change."""
        self._listeners.append(call)

    async def expire(self, now: datetime, closed_for: timedelta | None = None) -> Mapping[str, int]:
        """Delete photos and contact details of cases closed for `closed_for` (default: the option
        `retention_days`). Their words stay with the municipality; the office's list shows them no more.
        """
        term = self._options.retention if closed_for is None else closed_for
        async with self._database.write() as write:
            counts = await cases.expire(write, now, term)
        # Each time: a reader may have kept the last one from emptying the log.
        await self._database.checkpoint()
        if counts["cases"]:
            log.info("desk.expired", **counts)
        return counts

    async def cases(self, tenant: TenantId) -> list[Case]:
        """All that are not past retention, newest first, without threads."""
        async with self._database.read() as read:
            rows = await read.all("cases_of_tenant", tenant_id=tenant)
            photos: dict[int, list[str]] = {}
            for photo in await read.all("photos_of_tenant", tenant_id=tenant):
                photos.setdefault(photo["case_id"], []).append(photo["id"])
        return [case_of(row, photos.get(row["id"], ())) for row in rows]

    async def case(self, tenant: TenantId, reference: str) -> Case:
        """With its thread, oldest first."""
        async with self._database.read() as read:
            return await cases.read_case(read, tenant, reference)

    async def act(self, tenant: TenantId, reference: str, deed: CaseDeed) -> Case:
        """What staff do; the case after it."""
        async with self._database.write() as write:
            case, news = await cases.act(write, tenant, reference, deed, self._clock.moment().now)
        self._tell(news)
        return case

    async def assign(self, tenant: TenantId, reference: str, to: str, by: str) -> Case:
        """Change hands; residents hear nothing of it."""
        async with self._database.write() as write:
            now = self._clock.moment().now
            entry = CaseEntry(at=now, kind=CaseMark.ASSIGNED, by=by, party=to)
            case, news = await cases.assign(write, tenant, reference, entry)
        self._tell(news)
        return case

    async def merge(self, tenant: TenantId, reference: str, into: str, by: str) -> Case:
        """Two cases of one thing; groups hear of it as a change of the first."""
        async with self._database.write() as write:
            case, told = await cases.merge(write, tenant, reference, into, by, self._clock.moment().now)
        for news in told:
            self._tell(news)
        return case

    async def photo(self, tenant: TenantId, reference: str, photo: str) -> bytes:
        """JPEG of a case of this tenant."""
        async with self._database.read() as read:
            row = await read.one("photo", tenant_id=tenant, reference=reference, photo=photo)
        if row is None:
            raise UnknownReport(reference)
        return bytes(row["jpeg"])

    def watch(self, tenant: TenantId) -> Watcher:
        """From this call on; ends when the desk is closed, or when its reader lags hopelessly."""
        return self._watchers.watch(tenant)

    def _tell(self, news: News | None) -> None:
        if news is None:
            return
        self._watchers.tell(news.tenant, news.reference)
        if news.status:
            for call in self._listeners:
                call()


def _number(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()) or len(cursor) > _CURSOR_DIGITS:
        raise DeskRefused("cursor", "is not one of this desk")
    return int(cursor)
