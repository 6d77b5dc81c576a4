"""The municipality's category tree, read again every hour: installations change theirs."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from adapters.desks.signalen.categories import Categories
from adapters.desks.signalen.client import Client
from adapters.desks.signalen.options import Options
from adapters.desks.signalen.rows import MainPage
from bot.model.errors import DeskLater, UnknownReport
from bot.ports.clock import Clock

PATH = "/v1/public/terms/categories/"
FRESH_FOR = timedelta(hours=1)
MOST_PAGES = 20

log = structlog.get_logger(__name__)


class Tree:
    """`categories` is what may be filed under now."""

    def __init__(self, client: Client, clock: Clock, options: Options) -> None:
        self._client = client
        self._clock = clock
        self._options = options
        self._lock = asyncio.Lock()
        self._found = Categories(active=frozenset())
        self._read_at: datetime | None = None

    async def categories(self, *, again: bool = False) -> Categories:
        """From memory within the hour. When it cannot be read, an older one still serves."""
        async with self._lock:
            now = self._clock.moment().now
            if again or self._read_at is None or now - self._read_at >= FRESH_FOR:
                try:
                    self._found = await self._read()
                    self._read_at = now
                except DeskLater as error:
                    if self._read_at is None:
                        raise
                    log.warning("desk.categories_old", error=type(error).__name__)
            return self._found

    async def _read(self) -> Categories:
        active: set[str] = set()
        for number in range(1, MOST_PAGES + 1):
            try:
                page = await self._client.get(PATH, MainPage, [("page", str(number))])
            except UnknownReport:
                raise DeskLater(60.0, "no category tree at this url") from None
            active |= {
                f"{main.slug}/{sub.slug}" for main in page.results for sub in main.sub_categories if sub.is_active
            }
            if page.links.next is None or page.links.next.href is None:
                break
        return Categories(active=frozenset(active), own=self._options.categories)
