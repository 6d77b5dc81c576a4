"""A chat network in memory, in its own dialect. Put the client of your network in its place."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any


class NotThereError(Exception):
    """There is no such room, or the bot is not in it."""


class BusyError(Exception):
    """Ask again after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass
class Chat:
    """A room: who is in it, who of them are admins, and what stands on everybody's screen."""

    members: set[str]
    admins: set[str]
    bot: bool = False
    screen: dict[str, dict[str, Any]] = field(default_factory=dict)


class Network:
    """Everything that happened, numbered from 1. It outlives connections, as a network does."""

    def __init__(self) -> None:
        self.chats: dict[str, Chat] = {}
        self.updates: list[dict[str, Any]] = []
        self.busy_for = 0.0
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()

    # What people do

    def tell(self, kind: str, room: str, **facts: Any) -> None:
        """An update for the bot, if it is in the room."""
        if self.chats[room].bot:
            self.updates.append({"number": len(self.updates) + 1, "kind": kind, "room": room, **facts})
            self._news.set()

    def let_in(self, room: str) -> None:
        self.chats[room].bot = True
        self.tell("joined", room)

    def say(self, room: str, who: str, text: str, answers: str | None = None) -> str:
        message = f"m{next(self._numbers)}"
        self.chats[room].screen[message] = {"by": who, "text": text, "buttons": []}
        self.tell("message", room, message=message, who=who, text=text, answers=answers)
        return message

    # What the bot asks for

    async def after(self, number: int) -> list[dict[str, Any]]:
        """Updates after this one; waits until there are any."""
        while len(self.updates) <= number:
            self._news.clear()
            await self._news.wait()
        return self.updates[number:]

    def enter(self, room: str) -> Chat:
        if self.busy_for:
            seconds, self.busy_for = self.busy_for, 0.0
            raise BusyError(seconds)
        chat = self.chats.get(room)
        if chat is None or not chat.bot:
            raise NotThereError(room)
        return chat

    def post(self, room: str, text: str, buttons: list[tuple[str, str]]) -> str:
        message = f"b{next(self._numbers)}"
        self.enter(room).screen[message] = {"by": "", "text": text, "buttons": buttons}
        return message
