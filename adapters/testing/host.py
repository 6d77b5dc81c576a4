"""A host by hand: it reads batches, acknowledges them by asking for the next, and says what it missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar

from adapters.testing.rig import ChannelRig, Pace
from bot.model.channel import Batch, ChannelEvent
from bot.model.errors import BartError
from bot.ports.channel import Channel

E = TypeVar("E", bound=ChannelEvent)


class Host:
    """One reading of a channel, from `cursor`. `events` is all that came, `cursor` what it may go on from."""

    def __init__(self, channel: Channel, pace: Pace, cursor: str | None = None) -> None:
        self.channel = channel
        self.pace = pace
        self.cursor = cursor
        self.events: list[ChannelEvent] = []
        self._batches: AsyncIterator[Batch] = channel.batches(cursor)
        self._asked: asyncio.Future[Batch] | None = None

    async def batch(self, patience: float | None = None) -> Batch:
        """The next batch; asking for it acknowledges the last. `TimeoutError` when none comes in time."""
        patience = self.pace.patience if patience is None else patience
        if self._asked is None:
            self._asked = asyncio.ensure_future(anext(self._batches))
        async with asyncio.timeout(patience):
            try:
                batch = await asyncio.shield(self._asked)
            except StopAsyncIteration:
                raise AssertionError("`batches` ended although the channel is open") from None
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
        while True:
            try:
                await self.batch(self.pace.quiet)
            except TimeoutError:
                await asyncio.sleep(0)
                if self._asked is None or not self._asked.done():
                    return

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
        host = Host(channel, rig.pace)
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
def refuses(error: type[BartError], what: str) -> Iterator[None]:
    """What is done inside must raise this error."""
    try:
        yield
    except error:
        return
    raise AssertionError(f"{what} must raise {error.__name__}")
