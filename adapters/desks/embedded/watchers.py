"""Telling pages which cases change, while they look."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator

from bot.model.ids import TenantId

MOST_WAITING = 1000
"""Cases a watcher may lag behind before it is ended; its page then loads afresh."""


class Watcher(AsyncIterator[str]):
    """References of one tenant's cases from now on; a case that changes twice before it is read comes once."""

    def __init__(self, tenant: TenantId) -> None:
        self.tenant = tenant
        self._waiting: dict[str, None] = {}
        self._news = asyncio.Event()
        self._ended = False

    def tell(self, reference: str) -> None:
        """A case changed."""
        if len(self._waiting) >= MOST_WAITING:
            self.end()
            return
        self._waiting[reference] = None
        self._news.set()

    def end(self) -> None:
        """Nothing more comes after what is waiting."""
        self._ended = True
        self._news.set()

    def __aiter__(self) -> Watcher:
        return self

    async def __anext__(self) -> str:
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        reference = next(iter(self._waiting))
        del self._waiting[reference]
        return reference


class Watchers:
    """All who watch. Who lets go of its watcher is forgotten."""

    def __init__(self) -> None:
        self._all: weakref.WeakSet[Watcher] = weakref.WeakSet()
        self._closed = False

    def __len__(self) -> int:
        return len(self._all)

    def watch(self, tenant: TenantId) -> Watcher:
        """A watcher from this call on; one of a closed desk ends at once."""
        watcher = Watcher(tenant)
        if self._closed:
            watcher.end()
        self._all.add(watcher)
        return watcher

    def tell(self, tenant: TenantId, reference: str) -> None:
        """A case of this tenant changed."""
        for watcher in list(self._all):
            if watcher.tenant == tenant:
                watcher.tell(reference)

    def open(self) -> None:
        """From now on watchers wait for news."""
        self._closed = False

    def close(self) -> None:
        """End them all."""
        self._closed = True
        for watcher in list(self._all):
            watcher.end()
