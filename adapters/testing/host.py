"""A host by hand: it reads batches, acknowledges them by asking for the next, and says what it missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar

from adapters.testing.rig import ChannelRig
from bot.model.channel import Batch, ChannelEvent
from bot.model.errors import ChannelError
from bot.ports.channel import Channel

PATIENCE = 10.0
"""Seconds a check waits for an event that must come."""

E = TypeVar("E", bound=ChannelEvent)


class Host:
    """One reading of a channel, from `cursor`. `events` is all that came, `cursor` what it may go on from."""

    def __init__(self, channel: Channel, quiet: float, cursor: str | None = None) -> None:
        self.channel = channel
        self.quiet = quiet
        self.cursor = cursor
        self.events: list[ChannelEvent] = []
        self._batches: AsyncIterator[Batch] = channel.batches(cursor)
        self._asked: asyncio.Future[Batch] | None = None

    async def batch(self, patience: float = PATIENCE) -> Batch:
        """The next batch; asking for it acknowledges the last. `TimeoutError` when none comes in time."""
        if self._asked is None:
            self._asked = asyncio.ensure_future(anext(self._batches))
        async with asyncio.timeout(patience):
            batch = await asyncio.shield(self._asked)
        self._asked = None
        self.events += batch.events
        self.cursor = batch.cursor
        return batch

    async def hear(self, kind: type[E], when: Callable[[E], bool] = lambda event: True) -> E:
        """The first event of this kind that fits, of those that came or still come."""
        for event in self.events:
            if isinstance(event, kind) and when(event):
                return event
        while True:
            try:
                batch = await self.batch()
            except TimeoutError:
                raise AssertionError(f"no {kind.__name__} came that fits") from None
            for event in batch.events:
                if isinstance(event, kind) and when(event):
                    return event

    async def hush(self) -> None:
        """Acknowledge everything, until the channel has been quiet for `quiet` seconds."""
        with suppress(TimeoutError):
            while True:
                await self.batch(self.quiet)

    def heard(self, kind: type[E]) -> list[E]:
        """Every event of this kind that came."""
        return [event for event in self.events if isinstance(event, kind)]

    async def stop(self) -> None:
        """Stop reading, as a host does that is stopped: the last batch is not acknowledged."""
        if self._asked is not None:
            self._asked.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await self._asked
        close = getattr(self._batches, "aclose", None)
        if close is not None:
            await close()


@asynccontextmanager
async def listening(rig: ChannelRig) -> AsyncIterator[Host]:
    """An entered channel of the rig with a host on it that has heard where the bot is."""
    async with rig.channel() as channel:
        host = Host(channel, rig.quiet)
        try:
            await host.hush()
            yield host
        finally:
            await host.stop()


def expect(holds: bool, otherwise: str) -> None:
    """Raises `AssertionError` saying what is wrong."""
    if not holds:
        raise AssertionError(otherwise)


@contextmanager
def refuses(error: type[ChannelError], what: str) -> Iterator[None]:
    """What is done inside must raise this error."""
    try:
        yield
    except error:
        return
    raise AssertionError(f"{what} must raise {error.__name__}")
