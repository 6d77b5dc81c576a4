"""Events on their way to the host, for channels that others push to. They leave only when the host has committed
them, and only then is who pushed them told so.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from itertools import islice

from bot.model.channel import Batch, ChannelEvent
from bot.model.errors import Later

BATCH = 100
PENDING = 10_000
"""Events waiting for the host before who pushes is told to come back later."""
REMEMBERED = 20_000
"""Event ids remembered after their commit; the host drops what is repeated later than that."""


class Delivery:
    """One event; `event` is let go when it is committed."""

    def __init__(self, number: int, event: ChannelEvent) -> None:
        self.number = number
        self.event: ChannelEvent | None = event
        self._settled = asyncio.Event()

    async def committed(self) -> None:
        """Returns when the host has committed it; raises `Later` when the channel closed before that."""
        await self._settled.wait()
        if self.event is not None:
            raise Later(1.0, "the channel is closing")

    def settle(self, committed: bool) -> None:
        """Wake who waits."""
        if committed:
            self.event = None
        self._settled.set()


class Inbox:
    """A queue whose head stays until acknowledged. `epoch` tells this process's cursors from others'."""

    def __init__(self, epoch: str, closed: bool = False) -> None:
        self._epoch = epoch
        self._waiting: deque[Delivery] = deque()
        self._known: OrderedDict[str, Delivery] = OrderedDict()
        self._number = 0
        self._arrived = asyncio.Event()
        self.closed = closed

    def find(self, event_id: str) -> Delivery | None:
        """The delivery of an event seen before, pending or committed."""
        return self._known.get(event_id)

    def check_room(self) -> None:
        """Raises `Later` when nothing can be taken in now."""
        if self.closed:
            raise Later(1.0, "the channel is closed")
        if len(self._waiting) >= PENDING:
            raise Later(1.0, "too much is waiting")

    def put(self, event: ChannelEvent) -> Delivery:
        """Queue an event, unless its id is known."""
        known = self._known.get(event.id)
        if known is not None:
            return known
        self._number += 1
        delivery = Delivery(self._number, event)
        self._known[event.id] = delivery
        self._waiting.append(delivery)
        self._arrived.set()
        return delivery

    def acknowledge(self, cursor: str | None) -> None:
        """The host has committed everything up to this cursor; cursors of other processes say nothing."""
        epoch, _, number = (cursor or "").partition(".")
        if epoch != self._epoch or not number.isdecimal():
            return
        while self._waiting and self._waiting[0].number <= int(number):
            self._waiting.popleft().settle(committed=True)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def next_batch(self) -> Batch | None:
        """Whatever is waiting, at most `BATCH` events, as soon as there is any; None when closed."""
        while not self._waiting and not self.closed:
            self._arrived.clear()
            await self._arrived.wait()
        if self.closed:
            return None
        head = list(islice(self._waiting, BATCH))
        return Batch(
            cursor=f"{self._epoch}.{head[-1].number}",
            events=tuple(one.event for one in head if one.event is not None),
            deduplicate=True,
        )

    def close(self) -> None:
        """Who waits for a commit hears that it did not come."""
        self.closed = True
        self._arrived.set()
        for delivery in self._waiting:
            delivery.settle(committed=False)
