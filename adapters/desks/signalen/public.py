"""Following reports without an account: open or closed, one question for each, more seldom as it grows old."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from adapters.desks.signalen.client import Client
from adapters.desks.signalen.ledger import Kept, Ledger, News
from adapters.desks.signalen.options import Options
from adapters.desks.signalen.pace import interval, removed
from adapters.desks.signalen.rows import PublicRow, utc
from bot.model.errors import UnknownReport
from bot.model.report import Status, StatusChange
from bot.ports.clock import Clock

LIST = "/v1/public/signals/"
MOST_LOOKS = 200
AT_ONCE = 4
CLOSED_FOR = timedelta(days=30)
"""A closed report is looked at for so long: its reporter may have it reopened for 14 days."""

log = structlog.get_logger(__name__)


class PublicFollowing:
    """`poll` brings the ledger up to date."""

    def __init__(self, client: Client, ledger: Ledger, clock: Clock, options: Options) -> None:
        self._client = client
        self._ledger = ledger
        self._clock = clock
        self._options = options
        self._few = asyncio.Semaphore(AT_ONCE)

    async def poll(self) -> None:
        """Those that are due. Each is remembered by itself: one that fails does not hold up the others."""
        now = self._clock.moment().now
        due = await self._ledger.due(now.timestamp(), MOST_LOOKS)
        outcomes = await asyncio.gather(*(self._look(kept, now) for kept in due), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def row(self, uuid: str) -> PublicRow | None:
        """One report; None where it is not there any more."""
        try:
            return await self._client.get(f"{LIST}{uuid}", PublicRow)
        except UnknownReport:
            return None

    async def _look(self, kept: Kept, now: datetime) -> None:
        async with self._few:
            row = await self.row(kept.uuid)
        if row is None:
            log.info("desk.report_removed", status=kept.status.value)
            await self._ledger.tell(*removed(kept, now))
            return
        closed = row.status.state == "CLOSED"
        news: list[News] = []
        if closed is kept.status.is_open:
            at = utc(row.updated_at)
            status = Status.CLOSED if closed else Status.REOPENED
            change = StatusChange(reference=kept.tells, status=status, at=at)
            news.append((f"{kept.number}:{at.isoformat()}", change))
            kept = replace(kept, status=status, seen_at=at)
        await self._ledger.tell(news, [self._again(kept, now)])

    def _again(self, kept: Kept, now: datetime) -> Kept:
        since = kept.filed_at if kept.status.is_open else kept.seen_at
        wait = interval(now - since, self._options.poll_seconds)
        over = not kept.status.is_open and now - kept.seen_at > CLOSED_FOR
        return replace(kept, due_at=now.timestamp() + wait, gone=over)
