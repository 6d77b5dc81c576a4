"""Following reports with an account: one list for all of this source, and the history of those that moved."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from adapters.desks.signalen.client import Client, Params
from adapters.desks.signalen.ledger import Kept, Ledger, News
from adapters.desks.signalen.options import Options
from adapters.desks.signalen.pace import interval, removed
from adapters.desks.signalen.rows import ReportPage, ReportRow, StepRow, utc
from adapters.desks.signalen.steps import Reading, needs_history, read_steps
from adapters.desks.signalen.wording import has_mark, iso, marked
from bot.model.errors import UnknownReport
from bot.ports.clock import Clock

LIST = "/v1/private/signals/"
PAGE = 500
"""Rows of about 3 kB each: 1.5 MB at a time."""
OVERLAP = timedelta(seconds=60)
"""A change may become visible after a later one: `updated_at` is set before the server commits."""
MOST_HISTORIES = 500
"""In one poll; the next goes on where this one stopped."""
MOST_LOOKS = 50
AT_ONCE = 6
STILL_THERE_S = 7 * 86400.0
"""How often a report that the list says nothing about is asked for: deleted ones vanish silently."""
MARK = "updated"

log = structlog.get_logger(__name__)


class PrivateFollowing:
    """`poll` brings the ledger up to date."""

    def __init__(self, client: Client, ledger: Ledger, clock: Clock, options: Options) -> None:
        self._client = client
        self._ledger = ledger
        self._clock = clock
        self._options = options
        self._few = asyncio.Semaphore(AT_ONCE)

    async def poll(self) -> None:
        """All that moved since the last time, then what must be looked at by itself."""
        await self._list()
        now = self._clock.moment().now
        due = await self._ledger.due(now.timestamp(), MOST_LOOKS)
        for kept in due:
            await self._look(kept, now)

    async def row(self, number: int) -> ReportRow | None:
        """One report. The list is asked, because the detail does not tell the uuid."""
        page = await self._client.get(LIST, ReportPage, [("id", str(number))])
        return page.results[0] if page.results else None

    async def search(self, own: str, since: datetime, until: datetime, *, any_source: bool) -> ReportRow | None:
        """The report with our own reference in it, among those made between these times."""
        params: Params = [("created_after", iso(since)), ("created_before", iso(until))]
        params += [("ordering", "-created_at"), ("page_size", str(PAGE))]
        if not any_source:
            params.append(("source", self._options.source))
        page = 1
        while True:
            rows = await self._page([*params, ("page", str(page))])
            for row in rows:
                if has_mark(row.all_text, own):
                    return row
            if len(rows) < PAGE:
                return None
            page += 1

    def fresh(self, row: ReportRow, *, apart: bool) -> Kept:
        """A report that was not known here."""
        geometry = row.location.geometrie if row.location else None
        created = utc(row.created_at)
        return Kept(
            reference=row.id_display,
            number=row.id,
            uuid=row.signal_id,
            own=marked(row.all_text) or None,
            tells=row.id_display,
            category=f"{row.category.main_slug}/{row.category.sub_slug}",
            point=geometry.point if geometry else None,
            filed_at=created,
            seen_at=created,
            apart=apart,
            due_at=self._next(created, apart=apart),
        )

    async def take(self, rows: Sequence[ReportRow], mark: str = "") -> int:
        """Read what moved of these, and remember it with how far the list was read; how many histories it took."""
        known = await self._ledger.by_numbers(row.id for row in rows)
        moved = [row for row in rows if needs_history(row, known.get(row.id), self._options.question_prefix)]
        readings = await asyncio.gather(*(self._read(row, known.get(row.id)) for row in moved))
        done = {reading.kept.number for reading in readings}
        new = [self.fresh(row, apart=False) for row in rows if row.id not in known and row.id not in done]
        news: list[News] = [one for reading in readings for one in reading.news]
        news.sort(key=lambda one: one[1].at)
        kept = [*(reading.kept for reading in readings), *new]
        if kept or mark:
            await self._ledger.tell(news, kept, (MARK, mark) if mark else None)
        return len(moved)

    async def _list(self) -> None:
        """Page by page, each beginning where the last ended: what moves meanwhile shifts page numbers."""
        mark = await self._ledger.mark(MARK)
        after = datetime.fromisoformat(mark) - OVERLAP if mark else None
        seen: set[tuple[int, datetime]] = set()
        histories, number = 0, 1
        while histories < MOST_HISTORIES:
            params: Params = [
                ("source", self._options.source),
                ("ordering", "updated_at"),
                ("page_size", str(PAGE)),
                ("page", str(number)),
            ]
            if after is not None:
                params.append(("updated_after", iso(after)))
            rows = await self._page(params)
            fresh = [row for row in rows if (row.id, row.updated_at) not in seen]
            if not rows:
                return
            last = utc(rows[-1].updated_at)
            if fresh:
                far = max(last, datetime.fromisoformat(mark)) if mark else last
                histories += await self.take(fresh, far.isoformat())
            if len(rows) < PAGE:
                return
            number = number + 1 if last == after else 1
            after = last
            seen = {(row.id, row.updated_at) for row in rows if utc(row.updated_at) == last}

    async def _page(self, params: Params) -> Sequence[ReportRow]:
        try:
            return (await self._client.get(LIST, ReportPage, params)).results
        except UnknownReport:
            # The page after the last: as many rows as fill whole pages.
            return ()

    async def _read(self, row: ReportRow, known: Kept | None) -> Reading:
        kept = known or self.fresh(row, apart=False)
        async with self._few:
            try:
                steps = await self._client.get(f"{LIST}{row.id}/history", list[StepRow])
            except UnknownReport:
                # Deleted between the list and this question.
                steps = []
        return read_steps(row, steps, kept, self._options.question_prefix)

    async def _look(self, kept: Kept, now: datetime) -> None:
        row = await self.row(kept.number)
        if row is None:
            log.info("desk.report_removed", status=kept.status.value)
            await self._ledger.tell(*removed(kept, now))
            return
        await self.take([row])
        current = (await self._ledger.by_numbers([kept.number])).get(kept.number, kept)
        due = self._next(kept.filed_at, apart=kept.apart)
        await self._ledger.tell((), [replace(current, due_at=due)])

    def _next(self, filed_at: datetime, *, apart: bool) -> float:
        now = self._clock.moment().now
        wait = interval(now - filed_at, self._options.poll_seconds) if apart else STILL_THERE_S
        return now.timestamp() + wait
