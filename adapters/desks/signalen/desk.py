"""A municipality's Signalen as a desk."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import httpx
import structlog

from adapters.desks.signalen.adding import Adding, PublicAdding
from adapters.desks.signalen.checking import check
from adapters.desks.signalen.client import Client
from adapters.desks.signalen.ledger import Kept, Ledger
from adapters.desks.signalen.nearby import Nearby
from adapters.desks.signalen.options import Options
from adapters.desks.signalen.private import PrivateFollowing
from adapters.desks.signalen.public import PublicFollowing
from adapters.desks.signalen.sending import Sending
from adapters.desks.signalen.tree import Tree
from adapters.desks.signalen.wording import check_addition, check_filing
from bot.model.desk import Addition, Changes, DeskCapabilities, Filed, Filing, Similar
from bot.model.errors import DeskRefused, UnknownReport
from bot.model.place import Point
from bot.ports.setup import Setup

MOST_CHANGES = 1000
"""Changes told at once; the cursor brings the rest at the next call."""
_CURSOR_DIGITS = 18
"""What fits SQLite's 64-bit integers."""

log = structlog.get_logger(__name__)


class SignalenDesk:
    """Implements `Desk`, `Expires` and `Checks`. Entering it opens its own file; Signalen may be away."""

    def __init__(self, setup: Setup, options: Options, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._options = options
        self._clock = setup.clock
        self._ledger = Ledger(setup.data / "signalen.db")
        self._client = Client(options, setup.clock, transport)
        self._tree = Tree(self._client, setup.clock, options)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        account = None
        if options.has_account:
            account = PrivateFollowing(self._client, self._ledger, setup.clock, options)
        self._account = account
        self._sending = Sending(
            client=self._client,
            ledger=self._ledger,
            tree=self._tree,
            clock=setup.clock,
            options=options,
            following=account,
        )
        self._following = account or PublicFollowing(self._client, self._ledger, setup.clock, options)
        self._adding: Adding | PublicAdding
        if account is not None:
            self._adding = Adding(
                client=self._client,
                ledger=self._ledger,
                clock=setup.clock,
                following=account,
                sending=self._sending,
            )
        else:
            self._adding = PublicAdding(
                client=self._client, ledger=self._ledger, clock=setup.clock, sending=self._sending
            )

    async def __aenter__(self) -> Self:
        await self._ledger.__aenter__()
        await self._ledger.born(self._clock.moment().now)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()
        await self._ledger.__aexit__(kind, error, trace)

    async def check(self) -> str:
        """For `bart check`: asks Signalen, makes nothing there."""
        try:
            return await check(self._client, self._tree, self._clock, self._options)
        finally:
            await self._client.close()

    async def file(self, filing: Filing) -> Filed:
        """Once per `filing.own`, also when called at the same time."""
        point = check_filing(filing, self._options.point)
        async with self._turn(filing.own):
            return await self._sending.file(filing, point)

    async def find(self, own: str) -> Filed | None:
        """Among the reports of our source; without an account nobody can know."""
        async with self._turn(own):
            return await self._sending.find(own)

    async def add(self, reference: str, addition: Addition) -> None:
        """Once per `addition.own`, one at a time for each report."""
        check_addition(addition)
        async with self._turn(reference):
            await self._adding.add(await self._known(reference), addition)

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        """Open reports of the category, by whoever; only with an account."""
        if self._account is None:
            return ()
        categories = await self._tree.categories()
        nearby = Nearby(self._client, self._account, self._clock)
        return await nearby.similar(category, categories.all_of(category), near, radius_m)

    async def changes(self, cursor: str | None) -> Changes:
        """Asks Signalen what is new, then tells what is newer than the cursor: a number of our own. One from the
        future (this desk's file is a new one) starts over.
        """
        number = _number(cursor)
        await self._following.poll()
        if number > await self._ledger.last():
            number = 0
        told = await self._ledger.told_after(number, MOST_CHANGES)
        number = told[-1][0] if told else number
        return Changes(cursor=str(number), changes=tuple(change for _, change in told))

    def capabilities(self) -> DeskCapabilities:
        """What the public can do is much less."""
        account = self._options.has_account
        return DeskCapabilities(
            fine_states=account,
            questions=account,
            reopens=account,
            searches_own=account,
            withdraws=account,
            searches_near=account,
            adds=account,
            dated=False,
            forgets=False,
            poll_seconds=self._options.poll_seconds,
        )

    async def expire(self, now: datetime) -> Mapping[str, int]:
        """What this desk remembers itself: never words of residents, and no place for long."""
        return await self._ledger.expire(now)

    async def _known(self, reference: str) -> Kept:
        kept = await self._ledger.by_reference(reference)
        if kept is not None:
            if kept.gone:
                raise UnknownReport("deleted there")
            return kept
        digits = re.search(r"(\d{1,18})$", reference)
        row = await self._account.row(int(digits[1])) if self._account is not None and digits else None
        if self._account is None or row is None or row.id_display != reference:
            raise UnknownReport("not known there")
        # Somebody else's, which we now add to: its changes come one by one.
        kept = self._account.fresh(row, apart=row.source != self._options.source)
        await self._ledger.keep(kept)
        return kept

    @asynccontextmanager
    async def _turn(self, key: str) -> AsyncIterator[None]:
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            yield


def _number(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()) or len(cursor) > _CURSOR_DIGITS:
        raise DeskRefused("cursor", "is not one of this desk")
    return int(cursor)
