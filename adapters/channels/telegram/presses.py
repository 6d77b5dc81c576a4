"""Presses wait for an answer: Telegram shows a spinner on the button until there is one."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.model.ids import Address, Room

REMEMBERED = 5_000
PATIENCE_S = 2.0
"""A press that nobody answered by then is answered without words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press that is not answered yet."""

    id: str
    room: Room
    who: Address


class Presses:
    """`release` answers a press without words; it must not raise."""

    def __init__(self, release: Callable[[str], Awaitable[None]], patience: float = PATIENCE_S) -> None:
        self._release = release
        self._patience = patience
        self._open: OrderedDict[str, Press] = OrderedDict()
        self._timers: set[asyncio.Task[None]] = set()

    def note(self, press: Press) -> None:
        """It was committed; from now on it waits for words."""
        self._open[press.id] = press
        while len(self._open) > REMEMBERED:
            self._open.popitem(last=False)
        timer = asyncio.create_task(self._after_a_while(press.id))
        self._timers.add(timer)
        timer.add_done_callback(self._timers.discard)

    def take(self, press_id: str) -> Press | None:
        """Whoever takes it answers it. None: answered, or from before a restart."""
        return self._open.pop(press_id, None)

    def waiting(self, room: Room, who: Address) -> str | None:
        """A press of this person in this room that still waits."""
        fitting = (one.id for one in reversed(self._open.values()) if (one.room, one.who) == (room, who))
        return next(fitting, None)

    async def close(self) -> None:
        """Nobody waits any more."""
        for timer in list(self._timers):
            timer.cancel()
        await asyncio.gather(*self._timers, return_exceptions=True)

    async def _after_a_while(self, press_id: str) -> None:
        await asyncio.sleep(self._patience)
        if self.take(press_id) is not None:
            await self._release(press_id)
